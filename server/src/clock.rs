//! The wall clock, in the one unit that the protocol and the store use.

use std::time::{SystemTime, UNIX_EPOCH};

use app::protocol::Timestamp;

/// Milliseconds since 1970 UTC.
pub fn now() -> Timestamp {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::try_from(elapsed.as_millis()).unwrap_or(Timestamp::MAX)
}
