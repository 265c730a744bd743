//! Replies while they are written.

use super::*;

impl Server {
    pub(super) fn begin_run(&mut self, room: RoomId, parent: Option<MessageId>) {
        let author = Author::Assistant { name: "Kimi".to_owned() };
        let run = Some(Run::queued("k".to_owned()));
        let message = Message { parent, run, ..Message::new(MessageId(self.uuid()), author, self.now, "") };
        self.add(room, message);
    }

    /// The messages of which runs are (not) ended.
    pub(crate) fn runs(&self, has_ended: bool) -> Vec<(RoomId, MessageId)> {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.is_gone);
        let messages = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, &record.message)));
        let messages = messages.filter(|(_, message)| message.marks.deleted_at.is_none());
        let runs = messages.filter(|(_, message)| {
            message.run.as_ref().is_some_and(|run| run.status.has_ended() == has_ended)
        });
        runs.map(|(room, message)| (room, message.id)).collect()
    }

    /// Appends to the text that the run is at; only what is flushed is sent.
    pub(crate) fn grow(&mut self, room: RoomId, message: MessageId, amount: u8) {
        let mut piece = String::new();
        for _ in 0..=amount % 12 {
            piece.push(['a', 'b', ' ', '\n', 'é', '漢', '🦀', 'z'][self.random.between(0, 7) as usize]);
        }
        let record = self.record_mut(room, message);
        let run = record.message.run.clone().unwrap();
        match run.status {
            RunStatus::Thinking => {
                record.message.thinking.push_str(&piece);
                record.thinkings.insert(run.attempt, record.message.thinking.clone());
            }
            RunStatus::Writing => record.message.text.push_str(&piece),
            _ => {}
        }
        if self.random.between(0, 9) < 7 {
            self.flush();
        }
    }

    pub(crate) fn set_status(&mut self, room: RoomId, message: MessageId, status: RunStatus) {
        let record = self.record_mut(room, message);
        let (text, thinking) = (record.message.text.len() as u64, record.message.thinking.len() as u64);
        let run = record.message.run.as_mut().unwrap();
        (run.status, run.text_length, run.thinking_length) = (status, text, thinking);
        let run = run.clone();
        self.message_event(room, message, Event::Run { message, run });
    }

    pub(crate) fn advance(&mut self, room: RoomId, message: MessageId) {
        let next = match self.record_mut(room, message).message.run.as_ref().unwrap().status {
            RunStatus::Queued => RunStatus::Thinking,
            RunStatus::Thinking => RunStatus::Writing,
            _ => RunStatus::Done,
        };
        self.set_status(room, message, next);
    }

    /// The model's stream was cut: thinking begins anew, and a text goes on.
    pub(crate) fn new_attempt(&mut self, room: RoomId, message: MessageId) {
        self.flush();
        let record = self.record_mut(room, message);
        record.message.run.as_mut().unwrap().attempt += 1;
        record.message.thinking.clear();
        let status = record.message.run.as_ref().unwrap().status;
        // The stream may be announced before the event.
        if self.random.between(0, 1) == 0 {
            self.flush();
        }
        self.set_status(room, message, status);
    }

    /// A run that was stopped or interrupted goes on as the same message. Its thinking begins anew, or is sent again.
    pub(super) fn let_go_on(&mut self, room: RoomId, message: MessageId) {
        let is_kept = self.random.between(0, 1) == 0;
        let record = self.record_mut(room, message);
        let run = record.message.run.as_mut().unwrap();
        let is_deleted = record.message.marks.deleted_at.is_some();
        if is_deleted || !matches!(run.status, RunStatus::Stopped | RunStatus::Interrupted) {
            return;
        }
        run.attempt += 1;
        if is_kept {
            record.thinkings.insert(run.attempt, record.message.thinking.clone());
        } else {
            record.message.thinking.clear();
        }
        let status = if is_kept { RunStatus::Writing } else { RunStatus::Queued };
        self.set_status(room, message, status);
    }
}
