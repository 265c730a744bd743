//! The long poll: an event stream that ends after the first news, as one answer of known length, which every proxy
//! passes on.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::{bye, write_event};
use crate::hub::{Connection, Rooms};

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The longest time that a poll is held, whatever it asks for: below what proxies allow.
    pub longest_wait: Duration,
    /// After the first news, what comes within this time goes with it: a reply costs a request per window and not per
    /// part. It is also what keeps polls apart.
    pub linger: Duration,
    /// Once an answer has so many bytes it is given; the rest comes with the next. It may be over by one batch.
    pub answer_bytes: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            longest_wait: Duration::from_secs(30),
            linger: Duration::from_millis(50),
            answer_bytes: 256 * 1024,
        }
    }
}

/// The answer to one poll.
#[derive(Debug)]
pub struct Answer {
    pub body: Vec<u8>,
    /// It ended with a goodbye: whoever polls again begins anew.
    pub has_ended: bool,
}

/// Collects what there is; with `wait`, holds the answer until there is news or the time is over.
pub async fn answer(
    connection: &Connection,
    rooms: &dyn Rooms,
    wait: Option<Duration>,
    policy: &Policy,
) -> Answer {
    let mut answer = Answer { body: Vec::new(), has_ended: false };
    let mut until = wait.map(|wait| Instant::now() + wait.min(policy.longest_wait));
    let mut has_news = false;
    while answer.body.len() < policy.answer_bytes {
        let next = match until {
            None => connection.ready_frames(rooms).await,
            Some(until) => match timeout_at(until, connection.next_frames(rooms)).await {
                Ok(next) => next,
                Err(_) => break,
            },
        };
        match next {
            Ok(frames) if frames.texts.is_empty() => break,
            Ok(frames) => {
                frames.texts.iter().for_each(|frame| write_event(&mut answer.body, frame));
                if frames.is_news && !has_news {
                    has_news = true;
                    until = until.map(|until| until.min(Instant::now() + policy.linger));
                }
            }
            Err(closing) => {
                write_event(&mut answer.body, &bye(&closing).encode());
                answer.has_ended = true;
                break;
            }
        }
    }
    answer
}
