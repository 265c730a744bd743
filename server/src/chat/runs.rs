//! Runs: each is a task of the server that asks the model and records what it answers. It belongs to nobody's
//! connection: leaving is not stopping, and Stop is a command of its own.
//!
//! Nor does it belong to one process: it is written under a lease that expires. `keeper` renews the leases of this node
//! and takes over runs that nobody holds any more; `queue` makes those of one room have their turns one after the other;
//! `generation` is one run at work; `naming` gives a room its name after its first. Here is which runs this process has, and how they are started, stopped and handed
//! over.

mod generation;
mod keeper;
mod naming;
mod queue;
mod tools;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::protocol::{Message, MessageId, RoomId, Run, RunFailure, RunStatus};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::recorder::Recorder;
use crate::bus::{Bus, Publication};
use crate::clock;
use crate::kimi::Model;
use crate::store::{self, Lease, Store};
use generation::Generation;

/// How long a run may take to record that it was stopped, or to leave, before others go on without it.
const ENDING: Duration = Duration::from_secs(5);

/// How runs behave.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Runs that ask the model at the same time; others are queued.
    pub at_once: usize,
    /// The streaming window: the first part goes out at once, then parts are batched for this long.
    pub window: Duration,
    /// Calls of the model for one answer, as long as nothing of it has come.
    pub tries: u32,
    /// The first wait between two calls when the server names none; it doubles.
    pub backoff: Duration,
    /// A server that asks for a longer wait than this has failed.
    pub longest_wait: Duration,
    /// How often a run asks again because the model's stream broke, over its whole life until somebody continues it.
    pub heals: u32,
    /// How often a run may change hands. One that ends every process it is in must not go round for ever.
    pub take_overs: u32,
    /// How long a lease lasts without being renewed, and so how long a dead process holds its runs.
    pub lease: Duration,
    /// Between two renewals of this node's leases.
    pub renew_every: Duration,
    /// Between two looks for runs that nobody holds.
    pub sweep_every: Duration,
    /// Runs taken over at one look, so that other nodes get some as well.
    pub sweep: usize,
    /// Between two looks whether the run of another process that comes before one of this has ended.
    pub turn_every: Duration,
    /// Whether rooms are named by the model after their first exchange.
    pub names_rooms: bool,
    /// Whether models are offered the search of the web that Moonshot's server has.
    pub searches_web: bool,
    /// How often a model may go on with what tools said before it has to answer.
    pub tool_rounds: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            at_once: 64,
            window: Duration::from_millis(40),
            tries: 4,
            backoff: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            heals: 2,
            take_overs: 20,
            lease: Duration::from_secs(6),
            renew_every: Duration::from_secs(2),
            sweep_every: Duration::from_secs(1),
            sweep: 100,
            turn_every: Duration::from_secs(1),
            names_rooms: false,
            searches_web: false,
            tool_rounds: 8,
        }
    }
}

pub(super) struct Runs {
    shared: Arc<Shared>,
}

struct Shared {
    policy: Policy,
    /// This process, as the holder of leases.
    node: u64,
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    model: Arc<dyn Model>,
    /// The name of the model that answers where another is not there.
    default_model: String,
    recorder: Recorder,
    places: Semaphore,
    active: Mutex<HashMap<MessageId, Active>>,
    /// No run is begun any more.
    draining: CancellationToken,
}

/// A run of this process, from before its start until nothing of it is left here.
struct Active {
    room: RoomId,
    signals: Signals,
    stopped_by: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Signals {
    /// Somebody stopped it: it ends.
    stop: CancellationToken,
    /// It is not this process's any more, or will not be: it leaves without an end.
    leave: CancellationToken,
    /// It has left the process.
    gone: CancellationToken,
}

/// A run of this process. While this exists, the run can be stopped here and is not taken over here.
#[must_use]
pub(super) struct Admitted {
    shared: Arc<Shared>,
    room: RoomId,
    message: MessageId,
    /// Of its lease.
    token: u64,
    signals: Signals,
    /// The reply, when it was just stored and so is known to be empty.
    fresh: Option<Message>,
    take_overs: u32,
    /// Its texts are open to followers.
    is_open: bool,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        // In this order: as soon as it is not active, it may be taken over and opened again.
        if self.is_open {
            self.shared.bus.publish(Publication::StreamEnded { room: self.room, message: self.message });
        }
        self.shared.active().remove(&self.message);
        self.signals.gone.cancel();
    }
}

impl Runs {
    /// Also starts the task that keeps leases; it ends with the runtime.
    pub(super) fn new(
        policy: Policy,
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        model: Arc<dyn Model>,
        default_model: String,
    ) -> Self {
        let recorder = Recorder::start(store.clone(), bus.clone(), policy.window);
        let shared = Arc::new(Shared {
            policy,
            node: random_number(),
            store,
            bus,
            model,
            default_model,
            recorder,
            places: Semaphore::new(policy.at_once),
            active: Mutex::default(),
            draining: CancellationToken::new(),
        });
        tokio::spawn(keeper::keep(shared.clone()));
        Self { shared }
    }

    /// A lease for a run that this process is about to begin. While it drains, the lease is nobody's, and whoever looks
    /// for runs first takes it.
    pub(super) fn lease(&self) -> Lease {
        let lease = self.shared.lease();
        if self.shared.draining.is_cancelled() {
            return Lease { node: 0, duration: Duration::ZERO, ..lease };
        }
        lease
    }

    /// Makes a run that was just stored as queued under this lease one of this process: it can be stopped from now on.
    /// `fresh`: the reply, when it has no text yet. `None`: it is left to the next process.
    pub(super) fn admit(
        &self,
        room: RoomId,
        message: MessageId,
        lease: Lease,
        fresh: Option<Message>,
    ) -> Option<Admitted> {
        if lease.duration.is_zero() {
            return None;
        }
        let mut admitted = self.shared.clone().admit(room, message, lease.token)?;
        admitted.fresh = fresh;
        Some(admitted)
    }

    /// Waits until nothing of an ended run is left in this process.
    pub(super) async fn until_gone(&self, message: MessageId) {
        let signals = self.shared.active().get(&message).map(|active| active.signals.clone());
        if let Some(signals) = signals {
            signals.gone.cancelled().await;
        }
    }

    /// Stops a run at any moment, also before its first token, and wherever it is. One that has ended stays as it is.
    /// Once this has returned, the end is recorded.
    pub(super) async fn stop(&self, room: RoomId, message: MessageId, by: &str) -> store::Result<()> {
        if let Some(signals) = self.shared.signal_stop(message, by) {
            // It knows what it has received and not stored yet.
            _ = tokio::time::timeout(ENDING, signals.gone.cancelled()).await;
        }
        // Not a run of this process, or it could not record its end: whoever holds its lease loses it here.
        let ending = Ending { stopped_by: Some(by.to_owned()), ..Ending::of(RunStatus::Stopped) };
        self.shared.end(room, message, ending).await?;
        // Taken over here just now: it need not find out by itself.
        self.shared.signal_stop(message, by);
        Ok(())
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

    /// Begins no more runs, lets those that are under way finish within `grace`, and hands the others over: what they
    /// received is stored, and their leases are free.
    pub(super) async fn drain(&self, grace: Duration) {
        self.shared.draining.cancel();
        if tokio::time::timeout(grace, self.shared.until_idle()).await.is_err() {
            for active in self.shared.active().values() {
                active.signals.leave.cancel();
            }
            if tokio::time::timeout(ENDING, self.shared.until_idle()).await.is_err() {
                tracing::warn!("runs that did not leave in time lose their leases");
            }
        }
        if let Err(error) = self.shared.store.release_leases(self.shared.node, None).await {
            tracing::error!(%error, "the runs that are left could not be handed over; their leases expire");
        }
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

    fn apply(self, run: &mut Run) {
        run.status = self.status;
        run.tool = None;
        run.stopped_by = self.stopped_by;
        run.failure = self.failure;
        run.ended_at = Some(clock::now());
    }
}

/// Why a run stops being worked on without having ended.
enum Halt {
    /// Its lease was lost, or is handed over.
    Left,
    /// What it is could not be read or stored. It stays as it is stored, and is taken over when that is possible again.
    Store(store::Error),
}

impl From<store::Error> for Halt {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Shared {
    fn active(&self) -> MutexGuard<'_, HashMap<MessageId, Active>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease(&self) -> Lease {
        Lease { node: self.node, token: random_number(), duration: self.policy.lease }
    }

    /// Makes a run one of this process. `None`: it is one already.
    fn admit(self: Arc<Self>, room: RoomId, message: MessageId, token: u64) -> Option<Admitted> {
        let signals = Signals::default();
        {
            let mut active = self.active();
            if active.contains_key(&message) {
                return None;
            }
            active.insert(message, Active { room, signals: signals.clone(), stopped_by: None });
        }
        let (fresh, take_overs, is_open) = (None, 0, false);
        Some(Admitted { shared: self, room, message, token, signals, fresh, take_overs, is_open })
    }

    /// Tells a run of this process that it was stopped; `None` when there is no such run.
    fn signal_stop(&self, message: MessageId, by: &str) -> Option<Signals> {
        let mut active = self.active();
        let active = active.get_mut(&message)?;
        active.stopped_by.get_or_insert_with(|| by.to_owned());
        active.signals.stop.cancel();
        Some(active.signals.clone())
    }

    /// Ends a run that may be anybody's.
    async fn end(&self, room: RoomId, message: MessageId, ending: Ending) -> store::Result<()> {
        let lease = self.lease();
        let Some(mut run) = self.store.take_lease(message, lease).await? else { return Ok(()) };
        ending.apply(&mut run);
        let entry = self.store.set_run(room, message, lease.token, &run, clock::now()).await?;
        self.bus.publish(Publication::Entries(entry.into_iter().collect()));
        Ok(())
    }

    /// Waits until no run is left in this process.
    async fn until_idle(&self) {
        loop {
            let Some(gone) = self.active().values().next().map(|active| active.signals.gone.clone()) else {
                return;
            };
            gone.cancelled().await;
        }
    }
}

impl Admitted {
    /// Lets the run begin, in a task of its own.
    pub(super) fn start(self) {
        tokio::spawn(self.work());
    }

    /// Works on the run until it ends or has to be left.
    async fn work(mut self) {
        let (message, signals) = (self.message, self.signals.clone());
        let mut generation = Generation::new(&mut self);
        let ending = tokio::select! {
            // Dropping the last branch drops the model's stream, which closes the upstream request.
            biased;
            () = signals.stop.cancelled() => Ok(Ending::of(RunStatus::Stopped)),
            () = signals.leave.cancelled() => Err(Halt::Left),
            ending = generation.answer() => ending,
        };
        let is_done = matches!(&ending, Ok(ending) if ending.status == RunStatus::Done);
        let result = match ending {
            Ok(mut ending) => {
                if ending.status == RunStatus::Stopped {
                    ending.stopped_by = generation.stopped_by();
                }
                generation.end(ending).await
            }
            Err(halt) => {
                // What was received goes to whoever goes on.
                generation.flush().await;
                Err(halt)
            }
        };
        match result {
            Ok(()) if is_done && self.shared.policy.names_rooms => {
                tokio::spawn(self.shared.clone().name_room(self.room, message));
            }
            Ok(()) => {}
            Err(Halt::Left) => tracing::info!(%message, "a run is left to be taken over"),
            Err(Halt::Store(error)) => {
                tracing::error!(%message, %error, "a run can't be recorded; it goes on when it can");
            }
        }
    }
}

/// A number that no other process or run has; 63 bits, because the store's numbers are signed.
fn random_number() -> u64 {
    getrandom::u64().unwrap_or_else(|_| clock::now()) >> 1
}
