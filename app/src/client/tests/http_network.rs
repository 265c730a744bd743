//! The part of the simulated network that carries the fallbacks: event streams, polls and posted commands, each with
//! the faults of its own.

use super::world::{Happening, World};
use crate::client::*;

/// What lets which way of connecting through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Blocked {
    /// No WebSocket opens.
    pub(super) sockets: bool,
    /// A proxy keeps the answers of event streams back for ever.
    pub(super) streams: bool,
    /// Opening fails with a word, and not only in silence.
    pub(super) is_noticed: bool,
}

/// A poll that the server has not answered.
pub(super) struct Poll {
    attempt: u64,
    /// Under which the server knows it: to the server, every poll is a connection.
    key: u64,
    frames: Vec<String>,
    is_ending: bool,
}

impl World {
    /// Polls are numbered above the attempts.
    fn poll_key(&mut self, attempt: u64) -> u64 {
        self.polls += 1;
        attempt | (self.polls << 32)
    }

    pub(super) fn open_poll(&mut self, attempt: u64, hello: String, wait: Option<Millis>) {
        self.end_poll();
        let key = self.poll_key(attempt);
        let delay = self.latency();
        self.poll = Some(Poll { attempt, key, frames: Vec::new(), is_ending: false });
        self.later(delay, Happening::PollArrives { key, hello, wait });
    }

    /// The poll in flight is dropped.
    pub(super) fn end_poll(&mut self) -> Option<u64> {
        let poll = self.poll.take()?;
        self.server.closed(poll.key);
        Some(poll.attempt)
    }

    pub(super) fn poll_arrives(&mut self, key: u64, hello: &str, wait: Option<Millis>) {
        if self.poll.as_ref().is_none_or(|poll| poll.key != key) {
            return;
        }
        self.server.opened(key, true);
        self.server.received(key, hello);
        self.server_done();
        match wait {
            Some(wait) => self.later(wait, Happening::PollEnds { key }),
            None => self.end_soon(),
        }
    }

    /// What the server says to a poll is kept until its end, which comes soon when there is news.
    pub(super) fn say_to_poll(&mut self, key: u64, text: String, is_news: bool) {
        if let Some(poll) = self.poll.as_mut().filter(|poll| poll.key == key) {
            poll.frames.push(text);
            if is_news {
                self.end_soon();
            }
        }
    }

    fn end_soon(&mut self) {
        if let Some(poll) = self.poll.as_mut().filter(|poll| !poll.is_ending) {
            poll.is_ending = true;
            let key = poll.key;
            self.later(20, Happening::PollEnds { key });
        }
    }

    /// A server that was restarted has forgotten the poll.
    pub(super) fn drop_lost_poll(&mut self) {
        let is_lost = |poll: &Poll| !poll.frames.is_empty() && !self.server.is_open(poll.key);
        if self.poll.as_ref().is_some_and(is_lost)
            && let Some(attempt) = self.end_poll()
        {
            self.later(1, Happening::ToClient(Input::Closed { attempt, code: None }));
        }
    }

    pub(super) fn poll_ends(&mut self, key: u64) {
        if self.poll.as_ref().is_none_or(|poll| poll.key != key) {
            return;
        }
        self.server.flush();
        self.server_done();
        let Some(Poll { attempt, mut frames, .. }) = self.poll.take() else { return };
        self.server.closed(key);
        let fault = if self.failing_polls > 0 { self.random.between(1, 6) } else { 0 };
        self.failing_polls = self.failing_polls.saturating_sub(1);
        let mut end = Some(Input::Answered { attempt, ticket: Some("t".to_owned()) });
        match fault {
            // Lost, with a word or in silence.
            1 | 2 => frames.clear(),
            // Cut in the middle.
            3 | 4 => frames.truncate(self.random.between(0, frames.len() as u64) as usize),
            // Said twice.
            5 => frames = frames.into_iter().flat_map(|frame| [frame.clone(), frame]).collect(),
            6 => end = Some(Input::Answered { attempt, ticket: None }),
            _ => {}
        }
        match fault {
            1 | 3 => end = Some(Input::Closed { attempt, code: None }),
            2 | 4 => end = None,
            _ => {}
        }
        let delay = self.latency();
        self.later(delay, Happening::PollAnswer { attempt, frames, end });
    }

    /// A driver reads an answer from its beginning to its end, and drops it when told to close or to open anew.
    pub(super) fn read_answer(&mut self, attempt: u64, frames: Vec<String>, end: Option<Input>) {
        for text in frames {
            if self.poll.is_none() && self.wanted == Some(attempt) {
                self.input(Input::Received { attempt, text });
            }
        }
        if let Some(end) = end
            && self.poll.is_none()
            && self.wanted == Some(attempt)
        {
            self.input(end);
        }
    }

    pub(super) fn post(&mut self, attempt: u64, text: &str) {
        let fault = if self.failing_posts > 0 { self.random.between(1, 4) } else { 0 };
        self.failing_posts = self.failing_posts.saturating_sub(1);
        // Lost on its way there.
        let answer = if fault == 1 || fault == 2 { None } else { Some(self.server.post(text)) };
        self.server_done();
        self.later(100, Happening::Flush);
        let delay = self.latency();
        let input = match answer {
            // Lost on its way back, or not.
            Some(answer) if fault == 0 => Input::Received { attempt, text: answer },
            _ if fault == 1 || fault == 3 => Input::Closed { attempt, code: None },
            _ => return,
        };
        self.later(delay, Happening::ToClient(input));
    }

    /// Bit 0: no WebSocket opens; bit 1: no stream is delivered; bit 2: which is said.
    pub(super) fn block(&mut self, which: u8) {
        let bit = |number: u8| which >> number & 1 == 1;
        self.blocked = Blocked { sockets: bit(0), streams: bit(1), is_noticed: bit(2) };
    }

    /// So many bytes wait in the browser for a while.
    pub(super) fn buffer(&mut self, bytes: u64) {
        let Some(attempt) = self.wanted else { return };
        self.input(Input::Buffered { attempt, bytes });
        self.later(bytes / 20, Happening::ToClient(Input::Buffered { attempt, bytes: 0 }));
    }
}
