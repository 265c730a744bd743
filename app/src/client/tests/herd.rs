//! Five thousand clients of one server that goes away and comes back.
#![expect(clippy::print_stdout, reason = "the rates are worth to be looked at")]

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::stage::{Stage, answer, at};
use crate::client::*;
use crate::protocol::*;

const CLIENTS: u64 = 5_000;
/// From the fetch of the ticket to the `welcome`, when the server is there.
const ROUND_TRIPS: Millis = 300;

/// Attempts and arrivals of each second since the server is back.
struct Wave {
    attempts: Vec<u32>,
    last_arrival: Millis,
}

/// Every client loses its connection at one moment, and the server is away for so long. A drain tells each its slot.
fn wave(outage: Millis, drain: Option<Millis>) -> Wave {
    let began = super::stage::START;
    let up = began + outage;
    let mut due = BinaryHeap::new();
    let mut stages: Vec<Stage> = (0..CLIENTS).map(|seed| live(seed * 7_919 + 1)).collect();
    for (index, stage) in stages.iter_mut().enumerate() {
        stage.now = began;
        match drain {
            Some(window) => {
                let slot = window * index as u64 / CLIENTS;
                let bye = Bye { code: 4100, message: String::new(), retry_after_ms: Some(slot) };
                stage.hear(ServerFrame::Bye(bye));
            }
            None => drop(stage.close(1006)),
        }
        due.push(Reverse((stage.client.next_timeout().unwrap(), index)));
    }
    let mut wave = Wave { attempts: vec![0; 200], last_arrival: 0 };
    while let Some(Reverse((time, index))) = due.pop() {
        let stage = &mut stages[index];
        stage.now = time;
        let mut outputs = stage.tell(Input::Tick);
        let tries =
            |outputs: &[Output]| outputs.iter().any(|output| matches!(output, Output::FetchTicket { .. }));
        if tries(&outputs) && time >= up {
            wave.attempts[usize::try_from((time - up) / 1_000).unwrap()] += 1;
            wave.last_arrival = wave.last_arrival.max(time - up + ROUND_TRIPS);
            continue;
        }
        // A delay of nothing may be drawn.
        while tries(&outputs) {
            outputs = stage.fail_ticket(TicketFailure::Unreachable);
        }
        due.push(Reverse((stage.client.next_timeout().unwrap(), index)));
    }
    assert_eq!(wave.attempts.iter().sum::<u32>(), 5_000, "nobody is left behind");
    let shown = wave.attempts.iter().take(1 + usize::try_from(wave.last_arrival / 1_000).unwrap());
    println!(
        "away {outage} ms, drain {drain:?}: attempts per second {:?}; the last is back after {} ms",
        shown.collect::<Vec<_>>(),
        wave.last_arrival
    );
    wave
}

/// One that has been up for long.
fn live(seed: u64) -> Stage {
    let mut stage = Stage::seeded(seed);
    stage.now -= 20_000;
    stage.tell(Input::Start);
    stage.open();
    stage.welcome_with(vec![answer(Log::Inbox, at(0), Resume::Current)]);
    stage
}

/// coder/coder #24096, firezone #11493, knocklabs/javascript #862, django/channels #568: clients that come back in step
/// bring down the server that they come back to.
#[test]
fn a_restart_makes_one_falling_wave_and_all_are_back_within_15_seconds() {
    for (outage, drain) in [
        (2_000, None),
        (5_000, None),
        (10_000, None),
        (20_000, None),
        (2_000, Some(10_000)),
        (10_000, Some(10_000)),
        (20_000, Some(10_000)),
    ] {
        let wave = wave(outage, drain);
        let first = wave.attempts[..2].iter().max().unwrap();
        let later = wave.attempts[2..].iter().max().unwrap();
        if drain.is_none() {
            assert!(later < first, "a second wave of {later} after {first}");
        }
        assert!(wave.last_arrival <= 15_000, "away for {outage}");
    }
}

/// An outage that lasts is met with the slow pace: a small rate while it lasts, and no more than that at its end.
#[test]
fn a_long_outage_ends_without_a_wave() {
    let wave = wave(120_000, None);
    assert!(wave.attempts.iter().all(|attempts| *attempts < 500));
    assert!(wave.last_arrival <= 61_000);
}
