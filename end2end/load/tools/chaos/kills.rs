//! `kill -9` of the server in the middle of many replies, and a restart: nothing that a viewer had seen is lost or
//! changes, every reply goes on to its end by itself, and every viewer is right soon.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use app::client::Transport;
use app::protocol::{Message, RunStatus};
use load::{NativeClient, Random, Result, SimulatorAdmin};
use tokio::sync::watch;

use super::Chaos;
use super::replies::at;
use super::tally::Tally;
use super::viewer::Viewer;
use crate::output::{quantile, seconds};

/// From the server being up again: every viewer is connected, and its reply goes on or has ended.
const RIGHT_WITHIN: Duration = Duration::from_secs(15);
/// Seconds that a reply takes, most of it after the kill.
const REPLY_SECONDS: u32 = 12;

/// What the server does, as all viewers get to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    Up,
    Dead,
    UpAgain(Instant),
}

pub(super) async fn run(chaos: &mut Chaos, transports: &[Transport]) -> Result<Tally> {
    let tally = Arc::new(Tally::default());
    let mut random = chaos.random.part(300);
    let (says, server) = watch::channel(Server::Up);
    let mut viewers = Vec::new();
    for number in 0..chaos.sizes.kills {
        let viewer = KillViewer {
            viewer: Viewer::start(chaos, number, transports[number % transports.len()], &mut random).await?,
            simulator: chaos.stage.simulator.clone(),
            prompt: format!(
                "Kill {number} of {}\n/sim tokens={} rate={} thinking_tokens=40 thinking_rate=20 first_byte_ms={}",
                chaos.seed,
                chaos.sizes.tokens,
                (chaos.sizes.tokens / REPLY_SECONDS).max(1),
                random.below(3_000),
            ),
            number,
            patience: chaos.sizes.patience,
            tally: tally.clone(),
            random: random.part(number as u64),
        };
        viewers.push(tokio::spawn(viewer.live(server.clone())));
    }
    drop(server);
    tokio::time::sleep(random.millis(3_000, 5_000)).await;
    chaos.stage.server.kill().await?;
    says.send_replace(Server::Dead);
    chaos.stage.server.start_again().await?;
    says.send_replace(Server::UpAgain(Instant::now()));
    let mut times = Vec::new();
    for viewer in viewers {
        times.extend(viewer.await??);
    }
    times.sort_unstable();
    tally.remark(format!(
        "{} of {} viewers were right within 15 s of the server being up: half of them after {}, the last after {}",
        times.iter().filter(|time| **time <= RIGHT_WITHIN).count(),
        chaos.sizes.kills,
        seconds(quantile(&times, 50)),
        seconds(quantile(&times, 100)),
    ));
    Arc::into_inner(tally).ok_or_else(|| "a viewer is left".into())
}

struct KillViewer {
    viewer: Viewer,
    simulator: SimulatorAdmin,
    prompt: String,
    number: usize,
    patience: Duration,
    tally: Arc<Tally>,
    random: Random,
}

impl KillViewer {
    /// Returns how long after the restart it was right.
    async fn live(mut self, mut server: watch::Receiver<Server>) -> Result<Option<Duration>> {
        let place = format!("reply {}", self.number);
        let expected = self.simulator.reply(&self.prompt).await?;
        self.tally.tried();
        let room = self.viewer.client.create_room();
        let message = self.viewer.client.say(room, &self.prompt);
        let client = &mut self.viewer.client;
        // Sees as much as there is until the process is gone.
        while *server.borrow_and_update() == Server::Up {
            client.run_for(Duration::from_millis(50)).await;
        }
        let seen = client.reply(room, message).map(Progress::of);
        let up = loop {
            if let Server::UpAgain(up) = *server.borrow_and_update() {
                break up;
            }
            client.run_for(Duration::from_millis(50)).await;
        };
        // A newcomer, who must see at least what was seen before, and a page that stays.
        if self.random.once_in(4) {
            client.reload(Some(room)).await;
        }
        let is_right = |client: &NativeClient| {
            client.is_live()
                && client.client.room(room).is_some_and(|timeline| timeline.is_caught_up())
                && client.reply(room, message).map(Progress::of).is_some_and(|now| {
                    now.has_ended || seen.as_ref().is_none_or(|before| now.is_further_than(before))
                })
        };
        let right = client.until("the reply to go on", RIGHT_WITHIN * 2, is_right).await;
        let time = right.is_ok().then(|| up.elapsed());
        match (right, time) {
            (Ok(()), Some(time)) if time <= RIGHT_WITHIN => self.tally.took(time),
            (Ok(()), time) => self.tally.stuck(&place, &format!("right only after {time:?}")),
            (Err(error), _) => {
                let run = client.reply(room, message).and_then(|reply| reply.run.clone());
                self.tally.stuck(&place, &format!("{error}; the run is {run:?}"));
            }
        }
        let end =
            client.until("the end", self.patience, |client| client.has_whole_reply(room, message)).await;
        if let Err(error) = end {
            let run = client.reply(room, message).and_then(|reply| reply.run.clone());
            self.tally.stuck(&place, &format!("{error}; the run is {run:?}"));
        } else if let Some(reply) = client.reply(room, message) {
            let status = reply.run.as_ref().map(|run| run.status);
            if status != Some(RunStatus::Done) || reply.text != expected.text {
                let what = format!("{status:?} with {}", at(&reply.text, &expected.text));
                self.tally.lost(&place, &what);
            }
        }
        self.viewer.check(room, &place, &self.tally).await?;
        self.tally.events.fetch_add(self.viewer.client.ledger.events(), Ordering::Relaxed);
        Ok(time)
    }
}

/// How far a reply is.
#[derive(Debug)]
struct Progress {
    attempt: u32,
    text: usize,
    thinking: usize,
    has_ended: bool,
}

impl Progress {
    fn of(reply: &Message) -> Self {
        let run = reply.run.as_ref();
        Self {
            attempt: run.map_or(0, |run| run.attempt),
            text: reply.text.len(),
            thinking: reply.thinking.len(),
            has_ended: run.is_some_and(|run| run.status.has_ended()),
        }
    }

    fn is_further_than(&self, before: &Self) -> bool {
        self.attempt > before.attempt || self.text > before.text || self.thinking > before.thinking
    }
}
