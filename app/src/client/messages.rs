//! The messages of one room that are held, in order: a stretch of its log without holes, and in a room with branches a
//! stretch of the one that is shown, with what came of others since.
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
    /// The last message of the branch that is shown, as far as the window goes; unknown: the last that is held.
    tip: Option<MessageId>,
    /// Of messages held that have others beside them: all that follow the same, oldest first.
    versions: Vec<Vec<MessageId>>,
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
        let id = message.id;
        let put = self.put_at_end(context, message, is_reading_back);
        // What is said is shown.
        if !self.has_later && self.place(id).is_some() {
            self.tip = Some(id);
        }
        put
    }

    fn put_at_end(&mut self, context: &mut Context, message: Message, is_reading_back: bool) -> Put {
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
        self.forget_versions(count > 0);
    }

    fn drop_latest(&mut self, limit: usize) {
        let is_too_long = self.entries.len() > limit;
        self.has_later |= is_too_long;
        let tip = self.branch().find(|place| *place < limit);
        self.tip = tip.map(|place| self.entries[place].message.id);
        self.entries.truncate(limit);
        self.forget_versions(is_too_long);
    }

    fn forget_versions(&mut self, has_dropped: bool) {
        if has_dropped {
            let entries = &self.entries;
            let is_held = |id: &MessageId| entries.iter().any(|entry| entry.message.id == *id);
            self.versions.retain(|versions| versions.iter().any(is_held));
        }
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
        self.tip = self.last();
        self.versions = stretch.versions;
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
        self.learn_versions(stretch.versions);
        let entries = self.entries_of(context, stretch.messages);
        // A server that has nothing earlier has nothing earlier, whatever it says.
        self.has_earlier = stretch.has_earlier && !entries.is_empty();
        self.entries.splice(..0, entries);
        self.drop_latest(context.policy.messages_per_room);
    }

    /// The stretch after the last message that is held.
    pub(super) fn extend_later(&mut self, context: &mut Context, stretch: Stretch) {
        self.learn_versions(stretch.versions);
        let entries = self.entries_of(context, stretch.messages);
        self.has_later = stretch.has_later && !entries.is_empty();
        self.tip = entries.last().map(|entry| entry.message.id).or(self.tip);
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

    /// The window reached the end of the log when it stood at `cursor`: what came before and is not held is of branches
    /// that are not shown.
    pub(super) fn has_ended_at(&mut self, cursor: u64) {
        let has_later = self.has_later;
        self.later.retain(|seq| has_later || *seq > cursor);
    }

    /// Events from this place on will be counted anew.
    pub(super) fn forget_later(&mut self, from: u64) {
        self.later.retain(|seq| self.has_later && *seq <= from);
    }

    /// What a page shows, oldest first: in a room with branches the one that is shown.
    pub(super) fn path(&self, has_branches: bool) -> Vec<&Message> {
        if !has_branches {
            return self.entries.iter().map(|entry| &entry.message).collect();
        }
        let mut path: Vec<&Message> = self.branch().map(|place| &self.entries[place].message).collect();
        path.reverse();
        path
    }

    /// The places of the branch that is shown, from its end as far back as it is held. A parent always lies before its
    /// child, so that no server can make the walk go round.
    fn branch(&self) -> impl Iterator<Item = usize> {
        let tip = self.tip.and_then(|tip| self.place(tip));
        std::iter::successors(tip.or(self.entries.len().checked_sub(1)), |place| {
            let parent = self.entries[*place].message.parent?;
            self.entries[..*place].iter().rposition(|entry| entry.message.id == parent)
        })
    }

    /// The branch that is shown lacks messages that asking for those before the window would not bring.
    pub(super) fn is_torn(&self) -> bool {
        let first = self.branch().last();
        first.is_some_and(|first| first > 0 && self.entries[first].message.parent.is_some())
    }

    /// The last message of the branch that is shown, if that is not beyond the window.
    pub(super) fn tip(&self) -> Option<MessageId> {
        self.tip.filter(|_| !self.has_later)
    }

    /// Shows the branch that ends with this message. False when that can't be done without asking.
    pub(super) fn show(&mut self, tip: MessageId) -> bool {
        if self.has_later || self.place(tip).is_none() {
            return false;
        }
        self.tip = Some(tip);
        !self.is_torn()
    }

    /// All messages that follow the same one as this, oldest first; nothing where it is the only one.
    pub(super) fn versions(&self, id: MessageId) -> &[MessageId] {
        self.versions.iter().find(|versions| versions.contains(&id)).map_or(&[], Vec::as_slice)
    }

    /// A message came that follows what others may follow, too. False when it isn't known which.
    pub(super) fn learn_version(&mut self, id: MessageId, parent: Option<MessageId>) -> bool {
        let is_beside = |entry: &&Entry| entry.message.parent == parent && entry.message.id != id;
        let Some(other) = self.entries.iter().find(is_beside) else {
            // The others may be of a branch that was not shown when its part of the log was asked for.
            return match parent {
                Some(parent) => self.place(parent).is_none(),
                None => !self.has_earlier && self.entries.iter().all(|entry| entry.message.id == id),
            };
        };
        let other = other.message.id;
        match self.versions.iter_mut().find(|versions| versions.contains(&other)) {
            Some(versions) if versions.contains(&id) => {}
            Some(versions) => versions.push(id),
            None => self.versions.push(vec![other, id]),
        }
        true
    }

    /// What a stretch tells is newer than what is known.
    fn learn_versions(&mut self, told: Vec<Vec<MessageId>>) {
        self.versions.retain(|known| !told.iter().any(|told| told.contains(&known[0])));
        self.versions.extend(told);
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
    pub(super) versions: Vec<Vec<MessageId>>,
}
