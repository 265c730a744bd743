//! The messages of one room that are held: a stretch of its log without holes, in order.
//!
//! A bounded window. While it is at the log's end it follows it; elsewhere, what is said is only counted. Whatever
//! would make it too long goes at the other end. It knows nothing of cursors.

use super::context::Context;
use super::entry::Entry;
use crate::protocol::{Limits, Message, MessageId, RunStatus};

#[derive(Debug, Default)]
pub(super) struct Messages {
    entries: Vec<Entry>,
    pub(super) has_earlier: bool,
    pub(super) has_later: bool,
    /// The places of messages that came while the window was not at the end; of very many, the newest.
    later: Vec<u64>,
}

/// What became of a message of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Appended,
    /// It is held already, at least as new, or lies before the window.
    Known,
    /// It lies beyond the window.
    Counted,
}

impl Messages {
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry> + ExactSizeIterator {
        self.entries.iter()
    }

    pub(super) fn get(&self, id: MessageId) -> Option<&Entry> {
        self.entries.get(self.place(id)?)
    }

    pub(super) fn get_mut(&mut self, id: MessageId) -> Option<&mut Entry> {
        let place = self.place(id)?;
        self.entries.get_mut(place)
    }

    /// The newest are asked for most.
    fn place(&self, id: MessageId) -> Option<usize> {
        self.entries.iter().rposition(|entry| entry.message.id == id)
    }

    pub(super) fn first(&self) -> Option<MessageId> {
        self.entries.first().map(|entry| entry.message.id)
    }

    pub(super) fn last(&self) -> Option<MessageId> {
        self.entries.last().map(|entry| entry.message.id)
    }

    pub(super) fn middle(&self) -> Option<MessageId> {
        self.entries.get(self.entries.len() / 2).map(|entry| entry.message.id)
    }

    /// Messages that came and lie beyond the window.
    pub(super) fn newer(&self) -> u32 {
        let last = self.last_seq();
        let beyond = self.later.iter().filter(|seq| self.has_later && **seq > last).count();
        u32::try_from(beyond).unwrap_or(u32::MAX)
    }

    fn last_seq(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.message.seq)
    }

    /// The next message of the log. `is_reading_back`: the reader is at the beginning of the window, which must not go.
    pub(super) fn put(&mut self, context: &mut Context, message: Message, is_reading_back: bool) -> Put {
        // A stretch may be far ahead of the log. And the first event of a message tells nothing that is newer than any
        // state of it.
        let is_before = message.seq <= self.last_seq();
        if is_before || self.place(message.id).is_some() {
            return Put::Known;
        }
        let limit = context.policy.messages_per_room;
        self.has_later |= is_reading_back && self.entries.len() >= limit;
        if self.has_later {
            if self.later.len() >= Limits::UNREAD as usize {
                self.later.remove(0);
            }
            self.later.push(message.seq);
            return Put::Counted;
        }
        self.entries.push(Entry::new(context, message));
        self.drop_earliest(limit);
        Put::Appended
    }

    fn drop_earliest(&mut self, limit: usize) {
        let count = self.entries.len().saturating_sub(limit);
        self.entries.drain(..count);
        self.has_earlier |= count > 0;
    }

    fn drop_latest(&mut self, limit: usize) {
        self.has_later |= self.entries.len() > limit;
        self.entries.truncate(limit);
    }

    /// Puts a stretch of the log in the place of what is held; the messages held of it are kept, brought up to date
    /// where the stretch `is_newer`. Changes of all others may be among what was missed.
    pub(super) fn replace(&mut self, context: &mut Context, stretch: Stretch, is_newer: bool) {
        let mut held = std::mem::take(&mut self.entries);
        for message in stretch.messages {
            if self.place(message.id).is_some() {
                continue;
            }
            let entry = match held.iter().position(|entry| entry.message.id == message.id) {
                Some(place) => {
                    let mut entry = held.swap_remove(place);
                    if is_newer {
                        entry.merge(context, message);
                    }
                    entry
                }
                None => Entry::new(context, message),
            };
            self.entries.push(entry);
        }
        (self.has_earlier, self.has_later) = (stretch.has_earlier, stretch.has_later);
        if stretch.has_later {
            self.drop_latest(context.policy.messages_per_room);
        } else {
            // What came since the stretch was read.
            self.later.extend(held.iter().map(|entry| entry.message.seq));
            self.drop_earliest(context.policy.messages_per_room);
        }
    }

    /// The stretch before the first message that is held.
    pub(super) fn extend_earlier(&mut self, context: &mut Context, stretch: Stretch) {
        let entries = self.entries_of(context, stretch.messages);
        // A server that has nothing earlier has nothing earlier, whatever it says.
        self.has_earlier = stretch.has_earlier && !entries.is_empty();
        self.entries.splice(..0, entries);
        self.drop_latest(context.policy.messages_per_room);
    }

    /// The stretch after the last message that is held.
    pub(super) fn extend_later(&mut self, context: &mut Context, stretch: Stretch) {
        let entries = self.entries_of(context, stretch.messages);
        self.has_later = stretch.has_later && !entries.is_empty();
        self.entries.extend(entries);
        self.drop_earliest(context.policy.messages_per_room);
    }

    fn entries_of(&self, context: &mut Context, messages: Vec<Message>) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for message in messages {
            let is_twice = entries.iter().any(|entry| entry.message.id == message.id);
            if !is_twice && self.place(message.id).is_none() {
                entries.push(Entry::new(context, message));
            }
        }
        entries
    }

    /// What was counted decides whether the window has come to the end: a stretch may have been read before it. Events
    /// after `cursor` are not counted yet, also those of messages that were held already.
    pub(super) fn count_later(&mut self, cursor: u64) {
        let last = self.last_seq();
        self.later.retain(|seq| *seq > last && *seq <= cursor);
        self.has_later |= !self.later.is_empty();
    }

    /// Events from this place on will be counted anew.
    pub(super) fn forget_later(&mut self, from: u64) {
        self.later.retain(|seq| self.has_later && *seq <= from);
    }

    /// What a page shows, oldest first: in a room with branches the one that ends with the newest message. A parent
    /// always lies before its child, so that no server can make the walk go round.
    pub(super) fn path(&self, has_branches: bool) -> Vec<&Message> {
        if !has_branches {
            return self.entries.iter().map(|entry| &entry.message).collect();
        }
        let mut path = Vec::new();
        let mut next = self.entries.len().checked_sub(1);
        while let Some(place) = next {
            let message = &self.entries[place].message;
            path.push(message);
            let before = &self.entries[..place];
            next =
                message.parent.and_then(|parent| before.iter().rposition(|entry| entry.message.id == parent));
        }
        path.reverse();
        path
    }

    /// How many runs a queued one waits for: those before it that have not ended; in a room with branches, of its own.
    pub(super) fn queue_place(&self, id: MessageId, has_branches: bool) -> Option<u32> {
        let place = self.place(id)?;
        let is_queued =
            |entry: &Entry| entry.message.run.as_ref().is_some_and(|run| run.status == RunStatus::Queued);
        if !is_queued(&self.entries[place]) {
            return None;
        }
        let mut parent = self.entries[place].message.parent;
        let mut count = 0;
        for entry in self.entries[..place].iter().rev() {
            let is_ancestor = parent == Some(entry.message.id);
            if is_ancestor {
                parent = entry.message.parent;
            }
            count += u32::from((is_ancestor || !has_branches) && !entry.has_ended());
        }
        Some(count)
    }
}

/// A stretch of a log, as a snapshot brings it.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) messages: Vec<Message>,
    pub(super) has_earlier: bool,
    pub(super) has_later: bool,
}
