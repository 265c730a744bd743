//! The live side of one log: who is subscribed, the newest entries, and the messages that are being written.
//!
//! A cache: entries that fell out of it, or never came, are read from the store.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use app::protocol::{ConnectionId, MessageId};
use tokio::time::Instant;

use super::members::Members;
use super::{Connection, RunBuffer, lock};
use crate::store::{Entry, LogKey};

/// Entries kept for followers that are a little behind.
const ENTRIES: usize = 500;
/// Bytes of the kept entries; whichever bound is met first holds.
const BYTES: usize = 512 * 1024;

#[derive(Debug)]
pub(super) struct LiveLog {
    pub(super) key: LogKey,
    state: Mutex<State>,
    /// Of a room.
    pub(super) members: Mutex<Members>,
}

#[derive(Debug, Default)]
struct State {
    subscribers: HashMap<ConnectionId, Arc<Connection>>,
    entries: BTreeMap<u64, Arc<str>>,
    bytes: usize,
    /// The highest number known to be committed.
    head: u64,
    streams: BTreeMap<MessageId, Arc<RunBuffer>>,
    /// Not forgotten before: those who poll come back.
    kept_until: Option<Instant>,
}

/// What a follower at some place of the log gets.
pub(super) enum Next {
    UpToDate,
    /// Contiguous entries from there on.
    Entries(Vec<Arc<str>>),
    /// There is more, but only the store has it.
    Missing,
}

impl LiveLog {
    pub(super) fn new(key: LogKey) -> Self {
        Self { key, state: Mutex::default(), members: Mutex::default() }
    }

    pub(super) fn subscribe(&self, connection: &Arc<Connection>) {
        lock(&self.state).subscribers.insert(connection.id, connection.clone());
    }

    pub(super) fn unsubscribe(&self, connection: ConnectionId) {
        lock(&self.state).subscribers.remove(&connection);
    }

    pub(super) fn subscribers(&self) -> Vec<Arc<Connection>> {
        lock(&self.state).subscribers.values().cloned().collect()
    }

    pub(super) fn is_unused(&self) -> bool {
        let state = lock(&self.state);
        state.subscribers.is_empty() && state.streams.is_empty() && state.kept_until.is_none()
    }

    /// Is not forgotten until then. True: the caller sets a timer for it, which calls [`Self::release`].
    pub(super) fn keep(&self, until: Instant) -> bool {
        lock(&self.state).kept_until.replace(until).is_none()
    }

    /// May be forgotten, or only at this later time.
    pub(super) fn release(&self, now: Instant) -> Option<Instant> {
        let mut state = lock(&self.state);
        state.kept_until = state.kept_until.filter(|until| *until > now);
        state.kept_until
    }

    /// Lets all who follow it look.
    pub(super) fn wake_all(&self) {
        self.wake(&lock(&self.state));
    }

    /// Learns of a committed entry. Entries of concurrent transactions may arrive out of order.
    pub(super) fn publish(&self, entry: Entry) {
        let mut state = lock(&self.state);
        state.head = state.head.max(entry.seq);
        state.bytes += entry.frame.len();
        if let Some(replaced) = state.entries.insert(entry.seq, entry.frame) {
            state.bytes -= replaced.len();
        }
        while state.entries.len() > ENTRIES || state.bytes > BYTES {
            let Some((_, dropped)) = state.entries.pop_first() else { break };
            state.bytes -= dropped.len();
        }
        self.wake(&state);
    }

    /// Learns how far the log goes, from somebody who read it in the store.
    pub(super) fn observe_head(&self, head: u64) {
        let mut state = lock(&self.state);
        state.head = state.head.max(head);
    }

    /// At most about `budget` bytes of entries after `sent`.
    pub(super) fn next(&self, sent: u64, budget: usize) -> Next {
        let state = lock(&self.state);
        if state.head <= sent {
            return Next::UpToDate;
        }
        let mut frames = Vec::new();
        let mut bytes = 0;
        for (expected, (seq, frame)) in (sent + 1..).zip(state.entries.range(sent + 1..)) {
            if *seq != expected || bytes > budget {
                break;
            }
            bytes += frame.len();
            frames.push(frame.clone());
        }
        if frames.is_empty() { Next::Missing } else { Next::Entries(frames) }
    }

    pub(super) fn add_stream(&self, buffer: Arc<RunBuffer>) {
        lock(&self.state).streams.insert(buffer.message, buffer);
    }

    pub(super) fn append(&self, message: MessageId, is_thinking: bool, start: u64, text: &str) {
        let state = lock(&self.state);
        if let Some(buffer) = state.streams.get(&message) {
            buffer.append(is_thinking, start, text);
            self.wake(&state);
        }
    }

    pub(super) fn end_stream(&self, message: MessageId) {
        let mut state = lock(&self.state);
        if let Some(buffer) = state.streams.remove(&message) {
            buffer.end();
            self.wake(&state);
        }
    }

    pub(super) fn streams(&self) -> Vec<Arc<RunBuffer>> {
        lock(&self.state).streams.values().cloned().collect()
    }

    pub(super) fn stream(&self, message: MessageId) -> Option<Arc<RunBuffer>> {
        lock(&self.state).streams.get(&message).cloned()
    }

    fn wake(&self, state: &State) {
        for connection in state.subscribers.values() {
            connection.mark(self.key);
        }
    }
}
