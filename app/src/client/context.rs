//! What every part of the client has at hand during one input: the time, the policy, the generator and the place
//! for outputs. It decides nothing.

use std::collections::VecDeque;

use super::random::Random;
use super::{Change, Millis, Output, Policy};
use crate::protocol::{Command, CommandId};

/// Changes that are kept apart until polled. A caller that lets more pile up is told once that all has changed.
const CHANGES: usize = 256;

#[derive(Debug)]
pub(super) struct Context {
    pub(super) now: Millis,
    pub(super) policy: Policy,
    pub(super) random: Random,
    /// The attempt that has been welcomed and can carry commands.
    pub(super) live: Option<u64>,
    /// It carries commands one by one over HTTP, and keeps nothing between two requests.
    pub(super) is_http: bool,
    /// What was to be asked needs a new `hello`.
    pub(super) wants_hello: bool,
    /// Bytes that were sent and still wait in the browser.
    pub(super) buffered: u64,
    /// Counts the texts that began or were replaced.
    revisions: u32,
    outputs: VecDeque<Output>,
    changes: VecDeque<Change>,
}

impl Context {
    pub(super) fn new(policy: Policy, seed: u64) -> Self {
        Self {
            now: 0,
            policy,
            random: Random::new(seed),
            live: None,
            is_http: false,
            wants_hello: false,
            buffered: 0,
            revisions: 0,
            outputs: VecDeque::new(),
            changes: VecDeque::new(),
        }
    }

    pub(super) fn push(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    pub(super) fn changed(&mut self, change: Change) {
        if self.changes.contains(&change) {
            return;
        }
        if self.changes.len() < CHANGES {
            self.changes.push_back(change);
        } else {
            self.changes.clear();
            self.changes.push_back(Change::Everything);
        }
    }

    /// Sends a command on the live connection; without one, the caller's state will make it try again.
    pub(super) fn send(&mut self, id: CommandId, command: &Command) {
        let Some(attempt) = self.live else { return };
        match command {
            Command::Subscribe(_) | Command::Resume { .. } if self.is_http => self.wants_hello = true,
            // The next `hello` doesn't name the room; what comes until then is ignored.
            Command::Unsubscribe { .. } if self.is_http => {}
            _ => self.push(Output::Send { attempt, text: command.encode(id) }),
        }
    }

    /// More is on its way than the network takes.
    pub(super) fn is_congested(&self) -> bool {
        self.buffered > self.policy.buffered
    }

    /// Never the same twice.
    pub(super) fn next_revision(&mut self) -> u32 {
        self.revisions = self.revisions.wrapping_add(1);
        self.revisions
    }

    pub(super) fn command_id(&mut self) -> CommandId {
        CommandId::from_random(self.random.bits())
    }

    /// Work first, then what the page has to draw.
    pub(super) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front().or_else(|| self.changes.pop_front().map(Output::Changed))
    }
}
