//! The WebSocket: one task per connection reads frames for the dialogue and writes what the connection has to send.

use std::sync::Arc;
use std::time::Duration;

use app::protocol::{CloseCode, Limits};
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use futures::future::BoxFuture;
use futures::stream::{SplitSink, SplitStream};
use futures::{FutureExt, SinkExt, StreamExt};
use tokio::time::{Instant, sleep_until, timeout};

use super::bye;
use crate::hub::{Closing, Connection, Dialogue, Rooms};

/// Every time and size that a socket has; none is left to a library's default.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Bytes read at once. The library's default of 128 KiB would be the larger part of an idle connection.
    pub read_buffer: usize,
    /// Bytes collected before they are written.
    pub write_buffer: usize,
    /// The time for the kernel to take one frame; it gives up sooner itself when nothing moves (`transport::tcp`).
    /// With the 64 KB that it may hold before, this is a client that reads less than 1 KB a second.
    pub write_timeout: Duration,
    /// A write that took longer says that the client is slow, not dead: no pong is expected from behind it.
    pub slow_write: Duration,
    /// The time for `hello`.
    pub hello_timeout: Duration,
    /// A ping at least this often, the first at a random part of it, and a beat after as much silence.
    pub ping_interval: Duration,
    /// The time for a pong, from the moment its ping was written.
    pub pong_timeout: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            read_buffer: 4 * 1024,
            write_buffer: 8 * 1024,
            write_timeout: Duration::from_mins(2),
            slow_write: Duration::from_secs(1),
            hello_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(25),
            pong_timeout: Duration::from_secs(10),
        }
    }
}

/// Frames this much over the limit are still read, so that the sender can be told; longer ones end the connection.
pub const OVERSIZE_FACTOR: usize = 4;

/// Bytes of the longest frame to a client, besides what follows from those it sent: parts and the greeting.
const LONGEST_OWN_FRAME: usize = 32 * 1024;

/// The time for each of the two goodbyes.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The status of a message over what is read at all (RFC 6455, section 7.4.1).
const MESSAGE_TOO_BIG: u16 = 1009;

/// Sets all limits of the upgrade.
pub fn with_limits(upgrade: WebSocketUpgrade, policy: &Policy, limits: &Limits) -> WebSocketUpgrade {
    let largest = limits.frame_bytes * OVERSIZE_FACTOR;
    upgrade
        .read_buffer_size(policy.read_buffer)
        .write_buffer_size(policy.write_buffer)
        // A frame is written only when the one before has gone, so never more than this waits. A client's own text
        // comes back to it as it sent it; a greeting has up to three times the bytes of its `hello`.
        .max_write_buffer_size(policy.write_buffer + 3 * limits.frame_bytes + LONGEST_OWN_FRAME)
        .max_message_size(largest)
        .max_frame_size(largest)
        .accept_unmasked_frames(false)
}

/// Serves one connection until either side ends it.
pub async fn serve(
    socket: WebSocket,
    connection: Arc<Connection>,
    dialogue: Dialogue,
    rooms: Arc<dyn Rooms>,
    policy: Policy,
) {
    let (sink, stream) = socket.split();
    let life = Life::default();
    let mut writer = Writer { sink, policy };
    // Both halves run in this one task. Whichever ends first ends the other.
    let closing = tokio::select! {
        closing = read(stream, dialogue, &life, &connection, policy.hello_timeout) => closing,
        closing = writer.run(&connection, &*rooms, &life) => closing,
    };
    if let Some(closing) = closing {
        writer.close(closing).await;
    }
}

/// Refuses a socket in a way that its script can see: a browser is never told the status of a failed upgrade.
pub async fn refuse(socket: WebSocket, closing: Closing, policy: Policy) {
    let (sink, _) = socket.split();
    Writer { sink, policy }.close(Ending::Said(closing)).await;
}

/// How a connection ends, when this side ends it.
enum Ending {
    Said(Closing),
    TooBig,
}

/// When the client was last heard of; the reader tells, the writer looks.
struct Life {
    heard: std::sync::Mutex<Instant>,
}

impl Default for Life {
    fn default() -> Self {
        Self { heard: std::sync::Mutex::new(Instant::now()) }
    }
}

impl Life {
    fn heard_at(&self) -> Instant {
        *self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn hear(&self) {
        *self.heard.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Instant::now();
    }
}

async fn read(
    mut stream: SplitStream<WebSocket>,
    mut dialogue: Dialogue,
    life: &Life,
    connection: &Connection,
    hello_timeout: Duration,
) -> Option<Ending> {
    let hello_until = Instant::now() + hello_timeout;
    loop {
        let message = if dialogue.is_greeted() {
            stream.next().await
        } else {
            match tokio::time::timeout_at(hello_until, stream.next()).await {
                Ok(message) => message,
                Err(_) => return Some(Ending::Said(Closing::with(CloseCode::NoHello))),
            }
        };
        life.hear();
        match message {
            Some(Ok(Message::Text(text))) => dialogue.receive(text.as_str()).await,
            // The library answers pings; pongs only show that somebody is there.
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => return Some(Ending::Said(Closing::with(CloseCode::BadProtocol))),
            Some(Ok(Message::Close(_))) | None => return None,
            Some(Err(error)) => {
                tracing::debug!(connection = %connection.id, %error, "the socket failed");
                return is_too_big(&error).then_some(Ending::TooBig);
            }
        }
    }
}

/// axum hides the library's error type behind its own; the words are all there is.
fn is_too_big(error: &axum::Error) -> bool {
    error.to_string().contains("too long")
}

struct Writer {
    sink: SplitSink<WebSocket, Message>,
    policy: Policy,
}

impl Writer {
    async fn run(&mut self, connection: &Connection, rooms: &dyn Rooms, life: &Life) -> Option<Ending> {
        let interval = self.policy.ping_interval;
        // At a random first time, so that the pings of connections opened together do not stay together.
        let first = getrandom::u32().map_or(1.0, |random| f64::from(random) / f64::from(u32::MAX));
        let mut next_ping = Instant::now() + interval.mul_f64(first);
        let mut next_beat = Instant::now() + interval;
        let mut pong_until: Option<(Instant, Instant)> = None;
        loop {
            if let Some((pinged, until)) = pong_until {
                if life.heard_at() > pinged {
                    pong_until = None;
                } else if Instant::now() >= until {
                    return Some(Ending::Said(Closing::with(CloseCode::NoPong)));
                }
            }
            let timer = pong_until.map_or(next_ping, |(_, until)| until.min(next_ping)).min(next_beat);
            tokio::select! {
                frames = connection.next_frames(rooms) => match frames {
                    Ok(frames) => {
                        let began = Instant::now();
                        if let Err(ending) = self.send(frames.texts).await {
                            return ending;
                        }
                        let written = Instant::now();
                        next_beat = written + interval;
                        if written > began + self.policy.slow_write {
                            // python-websockets #1005 and others: a ping behind a backlog is no sign of death.
                            pong_until = None;
                            next_ping = written + interval;
                        }
                    }
                    Err(closing) => return Some(Ending::Said(closing)),
                },
                () = sleep_until(timer) => {
                    let now = Instant::now();
                    if now >= next_ping {
                        if let Err(ending) = self.write(Message::Ping(bytes::Bytes::new())).await {
                            return ending;
                        }
                        // From the completed write: a large frame before it is not the client's fault.
                        let written = Instant::now();
                        pong_until.get_or_insert((written, written + self.policy.pong_timeout));
                        next_ping = written + interval;
                    }
                    if now >= next_beat {
                        if let Err(ending) = self.send(vec![Dialogue::beat_frame()]).await {
                            return ending;
                        }
                        next_beat = Instant::now() + interval;
                    }
                }
            }
        }
    }

    async fn send(&mut self, frames: Vec<String>) -> Result<(), Option<Ending>> {
        for frame in frames {
            self.bounded(|sink| sink.feed(Message::Text(frame.into())).boxed()).await?;
        }
        self.bounded(|sink| sink.flush().boxed()).await
    }

    async fn write(&mut self, message: Message) -> Result<(), Option<Ending>> {
        self.bounded(|sink| sink.send(message).boxed()).await
    }

    /// Does one step of writing, or gives up when nothing moves.
    async fn bounded<'a>(
        &'a mut self,
        step: impl FnOnce(&'a mut SplitSink<WebSocket, Message>) -> BoxFuture<'a, Result<(), axum::Error>>,
    ) -> Result<(), Option<Ending>> {
        match timeout(self.policy.write_timeout, step(&mut self.sink)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(None),
            Err(_) => Err(Some(Ending::Said(Closing::with(CloseCode::TooSlow)))),
        }
    }

    /// Says goodbye, once as a frame for every transport and once as the socket's own close.
    async fn close(&mut self, ending: Ending) {
        let (code, reason) = match ending {
            Ending::TooBig => (MESSAGE_TOO_BIG, "The frame is too large."),
            Ending::Said(closing) => {
                // A client that is too slow would not read it.
                if closing.code != CloseCode::TooSlow {
                    let bye = Message::Text(bye(&closing).encode().into());
                    let _ = timeout(CLOSE_TIMEOUT, self.sink.send(bye)).await;
                }
                (closing.code.code(), closing.code.meaning())
            }
        };
        let frame = CloseFrame { code, reason: reason.into() };
        let _ = timeout(CLOSE_TIMEOUT, self.sink.send(Message::Close(Some(frame)))).await;
    }
}
