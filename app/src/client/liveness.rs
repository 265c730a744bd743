//! Whether the connection still lives, judged by the wall clock since the last frame: any frame is life.
//!
//! A page that slept sees its late timer before the frames that arrived meanwhile, so a deadline that passed while
//! nobody looked is followed by one short grace, and only then by giving up. One per silence: a hidden page's timers
//! are always late, and would forgive for ever.
//!
//! What this side sends plays no part: a large command on a slow uplink delays nothing that the server says by itself,
//! so silence means the same meanwhile. Only an answer would wait behind it, and is then not asked for.

use super::context::Context;
use super::{Millis, Policy};

#[derive(Debug)]
pub(super) struct Liveness {
    heard_at: Millis,
    /// The server's longest silence.
    beat: Millis,
    /// An answer was asked for and is expected by then.
    expected_by: Option<Millis>,
    /// The deadline has passed unseen; frames that were queued may come until then.
    grace_until: Option<Millis>,
}

impl Liveness {
    pub(super) fn new(now: Millis, beat: Millis) -> Self {
        Self { heard_at: now, beat, expected_by: None, grace_until: None }
    }

    pub(super) fn heard(&mut self, now: Millis) {
        *self = Self::new(now, self.beat);
    }

    pub(super) fn silence(&self, now: Millis) -> Millis {
        now.saturating_sub(self.heard_at)
    }

    pub(super) fn expect_by(&mut self, time: Millis) {
        self.expected_by.get_or_insert(time);
    }

    pub(super) fn deadline(&self, policy: &Policy, is_visible: bool) -> Millis {
        let hidden = if is_visible { 0 } else { policy.hidden_slack };
        let silence = self.heard_at + self.beat + policy.beat_slack + hidden;
        let deadline = self.expected_by.map_or(silence, |expected| expected.min(silence));
        self.grace_until.unwrap_or(deadline)
    }

    /// True when the connection is to be given up. `has_woken`: the page may have slept until this very moment.
    pub(super) fn is_over(&mut self, context: &Context, is_visible: bool, has_woken: bool) -> bool {
        let deadline = self.deadline(&context.policy, is_visible);
        if context.now < deadline {
            return false;
        }
        let was_unseen = has_woken || context.now - deadline > context.policy.late_tick;
        if self.grace_until.is_none() && was_unseen {
            self.grace_until = Some(context.now + context.policy.wake_grace);
            return false;
        }
        true
    }
}
