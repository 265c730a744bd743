//! The connection and the rooms' state as one pure state machine: inputs and the time go in, outputs come out.
//!
//! A driver feeds it what happens (a frame, a click, a timer) and does what it asks for (fetch, open, send). There
//! is no clock, no randomness and no IO in here, so the browser, the native test clients and the load tool run the
//! same code, and a test runs hours of bad network in milliseconds. Everything the page shows is derived from the
//! state; outputs only say what to look at again.

mod attention;
mod backoff;
mod branch;
mod clock;
mod connection;
mod context;
mod entry;
mod fetch;
mod frames;
mod inbox;
mod interface;
mod kept_room;
mod link;
mod liveness;
mod messages;
mod outbox;
mod page;
mod people;
mod policy;
mod random;
mod reading;
mod repeat;
mod rooms;
mod streams;
mod timeline;
mod transport;

#[cfg(test)]
mod tests;

pub use connection::{Connection, Opening, StopReason, TicketFailure, Transport};
pub use interface::{Change, Input, Output};
pub use outbox::{Notice, Pending, PendingState};
pub use page::Page;
pub use policy::Policy;
pub use timeline::{SnapshotFailure, Timeline, TimelineState};

use crate::protocol::{
    ClientFrame, Command, CommandId, Hello, Limits, MessageId, PageData, RoomId, RoomSummary, ServerFrame,
    Timestamp, User, UserSettings, VERSION,
};
use attention::Attention;
use clock::Clock;
use context::Context;
use frames::is_answer;
use inbox::Inbox;
use link::Link;
use outbox::{Outbox, Outcome, Seen};
use rooms::Rooms;

/// Milliseconds since 1970-01-01 UTC by the driver's wall clock.
pub type Millis = u64;

#[derive(Debug)]
pub struct Client {
    context: Context,
    clock: Clock,
    link: Link,
    inbox: Inbox,
    rooms: Rooms,
    outbox: Outbox,
    connection: Connection,
    attention: Attention,
    user: Option<User>,
    limits: Limits,
    is_practice_model: bool,
    /// Answers where a room has not chosen.
    model: String,
}

impl Client {
    pub fn new(policy: Policy, seed: u64) -> Self {
        Self {
            context: Context::new(policy, seed),
            clock: Clock::default(),
            link: Link::new(),
            inbox: Inbox::default(),
            rooms: Rooms::default(),
            outbox: Outbox::default(),
            connection: Connection::Idle,
            attention: Attention::default(),
            user: None,
            limits: Limits::default(),
            is_practice_model: false,
            model: String::new(),
        }
    }

    /// Takes one input in. Afterwards, [`Self::poll`] until it returns nothing, and set the timer anew.
    pub fn handle(&mut self, now: Millis, input: Input) {
        self.context.now = self.clock.advance(now);
        let session = self.link.session();
        self.take(input);
        self.link.tick(&mut self.context);
        if session.is_some() && self.link.session() != session {
            self.inbox.disconnected();
            self.rooms.disconnected(&mut self.context);
            self.outbox.disconnected(&mut self.context);
        }
        self.settle();
    }

    /// What the driver has to do next.
    pub fn poll(&mut self) -> Option<Output> {
        self.context.poll()
    }

    /// When to come back with [`Input::Tick`], if nothing happens before.
    pub fn next_timeout(&self) -> Option<Millis> {
        let is_live = self.context.live.is_some();
        let times = [
            self.link.next_timeout(&self.context),
            self.inbox.next_timeout(),
            self.rooms.next_timeout(&self.context.policy, is_live),
            self.attention.next_timeout().filter(|_| is_live),
            self.outbox.next_timeout(is_live && !self.context.is_congested()),
        ];
        times.into_iter().flatten().min().map(|time| self.clock.wall(time))
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// How frames travel at the moment, or will with the next attempt.
    pub fn transport(&self) -> Transport {
        self.link.transport()
    }

    /// Newest activity first.
    pub fn rooms(&self) -> &[RoomSummary] {
        self.inbox.rooms()
    }

    /// A room that is held: opened, and not yet dropped for others.
    pub fn room(&self, room: RoomId) -> Option<Timeline<'_>> {
        Some(Timeline { kept: self.rooms.get(room)?, outbox: &self.outbox })
    }

    /// The reader, once a page was loaded.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// What the reader has chosen for themselves.
    pub fn settings(&self) -> UserSettings {
        self.inbox.settings()
    }

    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    pub fn is_practice_model(&self) -> bool {
        self.is_practice_model
    }

    /// The model that answers in rooms without a choice of their own.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// The server's clock, as far as it is known.
    pub fn server_now(&self, now: Millis) -> Timestamp {
        self.clock.server_now(now)
    }

    /// What the user gave and the server has not acknowledged, in order: to be stored, and given to a new client
    /// by [`Input::Do`] after a reload. See [`Change::Outbox`].
    pub fn outbox(&self) -> impl Iterator<Item = (CommandId, &Command)> {
        self.outbox.entries()
    }

    /// False when the next [`Input::Do`] would be refused.
    pub fn can_accept(&self) -> bool {
        self.outbox.has_room(&self.context)
    }

    /// Commands that were refused, oldest first, until [`Input::Discard`].
    pub fn notices(&self) -> &[Notice] {
        self.outbox.notices()
    }

    fn take(&mut self, input: Input) {
        let context = &mut self.context;
        match input {
            Input::Load(page) => self.load(*page),
            Input::Start => self.link.start(context),
            Input::Tick => {}
            Input::TicketReady { attempt, ticket } if self.link.is_current(attempt) => {
                if let Some(ticket) = self.link.ticket_ready(context, ticket) {
                    self.open(ticket);
                }
            }
            Input::TicketFailed { attempt, failure } if self.link.is_current(attempt) => {
                self.link.ticket_failed(context, failure);
            }
            Input::Opened { attempt } if self.link.is_current(attempt) => self.opened(attempt),
            Input::Received { attempt, text } if self.link.greeted() == Some(attempt) => self.received(&text),
            // The answer to a command that was posted before the connection was opened anew.
            Input::Received { attempt, text } if self.link.was_of_session(attempt) => {
                if let Ok(frame) = ServerFrame::decode(&text)
                    && is_answer(&frame)
                {
                    self.frame(frame);
                }
            }
            Input::Closed { attempt, code } if self.link.is_current(attempt) => {
                self.link.closed(context, code);
            }
            // Such a command could not be posted.
            Input::Closed { attempt, .. } if self.link.was_of_session(attempt) => {
                self.outbox.disconnected(context);
            }
            Input::Answered { attempt, ticket } if self.link.greeted() == Some(attempt) => {
                if let Some(ticket) = self.link.answered(context, ticket) {
                    self.open(ticket);
                }
            }
            Input::Buffered { attempt, bytes } if self.link.is_current(attempt) => context.buffered = bytes,
            // Of an attempt that is over.
            Input::TicketReady { .. }
            | Input::TicketFailed { .. }
            | Input::Opened { .. }
            | Input::Received { .. }
            | Input::Closed { .. }
            | Input::Answered { .. }
            | Input::Buffered { .. } => {}
            Input::OpenRoom(room) => self.rooms.open(context, room),
            Input::LoadPage { room, page } => self.rooms.turn_to(context, room, page),
            Input::SnapshotLoaded { room, page, snapshot } if snapshot.room.id == room => {
                let messages: Vec<MessageId> = snapshot.messages.iter().map(|message| message.id).collect();
                let loaded = self.rooms.load(context, page, *snapshot);
                self.loaded(room, loaded, &messages);
            }
            Input::SnapshotLoaded { room, page, .. } => {
                self.rooms.load_failed(context, room, page, SnapshotFailure::Unreachable);
            }
            Input::SnapshotFailed { room, page, failure } => {
                self.rooms.load_failed(context, room, page, failure);
            }
            Input::Typed { room } => {
                if let Some(kept) = self.rooms.get_mut(room) {
                    kept.typed(context);
                }
            }
            Input::Seen { room, seq } => self.has_seen(room, seq),
            Input::Active => self.attention.is_idle = false,
            Input::Idle => self.attention.is_idle = true,
            Input::PageFailed => self.inbox.load_failed(context),
            Input::Do { id, command } => self.give(id, command),
            Input::Again(id) => self.outbox.again(context, id),
            Input::Discard(id) => {
                let outcome = self.outbox.discard(context, id);
                self.came_out(outcome);
            }
            Input::Online => {
                self.link.set_online(context, true);
                self.link.hope_for_socket(context, false);
                self.woke();
            }
            Input::Offline => self.link.set_online(context, false),
            Input::Visible => {
                self.attention.is_hidden = false;
                self.link.set_visible(true);
                self.woke();
            }
            Input::Hidden => {
                self.attention.is_hidden = true;
                self.link.set_visible(false);
            }
            Input::Woken => self.woke(),
            Input::RetryNow => {
                self.rooms.hasten(context);
                self.inbox.hasten(context);
                self.link.hope_for_socket(context, true);
                self.link.retry_now(context);
            }
        }
    }

    /// Everything that follows from the state and the time, and nothing else: doing it twice changes nothing.
    fn settle(&mut self) {
        let context = &mut self.context;
        self.inbox.tick(context);
        // Subscriptions go out before the commands whose effects they bring.
        self.rooms.tick(context);
        let rooms = &self.rooms;
        self.outbox.tick(context, |room, seq| {
            rooms.get(room).is_none_or(|kept| {
                kept.cursor().map_or(matches!(kept.stage, kept_room::Stage::Gone), |cursor| cursor.seq >= seq)
            })
        });
        let outbox = &self.outbox;
        self.rooms.trim(context, |room| outbox.concerns(room));
        self.attention.tick(context);
        if std::mem::take(&mut context.wants_hello) {
            self.link.want_hello(context);
        }
        self.link.reopen_if_due(context, || self.outbox.is_idle() && !self.rooms.is_running());
        if self.link.is_catching_up() && self.inbox.is_caught_up() && self.rooms.is_caught_up() {
            self.link.caught_up(context);
        }
        let connection = self.link.connection(context, |time| self.clock.wall(time));
        if connection != self.connection {
            self.connection = connection;
            context.changed(Change::Connection);
        }
    }

    fn load(&mut self, mut page: PageData) {
        let context = &mut self.context;
        if self.user.as_ref().is_some_and(|user| user.id != page.user.id) {
            return self.link.stop_for(context, StopReason::OtherUser);
        }
        if self.user.is_none() {
            self.clock.server_said(page.now);
        } else {
            self.clock.server_repeated(page.now);
        }
        let gone = self.inbox.load(context, &mut page);
        self.user = Some(page.user);
        self.limits = page.limits;
        self.is_practice_model = page.is_practice_model;
        self.model = page.model;
        context.changed(Change::Account);
        for room in gone {
            self.rooms.lose(context, room);
        }
        let listed = self.inbox.rooms();
        // Given again after a reload, and its effect is already here.
        let is_listed = |room: &RoomId| listed.iter().any(|other| other.id == *room);
        let effected: Vec<RoomId> = self.outbox.creates().filter(is_listed).collect();
        self.rooms.listed(context, |room| is_listed(&room));
        for room in effected {
            self.outbox.event_seen(context, Seen::Joined(room));
            self.rooms.created(context, room);
        }
        if let Some(snapshot) = page.room {
            let room = snapshot.room.id;
            let messages: Vec<MessageId> = snapshot.messages.iter().map(|message| message.id).collect();
            let loaded = self.rooms.load_with_page(context, snapshot);
            self.loaded(room, loaded, &messages);
        }
    }

    fn loaded(&mut self, room: RoomId, loaded: Option<kept_room::Loaded>, messages: &[MessageId]) {
        let Some(loaded) = loaded else { return };
        for message in messages {
            self.outbox.event_seen(&mut self.context, Seen::Message(*message));
        }
        if matches!(loaded, kept_room::Loaded::NewLog) {
            // It names a place in the log that is no more.
            self.outbox.mark_read(room, None);
        }
        if !matches!(loaded, kept_room::Loaded::SameLog) {
            self.outbox.send_again(&mut self.context, room);
        }
    }

    fn give(&mut self, id: CommandId, mut command: Command) {
        let (room, kind) = match &mut command {
            Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. } => return,
            Command::MarkRead { room, seq } => {
                return self.outbox.mark_read(*room, Some((id, *seq, self.context.now)));
            }
            Command::SendMessage { room, parent, beside, .. } => {
                // Given again after a reload, and its effect is already here.
                let message = MessageId(id.0);
                if self.room(*room).is_some_and(|timeline| timeline.message(message).is_some()) {
                    return;
                }
                // Which ends the typing for all who see it; what is typed next is news.
                if let Some(kept) = self.rooms.get_mut(*room) {
                    kept.stop_typing();
                    // Behind what waits to be sent it follows the reply to that, whatever is shown by then.
                    let is_open = |pending: Pending| !matches!(pending.state, PendingState::Failed(_));
                    if parent.is_none() && beside.is_none() && !self.outbox.pending(*room).any(is_open) {
                        *parent = kept.chosen_tip();
                    }
                }
                (*room, None)
            }
            Command::CreateRoom { room, .. } if self.inbox.get(*room).is_some() => return,
            Command::CreateRoom { room, kind, .. } => (*room, Some(*kind)),
            Command::MarkUnread { room, .. } => {
                // What was read before must not overtake it, nor what is seen from now on.
                self.outbox.mark_read(*room, None);
                if let Some(kept) = self.rooms.get_mut(*room) {
                    kept.reading.leave();
                }
                (*room, None)
            }
            _ => (command.room(), None),
        };
        if self.outbox.add(&mut self.context, &self.limits, id, command)
            && let Some(kind) = kind
        {
            self.rooms.create(&mut self.context, room, kind);
        }
    }

    fn has_seen(&mut self, room: RoomId, seq: u64) {
        let (Some(summary), Some(kept)) = (self.inbox.get(room), self.rooms.get_mut(room)) else { return };
        if let Some(due) = kept.reading.seen(self.context.now, seq, summary.read) {
            let id = self.context.command_id();
            self.outbox.mark_read(room, Some((id, seq, due)));
        }
    }

    fn came_out(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Created(room) => self.rooms.created(&mut self.context, room),
            Outcome::NotCreated(room) => self.rooms.lose(&mut self.context, room),
        }
    }

    /// There is reason to believe that the network or the page is back.
    fn woke(&mut self) {
        let context = &mut self.context;
        self.rooms.hasten(context);
        self.inbox.hasten(context);
        self.link.hasten(context);
        if self.link.woke(context) && self.rooms.probe(context.now) {
            self.link.expects_answer(context);
        }
    }

    fn opened(&mut self, attempt: u64) {
        if self.link.opened(&self.context) {
            let text = self.hello();
            self.context.push(Output::Send { attempt, text });
        }
    }

    /// Opens an event stream or a poll, of which `hello` is a part.
    fn open(&mut self, ticket: String) {
        let hello = self.hello();
        self.link.open(&mut self.context, ticket, hello);
    }

    /// What is held, as the question for what is missing. From here on nothing of a connection before counts.
    fn hello(&mut self) -> String {
        self.inbox.disconnected();
        let hello = Hello {
            version: VERSION,
            client: self.context.policy.client.clone(),
            inbox: self.inbox.cursor(),
            rooms: self.rooms.greet(&self.context),
            is_away: self.attention.tell(),
            previous_close: self.link.take_previous_close(),
        };
        ClientFrame::Hello(hello).encode()
    }
}
