//! What the hub has to look at again at some time: one ordered set, and one task that waits for the first of it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use app::protocol::{RoomId, UserId};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::lock;
use crate::store::LogKey;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// Somebody may be gone, or otherwise than was told.
    Person(UserId),
    /// Presence in a room may be told again.
    Presence(RoomId),
    Typing(RoomId),
    /// A log was kept for those who poll.
    Log(LogKey),
}

/// Whoever sets a timer remembers it and sets no second one: so there is at most one of each kind for each person and
/// room, besides a few that were overtaken.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: Mutex<BTreeSet<(Instant, Due)>>,
    /// There is an earlier one.
    is_sooner: Notify,
}

impl Timers {
    pub(super) fn set(&self, at: Instant, due: Due) {
        let mut all = lock(&self.due);
        all.insert((at, due));
        if all.first() == Some(&(at, due)) {
            self.is_sooner.notify_one();
        }
    }

    /// Takes what is due now.
    pub(super) fn take(&self, now: Instant) -> Vec<Due> {
        let mut all = lock(&self.due);
        let mut due = Vec::new();
        while all.first().is_some_and(|(at, _)| *at <= now) {
            due.extend(all.pop_first().map(|(_, due)| due));
        }
        due
    }

    /// Waits until something is due.
    pub(super) async fn next(&self) {
        loop {
            let first = lock(&self.due).first().map(|(at, _)| *at);
            match first {
                Some(at) if at <= Instant::now() => return,
                Some(at) => tokio::select! {
                    () = sleep_until(at) => {}
                    () = self.is_sooner.notified() => {}
                },
                None => self.is_sooner.notified().await,
            }
        }
    }
}
