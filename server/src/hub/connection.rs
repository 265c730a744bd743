//! One connection's outgoing side: a small lane of control frames, and cursors into buffers that all share.
//!
//! What a slow client has missed costs no memory here: it is a number. The transport asks for the next frames
//! when it can write; nothing is ever pushed into a queue that a client could let grow.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use app::protocol::{
    CloseCode, ConnectionId, Handle, Held, MessageId, Part, RoomId, ServerFrame, Stream, TextPosition,
};
use tokio::sync::Notify;

use super::live_log::{LiveLog, Next};
use super::{Caller, Rooms, RunBuffer, lock};
use crate::store::{Entry, LogKey};

/// Control frames that may wait; while there are so many, no more of the client's commands are read. One that never
/// reads the answers is closed when a write times out.
const CONTROL_FRAMES: usize = 256;
/// Bytes of events, and of parts, in one batch.
const BATCH_BYTES: usize = 64 * 1024;
/// Bytes of text in one part; small enough that a slow client takes one in well before the write times out.
const PART_BYTES: usize = 4 * 1024;
/// Entries read from the store at once.
const STORE_ENTRIES: u64 = 100;
/// Messages whose texts one connection may ask for at the same time.
const STREAMS: usize = 256;

/// Why and how a connection ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub code: CloseCode,
    pub retry_after_ms: Option<u64>,
}

impl Closing {
    pub fn with(code: CloseCode) -> Self {
        Self { code, retry_after_ms: None }
    }
}

#[derive(Debug)]
pub struct Connection {
    pub id: ConnectionId,
    pub caller: Caller,
    state: Mutex<State>,
    /// Logs that may have news. Apart from `state`, because it is set while a log's own lock is held.
    marked: Mutex<BTreeSet<LogKey>>,
    /// Something may be there to send.
    wake: Notify,
    /// Answers were taken out of the control lane.
    drained: Notify,
}

#[derive(Debug, Default)]
struct State {
    closing: Option<Closing>,
    control: VecDeque<String>,
    logs: BTreeMap<LogKey, LogPosition>,
    streams: BTreeMap<MessageId, StreamPosition>,
    /// What the client holds of messages that are not streamed now, as far as this connection knows: such a message
    /// may go on, and then only the rest of it is sent. Bounded as the streams are.
    held: BTreeMap<MessageId, (LogKey, Held)>,
    next_handle: Handle,
}

/// What can be sent now.
#[derive(Debug, Default)]
struct Batch {
    frames: Vec<String>,
    /// Places in logs whose next entries only the store has.
    missing: Vec<(LogKey, u64)>,
}

#[derive(Debug)]
struct LogPosition {
    live: Arc<LiveLog>,
    /// The last number sent; `None` while the place is not decided or the client has to load a snapshot first.
    sent: Option<u64>,
}

#[derive(Debug)]
struct StreamPosition {
    log: LogKey,
    buffer: Arc<RunBuffer>,
    text: u64,
    thinking: u64,
    /// Set once the client was told the handles.
    handles: Option<Handles>,
}

#[derive(Clone, Copy, Debug)]
struct Handles {
    text: Handle,
    thinking: Handle,
}

impl Connection {
    pub fn new(id: ConnectionId, caller: Caller) -> Arc<Self> {
        Arc::new(Self {
            id,
            caller,
            state: Mutex::default(),
            marked: Mutex::default(),
            wake: Notify::new(),
            drained: Notify::new(),
        })
    }

    /// Asks the transport to say goodbye and close; the first reason counts.
    pub fn close(&self, closing: Closing) {
        lock(&self.state).closing.get_or_insert(closing);
        self.wake.notify_one();
    }

    /// Puts an answer into the control lane.
    pub fn answer(&self, frame: &ServerFrame) {
        lock(&self.state).control.push_back(frame.encode());
        self.wake.notify_one();
    }

    /// Waits until there is room for the answers to one more command.
    pub async fn has_room_for_answers(&self) {
        while lock(&self.state).control.len() >= CONTROL_FRAMES {
            self.drained.notified().await;
        }
    }

    /// The log may have news.
    pub(super) fn mark(&self, log: LogKey) {
        lock(&self.marked).insert(log);
        self.wake.notify_one();
    }

    /// Begins to follow a log, without sending anything of it yet.
    pub(super) fn hold(&self, live: Arc<LiveLog>) {
        let mut state = lock(&self.state);
        let log = live.key;
        state.forget_texts(log);
        state.logs.insert(log, LogPosition { live, sent: None });
    }

    /// Sends the log's entries after `sent` from now on, and with `held` the texts of its running messages from
    /// what the client holds of them.
    pub(super) fn go_live(&self, log: LogKey, sent: u64, held: Option<&[Held]>) {
        let streams = {
            let mut state = lock(&self.state);
            let Some(position) = state.logs.get_mut(&log) else { return };
            position.sent = Some(sent);
            let streams = held.map(|_| position.live.streams());
            for held in held.unwrap_or_default() {
                state.remember(log, *held);
            }
            streams
        };
        for buffer in streams.unwrap_or_default() {
            self.follow_opened(log, &buffer);
        }
        self.mark(log);
    }

    /// Sends the texts of a message that is written, from where this connection stands with them. The text goes on
    /// through all attempts; the thinking is each attempt's own.
    pub(super) fn follow_opened(&self, log: LogKey, buffer: &Arc<RunBuffer>) {
        let attempt = buffer.lengths().attempt;
        let held = {
            let state = lock(&self.state);
            let streamed = state.streams.get(&buffer.message).map(StreamPosition::held);
            streamed.or_else(|| state.held.get(&buffer.message).map(|(_, held)| *held))
        };
        let thinking = held.filter(|held| held.attempt == attempt).map_or(0, |held| held.thinking);
        self.follow(log, buffer, held.map_or(0, |held| held.text), thinking);
    }

    /// Sends the texts of a message from these lengths on, under new handles.
    pub(super) fn follow(&self, log: LogKey, buffer: &Arc<RunBuffer>, text: u64, thinking: u64) {
        let text = buffer.boundary(false, text);
        let thinking = buffer.boundary(true, thinking);
        let mut state = lock(&self.state);
        if state.logs.get(&log).is_none_or(|position| position.sent.is_none()) {
            return;
        }
        // A client that asks for more than this gets the rest when it asks again.
        if state.streams.len() < STREAMS || state.streams.contains_key(&buffer.message) {
            let position = StreamPosition { log, buffer: buffer.clone(), text, thinking, handles: None };
            state.streams.insert(buffer.message, position);
        }
        drop(state);
        self.mark(log);
    }

    pub(super) fn live(&self, log: LogKey) -> Option<Arc<LiveLog>> {
        lock(&self.state).logs.get(&log).map(|position| position.live.clone())
    }

    pub(super) fn unsubscribe(&self, log: LogKey) {
        let mut state = lock(&self.state);
        state.logs.remove(&log);
        state.forget_texts(log);
    }

    pub(super) fn subscriptions(&self) -> Vec<LogKey> {
        lock(&self.state).logs.keys().copied().collect()
    }

    /// Waits until there is something to send and returns it, or how the connection ends.
    ///
    /// Cancel safe: what is not returned is found again by the next call.
    pub async fn next_frames(&self, rooms: &dyn Rooms) -> Result<Vec<String>, Closing> {
        loop {
            let wake = self.wake.notified();
            let batch = self.collect()?;
            if !batch.frames.is_empty() {
                return Ok(batch.frames);
            }
            if batch.missing.is_empty() {
                wake.await;
            }
            for (log, after) in batch.missing {
                let entries = rooms.read_log(log, after, STORE_ENTRIES).await;
                let frames =
                    self.take_entries(log, after, entries.map_err(|_| Closing::with(CloseCode::Retry))?)?;
                if !frames.is_empty() {
                    return Ok(frames);
                }
            }
        }
    }

    /// Takes entries that only the store had; if the place moved meanwhile, they are not wanted any more.
    fn take_entries(&self, log: LogKey, after: u64, entries: Vec<Entry>) -> Result<Vec<String>, Closing> {
        let mut state = lock(&self.state);
        let Some(position) = state.logs.get_mut(&log).filter(|position| position.sent == Some(after)) else {
            return Ok(Vec::new());
        };
        let Some(last) = entries.last() else {
            // Committed, known to exist, and not there: the log was trimmed or replaced under us.
            return Err(Closing::with(CloseCode::PositionLost));
        };
        position.sent = Some(last.seq);
        Ok(entries.iter().map(|entry| entry.frame.to_string()).collect())
    }

    fn collect(&self) -> Result<Batch, Closing> {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        let mut batch = Batch { frames: state.control.drain(..).collect(), missing: Vec::new() };
        if let Some(closing) = &state.closing {
            // What was done or refused before the end is still answered.
            return if batch.frames.is_empty() { Err(closing.clone()) } else { Ok(batch) };
        }
        self.drained.notify_one();
        let marked = std::mem::take(&mut *lock(&self.marked));
        let mut budget = BATCH_BYTES;
        let mut events = Vec::new();
        let mut settled = BTreeSet::new();
        let mut unsettled = BTreeSet::new();
        for log in &marked {
            let Some(position) = state.logs.get(log) else { continue };
            let Some(sent) = position.sent else { continue };
            match position.live.next(sent, budget) {
                Next::UpToDate => _ = settled.insert(*log),
                Next::Missing => {
                    batch.missing.push((*log, sent));
                    unsettled.insert(*log);
                }
                Next::Entries(entries) if budget > 0 => {
                    budget = budget.saturating_sub(entries.iter().map(|entry| entry.len()).sum());
                    events.push((*log, sent + entries.len() as u64, entries));
                }
                Next::Entries(_) => _ = unsettled.insert(*log),
            }
        }
        // Parts go before the events, which were read before them: an event that says a message is complete
        // reaches the client after all of its text.
        if state.send_parts(&mut batch.frames) {
            for (log, sent, entries) in events {
                let Some(position) = state.logs.get_mut(&log) else { continue };
                position.sent = Some(sent);
                batch.frames.extend(entries.iter().map(ToString::to_string));
                let is_settled = matches!(position.live.next(sent, 0), Next::UpToDate);
                if is_settled { &mut settled } else { &mut unsettled }.insert(log);
            }
            // A stream is announced after the event that announced its message.
            state.announce_streams(&settled, &mut batch.frames);
        } else {
            batch.missing.clear();
            unsettled = marked;
        }
        lock(&self.marked).append(&mut unsettled);
        if !batch.frames.is_empty() {
            // Whatever is left, and the parts of streams just announced, are found by the next call.
            self.wake.notify_one();
        }
        Ok(batch)
    }
}

impl StreamPosition {
    fn held(&self) -> Held {
        Held {
            message: self.buffer.message,
            attempt: self.buffer.lengths().attempt,
            text: self.text,
            thinking: self.thinking,
        }
    }
}

impl State {
    fn remember(&mut self, log: LogKey, held: Held) {
        if self.held.len() >= STREAMS {
            // Identifiers of replies grow with time: the oldest is the least likely to go on.
            self.held.pop_first();
        }
        self.held.insert(held.message, (log, held));
    }

    fn forget_texts(&mut self, log: LogKey) {
        self.streams.retain(|_, stream| stream.log != log);
        self.held.retain(|_, (of, _)| *of != log);
    }

    /// Adds the parts of all announced streams, and drops those that are at their end. False: there is more than
    /// fits one batch.
    fn send_parts(&mut self, frames: &mut Vec<String>) -> bool {
        let mut budget = BATCH_BYTES;
        let mut is_everything = true;
        let mut complete = Vec::new();
        self.streams.retain(|_, stream| {
            let Some(handles) = stream.handles else { return true };
            // Read first: once a buffer has ended, it does not grow.
            let lengths = stream.buffer.lengths();
            for (is_thinking, handle, sent) in
                [(true, handles.thinking, &mut stream.thinking), (false, handles.text, &mut stream.text)]
            {
                while budget > 0 {
                    let Some(text) = stream.buffer.tail(is_thinking, *sent, PART_BYTES) else { break };
                    budget = budget.saturating_sub(text.len());
                    let part = Part { handle, offset: *sent, text };
                    *sent += part.text.len() as u64;
                    frames.push(part.encode());
                }
            }
            let is_sent = stream.text >= lengths.text && stream.thinking >= lengths.thinking;
            is_everything &= is_sent;
            let is_complete = lengths.has_ended && is_sent;
            if is_complete {
                complete.push((stream.log, stream.held()));
            }
            !is_complete
        });
        for (log, held) in complete {
            self.remember(log, held);
        }
        is_everything
    }

    /// Tells the client the handles of streams it does not know yet; their parts follow in the next batch.
    fn announce_streams(&mut self, logs: &BTreeSet<LogKey>, frames: &mut Vec<String>) {
        for (message, stream) in &mut self.streams {
            let LogKey::Room(room) = stream.log else { continue };
            if stream.handles.is_some() || !logs.contains(&stream.log) {
                continue;
            }
            let handles = Handles { text: self.next_handle + 1, thinking: self.next_handle + 2 };
            self.next_handle += 2;
            stream.handles = Some(handles);
            frames.push(announcement(room, *message, stream, handles).encode());
        }
    }
}

fn announcement(room: RoomId, message: MessageId, stream: &StreamPosition, handles: Handles) -> ServerFrame {
    ServerFrame::Stream(Stream {
        room,
        message,
        attempt: stream.buffer.lengths().attempt,
        text: TextPosition { handle: handles.text, offset: stream.text },
        thinking: TextPosition { handle: handles.thinking, offset: stream.thinking },
    })
}
