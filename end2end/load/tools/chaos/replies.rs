//! Replies under faults, between client and server and between server and model: every text byte for byte, every
//! event once and in order, nothing stuck.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use app::client::Transport;
use app::protocol::{Command, MessageId, RoomId, RunStatus};
use load::{Mortality, Random, Result, TimedOut};

use super::Chaos;
use super::tally::Tally;
use super::viewer::Viewer;
use super::weather::storm;

/// Milliseconds between two faults, at most.
const MOST_CALM: u64 = 300;
/// How often a viewer presses Continue on one reply.
const CONTINUES: u32 = 5;
/// Bytes that a token takes on the model's wire.
const TOKEN_BYTES: u64 = 200;

pub(super) async fn run(chaos: &Arc<Chaos>, transport: Transport, phase: u64) -> Result<Tally> {
    let tally = Arc::new(Tally::default());
    let next = Arc::new(AtomicUsize::new(0));
    let random = chaos.random.part(phase);
    if chaos.sizes.model_cuts > 0 {
        chaos.stage.model_proxy.set_mortality(Some(Mortality {
            one_in: chaos.sizes.model_cuts,
            most_bytes: u64::from(chaos.sizes.tokens) * TOKEN_BYTES,
            random: random.part(u64::MAX),
        }));
    }
    let workers = (0..chaos.sizes.at_once.min(chaos.sizes.replies)).map(|worker| {
        let worker = Worker {
            chaos: chaos.clone(),
            tally: tally.clone(),
            next: next.clone(),
            number: worker,
            random: random.clone(),
        };
        tokio::spawn(worker.live(transport))
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    chaos.stage.model_proxy.set_mortality(None);
    // Those that were born mortal.
    chaos.stage.model_proxy.cut();
    Arc::into_inner(tally).ok_or_else(|| "a worker is left".into())
}

struct Worker {
    chaos: Arc<Chaos>,
    tally: Arc<Tally>,
    next: Arc<AtomicUsize>,
    number: usize,
    /// Of the phase: what happens to a reply depends on its number, not on who gets it.
    random: Random,
}

impl Worker {
    async fn live(self, transport: Transport) -> Result<()> {
        let mut viewer = {
            let mut random = self.random.part(self.number as u64);
            Viewer::start(&self.chaos, self.number, transport, &mut random).await?
        };
        loop {
            let reply = self.next.fetch_add(1, Ordering::Relaxed);
            if reply >= self.chaos.sizes.replies {
                self.tally.events.fetch_add(viewer.client.ledger.events(), Ordering::Relaxed);
                return Ok(());
            }
            self.reply(&mut viewer, reply).await?;
        }
    }

    async fn reply(&self, viewer: &mut Viewer, number: usize) -> Result<()> {
        let (chaos, tally) = (self.chaos.clone(), self.tally.clone());
        let sizes = &chaos.sizes;
        let place = format!("reply {number}");
        // Slices cut characters of several bytes.
        let unicode = if number.is_multiple_of(3) { " unicode" } else { "" };
        let prompt = format!(
            "Question {number} of {}\n/sim tokens={} rate={} thinking_tokens=40 thinking_rate={}{unicode}",
            chaos.seed, sizes.tokens, sizes.rate, sizes.rate
        );
        let expected = chaos.stage.simulator.reply(&prompt).await?;
        let began = Instant::now();
        tally.tried();
        let room = viewer.client.create_room();
        let message = viewer.client.say(room, &prompt);
        let outcome = self.watch(viewer, room, message, self.random.part(1_000_000 + number as u64)).await;
        viewer.proxy.set(load::Fault::None);
        tally.took(began.elapsed());
        if let Err(error) = outcome {
            let run = viewer.client.reply(room, message).and_then(|reply| reply.run.clone());
            let held = viewer.client.reply(room, message).map(|reply| reply.text.len());
            let timeline = viewer.client.client.room(room);
            let state = timeline.map(|timeline| (timeline.state(), timeline.is_caught_up()));
            let waiting: Vec<_> = timeline.iter().flat_map(app::client::Timeline::pending).collect();
            tally.stuck(
                &place,
                &format!(
                    "{error}; the run is {run:?}, {held:?} bytes are here; the room is {state:?}, on its way are {waiting:?}"
                ),
            );
            tally.found(&place, viewer.client.ledger.take_findings());
            return Ok(());
        }
        if let Some(reply) = viewer.client.reply(room, message) {
            let attempt = reply.run.as_ref().map_or(0, |run| run.attempt);
            if reply.text != expected.text {
                let run = format!("{:?}", reply.run);
                tally.lost(&place, &format!("the text differs ({}); {run}", at(&reply.text, &expected.text)));
            } else if attempt == 1 && reply.thinking != expected.thinking {
                tally.lost(
                    &place,
                    &format!("the thinking differs ({})", at(&reply.thinking, &expected.thinking)),
                );
            }
        }
        viewer.check(room, &place, &tally).await
    }

    /// Watches a reply under faults to its very end, as a person does: reloads now and then, and presses Continue
    /// when the server has given up.
    async fn watch(
        &self,
        viewer: &mut Viewer,
        room: RoomId,
        message: MessageId,
        mut random: Random,
    ) -> std::result::Result<(), TimedOut> {
        let sizes = &self.chaos.sizes;
        let reload_at = random.once_in(4).then(|| random.below(u64::from(sizes.tokens) * 3));
        let Viewer { client, proxy, .. } = viewer;
        let watched = async {
            if let Some(bytes) = reload_at {
                let has_enough = |reply: &app::protocol::Message| reply.text.len() as u64 >= bytes;
                client
                    .until("some text", sizes.patience, |client| {
                        client.has_whole_reply(room, message)
                            || client.reply(room, message).is_some_and(has_enough)
                    })
                    .await?;
                client.reload(Some(room)).await;
            }
            for _ in 0..CONTINUES {
                client
                    .until("the whole reply", sizes.patience, |client| client.has_whole_reply(room, message))
                    .await?;
                let interrupted = client
                    .reply(room, message)
                    .filter(|reply| {
                        reply.run.as_ref().is_some_and(|run| run.status == RunStatus::Interrupted)
                    })
                    .map(|reply| reply.id);
                let Some(reply) = interrupted else { return Ok(()) };
                let id = client.give(Command::ContinueRun { room, message: reply });
                client
                    .until("the answer to Continue", sizes.patience, |client| {
                        client.client.outbox().all(|(other, _)| other != id)
                    })
                    .await?;
                let is_refused = client.client.notices().iter().any(|notice| notice.id == id);
                client.input(app::client::Input::Discard(id));
                if is_refused {
                    return Ok(());
                }
                client
                    .until("the reply to go on", sizes.patience, |client| {
                        client
                            .message(room, reply)
                            .and_then(|reply| reply.run.as_ref())
                            .is_some_and(|run| run.status != RunStatus::Interrupted)
                    })
                    .await?;
            }
            Ok(())
        };
        tokio::select! {
                   result = watched => result,
                   never = storm(proxy, &mut random, sizes.faults,
        MOST_CALM, sizes.may_forget, &self.tally.faults) => match never {},
               }
    }
}

/// Where two texts part.
pub(super) fn at(text: &str, expected: &str) -> String {
    let same = text.bytes().zip(expected.bytes()).take_while(|(one, other)| one == other).count();
    format!("{} of {} bytes, the same up to {same}", text.len(), expected.len())
}
