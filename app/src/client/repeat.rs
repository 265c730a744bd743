//! Something that was asked for and is asked for again while its effect is missing: when, and how patiently.
//! It does not know what is asked.

use super::context::Context;
use super::{Millis, Policy};
use crate::protocol::CommandId;

#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat {
    /// Of the ask on its way; `error` names it.
    pub(super) id: Option<CommandId>,
    pub(super) due: Millis,
    tries: u32,
}

impl Repeat {
    pub(super) fn first_at(due: Millis) -> Self {
        Self { id: None, due, tries: 0 }
    }

    pub(super) fn is_due(&self, now: Millis) -> bool {
        self.due <= now
    }

    /// It is asked now; the next time is twice as far away as the last was.
    pub(super) fn ask(&mut self, context: &mut Context) -> CommandId {
        let id = context.command_id();
        self.id = Some(id);
        self.due = context.now + patience(&context.policy, self.tries);
        self.tries = self.tries.saturating_add(1);
        id
    }

    /// The effect has begun to show: there is no reason to ask before it stops again.
    pub(super) fn progressed(&mut self, context: &Context) {
        self.tries = 0;
        self.due = context.now + context.policy.ask_again;
    }

    /// It was refused for now: not before the server's wish, and no more often than without an answer.
    pub(super) fn refused(&mut self, context: &Context, retry_after: Option<Millis>) {
        self.id = None;
        let pause = retry_after.unwrap_or(context.policy.rate_limit_wait).min(context.policy.hint_cap);
        self.due = self.due.max(context.now + pause);
    }
}

fn patience(policy: &Policy, tries: u32) -> Millis {
    doubled(policy.ask_again, tries, policy.ask_cap)
}

/// `base * 2^times`, at most `cap`.
pub(super) fn doubled(base: Millis, times: u32, cap: Millis) -> Millis {
    base.saturating_mul(1_u64.checked_shl(times).unwrap_or(u64::MAX)).min(cap)
}
