//! Wall clock in, time that never runs backwards out, and the server's clock estimated beside it.
//!
//! A wall clock that is set back would push every deadline into the future; here it only seems to stand still.
//! Nothing in the client reads a clock.

use super::Millis;
use crate::protocol::Timestamp;

#[derive(Debug, Default)]
pub(super) struct Clock {
    now: Millis,
    /// How much the wall clock was set back so far.
    set_back: Millis,
    /// The server's clock minus ours.
    ahead: i64,
}

impl Clock {
    /// The client's own time for this wall clock.
    pub(super) fn advance(&mut self, wall: Millis) -> Millis {
        let now = wall.saturating_add(self.set_back);
        if now < self.now {
            self.set_back += self.now - now;
        } else {
            self.now = now;
        }
        self.now
    }

    /// The wall clock at a time of the client.
    pub(super) fn wall(&self, time: Millis) -> Millis {
        time.saturating_sub(self.set_back)
    }

    /// A fresh statement of the server, right up to the time it travelled.
    pub(super) fn server_said(&mut self, server: Timestamp) {
        self.ahead = difference(server, self.now);
    }

    /// A statement that may have been queued for long: it can only show that the server is further ahead.
    pub(super) fn server_repeated(&mut self, server: Timestamp) {
        self.ahead = self.ahead.max(difference(server, self.now));
    }

    pub(super) fn server_now(&self, wall: Millis) -> Timestamp {
        wall.saturating_add(self.set_back).saturating_add_signed(self.ahead)
    }
}

fn difference(server: Timestamp, client: Millis) -> i64 {
    if server >= client {
        i64::try_from(server - client).unwrap_or(i64::MAX)
    } else {
        i64::try_from(client - server).map_or(i64::MIN, |behind| -behind)
    }
}
