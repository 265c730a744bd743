//! Plays a plan in real time as a response body. All decisions were made in `plan`; this is waiting and writing.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use tokio::time::{Instant, sleep, sleep_until};

use super::{
    framing::Framing,
    plan::{Plan, Step},
    records::{Outcome, Tracker},
    script::Script,
    state::State,
    wire::{Chunk, Envelope},
};

/// The longest single wait, whatever a script says.
const MAX_WAIT: Duration = Duration::from_mins(15);
/// A reply that a slow client held up does not hurry to catch up on more than this.
const MAX_BEHIND: Duration = Duration::from_millis(50);
/// Before a connection is broken, so that what was said before the break is on its way.
const FLUSH: Duration = Duration::from_millis(5);

/// Keeps the time of one reply.
struct Pace {
    due: Instant,
}

impl Pace {
    fn new() -> Self {
        Self { due: Instant::now() }
    }

    /// Waits from when the last wait should have ended, so that many short waits do not add up to more.
    async fn wait(&mut self, wait: Duration) {
        if wait.is_zero() {
            return;
        }
        let now = Instant::now();
        self.due = self.due.max(now.checked_sub(MAX_BEHIND).unwrap_or(now)) + wait.min(MAX_WAIT);
        sleep_until(self.due).await;
    }

    async fn gate(&mut self, state: &State, name: &str) {
        state.gates.pass(name).await;
        self.due = Instant::now();
    }
}

/// Waits as long as the steps say, and sends nothing: for the head of a response, and for whole replies. The first
/// step that is neither a wait, a gate nor a piece of the reply is given back.
pub(super) async fn wait<'a>(steps: &'a [Step], state: &State, tracker: &Tracker) -> Option<&'a Step> {
    let mut pace = Pace::new();
    for step in steps {
        match step {
            Step::Wait(wait) => pace.wait(*wait).await,
            Step::Gate(name) => pace.gate(state, name).await,
            Step::Chunk(Chunk::Error(_)) | Step::Cut { .. } | Step::Line(_) => return Some(step),
            Step::Chunk(chunk) => count(tracker, chunk),
            Step::Done => {}
        }
    }
    None
}

/// The body of a streamed reply.
pub(super) fn body(plan: Plan, script: &Script, state: Arc<State>, tracker: Tracker) -> Body {
    let player = Player {
        steps: plan.steps.into_iter(),
        envelope: plan.envelope,
        framing: Framing::new(script),
        split_at: script.split_at,
        texts_before_split: script.split_token,
        writes: VecDeque::new(),
        pace: Pace::new(),
        state,
        tracker,
    };
    Body::from_stream(stream::unfold(player, |mut player| async {
        player.next().await.map(|item| (item, player))
    }))
}

/// A body that breaks at once.
pub(super) fn broken_body() -> Body {
    Body::from_stream(stream::once(async {
        sleep(FLUSH).await;
        Err::<Bytes, _>(broken())
    }))
}

fn broken() -> io::Error {
    io::Error::other("the script cuts here")
}

struct Player {
    steps: std::vec::IntoIter<Step>,
    envelope: Envelope,
    framing: Framing,
    split_at: Option<usize>,
    texts_before_split: u32,
    writes: VecDeque<Bytes>,
    pace: Pace,
    state: Arc<State>,
    tracker: Tracker,
}

impl Player {
    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let stop = self.state.stop.clone();
        tokio::select! {
            item = self.play() => item,
            () = stop.cancelled() => Some(Err(io::Error::other("the simulator stops"))),
        }
    }

    async fn play(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(write) = self.writes.pop_front() {
                // Lets the server send what it has, so that every write of a split event travels alone.
                tokio::task::yield_now().await;
                return Some(Ok(write));
            }
            match self.steps.next()? {
                Step::Wait(wait) => self.pace.wait(wait).await,
                Step::Gate(name) => self.pace.gate(&self.state, &name).await,
                Step::Chunk(chunk) => return Some(Ok(self.chunk(&chunk))),
                Step::Line(line) => return Some(Ok(Bytes::from(format!("{line}\n\n")))),
                Step::Done => {
                    self.tracker.end(Outcome::Finished);
                    let bytes = self.framing.done();
                    return Some(Ok(self.send(bytes, None)));
                }
                Step::Cut { clean } => {
                    self.tracker.end(Outcome::Cut);
                    if clean {
                        return None;
                    }
                    sleep(FLUSH).await;
                    return Some(Err(broken()));
                }
            }
        }
    }

    fn chunk(&mut self, chunk: &Chunk) -> Bytes {
        count(&self.tracker, chunk);
        let payload = self.envelope.chunk(chunk);
        let bytes = match chunk {
            Chunk::Error(_) => self.framing.error(&payload),
            _ => self.framing.data(&payload),
        };
        let mut at = None;
        if matches!(chunk, Chunk::Text(_)) {
            if self.texts_before_split == 0 {
                at = self.split_at.take();
            }
            self.texts_before_split = self.texts_before_split.saturating_sub(1);
        }
        self.send(bytes, at)
    }

    fn send(&mut self, bytes: Vec<u8>, at: Option<usize>) -> Bytes {
        self.writes.extend(self.framing.writes(bytes, at));
        self.writes.pop_front().unwrap_or_default()
    }
}

fn count(tracker: &Tracker, chunk: &Chunk) {
    match chunk {
        Chunk::Thinking(_) => tracker.chunk(1, 0),
        Chunk::Text(_) => tracker.chunk(0, 1),
        Chunk::Error(fault) => tracker.fault(&fault.name),
        _ => tracker.chunk(0, 0),
    }
}
