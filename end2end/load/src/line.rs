//! One attempt's transport: a WebSocket, an event stream or long polls, each with its own way for commands.
//!
//! It carries frames and reports what happens as inputs of `app::client`. It decides nothing: what an end means and
//! what to open next is the client's.

use std::net::SocketAddr;
use std::time::Duration;

use app::client::{Input, Millis, Opening};
use app::protocol::{POLL_PATH, STREAM_PATH, SUBPROTOCOL, TICKET_HEADER, TICKET_PROTOCOL_PREFIX};
use futures_util::{SinkExt, StreamExt};
use reqwest::header::CONTENT_TYPE;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::event_stream::EventStream;
use crate::{Account, Result};

/// Frames that may wait to be sent; the client's outbox holds fewer commands.
const OUTGOING: usize = 256;

/// How a client reads, where it is not as fast as it can.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// Bytes that the kernel takes in while nobody reads.
    pub(crate) receive_buffer: Option<u32>,
    /// Bytes a second, at most.
    pub(crate) rate: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) attempt: u64,
    outgoing: Sender<String>,
    /// Reads what the server says; of polls, the newest.
    reader: JoinHandle<()>,
    /// Posts commands, one after another, where frames can't go the other way.
    poster: Option<JoinHandle<()>>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.reader.abort();
        if let Some(poster) = &self.poster {
            poster.abort();
        }
    }
}

impl Line {
    pub(crate) fn open(
        account: &Account,
        attempt: u64,
        ticket: String,
        opening: Opening,
        reading: Reading,
        happened: &Sender<Input>,
    ) -> Self {
        let (outgoing, frames) = channel(OUTGOING);
        let (account, happened) = (account.clone(), happened.clone());
        let (reader, poster) = if opening == Opening::WebSocket {
            let socket = WebSocket { account, attempt, reading, happened };
            (tokio::spawn(socket.live(ticket, frames)), None)
        } else {
            let poster = tokio::spawn(post(account.clone(), attempt, happened.clone(), frames));
            (read(account, attempt, ticket, opening, happened), Some(poster))
        };
        Self { attempt, outgoing, reader, poster }
    }

    /// The next poll of the same connection.
    pub(crate) fn open_again(
        &mut self,
        account: &Account,
        ticket: String,
        opening: Opening,
        happened: &Sender<Input>,
    ) {
        self.reader.abort();
        self.reader = read(account.clone(), self.attempt, ticket, opening, happened.clone());
    }

    /// False when too much waits already.
    pub(crate) fn send(&self, text: String) -> bool {
        self.outgoing.try_send(text).is_ok()
    }
}

fn read(
    account: Account,
    attempt: u64,
    ticket: String,
    opening: Opening,
    happened: Sender<Input>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let end = match opening {
            // Opened elsewhere.
            Opening::WebSocket => return,
            Opening::EventStream { hello } => {
                _ = read_answer(&account, STREAM_PATH, attempt, &ticket, hello, None, &happened).await;
                Input::Closed { attempt, code: None }
            }
            Opening::LongPoll { hello, wait } => {
                match read_answer(&account, POLL_PATH, attempt, &ticket, hello, wait, &happened).await {
                    Ok(ticket) => Input::Answered { attempt, ticket },
                    Err(_) => Input::Closed { attempt, code: None },
                }
            }
        };
        _ = happened.send(end).await;
    })
}

/// Reads an answer to its end; returns the ticket it brought. An error is one of the transport, or a status.
async fn read_answer(
    account: &Account,
    path: &str,
    attempt: u64,
    ticket: &str,
    hello: String,
    wait: Option<Millis>,
    happened: &Sender<Input>,
) -> Result<Option<String>> {
    let mut request =
        account.post(path).header(TICKET_HEADER, ticket).header(CONTENT_TYPE, "application/json").body(hello);
    if let Some(wait) = wait {
        request = request.header("prefer", format!("wait={}", wait / 1_000));
    }
    let mut answer = request.send().await?.error_for_status()?;
    let next = answer.headers().get(TICKET_HEADER).and_then(|ticket| ticket.to_str().ok()).map(str::to_owned);
    let mut events = EventStream::default();
    while let Some(piece) = answer.chunk().await? {
        for text in events.take(&piece).ok_or("this is no event stream")? {
            happened.send(Input::Received { attempt, text }).await?;
        }
    }
    Ok(next)
}

/// Posts commands in order; stops at the first that does not get through.
async fn post(account: Account, attempt: u64, happened: Sender<Input>, mut frames: Receiver<String>) {
    while let Some(frame) = frames.recv().await {
        let input = match account.command(frame).await {
            Some(text) => Input::Received { attempt, text },
            None => Input::Closed { attempt, code: None },
        };
        let has_failed = matches!(input, Input::Closed { .. });
        if happened.send(input).await.is_err() || has_failed {
            return;
        }
    }
}

struct WebSocket {
    account: Account,
    attempt: u64,
    reading: Reading,
    happened: Sender<Input>,
}

impl WebSocket {
    /// From its opening to its end.
    async fn live(self, ticket: String, frames: Receiver<String>) {
        let attempt = self.attempt;
        let mut code = None;
        if let Ok(socket) = open_socket(&self.account, &ticket, self.reading.receive_buffer).await {
            code = self.talk(socket, frames).await;
        }
        _ = self.happened.send(Input::Closed { attempt, code }).await;
    }

    /// Returns the code of the close, if there was one.
    async fn talk(
        &self,
        mut socket: WebSocketStream<TcpStream>,
        mut frames: Receiver<String>,
    ) -> Option<u16> {
        let attempt = self.attempt;
        let mut code = None;
        self.happened.send(Input::Opened { attempt }).await.ok()?;
        loop {
            tokio::select! {
                frame = frames.recv() => {
                    if socket.send(Frame::text(frame?)).await.is_err() {
                        return code;
                    }
                }
                message = socket.next() => match message {
                    Some(Ok(Frame::Text(text))) => {
                        let text = text.as_str().to_owned();
                        let bytes = text.len();
                        self.happened.send(Input::Received { attempt, text }).await.ok()?;
                        self.pause_after(bytes).await;
                    }
                    Some(Ok(Frame::Close(close))) => code = close.map(|close| close.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return code,
                },
            }
        }
    }

    async fn pause_after(&self, bytes: usize) {
        if let Some(rate) = self.reading.rate {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            tokio::time::sleep(Duration::from_secs(1) * bytes / rate.max(1)).await;
        }
    }
}

/// Opens a WebSocket with a ticket.
pub(crate) async fn open_socket(
    account: &Account,
    ticket: &str,
    receive_buffer: Option<u32>,
) -> Result<WebSocketStream<TcpStream>> {
    let address = account.visitor.address;
    let mut request = format!("ws://{address}/ws").into_client_request()?;
    let protocols = format!("{SUBPROTOCOL}, {TICKET_PROTOCOL_PREFIX}{ticket}");
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse()?);
    let socket = TcpSocket::new_v4()?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
    }
    if let Some(source) = account.visitor.source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    let stream = socket.connect(address).await?;
    stream.set_nodelay(true)?;
    // The library's default of 128 KiB is much for thousands of clients, and would read ahead of a slow one.
    let config = WebSocketConfig::default().read_buffer_size(4 * 1024);
    Ok(client_async_with_config(request, stream, Some(config)).await?.0)
}
