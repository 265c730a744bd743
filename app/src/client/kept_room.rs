//! One room as the client holds it: how far its log was applied, whether this connection follows it, and what is
//! still to be fetched. What the page sees of it is [`super::Timeline`].

mod applying;
mod following;
mod loading;

pub(super) use applying::Applied;
pub(super) use following::Arrival;
pub(super) use loading::Loaded;

use super::branch::Branch;
use super::context::Context;
use super::entry::Entry;
use super::fetch::Fetch;
use super::messages::Messages;
use super::page::Paging;
use super::people::People;
use super::reading::Reading;
use super::repeat::Repeat;
use super::{Change, Millis, Output, Page, SnapshotFailure};
use crate::protocol::{ClientFrame, Cursor, Held, Limits, RoomCursor, RoomId, RoomKind};

#[derive(Debug)]
pub(super) enum Stage {
    /// Not loaded yet; the last try may have failed.
    Missing { failure: Option<SnapshotFailure> },
    /// Its `room:create` is in the outbox: empty, and ready to be written into.
    Creating,
    /// Created, and not yet followed: nobody can have said anything before us.
    Created,
    /// Every event up to the cursor is applied.
    Loaded(Cursor),
    /// There is no such room for this user.
    Gone,
}

/// Where this connection stands with the room's log.
#[derive(Debug)]
pub(super) enum Subscription {
    Off,
    /// Named in `hello`; `welcome` answers. What the connection before asked for stays wanted, and where it was caught
    /// up, that is still shown.
    Greeted {
        repeat: Option<Repeat>,
        is_caught_up: bool,
    },
    Asked(Repeat),
    /// Events count from here on. `head` is the newest that is known of; while it isn't reached, the missing ones
    /// are asked for again and again.
    On {
        head: u64,
        repeat: Option<Repeat>,
    },
    /// The position can't be served: follow again from a snapshot.
    Lost,
}

#[derive(Debug)]
pub(super) struct KeptRoom {
    pub(super) id: RoomId,
    pub(super) stage: Stage,
    pub(super) subscription: Subscription,
    /// Never changes, but isn't known before the room is.
    pub(super) kind: RoomKind,
    pub(super) messages: Messages,
    pub(super) people: People,
    pub(super) reading: Reading,
    /// For the stretch from which the log is followed.
    pub(super) fetch: Fetch,
    /// Which one was asked for.
    pub(super) base: Page,
    /// The server does not have what the window shows.
    is_place_gone: bool,
    /// For the stretch that the reader wants to see.
    pub(super) paging: Option<Paging>,
    pub(super) branch: Branch,
    /// The reader's typing is told again from then on.
    type_again_at: Millis,
    /// Counts openings in the order they happened.
    pub(super) opened: u64,
    /// The newest event that has come on this connection, applied or not: where events overtake the answer that makes
    /// them count, the answer's head is not the newest.
    seen: u64,
    /// There is a reason to ask besides a gap, which only the answer to an ask that was made since settles.
    is_doubted: bool,
    /// Resets since the room was last caught up; a server that never stops them is asked ever more slowly.
    resets: u32,
}

impl KeptRoom {
    pub(super) fn new(id: RoomId, stage: Stage) -> Self {
        Self {
            id,
            stage,
            subscription: Subscription::Off,
            kind: RoomKind::Solo,
            messages: Messages::default(),
            people: People::default(),
            reading: Reading::default(),
            fetch: Fetch::default(),
            base: Page::Newest,
            is_place_gone: false,
            paging: None,
            branch: Branch::default(),
            type_again_at: 0,
            opened: 0,
            seen: 0,
            is_doubted: false,
            resets: 0,
        }
    }

    pub(super) fn cursor(&self) -> Option<Cursor> {
        match self.stage {
            Stage::Loaded(cursor) => Some(cursor),
            _ => None,
        }
    }

    pub(super) fn has_branches(&self) -> bool {
        self.kind == RoomKind::Solo
    }

    pub(super) fn is_on(&self) -> bool {
        matches!(self.subscription, Subscription::On { .. })
    }

    /// Nothing that the server has told of is missing.
    pub(super) fn is_caught_up(&self) -> bool {
        match (&self.stage, &self.subscription) {
            (Stage::Loaded(cursor), Subscription::On { head, .. }) => cursor.seq >= *head,
            (Stage::Loaded(_), Subscription::Greeted { is_caught_up, .. }) => *is_caught_up,
            (Stage::Loaded(_) | Stage::Created, _) => false,
            (Stage::Missing { .. } | Stage::Creating | Stage::Gone, _) => true,
        }
    }

    pub(super) fn position(&self, limit: usize) -> RoomCursor {
        let growing = self.messages.iter().rev().filter(|entry| entry.may_grow());
        let messages: Vec<Held> = growing.map(Entry::held).take(limit).collect();
        RoomCursor { room: self.id, cursor: self.cursor(), messages }
    }

    /// Asks for what is due: the snapshot from the driver, the subscription from the server.
    pub(super) fn tick(&mut self, context: &mut Context) {
        if self.fetch.begin(context) {
            // Somebody who reads elsewhere stays there.
            let place = self.messages.middle().filter(|_| self.messages.has_later && !self.is_place_gone);
            self.base = place.map_or(Page::Newest, Page::Around);
            context.push(Output::FetchSnapshot { room: self.id, page: self.base });
        }
        self.tick_page(context);
        if self.people.expire(context.now) {
            context.changed(Change::Typing(self.id));
        }
        if context.live.is_none() {
            return;
        }
        let wants = matches!(self.stage, Stage::Loaded(_) | Stage::Created) && self.fetch.is_unneeded();
        if wants && matches!(self.subscription, Subscription::Off) {
            self.subscription = Subscription::Asked(Repeat::first_at(context.now));
        }
        let position = match &mut self.subscription {
            Subscription::Asked(repeat)
            | Subscription::Greeted { repeat: Some(repeat), .. }
            | Subscription::On { repeat: Some(repeat), .. }
                if repeat.is_due(context.now) =>
            {
                repeat.ask(context)
            }
            _ => return,
        };
        self.subscribe_as(context, position);
    }

    pub(super) fn next_timeout(&self, is_live: bool) -> Option<Millis> {
        let asked = match &self.subscription {
            Subscription::Asked(repeat)
            | Subscription::Greeted { repeat: Some(repeat), .. }
            | Subscription::On { repeat: Some(repeat), .. }
                if is_live =>
            {
                Some(repeat.due)
            }
            _ => None,
        };
        let times = [asked, self.fetch.due(), self.next_page_timeout(), self.people.next_timeout()];
        times.into_iter().flatten().min()
    }

    /// The room is no more.
    pub(super) fn lose(&mut self) {
        let opened = self.opened;
        *self = Self { opened, ..Self::new(self.id, Stage::Gone) };
    }

    /// The room is one of the user's; should it have been gone, it is loaded again.
    pub(super) fn come_back(&mut self, context: &mut Context) {
        if matches!(self.stage, Stage::Gone) {
            self.stage = Stage::Missing { failure: None };
            self.fetch.want(context.now);
            context.changed(Change::Room(self.id));
        }
    }

    /// The user types here.
    pub(super) fn typed(&mut self, context: &mut Context) {
        if let Some(attempt) = context.live.filter(|_| self.is_on() && !context.is_congested())
            && self.type_again_at <= context.now
        {
            self.type_again_at = context.now + Limits::TYPING_EVERY_MS;
            context.push(Output::Send { attempt, text: ClientFrame::Typing { room: self.id }.encode() });
        }
    }

    /// The user has said it: the next that is typed is told at once.
    pub(super) fn stop_typing(&mut self) {
        self.type_again_at = 0;
    }
}
