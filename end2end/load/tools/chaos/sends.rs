//! Sends under faults, with reloads and a second tab that sends the same: as many rows and as many calls of the model
//! as messages, in the order in which they were sent.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use app::client::{Input, Transport};
use app::protocol::{Author, Command, CommandId, Message, MessageId, RoomId};
use load::{NativeClient, Options, Random, Result, SimulatorAdmin, TimedOut};

use super::Chaos;
use super::tally::Tally;
use super::viewer::Viewer;
use super::weather::storm;
use crate::stage::patiently;

/// Messages in one room; a snapshot has room for them and their answers.
const IN_A_ROOM: usize = 12;
/// Messages that are given before the first one is acknowledged, at most.
const BURST: u64 = 3;

/// Milliseconds between two faults, at most.
const MOST_CALM: u64 = 40;
/// How often the model was asked which prompt.
type Calls = Arc<Mutex<HashMap<String, u64>>>;

pub(super) async fn run(chaos: &Arc<Chaos>, transports: &[Transport]) -> Result<Tally> {
    let tally = Arc::new(Tally::default());
    let next = Arc::new(AtomicUsize::new(0));
    let calls = Calls::default();
    let counting = tokio::spawn(count(chaos.stage.simulator.clone(), calls.clone()));
    let random = chaos.random.part(200);
    let workers = (0..chaos.sizes.at_once.min(chaos.sizes.sends.div_ceil(4))).map(|number| {
        let worker =
            Worker { chaos: chaos.clone(), tally: tally.clone(), next: next.clone(), random: random.clone() };
        tokio::spawn(worker.live(number, transports[number % transports.len()]))
    });
    let mut sent = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        sent.extend(worker.await??);
    }
    // The last calls may not have been counted yet.
    tokio::time::sleep(Duration::from_secs(1)).await;
    counting.abort();
    let calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
    for prompt in &sent {
        let count = calls.get(prompt).copied().unwrap_or(0);
        let line = prompt.lines().next().unwrap_or_default();
        match count {
            1 => {}
            0 => tally.lost(line, "the model was never asked"),
            _ => tally.found(line, [load::Finding::Doubled(format!("the model was asked {count} times"))]),
        }
    }
    let asked: u64 = sent.iter().filter_map(|prompt| calls.get(prompt)).sum();
    tally.remark(format!("{} messages, {asked} calls of the model", sent.len()));
    drop(calls);
    Arc::into_inner(tally).ok_or_else(|| "a worker is left".into())
}

/// Counts the calls as they come; the simulator remembers only the newest.
async fn count(simulator: SimulatorAdmin, calls: Calls) {
    let mut since = 0;
    loop {
        if let Ok(new) = simulator.calls_since(since).await {
            let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
            for call in new {
                since = since.max(call.id);
                *calls.entry(call.prompt).or_default() += 1;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

struct Worker {
    chaos: Arc<Chaos>,
    tally: Arc<Tally>,
    next: Arc<AtomicUsize>,
    /// Of the phase: what happens to a message depends on its number, not on who gets it.
    random: Random,
}

impl Worker {
    /// Returns the prompts of the messages.
    async fn live(self, number: usize, transport: Transport) -> Result<Vec<String>> {
        let mut random = self.random.part(number as u64);
        let mut viewer = Viewer::start(&self.chaos, number, transport, &mut random).await?;
        let options = Options::hasty(random.bits()).transport(transport);
        let mut other_tab = NativeClient::start(&viewer.account, options).await;
        let mut prompts = Vec::new();
        loop {
            let taken = self.next.fetch_add(IN_A_ROOM, Ordering::Relaxed);
            let Some(left) = self.chaos.sizes.sends.checked_sub(taken).filter(|left| *left > 0) else {
                break;
            };
            let numbers = taken..taken + left.min(IN_A_ROOM);
            prompts.extend(self.fill_room(&mut viewer, &mut other_tab, numbers).await?);
        }
        for client in [&viewer.client, &other_tab] {
            self.tally.events.fetch_add(client.ledger.events(), Ordering::Relaxed);
        }
        Ok(prompts)
    }

    async fn fill_room(
        &self,
        viewer: &mut Viewer,
        other_tab: &mut NativeClient,
        numbers: std::ops::Range<usize>,
    ) -> Result<Vec<String>> {
        let (chaos, tally) = (self.chaos.clone(), self.tally.clone());
        let place = format!("sends {} to {}", numbers.start, numbers.end - 1);
        let began = Instant::now();
        let room = viewer.client.create_room();
        let mut choices = self.random.part(1_000_000 + numbers.start as u64);
        let mut skies = choices.part(0);
        let prompt = |number| format!("Send {number} of {}\n/sim tokens=5 no_thinking rate=0", chaos.seed);
        let prompts: Vec<String> = numbers.map(prompt).collect();
        tally.tried.fetch_add(prompts.len() as u64, Ordering::Relaxed);
        let Viewer { client, proxy, .. } = viewer;
        let sending = send(client, other_tab, &prompts, room, &mut choices, chaos.sizes.patience);
        let weather = storm(proxy, &mut skies, u64::MAX, MOST_CALM, false, &tally.faults);
        let sent = tokio::select! {
            sent = sending => sent,
            never = weather => match never {},
        };
        tally.took(began.elapsed());
        let sent = match sent {
            Ok(sent) => sent,
            Err(error) => {
                let waiting = client.client.outbox().count();
                tally.stuck(&place, &format!("{error}; {waiting} commands in the outbox"));
                return Ok(prompts);
            }
        };
        let rest = client
            .until("all answers", chaos.sizes.patience, |client| {
                sent.iter().all(|message| client.has_whole_reply(room, *message))
            })
            .await;
        if let Err(error) = rest {
            tally.stuck(&place, &error.to_string());
        }
        let fresh = patiently(|| viewer.account.room(room)).await;
        let fresh = fresh.map_err(|failure| format!("{place}: no snapshot: {failure:?}"))?;
        rows(&fresh.messages, &sent, &place, &tally);
        tally.found(&place, other_tab.ledger.take_findings());
        viewer.check(room, &place, &tally).await?;
        Ok(prompts)
    }
}

/// Sends in bursts, with reloads, cuts and doubles in between, until the server has everything.
async fn send(
    client: &mut NativeClient,
    other_tab: &mut NativeClient,
    prompts: &[String],
    room: RoomId,
    random: &mut Random,
    patience: Duration,
) -> std::result::Result<Vec<MessageId>, TimedOut> {
    let mut sent = Vec::new();
    let mut rest = prompts;
    while !rest.is_empty() {
        let size = usize::try_from(random.below(BURST)).unwrap_or(0) + 1;
        let (burst, later) = rest.split_at(size.min(rest.len()));
        rest = later;
        for text in burst {
            let command = Command::say(room, text.clone());
            let id = CommandId::from_random(random.wide_bits());
            client.input(Input::Do { id, command: command.clone() });
            sent.push(MessageId(id.0));
            // The room must be there before the other tab can say anything in it.
            if sent.len() > 1 && burst.len() == 1 && random.once_in(2) {
                other_tab.input(Input::Do { id, command });
                other_tab
                    .until("the other tab's answer", patience, |tab| tab.client.outbox().next().is_none())
                    .await?;
            }
        }
        if random.once_in(3) {
            client.run_for(random.millis(0, 30)).await;
            client.cut();
        }
        if random.once_in(4) {
            client.run_for(random.millis(0, 100)).await;
            client.reload(Some(room)).await;
        }
        client
            .until("the outbox to be empty", patience, |client| {
                client.client.outbox().next().is_none()
                    && sent.iter().all(|message| client.message(room, *message).is_some())
            })
            .await?;
    }
    Ok(sent)
}

/// One row per message, in order, and one answer to each.
fn rows(messages: &[Message], sent: &[MessageId], place: &str, tally: &Tally) {
    let said: Vec<MessageId> = messages
        .iter()
        .filter(|message| matches!(message.author, Author::Member { .. }))
        .map(|message| message.id)
        .collect();
    if said != sent {
        tally.lost(
            place,
            &format!("{} messages were sent, the room has {}, or in another order", sent.len(), said.len()),
        );
    }
    for message in sent {
        let answers = messages.iter().filter(|other| other.run.is_some() && other.parent == Some(*message));
        let count = answers.count();
        if count != 1 {
            tally.lost(place, &format!("message {message} has {count} answers"));
        }
    }
}
