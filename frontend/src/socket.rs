//! One WebSocket of one attempt: opens it, gives what it brings to the chat, and closes it when dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use app::chat::Chat;
use app::client::Input;
use app::protocol::{SUBPROTOCOL, TICKET_PROTOCOL_PREFIX};
use futures::future::{AbortHandle, abortable, poll_fn};
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use gloo_timers::callback::Timeout;
use leptos::prelude::window;
use wasm_bindgen_futures::spawn_local;

/// Milliseconds after which the browser's buffer is looked at again, while something is in it.
const BUFFER_PAUSE: u32 = 50;

/// Dropping it ends the task, and with nobody left to hold it the browser closes the socket.
pub struct Socket {
    pub attempt: u64,
    /// Shared with the task, which borrows it only while it is polled. Splitting it would put a queue in between
    /// that has to be flushed.
    shared: Rc<RefCell<WebSocket>>,
    task: AbortHandle,
    chat: Chat,
    /// Somebody looks at the buffer already.
    is_watched: Rc<Cell<bool>>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Socket {
    /// `None`: the browser refuses to open one at all.
    pub fn open(chat: Chat, attempt: u64, ticket: &str) -> Option<Self> {
        let location = window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let address = format!("{scheme}://{}/ws", location.host().ok()?);
        let ticket = format!("{TICKET_PROTOCOL_PREFIX}{ticket}");
        let socket = WebSocket::open_with_protocols(&address, &[SUBPROTOCOL, &ticket]).ok()?;
        let socket = Rc::new(RefCell::new(socket));
        let (task, handle) = abortable(run(socket.clone(), chat, attempt));
        spawn_local(async move { _ = task.await });
        Some(Self { attempt, shared: socket, task: handle, chat, is_watched: Rc::default() })
    }

    /// Hands a frame to the browser. On a socket that is closing it is lost, and sent again on the next.
    pub fn send(&self, text: String) {
        _ = self.shared.borrow_mut().start_send_unpin(Message::Text(text));
        if !self.is_watched.replace(true) {
            let (socket, is_watched) = (self.shared.clone(), self.is_watched.clone());
            let (chat, attempt) = (self.chat, self.attempt);
            // Not from inside of the input that sends.
            Timeout::new(0, move || watch(socket, is_watched, chat, attempt)).forget();
        }
    }
}

/// Tells how much of what was sent is still in the browser, until nothing is.
fn watch(socket: Rc<RefCell<WebSocket>>, is_watched: Rc<Cell<bool>>, chat: Chat, attempt: u64) {
    // What is sent to a socket that is closing stays in its buffer for ever.
    let is_open = matches!(socket.borrow().state(), State::Open);
    let bytes = if is_open { u64::from(socket.borrow().buffered_amount()) } else { 0 };
    is_watched.set(bytes > 0);
    chat.input(Input::Buffered { attempt, bytes });
    if bytes > 0 {
        Timeout::new(BUFFER_PAUSE, move || watch(socket, is_watched, chat, attempt)).forget();
    }
}

async fn run(socket: Rc<RefCell<WebSocket>>, chat: Chat, attempt: u64) {
    // Ready means open, or closed already; then the messages tell.
    _ = poll_fn(|context| socket.borrow_mut().poll_ready_unpin(context)).await;
    let is_open = matches!(socket.borrow().state(), State::Open);
    if is_open {
        chat.input(Input::Opened { attempt });
    }
    let mut code = None;
    while let Some(message) = poll_fn(|context| socket.borrow_mut().poll_next_unpin(context)).await {
        match message {
            Ok(Message::Text(text)) => chat.input(Input::Received { attempt, text }),
            Err(WebSocketError::ConnectionClose(close)) => code = Some(close.code),
            // Binary frames are not part of the protocol; an error is followed by the close.
            Ok(Message::Bytes(_)) | Err(_) => {}
        }
    }
    chat.input(Input::Closed { attempt, code });
}
