//! A small server without IO: logs with epochs, messages with runs that grow, handles per connection, replays with
//! limits, and commands that have their effect once. It says what the real one promises, and no more.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::client::random::Random;
use crate::protocol::*;

/// Events that a replay brings at most here; small, so that resets happen.
const REPLAY_EVENTS: u64 = 12;

#[derive(Clone)]
pub(super) struct Record {
    pub(super) message: Message,
    /// The thinking of every attempt.
    pub(super) thinkings: BTreeMap<u32, String>,
}

pub(super) struct Room {
    pub(super) summary: RoomSummary,
    pub(super) is_gone: bool,
    pub(super) epoch: u32,
    events: Vec<Event>,
    trimmed: u64,
    pub(super) records: Vec<Record>,
}

impl Room {
    pub(super) fn head(&self) -> Cursor {
        Cursor { epoch: self.epoch, seq: self.events.len() as u64 }
    }
}

#[derive(Default)]
struct Connection {
    has_greeted: bool,
    /// Its `hello` is all that it can ask.
    is_http: bool,
    rooms: BTreeSet<RoomId>,
    next_handle: Handle,
    sent: BTreeMap<MessageId, Sent>,
}

#[derive(Clone, Copy)]
struct Sent {
    attempt: u32,
    text: TextPosition,
    thinking: TextPosition,
}

pub(super) struct Server {
    pub(super) random: Random,
    pub(super) now: u64,
    pub(super) rooms: BTreeMap<RoomId, Room>,
    pub(super) inbox_epoch: u32,
    inbox: Vec<Event>,
    inbox_trimmed: u64,
    /// Texts at the end of former epochs.
    pub(super) past: BTreeMap<(RoomId, u32), Vec<Record>>,
    answers: BTreeMap<CommandId, ServerFrame>,
    /// How often a command had its effect.
    pub(super) effects: BTreeMap<CommandId, u32>,
    /// Commands whose effect a restored backup has undone.
    pub(super) undone: BTreeSet<CommandId>,
    pub(super) refuses_until: u64,
    /// It sends what a client misses of ended messages without being asked.
    pub(super) is_eager: bool,
    connections: BTreeMap<u64, Connection>,
    pub(super) out: Vec<(u64, ServerFrame)>,
    pub(super) resumes_asked: u64,
    moments: u64,
}

pub(super) fn user() -> User {
    User { id: UserId(Uuid::from_u128(1)), name: "Ada".to_owned(), email: String::new(), is_admin: false }
}

impl Server {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            now: 0,
            rooms: BTreeMap::new(),
            inbox_epoch: 1,
            inbox: Vec::new(),
            inbox_trimmed: 0,
            past: BTreeMap::new(),
            answers: BTreeMap::new(),
            effects: BTreeMap::new(),
            undone: BTreeSet::new(),
            refuses_until: 0,
            is_eager: true,
            connections: BTreeMap::new(),
            out: Vec::new(),
            resumes_asked: 0,
            moments: 0,
        }
    }

    pub(super) fn uuid(&mut self) -> Uuid {
        Uuid::from_u128(self.random.bits())
    }

    fn inbox_head(&self) -> Cursor {
        Cursor { epoch: self.inbox_epoch, seq: self.inbox.len() as u64 }
    }

    /// Newest activity first.
    pub(super) fn listed(&self) -> Vec<RoomSummary> {
        let rooms = self.rooms.values().filter(|room| !room.is_gone);
        let mut rooms: Vec<RoomSummary> = rooms.map(|room| room.summary.clone()).collect();
        rooms.sort_by_key(|room| std::cmp::Reverse(room.active_at));
        rooms
    }

    pub(super) fn inbox_cursor(&self) -> Cursor {
        self.inbox_head()
    }

    pub(super) fn page(&self, inbox: Cursor) -> PageData {
        PageData {
            user: user(),
            inbox,
            rooms: self.listed(),
            room: None,
            message: None,
            is_practice_model: true,
            limits: Limits::default(),
            refusal: None,
            now: self.now,
        }
    }

    pub(super) fn snapshot(&self, room: RoomId, cursor: Cursor) -> Option<RoomSnapshot> {
        let room = self.rooms.get(&room).filter(|room| !room.is_gone)?;
        let messages: Vec<Message> = room.records.iter().map(|record| record.message.clone()).collect();
        // Between the reading of the cursor and of the data, less may be said than a snapshot holds.
        let since = room.events.iter().skip(cursor.seq as usize);
        let since = since.filter(|event| matches!(event, Event::Message(_))).count();
        let from = messages.len().saturating_sub(since.max(8));
        Some(RoomSnapshot {
            room: room.summary.clone(),
            cursor,
            messages: messages[from..].to_vec(),
            has_earlier: from > 0,
            has_later: false,
            members: Vec::new(),
        })
    }

    // What happens on the server.

    fn inbox_event(&mut self, event: Event) {
        self.inbox.push(event.clone());
        let seq = self.inbox.len() as u64;
        for (attempt, connection) in &self.connections {
            if connection.has_greeted {
                let event = Box::new(event.clone());
                self.out.push((*attempt, ServerFrame::Event { log: Log::Inbox, seq, event }));
            }
        }
    }

    fn room_event(&mut self, room: RoomId, event: Event) -> u64 {
        // Parts that lie before an event reach a viewer before it.
        self.flush();
        let log = self.rooms.get_mut(&room).unwrap();
        log.events.push(event.clone());
        let seq = log.events.len() as u64;
        for (attempt, connection) in &self.connections {
            if connection.rooms.contains(&room) {
                let event = Box::new(event.clone());
                self.out.push((*attempt, ServerFrame::Event { log: Log::Room(room), seq, event }));
            }
        }
        seq
    }

    /// Distinct, so that there is one right order.
    fn next_moment(&mut self) -> u64 {
        self.moments += 1;
        self.now * 1_000 + self.moments
    }

    pub(super) fn touch(&mut self, room: RoomId, title: Option<String>) {
        let active_at = self.next_moment();
        let Some(room) = self.rooms.get_mut(&room).filter(|room| !room.is_gone) else { return };
        room.summary.active_at = active_at;
        if let Some(title) = title {
            room.summary.title = title;
        }
        let summary = room.summary.clone();
        self.inbox_event(Event::RoomChanged(summary));
    }

    pub(super) fn join(&mut self, id: RoomId, title: String) {
        let active_at = self.next_moment();
        let summary = RoomSummary::new(id, RoomKind::Solo, title, Role::Owner, active_at);
        let room = Room {
            summary: summary.clone(),
            is_gone: false,
            epoch: 1,
            events: Vec::new(),
            trimmed: 0,
            records: Vec::new(),
        };
        self.rooms.insert(id, room);
        self.inbox_event(Event::RoomJoined(summary));
    }

    pub(super) fn leave(&mut self, id: RoomId) {
        let Some(room) = self.rooms.get_mut(&id).filter(|room| !room.is_gone) else { return };
        room.is_gone = true;
        for connection in self.connections.values_mut() {
            connection.rooms.remove(&id);
        }
        self.inbox_event(Event::RoomLeft { room: id });
    }

    fn add(&mut self, room: RoomId, message: Message) -> u64 {
        let record = Record { message: message.clone(), thinkings: BTreeMap::new() };
        self.rooms.get_mut(&room).unwrap().records.push(record);
        self.room_event(room, Event::Message(message))
    }

    pub(super) fn say(
        &mut self,
        room: RoomId,
        id: MessageId,
        text: String,
        parent: Option<MessageId>,
    ) -> u64 {
        let author = Author::Member { id: user().id, name: user().name };
        let message = Message { parent, ..Message::new(id, author, self.now, text) };
        let seq = self.add(room, message);
        self.touch(room, None);
        seq
    }

    fn begin_run(&mut self, room: RoomId, parent: Option<MessageId>) {
        let author = Author::Assistant { name: "Kimi".to_owned() };
        let run = Some(Run::queued("k".to_owned()));
        let message = Message { parent, run, ..Message::new(MessageId(self.uuid()), author, self.now, "") };
        self.add(room, message);
    }

    /// The messages of which runs are (not) ended.
    pub(super) fn runs(&self, has_ended: bool) -> Vec<(RoomId, MessageId)> {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.is_gone);
        let messages = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, &record.message)));
        let runs = messages.filter(|(_, message)| {
            message.run.as_ref().is_some_and(|run| run.status.has_ended() == has_ended)
        });
        runs.map(|(room, message)| (room, message.id)).collect()
    }

    fn record_mut(&mut self, room: RoomId, message: MessageId) -> &mut Record {
        let records = &mut self.rooms.get_mut(&room).unwrap().records;
        records.iter_mut().find(|record| record.message.id == message).unwrap()
    }

    /// Appends to the text that the run is at; only what is flushed is sent.
    pub(super) fn grow(&mut self, room: RoomId, message: MessageId, amount: u8) {
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

    pub(super) fn set_status(&mut self, room: RoomId, message: MessageId, status: RunStatus) {
        let record = self.record_mut(room, message);
        let (text, thinking) = (record.message.text.len() as u64, record.message.thinking.len() as u64);
        let run = record.message.run.as_mut().unwrap();
        (run.status, run.text_length, run.thinking_length) = (status, text, thinking);
        let run = run.clone();
        self.room_event(room, Event::Run { message, run });
    }

    pub(super) fn advance(&mut self, room: RoomId, message: MessageId) {
        let next = match self.record_mut(room, message).message.run.as_ref().unwrap().status {
            RunStatus::Queued => RunStatus::Thinking,
            RunStatus::Thinking => RunStatus::Writing,
            _ => RunStatus::Done,
        };
        self.set_status(room, message, next);
    }

    /// The model's stream was cut: thinking begins anew, and a text goes on.
    pub(super) fn new_attempt(&mut self, room: RoomId, message: MessageId) {
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

    /// Something happens everywhere.
    pub(super) fn stir(&mut self) {
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

    pub(super) fn trim(&mut self, room: RoomId) {
        let room = self.rooms.get_mut(&room).unwrap();
        room.trimmed = room.events.len() as u64;
    }

    pub(super) fn trim_inbox(&mut self) {
        self.inbox_trimmed = self.inbox.len() as u64;
    }

    /// A backup was restored: the newest is lost, and the log begins anew.
    pub(super) fn restore(&mut self, id: RoomId) {
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
        room.events = room.records.iter().map(|record| Event::Message(record.message.clone())).collect();
        room.trimmed = 0;
        self.connections.clear();
    }

    pub(super) fn restore_inbox(&mut self) {
        self.inbox_epoch += 1;
        self.inbox = self.listed().into_iter().map(Event::RoomJoined).collect();
        self.inbox_trimmed = 0;
        self.connections.clear();
    }

    // Connections.

    pub(super) fn opened(&mut self, attempt: u64, is_http: bool) {
        self.connections.insert(attempt, Connection { is_http, ..Connection::default() });
    }

    /// A command that came by `POST`; its answer.
    pub(super) fn post(&mut self, text: &str) -> ServerFrame {
        let Ok(ClientFrame::Command { id, command }) = ClientFrame::decode(text) else { panic!("{text}") };
        let is_for_sockets =
            matches!(command, Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. });
        assert!(!is_for_sockets, "{text}");
        // What it does is told to the connections first; nobody has the number 0.
        self.command(0, id, command);
        let answer = self.out.iter().position(|(attempt, _)| *attempt == 0).unwrap();
        self.out.remove(answer).1
    }

    /// The process ended and began again: nothing is lost but the connections.
    pub(super) fn restart(&mut self) {
        self.connections.clear();
    }

    /// A run that was stopped or interrupted goes on as the same message. Its thinking begins anew, or is sent again.
    fn let_go_on(&mut self, room: RoomId, message: MessageId) {
        let is_kept = self.random.between(0, 1) == 0;
        let record = self.record_mut(room, message);
        let run = record.message.run.as_mut().unwrap();
        if !matches!(run.status, RunStatus::Stopped | RunStatus::Interrupted) {
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

    pub(super) fn closed(&mut self, attempt: u64) {
        self.connections.remove(&attempt);
    }

    pub(super) fn is_open(&self, attempt: u64) -> bool {
        self.connections.contains_key(&attempt)
    }

    pub(super) fn beat(&mut self, attempt: u64) {
        if self.connections.get(&attempt).is_some_and(|connection| connection.has_greeted) {
            self.out.push((attempt, ServerFrame::Beat(Beat { now: self.now })));
        }
    }

    pub(super) fn received(&mut self, attempt: u64, text: &str) {
        let Some(connection) = self.connections.get_mut(&attempt) else { return };
        match ClientFrame::decode(text).unwrap() {
            ClientFrame::Hello(hello) if !connection.has_greeted => {
                connection.has_greeted = true;
                self.hello(attempt, &hello);
            }
            ClientFrame::Command { id, command } if connection.has_greeted => {
                self.command(attempt, id, command);
            }
            _ => {}
        }
    }

    fn hello(&mut self, attempt: u64, hello: &Hello) {
        let mut logs = Vec::new();
        let head = self.inbox_head();
        let resume = judge(hello.inbox, head, self.inbox_trimmed);
        logs.push(Subscribed { log: Log::Inbox, cursor: head, resume });
        for room in &hello.rooms {
            logs.push(self.subscribe(attempt, room));
        }
        let welcome = Welcome {
            connection: ConnectionId(self.uuid()),
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
    }

    fn subscribe(&mut self, attempt: u64, position: &RoomCursor) -> Subscribed {
        let log = Log::Room(position.room);
        let Some(room) = self.rooms.get(&position.room).filter(|room| !room.is_gone) else {
            return Subscribed { log, cursor: Cursor { epoch: 0, seq: 0 }, resume: Resume::Gone };
        };
        let connection = self.connections.get_mut(&attempt).unwrap();
        connection.rooms.insert(position.room);
        for record in &room.records {
            let Some(run) = &record.message.run else { continue };
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

    fn replay(&mut self, attempt: u64, position: &RoomCursor, answer: &Subscribed) {
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
    pub(super) fn flush(&mut self) {
        for (attempt, connection) in &mut self.connections {
            for room in connection.rooms.clone() {
                for record in &self.rooms[&room].records {
                    let Some(run) = &record.message.run else { continue };
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

    fn command(&mut self, attempt: u64, id: CommandId, command: Command) {
        let room = command.room();
        let is_member = self.rooms.get(&room).is_some_and(|room| !room.is_gone);
        let failed = |code| ServerFrame::Error { id: Some(id), failure: Failure::new(code, "no") };
        let answer = match command {
            Command::Subscribe(position) => {
                let answer = self.subscribe(attempt, &position);
                self.out.push((attempt, ServerFrame::Subscribed { id, subscribed: answer.clone() }));
                self.replay(attempt, &position, &answer);
                return self.flush();
            }
            Command::Unsubscribe { room } => {
                self.connections.get_mut(&attempt).unwrap().rooms.remove(&room);
                ServerFrame::Ack { id, ack: Ack::default() }
            }
            Command::Resume { room, held } => {
                self.resumes_asked += 1;
                let known = is_member.then(|| {
                    self.rooms[&room].records.iter().find(|record| record.message.id == held.message)
                });
                let Some(record) = known.flatten() else {
                    return self.out.push((attempt, failed(FailureCode::MessageNotFound)));
                };
                let now = record.message.run.as_ref().map_or(0, |run| run.attempt);
                let connection = self.connections.get_mut(&attempt).unwrap();
                let mut sent = connection.announce(now, &held);
                sent.attempt = 0;
                connection.sent.insert(held.message, sent);
                self.out.push((attempt, ServerFrame::Ack { id, ack: Ack::default() }));
                return self.flush();
            }
            command => {
                if let Some(answer) = self.answers.get(&id) {
                    return self.out.push((attempt, answer.clone()));
                }
                if self.now < self.refuses_until {
                    let mut failure = Failure::new(FailureCode::RateLimited, "slow down");
                    failure.retry_after_ms = Some(self.refuses_until - self.now);
                    return self.out.push((attempt, ServerFrame::Error { id: Some(id), failure }));
                }
                let answer = if is_member || matches!(command, Command::CreateRoom { .. }) {
                    *self.effects.entry(id).or_default() += 1;
                    ServerFrame::Ack { id, ack: Ack { seq: self.perform(id, command) } }
                } else {
                    failed(FailureCode::RoomNotFound)
                };
                self.answers.insert(id, answer.clone());
                answer
            }
        };
        self.out.push((attempt, answer));
    }

    fn perform(&mut self, id: CommandId, command: Command) -> Option<u64> {
        match command {
            Command::SendMessage { room, text, parent, .. } => {
                let seq = self.say(room, MessageId(id.0), text, parent);
                self.begin_run(room, Some(MessageId(id.0)));
                return Some(seq);
            }
            Command::CreateRoom { room, title, .. } if !self.rooms.contains_key(&room) => {
                self.join(room, title);
            }
            Command::RenameRoom { room, title } => self.touch(room, Some(title)),
            Command::DeleteRoom { room } => self.leave(room),
            Command::StopRun { room, message } if self.runs(false).contains(&(room, message)) => {
                self.set_status(room, message, RunStatus::Stopped);
            }
            Command::ContinueRun { room, message } if self.runs(true).contains(&(room, message)) => {
                self.let_go_on(room, message);
            }
            Command::RetryRun { room, message } if self.runs(true).contains(&(room, message)) => {
                let parent = self.record_mut(room, message).message.parent;
                self.begin_run(room, parent);
            }
            _ => {}
        }
        None
    }
}

impl Connection {
    /// New handles for a message, from the lengths held.
    fn announce(&mut self, attempt: u32, held: &Held) -> Sent {
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
