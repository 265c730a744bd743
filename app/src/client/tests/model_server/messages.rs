//! What is said, changed and deleted, and the branches of a conversation.

use super::*;

impl Server {
    pub(super) fn add(&mut self, room: RoomId, mut message: Message) -> u64 {
        let log = self.rooms.get_mut(&room).unwrap();
        message.seq = log.events.len() as u64 + 1;
        log.chosen = None;
        log.records.push(Record {
            message: message.clone(),
            thinkings: BTreeMap::new(),
            whole: String::new(),
            versions: vec![(message.seq, message.clone())],
        });
        self.room_event(room, Event::Message(message))
    }

    /// The event of what was done to a message.
    pub(super) fn message_event(&mut self, room: RoomId, id: MessageId, event: Event) {
        let seq = self.room_event(room, event);
        let record = self.record_mut(room, id);
        record.versions.push((seq, record.message.clone()));
    }

    /// Messages that nobody writes any more and that can be changed.
    pub(crate) fn settled(&self) -> Vec<(RoomId, MessageId)> {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.is_gone);
        let records = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, record)));
        let settled = records.filter(|(_, record)| {
            let run = record.message.run.as_ref();
            !record.is_deleted() && run.is_none_or(|run| run.status.has_ended())
        });
        settled.map(|(room, record)| (room, record.message.id)).collect()
    }

    pub(crate) fn edit(&mut self, room: RoomId, message: MessageId, text: String) {
        let (now, mentions) = (self.next_moment(), vec![UserId(self.uuid())]);
        let record = self.record_mut(room, message);
        if record.is_deleted() || record.message.run.is_some() {
            return;
        }
        (record.message.text, record.message.mentions) = (text.clone(), mentions.clone());
        record.message.marks.edited_at = Some(now);
        let marks = record.message.marks.clone();
        let change = MessageChange { message, text: Some(text), mentions, marks };
        self.message_event(room, message, Event::MessageChanged(change));
    }

    pub(crate) fn react(&mut self, room: RoomId, message: MessageId, emoji: String) {
        let record = self.record_mut(room, message);
        if record.is_deleted() {
            return;
        }
        record.message.marks.reactions = vec![Reaction { emoji, users: vec![user().id] }];
        let marks = record.message.marks.clone();
        let change = MessageChange { message, text: None, mentions: Vec::new(), marks };
        self.message_event(room, message, Event::MessageChanged(change));
    }

    pub(crate) fn delete(&mut self, room: RoomId, message: MessageId) {
        self.flush();
        let now = self.next_moment();
        let record = self.record_mut(room, message);
        if record.is_deleted() || record.message.run.as_ref().is_some_and(|run| !run.status.has_ended()) {
            return;
        }
        record.message.marks = Marks { deleted_at: Some(now), ..Marks::default() };
        record.whole = std::mem::take(&mut record.message.text);
        record.message.thinking.clear();
        record.message.mentions.clear();
        let marks = record.message.marks.clone();
        let change = MessageChange { message, text: Some(String::new()), mentions: Vec::new(), marks };
        self.message_event(room, message, Event::MessageChanged(change));
    }

    pub(crate) fn say(
        &mut self,
        room: RoomId,
        id: MessageId,
        text: String,
        parent: Option<MessageId>,
    ) -> u64 {
        let author = Author::Member { id: user().id, name: user().name };
        let parent = parent.or_else(|| self.rooms[&room].tip());
        let message = Message { parent, ..Message::new(id, author, self.now, text) };
        self.say_as(room, message)
    }

    pub(super) fn say_as(&mut self, room: RoomId, message: Message) -> u64 {
        let seq = self.add(room, message);
        self.touch(room, None);
        seq
    }

    /// Says it beside another message.
    pub(crate) fn say_beside(&mut self, room: RoomId, id: MessageId, text: String, beside: MessageId) -> u64 {
        let author = Author::Member { id: user().id, name: user().name };
        let parent = self.record_mut(room, beside).message.parent;
        let message = Message { parent, ..Message::new(id, author, self.now, text) };
        self.say_as(room, message)
    }

    /// Shows the branch that goes through a message, to the newest that follows it.
    pub(crate) fn show_branch(&mut self, id: RoomId, message: MessageId) {
        let room = self.rooms.get_mut(&id).unwrap();
        if room.shown().iter().any(|shown| shown.id == message) {
            return;
        }
        let mut below = BTreeSet::from([message]);
        let mut end = message;
        for record in &room.records {
            if record.message.parent.is_some_and(|parent| below.contains(&parent)) {
                below.insert(record.message.id);
                end = record.message.id;
            }
        }
        room.chosen = Some(end);
        self.room_event(id, Event::Branch { message: end });
    }

    /// All that was said in rooms with branches.
    pub(crate) fn forkable(&self, is_said: bool) -> Vec<(RoomId, MessageId)> {
        let rooms =
            self.rooms.iter().filter(|(_, room)| !room.is_gone && room.summary.kind == RoomKind::Solo);
        let messages = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, &record.message)));
        let meant = messages.filter(|(_, message)| !is_said || message.run.is_none());
        meant.map(|(room, message)| (room, message.id)).collect()
    }
}
