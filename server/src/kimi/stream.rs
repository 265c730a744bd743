//! From a response body to a stream of deltas: timeouts, and an honest end. It neither sends requests nor tries
//! again; what a chunk means is in `reader`.

mod reader;

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout, timeout_at};

use super::{
    Delta, DeltaStream, Error, Stage,
    sse::{Decoder, Payload},
};
use reader::Reader;

/// After `[DONE]` the end of the body is at most a packet away, and reading it lets the connection be used again.
/// A server that dawdles costs this much, and then its connection.
const DRAIN: Duration = Duration::from_millis(50);

/// The key in which a server gives its thinking, and in which it wants it back (§8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThinkingKey {
    ReasoningContent,
    Reasoning,
    ReasoningDetails,
}

/// The key that was seen last, shared by all streams of a client. Moonshot's until something else is seen.
#[derive(Debug, Default)]
pub(super) struct SeenKey(AtomicU8);

impl SeenKey {
    pub(super) fn get(&self) -> ThinkingKey {
        match self.0.load(Ordering::Relaxed) {
            1 => ThinkingKey::Reasoning,
            2 => ThinkingKey::ReasoningDetails,
            _ => ThinkingKey::ReasoningContent,
        }
    }

    pub(super) fn set(&self, key: ThinkingKey) {
        self.0.store(key as u8, Ordering::Relaxed);
    }
}

/// Reads a response body. `deadline` is for the first byte, `idle` for every wait after it.
pub(super) fn deltas<E: std::error::Error + Send + 'static>(
    body: impl Stream<Item = Result<Bytes, E>> + Send + 'static,
    deadline: Instant,
    idle: Duration,
    seen_key: Arc<SeenKey>,
    secret: Option<Arc<str>>,
) -> DeltaStream {
    let source = Source {
        body: Box::pin(body),
        first_byte: Some(deadline),
        idle,
        decoder: Decoder::default(),
        payloads: VecDeque::new(),
        reader: Reader::new(seen_key, secret),
        ready: VecDeque::new(),
        over: false,
    };
    stream::unfold(source, |mut source| async { source.next().await.map(|item| (item, source)) })
        .fuse()
        .boxed()
}

struct Source<B: ?Sized> {
    /// Dropped with the stream, and that closes the upstream request.
    body: Pin<Box<B>>,
    first_byte: Option<Instant>,
    idle: Duration,
    decoder: Decoder,
    payloads: VecDeque<Payload>,
    reader: Reader,
    ready: VecDeque<Result<Delta, Error>>,
    over: bool,
}

impl<E: std::error::Error, B: Stream<Item = Result<Bytes, E>> + ?Sized> Source<B> {
    async fn next(&mut self) -> Option<Result<Delta, Error>> {
        while self.ready.is_empty() && !self.over {
            match self.receive().await {
                Ok(true) => self.end(None),
                Ok(false) => {}
                Err(error) => self.end(Some(error)),
            }
        }
        self.ready.pop_front()
    }

    /// Waits for one piece of the body and reads it; true when the reply is complete.
    async fn receive(&mut self) -> Result<bool, Error> {
        let stage = if self.first_byte.is_some() { Stage::FirstByte } else { Stage::Idle };
        // Counted from now: a slow consumer must not make the server look slow.
        let deadline = self.first_byte.unwrap_or_else(|| Instant::now() + self.idle);
        let piece =
            timeout_at(deadline, self.body.next()).await.map_err(|_elapsed| Error::Timeout { stage })?;
        match piece {
            Some(Ok(bytes)) => {
                if !bytes.is_empty() {
                    self.first_byte = None;
                }
                let decoded = self.decoder.push(&bytes, &mut self.payloads);
                if self.read()? {
                    let rest = async { while let Some(Ok(_)) = self.body.next().await {} };
                    _ = timeout(DRAIN, rest).await;
                    return Ok(true);
                }
                decoded.map(|()| false)
            }
            // The library's own words name no id, but the address; it goes with the secret check like all else.
            Some(Err(error)) => Err(self.reader.interrupted(&format!("the connection broke: {error}"))),
            None => {
                // A cut inside a line is a cut, not garbage; but a whole last line may lack only its end.
                if let Ok(Some(payload)) = self.decoder.finish() {
                    self.payloads.push_back(payload);
                }
                match self.read() {
                    Ok(true) => Ok(true),
                    Ok(false) | Err(Error::Garbled { .. }) => {
                        Err(self.reader.interrupted("the body ended before [DONE]"))
                    }
                    Err(error) => Err(error),
                }
            }
        }
    }

    fn read(&mut self) -> Result<bool, Error> {
        while let Some(payload) = self.payloads.pop_front() {
            if self.reader.read(payload, &mut self.ready)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The last items. Usage first: what was paid for must be counted also when the rest failed.
    fn end(&mut self, error: Option<Error>) {
        self.over = true;
        self.ready.extend(self.reader.usage().map(|usage| Ok(Delta::Usage(usage))));
        self.ready.extend(error.map(Err));
    }
}
