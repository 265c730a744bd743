//! Stops at random moments, also before the first token: none is stuck, the text so far is kept, and the model is no
//! longer asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::client::Transport;
use app::protocol::{Command, MessageId, RoomId, RunStatus};
use load::{NativeClient, Random, Result, TimedOut};

use super::Chaos;
use super::replies::at;
use super::tally::Tally;
use super::viewer::Viewer;

/// A stop that took longer has not worked.
const PATIENCE: Duration = Duration::from_secs(10);
/// For the simulator to see that nobody reads any more.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);
const TOKENS: u32 = 400;
const RATE: u32 = 400;

pub(super) async fn run(chaos: &Arc<Chaos>, transports: &[Transport]) -> Result<Tally> {
    let tally = Arc::new(Tally::default());
    let next = Arc::new(AtomicUsize::new(0));
    let random = chaos.random.part(100);
    let mut workers = Vec::new();
    for number in 0..chaos.sizes.at_once.min(chaos.sizes.stops) {
        let transport = transports[number % transports.len()];
        let (chaos, tally, next) = (chaos.clone(), tally.clone(), next.clone());
        let random = random.clone();
        workers.push(tokio::spawn(async move {
            let mut viewer =
                Viewer::start(&chaos, number, transport, &mut random.part(number as u64)).await?;
            loop {
                let stop = next.fetch_add(1, Ordering::Relaxed);
                if stop >= chaos.sizes.stops {
                    tally.events.fetch_add(viewer.client.ledger.events(), Ordering::Relaxed);
                    return Ok::<_, load::Error>(());
                }
                let mut choices = random.part(1_000_000 + stop as u64);
                stop_one(&chaos, &mut viewer, stop, &mut choices, &tally).await?;
            }
        }));
    }
    for worker in workers {
        worker.await??;
    }
    nobody_is_asked(chaos, &tally).await?;
    Arc::into_inner(tally).ok_or_else(|| "a worker is left".into())
}

async fn stop_one(
    chaos: &Chaos,
    viewer: &mut Viewer,
    number: usize,
    random: &mut Random,
    tally: &Tally,
) -> Result<()> {
    let place = format!("stop {number}");
    let prompt = format!(
        "Stop {number} of {}\n/sim tokens={TOKENS} rate={RATE} thinking_tokens=40 thinking_rate={RATE} first_byte_ms={}",
        chaos.seed,
        random.below(200)
    );
    let expected = chaos.stage.simulator.reply(&prompt).await?;
    tally.tried();
    let room = viewer.client.create_room();
    let message = viewer.client.say(room, &prompt);
    // One in three as soon as there is something to stop, the others somewhere in the text or after it.
    let bytes = if random.once_in(3) { 0 } else { random.below(u64::from(TOKENS) * 5) };
    let announced = viewer
        .client
        .until("something to stop", chaos.sizes.patience, |client: &NativeClient| {
            client.has_whole_reply(room, message)
                || client.reply(room, message).is_some_and(|reply| reply.text.len() as u64 >= bytes)
        })
        .await;
    if let Err(error) = announced {
        tally.stuck(&place, &error.to_string());
        return Ok(());
    }
    let Some(reply) = viewer.client.reply(room, message).map(|reply| reply.id) else { return Ok(()) };
    let began = Instant::now();
    viewer.client.give(Command::StopRun { room, message: reply });
    let stopped: std::result::Result<(), TimedOut> = viewer
        .client
        .until("the end of the run", PATIENCE, |client| client.has_whole_reply(room, message))
        .await;
    tally.took(began.elapsed());
    let Some(reply) = viewer.client.reply(room, message) else { return Ok(()) };
    let status = reply.run.as_ref().map(|run| run.status);
    match (stopped, status) {
        (Err(error), status) => tally.stuck(&place, &format!("{error}; the run is {status:?}")),
        (Ok(()), Some(RunStatus::Done)) if reply.text == expected.text => {}
        (Ok(()), Some(RunStatus::Stopped)) if expected.text.starts_with(&reply.text) => {}
        (Ok(()), status) => {
            tally.lost(&place, &format!("{status:?} with {}", at(&reply.text, &expected.text)));
        }
    }
    viewer.check(room, &place, tally).await?;
    if random.once_in(2) {
        return say_instead(chaos, viewer, &place, room, message, tally).await;
    }
    Ok(())
}

/// The stopped question is sent anew as another version, and then the first one is shown again.
async fn say_instead(
    chaos: &Chaos,
    viewer: &mut Viewer,
    place: &str,
    room: RoomId,
    message: MessageId,
    tally: &Tally,
) -> Result<()> {
    let text = format!("Instead of {place} of {}\n/sim tokens=20 rate={RATE} no_thinking", chaos.seed);
    let expected = chaos.stage.simulator.reply(&text).await?;
    let (parent, reply_to, beside) = (None, None, Some(message));
    let instead = viewer.client.give(Command::SendMessage { room, text, parent, reply_to, beside });
    let instead = MessageId(instead.0);
    let answered = viewer
        .client
        .until("the reply to another version", PATIENCE, |client| client.has_whole_reply(room, instead))
        .await;
    if let Err(error) = answered {
        tally.stuck(place, &error.to_string());
        return Ok(());
    }
    if viewer.client.reply(room, instead).is_none_or(|reply| reply.text != expected.text) {
        tally.lost(place, "the reply to another version is not the model's");
    }
    viewer.check(room, place, tally).await?;
    viewer.client.give(Command::ShowBranch { room, message });
    let is_shown = |client: &NativeClient| {
        let path = client.client.room(room).map(|timeline| timeline.path()).unwrap_or_default();
        path.iter().any(|shown| shown.id == message)
    };
    if let Err(error) = viewer.client.until("the first version", PATIENCE, is_shown).await {
        tally.stuck(place, &error.to_string());
        return Ok(());
    }
    viewer.check(room, place, tally).await
}

/// No reply that was stopped is still paid for.
async fn nobody_is_asked(chaos: &Chaos, tally: &Tally) -> Result<()> {
    let until = Instant::now() + LEAVE_WITHIN;
    loop {
        let calls = chaos.stage.simulator.calls_since(0).await?;
        let open: Vec<_> = calls
            .iter()
            .filter(|call| {
                call.prompt.starts_with("Stop ") && matches!(&*call.outcome, "waiting" | "streaming")
            })
            .collect();
        let Some(call) = open.first() else { return Ok(()) };
        if Instant::now() > until {
            let what = format!("{} calls of the model go on after their stop", open.len());
            tally.stuck(call.prompt.lines().next().unwrap_or_default(), &what);
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
