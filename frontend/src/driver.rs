//! Does in the browser what the client asks for: fetches, connections, timers, storage, the clipboard.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use app::chat::{Chat, DraftOf, Driver};
use app::client::{Input, Millis, Opening, Output};
use app::pages::{THEME_COOKIE, THEME_SECONDS, Theme, ground_media};
use app::protocol::{Command, CommandId, RoomId, Timestamp, UserId};
use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlDocument};

use crate::drafts::Drafts;
use crate::http_connection::HttpConnection;
use crate::kept_outbox::KeptOutbox;
use crate::request::send;
use crate::rich::Rich;
use crate::socket::Socket;
use crate::{notifications, random, read, storage, ticket};

/// Belongs to the browser, not to the account, as the keyboard does.
const NO_LETTER_KEYS: &str = "sitespark-no-letter-keys";
/// The longest time a browser's timer can wait for.
const LONGEST_TIMER: u64 = i32::MAX as u64;

/// Milliseconds since 1970 by the browser's clock.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a date of our time, in whole milliseconds"
)]
pub fn now() -> Millis {
    js_sys::Date::now() as Millis
}

/// Dropping it closes it.
enum Connection {
    Socket(Socket),
    Http(HttpConnection),
}

impl Connection {
    fn attempt(&self) -> u64 {
        match self {
            Self::Socket(socket) => socket.attempt,
            Self::Http(connection) => connection.attempt,
        }
    }
}

pub struct BrowserDriver {
    chat: Chat,
    connection: RefCell<Option<Connection>>,
    outbox: RefCell<KeptOutbox>,
    drafts: Drafts,
    /// False once all was forgotten: what a page that is about to go still says is not kept again.
    is_keeping: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
    seconds: RefCell<Option<Interval>>,
    is_frame_asked: Rc<Cell<bool>>,
    rich: Rich,
}

impl BrowserDriver {
    /// `user` is who reads the page; what somebody else has left in this browser is removed.
    pub fn new(chat: Chat, user: UserId) -> Self {
        let user = user.to_string();
        let (outbox, drafts) = (KeptOutbox::new(&user), Drafts::new(&user));
        storage::remove_all_but(&[outbox.prefix(), drafts.prefix()]);
        Self {
            chat,
            connection: RefCell::default(),
            outbox: RefCell::new(outbox),
            drafts,
            is_keeping: Cell::new(true),
            timer: RefCell::default(),
            seconds: RefCell::default(),
            is_frame_asked: Rc::default(),
            rich: Rich::default(),
        }
    }

    fn open(&self, attempt: u64, ticket: String, opening: Opening) {
        let mut connection = self.connection.borrow_mut();
        match opening {
            Opening::WebSocket => {
                *connection = Socket::open(self.chat, attempt, &ticket).map(Connection::Socket);
            }
            Opening::EventStream { hello } => {
                if let Some(connection) = self.http(&mut connection, attempt) {
                    connection.stream(ticket, hello);
                }
            }
            Opening::LongPoll { hello, wait } => {
                if let Some(connection) = self.http(&mut connection, attempt) {
                    connection.poll(ticket, hello, wait);
                }
            }
        }
        if connection.is_none() {
            let chat = self.chat;
            spawn_local(async move { chat.input(Input::Closed { attempt, code: None }) });
        }
    }

    /// The connection of this attempt: polls follow each other on the same one.
    fn http<'a>(
        &self,
        connection: &'a mut Option<Connection>,
        attempt: u64,
    ) -> Option<&'a mut HttpConnection> {
        let is_same = matches!(connection, Some(Connection::Http(http)) if http.attempt == attempt);
        if !is_same {
            *connection = HttpConnection::new(self.chat, attempt).map(Connection::Http);
        }
        match connection {
            Some(Connection::Http(http)) => Some(http),
            _ => None,
        }
    }
}

impl Driver for BrowserDriver {
    fn now(&self) -> Millis {
        now()
    }

    fn random(&self) -> u128 {
        random::bits()
    }

    fn perform(&self, output: Output) {
        let chat = self.chat;
        match output {
            Output::FetchTicket { attempt } => spawn_local(async move {
                chat.input(match ticket::fetch().await {
                    Ok(ticket) => Input::TicketReady { attempt, ticket },
                    Err(failure) => Input::TicketFailed { attempt, failure },
                });
            }),
            Output::Open { attempt, ticket, opening } => self.open(attempt, ticket, opening),
            Output::Send { attempt, text } => match &*self.connection.borrow() {
                Some(connection) if connection.attempt() != attempt => {}
                Some(Connection::Socket(socket)) => socket.send(text),
                Some(Connection::Http(http)) => http.command(text),
                None => {}
            },
            Output::Close { attempt } => {
                let mut connection = self.connection.borrow_mut();
                if connection.as_ref().is_some_and(|connection| connection.attempt() == attempt) {
                    *connection = None;
                }
            }
            Output::FetchSnapshot { room, page } => spawn_local(async move {
                chat.input(match read::room(&page.address(room)).await {
                    Ok(snapshot) => Input::SnapshotLoaded { room, page, snapshot: Box::new(snapshot) },
                    Err(failure) => Input::SnapshotFailed { room, page, failure },
                });
            }),
            Output::FetchPage => spawn_local(async move {
                chat.input(match read::page().await {
                    Ok(page) => Input::Load(Box::new(page)),
                    Err(_) => Input::PageFailed,
                });
            }),
            // The chat looks at changes itself.
            Output::Changed(_) => {}
        }
    }

    fn wake_at(&self, time: Option<Millis>) {
        let chat = self.chat;
        let timer = time.map(|time| {
            let wait = time.saturating_sub(now()).min(LONGEST_TIMER) as u32;
            Timeout::new(wait, move || chat.input(Input::Tick))
        });
        self.timer.replace(timer);
    }

    fn before_next_frame(&self) {
        if !self.is_frame_asked.replace(true) {
            let (chat, is_frame_asked) = (self.chat, self.is_frame_asked.clone());
            request_animation_frame(move || {
                is_frame_asked.set(false);
                chat.flush_texts();
            });
        }
    }

    fn count_seconds(&self, is_on: bool) {
        let mut seconds = self.seconds.borrow_mut();
        if is_on && seconds.is_none() {
            let chat = self.chat;
            // A little under a second, so that no second is skipped.
            *seconds = Some(Interval::new(950, move || {
                // With whatever else the next frame changes, so that the page is laid out once; nobody sees a hidden
                // one. And not from inside its own callback: it may end this very interval.
                if !document().hidden() {
                    request_animation_frame(move || chat.tick_second());
                }
            }));
        } else if !is_on {
            *seconds = None;
        }
    }

    fn draw_rich(&self) {
        self.rich.look();
    }

    fn read_html(&self, address: &str, then: Box<dyn FnOnce(Option<String>)>) {
        let address = address.to_owned();
        spawn_local(async move {
            let answer = send("GET", &address).await.filter(|answer| answer.status == 200);
            then(answer.map(|answer| answer.body));
        });
    }

    fn copy(&self, text: &str) {
        crate::clipboard::copy(text);
    }

    fn selection(&self) -> Option<(String, String)> {
        crate::clipboard::selection()
    }

    fn copy_address(&self, address: &str) {
        let origin = window().location().origin().unwrap_or_default();
        self.copy(&format!("{origin}{address}"));
    }

    fn push_address(&self, address: &str) {
        if let Ok(history) = window().history() {
            _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
        }
    }

    fn kept_outbox(&self) -> Vec<(CommandId, Command)> {
        self.outbox.borrow_mut().read()
    }

    fn keep_outbox(&self, entries: &mut dyn Iterator<Item = (CommandId, &Command)>) {
        if self.is_keeping.get() {
            self.outbox.borrow_mut().keep(entries, now());
        }
    }

    fn kept_under(&self, key: &str) -> Option<CommandId> {
        self.outbox.borrow().held_under(key)
    }

    fn draft(&self, of: DraftOf) -> String {
        self.drafts.read(of, now())
    }

    fn keep_draft(&self, of: DraftOf, text: &str) {
        if self.is_keeping.get() {
            let chat = self.chat;
            self.drafts.keep(of, text, now(), move || chat.write_drafts());
        }
    }

    fn write_drafts(&self) {
        if self.is_keeping.get() {
            self.drafts.write(now());
        }
    }

    fn forget_all(&self) {
        self.is_keeping.set(false);
        storage::remove_all_but(&[]);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "whole minutes of a day; a date"
    )]
    fn minutes_ahead(&self, time: Timestamp) -> i64 {
        -js_sys::Date::new(&JsValue::from_f64(time as f64)).get_timezone_offset() as i64
    }

    fn theme(&self) -> String {
        let root = document().document_element();
        root.and_then(|root| root.get_attribute("data-theme")).unwrap_or_default()
    }

    fn want_theme(&self, theme: &str) {
        if let Some(root) = document().document_element() {
            _ = if theme.is_empty() {
                root.remove_attribute("data-theme")
            } else {
                root.set_attribute("data-theme", theme)
            };
        }
        // What is around the page, where the browser colours it.
        let colours = document().query_selector_all("meta[name=theme-color]");
        for (index, media) in (0..).zip(ground_media(Theme::parse(theme))) {
            let meta = colours.as_ref().ok().and_then(|colours| colours.item(index));
            if let Some(meta) = meta {
                _ = meta.unchecked_into::<Element>().set_attribute("media", media);
            }
        }
        let cookie = format!("{THEME_COOKIE}={theme}; Path=/; Max-Age={THEME_SECONDS}; SameSite=Lax");
        _ = document().unchecked_into::<HtmlDocument>().set_cookie(&cookie);
    }

    fn has_letter_keys(&self) -> bool {
        storage::get(NO_LETTER_KEYS).is_none()
    }

    fn want_letter_keys(&self, is_on: bool) {
        if is_on {
            storage::remove(NO_LETTER_KEYS);
        } else {
            storage::set(NO_LETTER_KEYS, "1");
        }
    }

    fn may_notify(&self) -> bool {
        notifications::are_wanted()
    }

    fn want_notifications(&self, is_on: bool) {
        notifications::want(self.chat, is_on);
    }

    fn notify(&self, room: RoomId, title: &str, words: &str) {
        notifications::show(self.chat, room, title, words);
    }

    fn mark_icon(&self, is_marked: bool) {
        notifications::mark_icon(is_marked);
    }
}
