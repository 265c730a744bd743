//! The event stream: the frames of a connection as one long `text/event-stream` body.
//!
//! The server takes the next batch only when the one before has gone to the kernel, so that a slow reader costs one
//! batch. That a reader is gone is noticed by the HTTP library, which then drops the body and all that it holds; that
//! the network has gone silent, by the reader's signs of life, which come by `POST`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, stream};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{bye, write_event};
use crate::hub::{Connection, Dialogue, Registration, Rooms};

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The longest silence; then a beat.
    pub beat: Duration,
    /// A reader that has given signs of life is gone after so long without one.
    pub silence: Duration,
    /// The time for the kernel to take one batch.
    pub write_timeout: Duration,
}

struct Flow {
    connection: Arc<Connection>,
    rooms: Arc<dyn Rooms>,
    policy: Policy,
    /// Keeps the connection's place in the hub as long as there is a body.
    _registration: Registration,
    /// Ends when the batch before has been written.
    taken: Option<oneshot::Receiver<()>>,
    has_ended: bool,
}

/// Bytes that tell when they have been written, by being dropped.
struct Batch {
    bytes: Vec<u8>,
    _taken: oneshot::Sender<()>,
}

impl AsRef<[u8]> for Batch {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Everything that the connection has to send, until either side ends it.
pub fn body(
    connection: Arc<Connection>,
    rooms: Arc<dyn Rooms>,
    registration: Registration,
    policy: Policy,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    let flow = Flow { connection, rooms, policy, _registration: registration, taken: None, has_ended: false };
    stream::unfold(flow, async |mut flow| {
        let gone = until_gone(flow.connection.clone(), flow.policy.silence);
        let bytes = tokio::select! {
            bytes = flow.next() => bytes?,
            () = gone => {
                // Nobody hears a goodbye.
                tracing::debug!(connection = %flow.connection.id, "the reader of an event stream is gone");
                return None;
            }
        };
        Some((Ok(bytes), flow))
    })
}

/// Returns when nothing was heard for too long. A reader of another kind may never say anything; it is believed.
async fn until_gone(connection: Arc<Connection>, silence: Duration) {
    loop {
        let now = Instant::now();
        match connection.heard_at().map(|at| at + silence) {
            Some(at) if at <= now => return,
            Some(at) => sleep_until(at).await,
            None => sleep(silence).await,
        }
    }
}

impl Flow {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(taken) = self.taken.take()
            && timeout(self.policy.write_timeout, taken).await.is_err()
        {
            // Too slow (4008), and not able to hear it: the goodbye would wait behind what it does not take.
            tracing::debug!(connection = %self.connection.id, "an event stream is too slow");
            return None;
        }
        if self.has_ended {
            return None;
        }
        let mut bytes = Vec::new();
        match timeout(self.policy.beat, self.connection.next_frames(&*self.rooms)).await {
            Ok(Ok(frames)) => frames.texts.iter().for_each(|frame| write_event(&mut bytes, frame)),
            Ok(Err(closing)) => {
                write_event(&mut bytes, &bye(&closing).encode());
                self.has_ended = true;
            }
            Err(_) => write_event(&mut bytes, &Dialogue::beat_frame()),
        }
        let (written, taken) = oneshot::channel();
        self.taken = Some(taken);
        Some(Bytes::from_owner(Batch { bytes, _taken: written }))
    }
}
