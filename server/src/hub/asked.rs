//! Texts of messages that have ended, which a client lacks some of: they are read from the store when the client can
//! take them, a batch at a time, so that a waiting one costs a few numbers however long its text is.

use app::protocol::{Held, Part, RoomId};

use super::connection::{BATCH_BYTES, Frames, Handles, PART_BYTES, State};
use super::run_buffer::{boundary, tail};
use crate::store::{LogKey, Texts};

/// Messages that one connection may ask for by `chat:resume` before it has got them.
pub(super) const WAITING: usize = 64;

/// One message whose texts are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) log: LogKey,
    /// How much the client has, and once the handles are told, how much was sent.
    pub(super) held: Held,
    handles: Option<Handles>,
    /// Announced also when the client has everything.
    is_owed: bool,
}

impl Asked {
    /// For what a client names in passing: nothing is said about a message that it has all of.
    pub(super) fn when_longer(log: LogKey, held: Held) -> Self {
        Self { log, held, handles: None, is_owed: false }
    }

    pub(super) fn in_any_case(log: LogKey, held: Held) -> Self {
        Self { log, held, handles: None, is_owed: true }
    }
}

impl State {
    /// The next text to read. Those of rooms that are not followed any more are dropped.
    pub(super) fn first_asked(&mut self) -> Option<(RoomId, Asked)> {
        loop {
            let entry = self.asked.first_entry()?;
            let asked = *entry.get();
            let is_followed = self.logs.get(&asked.log).is_some_and(|position| position.sent.is_some());
            match asked.log {
                LogKey::Room(room) if is_followed => return Some((room, asked)),
                _ => entry.remove(),
            };
        }
    }

    /// Takes what was read for `asked`, if it is still wanted: announces it the first time, and sends the next parts.
    pub(super) fn answer_asked(&mut self, room: RoomId, asked: Asked, texts: Option<Texts>) -> Frames {
        let mut frames = Frames::default();
        let Asked { mut held, .. } = asked;
        if self.asked.get(&held.message) != Some(&asked) {
            return frames;
        }
        self.asked.remove(&held.message);
        // One that began to run again meanwhile is followed by its buffer.
        let Some(texts) = texts.filter(|_| !self.streams.contains_key(&held.message)) else { return frames };
        let mut handles = asked.handles;
        if held.attempt != texts.attempt {
            held = Held { attempt: texts.attempt, text: 0, thinking: 0, ..held };
            handles = None;
        }
        held.text = boundary(&texts.text, held.text);
        held.thinking = boundary(&texts.thinking, held.thinking);
        let lacks =
            |held: Held| held.text < texts.text.len() as u64 || held.thinking < texts.thinking.len() as u64;
        if !lacks(held) && !asked.is_owed {
            return frames;
        }
        let handles = handles.unwrap_or_else(|| {
            let handles = self.new_handles();
            frames.texts.push(handles.announcement(room, held).encode());
            handles
        });
        let mut budget = BATCH_BYTES;
        for (handle, sent, text) in [
            (handles.thinking, &mut held.thinking, &texts.thinking),
            (handles.text, &mut held.text, &texts.text),
        ] {
            while budget > 0
                && let Some(piece) = tail(text, *sent, PART_BYTES)
            {
                frames.texts.push(Part { handle, offset: *sent, text: piece.to_owned() }.encode());
                frames.is_news = true;
                *sent += piece.len() as u64;
                budget = budget.saturating_sub(piece.len());
            }
        }
        if lacks(held) {
            self.asked.insert(held.message, Asked { held, handles: Some(handles), ..asked });
        } else {
            self.remember(asked.log, held);
        }
        frames
    }
}

#[cfg(test)]
mod tests {
    use app::protocol::{ConnectionId, MessageId, UserId};
    use uuid::Uuid;

    use super::*;
    use crate::hub::live_log::LiveLog;
    use crate::hub::{Caller, Connection, lock};

    const ROOM: RoomId = RoomId(Uuid::nil());
    const LOG: LogKey = LogKey::Room(ROOM);

    fn connection() -> std::sync::Arc<Connection> {
        let caller =
            Caller { user: UserId(Uuid::nil()), name: "Ana".to_owned(), session: [0; 32], told_at: None };
        let connection = Connection::new(ConnectionId(Uuid::nil()), caller);
        connection.hold(std::sync::Arc::new(LiveLog::new(LOG)));
        connection.go_live(LOG, 0, None);
        connection
    }

    fn held(message: u128, text: u64) -> Held {
        Held { message: MessageId(Uuid::from_u128(message)), attempt: 1, text, thinking: 0 }
    }

    #[test]
    fn a_connection_waits_for_a_bounded_number_of_texts_and_may_repeat_itself() {
        let connection = connection();
        for message in 0..WAITING as u128 {
            assert!(connection.ask(LOG, held(message, 0)));
        }
        assert!(!connection.ask(LOG, held(1_000, 0)));
        assert!(connection.ask(LOG, held(0, 7)));
        connection.unsubscribe(LOG);
        assert!(connection.ask(LOG, held(1_000, 0)));
    }

    /// open-agents PR #276: a replay of 91 MB in one message.
    #[test]
    fn a_long_text_comes_in_batches_that_join_to_it() {
        let connection = connection();
        let whole: String = "ä12 ".repeat(100_000);
        assert!(connection.ask(LOG, held(1, 3)));
        let (mut joined, mut batches, mut announced) = (String::new(), 0, 0);
        loop {
            let Some((room, asked)) = lock(&connection.state).first_asked() else { break };
            let texts = Texts { attempt: 1, text: whole.clone(), thinking: String::new() };
            let frames = lock(&connection.state).answer_asked(room, asked, Some(texts));
            assert!(frames.texts.iter().map(String::len).sum::<usize>() < 2 * BATCH_BYTES);
            batches += 1;
            for frame in frames.texts {
                match app::protocol::ServerFrame::decode(&frame).unwrap() {
                    app::protocol::ServerFrame::Part(part) => {
                        assert_eq!(part.offset, 3 + joined.len() as u64);
                        joined.push_str(&part.text);
                    }
                    _ => announced += 1,
                }
            }
        }
        assert!(joined == whole[3..]);
        assert!(batches > whole.len() / BATCH_BYTES / 2, "{batches} batches");
        assert_eq!(announced, 1);
    }

    #[test]
    fn a_message_that_is_complete_is_announced_only_when_it_was_asked_for() {
        let texts = || Some(Texts { attempt: 1, text: "Hello".to_owned(), thinking: String::new() });
        let connection = connection();
        for (asked, expected) in
            [(Asked::when_longer(LOG, held(1, 5)), 0), (Asked::in_any_case(LOG, held(1, 5)), 1)]
        {
            let mut state = lock(&connection.state);
            state.asked.insert(asked.held.message, asked);
            let frames = state.answer_asked(ROOM, asked, texts());
            assert_eq!((frames.texts.len(), frames.is_news), (expected, false));
            assert!(state.asked.is_empty());
        }
    }
}
