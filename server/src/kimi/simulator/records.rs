//! The requests that the simulator got and what became of each, so that tests can count model calls and see a client
//! leave. Bounded: the oldest are forgotten, and large bodies are not kept.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// Requests that are remembered.
pub const MAX_RECORDS: usize = 1_000;
/// Bytes of a body, a prompt or a partial beginning that are remembered.
const MAX_KEPT: usize = 64 * 1024;

/// One request. Times are milliseconds after `at_ms`.
#[derive(Debug, Clone, Serialize)]
pub struct Record {
    /// Counts from 1 and goes on after a reset.
    pub id: u64,
    /// Unix time in milliseconds.
    pub at_ms: u64,
    pub method: &'static str,
    pub path: &'static str,
    pub model: String,
    pub stream: bool,
    /// The last user message.
    pub prompt: String,
    /// The beginning of the answer that was to be continued.
    pub partial: Option<String>,
    /// The whole body; null when it is larger than 64 KiB.
    pub body: Value,
    pub status: Option<u16>,
    /// The name of the error that was sent, also in mid-stream.
    pub fault: Option<String>,
    pub outcome: Outcome,
    pub thinking_tokens: u64,
    pub text_tokens: u64,
    pub first_chunk_ms: Option<u64>,
    /// When the last byte was made, or when the client was seen to leave.
    pub ended_ms: Option<u64>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// No answer yet.
    Waiting,
    /// The head of the answer is sent.
    Streaming,
    /// The reply was sent to its end.
    Finished,
    /// It was answered by an error.
    Refused,
    /// The simulator broke it off, as it was told to.
    Cut,
    /// The client left before the end.
    ClosedByClient,
}

/// All records, and a way to wait for a change.
#[derive(Debug)]
pub(super) struct Records {
    list: Mutex<(u64, VecDeque<Record>)>,
    /// Counts changes of outcome and first chunks, not tokens.
    changed: watch::Sender<u64>,
}

impl Default for Records {
    fn default() -> Self {
        Self { list: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Records {
    fn lock(&self) -> MutexGuard<'_, (u64, VecDeque<Record>)> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(self: &Arc<Self>, mut record: Record) -> Tracker {
        let mut list = self.lock();
        list.0 += 1;
        record.id = list.0;
        record.at_ms = milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default());
        truncate(&mut record.prompt);
        record.partial.as_mut().map(truncate).unwrap_or_default();
        if record.body.to_string().len() > MAX_KEPT {
            record.body = Value::Null;
        }
        let id = record.id;
        list.1.push_back(record);
        if list.1.len() > MAX_RECORDS {
            list.1.pop_front();
        }
        drop(list);
        self.tell();
        Tracker { records: self.clone(), id, began: Instant::now(), over: false }
    }

    pub(super) fn all(&self) -> Vec<Record> {
        self.lock().1.iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.lock().1.clear();
        self.tell();
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn tell(&self) {
        self.changed.send_modify(|count| *count += 1);
    }

    fn update(&self, id: u64, change: impl FnOnce(&mut Record)) {
        // Newest last, and those are the ones that change.
        if let Some(record) = self.lock().1.iter_mut().rev().find(|record| record.id == id) {
            change(record);
        }
    }
}

/// Follows one request. Dropped before its end, it tells that the client left.
#[derive(Debug)]
pub(super) struct Tracker {
    records: Arc<Records>,
    id: u64,
    began: Instant,
    over: bool,
}

impl Tracker {
    pub(super) fn answered(&self, status: u16) {
        self.records.update(self.id, |record| {
            record.status = Some(status);
            record.outcome = Outcome::Streaming;
        });
        self.records.tell();
    }

    pub(super) fn chunk(&self, thinking: u64, text: u64) {
        let mut first = false;
        let elapsed = milliseconds(self.began.elapsed());
        self.records.update(self.id, |record| {
            first = record.first_chunk_ms.is_none();
            record.first_chunk_ms.get_or_insert(elapsed);
            record.thinking_tokens += thinking;
            record.text_tokens += text;
        });
        if first {
            self.records.tell();
        }
    }

    pub(super) fn fault(&self, name: &str) {
        self.records.update(self.id, |record| record.fault = Some(name.to_owned()));
    }

    pub(super) fn end(&mut self, outcome: Outcome) {
        if self.over {
            return;
        }
        self.over = true;
        let elapsed = milliseconds(self.began.elapsed());
        self.records.update(self.id, |record| {
            record.outcome = outcome;
            record.ended_ms = Some(elapsed);
        });
        self.records.tell();
    }
}

impl Drop for Tracker {
    fn drop(&mut self) {
        self.end(Outcome::ClosedByClient);
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn truncate(text: &mut String) {
    text.truncate(text.floor_char_boundary(MAX_KEPT));
}
