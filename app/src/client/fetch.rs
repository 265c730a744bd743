//! One thing to be fetched over HTTP by the driver: whether, and when to try again. What is fetched and what the
//! answer means are its owner's business.

use super::Millis;
use super::context::Context;
use super::repeat::doubled;

#[derive(Debug, Default)]
pub(super) struct Fetch {
    stage: Stage,
    /// Failures in a row.
    failures: u32,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Unneeded,
    Wanted(Millis),
    /// The driver has it; asked again after this, in case the driver lost it.
    Running(Millis),
}

impl Fetch {
    /// Wanted now; one that is running will do. Should it have read too early, its owner finds out and wants another.
    pub(super) fn want(&mut self, now: Millis) {
        if !matches!(self.stage, Stage::Running(deadline) if now < deadline) {
            self.stage = Stage::Wanted(now);
        }
    }

    /// Wanted after a pause that grows with `times`.
    pub(super) fn want_after(&mut self, context: &mut Context, times: u32) {
        let most = doubled(context.policy.backoff_base, times, context.policy.backoff_cap);
        self.stage = Stage::Wanted(context.now + context.random.between(most / 2, most));
    }

    pub(super) fn failed(&mut self, context: &mut Context) {
        self.failures = self.failures.saturating_add(1);
        self.want_after(context, self.failures);
    }

    /// Not wanted any more, or there.
    pub(super) fn done(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_unneeded(&self) -> bool {
        self.stage == Stage::Unneeded
    }

    /// True when the caller must ask the driver now.
    pub(super) fn begin(&mut self, context: &Context) -> bool {
        let is_due = self.due().is_some_and(|due| due <= context.now);
        if is_due {
            self.stage = Stage::Running(context.now + context.policy.fetch_wait);
        }
        is_due
    }

    pub(super) fn due(&self) -> Option<Millis> {
        match self.stage {
            Stage::Unneeded => None,
            Stage::Wanted(at) | Stage::Running(at) => Some(at),
        }
    }
}
