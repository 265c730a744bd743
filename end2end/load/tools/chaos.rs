//! Chaos: replies, stops and sends while networks and processes break under them.

mod kills;
mod people;
mod replies;
mod sends;
mod stops;
mod tally;
mod viewer;
mod weather;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::client::Transport;
use clap::{Args, ValueEnum};
use load::{Random, Result};

use crate::output::{say, seconds, table};
use crate::stage::Stage;
use tally::Tally;

#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    /// Repeats the choices of an earlier run. When they take effect is up to the machine.
    #[arg(long)]
    seed: Option<u64>,
    /// Replies under faults, on each transport (1,000; short: 30).
    #[arg(long)]
    replies: Option<usize>,
    /// Tokens of each (2,000; short: 400).
    #[arg(long)]
    tokens: Option<u32>,
    /// Faults under each, at most (20; short: 8).
    #[arg(long)]
    faults: Option<u64>,
    #[arg(long, value_enum, default_value = "all")]
    transport: Choice,
    /// Replies in whose middle the server is killed (100; short: 12).
    #[arg(long)]
    kills: Option<usize>,
    /// Stops at random moments (1,000; short: 40).
    #[arg(long)]
    stops: Option<usize>,
    /// Messages sent under faults (1,000; short: 60).
    #[arg(long)]
    sends: Option<usize>,
    /// Rooms of three people who write at the same time as Kimi (200; short: 8).
    #[arg(long)]
    groups: Option<usize>,
    /// Replies, stops and sends that are under way at the same time.
    #[arg(long, default_value_t = 40)]
    at_once: usize,
    /// One in so many of the model's connections breaks by itself during the replies under faults; 0: none.
    #[arg(long, default_value_t = 4)]
    model_cuts: u64,
    /// Sizes for every day instead of the full ones.
    #[arg(long)]
    short: bool,
    /// The server; otherwise the build in target/release, or else in target/debug.
    #[arg(long)]
    binary: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    All,
    Websocket,
    EventStream,
    LongPoll,
}

impl Choice {
    fn transports(self) -> Vec<Transport> {
        match self {
            Self::All => vec![Transport::WebSocket, Transport::EventStream, Transport::LongPoll],
            Self::Websocket => vec![Transport::WebSocket],
            Self::EventStream => vec![Transport::EventStream],
            Self::LongPoll => vec![Transport::LongPoll],
        }
    }
}

/// How much of everything.
#[derive(Clone, Debug)]
struct Sizes {
    replies: usize,
    tokens: u32,
    /// Tokens a second of each reply.
    rate: u32,
    faults: u64,
    kills: usize,
    stops: usize,
    sends: usize,
    groups: usize,
    at_once: usize,
    model_cuts: u64,
    /// The longest that anything may take before it counts as stuck.
    patience: Duration,
    /// Connections may be silenced for good, so that only the heartbeat can tell: this costs half a minute each.
    may_forget: bool,
}

impl Sizes {
    fn of(arguments: &Arguments) -> Self {
        let pick = |given: Option<usize>, full: usize, short: usize| {
            given.unwrap_or(if arguments.short { short } else { full })
        };
        let short = arguments.short;
        Self {
            replies: pick(arguments.replies, 1_000, 30),
            tokens: arguments.tokens.unwrap_or(if short { 400 } else { 2_000 }),
            rate: if short { 200 } else { 400 },
            faults: arguments.faults.unwrap_or(if short { 8 } else { 20 }),
            kills: pick(arguments.kills, 100, 12),
            stops: pick(arguments.stops, 1_000, 40),
            sends: pick(arguments.sends, 1_000, 60),
            groups: pick(arguments.groups, 200, 8),
            at_once: arguments.at_once.max(1),
            model_cuts: arguments.model_cuts,
            patience: Duration::from_secs(if short { 45 } else { 180 }),
            may_forget: !short,
        }
    }
}

/// What all phases share.
#[derive(Debug)]
struct Chaos {
    stage: Stage,
    sizes: Sizes,
    seed: u64,
    random: Random,
}

/// Returns whether nothing went wrong.
pub(crate) async fn run(arguments: Arguments) -> Result<bool> {
    let seed = arguments.seed.unwrap_or_else(|| load::now() % 1_000_000_000);
    say(&format!("seed {seed}"));
    let sizes = Sizes::of(&arguments);
    let transports = arguments.transport.transports();
    let stage = Stage::set(arguments.binary, sizes.at_once).await?;
    let mut chaos = Arc::new(Chaos { stage, sizes, seed, random: Random::new(seed) });
    let mut tallies = Vec::new();
    for (number, transport) in transports.iter().enumerate().filter(|_| chaos.sizes.replies > 0) {
        let name = format!("replies under faults, {}", name(*transport));
        let begin = say_begin(&name);
        let tally = replies::run(&chaos, *transport, number as u64).await?;
        tallies.push(say_end(name, begin, tally));
    }
    if chaos.sizes.stops > 0 {
        let name = "stops at random moments".to_owned();
        let begin = say_begin(&name);
        let tally = stops::run(&chaos, &transports).await?;
        tallies.push(say_end(name, begin, tally));
    }
    if chaos.sizes.sends > 0 {
        let name = "sends under faults".to_owned();
        let begin = say_begin(&name);
        let tally = sends::run(&chaos, &transports).await?;
        tallies.push(say_end(name, begin, tally));
    }
    if chaos.sizes.groups > 0 {
        let name = "people and Kimi at the same time".to_owned();
        let begin = say_begin(&name);
        let tally = people::run(&chaos, &transports).await?;
        tallies.push(say_end(name, begin, tally));
    }
    if chaos.sizes.kills > 0 {
        let name = "replies with a kill -9 in the middle".to_owned();
        let begin = say_begin(&name);
        let alone = Arc::get_mut(&mut chaos).ok_or("a phase has left something running")?;
        let tally = kills::run(alone, &transports).await?;
        tallies.push(say_end(name, begin, tally));
    }
    Ok(report(chaos, &tallies))
}

fn report(chaos: Arc<Chaos>, tallies: &[(String, Tally)]) -> bool {
    let mut rows = vec![Tally::head()];
    rows.extend(tallies.iter().map(|(name, tally)| tally.row(name)));
    say(&format!("\n{}\n", table(&rows)));
    for (name, tally) in tallies {
        if let Some(line) = tally.faults_line() {
            say(&format!("{name}: {line}"));
        }
        tally.remarks().iter().for_each(|remark| say(&format!("{name}: {remark}")));
    }
    let is_fine = tallies.iter().all(|(_, tally)| tally.is_fine());
    let seed = chaos.seed;
    if is_fine {
        say(&format!("Nothing was lost, doubled, changed or stuck (seed {seed})."));
        return true;
    }
    for (name, tally) in tallies {
        tally.problems().iter().for_each(|problem| say(&format!("{name}: {problem}")));
    }
    if let Some(chaos) = Arc::into_inner(chaos) {
        say(&format!("The server's data and log are in {}", chaos.stage.keep().display()));
    }
    say(&format!("Something was lost, doubled, changed or stuck. Try again with --seed {seed}."));
    false
}

fn say_begin(name: &str) -> Instant {
    say(&format!("{name} …"));
    Instant::now()
}

fn say_end(name: String, begin: Instant, tally: Tally) -> (String, Tally) {
    let word = if tally.is_fine() { "ok" } else { "FAILED" };
    say(&format!("    {word}, {}", seconds(begin.elapsed())));
    (name, tally)
}

fn name(transport: Transport) -> &'static str {
    match transport {
        Transport::WebSocket => "WebSocket",
        Transport::EventStream => "event stream",
        Transport::LongPoll => "long poll",
    }
}
