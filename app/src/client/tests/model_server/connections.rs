//! What each connection follows, and what it is sent.

use super::*;

impl Server {
    pub(crate) fn opened(&mut self, attempt: u64, is_http: bool) {
        self.connections.insert(attempt, Connection { is_http, ..Connection::default() });
    }

    pub(crate) fn closed(&mut self, attempt: u64) {
        self.connections.remove(&attempt);
    }

    pub(crate) fn is_open(&self, attempt: u64) -> bool {
        self.connections.contains_key(&attempt)
    }

    pub(crate) fn beat(&mut self, attempt: u64) {
        if self.connections.get(&attempt).is_some_and(|connection| connection.has_greeted) {
            self.out.push((attempt, ServerFrame::Beat(Beat { now: self.now })));
        }
    }

    pub(crate) fn received(&mut self, attempt: u64, text: &str) {
        let Some(connection) = self.connections.get_mut(&attempt) else { return };
        match ClientFrame::decode(text).unwrap() {
            ClientFrame::Hello(hello) if !connection.has_greeted => {
                connection.has_greeted = true;
                connection.is_away = hello.is_away;
                self.hello(attempt, &hello);
            }
            ClientFrame::Presence(own) => connection.is_away = own.state == PresenceState::Away,
            ClientFrame::Command { id, command } if connection.has_greeted => {
                self.command(attempt, id, command);
            }
            _ => {}
        }
    }

    pub(super) fn hello(&mut self, attempt: u64, hello: &Hello) {
        let mut logs = Vec::new();
        let head = self.inbox_head();
        let resume = judge(hello.inbox, head, self.inbox_trimmed);
        logs.push(Subscribed { log: Log::Inbox, cursor: head, resume });
        for room in &hello.rooms {
            logs.push(self.subscribe(attempt, room));
        }
        let connection = ConnectionId(self.uuid());
        self.connections.get_mut(&attempt).unwrap().id = Some(connection);
        let welcome = Welcome {
            connection,
            now: self.now,
            beat_ms: 25_000,
            limits: Limits::default(),
            logs: logs.clone(),
        };
        self.out.push((attempt, ServerFrame::Welcome(welcome)));
        if resume == Resume::Replay {
            let from = hello.inbox.unwrap().seq;
            for (index, event) in self.inbox.iter().enumerate().skip(from as usize) {
                let event = Box::new(event.clone());
                self.out
                    .push((attempt, ServerFrame::Event { log: Log::Inbox, seq: index as u64 + 1, event }));
            }
        }
        for (room, answer) in hello.rooms.iter().zip(&logs[1..]) {
            self.replay(attempt, room, answer);
        }
        self.flush();
        for room in &hello.rooms {
            self.tell_presence(attempt, room.room);
        }
    }

    pub(super) fn subscribe(&mut self, attempt: u64, position: &RoomCursor) -> Subscribed {
        let log = Log::Room(position.room);
        let Some(room) = self.rooms.get(&position.room).filter(|room| !room.is_gone) else {
            return Subscribed { log, cursor: Cursor { epoch: 0, seq: 0 }, resume: Resume::Gone };
        };
        let connection = self.connections.get_mut(&attempt).unwrap();
        connection.rooms.insert(position.room);
        for record in &room.records {
            let Some(run) = record.message.run.as_ref().filter(|_| !record.is_deleted()) else { continue };
            // Lengths of another epoch say nothing, like its cursor.
            let is_same = position.cursor.is_some_and(|cursor| cursor.epoch == room.epoch);
            let held = position.messages.iter().find(|held| is_same && held.message == record.message.id);
            if run.status.has_ended() && !((self.is_eager || connection.is_http) && held.is_some()) {
                continue;
            }
            let held = held.copied().unwrap_or(Held {
                message: record.message.id,
                attempt: run.attempt,
                text: 0,
                thinking: 0,
            });
            // Announced by the next flush.
            let sent = Sent { attempt: 0, ..connection.announce(run.attempt, &held) };
            connection.sent.insert(held.message, sent);
        }
        Subscribed { log, cursor: room.head(), resume: judge(position.cursor, room.head(), room.trimmed) }
    }

    /// After the events: who has left and come back meanwhile is told as they are now.
    pub(super) fn tell_presence(&mut self, attempt: u64, id: RoomId) {
        if let Some(room) = self.rooms.get(&id).filter(|room| !room.is_gone) {
            self.out.push((attempt, room.presence(id, true, None)));
        }
    }

    pub(super) fn replay(&mut self, attempt: u64, position: &RoomCursor, answer: &Subscribed) {
        if answer.resume != Resume::Replay {
            return;
        }
        let events = &self.rooms[&position.room].events;
        for (index, event) in events.iter().enumerate().skip(position.cursor.unwrap().seq as usize) {
            let event = Box::new(event.clone());
            let log = Log::Room(position.room);
            self.out.push((attempt, ServerFrame::Event { log, seq: index as u64 + 1, event }));
        }
    }

    /// Sends what was not sent of the running messages, and of those that were asked for.
    pub(crate) fn flush(&mut self) {
        for (attempt, connection) in &mut self.connections {
            for room in connection.rooms.clone() {
                for record in &self.rooms[&room].records {
                    let Some(run) = record.message.run.as_ref().filter(|_| !record.is_deleted()) else {
                        continue;
                    };
                    let id = record.message.id;
                    let old = connection.sent.get(&id).copied();
                    let is_new = old.is_none_or(|sent| sent.attempt != run.attempt);
                    if old.is_none() && run.status.has_ended() {
                        continue;
                    }
                    let mut sent = old.unwrap_or_else(|| {
                        connection.announce(
                            run.attempt,
                            &Held { message: id, attempt: run.attempt, text: 0, thinking: 0 },
                        )
                    });
                    if is_new {
                        let thinking =
                            if old.is_some_and(|sent| sent.attempt == 0) { sent.thinking.offset } else { 0 };
                        let held =
                            Held { message: id, attempt: run.attempt, text: sent.text.offset, thinking };
                        sent = connection.announce(run.attempt, &held);
                        let Sent { attempt: run_attempt, text, thinking } = sent;
                        let stream = Stream { room, message: id, attempt: run_attempt, text, thinking };
                        self.out.push((*attempt, ServerFrame::Stream(stream)));
                    }
                    let texts = [
                        (&mut sent.thinking, &record.message.thinking),
                        (&mut sent.text, &record.message.text),
                    ];
                    for (position, text) in texts {
                        let rest = &text[position.offset as usize..];
                        if !rest.is_empty() {
                            let part = Part {
                                handle: position.handle,
                                offset: position.offset,
                                text: rest.to_owned(),
                            };
                            self.out.push((*attempt, ServerFrame::Part(part)));
                        }
                        position.offset = text.len() as u64;
                    }
                    connection.sent.insert(id, sent);
                }
            }
        }
    }
}

impl Connection {
    /// New handles for a message, from the lengths held.
    pub(super) fn announce(&mut self, attempt: u32, held: &Held) -> Sent {
        let mut position = |offset| {
            self.next_handle += 1;
            TextPosition { handle: self.next_handle, offset }
        };
        let thinking = if held.attempt == attempt { held.thinking } else { 0 };
        Sent { attempt, text: position(held.text), thinking: position(thinking) }
    }
}

fn judge(held: Option<Cursor>, end: Cursor, trimmed: u64) -> Resume {
    match held {
        Some(held) if held == end => Resume::Current,
        Some(held)
            if held.epoch == end.epoch
                && held.seq < end.seq
                && held.seq >= trimmed
                && end.seq - held.seq <= REPLAY_EVENTS =>
        {
            Resume::Replay
        }
        _ => Resume::Reset,
    }
}
