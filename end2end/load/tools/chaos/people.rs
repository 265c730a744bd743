//! People who write at the same time as each other and as Kimi, each behind a bad network of their own: all of them end
//! with the same messages in the same order, which is the server's.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use app::client::{Input, Transport};
use app::protocol::{Command, CommandId, MessageId, RoomId, RoomKind};
use load::{Random, Result};

use super::Chaos;
use super::tally::Tally;
use super::viewer::Viewer;
use super::weather::storm;

/// In one room.
const PEOPLE: usize = 3;
/// Messages of each; with Kimi's answers, all of a room fit into one snapshot.
const EACH: usize = 8;
/// One in so many asks Kimi.
const ASKS_ONE_IN: usize = 4;
/// Milliseconds between two faults of one person, at most.
const MOST_CALM: u64 = 60;

pub(super) async fn run(chaos: &Arc<Chaos>, transports: &[Transport]) -> Result<Tally> {
    let tally = Arc::new(Tally::default());
    let next = Arc::new(AtomicUsize::new(0));
    let at_once = (chaos.sizes.at_once / PEOPLE).clamp(1, chaos.sizes.groups.max(1));
    let workers = (0..at_once).map(|worker| {
        let (chaos, tally, next) = (chaos.clone(), tally.clone(), next.clone());
        let transports = transports.to_vec();
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= chaos.sizes.groups {
                    return Ok::<(), load::Error>(());
                }
                group(&chaos, &tally, worker, number, &transports).await?;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await??;
    }
    Arc::into_inner(tally).ok_or_else(|| "a worker is left".into())
}

/// One room, from its making to the comparison of what everybody holds.
async fn group(
    chaos: &Arc<Chaos>,
    tally: &Arc<Tally>,
    worker: usize,
    number: usize,
    transports: &[Transport],
) -> Result<()> {
    let mut random = chaos.random.part(300_000 + number as u64);
    let place = format!("group {number}");
    let began = Instant::now();
    let first = worker * PEOPLE;
    let room = RoomId::from_random(random.wide_bits());
    let with = (first + 1..first + PEOPLE).map(|other| format!("user{other}@example.org")).collect();
    let create = Command::CreateRoom { room, title: place.clone(), kind: RoomKind::Group, with, like: None };
    chaos.stage.account(first)?.execute(CommandId::from_random(random.wide_bits()), create).await?;
    let mut people = Vec::new();
    for member in first..first + PEOPLE {
        let transport = transports[member % transports.len()];
        let mut viewer = Viewer::start(chaos, member, transport, &mut random).await?;
        viewer.client.input(Input::OpenRoom(room));
        people.push(viewer);
    }
    tally.tried.fetch_add((PEOPLE * EACH) as u64, Ordering::Relaxed);
    let parts: Vec<Random> = (0..PEOPLE).map(|member| random.part(member as u64)).collect();
    let writing = people
        .iter_mut()
        .zip(parts)
        .enumerate()
        .map(|(member, (viewer, random))| write(chaos, tally, viewer, random, room, member));
    let said: Vec<Vec<MessageId>> = futures_util::future::join_all(writing).await;
    let said: Vec<MessageId> = said.into_iter().flatten().collect();
    // Kimi may be at work after the last of them; everybody lives on until it is done.
    let patience = chaos.sizes.patience;
    let resting = people.iter_mut().map(|viewer| {
        viewer.client.until("everything that was said and answered", patience, |client| {
            let Some(timeline) = client.client.room(room) else { return false };
            timeline.is_caught_up()
                && said.iter().all(|message| timeline.message(*message).is_some())
                && timeline.messages().filter(|message| message.run.is_some()).all(load::is_whole)
        })
    });
    for rest in futures_util::future::join_all(resting).await {
        if let Err(error) = rest {
            tally.stuck(&place, &error.to_string());
        }
    }
    tally.took(began.elapsed());
    let orders: Vec<Vec<MessageId>> = people
        .iter()
        .map(|viewer| {
            let timeline = viewer.client.client.room(room);
            timeline
                .map(|timeline| timeline.messages().map(|message| message.id).collect())
                .unwrap_or_default()
        })
        .collect();
    if orders.iter().any(|order| *order != orders[0]) {
        tally.lost(&place, "its members hold its messages in different orders");
    }
    if said.iter().any(|message| orders[0].iter().filter(|id| *id == message).count() != 1) {
        tally.lost(&place, "not every message is there once");
    }
    for viewer in &mut people {
        viewer.check(room, &place, tally).await?;
        tally.events.fetch_add(viewer.client.ledger.events(), Ordering::Relaxed);
    }
    Ok(())
}

/// One person's messages, through their own storm, until the server has them all.
async fn write(
    chaos: &Chaos,
    tally: &Tally,
    viewer: &mut Viewer,
    mut random: Random,
    room: RoomId,
    member: usize,
) -> Vec<MessageId> {
    let mut skies = random.part(9);
    let Viewer { client, proxy, .. } = viewer;
    let writing = async {
        let mut said = Vec::new();
        for number in 0..EACH {
            let text = if number % ASKS_ONE_IN == member {
                format!("@kimi question {number} of {member}\n/sim tokens=60 no_thinking rate=300")
            } else {
                format!("Message {number} of {member}")
            };
            said.push(client.say(room, &text));
            client.run_for(random.millis(0, 120)).await;
        }
        let all_there = client
            .until("the outbox to be empty", chaos.sizes.patience, |client| {
                client.client.outbox().next().is_none()
            })
            .await;
        if let Err(error) = all_there {
            tally.stuck(&format!("person {member}"), &error.to_string());
        }
        said
    };
    let weather = storm(proxy, &mut skies, u64::MAX, MOST_CALM, false, &tally.faults);
    tokio::select! {
        said = writing => said,
        never = weather => match never {},
    }
}
