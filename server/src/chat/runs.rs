//! Runs: each is a task of the server that asks the model and records what it answers. It belongs to nobody's
//! connection: leaving is not stopping, and Stop is a command of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::protocol::{Message, MessageId, RoomId, Run, RunFailure, RunStatus, Usage};
use futures::StreamExt;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::context;
use super::recorder::{LeaseLost, Recorder, RunText};
use crate::bus::{Bus, Publication};
use crate::clock;
use crate::kimi::{Delta, DeltaStream, Error, FinishReason, Model, Request, Retry};
use crate::store::{self, Store};

/// How often the end of a run is written again when the store fails; the pauses grow up to the longest wait.
const RECORD_TRIES: u32 = 20;

/// How runs behave.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Runs that ask the model at the same time; others are queued.
    pub at_once: usize,
    /// The streaming window: the first part goes out at once, then parts are batched for this long.
    pub window: Duration,
    /// Calls of the model for one run, as long as nothing was answered.
    pub tries: u32,
    /// The first wait between two calls when the server names none; it doubles.
    pub backoff: Duration,
    /// A server that asks for a longer wait than this has failed.
    pub longest_wait: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            at_once: 64,
            window: Duration::from_millis(40),
            tries: 4,
            backoff: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
        }
    }
}

pub(super) struct Runs {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Policy,
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    model: Arc<dyn Model>,
    recorder: Recorder,
    places: Semaphore,
    active: Mutex<HashMap<MessageId, Active>>,
}

/// A run of this node, from its start to its end.
struct Active {
    room: RoomId,
    stop: CancellationToken,
    stopped_by: Option<String>,
}

/// A run that is about to start.
#[must_use]
pub(super) struct Admitted {
    room: RoomId,
    reply: Message,
    stop: CancellationToken,
}

impl Runs {
    pub(super) fn new(
        policy: Policy,
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        model: Arc<dyn Model>,
    ) -> Self {
        let recorder = Recorder::start(store.clone(), bus.clone(), policy.window);
        let places = Semaphore::new(policy.at_once);
        Self {
            shared: Arc::new(Shared {
                policy,
                store,
                bus,
                model,
                recorder,
                places,
                active: Mutex::default(),
            }),
        }
    }

    /// Makes the run of a message that was stored as queued one of this process: it can be stopped from now on.
    pub(super) fn admit(&self, room: RoomId, reply: Message) -> Admitted {
        let stop = CancellationToken::new();
        let active = Active { room, stop: stop.clone(), stopped_by: None };
        self.shared.active().insert(reply.id, active);
        Admitted { room, reply, stop }
    }

    pub(super) fn start(&self, run: Admitted) {
        tokio::spawn(self.shared.clone().run(run.room, run.reply, run.stop));
    }

    /// Stops a run at any moment, also before its first token. One that has ended stays as it is.
    pub(super) async fn stop(&self, room: RoomId, message: MessageId, by: &str) -> store::Result<()> {
        if let Some(active) = self.shared.active().get_mut(&message) {
            active.stopped_by.get_or_insert_with(|| by.to_owned());
            active.stop.cancel();
            return Ok(());
        }
        // Not a run of this process: whoever holds its lease loses it here.
        let ending = Ending { stopped_by: Some(by.to_owned()), ..Ending::of(RunStatus::Stopped) };
        self.shared.end_orphan(room, message, ending).await
    }

    pub(super) async fn stop_all_in(&self, room: RoomId, by: &str) -> store::Result<()> {
        let running: Vec<MessageId> = {
            let active = self.shared.active();
            active.iter().filter(|(_, active)| active.room == room).map(|(message, _)| *message).collect()
        };
        for message in running {
            self.stop(room, message, by).await?;
        }
        Ok(())
    }

    /// Ends the runs of processes that are gone.
    pub(super) async fn interrupt_left_over(&self) -> store::Result<()> {
        for (room, message, _) in self.shared.store.unfinished_runs().await? {
            let failure = RunFailure {
                code: "restarted".to_owned(),
                message: "The server was restarted while this was being written. Try again.".to_owned(),
            };
            let ending = Ending { failure: Some(failure), ..Ending::of(RunStatus::Interrupted) };
            self.shared.end_orphan(room, message, ending).await?;
        }
        Ok(())
    }
}

/// How a run ends.
struct Ending {
    status: RunStatus,
    stopped_by: Option<String>,
    failure: Option<RunFailure>,
}

impl Ending {
    fn of(status: RunStatus) -> Self {
        Self { status, stopped_by: None, failure: None }
    }

    fn failed(status: RunStatus, code: &str, message: &str) -> Self {
        let failure = RunFailure { code: code.to_owned(), message: message.to_owned() };
        Self { failure: Some(failure), ..Self::of(status) }
    }
}

impl Shared {
    fn active(&self) -> MutexGuard<'_, HashMap<MessageId, Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, room: RoomId, reply: Message, stop: CancellationToken) {
        let message = reply.id;
        let lease = new_lease();
        let mut result = self.clone().generate(room, reply, lease, stop).await;
        let mut wait = self.policy.backoff;
        // A run whose end is not recorded would look busy until the next restart.
        for _ in 0..RECORD_TRIES {
            let Err(error) = result else { break };
            tracing::error!(%message, %error, "a run could not be recorded");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(self.policy.longest_wait);
            result = self.end_unrecordable(room, message, lease).await;
        }
        self.active().remove(&message);
        self.bus.publish(Publication::StreamEnded { room, message });
    }

    async fn generate(
        self: Arc<Self>,
        room: RoomId,
        reply: Message,
        lease: u64,
        stop: CancellationToken,
    ) -> store::Result<()> {
        let message = reply.id;
        // Stopped or deleted before it began.
        let Some(run) = self.store.take_lease(message, lease).await? else { return Ok(()) };
        self.bus.publish(Publication::StreamOpened { room, message, attempt: run.attempt });
        let text = RunText::new(room, message, lease);
        let mut generation = Generation { shared: &self, room, message, lease, run, text, usage: None };
        let ending = tokio::select! {
            // Dropping the other branch drops the model's stream, which closes the upstream request.
            biased;
            () = stop.cancelled() => Ok(Ending::of(RunStatus::Stopped)),
            ending = generation.answer(reply.parent) => ending,
        };
        match ending {
            Ok(mut ending) => {
                if ending.status == RunStatus::Stopped {
                    ending.stopped_by =
                        self.active().get(&message).and_then(|active| active.stopped_by.clone());
                }
                generation.end(ending).await
            }
            Err(Halt::Store(error)) => Err(error),
            Err(Halt::LeaseLost) => self.end_unrecordable(room, message, lease).await,
        }
    }

    /// The pieces could not be stored. If the lease is still ours, the run ends as failed with what is stored.
    async fn end_unrecordable(&self, room: RoomId, message: MessageId, lease: u64) -> store::Result<()> {
        let Some(stored) = self.store.message(room, message).await? else { return Ok(()) };
        let Some(mut run) = stored.run else { return Ok(()) };
        run.status = RunStatus::Interrupted;
        run.ended_at = Some(clock::now());
        run.failure = Some(RunFailure {
            code: "not_stored".to_owned(),
            message: "The reply could not be stored, so it was ended here. Try again.".to_owned(),
        });
        let entry = self.store.set_run(room, message, lease, &run, clock::now()).await?;
        self.bus.publish(Publication::Entries(entry.into_iter().collect()));
        Ok(())
    }

    async fn end_orphan(&self, room: RoomId, message: MessageId, ending: Ending) -> store::Result<()> {
        let lease = new_lease();
        let Some(mut run) = self.store.take_lease(message, lease).await? else { return Ok(()) };
        ending.apply(&mut run);
        let entry = self.store.set_run(room, message, lease, &run, clock::now()).await?;
        self.bus.publish(Publication::Entries(entry.into_iter().collect()));
        Ok(())
    }
}

impl Ending {
    fn apply(self, run: &mut Run) {
        run.status = self.status;
        run.stopped_by = self.stopped_by;
        run.failure = self.failure;
        run.ended_at = Some(clock::now());
    }
}

/// Why a run can't go on.
enum Halt {
    LeaseLost,
    Store(store::Error),
}

impl From<LeaseLost> for Halt {
    fn from(_: LeaseLost) -> Self {
        Self::LeaseLost
    }
}

impl From<store::Error> for Halt {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// One run at work.
struct Generation<'a> {
    shared: &'a Shared,
    room: RoomId,
    message: MessageId,
    lease: u64,
    run: Run,
    text: Arc<RunText>,
    usage: Option<Usage>,
}

impl Generation<'_> {
    async fn answer(&mut self, parent: Option<MessageId>) -> Result<Ending, Halt> {
        let Ok(_place) = self.shared.places.acquire().await else {
            return Ok(Ending::of(RunStatus::Interrupted));
        };
        let branch = match parent {
            Some(parent) => self.shared.store.branch(self.room, parent, context::MESSAGES).await?,
            None => Vec::new(),
        };
        let request = Request {
            model: self.run.model.clone(),
            messages: context::turns(&branch),
            cache_key: Some(self.room.to_string()),
            ..Request::default()
        };
        match self.ask(request).await {
            Ok(stream) => self.record(stream).await,
            Err(error) => Ok(failed(&error)),
        }
    }

    /// Opens the model's stream, and tries again as long as the error's rule and the policy allow: nothing was
    /// answered yet, so nothing can be doubled.
    async fn ask(&self, request: Request) -> Result<DeltaStream, Error> {
        let policy = &self.shared.policy;
        let mut backoff = policy.backoff;
        for _ in 1..policy.tries {
            let error = match self.shared.model.stream(request.clone()).await {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            let wait = match error.retry() {
                Retry::Never => return Err(error),
                Retry::After(wait) if wait > policy.longest_wait => return Err(error),
                Retry::After(wait) => wait,
                Retry::Backoff => jittered(backoff),
            };
            tracing::info!(message = %self.message, code = error.code(), ?wait, "the model is asked again");
            backoff = (backoff * 2).min(policy.longest_wait);
            tokio::time::sleep(wait).await;
        }
        self.shared.model.stream(request).await
    }

    async fn record(&mut self, mut stream: DeltaStream) -> Result<Ending, Halt> {
        let mut finish = None;
        while let Some(delta) = stream.next().await {
            match delta {
                Ok(Delta::Thinking(piece)) => {
                    if self.run.thinking_at.is_none() {
                        self.run.thinking_at = Some(clock::now());
                        self.set_status(RunStatus::Thinking).await?;
                    }
                    self.shared.recorder.push(&self.text, true, &piece).await?;
                }
                Ok(Delta::Text(piece)) => {
                    if self.run.writing_at.is_none() {
                        self.run.writing_at = Some(clock::now());
                        self.set_status(RunStatus::Writing).await?;
                    }
                    self.shared.recorder.push(&self.text, false, &piece).await?;
                }
                Ok(Delta::Finish(reason)) => finish = Some(reason),
                Ok(Delta::Usage(usage)) => {
                    self.usage = Some(Usage {
                        prompt_tokens: usage.prompt_tokens,
                        cached_tokens: usage.cached_tokens,
                        completion_tokens: usage.completion_tokens,
                        reasoning_tokens: usage.reasoning_tokens,
                    });
                }
                // No tools are offered yet.
                Ok(Delta::ToolCall(_)) => {}
                // Only the last line is missing: the model had said why it stopped.
                Err(Error::Interrupted { finish: Some(reason), .. }) => finish = Some(reason),
                Err(error) => {
                    self.shared.recorder.flush(&self.text).await?;
                    let is_empty = self.text.stored().0 == 0;
                    let status = if is_empty { RunStatus::Failed } else { RunStatus::Interrupted };
                    return Ok(Ending { status, ..failed(&error) });
                }
            }
        }
        self.shared.recorder.flush(&self.text).await?;
        Ok(self.finished(finish))
    }

    fn finished(&self, finish: Option<FinishReason>) -> Ending {
        let is_empty = self.text.stored().0 == 0;
        match finish {
            Some(FinishReason::ContentFilter) => Ending::failed(
                RunStatus::Failed,
                "content_filtered",
                "The model's provider filtered this reply. Rephrase the question and try again.",
            ),
            Some(FinishReason::Length) if is_empty => Ending::failed(
                RunStatus::Failed,
                "length",
                "Thinking used up the whole budget of the reply. Ask for less at once and try again.",
            ),
            Some(FinishReason::Length) => Ending::failed(
                RunStatus::Interrupted,
                "length",
                "The reply reached its longest length. Ask Kimi to go on.",
            ),
            _ if is_empty => {
                Ending::failed(RunStatus::Failed, "empty", "The model answered with nothing. Try again.")
            }
            _ => Ending::of(RunStatus::Done),
        }
    }

    async fn set_status(&mut self, status: RunStatus) -> Result<(), Halt> {
        self.run.status = status;
        (self.run.text_length, self.run.thinking_length) = self.text.stored();
        let entry =
            self.shared.store.set_run(self.room, self.message, self.lease, &self.run, clock::now()).await?;
        let entry = entry.ok_or(Halt::LeaseLost)?;
        self.shared.bus.publish(Publication::Entries(vec![entry]));
        Ok(())
    }

    /// Records the end: what was received is stored and shown first, then the state that says it is complete.
    async fn end(&mut self, ending: Ending) -> store::Result<()> {
        // A lost lease is found again by `set_run`.
        let _ = self.shared.recorder.flush(&self.text).await;
        ending.apply(&mut self.run);
        self.run.usage = self.usage;
        let entry =
            self.shared.store.set_run(self.room, self.message, self.lease, &self.run, clock::now()).await?;
        self.shared.bus.publish(Publication::Entries(entry.into_iter().collect()));
        Ok(())
    }
}

fn failed(error: &Error) -> Ending {
    tracing::warn!(code = error.code(), %error, "the model did not answer");
    Ending::failed(RunStatus::Failed, error.code(), error.user_message())
}

/// Full jitter, so that the runs of a busy minute do not come back together.
fn jittered(longest: Duration) -> Duration {
    let random = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    longest.mul_f64(random)
}

/// A token that no other holder has; 63 bits, because the store's numbers are signed.
fn new_lease() -> u64 {
    getrandom::u64().unwrap_or_else(|_| clock::now()) >> 1
}
