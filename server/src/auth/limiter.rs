//! A limit per user: a bucket that holds a minute's worth and refills evenly.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use app::protocol::UserId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Checks between two clean-ups of users who have not been seen for a while.
const CLEAN_UP_EVERY: u32 = 1_024;

pub struct UserLimiter {
    limiter: DefaultKeyedRateLimiter<UserId>,
    checks: AtomicU32,
}

impl std::fmt::Debug for UserLimiter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("UserLimiter").field("users", &self.limiter.len()).finish_non_exhaustive()
    }
}

impl UserLimiter {
    /// At most `count` in a minute, also at once; 0 counts as 1.
    pub fn per_minute(count: u32) -> Self {
        let quota = Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self { limiter: RateLimiter::keyed(quota), checks: AtomicU32::new(0) }
    }

    /// Counts one, or says how long to wait.
    pub fn check(&self, user: UserId) -> Result<(), Duration> {
        if self.checks.fetch_add(1, Ordering::Relaxed).is_multiple_of(CLEAN_UP_EVERY) {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&user).map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}
