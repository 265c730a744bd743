//! A small server without IO: logs with epochs, messages with runs that grow, handles per connection, replays with
//! limits, and commands that have their effect once. It says what the real one promises, and no more.

mod commands;
mod connections;
mod faults;
mod messages;
mod rooms;
mod runs;

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

    fn has(&self, room: RoomId, message: MessageId) -> bool {
        self.rooms[&room].records.iter().any(|record| record.message.id == message)
    }

    fn record_mut(&mut self, room: RoomId, message: MessageId) -> &mut Record {
        let records = &mut self.rooms.get_mut(&room).unwrap().records;
        records.iter_mut().find(|record| record.message.id == message).unwrap()
    }
}
