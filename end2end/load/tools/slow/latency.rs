//! How old pieces of text were when they came, over all viewers, in windows of five seconds.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::stamped_model::stamp;
use crate::output::quantile;

/// Microseconds.
const WINDOW: u64 = 5_000_000;

#[derive(Debug, Default)]
pub(super) struct Latencies(Mutex<BTreeMap<u64, Vec<Duration>>>);

impl Latencies {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn windows(&self) -> MutexGuard<'_, BTreeMap<u64, Vec<Duration>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines that have come at `now`.
    pub(super) fn note(&self, now: u64, lines: &str) {
        let mut windows = self.windows();
        let window = windows.entry(now / WINDOW).or_default();
        window
            .extend(lines.lines().filter_map(stamp).map(|at| Duration::from_micros(now.saturating_sub(at))));
    }

    pub(super) fn count(&self) -> usize {
        self.windows().values().map(Vec::len).sum()
    }

    pub(super) fn quantile(&self, percent: usize) -> Duration {
        let mut all: Vec<Duration> = self.windows().values().flatten().copied().collect();
        all.sort_unstable();
        quantile(&all, percent)
    }

    /// The least and the greatest of the windows.
    pub(super) fn spread(&self, percent: usize) -> (Duration, Duration) {
        let windows = self.windows();
        let quantiles = windows.values().map(|window| {
            let mut window = window.clone();
            window.sort_unstable();
            quantile(&window, percent)
        });
        let all: Vec<Duration> = quantiles.collect();
        (all.iter().min().copied().unwrap_or_default(), all.iter().max().copied().unwrap_or_default())
    }
}
