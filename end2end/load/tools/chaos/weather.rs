//! Bad weather on one proxy: one fault after another, each for a moment, with calm in between.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use load::{Direction, Fault, Proxy, Random};

/// What can happen to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Reset at once.
    Cut,
    /// Held for a while, and then it either arrives or the connection is reset.
    Hold(Fault),
    /// Silent for good.
    Forget,
}

const TROUBLES: [(&str, Trouble); 9] = [
    ("cut", Trouble::Cut),
    ("blackhole", Trouble::Hold(Fault::Blackhole)),
    ("half-open up", Trouble::Hold(Fault::HalfOpen(Direction::Up))),
    ("half-open down", Trouble::Hold(Fault::HalfOpen(Direction::Down))),
    ("delay", Trouble::Hold(Fault::Delay(Duration::from_millis(200)))),
    ("64-byte slices", Trouble::Hold(Fault::Slices)),
    ("8 KB/s", Trouble::Hold(Fault::Slow)),
    ("refused", Trouble::Hold(Fault::Refuse)),
    ("silent for good", Trouble::Forget),
];
/// One in so many is silent for good: a connection that has to be found dead takes half a minute.
const FORGET_ONE_IN: u64 = 300;

/// How often each happened.
#[derive(Debug, Default)]
pub(super) struct FaultCounts([AtomicU64; TROUBLES.len()]);

impl FaultCounts {
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    pub(super) fn line(&self) -> Option<String> {
        let counts = TROUBLES.iter().zip(&self.0).map(|((name, _), count)| {
            let count = count.load(Ordering::Relaxed);
            format!("{count} {name}")
        });
        (self.total() > 0).then(|| counts.collect::<Vec<_>>().join(", "))
    }
}

/// Bad weather, `faults` times with up to `most_calm` milliseconds in between, or until it is dropped. Afterwards it is calm, and never returns, so that it can be
/// waited for beside what it troubles.
pub(super) async fn storm(
    proxy: &Proxy,
    random: &mut Random,
    faults: u64,
    most_calm: u64,
    may_forget: bool,
    counts: &FaultCounts,
) -> std::convert::Infallible {
    let end = Calm(proxy);
    for _ in 0..faults {
        tokio::time::sleep(random.millis(0, most_calm)).await;
        trouble(proxy, random, may_forget, counts).await;
    }
    drop(end);
    std::future::pending().await
}

async fn trouble(proxy: &Proxy, random: &mut Random, may_forget: bool, counts: &FaultCounts) {
    let last = TROUBLES.len() - 1;
    let index = if may_forget && random.once_in(FORGET_ONE_IN) {
        last
    } else {
        usize::try_from(random.below(last as u64)).unwrap_or(0)
    };
    let (_, trouble) = TROUBLES[index];
    counts.0[index].fetch_add(1, Ordering::Relaxed);
    match trouble {
        Trouble::Cut => proxy.cut(),
        Trouble::Forget => proxy.forget(),
        Trouble::Hold(fault) => {
            let ends_in_cut = fault == Fault::Refuse || random.once_in(2);
            // Refusing matters to those who come back.
            if fault == Fault::Refuse {
                proxy.cut();
            }
            proxy.set(fault);
            tokio::time::sleep(random.millis(20, 700)).await;
            if ends_in_cut {
                proxy.cut();
            }
            proxy.set(Fault::None);
        }
    }
}

/// Takes the fault away also when the storm is dropped in the middle of one.
struct Calm<'a>(&'a Proxy);

impl Drop for Calm<'_> {
    fn drop(&mut self) {
        self.0.set(Fault::None);
    }
}
