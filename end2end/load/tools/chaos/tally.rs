//! What a phase has tried and what went wrong in it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use load::Finding;

use super::weather::FaultCounts;
use crate::output::seconds;

/// Problems that are printed; one bug can make thousands.
const SHOWN: usize = 20;

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) tried: AtomicU64,
    /// Durable events that viewers applied.
    pub(super) events: AtomicU64,
    pub(super) faults: FaultCounts,
    lost: AtomicU64,
    doubled: AtomicU64,
    changed: AtomicU64,
    stuck: AtomicU64,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    problems: Vec<String>,
    remarks: Vec<String>,
    slowest: Duration,
}

impl Tally {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tried(&self) {
        self.tried.fetch_add(1, Ordering::Relaxed);
    }

    /// How long something took, of which the longest is told.
    pub(super) fn took(&self, time: Duration) {
        let mut inner = self.inner();
        inner.slowest = inner.slowest.max(time);
    }

    /// Something worth knowing that is no problem.
    pub(super) fn remark(&self, remark: String) {
        self.inner().remarks.push(remark);
    }

    pub(super) fn found(&self, place: &str, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            let counter = match finding {
                Finding::Lost(_) => &self.lost,
                Finding::Doubled(_) => &self.doubled,
                Finding::Changed(_) => &self.changed,
            };
            self.problem(counter, format!("{place}: {finding}"));
        }
    }

    pub(super) fn lost(&self, place: &str, what: &str) {
        self.found(place, [Finding::Lost(what.to_owned())]);
    }

    pub(super) fn stuck(&self, place: &str, what: &str) {
        self.problem(&self.stuck, format!("{place}: stuck: {what}"));
    }

    fn problem(&self, counter: &AtomicU64, line: String) {
        counter.fetch_add(1, Ordering::Relaxed);
        let mut inner = self.inner();
        if inner.problems.len() < SHOWN {
            inner.problems.push(line);
        }
    }

    pub(super) fn is_fine(&self) -> bool {
        [&self.lost, &self.doubled, &self.changed, &self.stuck]
            .iter()
            .all(|counter| counter.load(Ordering::Relaxed) == 0)
    }

    pub(super) fn problems(&self) -> Vec<String> {
        self.inner().problems.clone()
    }

    pub(super) fn remarks(&self) -> Vec<String> {
        self.inner().remarks.clone()
    }

    /// How many of which fault, if there were any.
    pub(super) fn faults_line(&self) -> Option<String> {
        self.faults.line()
    }

    pub(super) fn head() -> Vec<String> {
        ["", "tried", "faults", "events", "lost", "doubled", "changed", "stuck", "slowest"]
            .map(str::to_owned)
            .to_vec()
    }

    pub(super) fn row(&self, name: &str) -> Vec<String> {
        let number = |counter: &AtomicU64| counter.load(Ordering::Relaxed).to_string();
        vec![
            name.to_owned(),
            number(&self.tried),
            self.faults.total().to_string(),
            number(&self.events),
            number(&self.lost),
            number(&self.doubled),
            number(&self.changed),
            number(&self.stuck),
            seconds(self.inner().slowest),
        ]
    }
}
