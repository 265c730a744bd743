//! What goes wrong with a server: it forgets, is restored from a backup, and ends.

use super::*;

impl Server {
    /// Something happens everywhere.
    pub(crate) fn stir(&mut self) {
        for (room, message) in self.runs(false) {
            self.set_status(room, message, RunStatus::Done);
        }
        for room in self.rooms.keys().copied().collect::<Vec<RoomId>>() {
            if !self.rooms[&room].is_gone {
                let id = MessageId(self.uuid());
                self.say(room, id, "stirred".to_owned(), None);
            }
        }
    }

    pub(crate) fn trim(&mut self, room: RoomId) {
        let room = self.rooms.get_mut(&room).unwrap();
        room.trimmed = room.events.len() as u64;
    }

    pub(crate) fn trim_inbox(&mut self) {
        self.inbox_trimmed = self.inbox.len() as u64;
    }

    /// A backup was restored: the newest is lost, and the log begins anew.
    pub(crate) fn restore(&mut self, id: RoomId) {
        let room = self.rooms.get_mut(&id).unwrap();
        self.past.insert((id, room.epoch), room.records.clone());
        room.epoch += 1;
        let lost = (self.random.between(0, 2) as usize).min(room.records.len());
        for record in room.records.split_off(room.records.len() - lost) {
            let command = CommandId(record.message.id.0);
            self.answers.remove(&command);
            self.effects.remove(&command);
            self.undone.insert(command);
        }
        for record in &mut room.records {
            let is_running = record.message.run.as_ref().is_some_and(|run| !run.status.has_ended());
            if is_running {
                let text = &mut record.message.text;
                let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap();
                text.truncate(half);
            }
        }
        for (index, record) in room.records.iter_mut().enumerate() {
            record.message.seq = index as u64 + 1;
            if let Some(ServerFrame::Ack { ack, .. }) = self.answers.get_mut(&CommandId(record.message.id.0))
            {
                ack.seq = Some(record.message.seq);
            }
            record.versions = vec![(record.message.seq, record.message.clone())];
        }
        room.chosen = None;
        room.events = room.records.iter().map(|record| Event::Message(record.message.clone())).collect();
        room.trimmed = 0;
        self.connections.clear();
    }

    pub(crate) fn restore_inbox(&mut self) {
        self.inbox_epoch += 1;
        self.inbox = self.listed().into_iter().map(Event::RoomJoined).collect();
        self.inbox_trimmed = 0;
        self.connections.clear();
    }

    /// The process ended and began again: nothing is lost but the connections.
    pub(crate) fn restart(&mut self) {
        self.connections.clear();
    }
}
