//! Which of the three ways frames travel: the best one that gets through. Attempts without a `welcome` lead to the
//! next way, and a WebSocket is tried again from time to time. It opens nothing itself.

use super::Millis;
use super::connection::Transport;
use super::context::Context;
use super::repeat::doubled;

#[derive(Debug)]
pub(super) struct Ways {
    /// The way that works, as far as is known.
    pub(super) settled: Transport,
    /// Attempts in a row that had a ticket and brought no `welcome`.
    failures: u32,
    /// The attempt, or the next one, tries a WebSocket although another way is settled.
    pub(super) is_upgrading: bool,
    /// Such tries that failed, and when the last began and the next is due.
    upgrades: u32,
    upgraded_at: Option<Millis>,
    upgrade_at: Millis,
}

impl Ways {
    pub(super) fn new() -> Self {
        Self {
            settled: Transport::WebSocket,
            failures: 0,
            is_upgrading: false,
            upgrades: 0,
            upgraded_at: None,
            upgrade_at: 0,
        }
    }

    /// The way of the attempt that is being made.
    pub(super) fn of_attempt(&self) -> Transport {
        if self.is_upgrading { Transport::WebSocket } else { self.settled }
    }

    pub(super) fn welcomed(&mut self) {
        self.failures = 0;
        self.settled = self.of_attempt();
        if std::mem::take(&mut self.is_upgrading) {
            self.upgrades = 0;
        }
    }

    /// An attempt had a ticket and brought nothing of the server.
    pub(super) fn failed(&mut self, context: &mut Context) {
        if std::mem::take(&mut self.is_upgrading) {
            self.upgrades = self.upgrades.saturating_add(1);
            return self.upgrade_later(context);
        }
        self.failures += 1;
        if self.failures < context.policy.transport_tries {
            return;
        }
        self.failures = 0;
        self.settled = match self.settled {
            Transport::WebSocket => {
                self.upgrade_later(context);
                Transport::EventStream
            }
            Transport::EventStream => Transport::LongPoll,
            // Whatever was in the way of the others may be gone; to stay with what fails could only be worse.
            Transport::LongPoll => Transport::WebSocket,
        };
    }

    fn upgrade_later(&mut self, context: &mut Context) {
        let interval = doubled(context.policy.upgrade_every, self.upgrades, context.policy.upgrade_cap);
        self.upgrade_at = context.now + interval + context.random.between(0, interval / 4);
    }

    /// The network may be another one: a WebSocket is tried next, but not again and again where the network comes and
    /// goes, unless the user asks.
    pub(super) fn hope(&mut self, context: &mut Context, is_asked: bool, is_connected: bool) {
        let spacing = if is_asked { 0 } else { context.policy.upgrade_spacing };
        let earliest = self.upgraded_at.map_or(0, |at| at + spacing);
        if self.settled == Transport::WebSocket {
            return;
        }
        if is_connected {
            let jitter = context.random.between(0, context.policy.quick_jitter);
            self.upgrade_at = self.upgrade_at.min((context.now + jitter).max(earliest));
        } else if earliest <= context.now {
            self.upgrade(context.now);
        }
    }

    pub(super) fn upgrade(&mut self, now: Millis) {
        self.is_upgrading = true;
        self.upgraded_at = Some(now);
    }

    /// When a WebSocket is to be tried again.
    pub(super) fn upgrade_at(&self) -> Option<Millis> {
        let is_settled = self.settled != Transport::WebSocket && !self.is_upgrading;
        is_settled.then_some(self.upgrade_at)
    }
}
