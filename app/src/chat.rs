//! The client's state as signals: what the page is drawn from, on the server and in the browser alike.
//!
//! It holds the one [`Client`], hands inputs to it, and turns its changes into signals. What the client asks to be
//! done is done by a [`Driver`]; on the server there is none.

mod text;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;

pub use text::{BlockView, TextView};
pub use view::{Item, MessageView, PendingStatus, PendingView, RoomState};

use crate::client::{
    Change, Client, Connection, Input, Millis, Output, Page, Policy, SnapshotFailure, TimelineState,
    Transport,
};
use crate::pages::address;
use crate::protocol::{Command, CommandId, MessageId, PageData, RoomId, RoomSummary, Timestamp, UserId};

/// What the browser does for the client.
pub trait Driver {
    /// Milliseconds since 1970 by the browser's clock.
    fn now(&self) -> Millis;
    fn random(&self) -> u128;
    /// Does what the client asks for; answers come back through [`Chat::input`].
    fn perform(&self, output: Output);
    /// Calls [`Chat::input`] with a tick at this time, instead of any time set before.
    fn wake_at(&self, time: Option<Millis>);
    /// Calls [`Chat::flush_texts`] before the next frame is painted.
    fn before_next_frame(&self);
    /// Calls [`Chat::tick_second`] about once a second from now on, or no more.
    fn count_seconds(&self, is_on: bool);
    fn copy(&self, text: &str);
    /// Puts an address into the history, as following a link does.
    fn push_address(&self, address: &str);
    /// What [`Self::keep_outbox`] kept before the page was loaded, oldest first.
    fn kept_outbox(&self) -> Vec<(CommandId, Command)>;
    /// Keeps exactly these over a reload, as far as the browser lets it.
    fn keep_outbox(&self, entries: &mut dyn Iterator<Item = (CommandId, &Command)>);
    /// The command of this page that is kept under this key of the browser's storage.
    fn kept_under(&self, key: &str) -> Option<CommandId>;
    /// What was written for a room, or for a new one; empty if nothing was.
    fn draft(&self, room: Option<RoomId>) -> String;
    fn keep_draft(&self, room: Option<RoomId>, text: &str);
    /// The page may be gone in a moment.
    fn write_drafts(&self);
    /// Forgets all outboxes and drafts in this browser, and keeps none from now on.
    fn forget_all(&self);
}

/// The messages on the screen.
#[derive(Default)]
struct Shown {
    messages: BTreeMap<MessageId, MessageView>,
    /// Those whose texts are longer than what is drawn of them.
    grown: BTreeSet<MessageId>,
}

/// The chat of one page. Copies are handles to the same chat.
#[derive(Clone, Copy)]
pub struct Chat {
    client: StoredValue<Client>,
    driver: StoredValue<Option<Box<dyn Driver>>, LocalStorage>,
    shown: StoredValue<Shown>,
    pub connection: RwSignal<Connection>,
    /// How frames travel, or will with the next attempt.
    pub transport: RwSignal<Transport>,
    pub rooms: RwSignal<Vec<RoomSummary>>,
    /// The room that the page shows.
    pub room: RwSignal<Option<RoomId>>,
    pub room_state: RwSignal<RoomState>,
    pub items: RwSignal<Vec<Item>>,
    /// The sentence of the last command that was refused, if it was not a message.
    pub notice: RwSignal<Option<(CommandId, String)>>,
    /// Of the reader; empty until it is known.
    pub user_name: RwSignal<String>,
    pub is_practice_model: RwSignal<bool>,
    /// The server's clock, as of the last second that mattered.
    pub now: RwSignal<Timestamp>,
    /// Counts the updates of texts that are shown, for those who follow the end of the page.
    pub growth: RwSignal<u64>,
    /// Counts the messages that the reader has sent from this page.
    pub sent: RwSignal<u64>,
    /// True once the browser has taken over.
    pub is_live: RwSignal<bool>,
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Chat")
    }
}

impl Chat {
    /// The chat as the server knows it, before any connection. `now` is the clock of whoever draws the page, and
    /// `seed` its randomness; the server, which only draws, needs none.
    pub fn new(page: PageData, room: Option<RoomId>, now: Millis, seed: u64) -> Self {
        let server_now = page.now;
        let is_missing = room.is_some() && page.room.is_none();
        let refusal = page.refusal.clone().map(|refusal| (CommandId::from_random(0), refusal));
        let mut client = Client::new(Policy::default(), seed);
        client.handle(now, Input::Load(Box::new(page)));
        if let Some(room) = room {
            client.handle(now, Input::OpenRoom(room));
            if is_missing {
                client.handle(
                    now,
                    Input::SnapshotFailed { room, page: Page::Newest, failure: SnapshotFailure::NotFound },
                );
            }
        }
        let chat = Self {
            client: StoredValue::new(client),
            driver: StoredValue::new_local(None),
            shown: StoredValue::new(Shown::default()),
            connection: RwSignal::new(Connection::Idle),
            transport: RwSignal::new(Transport::WebSocket),
            rooms: RwSignal::new(Vec::new()),
            room: RwSignal::new(room),
            room_state: RwSignal::new(RoomState::default()),
            items: RwSignal::new(Vec::new()),
            notice: RwSignal::new(refusal),
            user_name: RwSignal::new(String::new()),
            is_practice_model: RwSignal::new(false),
            now: RwSignal::new(server_now),
            growth: RwSignal::new(0),
            sent: RwSignal::new(0),
            is_live: RwSignal::new(false),
        };
        chat.show_account();
        chat.show_rooms();
        chat.show_room();
        chat
    }

    /// Takes the browser's driver and begins to connect.
    pub fn start(self, driver: Box<dyn Driver>) {
        self.driver.set_value(Some(driver));
        self.is_live.set(true);
        for (id, command) in self.with_driver(Driver::kept_outbox).unwrap_or_default() {
            self.input(Input::Do { id, command });
        }
        // Some of it may have been done already.
        self.keep_outbox();
        self.input(Input::Start);
    }

    /// Gives the client an input and does what follows from it.
    pub fn input(self, input: Input) {
        let Some(now) = self.with_driver(Driver::now) else { return };
        let mut outputs = Vec::new();
        let state = self.client.try_update_value(|client| {
            client.handle(now, input);
            while let Some(output) = client.poll() {
                outputs.push(output);
            }
            (client.next_timeout(), client.transport())
        });
        let Some((timeout, transport)) = state else { return };
        // Changes also while the connection stays live.
        if self.transport.get_untracked() != transport {
            self.transport.set(transport);
        }
        let mut may_count = false;
        for output in outputs {
            match output {
                Output::Changed(change) => {
                    // Texts come many times a second, and nothing begins or ends to count with them.
                    may_count |= !matches!(change, Change::Text { .. } | Change::Outbox);
                    self.show(change);
                }
                output => _ = self.with_driver(|driver| driver.perform(output)),
            }
        }
        self.with_driver(|driver| driver.wake_at(timeout));
        if may_count {
            self.tick_second();
        }
    }

    /// Does something on the user's behalf, under an identifier that is returned.
    pub fn command(self, command: Command) -> Option<CommandId> {
        let id = CommandId::from_random(self.with_driver(Driver::random)?);
        let is_message = matches!(command, Command::SendMessage { .. });
        self.input(Input::Do { id, command });
        if is_message {
            self.sent.update(|sent| *sent += 1);
        }
        Some(id)
    }

    /// Takes back a message that waits. False when it is too late: it may be sent.
    pub fn cancel(self, id: CommandId) -> bool {
        self.input(Input::Discard(id));
        self.client.with_value(|client| client.outbox().all(|(other, _)| other != id))
    }

    /// How many things the user did that the server has not acknowledged.
    pub fn unsent(self) -> u64 {
        self.client.with_value(|client| client.outbox().count() as u64)
    }

    /// An identifier for a room that is about to be created.
    pub fn new_room_id(self) -> Option<RoomId> {
        self.with_driver(Driver::random).map(RoomId::from_random)
    }

    /// Goes to a room, or to the beginning of a new one, as by a link.
    pub fn go(self, room: Option<RoomId>) {
        if self.room.get_untracked() != room {
            self.with_driver(|driver| driver.push_address(&address(room)));
            self.open(room);
        }
    }

    /// The title of the room that is open; tracked.
    pub fn title(self) -> String {
        let open = self.room.get();
        self.rooms.with(|rooms| {
            rooms.iter().find(|room| Some(room.id) == open).map(|room| room.title.clone()).unwrap_or_default()
        })
    }

    /// Shows another room, or none.
    pub fn open(self, room: Option<RoomId>) {
        if self.room.get_untracked() == room {
            return;
        }
        self.room.set(room);
        if let Some(room) = room {
            self.input(Input::OpenRoom(room));
        }
        self.show_room();
        self.tick_second();
    }

    pub fn copy(self, text: &str) {
        self.with_driver(|driver| driver.copy(text));
    }

    pub fn draft(self, room: Option<RoomId>) -> String {
        self.with_driver(|driver| driver.draft(room)).unwrap_or_default()
    }

    pub fn keep_draft(self, room: Option<RoomId>, text: &str) {
        self.with_driver(|driver| driver.keep_draft(room, text));
    }

    pub fn write_drafts(self) {
        self.with_driver(Driver::write_drafts);
    }

    /// The user signs out: nothing that they wrote stays in this browser.
    pub fn forget_all(self) {
        self.with_driver(Driver::forget_all);
    }

    /// Another tab has removed an item of the storage. A message is removed when it is sent or not wanted any more; if
    /// it was sent from here as well, it gets its answer. Other commands are left: done twice, they are done once, and
    /// what waits behind a new room must not go with it.
    pub fn removed_elsewhere(self, key: &str) {
        let id = self.with_driver(|driver| driver.kept_under(key)).flatten();
        let is_message = |id: &CommandId| {
            let is_it = |(other, command): (CommandId, &Command)| {
                other == *id && matches!(command, Command::SendMessage { .. })
            };
            self.client.with_value(|client| client.outbox().any(is_it))
        };
        if let Some(id) = id.filter(is_message) {
            self.input(Input::Discard(id));
        }
    }

    /// The reader.
    pub fn user(self) -> Option<UserId> {
        self.client.with_value(|client| client.user().map(|user| user.id))
    }

    /// Whether another command fits into the outbox.
    pub fn can_accept(self) -> bool {
        self.client.try_with_value(Client::can_accept).unwrap_or(false)
    }

    /// Bytes that a message may have.
    pub fn message_bytes(self) -> usize {
        self.client.try_with_value(|client| client.limits().message_bytes).unwrap_or(usize::MAX)
    }

    /// Brings the clock forward while something on the page counts seconds.
    pub fn tick_second(self) {
        let is_counting = matches!(
            self.connection.get_untracked(),
            Connection::Waiting { .. } | Connection::Degraded { .. }
        ) || self.items.with_untracked(|items| items.iter().any(Item::is_running));
        if is_counting && let Some(now) = self.with_driver(Driver::now) {
            let now = self.client.try_with_value(|client| client.server_now(now)).unwrap_or(now);
            self.now.set(now);
        }
        self.with_driver(|driver| driver.count_seconds(is_counting));
    }

    /// The browser's clock for a time on the server's; for countdowns to times of the browser's own.
    pub fn browser_now(self) -> Millis {
        self.with_driver(Driver::now).unwrap_or(0)
    }

    /// Puts the texts that grew since the last frame on the screen: at most once per frame, however many parts came.
    pub fn flush_texts(self) {
        let grown = self.shown.try_update_value(|shown| std::mem::take(&mut shown.grown)).unwrap_or_default();
        if grown.is_empty() {
            return;
        }
        let Some(room) = self.room.get_untracked() else { return };
        self.client.with_value(|client| {
            let Some(timeline) = client.room(room) else { return };
            self.shown.with_value(|shown| {
                for id in grown {
                    if let (Some(message), Some(view)) = (timeline.message(id), shown.messages.get(&id)) {
                        view.update_texts(message, timeline.revision(id));
                    }
                }
            });
        });
        self.growth.update(|growth| *growth += 1);
    }

    fn with_driver<T>(self, action: impl FnOnce(&(dyn Driver + 'static)) -> T) -> Option<T> {
        self.driver.try_with_value(|driver| driver.as_deref().map(action)).flatten()
    }

    fn show(self, change: Change) {
        let shown = self.room.get_untracked();
        match change {
            Change::Connection => {
                if let Some(connection) = self.client.try_with_value(|client| client.connection().clone()) {
                    self.connection.set(connection);
                }
            }
            Change::Rooms => self.show_rooms(),
            Change::Room(room) if Some(room) == shown => self.show_room(),
            Change::Message { room, message } if Some(room) == shown => self.show_message(room, message),
            Change::Text { room, message } if Some(room) == shown => {
                self.shown.update_value(|shown| _ = shown.grown.insert(message));
                self.with_driver(Driver::before_next_frame);
            }
            Change::Account => self.show_account(),
            Change::Notices => self.show_notices(),
            Change::Outbox => self.keep_outbox(),
            Change::Everything => {
                self.show_account();
                self.show_rooms();
                self.show_room();
                self.show_notices();
                self.keep_outbox();
            }
            // Of rooms that are not on the screen.
            Change::Room(_) | Change::Message { .. } | Change::Text { .. } => {}
            Change::Members(_) | Change::Typing(_) => {}
        }
    }

    fn keep_outbox(self) {
        self.client.with_value(|client| self.with_driver(|driver| driver.keep_outbox(&mut client.outbox())));
    }

    fn show_account(self) {
        self.client.with_value(|client| {
            self.user_name.set(client.user().map_or_else(String::new, |user| user.name.clone()));
            self.is_practice_model.set(client.is_practice_model());
        });
    }

    fn show_rooms(self) {
        self.rooms.set(self.client.with_value(|client| client.rooms().to_vec()));
    }

    fn show_notices(self) {
        let notice = self.client.with_value(|client| {
            client.notices().last().map(|notice| (notice.id, notice.failure.message.clone()))
        });
        self.notice.set(notice);
    }

    /// The room from scratch: which messages there are, in which order. Views of messages are kept, and with them
    /// everything that is on the screen of them.
    fn show_room(self) {
        let Some(room) = self.room.get_untracked() else {
            self.items.set(Vec::new());
            self.shown.update_value(|shown| shown.messages.clear());
            self.room_state.set(RoomState::default());
            return;
        };
        let (state, items) = self.client.with_value(|client| {
            let Some(timeline) = client.room(room) else {
                return (RoomState { state: TimelineState::Loading, has_earlier: false }, Vec::new());
            };
            let state = RoomState { state: timeline.state(), has_earlier: timeline.has_earlier() };
            let mut items = Vec::new();
            self.shown.update_value(|shown| {
                let mut kept = BTreeMap::new();
                for message in timeline.path() {
                    let view =
                        shown.messages.remove(&message.id).unwrap_or_else(|| MessageView::new(message));
                    view.update(message, timeline.revision(message.id));
                    kept.insert(message.id, view.clone());
                    items.push(Item::Message(view));
                }
                shown.messages = kept;
            });
            items.extend(timeline.pending().map(|pending| Item::Pending(PendingView::new(&pending))));
            (state, items)
        });
        if self.room_state.with_untracked(|shown| *shown != state) {
            self.room_state.set(state);
        }
        self.items.set(items);
        self.growth.update(|growth| *growth += 1);
    }

    fn show_message(self, room: RoomId, id: MessageId) {
        self.client.with_value(|client| {
            let Some(timeline) = client.room(room) else { return };
            let view = self.shown.with_value(|shown| shown.messages.get(&id).cloned());
            if let (Some(message), Some(view)) = (timeline.message(id), view) {
                view.update(message, timeline.revision(id));
            }
        });
        self.growth.update(|growth| *growth += 1);
    }
}
