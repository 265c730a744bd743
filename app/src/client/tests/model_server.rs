//! A small server without IO: logs with epochs, messages with runs that grow, handles per connection, replays with
//! limits, and commands that have their effect once. It says what the real one promises, and no more.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::client::Page;
use crate::client::random::Random;
use crate::protocol::*;

/// Events that a replay brings at most here; small, so that resets happen.
const REPLAY_EVENTS: u64 = 12;
/// Messages of a snapshot.
const STRETCH: usize = 8;

#[derive(Clone)]
pub(super) struct Record {
    pub(super) message: Message,
    /// The thinking of every attempt.
    pub(super) thinkings: BTreeMap<u32, String>,
    /// The text before it was deleted.
    pub(super) whole: String,
    /// What it was after every event about it.
    pub(super) versions: Vec<(u64, Message)>,
}

impl Record {
    fn is_deleted(&self) -> bool {
        self.message.marks.deleted_at.is_some()
    }
}

pub(super) struct Room {
    pub(super) summary: RoomSummary,
    pub(super) is_gone: bool,
    pub(super) epoch: u32,
    events: Vec<Event>,
    trimmed: u64,
    pub(super) records: Vec<Record>,
    /// The branch that was chosen since something was said.
    chosen: Option<MessageId>,
    /// By name.
    pub(super) members: Vec<Member>,
    pub(super) states: BTreeMap<UserId, PresenceState>,
}

impl Room {
    fn presence(&self, id: RoomId, is_full: bool, only: Option<UserId>) -> ServerFrame {
        let members = self.members.iter().filter(|member| only.is_none_or(|user| user == member.id));
        let people = members.map(|member| Presence {
            user: member.id,
            state: self.states.get(&member.id).copied().unwrap_or_default(),
            seen_at: None,
            read: Some(member.read),
        });
        let is_there = |state: &&PresenceState| **state != PresenceState::Offline;
        let present = self.states.values().filter(is_there).count() as u32;
        ServerFrame::Presence(RoomPresence { room: id, is_full, present, people: people.collect() })
    }

    /// The last message of what is shown.
    fn tip(&self) -> Option<MessageId> {
        self.chosen.or(self.records.last().map(|record| record.message.id))
    }

    /// What is shown, oldest first.
    pub(super) fn shown(&self) -> Vec<&Message> {
        if self.summary.kind != RoomKind::Solo {
            return self.records.iter().map(|record| &record.message).collect();
        }
        let mut next = self.tip();
        let mut shown = Vec::new();
        for record in self.records.iter().rev() {
            if next == Some(record.message.id) {
                shown.push(&record.message);
                next = record.message.parent;
            }
        }
        shown.reverse();
        shown
    }

    /// All that follow the same as this one.
    pub(super) fn versions(&self, message: &Message) -> Vec<MessageId> {
        let all = self.records.iter().map(|record| &record.message);
        let all: Vec<MessageId> =
            all.filter(|other| other.parent == message.parent).map(|other| other.id).collect();
        if self.summary.kind == RoomKind::Solo && all.len() > 1 { all } else { Vec::new() }
    }

    pub(super) fn head(&self) -> Cursor {
        Cursor { epoch: self.epoch, seq: self.events.len() as u64 }
    }
}

#[derive(Default)]
pub(super) struct Connection {
    id: Option<ConnectionId>,
    has_greeted: bool,
    /// Its `hello` is all that it can ask.
    is_http: bool,
    pub(super) is_away: bool,
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
    pub(super) connections: BTreeMap<u64, Connection>,
    pub(super) out: Vec<(u64, ServerFrame)>,
    pub(super) resumes_asked: u64,
    /// Rooms that the client has made.
    pub(super) created: BTreeSet<RoomId>,
    moments: u64,
}

pub(super) fn user() -> User {
    User {
        id: UserId(Uuid::from_u128(1)),
        name: "Ada".to_owned(),
        email: String::new(),
        is_admin: false,
        settings: UserSettings::default(),
    }
}

fn member(number: u8, role: Role) -> Member {
    let id = UserId(Uuid::from_u128(number.into()));
    Member { id, name: format!("{number:03}"), role, read: 0, seen_at: None }
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
            created: BTreeSet::new(),
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
            model: String::new(),
            limits: Limits::default(),
            refusal: None,
            now: self.now,
        }
    }

    pub(super) fn snapshot(&self, room: RoomId, cursor: Cursor, page: Page) -> Option<RoomSnapshot> {
        let room = self.rooms.get(&room).filter(|room| !room.is_gone)?;
        let shown = room.shown();
        let seq = |id| Some(room.records.iter().find(|record| record.message.id == id)?.message.seq);
        let from = |seq: u64| shown.partition_point(|message| message.seq < seq);
        let around = |place: usize| place.saturating_sub(STRETCH / 2)..place + STRETCH / 2;
        let stretch = match page {
            Page::Newest => shown.len().saturating_sub(STRETCH)..shown.len(),
            Page::Before(id) => from(seq(id)?).saturating_sub(STRETCH)..from(seq(id)?),
            Page::After(id) => from(seq(id)? + 1)..from(seq(id)? + 1) + STRETCH,
            Page::Around(id) => around(from(seq(id)?)),
            Page::Beyond(seq) => around(from(seq + 1)),
            Page::Date(date) => around(shown.partition_point(|message| message.created_at < date)),
        };
        let stretch = stretch.start.min(shown.len())..stretch.end.min(shown.len());
        let messages: Vec<Message> =
            shown[stretch.clone()].iter().map(|message| (*message).clone()).collect();
        let versions = messages.iter().map(|message| room.versions(message));
        Some(RoomSnapshot {
            room: room.summary.clone(),
            cursor,
            has_earlier: stretch.start > 0,
            has_later: stretch.end < shown.len(),
            versions: versions.filter(|versions| !versions.is_empty()).collect(),
            chosen: room.chosen,
            messages,
            members: room.members.clone(),
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

    pub(super) fn join(&mut self, id: RoomId, title: String, kind: RoomKind) {
        let active_at = self.next_moment();
        let summary = RoomSummary::new(id, kind, title, Role::Owner, active_at);
        let room = Room {
            summary: summary.clone(),
            is_gone: false,
            epoch: 1,
            events: Vec::new(),
            trimmed: 0,
            records: Vec::new(),
            chosen: None,
            members: vec![member(1, Role::Owner)],
            states: BTreeMap::new(),
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

    fn add(&mut self, room: RoomId, mut message: Message) -> u64 {
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
    fn message_event(&mut self, room: RoomId, id: MessageId, event: Event) {
        let seq = self.room_event(room, event);
        let record = self.record_mut(room, id);
        record.versions.push((seq, record.message.clone()));
    }

    /// Messages that nobody writes any more and that can be changed.
    pub(super) fn settled(&self) -> Vec<(RoomId, MessageId)> {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.is_gone);
        let records = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, record)));
        let settled = records.filter(|(_, record)| {
            let run = record.message.run.as_ref();
            !record.is_deleted() && run.is_none_or(|run| run.status.has_ended())
        });
        settled.map(|(room, record)| (room, record.message.id)).collect()
    }

    pub(super) fn edit(&mut self, room: RoomId, message: MessageId, text: String) {
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

    pub(super) fn react(&mut self, room: RoomId, message: MessageId, emoji: String) {
        let record = self.record_mut(room, message);
        if record.is_deleted() {
            return;
        }
        record.message.marks.reactions = vec![Reaction { emoji, users: vec![user().id] }];
        let marks = record.message.marks.clone();
        let change = MessageChange { message, text: None, mentions: Vec::new(), marks };
        self.message_event(room, message, Event::MessageChanged(change));
    }

    pub(super) fn delete(&mut self, room: RoomId, message: MessageId) {
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

    /// Somebody comes, goes, or gets another role.
    pub(super) fn change_member(&mut self, id: RoomId, which: u8) {
        let role = [None, Some(Role::Guest), Some(Role::Admin)][usize::from(which % 3)];
        let Member { id: user, name, .. } = member(2 + which / 3 % 4, Role::Guest);
        let room = self.rooms.get_mut(&id).unwrap();
        let read = room.members.iter().find(|member| member.id == user).map_or(0, |member| member.read);
        room.members.retain(|member| member.id != user);
        match role {
            Some(role) => {
                room.members.push(Member { id: user, name: name.clone(), role, read, seen_at: None });
            }
            None => _ = room.states.remove(&user),
        }
        room.members.sort_by(|one, other| one.name.cmp(&other.name));
        self.room_event(id, Event::Member(Membership { id: user, name, role }));
    }

    /// Somebody comes online, goes away, or has read further, or back.
    pub(super) fn change_presence(&mut self, id: RoomId, which: u8) {
        let room = self.rooms.get_mut(&id).unwrap();
        let count = room.members.len();
        let member = &mut room.members[usize::from(which) % count];
        let states = [PresenceState::Offline, PresenceState::Away, PresenceState::Online];
        member.read = u64::from(which) + 1;
        let user = member.id;
        room.states.insert(user, states[usize::from(which % 3)]);
        let frame = room.presence(id, false, Some(user));
        self.tell(id, frame);
    }

    pub(super) fn type_in(&mut self, room: RoomId, which: u8) {
        let typist = Typist { user: UserId(Uuid::from_u128(which.into())), for_ms: 1_000 + u64::from(which) };
        let typing = RoomTyping { room, count: 2, people: vec![typist], for_ms: 3_000 };
        self.tell(room, ServerFrame::Typing(typing));
    }

    fn tell(&mut self, room: RoomId, frame: ServerFrame) {
        for (attempt, connection) in &self.connections {
            if connection.rooms.contains(&room) {
                self.out.push((*attempt, frame.clone()));
            }
        }
    }

    pub(super) fn say(
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

    fn say_as(&mut self, room: RoomId, message: Message) -> u64 {
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

    /// Says it beside another message.
    pub(super) fn say_beside(&mut self, room: RoomId, id: MessageId, text: String, beside: MessageId) -> u64 {
        let author = Author::Member { id: user().id, name: user().name };
        let parent = self.record_mut(room, beside).message.parent;
        let message = Message { parent, ..Message::new(id, author, self.now, text) };
        self.say_as(room, message)
    }

    /// Shows the branch that goes through a message, to the newest that follows it.
    pub(super) fn show_branch(&mut self, id: RoomId, message: MessageId) {
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
    pub(super) fn forkable(&self, is_said: bool) -> Vec<(RoomId, MessageId)> {
        let rooms =
            self.rooms.iter().filter(|(_, room)| !room.is_gone && room.summary.kind == RoomKind::Solo);
        let messages = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, &record.message)));
        let meant = messages.filter(|(_, message)| !is_said || message.run.is_none());
        meant.map(|(room, message)| (room, message.id)).collect()
    }

    /// The messages of which runs are (not) ended.
    pub(super) fn runs(&self, has_ended: bool) -> Vec<(RoomId, MessageId)> {
        let rooms = self.rooms.iter().filter(|(_, room)| !room.is_gone);
        let messages = rooms.flat_map(|(id, room)| room.records.iter().map(|record| (*id, &record.message)));
        let messages = messages.filter(|(_, message)| message.marks.deleted_at.is_none());
        let runs = messages.filter(|(_, message)| {
            message.run.as_ref().is_some_and(|run| run.status.has_ended() == has_ended)
        });
        runs.map(|(room, message)| (room, message.id)).collect()
    }

    fn has(&self, room: RoomId, message: MessageId) -> bool {
        self.rooms[&room].records.iter().any(|record| record.message.id == message)
    }

    fn mark(&mut self, room: RoomId, seq: u64) {
        let room = self.rooms.get_mut(&room).unwrap();
        room.summary.read = seq;
        let summary = room.summary.clone();
        self.inbox_event(Event::RoomChanged(summary));
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
        self.message_event(room, message, Event::Run { message, run });
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
    pub(super) fn post(&mut self, text: &str) -> String {
        let (id, command) = match ClientFrame::decode(text) {
            Ok(ClientFrame::Command { id, command }) => (id, command),
            Ok(ClientFrame::Typing { .. }) => return String::new(),
            Ok(ClientFrame::Presence(own)) => {
                let mut connections = self.connections.values_mut();
                if let Some(connection) = connections.find(|connection| connection.id == own.connection) {
                    connection.is_away = own.state == PresenceState::Away;
                }
                return String::new();
            }
            _ => panic!("{text}"),
        };
        let is_for_sockets =
            matches!(command, Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. });
        assert!(!is_for_sockets, "{text}");
        // What it does is told to the connections first; nobody has the number 0.
        self.command(0, id, command);
        let answer = self.out.iter().position(|(attempt, _)| *attempt == 0).unwrap();
        self.out.remove(answer).1.encode()
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

    fn hello(&mut self, attempt: u64, hello: &Hello) {
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

    fn subscribe(&mut self, attempt: u64, position: &RoomCursor) -> Subscribed {
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
    fn tell_presence(&mut self, attempt: u64, id: RoomId) {
        if let Some(room) = self.rooms.get(&id).filter(|room| !room.is_gone) {
            self.out.push((attempt, room.presence(id, true, None)));
        }
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

    fn command(&mut self, attempt: u64, id: CommandId, command: Command) {
        let room = command.room();
        let is_member = self.rooms.get(&room).is_some_and(|room| !room.is_gone);
        let failed = |code| ServerFrame::Error { id: Some(id), failure: Failure::new(code, "no") };
        let answer = match command {
            Command::Subscribe(position) => {
                let answer = self.subscribe(attempt, &position);
                self.out.push((attempt, ServerFrame::Subscribed { id, subscribed: answer.clone() }));
                self.replay(attempt, &position, &answer);
                self.flush();
                return self.tell_presence(attempt, position.room);
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
                let Some(record) = known.flatten().filter(|record| !record.is_deleted()) else {
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
            Command::SendMessage { room, text, beside: Some(beside), .. } if self.has(room, beside) => {
                let seq = self.say_beside(room, MessageId(id.0), text, beside);
                self.begin_run(room, Some(MessageId(id.0)));
                return Some(seq);
            }
            Command::ShowBranch { room, message } if self.has(room, message) => {
                self.show_branch(room, message);
            }
            Command::SendMessage { room, text, parent, .. } => {
                let parent = parent.filter(|parent| self.has(room, *parent));
                let seq = self.say(room, MessageId(id.0), text, parent);
                self.begin_run(room, Some(MessageId(id.0)));
                return Some(seq);
            }
            Command::CreateRoom { room, title, .. } if !self.rooms.contains_key(&room) => {
                self.created.insert(room);
                self.join(room, title, RoomKind::Solo);
            }
            Command::RenameRoom { room, title } => self.touch(room, Some(title)),
            Command::DeleteRoom { room } => self.leave(room),
            Command::MarkRead { room, seq } if seq > self.rooms[&room].summary.read => self.mark(room, seq),
            Command::MarkUnread { room, seq } => self.mark(room, seq),
            Command::EditMessage { room, message, text } if self.has(room, message) => {
                self.edit(room, message, text);
            }
            Command::React { room, message, emoji, .. } if self.has(room, message) => {
                self.react(room, message, emoji);
            }
            Command::DeleteMessage { room, message } if self.has(room, message) => self.delete(room, message),
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
