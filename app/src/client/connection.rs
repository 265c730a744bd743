//! The connection as the page shows it: always the truth, and enough to say when the next try is.
//!
//! How it comes about is in `link`.

use super::Millis;
use crate::protocol::CloseCode;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not started.
    Idle,
    Connecting,
    Live,
    /// Between two attempts. `attempts` have failed without a `welcome`.
    Waiting {
        until: Millis,
        attempts: u32,
    },
    /// Between two attempts, and the browser says that there is no network.
    Offline,
    /// Between two attempts after many that failed. Any sign of life from the user retries at once.
    Degraded {
        until: Millis,
    },
    /// Nothing more happens by itself.
    Stopped(StopReason),
}

/// How frames travel, from the best way to the one that gets through everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    WebSocket,
    EventStream,
    LongPoll,
}

/// What an attempt opens. Over HTTP the `hello` is the request's body, and there is no [`super::Input::Opened`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    WebSocket,
    EventStream {
        hello: String,
    },
    /// `wait` is for `Prefer: wait`; nothing: the answer comes at once.
    LongPoll {
        hello: String,
        wait: Option<Millis>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// The session has ended.
    SignedOut,
    /// The server refuses this page, with a sentence for the user.
    Forbidden(String),
    /// The page is of another version: reload it.
    OldVersion,
    TooManyConnections,
    BadProtocol,
    /// Somebody else has signed in in this browser: reload, so that nothing is said under the wrong name.
    OtherUser,
    /// A terminal code of a newer server.
    Closed(u16),
}

impl StopReason {
    pub(super) fn of_close(code: u16) -> Self {
        match CloseCode::from_code(code) {
            Some(CloseCode::SessionEnded) => Self::SignedOut,
            Some(CloseCode::OldVersion) => Self::OldVersion,
            Some(CloseCode::TooManyConnections) => Self::TooManyConnections,
            Some(CloseCode::BadProtocol) => Self::BadProtocol,
            _ => Self::Closed(code),
        }
    }
}

/// Why no ticket could be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketFailure {
    /// 401.
    SignedOut,
    /// 403, with the server's sentence for the user.
    Forbidden(String),
    /// 429 or 503, with `Retry-After` where there was one.
    Busy { retry_after_ms: Option<u64> },
    /// Everything else: no network, no server, an answer that is no ticket.
    Unreachable,
}
