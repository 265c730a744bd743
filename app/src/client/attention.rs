//! Whether somebody looks at the page, and what of it the server was told.

use super::Output;
use super::context::Context;
use crate::protocol::{ClientFrame, PresenceState};

#[derive(Debug, Default)]
pub(super) struct Attention {
    pub(super) is_hidden: bool,
    /// Nothing was done for a while.
    pub(super) is_idle: bool,
    told_away: bool,
}

impl Attention {
    fn is_away(&self) -> bool {
        self.is_hidden || self.is_idle
    }

    /// For a `hello`.
    pub(super) fn tell(&mut self) -> bool {
        self.told_away = self.is_away();
        self.told_away
    }

    pub(super) fn tick(&mut self, context: &mut Context) {
        let Some(attempt) = context.live.filter(|_| self.is_away() != self.told_away) else { return };
        if context.is_http {
            // Only the next `hello` can tell. That nobody looks any more is not worth one of its own.
            context.wants_hello |= !self.is_away();
        } else {
            let state = if self.tell() { PresenceState::Away } else { PresenceState::Online };
            context.push(Output::Send { attempt, text: ClientFrame::Presence(state).encode() });
        }
    }
}
