//! The user's own log: the list of rooms, kept in order by its events.
//!
//! No command subscribes to it again. What is missing of it is replaced as a whole by fetching the page, which is
//! state and not history; the events that arrive meanwhile wait here for their turn.

use super::context::Context;
use super::fetch::Fetch;
use super::{Change, Millis, Output};
use crate::protocol::{Cursor, Event, PageData, Resume, RoomId, RoomSummary, Subscribed, UserSettings};

#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Newest activity first.
    rooms: Vec<RoomSummary>,
    settings: UserSettings,
    cursor: Option<Cursor>,
    following: Following,
    /// Events that came before an earlier one, or before the page, in their order; an unreadable one is `None`.
    early: Vec<(u64, Option<Event>)>,
    fetch: Fetch,
    /// The newest event that has come on this connection, also before the answer to `hello`.
    seen: u64,
}

/// Where this connection stands with the log.
#[derive(Debug, Default)]
enum Following {
    #[default]
    Off,
    /// The page is fetched; its cursor will be where the log goes on.
    Lost { epoch: u32, head: u64 },
    /// `head` is the newest event known of; by `due` it must be reached or the page is fetched.
    On { epoch: u32, head: u64, due: Option<Millis> },
}

impl Inbox {
    pub(super) fn rooms(&self) -> &[RoomSummary] {
        &self.rooms
    }

    pub(super) fn settings(&self) -> UserSettings {
        self.settings
    }

    pub(super) fn get(&self, room: RoomId) -> Option<&RoomSummary> {
        self.rooms.iter().find(|other| other.id == room)
    }

    pub(super) fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    pub(super) fn is_caught_up(&self) -> bool {
        match self.following {
            Following::Off | Following::Lost { .. } => false,
            Following::On { head, .. } => self.cursor.is_some_and(|cursor| cursor.seq >= head),
        }
    }

    pub(super) fn disconnected(&mut self) {
        self.following = Following::Off;
        self.early.clear();
        self.seen = 0;
    }

    /// The server's answer to `hello`.
    pub(super) fn answered(&mut self, context: &Context, answer: &Subscribed) {
        let Cursor { epoch, seq } = answer.cursor;
        let head = seq.max(self.seen);
        let is_same = self.cursor.is_some_and(|cursor| cursor.epoch == epoch);
        let can_follow = matches!(answer.resume, Resume::Current | Resume::Replay);
        if is_same && can_follow {
            self.following = Following::On { epoch, head, due: Some(context.now + context.policy.ask_again) };
            self.rest_when_caught_up();
        } else {
            self.following = Following::Lost { epoch, head };
            self.fetch.want(context.now);
        }
    }

    /// The list afresh. Ignored when it is older than what is held.
    /// Returns the rooms that are gone by what came since.
    pub(super) fn load(&mut self, context: &mut Context, page: &mut PageData) -> Vec<RoomId> {
        self.fetch.done();
        match self.following {
            // The page and the connection speak of different logs; the older one is not known. Whichever it is, it
            // is about to end.
            Following::Lost { epoch, .. } if epoch != page.inbox.epoch => {
                self.fetch.failed(context);
                return Vec::new();
            }
            Following::On { epoch, .. } if epoch != page.inbox.epoch => return Vec::new(),
            Following::Lost { epoch, head } => {
                self.following =
                    Following::On { epoch, head, due: Some(context.now + context.policy.ask_again) };
            }
            Following::Off | Following::On { .. } => {
                let is_older = self
                    .cursor
                    .is_some_and(|held| held.epoch == page.inbox.epoch && held.seq > page.inbox.seq);
                if is_older {
                    return Vec::new();
                }
            }
        }
        self.cursor = Some(page.inbox);
        self.settings = page.user.settings;
        self.rooms = std::mem::take(&mut page.rooms);
        self.rooms.sort_by_key(|room| std::cmp::Reverse(room.active_at));
        self.rooms.truncate(context.policy.listed_rooms);
        context.changed(Change::Rooms);
        self.take_early(context)
    }

    pub(super) fn load_failed(&mut self, context: &mut Context) {
        self.fetch.failed(context);
    }

    /// There is reason to hope.
    pub(super) fn hasten(&mut self, context: &Context) {
        if matches!(self.following, Following::Lost { .. }) {
            self.fetch.want(context.now);
        }
    }

    /// An event, or the number of one that this version can't read. Returns the rooms that are gone by what was
    /// applied.
    pub(super) fn event(&mut self, context: &mut Context, seq: u64, event: Option<Event>) -> Vec<RoomId> {
        self.seen = self.seen.max(seq);
        let held = self.cursor.map_or(0, |cursor| cursor.seq);
        match &mut self.following {
            // Which epoch the number belongs to isn't known before the answer to `hello`, which names the head.
            Following::Off => return Vec::new(),
            Following::On { .. } if seq <= held => return Vec::new(),
            Following::On { head, due, .. } => {
                *head = seq.max(*head);
                due.get_or_insert(context.now + context.policy.ask_again);
            }
            Following::Lost { head, .. } => *head = seq.max(*head),
        }
        // The newest goes first: the older ones are those that close a gap.
        match self.early.binary_search_by_key(&seq, |(other, _)| *other) {
            Ok(place) => self.early[place].1 = event,
            Err(place) => self.early.insert(place, (seq, event)),
        }
        self.early.truncate(context.policy.early_events);
        self.take_early(context)
    }

    /// Applies what is next in line.
    fn take_early(&mut self, context: &mut Context) -> Vec<RoomId> {
        let mut gone = Vec::new();
        let (Some(cursor), Following::On { due, .. }) = (&mut self.cursor, &mut self.following) else {
            return gone;
        };
        let mut applied = Vec::new();
        while let Some((seq, _)) = self.early.first()
            && *seq <= cursor.seq + 1
        {
            let (seq, event) = self.early.remove(0);
            if seq == cursor.seq + 1 {
                cursor.seq = seq;
                context.has_progressed = true;
                *due = due.map(|_| context.now + context.policy.ask_again);
                applied.extend(event);
            }
        }
        for event in applied {
            gone.extend(self.apply(context, event));
        }
        self.rest_when_caught_up();
        gone
    }

    fn apply(&mut self, context: &mut Context, event: Event) -> Option<RoomId> {
        context.changed(Change::Rooms);
        match event {
            Event::RoomJoined(room) | Event::RoomChanged(room) => {
                self.rooms.retain(|other| other.id != room.id);
                let place = self.rooms.partition_point(|other| other.active_at > room.active_at);
                self.rooms.insert(place, room);
                self.rooms.truncate(context.policy.listed_rooms);
                None
            }
            Event::RoomLeft { room } => {
                self.rooms.retain(|other| other.id != room);
                Some(room)
            }
            Event::UserChanged(settings) => {
                self.settings = settings;
                context.changed(Change::Account);
                None
            }
            Event::Message(_)
            | Event::Run { .. }
            | Event::MessageChanged(_)
            | Event::Branch { .. }
            | Event::Member(_) => None,
        }
    }

    fn rest_when_caught_up(&mut self) {
        if let (Some(cursor), Following::On { head, due, .. }) = (self.cursor, &mut self.following)
            && cursor.seq >= *head
        {
            *due = None;
        }
    }

    pub(super) fn tick(&mut self, context: &mut Context) {
        if let Following::On { epoch, head, due: Some(due) } = self.following
            && due <= context.now
        {
            self.following = Following::Lost { epoch, head };
            self.fetch.want(context.now);
        }
        if self.fetch.begin(context) {
            context.push(Output::FetchPage);
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Millis> {
        let due = match self.following {
            Following::On { due, .. } => due,
            _ => None,
        };
        [due, self.fetch.due()].into_iter().flatten().min()
    }
}
