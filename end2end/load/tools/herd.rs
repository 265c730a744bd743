//! The herd: thousands of clients that lose their server at the same moment, and how they come back.

mod wave;
mod worker;

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::client::Millis;
use app::protocol::RoomId;
use clap::Args;
use load::{NativeClient, Options, Random, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use crate::output::say;
use crate::stage::Stage;
use wave::Wave;
use worker::{Place, Sample};

pub(crate) use worker::{WorkerArguments, work};

/// Making thousands of accounts would take longer than everything else: few accounts have many connections each.
const ACCOUNTS: usize = 20;
/// How often the counts are looked at.
const LOOK: Duration = Duration::from_millis(50);
/// The longest wait for all to be there, first or again.
const PATIENCE: Duration = Duration::from_mins(2);
/// Watched after all are back, for a wave that comes late.
const AFTERWARDS: Duration = Duration::from_secs(15);
const PROMPT: &str = "While you were away\n/sim tokens=5 no_thinking rate=0";

#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    #[arg(long, default_value_t = 5_000)]
    clients: usize,
    /// Clients in one process; each needs up to two open files.
    #[arg(long, default_value_t = 2_500)]
    per_process: usize,
    /// Seconds between the server's end and its next start.
    #[arg(long, default_value_t = 2)]
    down: u64,
    /// Seconds from the server being up until all must be back and caught up.
    #[arg(long, default_value_t = 15)]
    within: u64,
    #[arg(long)]
    seed: Option<u64>,
    /// The server; otherwise the build in target/release, or else in target/debug.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Returns whether all came back in time and in one wave.
pub(crate) async fn run(arguments: Arguments) -> Result<bool> {
    let seed = arguments.seed.unwrap_or_else(|| load::now() % 1_000_000_000);
    say(&format!("seed {seed}"));
    let mut herd = Herd::gather(arguments, seed).await?;
    let killed = herd.round("kill -9", true).await?;
    let stopped = herd.round("SIGTERM", false).await?;
    Ok(killed && stopped)
}

struct Herd {
    arguments: Arguments,
    stage: Stage,
    workers: Vec<Worker>,
    speakers: Vec<(NativeClient, RoomId)>,
    /// Messages that every room has when nothing is missing.
    messages: usize,
}

struct Worker {
    _child: Child,
    orders: ChildStdin,
    samples: Arc<Mutex<Vec<Sample>>>,
}

impl Herd {
    async fn gather(arguments: Arguments, seed: u64) -> Result<Self> {
        let stage = Stage::set(arguments.binary.clone(), ACCOUNTS).await?;
        let mut random = Random::new(seed);
        let mut speakers = Vec::new();
        let mut places = Vec::new();
        for account in &stage.accounts {
            let mut client = NativeClient::start(account, Options::hasty(random.bits())).await;
            let room = client.create_room();
            client.until("the room", PATIENCE, |client| client.client.outbox().next().is_none()).await?;
            places.push(Place { cookie: account.cookie().to_owned(), room });
            speakers.push((client, room));
        }
        let places = serde_json::to_string(&places)? + "\n";
        let mut workers = Vec::new();
        let mut first = 0;
        while first < arguments.clients {
            let count = arguments.per_process.max(1).min(arguments.clients - first);
            let server = stage.server.address;
            workers.push(Worker::start(server, first, count, random.bits(), &places).await?);
            first += count;
        }
        let herd = Self { arguments, stage, workers, speakers, messages: 0 };
        let took = herd.all_right().await?;
        say(&format!(
            "{} clients of {ACCOUNTS} accounts, with limits raised for it, in {} processes from {} addresses: there \
             after {:.1} s",
            herd.arguments.clients,
            herd.workers.len(),
            herd.arguments.clients.div_ceil(worker::PER_ADDRESS),
            took.as_secs_f64()
        ));
        Ok(herd)
    }

    /// Ends the server, says something meanwhile, starts it again, and judges the return.
    async fn round(&mut self, name: &str, is_crash: bool) -> Result<bool> {
        say(&format!("\n{name}, and {} s later the server is started again", self.arguments.down));
        let began = load::now();
        let server = &mut self.stage.server;
        let ending = async { if is_crash { server.kill().await } else { server.terminate().await } };
        // Those who speak live on meanwhile: a goodbye that is read late counts from then.
        meanwhile(&mut self.speakers, ending).await?;
        let ended = load::now();
        // Something to catch up with, and a message that was given while there was no server.
        self.messages += 2;
        for worker in &mut self.workers {
            worker.orders.write_all(format!("{}\n", self.messages).as_bytes()).await?;
        }
        for (speaker, room) in &mut self.speakers {
            speaker.say(*room, PROMPT);
        }
        let (server, down) = (&mut self.stage.server, Duration::from_secs(self.arguments.down));
        let restart = async {
            tokio::time::sleep(down).await;
            server.start_again().await
        };
        meanwhile(&mut self.speakers, restart).await?;
        let up = load::now();
        let speaking = self.speakers.iter_mut().map(|(speaker, _)| speaker.run_for(PATIENCE));
        let speaking = futures_util::future::join_all(speaking);
        let workers = &self.workers;
        let arguments = &self.arguments;
        let watching = async {
            let back = all_right(workers, arguments.clients).await;
            tokio::time::sleep(AFTERWARDS).await;
            back
        };
        let back = tokio::select! {
            back = watching => back,
            _ = speaking => return Err("the watch took too long".into()),
        };
        let wave = Wave::of(&self.samples(), began, up);
        say(&wave.histogram(began, ended, up));
        Ok(self.judge(back, up, &wave))
    }

    fn judge(&self, back: Option<Millis>, up: Millis, wave: &Wave) -> bool {
        let clients = self.arguments.clients;
        let Some(back) = back else {
            let right: usize = self.workers.iter().map(|worker| worker.latest().right).sum();
            say(&format!("FAILED: only {right} of {clients} came back within {} s", PATIENCE.as_secs()));
            return false;
        };
        let took = back.saturating_sub(up);
        let is_in_time = took <= self.arguments.within * 1_000;
        let word = if is_in_time { "ok" } else { "FAILED" };
        say(&format!(
            "{word}: all {clients} were back and caught up {:.1} s after the server was up",
            Duration::from_millis(took).as_secs_f64()
        ));
        match wave.second_wave() {
            None => say("ok: no second wave"),
            Some(second) => say(&format!("FAILED: a second wave, {second} s after the server was up")),
        }
        is_in_time && wave.second_wave().is_none()
    }

    async fn all_right(&self) -> Result<Duration> {
        let began = load::now();
        let right = all_right(&self.workers, self.arguments.clients).await;
        let right = right.ok_or("not all clients could connect")?;
        Ok(Duration::from_millis(right.saturating_sub(began)))
    }

    fn samples(&self) -> Vec<Vec<Sample>> {
        self.workers.iter().map(Worker::samples).collect()
    }
}

/// Does something while the clients of this process live on.
async fn meanwhile(
    speakers: &mut [(NativeClient, RoomId)],
    action: impl Future<Output = Result<()>>,
) -> Result<()> {
    let speaking = speakers.iter_mut().map(|(speaker, _)| speaker.run_for(PATIENCE));
    tokio::select! {
        result = action => result,
        _ = futures_util::future::join_all(speaking) => Err("it took too long".into()),
    }
}

/// When all clients were right, unless it took too long.
async fn all_right(workers: &[Worker], clients: usize) -> Option<Millis> {
    let until = load::now() + u64::try_from(PATIENCE.as_millis()).unwrap_or(u64::MAX) / 2;
    while load::now() < until {
        let latest: Vec<Sample> = workers.iter().map(Worker::latest).collect();
        if latest.iter().map(|sample| sample.right).sum::<usize>() == clients {
            return latest.iter().map(|sample| sample.at).max();
        }
        tokio::time::sleep(LOOK).await;
    }
    None
}

impl Worker {
    async fn start(
        server: std::net::SocketAddr,
        first: usize,
        count: usize,
        seed: u64,
        places: &str,
    ) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["herd-worker", "--server", &server.to_string(), "--first", &first.to_string()])
            .args(["--clients", &count.to_string(), "--seed", &seed.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut orders = child.stdin.take().ok_or("a worker has no input")?;
        orders.write_all(places.as_bytes()).await?;
        let output = child.stdout.take().ok_or("a worker has no output")?;
        let samples = Arc::new(Mutex::new(Vec::new()));
        let kept = samples.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(output).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                if let Ok(sample) = serde_json::from_str::<Sample>(&line) {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
                }
            }
        });
        Ok(Self { _child: child, orders, samples })
    }

    fn samples(&self) -> Vec<Sample> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn latest(&self) -> Sample {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).last().copied().unwrap_or_default()
    }
}
