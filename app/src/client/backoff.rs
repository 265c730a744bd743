//! How long to wait before the next attempt: full jitter under a bound that doubles, so that a thousand clients of
//! a restarted server come back spread out. It doesn't know what failed.

use super::Millis;
use super::context::Context;
use super::repeat::doubled;

#[derive(Debug, Default)]
pub(super) struct Backoff {
    /// Connections and attempts that failed since the client was last stable.
    failures: u32,
    /// Those in a row without a `welcome`.
    unwelcome: u32,
}

impl Backoff {
    /// Counts a failure and draws the delay after it. Nothing is added or cut after the draw.
    pub(super) fn failed(&mut self, context: &mut Context) -> Millis {
        let most = doubled(context.policy.backoff_base, self.failures, context.policy.backoff_cap);
        self.failures = self.failures.saturating_add(1);
        self.unwelcome = self.unwelcome.saturating_add(1);
        if self.is_degraded(context) { slow_pace(context) } else { context.random.between(0, most) }
    }

    /// Counts a failure after which the server said when to come back. Its hint replaces the doubling, so a restart
    /// doesn't slow down what comes after; the jitter spreads clients that were all told the same.
    pub(super) fn hinted(&mut self, context: &mut Context, hint: Millis) -> Millis {
        self.unwelcome = self.unwelcome.saturating_add(1);
        hint.min(context.policy.hint_cap) + context.random.between(0, context.policy.quick_jitter)
    }

    pub(super) fn welcomed(&mut self) {
        self.unwelcome = 0;
    }

    pub(super) fn stable(&mut self) {
        self.failures = 0;
    }

    pub(super) fn is_degraded(&self, context: &Context) -> bool {
        self.unwelcome >= context.policy.degraded_after
    }

    pub(super) fn unwelcome(&self) -> u32 {
        self.unwelcome
    }
}

/// The delay of a client that has little hope.
pub(super) fn slow_pace(context: &mut Context) -> Millis {
    context.random.between(context.policy.slow_least, context.policy.slow_most)
}
