//! Does in the browser what the client asks for: fetches, the socket, timers, the clipboard.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use app::chat::{Chat, Driver};
use app::client::{Input, Millis, Output, TicketFailure};
use gloo_timers::callback::{Interval, Timeout};
use leptos::prelude::{request_animation_frame, window};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::socket::Socket;
use crate::{random, read, ticket};

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

pub struct BrowserDriver {
    chat: Chat,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    seconds: RefCell<Option<Interval>>,
    is_frame_asked: Rc<Cell<bool>>,
}

impl BrowserDriver {
    pub fn new(chat: Chat) -> Self {
        Self {
            chat,
            socket: RefCell::default(),
            timer: RefCell::default(),
            seconds: RefCell::default(),
            is_frame_asked: Rc::default(),
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
            Output::Open { attempt, ticket, .. } => {
                let socket = Socket::open(chat, attempt, &ticket);
                if socket.is_none() {
                    let failure = TicketFailure::Unreachable;
                    spawn_local(async move { chat.input(Input::TicketFailed { attempt, failure }) });
                }
                self.socket.replace(socket);
            }
            Output::Send { attempt, text } => {
                if let Some(socket) = self.socket.borrow().as_ref().filter(|socket| socket.attempt == attempt)
                {
                    socket.send(text);
                }
            }
            Output::Close { attempt } => {
                let mut socket = self.socket.borrow_mut();
                if socket.as_ref().is_some_and(|socket| socket.attempt == attempt) {
                    *socket = None;
                }
            }
            Output::FetchSnapshot { room } => spawn_local(async move {
                chat.input(match read::room(room).await {
                    Ok(snapshot) => Input::SnapshotLoaded { room, snapshot: Box::new(snapshot) },
                    Err(failure) => Input::SnapshotFailed { room, failure },
                });
            }),
            Output::FetchPage => spawn_local(async move {
                chat.input(match read::page().await {
                    Ok(page) => Input::Load(Box::new(page)),
                    Err(_) => Input::PageFailed,
                });
            }),
            // The chat shows changes itself.
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
                // Not from inside its own callback: it may end this very interval.
                spawn_local(async move { chat.tick_second() });
            }));
        } else if !is_on {
            *seconds = None;
        }
    }

    fn copy(&self, text: &str) {
        let navigator = window().navigator();
        // Absent on pages without HTTPS.
        let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
        if clipboard.is_ok_and(|clipboard| !clipboard.is_undefined()) {
            _ = navigator.clipboard().write_text(text);
        }
    }

    fn push_address(&self, address: &str) {
        if let Ok(history) = window().history() {
            _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
        }
    }
}
