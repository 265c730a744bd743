//! A connection where no WebSocket gets through: an event stream or polls for what comes, a request for each command.
//!
//! It reads and posts; what an answer, its end or its failure means is the client's to say. What it reads has no time
//! limit of its own: the client gives a connection up that doesn't answer, and dropping it ends the reading. A command
//! outlives it, because the client opens connections anew while commands are on their way.

use app::chat::Chat;
use app::client::{Input, Millis};
use app::event_reader::EventReader;
use app::protocol::{COMMAND_PATH, POLL_PATH, STREAM_PATH, TICKET_HEADER};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, Response};

use crate::request;

/// Milliseconds that the answer to a command may take: as long as the client waits before it sends it again.
const COMMAND_WAIT: u32 = 15_000;

pub struct HttpConnection {
    pub attempt: u64,
    chat: Chat,
    abort: AbortController,
}

impl Drop for HttpConnection {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

impl HttpConnection {
    /// `None`: the browser can't abort requests, so none that last are begun.
    pub fn new(chat: Chat, attempt: u64) -> Option<Self> {
        Some(Self { attempt, chat, abort: AbortController::new().ok()? })
    }

    /// Opens an event stream, which lasts until one of both ends it.
    pub fn stream(&self, ticket: String, hello: String) {
        let (chat, attempt, signal) = (self.chat, self.attempt, self.abort.signal());
        spawn_local(async move {
            let headers = [(TICKET_HEADER, &*ticket)];
            if let Some(response) = open(STREAM_PATH, &headers, &hello, &signal).await {
                read(&response, chat, attempt).await;
            }
            chat.input(Input::Closed { attempt, code: None });
        });
    }

    /// Polls once. `wait`: how long the server may wait for something to say, in milliseconds.
    pub fn poll(&self, ticket: String, hello: String, wait: Option<Millis>) {
        let (chat, attempt, signal) = (self.chat, self.attempt, self.abort.signal());
        spawn_local(async move {
            let prefer = wait.map(|wait| format!("wait={}", wait / 1_000));
            let mut headers = vec![(TICKET_HEADER, &*ticket)];
            headers.extend(prefer.iter().map(|prefer| ("prefer", &**prefer)));
            let response = open(POLL_PATH, &headers, &hello, &signal).await;
            let is_whole = match &response {
                Some(response) => read(response, chat, attempt).await,
                None => false,
            };
            chat.input(match response {
                Some(response) if is_whole => {
                    Input::Answered { attempt, ticket: request::header(&response, TICKET_HEADER) }
                }
                _ => Input::Closed { attempt, code: None },
            });
        });
    }

    /// Posts one command; its answer comes as a frame.
    pub fn command(&self, text: String) {
        let (chat, attempt) = (self.chat, self.attempt);
        spawn_local(async move {
            chat.input(match request::post(COMMAND_PATH, &text, COMMAND_WAIT).await {
                // A hint is answered by nothing.
                Some(answer) if matches!(answer.status, 200 | 204) => {
                    Input::Received { attempt, text: answer.body }
                }
                // Also when nobody is signed in, or the server is about to go: the next ticket tells.
                _ => Input::Closed { attempt, code: None },
            });
        });
    }
}

/// `None`: no answer, or one that carries no frames.
async fn open(path: &str, headers: &[(&str, &str)], hello: &str, signal: &AbortSignal) -> Option<Response> {
    request::open(path, headers, hello, signal).await.filter(|response| response.status() == 200)
}

/// Gives the frames of an answer to the chat as they come. True when it was read to its end.
async fn read(response: &Response, chat: Chat, attempt: u64) -> bool {
    let Some(body) = response.body() else { return false };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut events = EventReader::default();
    loop {
        let Ok(piece) = JsFuture::from(reader.read()).await else { return false };
        // The last piece has no value.
        let Some(bytes) = get(&piece, "value").and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok()) else {
            return true;
        };
        let Ok(frames) = events.read(&bytes.to_vec()) else { return false };
        for text in frames {
            chat.input(Input::Received { attempt, text });
        }
    }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name)).ok()
}
