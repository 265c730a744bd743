//! Whether somebody looks at the page, and what of it the server was told.
//!
//! On an event stream, being told is also how the server knows that there is somebody: without, it could not tell a
//! silent network from a reader.

use super::context::Context;
use super::{Millis, Output};
use crate::protocol::{ClientFrame, ConnectionId, OwnPresence, PresenceState};

#[derive(Debug, Default)]
pub(super) struct Attention {
    pub(super) is_hidden: bool,
    /// Nothing was done for a while.
    pub(super) is_idle: bool,
    told_away: bool,
    /// The event stream that is live, and when the server is to hear of its reader again.
    stream: Option<(ConnectionId, Millis)>,
}

impl Attention {
    fn is_away(&self) -> bool {
        self.is_hidden || self.is_idle
    }

    /// For a `hello`.
    pub(super) fn tell(&mut self) -> bool {
        self.stream = None;
        self.told_away = self.is_away();
        self.told_away
    }

    /// An event stream is live.
    pub(super) fn reads_stream(&mut self, now: Millis, connection: ConnectionId) {
        self.stream = Some((connection, now));
    }

    pub(super) fn tick(&mut self, context: &mut Context) {
        let Some(attempt) = context.live else { return };
        let has_changed = self.is_away() != self.told_away;
        let is_due = self.next_timeout().is_some_and(|due| due <= context.now);
        if !has_changed && !is_due {
            return;
        }
        if context.is_http && self.stream.is_none() {
            // Only the next poll can tell. That nobody looks any more is not worth one of its own.
            context.wants_hello |= !self.is_away();
            return;
        }
        self.told_away = self.is_away();
        let state = if self.told_away { PresenceState::Away } else { PresenceState::Online };
        let connection = self.stream.map(|(connection, _)| connection);
        self.stream = connection.map(|connection| (connection, context.now + context.policy.sign_of_life));
        let frame = ClientFrame::Presence(OwnPresence { state, connection });
        context.push(Output::Send { attempt, text: frame.encode() });
    }

    pub(super) fn next_timeout(&self) -> Option<Millis> {
        self.stream.map(|(_, due)| due)
    }
}
