//! One connection's outgoing side: a small lane of control frames, and cursors into buffers that all share.
//!
//! What a slow client has missed costs no memory here: it is a number. The transport asks for the next frames
//! when it can write; nothing is ever pushed into a queue that a client could let grow. What else waits is in
//! `asked`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use app::protocol::{
    CloseCode, ConnectionId, Handle, Held, MessageId, Part, RoomId, ServerFrame, Stream, TextPosition,
};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::asked::{self, Asked};
use super::live_log::{LiveLog, Next};
use super::state_lane::PeopleTold;
use super::{Caller, Rooms, RunBuffer, lock};
use crate::store::{Entry, LogKey};

/// Control frames that may wait; while there are so many, no more of the client's commands are read. One that never
/// reads the answers is closed when a write times out.
const CONTROL_FRAMES: usize = 256;
/// Bytes of events, and of parts, in one batch. With the part of a batch that does not fit, and what the kernel holds
/// (`transport::tcp`), it is what a client that does not read costs; a test adds it up.
pub(super) const BATCH_BYTES: usize = 32 * 1024;
/// Bytes of text in one part; small enough that a slow client takes one in well before the write times out.
pub(super) const PART_BYTES: usize = 4 * 1024;
/// Messages of which it is remembered how much the client holds; of others it gets the whole text once more.
const HELD: usize = 256;
/// Entries read from the store at once.
const STORE_ENTRIES: u64 = 50;

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
    pub(super) state: Mutex<State>,
    /// Logs that may have news. Apart from `state`, because it is set while a log's own lock is held.
    marked: Mutex<BTreeSet<LogKey>>,
    /// Something may be there to send.
    wake: Notify,
    /// Answers were taken out of the control lane.
    drained: Notify,
}

/// What can be sent now.
#[derive(Debug, Default)]
pub struct Frames {
    pub texts: Vec<String>,
    /// More than a greeting and announcements: something that is worth the answer to a poll.
    pub is_news: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    closing: Option<Closing>,
    heard_at: Option<Instant>,
    control: VecDeque<String>,
    /// The control lane holds more than a greeting.
    has_news: bool,
    pub(super) logs: BTreeMap<LogKey, LogPosition>,
    /// Logs that were marked, as rooms where something about people may have changed.
    pub(super) stirred: BTreeSet<LogKey>,
    /// When the client was told all that there was about people.
    pub(super) told_at: Option<Instant>,
    pub(super) streams: BTreeMap<MessageId, StreamPosition>,
    /// Texts that have to be read from the store.
    pub(super) asked: BTreeMap<MessageId, Asked>,
    /// What the client holds of messages that are not streamed now, as far as this connection knows: such a message
    /// may go on, and then only the rest of it is sent.
    held: BTreeMap<MessageId, (LogKey, Held)>,
    last_handle: Handle,
}

#[derive(Debug, Default)]
struct Batch {
    frames: Frames,
    /// Places in logs whose next entries only the store has.
    missing: Vec<(LogKey, u64)>,
}

#[derive(Debug)]
pub(super) struct LogPosition {
    pub(super) live: Arc<LiveLog>,
    /// The last number sent; `None` while the place is not decided or the client has to load a snapshot first.
    pub(super) sent: Option<u64>,
    pub(super) people: PeopleTold,
}

#[derive(Debug)]
pub(super) struct StreamPosition {
    log: LogKey,
    buffer: Arc<RunBuffer>,
    text: u64,
    thinking: u64,
    /// Set once the client was told the handles.
    handles: Option<Handles>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handles {
    pub(super) text: Handle,
    pub(super) thinking: Handle,
}

impl Connection {
    pub fn new(id: ConnectionId, caller: Caller) -> Arc<Self> {
        let state = State { told_at: caller.told_at, ..State::default() };
        Arc::new(Self {
            id,
            caller,
            state: Mutex::new(state),
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

    /// Its client is there.
    pub(super) fn heard(&self, now: Instant) {
        lock(&self.state).heard_at = Some(now);
    }

    /// When its client was last heard of, if it ever was.
    pub fn heard_at(&self) -> Option<Instant> {
        lock(&self.state).heard_at
    }

    /// Puts an answer into the control lane.
    pub fn answer(&self, frame: &ServerFrame) {
        self.control(frame, true);
    }

    /// Puts the greeting into the control lane; it may tell the client no more than what it knows.
    pub(super) fn greet(&self, frame: &ServerFrame, is_news: bool) {
        self.control(frame, is_news);
    }

    fn control(&self, frame: &ServerFrame, is_news: bool) {
        let mut state = lock(&self.state);
        state.control.push_back(frame.encode());
        state.has_news |= is_news;
        drop(state);
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
        state.forget_texts(live.key);
        state.logs.insert(live.key, LogPosition { live, sent: None, people: PeopleTold::default() });
    }

    /// Sends the log's entries after `sent` from now on, and with `held` the texts of its running messages from
    /// what the client holds of them, and what it lacks of those that it names and that have ended.
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
        let named =
            held.unwrap_or_default().iter().map(|held| (held.message, Asked::when_longer(log, *held)));
        // As many as one frame can name.
        let mut asked: BTreeMap<_, _> = named.collect();
        for buffer in streams.unwrap_or_default() {
            asked.remove(&buffer.message);
            self.follow_opened(log, &buffer);
        }
        lock(&self.state).asked.extend(asked);
        self.mark(log);
    }

    /// Sends the texts of a message that has ended from these lengths on. False: too many are asked for already.
    pub(super) fn ask(&self, log: LogKey, held: Held) -> bool {
        let mut state = lock(&self.state);
        if state.asked.len() >= asked::WAITING && !state.asked.contains_key(&held.message) {
            return false;
        }
        state.asked.insert(held.message, Asked::in_any_case(log, held));
        drop(state);
        self.wake.notify_one();
        true
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
        // As many as there are running messages in rooms that are followed; the buffers are everybody's.
        let position = StreamPosition { log, buffer: buffer.clone(), text, thinking, handles: None };
        state.streams.insert(buffer.message, position);
        state.asked.remove(&buffer.message);
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

    /// Who asks for the next poll: the one who asked for this.
    pub fn next_caller(&self) -> Caller {
        Caller { told_at: lock(&self.state).told_at, ..self.caller.clone() }
    }

    pub(super) fn subscriptions(&self) -> Vec<LogKey> {
        lock(&self.state).logs.keys().copied().collect()
    }

    /// Waits until there is something to send and returns it, or how the connection ends.
    ///
    /// Cancel safe: what is not returned is found again by the next call.
    pub async fn next_frames(&self, rooms: &dyn Rooms) -> Result<Frames, Closing> {
        loop {
            let wake = self.wake.notified();
            let frames = self.ready_frames(rooms).await?;
            if !frames.texts.is_empty() {
                return Ok(frames);
            }
            wake.await;
        }
    }

    /// What there is to send now, without waiting for more: a batch of it, or nothing.
    ///
    /// Cancel safe, as [`Self::next_frames`] is.
    pub async fn ready_frames(&self, rooms: &dyn Rooms) -> Result<Frames, Closing> {
        let broken = |_| Closing::with(CloseCode::Retry);
        loop {
            let batch = self.collect()?;
            if !batch.frames.texts.is_empty() {
                return Ok(batch.frames);
            }
            for (log, after) in &batch.missing {
                let entries = rooms.read_log(*log, *after, STORE_ENTRIES).await.map_err(broken)?;
                let texts = self.take_entries(*log, *after, entries)?;
                if !texts.is_empty() {
                    return Ok(Frames { texts, is_news: true });
                }
            }
            if !batch.missing.is_empty() {
                continue;
            }
            let Some((room, asked)) = lock(&self.state).first_asked() else { return Ok(Frames::default()) };
            let texts = rooms.texts(room, asked.held.message).await.map_err(broken)?;
            let frames = lock(&self.state).answer_asked(room, asked, texts);
            if !frames.texts.is_empty() {
                return Ok(frames);
            }
        }
    }

    /// Takes entries that only the store had; if the place moved meanwhile, they are not wanted any more.
    fn take_entries(&self, log: LogKey, after: u64, entries: Vec<Entry>) -> Result<Vec<String>, Closing> {
        let mut state = lock(&self.state);
        let Some(position) = state.logs.get_mut(&log).filter(|position| position.sent == Some(after)) else {
            return Ok(Vec::new());
        };
        let mut frames = Vec::new();
        let mut bytes = 0;
        for (expected, entry) in (after + 1..).zip(entries) {
            if entry.seq != expected || bytes >= BATCH_BYTES {
                break;
            }
            bytes += entry.frame.len();
            position.sent = Some(entry.seq);
            frames.push(entry.frame.to_string());
        }
        if frames.is_empty() {
            // Committed, known to exist, and not there: the log was trimmed or replaced under us.
            return Err(Closing::with(CloseCode::PositionLost));
        }
        Ok(frames)
    }

    fn collect(&self) -> Result<Batch, Closing> {
        let mut guard = lock(&self.state);
        let state = &mut *guard;
        let mut batch = Batch::default();
        let Frames { texts, is_news } = &mut batch.frames;
        texts.extend(state.control.drain(..));
        *is_news = std::mem::take(&mut state.has_news);
        if let Some(closing) = &state.closing {
            // What was done or refused before the end is still answered.
            return if texts.is_empty() { Err(closing.clone()) } else { Ok(batch) };
        }
        self.drained.notify_one();
        let marked = std::mem::take(&mut *lock(&self.marked));
        state.stirred.extend(&marked);
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
        let answers = texts.len();
        if state.send_parts(texts) {
            for (log, sent, entries) in events {
                let Some(position) = state.logs.get_mut(&log) else { continue };
                position.sent = Some(sent);
                texts.extend(entries.iter().map(ToString::to_string));
                let is_settled = matches!(position.live.next(sent, 0), Next::UpToDate);
                if is_settled { &mut settled } else { &mut unsettled }.insert(log);
            }
            *is_news |= texts.len() > answers;
            // A stream is announced after the event that announced its message.
            state.announce_streams(&settled, texts);
            if unsettled.is_empty() {
                state.send_people(self.caller.user, &mut batch.frames);
            }
        } else {
            *is_news = true;
            batch.missing.clear();
            unsettled = marked;
        }
        lock(&self.marked).append(&mut unsettled);
        if !batch.frames.texts.is_empty() {
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
    pub(super) fn remember(&mut self, log: LogKey, held: Held) {
        if self.held.len() >= HELD {
            // Identifiers of replies grow with time: the oldest is the least likely to go on.
            self.held.pop_first();
        }
        self.held.insert(held.message, (log, held));
    }

    fn forget_texts(&mut self, log: LogKey) {
        self.streams.retain(|_, stream| stream.log != log);
        self.asked.retain(|_, asked| asked.log != log);
        self.held.retain(|_, (of, _)| *of != log);
    }

    pub(super) fn new_handles(&mut self) -> Handles {
        self.last_handle += 2;
        Handles { text: self.last_handle - 1, thinking: self.last_handle }
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
        let mut streams = std::mem::take(&mut self.streams);
        for (message, stream) in &mut streams {
            let LogKey::Room(room) = stream.log else { continue };
            if stream.handles.is_some() || !logs.contains(&stream.log) {
                continue;
            }
            let handles = self.new_handles();
            stream.handles = Some(handles);
            let attempt = stream.buffer.lengths().attempt;
            let held = Held { message: *message, attempt, text: stream.text, thinking: stream.thinking };
            frames.push(handles.announcement(room, held).encode());
        }
        self.streams = streams;
    }
}

impl Handles {
    pub(super) fn announcement(self, room: RoomId, from: Held) -> ServerFrame {
        ServerFrame::Stream(Stream {
            room,
            message: from.message,
            attempt: from.attempt,
            text: TextPosition { handle: self.text, offset: from.text },
            thinking: TextPosition { handle: self.thinking, offset: from.thinking },
        })
    }
}
