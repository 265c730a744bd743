//! Slow readers: what 200 clients that read one kilobyte a second cost the server, and whether the others notice.

mod latency;
mod stamped_model;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use app::protocol::{MessageId, RoomId};
use clap::Args;
use load::{NativeClient, Options, Random, Result, ServerProcess};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::output::{say, table};
use crate::stage::Stage;
use latency::Latencies;
use stamped_model::StampedModel;

/// Rooms in each of which one long reply is written.
const ROOMS: usize = 8;
/// Clients per room that read as fast as they can.
const VIEWERS: usize = 5;
/// Bytes a second of a slow one, and what its kernel takes in.
const SLOW_RATE: u32 = 1_024;
const SLOW_BUFFER: u32 = 4 * 1_024;
/// What a slow reader may cost.
const MEMORY_EACH: u64 = 256 * 1_024;
/// By how much the others' p99 may change.
const CHANGE: f64 = 1.1;
/// Each part with slow readers stands between two without: a machine that gets busier shows in both.
const PARTS: [&str; 5] = ["without", WITH, "without", WITH, "without"];
const WITH: &str = "with";

#[derive(Clone, Debug, Args)]
pub(crate) struct Arguments {
    #[arg(long, default_value_t = 200)]
    readers: usize,
    /// Seconds of each of the five parts, by turns without and with slow readers.
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The server; otherwise the build in target/release, or else in target/debug.
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// What one part has shown.
struct Part {
    name: &'static str,
    latencies: Latencies,
    /// Least and most resident memory.
    memory: (u64, u64),
}

/// Returns whether memory stays within bounds and nobody else notices.
pub(crate) async fn run(arguments: Arguments) -> Result<bool> {
    let model = StampedModel::start().await?;
    let stage = Stage::set_with_model(arguments.binary.clone(), ROOMS, Some(model.address)).await?;
    let mut random = Random::new(arguments.seed);
    let mut speakers = Vec::new();
    for account in &stage.accounts {
        speakers.push(NativeClient::start(account, Options::hasty(random.bits())).await);
    }
    say(&format!(
        "{ROOMS} replies of {} KB/s at a time, {} viewers; {} slow readers in every other part; each part takes {} s",
        stamped_model::BYTES_PER_SECOND / 1_024,
        ROOMS * VIEWERS,
        arguments.readers,
        arguments.seconds
    ));
    // Allocators and caches grow at first; that is not what is measured.
    part(&stage, &mut speakers, "warm-up", 0, arguments.seconds / 4, &mut random).await?;
    let mut parts = Vec::new();
    for name in PARTS {
        let readers = if name == WITH { arguments.readers } else { 0 };
        parts.push(part(&stage, &mut speakers, name, readers, arguments.seconds, &mut random).await?);
    }
    Ok(judge(&parts, arguments.readers))
}

/// Long replies, watched for a while.
async fn part(
    stage: &Stage,
    speakers: &mut [NativeClient],
    name: &'static str,
    readers: usize,
    length: u64,
    random: &mut Random,
) -> Result<Part> {
    // New rooms, so that no part has to load the replies of the one before.
    let mut rooms = Vec::new();
    for speaker in speakers.iter_mut() {
        rooms.push(speaker.create_room());
        speaker
            .until("the room", Duration::from_secs(20), |client| client.client.outbox().next().is_none())
            .await?;
    }
    let (ends, end) = watch::channel(false);
    let mut slow = JoinSet::new();
    for number in 0..readers {
        let (account, room) = (stage.account(number)?.clone(), rooms[number % rooms.len()]);
        let options = Options {
            receive_buffer: Some(SLOW_BUFFER),
            read_rate: Some(SLOW_RATE),
            ..Options::real(random.bits())
        };
        let mut end = end.clone();
        slow.spawn(async move {
            let mut client = NativeClient::start_in(&account, options, Some(room)).await;
            let live = async { while client.step(Instant::now() + Duration::from_mins(1)).await {} };
            tokio::select! {
                () = live => {}
                _ = end.wait_for(|is_over| *is_over) => {}
            }
            client.attempts()
        });
    }
    let deadline = Instant::now() + Duration::from_secs(length);
    let latencies = Arc::new(Latencies::new());
    let mut viewers = JoinSet::new();
    for (index, (speaker, room)) in speakers.iter_mut().zip(&rooms).enumerate() {
        let question = speaker.say(*room, &format!("Count for {} seconds", length + 2));
        let answered = |client: &NativeClient| client.reply(*room, question).is_some();
        speaker.until("the reply", Duration::from_secs(20), answered).await?;
        for _ in 0..VIEWERS {
            let (account, room, latencies) = (stage.account(index)?.clone(), *room, latencies.clone());
            let options = Options::real(random.bits());
            viewers.spawn(async move { view(account, options, room, question, deadline, &latencies).await });
        }
    }
    let memory = watch_memory(&stage.server, deadline).await?;
    while let Some(viewer) = viewers.join_next().await {
        viewer??;
    }
    ends.send_replace(true);
    let mut attempts = 0;
    while let Some(reader) = slow.join_next().await {
        attempts += reader?;
    }
    if readers > 0 {
        say(&format!("the {readers} slow readers connected {attempts} times"));
    }
    // The replies end before the next part begins.
    for speaker in speakers.iter_mut() {
        speaker.run_for(Duration::from_millis(500)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let latencies = Arc::into_inner(latencies).ok_or("a viewer is left")?;
    Ok(Part { name, latencies, memory })
}

/// Reads as fast as it can, and notes how old every piece is when it comes.
async fn view(
    account: load::Account,
    options: Options,
    room: RoomId,
    question: MessageId,
    deadline: Instant,
    latencies: &Latencies,
) -> Result<()> {
    let mut client = NativeClient::start_in(&account, options, Some(room)).await;
    client
        .until("the reply", Duration::from_secs(20), |client| {
            client.is_live() && client.reply(room, question).is_some()
        })
        .await?;
    // What was written before this client looked was not sent to it late.
    let mut seen = client.reply(room, question).map_or(0, |reply| reply.text.len());
    client.run_for(Duration::from_secs(1)).await;
    seen = seen.max(client.reply(room, question).map_or(0, |reply| reply.text.len()));
    while client.step(deadline).await {
        let now = stamped_model::now();
        if let Some(reply) = client.reply(room, question)
            && let Some(new) = reply.text.get(seen..)
        {
            // Whole lines only: a stamp may be cut.
            let Some(end) = new.rfind('\n') else { continue };
            latencies.note(now, &new[..end]);
            seen += end + 1;
        }
    }
    match client.ledger.findings().first() {
        None => Ok(()),
        Some(finding) => Err(format!("a viewer {finding}").into()),
    }
}

async fn watch_memory(server: &ServerProcess, deadline: Instant) -> Result<(u64, u64)> {
    let (mut least, mut most) = (u64::MAX, 0);
    while Instant::now() < deadline {
        let memory = server.memory()?;
        (least, most) = (least.min(memory), most.max(memory));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok((least, most))
}

fn judge(parts: &[Part], readers: usize) -> bool {
    let megabytes = |bytes: u64| format!("{} MB", bytes.div_ceil(1_048_576));
    let millis = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1e3);
    let head = ["", "pieces", "p50", "p99", "p99 of 5 s", "memory, least", "most"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for part in parts {
        let (least, most) = part.latencies.spread(99);
        rows.push(vec![
            part.name.to_owned(),
            part.latencies.count().to_string(),
            millis(part.latencies.quantile(50)),
            millis(part.latencies.quantile(99)),
            format!("{} to {}", millis(least), millis(most)),
            megabytes(part.memory.0),
            megabytes(part.memory.1),
        ]);
    }
    say(&table(&rows));
    let (with, without): (Vec<&Part>, Vec<&Part>) = parts.iter().partition(|part| part.name == WITH);
    let most = |parts: &[&Part]| parts.iter().map(|part| part.memory.1).max().unwrap_or(0);
    let allowed = most(&without) + MEMORY_EACH * readers as u64;
    let is_bounded = most(&with) <= allowed;
    let word = |is_fine: bool| if is_fine { "ok" } else { "FAILED" };
    say(&format!(
        "{}: at most {} of memory, {} are allowed",
        word(is_bounded),
        megabytes(most(&with)),
        megabytes(allowed)
    ));
    let p99 = |parts: &[&Part]| {
        let all: Duration = parts.iter().map(|part| part.latencies.quantile(99)).sum();
        all / u32::try_from(parts.len()).unwrap_or(u32::MAX).max(1)
    };
    let is_unnoticed = p99(&with) <= p99(&without).mul_f64(CHANGE);
    say(&format!(
        "{}: the mean of p99 is {} with slow readers and {} without; it may be {}",
        word(is_unnoticed),
        millis(p99(&with)),
        millis(p99(&without)),
        millis(p99(&without).mul_f64(CHANGE)),
    ));
    is_bounded && is_unnoticed
}
