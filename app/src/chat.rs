//! The client's state as values that tell when they change: what the page is drawn from, on the server and in the browser
//! alike.
//!
//! It holds the one [`Client`], hands inputs to it, and turns its changes into values. What the client asks to be
//! done is done by a [`Driver`]; on the server there is none.

mod announcer;
mod attention;
mod company;
mod days;
mod driver;
mod html;
mod row;
mod settings;
mod show;
mod text;
mod value;
mod view;
mod words;

use leptos::prelude::*;

pub use announcer::Line;
pub use days::Heading;
pub use driver::{DraftOf, Driver};
pub use html::Html;
pub use row::{author_name, first_words, history_address};
pub use text::{BlockView, TextView};
pub use value::{Reactive, Shared, Value};
pub use view::{Dialog, END, Item, MessageView, PendingStatus, PendingView, RoomState, UNREAD_LINE};
#[cfg(feature = "ssr")]
pub use words::clock;
pub use words::{doing, tool_name, unread};

use crate::client::{
    Change, Client, Connection, Input, Millis, Output, Page, Policy, SnapshotFailure, TimelineState,
    Transport,
};
use crate::pages::address;
use crate::protocol::{Command, CommandId, Fold, PageData, RoomId, RoomSummary, Timestamp, UserId};
use crate::texts::chat as texts;
use announcer::Announcer;
use show::Shown;

/// The chat of one page. Copies are handles to the same chat.
#[derive(Clone, Copy)]
pub struct Chat {
    client: Value<Client>,
    driver: StoredValue<Option<Box<dyn Driver>>, LocalStorage>,
    shown: Value<Shown>,
    announcer: Value<Announcer>,
    pub connection: Value<Connection>,
    /// How frames travel, or will with the next attempt.
    pub transport: Value<Transport>,
    pub rooms: Value<Vec<RoomSummary>>,
    /// The room that the page shows.
    pub room: Value<Option<RoomId>>,
    pub stage: Value<TimelineState>,
    pub room_state: Value<RoomState>,
    /// Who is in the room that is open: how many are here, in a few words, and each of them, as HTML.
    pub here: Value<String>,
    pub people: Value<String>,
    /// Who types in it, in words.
    pub typing: Value<String>,
    /// What is said in it, for those who hear the page.
    pub said: Value<Vec<Line>>,
    /// The identifier of the element that is to be scrolled to once it is there; empty: none.
    pub aim: Value<String>,
    pub items: Value<Vec<Item>>,
    /// The sentence of the last command that was refused, if it was not a message.
    pub notice: Value<Option<(CommandId, String)>>,
    /// Of the reader; empty until it is known.
    pub user_name: Value<String>,
    /// The command that somebody waits for, until it was done or refused.
    pub awaited: Value<Option<CommandId>>,
    pub is_practice_model: Value<bool>,
    /// How the thinking of replies that come begins.
    pub fold: Value<Fold>,
    /// Answers in rooms without a choice of their own.
    pub default_model: Value<String>,
    /// The server's clock, as of the last second that mattered.
    pub now: Value<Timestamp>,
    /// Counts how often something came onto the page that the server can draw better.
    pub undrawn: Value<u64>,
    /// Counts the messages that the reader has sent from this page.
    pub sent: Value<u64>,
    /// True once the browser has taken over.
    pub is_live: Value<bool>,
    /// Whether the page is seen.
    pub is_visible: Value<bool>,
    /// Whether the reader is notified of what happens while it is not.
    pub notifies: Value<bool>,
    /// What lies over the page.
    pub dialog: Value<Dialog>,
    /// The colours that the reader chose: the name of a [`Theme`], or empty for those of their system.
    pub theme: Value<String>,
    /// Keys that are a mere character open something wherever letters are not letters.
    pub has_letter_keys: Value<bool>,
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
        let aim = page.message.map(|message| format!("m-{message}")).unwrap_or_default();
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
            client: Value::new(client),
            driver: StoredValue::new_local(None),
            shown: Value::new(Shown::default()),
            announcer: Value::new(Announcer::default()),
            connection: Value::new(Connection::Idle),
            transport: Value::new(Transport::WebSocket),
            rooms: Value::new(Vec::new()),
            room: Value::new(room),
            stage: Value::new(TimelineState::Ready),
            room_state: Value::new(RoomState::default()),
            here: Value::new(String::new()),
            people: Value::new(String::new()),
            typing: Value::new(String::new()),
            said: Value::new(Vec::new()),
            aim: Value::new(aim),
            items: Value::new(Vec::new()),
            notice: Value::new(refusal),
            user_name: Value::new(String::new()),
            awaited: Value::new(None),
            is_practice_model: Value::new(false),
            fold: Value::new(Fold::Auto),
            default_model: Value::new(String::new()),
            now: Value::new(server_now),
            undrawn: Value::new(0),
            sent: Value::new(0),
            is_live: Value::new(false),
            is_visible: Value::new(true),
            notifies: Value::new(false),
            dialog: Value::new(Dialog::None),
            theme: Value::new(settings::drawn_theme()),
            has_letter_keys: Value::new(true),
        };
        chat.show_account();
        chat.show_rooms();
        chat.begin_room();
        chat.show_room();
        chat
    }

    /// Takes the browser's driver and begins to connect.
    pub fn start(self, driver: Box<dyn Driver>) {
        self.driver.set_value(Some(driver));
        self.is_live.set(true);
        self.notifies.set(self.with_driver(Driver::may_notify).unwrap_or_default());
        self.theme.set(self.with_driver(Driver::theme).unwrap_or_default());
        self.has_letter_keys.set(self.with_driver(Driver::has_letter_keys).unwrap_or(true));
        // By the reader's own clock.
        self.show_room();
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
        match input {
            Input::Hidden => self.page_hidden(),
            Input::Visible => self.is_visible.set(true),
            _ => {}
        }
        let mut outputs = Vec::new();
        let (timeout, transport) = self.client.update(|client| {
            client.handle(now, input);
            while let Some(output) = client.poll() {
                outputs.push(output);
            }
            (client.next_timeout(), client.transport())
        });
        // Changes also while the connection stays live.
        self.transport.put(transport);
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

    /// The same for a command of which somebody wants to know the end: see [`Chat::awaited`].
    pub fn command_awaited(self, command: Command) -> Option<CommandId> {
        let id = CommandId::from_random(self.with_driver(Driver::random)?);
        self.awaited.set(Some(id));
        self.input(Input::Do { id, command });
        Some(id)
    }

    /// Why a command was refused, if it was, and nobody has said that they know.
    pub fn refusal(self, id: CommandId) -> Option<String> {
        self.client.with_untracked(|client| {
            let notice = client.notices().iter().find(|notice| notice.id == id)?;
            Some(notice.failure.message.clone())
        })
    }

    /// Instructions for a room that the user has given and that it does not have: they wait, or were refused.
    pub fn unsaved_instructions(self, room: RoomId) -> Option<String> {
        self.client.with_untracked(|client| {
            let refused = client.notices().iter().map(|notice| &notice.command);
            let given = refused.chain(client.outbox().map(|(_, command)| command));
            let of_room = given.filter_map(|command| match command {
                Command::ChangeRoom { room: of, instructions, .. } if *of == room => instructions.clone(),
                _ => None,
            });
            of_room.last()
        })
    }

    /// Takes back a message that waits. False when it is too late: it may be sent.
    pub fn cancel(self, id: CommandId) -> bool {
        self.input(Input::Discard(id));
        self.client.with_untracked(|client| client.outbox().all(|(other, _)| other != id))
    }

    /// How many things the user did that the server has not acknowledged.
    pub fn unsent(self) -> u64 {
        self.client.with_untracked(|client| client.outbox().count() as u64)
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
        self.aim.set(String::new());
        self.shown.update(|shown| shown.wanted = None);
        self.begin_room();
        if let Some(room) = room {
            self.input(Input::OpenRoom(room));
        }
        let place = untrack(|| self.title());
        match room {
            None => self.announce_arrival(texts::new_conversation().to_owned()),
            // Who begins a conversation knows that.
            Some(_) if place.is_empty() => {}
            Some(_) => self.announce_arrival(place),
        }
        self.show_room();
        // It may be held as it was left, far up.
        if self.room_state.with_untracked(|state| state.has_later) {
            self.jump_to_end();
        }
        self.tick_second();
    }

    /// Lets the server draw what it can draw better.
    pub fn draw_rich(self) {
        self.with_driver(Driver::draw_rich);
    }

    /// Reads a piece of HTML of this site; nothing, when it does not come.
    pub fn read_html(self, address: &str, then: Box<dyn FnOnce(Option<String>)>) {
        self.with_driver(|driver| driver.read_html(address, then));
    }

    pub fn copy(self, text: &str) {
        self.with_driver(|driver| driver.copy(text));
    }

    pub fn copy_address(self, address: &str) {
        self.with_driver(|driver| driver.copy_address(address));
    }

    pub fn draft(self, of: DraftOf) -> String {
        self.with_driver(|driver| driver.draft(of)).unwrap_or_default()
    }

    pub fn keep_draft(self, of: DraftOf, text: &str) {
        self.with_driver(|driver| driver.keep_draft(of, text));
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
            self.client.with_untracked(|client| client.outbox().any(is_it))
        };
        if let Some(id) = id.filter(is_message) {
            self.input(Input::Discard(id));
        }
    }

    /// The reader.
    pub fn user(self) -> Option<UserId> {
        self.client.with_untracked(|client| client.user().map(|user| user.id))
    }

    /// Whether another command fits into the outbox.
    pub fn can_accept(self) -> bool {
        self.client.with_untracked(Client::can_accept)
    }

    /// Bytes that a message may have.
    pub fn message_bytes(self) -> usize {
        self.client.with_untracked(|client| client.limits().message_bytes)
    }

    /// Brings the clock forward while something on the page counts seconds.
    pub fn tick_second(self) {
        let is_counting = matches!(
            self.connection.get_untracked(),
            Connection::Waiting { .. } | Connection::Degraded { .. }
        ) || self.items.with_untracked(|items| items.iter().any(Item::is_running));
        if is_counting && let Some(now) = self.with_driver(Driver::now) {
            self.now.set(self.client.with_untracked(|client| client.server_now(now)));
        }
        self.with_driver(|driver| driver.count_seconds(is_counting));
    }

    /// The browser's clock for a time on the server's; for countdowns to times of the browser's own.
    pub fn browser_now(self) -> Millis {
        self.with_driver(Driver::now).unwrap_or(0)
    }

    /// Puts the texts that grew since the last frame on the screen: at most once per frame, however many parts came.
    pub fn flush_texts(self) {
        let grown = self.shown.update(|shown| std::mem::take(&mut shown.grown));
        if grown.is_empty() {
            return;
        }
        let Some(room) = self.room.get_untracked() else { return };
        let mut is_marked = false;
        self.client.with_untracked(|client| {
            let Some(timeline) = client.room(room) else { return };
            self.shown.with_untracked(|shown| {
                for id in grown {
                    if let (Some(message), Some(view)) = (timeline.message(id), shown.message(id)) {
                        is_marked |= view.update_texts(message, timeline.revision(id));
                    }
                }
            });
        });
        self.announce();
        self.came_undrawn(is_marked);
    }

    /// Something came, or not, that the server can draw better.
    pub fn came_undrawn(self, has_come: bool) {
        if has_come {
            self.undrawn.update(|undrawn| *undrawn += 1);
        }
    }

    fn with_driver<T>(self, action: impl FnOnce(&(dyn Driver + 'static)) -> T) -> Option<T> {
        // On the server there is none, whichever thread draws.
        let is_live = self.is_live.get_untracked();
        is_live
            .then(|| self.driver.try_with_value(|driver| driver.as_deref().map(action)).flatten())
            .flatten()
    }
}
