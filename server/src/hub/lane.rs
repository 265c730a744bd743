//! Something of which only the latest counts: told at once, and when it changes again soon, a little later and then as
//! it is by then.

use std::time::Duration;

use tokio::time::Instant;

/// Versions of such a thing. Who has been told of one compares it with [`Lane::released`].
#[derive(Debug, Default)]
pub(super) struct Lane {
    version: u64,
    released: u64,
    released_at: Option<Instant>,
    changed_at: Option<Instant>,
    /// A timer will release it.
    is_awaited: bool,
}

/// When a change may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    Now,
    /// The caller sets a timer, which calls [`Lane::on_time`].
    At(Instant),
    /// With the timer that is set already.
    Awaited,
}

impl Lane {
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn released(&self) -> u64 {
        self.released
    }

    /// Whether it has changed since then.
    pub(super) fn has_changed_since(&self, time: Instant) -> bool {
        self.changed_at.is_some_and(|changed_at| changed_at > time)
    }

    /// Counts a change; the number of it.
    pub(super) fn change(&mut self, now: Instant) -> u64 {
        self.version += 1;
        self.changed_at = Some(now);
        self.version
    }

    /// Lets what has changed be told, not more often than `every`.
    pub(super) fn release(&mut self, now: Instant, every: Duration) -> Release {
        if self.is_awaited {
            return Release::Awaited;
        }
        match self.released_at.map(|at| at + every).filter(|at| *at > now) {
            Some(at) => {
                self.is_awaited = true;
                Release::At(at)
            }
            None => self.release_now(now),
        }
    }

    pub(super) fn release_now(&mut self, now: Instant) -> Release {
        self.released = self.version;
        self.released_at = Some(now);
        Release::Now
    }

    /// A timer that was set is over. `None`: it was told meanwhile.
    pub(super) fn on_time(&mut self, now: Instant, every: Duration) -> Option<Release> {
        self.is_awaited = false;
        (self.version > self.released).then(|| self.release(now, every))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(1);

    #[test]
    fn the_first_change_is_told_at_once_and_those_soon_after_it_together() {
        let begin = Instant::now();
        let at = |milliseconds| begin + Duration::from_millis(milliseconds);
        let mut lane = Lane::default();
        let change = |lane: &mut Lane, milliseconds| {
            lane.change(at(milliseconds));
            lane.release(at(milliseconds), EVERY)
        };
        assert_eq!(change(&mut lane, 0), Release::Now);
        assert_eq!(change(&mut lane, 100), Release::At(at(1_000)));
        for milliseconds in 200..900 {
            assert_eq!(change(&mut lane, milliseconds), Release::Awaited);
        }
        assert_eq!((lane.version(), lane.released()), (702, 1));
        assert_eq!(lane.on_time(at(1_000), EVERY), Some(Release::Now));
        assert_eq!(lane.released(), 702);
        assert_eq!(change(&mut lane, 1_500), Release::At(at(2_000)));
        // Something that can't wait comes between: the timer has nothing to do, or less often than it was set for.
        lane.release_now(at(1_700));
        assert_eq!(lane.on_time(at(2_000), EVERY), None);
        assert_eq!(change(&mut lane, 2_100), Release::At(at(2_700)));
        lane.release_now(at(2_500));
        lane.change(at(2_600));
        assert_eq!(lane.on_time(at(2_700), EVERY), Some(Release::At(at(3_500))));
    }
}
