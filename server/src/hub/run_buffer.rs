//! The texts of one message while it is streamed: one buffer, shared by everybody who follows it.

use std::sync::Mutex;

use app::protocol::MessageId;

use super::lock;

#[derive(Debug)]
pub(super) struct RunBuffer {
    pub(super) message: MessageId,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    attempt: u32,
    text: String,
    thinking: String,
    has_ended: bool,
}

/// What a follower needs to know about a buffer, read at one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    pub(super) attempt: u32,
    pub(super) text: u64,
    pub(super) thinking: u64,
    pub(super) has_ended: bool,
}

impl RunBuffer {
    pub(super) fn new(message: MessageId, attempt: u32) -> Self {
        let state = State { attempt, text: String::new(), thinking: String::new(), has_ended: false };
        Self { message, state: Mutex::new(state) }
    }

    /// Appends a piece; one that does not begin at the end is dropped, and its readers ask the store.
    pub(super) fn append(&self, is_thinking: bool, start: u64, piece: &str) {
        let mut state = lock(&self.state);
        let text = if is_thinking { &mut state.thinking } else { &mut state.text };
        if text.len() as u64 == start {
            text.push_str(piece);
        }
    }

    pub(super) fn end(&self) {
        lock(&self.state).has_ended = true;
    }

    pub(super) fn lengths(&self) -> Lengths {
        let state = lock(&self.state);
        Lengths {
            attempt: state.attempt,
            text: state.text.len() as u64,
            thinking: state.thinking.len() as u64,
            has_ended: state.has_ended,
        }
    }

    /// Where a reader that claims to hold `offset` bytes can be served from.
    pub(super) fn boundary(&self, is_thinking: bool, offset: u64) -> u64 {
        let state = lock(&self.state);
        boundary(if is_thinking { &state.thinking } else { &state.text }, offset)
    }

    /// At most `limit` bytes from `from` on.
    pub(super) fn tail(&self, is_thinking: bool, from: u64, limit: usize) -> Option<String> {
        let state = lock(&self.state);
        tail(if is_thinking { &state.thinking } else { &state.text }, from, limit).map(str::to_owned)
    }
}

/// The nearest start of a character at or before `offset`; 0 when there is less text than that.
pub(super) fn boundary(text: &str, offset: u64) -> u64 {
    match usize::try_from(offset) {
        Ok(offset) if offset <= text.len() => text.floor_char_boundary(offset) as u64,
        _ => 0,
    }
}

/// At most `limit` bytes from `from` on, cut between characters; `None` when there is nothing.
pub(super) fn tail(text: &str, from: u64, limit: usize) -> Option<&str> {
    let tail = text.get(usize::try_from(from).ok()?..).filter(|tail| !tail.is_empty())?;
    Some(&tail[..tail.floor_char_boundary(limit)])
}
