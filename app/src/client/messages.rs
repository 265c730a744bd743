//! The messages of one room in the order of its log, found by identifier or by place.
//!
//! A bounded window at the log's end: the oldest go first. It knows nothing of cursors.

use std::collections::BTreeMap;

use super::context::Context;
use super::entry::Entry;
use crate::protocol::{Message, MessageId};

#[derive(Debug, Default)]
pub(super) struct Messages {
    entries: Vec<Entry>,
    /// Places count from the first message ever held, so that dropping the oldest moves none.
    places: BTreeMap<MessageId, usize>,
    dropped: usize,
    pub(super) has_earlier: bool,
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

    fn place(&self, id: MessageId) -> Option<usize> {
        self.places.get(&id)?.checked_sub(self.dropped)
    }

    /// Adds a message, or merges it into the one that is held. True when it is new.
    pub(super) fn put(&mut self, context: &mut Context, message: Message) -> bool {
        let limit = context.policy.messages_per_room;
        if let Some(entry) = self.get_mut(message.id) {
            entry.merge(context, message);
            return false;
        }
        self.places.insert(message.id, self.dropped + self.entries.len());
        self.entries.push(Entry::new(context, message));
        // In batches, so that the cost of moving the rest is paid once per many messages.
        if self.entries.len() > limit + limit / 4 {
            self.drop_oldest(self.entries.len() - limit);
        }
        true
    }

    fn drop_oldest(&mut self, count: usize) {
        for entry in self.entries.drain(..count) {
            self.places.remove(&entry.message.id);
        }
        self.dropped += count;
        self.has_earlier = true;
    }

    /// Makes a snapshot of the same epoch the truth, with what is held of its messages merged in. What is held
    /// before its first message goes: changes of it may be among the events that were missed.
    pub(super) fn replace(&mut self, context: &mut Context, snapshot: Vec<Message>, has_earlier: bool) {
        let held = std::mem::take(self);
        let mut entries: BTreeMap<MessageId, Entry> =
            held.entries.into_iter().map(|entry| (entry.message.id, entry)).collect();
        self.has_earlier = has_earlier;
        for message in snapshot {
            match entries.remove(&message.id) {
                Some(mut entry) => {
                    entry.merge(context, message);
                    self.push(entry);
                }
                None if self.places.contains_key(&message.id) => {}
                None => self.push(Entry::new(context, message)),
            }
        }
    }

    fn push(&mut self, entry: Entry) {
        self.places.insert(entry.message.id, self.entries.len());
        self.entries.push(entry);
    }

    /// The branch that ends with the newest message, oldest first. A parent always lies before its child; anything
    /// else ends the walk, so that no server can make it go round.
    pub(super) fn path(&self) -> Vec<&Message> {
        let mut path = Vec::new();
        let mut next = self.entries.len().checked_sub(1);
        while let Some(place) = next {
            let Some(entry) = self.entries.get(place) else { break };
            path.push(&entry.message);
            next =
                entry.message.parent.and_then(|parent| self.place(parent)).filter(|parent| *parent < place);
        }
        path.reverse();
        path
    }
}
