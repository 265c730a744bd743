//! One WebSocket of one attempt: opens it, gives what it brings to the chat, and closes it when dropped.

use app::chat::Chat;
use app::client::Input;
use app::protocol::{SUBPROTOCOL, TICKET_PROTOCOL_PREFIX};
use futures::future::{AbortHandle, abortable, poll_fn};
use futures::stream::SplitSink;
use futures::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use leptos::prelude::window;
use wasm_bindgen_futures::spawn_local;

/// Dropping it ends the task, and with both halves gone the browser closes the socket.
pub struct Socket {
    pub attempt: u64,
    outgoing: std::rc::Rc<std::cell::RefCell<SplitSink<WebSocket, Message>>>,
    task: AbortHandle,
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
        let (sink, mut incoming) = socket.split();
        let outgoing = std::rc::Rc::new(std::cell::RefCell::new(sink));
        let opening = outgoing.clone();
        let (task, handle) = abortable(async move {
            // Ready means open, or closed already; then the stream tells.
            let is_open = poll_fn(|context| opening.borrow_mut().poll_ready_unpin(context)).await.is_ok();
            drop(opening);
            if is_open {
                chat.input(Input::Opened { attempt });
            }
            let mut code = None;
            while let Some(message) = incoming.next().await {
                match message {
                    Ok(Message::Text(text)) => chat.input(Input::Received { attempt, text }),
                    Ok(Message::Bytes(_)) => {}
                    Err(WebSocketError::ConnectionClose(close)) => code = Some(close.code),
                    Err(_) => {}
                }
            }
            chat.input(Input::Closed { attempt, code });
        });
        spawn_local(async move { _ = task.await });
        Some(Self { attempt, outgoing, task: handle })
    }

    /// Hands a frame to the browser. On a socket that is closing it is lost, and sent again on the next.
    pub fn send(&self, text: String) {
        _ = self.outgoing.borrow_mut().start_send_unpin(Message::Text(text));
    }
}
