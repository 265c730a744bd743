//! Store, then show: the pieces of all runs of this node go into the store in one commit per streaming window, and
//! are published only after it. Nothing that anybody has seen can be lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::protocol::{MessageId, RoomId};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::bus::{Bus, Publication};
use crate::store::{Piece, Store};

/// Bytes that a run may have waiting; beyond them it stops reading from the model until they are stored.
const PENDING_BYTES: usize = 256 * 1024;

/// The writing end of one run.
#[derive(Debug)]
pub(super) struct RunText {
    room: RoomId,
    message: MessageId,
    /// Of the lease.
    token: u64,
    state: Mutex<State>,
    /// A commit went through, or the lease was found lost.
    settled: Notify,
}

#[derive(Debug, Default)]
struct State {
    text: Track,
    thinking: Track,
    is_queued: bool,
    /// The store refused: another holder of the lease writes now, or the run was ended or deleted.
    is_lost: bool,
}

/// One of the two texts.
#[derive(Debug, Default)]
struct Track {
    pending: String,
    /// The length with all that was handed in, and the length that is known to be stored.
    received: u64,
    stored: u64,
}

/// The run must not go on: what it writes is not stored any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LeaseLost;

impl RunText {
    /// `stored`: the bytes that the store has of the text and of the thinking.
    pub(super) fn new(room: RoomId, message: MessageId, token: u64, stored: (u64, u64)) -> Arc<Self> {
        let track = |stored| Track { pending: String::new(), received: stored, stored };
        let state = State { text: track(stored.0), thinking: track(stored.1), ..State::default() };
        Arc::new(Self { room, message, token, state: Mutex::new(state), settled: Notify::new() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lengths stored so far: text, thinking.
    pub(super) fn stored(&self) -> (u64, u64) {
        let state = self.state();
        (state.text.stored, state.thinking.stored)
    }

    /// Takes what is waiting as pieces for the next commit.
    fn take(&self, pieces: &mut Vec<Piece>) {
        let mut state = self.state();
        state.is_queued = false;
        if state.is_lost {
            // After a piece that was not stored, the next one would leave a hole in the text.
            return;
        }
        for is_thinking in [true, false] {
            let track = if is_thinking { &mut state.thinking } else { &mut state.text };
            if !track.pending.is_empty() {
                let text = std::mem::take(&mut track.pending);
                let start = track.received - text.len() as u64;
                pieces.push(Piece { message: self.message, token: self.token, is_thinking, start, text });
            }
        }
    }

    fn settle(&self, piece: &Piece, is_stored: bool) {
        let mut state = self.state();
        if is_stored {
            let track = if piece.is_thinking { &mut state.thinking } else { &mut state.text };
            track.stored = piece.start + piece.text.len() as u64;
        } else {
            state.is_lost = true;
        }
        drop(state);
        self.settled.notify_one();
    }
}

/// The node's one writer of pieces.
#[derive(Clone)]
pub(super) struct Recorder {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    /// Each run is in it at most once, so it is as long as there are runs.
    runs: Mutex<Vec<Arc<RunText>>>,
    filled: Notify,
}

impl Recorder {
    /// Starts the task that commits; it ends with the runtime.
    pub(super) fn start(store: Arc<dyn Store>, bus: Arc<dyn Bus>, window: Duration) -> Self {
        let queue = Arc::new(Queue::default());
        tokio::spawn(commit_for_ever(queue.clone(), store, bus, window));
        Self { queue }
    }

    /// Hands in the next piece of a run; waits while too much of it is not stored yet.
    pub(super) async fn push(
        &self,
        run: &Arc<RunText>,
        is_thinking: bool,
        piece: &str,
    ) -> Result<(), LeaseLost> {
        loop {
            {
                let mut state = run.state();
                if state.is_lost {
                    return Err(LeaseLost);
                }
                if state.text.pending.len() + state.thinking.pending.len() < PENDING_BYTES {
                    let track = if is_thinking { &mut state.thinking } else { &mut state.text };
                    track.pending.push_str(piece);
                    track.received += piece.len() as u64;
                    if !std::mem::replace(&mut state.is_queued, true) {
                        self.queue.runs.lock().unwrap_or_else(PoisonError::into_inner).push(run.clone());
                        self.queue.filled.notify_one();
                    }
                    return Ok(());
                }
            }
            run.settled.notified().await;
        }
    }

    /// Waits until everything handed in is stored and published.
    pub(super) async fn flush(&self, run: &RunText) -> Result<(), LeaseLost> {
        loop {
            {
                let state = run.state();
                if state.is_lost {
                    return Err(LeaseLost);
                }
                if state.text.stored == state.text.received
                    && state.thinking.stored == state.thinking.received
                {
                    return Ok(());
                }
            }
            run.settled.notified().await;
        }
    }
}

async fn commit_for_ever(queue: Arc<Queue>, store: Arc<dyn Store>, bus: Arc<dyn Bus>, window: Duration) {
    loop {
        queue.filled.notified().await;
        let began = Instant::now();
        let runs = std::mem::take(&mut *queue.runs.lock().unwrap_or_else(PoisonError::into_inner));
        let mut pieces = Vec::with_capacity(runs.len());
        let mut owners = Vec::with_capacity(runs.len());
        for run in &runs {
            run.take(&mut pieces);
            owners.resize(pieces.len(), run);
        }
        match store.append(&pieces).await {
            Ok(stored) => {
                for ((piece, owner), is_stored) in pieces.into_iter().zip(owners).zip(stored) {
                    if is_stored {
                        bus.publish(Publication::Part {
                            room: owner.room,
                            message: piece.message,
                            is_thinking: piece.is_thinking,
                            start: piece.start,
                            text: piece.text.clone(),
                        });
                    }
                    owner.settle(&piece, is_stored);
                }
            }
            Err(error) => {
                // Nothing was shown that is not stored: these runs are left, and go on from what is stored when the
                // store can be written again.
                tracing::error!(%error, runs = runs.len(), "the pieces of running messages can't be stored");
                for (piece, owner) in pieces.iter().zip(owners) {
                    owner.settle(piece, false);
                }
            }
        }
        tokio::time::sleep_until(began + window).await;
    }
}
