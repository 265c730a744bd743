//! One room as the client holds it: how far its log was applied, whether this connection follows it, and what is
//! still to be fetched. What the page sees of it is [`super::Timeline`].

use super::branch::Branch;
use super::context::Context;
use super::entry::Entry;
use super::fetch::Fetch;
use super::messages::{Messages, Put, Stretch};
use super::page::Paging;
use super::people::People;
use super::reading::Reading;
use super::repeat::Repeat;
use super::{Change, Millis, Output, Page, SnapshotFailure};
use crate::protocol::{
    Author, ClientFrame, Command, CommandId, Cursor, Event, Held, Limits, MessageId, Resume, RoomCursor,
    RoomId, RoomKind, RoomSnapshot, Subscribed,
};

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

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It is the next one: to be applied, and the cursor stands on it.
    Next,
    /// Known, or not to be judged yet.
    Ignored,
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

    /// `hello` is sent. True when it is to name the room.
    pub(super) fn greet(&mut self) -> bool {
        self.seen = 0;
        let is_followable = matches!(self.stage, Stage::Loaded(_) | Stage::Created);
        let is_caught_up = self.is_caught_up();
        let repeat = match self.subscription {
            // Its position can't be served; the snapshot brings another.
            Subscription::Lost => return false,
            Subscription::Off => None,
            Subscription::Asked(repeat) => Some(repeat),
            Subscription::Greeted { repeat, .. } | Subscription::On { repeat, .. } => repeat,
        };
        if is_followable {
            self.is_doubted = false;
            self.subscription = Subscription::Greeted { repeat, is_caught_up };
        }
        is_followable
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

    fn subscribe_as(&self, context: &mut Context, id: CommandId) {
        let command = Command::Subscribe(self.position(context.policy.held_per_room));
        context.send(id, &command);
    }

    /// Asks where the log stands although nothing of it is known to be missing: the answer is a sign of life, says
    /// whether the room is still there, and announces its streams again. False when the room isn't followed.
    pub(super) fn ask_anew(&mut self, now: Millis) -> bool {
        match &mut self.subscription {
            // It will be asked anyway.
            Subscription::Off | Subscription::Lost => return false,
            Subscription::Asked(repeat) => *repeat = Repeat::first_at(now),
            Subscription::Greeted { repeat, .. } | Subscription::On { repeat, .. } => {
                *repeat = Some(Repeat::first_at(now));
            }
        }
        self.is_doubted = true;
        self.is_on()
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

    /// The server's answer to `hello` or `room:subscribe`.
    pub(super) fn answered(&mut self, context: &mut Context, id: Option<CommandId>, answer: &Subscribed) {
        let later = Repeat::first_at(context.now + context.policy.ask_again);
        let (head, repeat) = match &self.subscription {
            // An answer to an ask that no longer matters.
            Subscription::Off | Subscription::Lost => return,
            Subscription::Greeted { .. } if self.is_doubted => (0, Repeat::first_at(context.now)),
            Subscription::Greeted { repeat, .. } => (0, repeat.unwrap_or(later)),
            Subscription::Asked(repeat) => (0, *repeat),
            Subscription::On { head, repeat } => (*head, repeat.unwrap_or(later)),
        };
        if id.is_some() && repeat.id == id {
            self.is_doubted = false;
        }
        // Who else is in it is in a snapshot.
        let is_empty =
            matches!(self.stage, Stage::Created) && answer.cursor.seq == 0 && self.kind == RoomKind::Solo;
        match answer.resume {
            Resume::Gone => return self.lose(),
            Resume::Reset | Resume::Current | Resume::Replay if is_empty => {
                self.stage = Stage::Loaded(answer.cursor);
            }
            Resume::Current | Resume::Replay
                if self.cursor().is_some_and(|cursor| cursor.epoch == answer.cursor.epoch) => {}
            Resume::Reset | Resume::Current | Resume::Replay => return self.reset(context),
        }
        let head = head.max(answer.cursor.seq).max(self.seen);
        self.subscription = Subscription::On { head, repeat: Some(repeat) };
        self.rest_when_caught_up();
    }

    /// What belonged to the connection is void.
    pub(super) fn disconnected(&mut self, context: &mut Context) {
        if self.people.nobody_types() {
            context.changed(Change::Typing(self.id));
        }
        self.subscription = Subscription::Off;
        self.seen = 0;
        self.is_doubted = false;
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

    fn reset(&mut self, context: &mut Context) {
        self.subscription = Subscription::Lost;
        self.is_doubted = false;
        if self.resets == 0 {
            self.fetch.want(context.now);
        } else {
            self.fetch.want_after(context, self.resets);
        }
        self.resets = self.resets.saturating_add(1);
    }

    fn rest_when_caught_up(&mut self) {
        if self.is_doubted {
            return;
        }
        if let (Stage::Loaded(cursor), Subscription::On { head, repeat }) =
            (&self.stage, &mut self.subscription)
            && cursor.seq >= *head
        {
            *repeat = None;
            self.resets = 0;
        }
    }

    /// Judges an event by its number alone.
    pub(super) fn arrived(&mut self, context: &Context, seq: u64) -> Arrival {
        self.seen = self.seen.max(seq);
        // Without an answer on this connection it isn't known which epoch the number belongs to.
        let (Stage::Loaded(cursor), Subscription::On { head, repeat }) =
            (&mut self.stage, &mut self.subscription)
        else {
            return Arrival::Ignored;
        };
        if seq <= cursor.seq {
            return Arrival::Ignored;
        }
        let was_behind = cursor.seq < *head;
        *head = seq.max(*head);
        if seq != cursor.seq + 1 {
            repeat.get_or_insert(Repeat::first_at(context.now));
            return Arrival::Ignored;
        }
        cursor.seq = seq;
        if let Some(repeat) = repeat.as_mut().filter(|_| was_behind && !self.is_doubted) {
            repeat.progressed(context);
        }
        self.rest_when_caught_up();
        Arrival::Next
    }

    /// Takes in the snapshot from which the log is followed. `None`: it is older than what is held, or was not asked
    /// for.
    pub(super) fn load(
        &mut self,
        context: &mut Context,
        page: Page,
        snapshot: RoomSnapshot,
    ) -> Option<Loaded> {
        let held = self.cursor();
        let is_lost = matches!(self.subscription, Subscription::Lost);
        // A late one of them must not take the reader away.
        let is_settled = held.is_some() && !is_lost && self.fetch.is_unneeded() && self.messages.has_later;
        if page != self.base || is_settled {
            return None;
        }
        self.fetch.done();
        let has_same_epoch = held.is_none_or(|held| held.epoch == snapshot.cursor.epoch);
        let is_older = held.is_some_and(|held| held.seq > snapshot.cursor.seq);
        if has_same_epoch && is_older && !is_lost {
            return None;
        }
        if !has_same_epoch {
            self.messages = Messages::default();
            self.reading.reset();
        }
        let RoomSnapshot { room, cursor, messages, has_earlier, has_later, members, versions, chosen } =
            snapshot;
        self.kind = room.kind;
        self.messages.replace(context, Stretch { messages, has_earlier, has_later, versions }, true);
        if let Some(chosen) = chosen {
            // Where the stretch has other branches, too.
            self.messages.show(chosen);
        }
        self.branch = Branch::new(chosen.is_some(), self.messages.tip());
        self.messages.forget_later(cursor.seq);
        self.people.load(members, self.is_on());
        context.changed(Change::Members(self.id));
        self.stage = Stage::Loaded(cursor);
        (self.base, self.is_place_gone) = (Page::Newest, false);
        self.page_anew(context);
        // Events are applied from a position that was agreed upon with the server; this is another one, unless
        // it lies ahead on the log that is being followed.
        if !self.is_on() || !has_same_epoch {
            self.subscription = Subscription::Off;
        }
        self.rest_when_caught_up();
        Some(match held {
            None => Loaded::First,
            Some(_) if has_same_epoch => Loaded::SameLog,
            Some(_) => Loaded::NewLog,
        })
    }

    pub(super) fn load_failed(&mut self, context: &mut Context, page: Page, failure: SnapshotFailure) {
        if page != self.base {
            return;
        }
        // Not the room but the message is missing, which a restored backup may have lost.
        if failure == SnapshotFailure::NotFound && page != Page::Newest {
            self.is_place_gone = true;
            return self.fetch.failed(context);
        }
        match (&mut self.stage, failure) {
            (Stage::Creating | Stage::Gone, _) => return self.fetch.done(),
            (_, SnapshotFailure::NotFound) => return self.lose(),
            (Stage::Missing { failure: last }, failure) => *last = Some(failure),
            (Stage::Created | Stage::Loaded(_), _) => {}
        }
        // Nothing changes about a session by asking again; signing in or a click does.
        if failure == SnapshotFailure::SignedOut { self.fetch.done() } else { self.fetch.failed(context) }
    }

    /// There is reason to hope: what is missing is fetched now.
    pub(super) fn hasten(&mut self, context: &Context) {
        let is_missing = matches!(self.stage, Stage::Missing { .. });
        if is_missing || matches!(self.subscription, Subscription::Lost) {
            self.fetch.want(context.now);
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

    /// Applies the event at this place; what it means to the page is said by the caller.
    pub(super) fn apply(&mut self, context: &mut Context, seq: u64, event: Event) -> Applied {
        match event {
            Event::Message(mut message) => {
                let id = message.id;
                if message.seq == 0 {
                    message.seq = seq;
                }
                if let Author::Member { id, .. } = message.author
                    && self.people.has_stopped_typing(id)
                {
                    context.changed(Change::Typing(self.id));
                }
                let (parent, was_tip) = (message.parent, self.messages.tip());
                let is_reading_back = self.is_reading_back();
                let put = self.messages.put(context, message, is_reading_back);
                if self.has_branches() {
                    self.branch.is_chosen = false;
                    // Whoever reads elsewhere stays there, and finds it at the end.
                    let is_known = self.messages.learn_version(id, parent) && !self.messages.is_torn();
                    let is_known = is_known || put == Put::Counted;
                    if parent != self.branch.end {
                        self.has_forked(context, seq, is_known);
                    }
                    self.branch.end = Some(id);
                }
                match put {
                    Put::Known if self.messages.tip() == was_tip => Applied::Nothing,
                    Put::Known => Applied::Shown,
                    put => Applied::Message { id, is_held: put == Put::Appended },
                }
            }
            Event::Branch { message } => {
                self.branch = Branch { is_chosen: true, end: Some(message), ..self.branch };
                let is_whole = self.messages.show(message);
                self.has_forked(context, seq, is_whole);
                Applied::Shown
            }
            Event::Run { message: id, run } => match self.messages.get_mut(id) {
                Some(entry) => Applied::Change { id, is_replaced: entry.set_run(context, run) },
                None => self.has_missed(id, seq),
            },
            Event::MessageChanged(change) => match self.messages.get_mut(change.message) {
                Some(entry) => {
                    Applied::Change { id: change.message, is_replaced: entry.change(context, change) }
                }
                None => self.has_missed(change.message, seq),
            },
            Event::Member(member) => {
                self.people.changed(member);
                context.changed(Change::Members(self.id));
                Applied::Nothing
            }
            Event::RoomJoined(_) | Event::RoomChanged(_) | Event::RoomLeft { .. } | Event::UserChanged(_) => {
                Applied::Nothing
            }
        }
    }

    fn has_missed(&mut self, message: MessageId, seq: u64) -> Applied {
        if let Some(paging) = &mut self.paging {
            paging.has_missed(message, seq);
        }
        Applied::Nothing
    }
}

/// What came of a snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loaded {
    SameLog,
    /// Nothing was held. Whatever was said before may have been said to another log.
    First,
    /// The log has begun anew: its places are others, and what was acknowledged before may be lost.
    NewLog,
}

/// What an event did to a room.
#[derive(Clone, Copy, Debug)]
pub(super) enum Applied {
    Nothing,
    /// Other messages are shown.
    Shown,
    /// Something was said, and is held or counted.
    Message {
        id: MessageId,
        is_held: bool,
    },
    /// A message that is held is another; `is_replaced`: so is one of its texts.
    Change {
        id: MessageId,
        is_replaced: bool,
    },
}
