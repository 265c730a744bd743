//! One process full of clients: each is as the browser's, with its real delays. It prints what they do as counts, ten
//! times a second, and is told on its input how many messages a room has when nothing is missing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use app::client::Millis;
use app::protocol::RoomId;
use clap::Args;
use load::{Account, NativeClient, Options, Random, Result, Visitor};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::output::say;

/// Clients that share a source address.
pub(super) const PER_ADDRESS: usize = 100;
const SAMPLE_EVERY: Duration = Duration::from_millis(100);
/// Nothing happens to a healthy client for longer than this: the server beats.
const MOMENT: Duration = Duration::from_mins(1);

#[derive(Clone, Debug, Args)]
pub(crate) struct WorkerArguments {
    #[arg(long)]
    server: SocketAddr,
    /// The number of the first client.
    #[arg(long)]
    first: usize,
    #[arg(long)]
    clients: usize,
    #[arg(long)]
    seed: u64,
}

/// Who a client is, and the room that it shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) cookie: String,
    pub(super) room: RoomId,
}

/// All clients of a worker at one moment. `tries` and `arrivals` count from the start.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Sample {
    pub(super) at: Millis,
    /// Attempts to connect.
    pub(super) tries: usize,
    /// Attempts that were welcomed.
    pub(super) arrivals: usize,
    /// Connected, and nothing is missing.
    pub(super) right: usize,
}

#[derive(Debug, Default)]
struct Counts {
    tries: AtomicUsize,
    arrivals: AtomicUsize,
    right: AtomicUsize,
}

pub(crate) async fn work(arguments: WorkerArguments) -> Result<bool> {
    let mut orders = BufReader::new(tokio::io::stdin()).lines();
    let places: Vec<Place> = serde_json::from_str(&orders.next_line().await?.ok_or("nobody says who")?)?;
    let counts = Arc::new(Counts::default());
    let (says, messages) = watch::channel(0);
    let random = Random::new(arguments.seed);
    let mut visitor = None;
    for number in arguments.first..arguments.first + arguments.clients {
        if visitor.is_none() || number.is_multiple_of(PER_ADDRESS) {
            visitor = Some(Visitor::from(arguments.server, Some(address(number / PER_ADDRESS)))?);
        }
        let Some(visitor) = &visitor else { continue };
        let place = &places[number % places.len()];
        let account = visitor.with_cookie(place.cookie.clone());
        let seed = random.part(number as u64).bits();
        tokio::spawn(live(account, place.room, seed, counts.clone(), messages.clone()));
        // The first gathering is not the test.
        if number.is_multiple_of(10) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let mut clock = tokio::time::interval(SAMPLE_EVERY);
    loop {
        tokio::select! {
            _ = clock.tick() => {
                let number = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
                let Counts { tries, arrivals, right } = &*counts;
                let sample = Sample {
                    at: load::now(),
                    tries: number(tries),
                    arrivals: number(arrivals),
                    right: number(right),
                };
                say(&serde_json::to_string(&sample)?);
            }
            order = orders.next_line() => match order? {
                Some(order) => _ = says.send_replace(order.trim().parse()?),
                None => return Ok(true),
            },
        }
    }
}

async fn live(
    account: Account,
    room: RoomId,
    seed: u64,
    counts: Arc<Counts>,
    messages: watch::Receiver<usize>,
) {
    let mut client = NativeClient::start_in(&account, Options::real(seed), Some(room)).await;
    let (mut tries, mut was_live, mut was_right) = (0, false, false);
    loop {
        counts.tries.fetch_add(usize::try_from(client.attempts() - tries).unwrap_or(0), Ordering::Relaxed);
        tries = client.attempts();
        let is_live = client.is_live();
        if is_live && !was_live {
            counts.arrivals.fetch_add(1, Ordering::Relaxed);
        }
        was_live = is_live;
        let is_right = is_live
            && client.client.room(room).is_some_and(|timeline| {
                timeline.is_caught_up() && timeline.messages().len() >= *messages.borrow()
            });
        match (was_right, is_right) {
            (false, true) => _ = counts.right.fetch_add(1, Ordering::Relaxed),
            (true, false) => _ = counts.right.fetch_sub(1, Ordering::Relaxed),
            _ => {}
        }
        was_right = is_right;
        client.step(Instant::now() + MOMENT).await;
    }
}

/// Every address of 127.0.0.0/8 is this machine; the first is left to others.
fn address(number: usize) -> IpAddr {
    let number = u16::try_from(number).unwrap_or(u16::MAX);
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 1, high, low.saturating_add(1)).into()
}
