//! Going away without a wave: each connection leaves at a moment of its own, and is told a moment of its own to come
//! back, when a server is there again.

use std::sync::OnceLock;
use std::time::Duration;

use app::protocol::{CloseCode, Failure, FailureCode};
use app::texts;
use axum::http::StatusCode;
use tokio::time::{Instant, sleep, sleep_until};

use crate::auth::ticket::Tickets;
use crate::http::failure::HttpFailure;
use crate::hub::{Closing, Hub};

/// Between two looks at whether somebody is still on the way.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The time over which connections are closed. It is also what a load balancer has to look elsewhere. Ten seconds
    /// are 500 connections a second for the 5,000 of a single node; more nodes have fewer each.
    pub window: Duration,
    /// From the end of the window until a server is there again.
    pub restart: Duration,
    /// Clients come back spread over at least this.
    pub least_spread: Duration,
    /// Over more, when there are so many that this number of them would come back in a second. A node takes in twice as
    /// many (`make herd`).
    pub returns_per_second: u32,
    /// What is still open after the window gets this much time to end.
    pub end_within: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(10),
            restart: Duration::from_secs(2),
            least_spread: Duration::from_secs(2),
            returns_per_second: 1_000,
            end_within: Duration::from_secs(5),
        }
    }
}

/// Whether the server is going away, and how.
#[derive(Debug)]
pub struct Drain {
    policy: Policy,
    plan: OnceLock<Plan>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    end: Instant,
    spread: Duration,
}

impl Drain {
    pub fn new(policy: Policy) -> Self {
        Self { policy, plan: OnceLock::new() }
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    pub fn has_begun(&self) -> bool {
        self.plan.get().is_some()
    }

    /// Says goodbye to every connection within the window; sooner when the last one has left by itself, and nobody is
    /// on the way, as who polls is most of the time.
    pub async fn run(&self, hub: &Hub, tickets: &Tickets) {
        let began = Instant::now();
        let Policy { window, least_spread, returns_per_second, .. } = self.policy;
        let count = u32::try_from(hub.connection_count()).unwrap_or(u32::MAX);
        let spread = least_spread.max(Duration::from_secs(1) * count / returns_per_second.max(1));
        self.plan.get_or_init(|| Plan { end: began + window, spread });
        // After the plan is known: whoever registers later finds it.
        let mut slots: Vec<_> =
            hub.connections().into_iter().map(|connection| (random(window), connection)).collect();
        slots.sort_by_key(|(slot, _)| *slot);
        let goodbyes = async {
            for (slot, connection) in slots {
                sleep_until(began + slot).await;
                connection.close(self.closing());
            }
        };
        let nobody_is_left = async {
            loop {
                hub.until_empty().await;
                if !tickets.is_any_waiting() {
                    return;
                }
                sleep(LOOK_AGAIN).await;
            }
        };
        let all = async {
            goodbyes.await;
            sleep_until(began + window).await;
        };
        tokio::select! {
            () = all => {}
            () = nobody_is_left => {}
        }
    }

    /// When somebody should come back: after the restart, at a random moment.
    fn retry_after_ms(&self) -> Option<u64> {
        let Plan { end, spread } = self.plan.get()?;
        let wait = end.saturating_duration_since(Instant::now()) + self.policy.restart + random(*spread);
        Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
    }

    /// The goodbye to one connection.
    pub fn closing(&self) -> Closing {
        Closing { code: CloseCode::Drain, retry_after_ms: self.retry_after_ms() }
    }

    /// 503 with `Retry-After` once the server is going away.
    pub fn refuse(&self) -> Result<(), HttpFailure> {
        if !self.has_begun() {
            return Ok(());
        }
        let failure = Failure::new(FailureCode::RateLimited, texts::server::restarting());
        let failure = Failure { retry_after_ms: self.retry_after_ms(), ..failure };
        Err(HttpFailure::with_status(StatusCode::SERVICE_UNAVAILABLE, failure))
    }
}

fn random(below: Duration) -> Duration {
    below.mul_f64(getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX)))
}
