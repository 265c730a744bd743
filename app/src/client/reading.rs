//! How far the reader has read a room, as far as it is to be told: what is news, and not too often.

use super::Millis;

/// Two of one room are told at least this far apart.
const SPACING: Millis = 1_000;

#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The place that was given last.
    given: u64,
    /// When it is or was to be told.
    due: Option<Millis>,
    /// The room was marked as unread.
    is_left: bool,
}

impl Reading {
    /// The room is opened anew: what is seen counts again.
    pub(super) fn begin(&mut self) {
        self.is_left = false;
    }

    /// The room is to stay unread until it is opened anew, although the reader looks at it.
    pub(super) fn leave(&mut self) {
        (self.given, self.is_left) = (0, true);
    }

    /// The log began anew, and with it the places.
    pub(super) fn reset(&mut self) {
        self.given = 0;
    }

    /// The reader has seen up to `seq`, and the server knows of `read`. When that is to be told; `None`: it is no news.
    pub(super) fn seen(&mut self, now: Millis, seq: u64, read: u64) -> Option<Millis> {
        if self.is_left || seq <= read || seq <= self.given {
            return None;
        }
        self.given = seq;
        let due = match self.due {
            // The one that waits until then makes place for this.
            Some(due) if due > now => due,
            Some(due) => now.max(due + SPACING),
            None => now,
        };
        self.due = Some(due);
        self.due
    }
}
