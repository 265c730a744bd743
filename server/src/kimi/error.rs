//! What can go wrong with a call to the model, as types that carry their own retry rule and a text fit for a
//! user. It decides nothing: the run reads the rule, and may follow it only while nothing was streamed.

mod report;

use std::time::Duration;

use app::texts;
use serde_json::Value;

use super::{Clean, FinishReason};
use report::Report;

/// The longest wait that a server may ask for; more is cut to this.
pub(super) const MAX_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Why a call failed. `Display` and `Debug` are for logs and hold no ids; users get [`Error::user_message`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Requests or tokens per minute, or concurrency, of the whole organisation.
    #[error("rate limited: {detail}")]
    RateLimited { after: Option<Duration>, detail: Clean },
    /// The engine has no room. Comes without `Retry-After` (§5.3).
    #[error("overloaded: {detail}")]
    Overloaded { after: Option<Duration>, detail: Clean },
    /// The account has no money left. Also a 429, and never worth another try.
    #[error("quota exhausted: {detail}")]
    QuotaExhausted { detail: Clean },
    /// No key, a wrong key, or a key of the other host.
    #[error("key refused: {detail}")]
    BadKey { detail: Clean },
    #[error("permission denied: {detail}")]
    PermissionDenied { detail: Clean },
    /// Refused before a word was written.
    #[error("refused by the content filter: {detail}")]
    ContentFiltered { detail: Clean },
    #[error("context too long: {detail}")]
    ContextTooLong { detail: Clean },
    #[error("model not found: {detail}")]
    ModelNotFound { detail: Clean },
    /// Something answered, but not the API: a page, a redirect, an unknown path.
    #[error("not the API's address: {detail}")]
    WrongAddress { detail: Clean },
    /// The request breaks a rule of §1.2, §1.3 or §6. It is a fault of ours and fails again.
    #[error("bad request: {detail}")]
    BadRequest { detail: Clean },
    /// A failure inside the server, also one reported in the middle of a stream.
    #[error("server error: {detail}")]
    Server { after: Option<Duration>, detail: Clean },
    /// 502, 503, 529: away for a moment.
    #[error("unavailable: {detail}")]
    Unavailable { after: Option<Duration>, detail: Clean },
    /// 504 after 900 s, with a page in HTML.
    #[error("the gateway gave up: {detail}")]
    GatewayTimeout { after: Option<Duration>, detail: Clean },
    /// 499: a gateway on the way believes that we left.
    #[error("closed on the way: {detail}")]
    ClosedOnTheWay { detail: Clean },
    /// No connection, or one that broke before the answer began.
    #[error("unreachable: {detail}")]
    Unreachable { detail: Clean },
    #[error("timed out waiting for {stage}")]
    Timeout { stage: Stage },
    /// The stream ended without `[DONE]`. With a `finish` the text is probably whole (§9).
    #[error("interrupted before [DONE] (finish reason {finish:?}): {detail}")]
    Interrupted { finish: Option<FinishReason>, detail: Clean },
    /// A line that is no JSON, such as two events merged by a gateway (§6.10).
    #[error("garbled stream: {detail}")]
    Garbled { detail: Clean },
    /// The server answered a partial turn with another answer instead of the rest.
    #[error("the server does not continue a partial answer")]
    NoPartialMode,
    /// More than a server may cost us: a line over 1 MiB or a reply over 16 MiB.
    #[error("too large: {what} over {limit} bytes")]
    TooLarge { what: &'static str, limit: usize },
}

/// What was waited for when the time was up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Connect,
    FirstByte,
    /// The next byte of a stream that had begun.
    Idle,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Connect => "a connection",
            Self::FirstByte => "the first byte",
            Self::Idle => "the next byte",
        })
    }
}

/// Whether the same request may be sent again, as long as nothing of the answer was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// It would fail again.
    Never,
    /// After at least this long, because the server said so.
    After(Duration),
    /// After an own exponential delay with jitter.
    Backoff,
}

impl Error {
    /// The rule of §5.2.
    pub fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { after, .. }
            | Self::Overloaded { after, .. }
            | Self::Server { after, .. }
            | Self::Unavailable { after, .. }
            | Self::GatewayTimeout { after, .. } => after.map_or(Retry::Backoff, Retry::After),
            Self::ClosedOnTheWay { .. }
            | Self::Unreachable { .. }
            | Self::Timeout { .. }
            | Self::Interrupted { .. }
            | Self::Garbled { .. } => Retry::Backoff,
            Self::QuotaExhausted { .. }
            | Self::BadKey { .. }
            | Self::PermissionDenied { .. }
            | Self::ContentFiltered { .. }
            | Self::ContextTooLong { .. }
            | Self::ModelNotFound { .. }
            | Self::WrongAddress { .. }
            | Self::BadRequest { .. }
            | Self::NoPartialMode
            | Self::TooLarge { .. } => Retry::Never,
        }
    }

    /// A stable name for the wire, for metrics and for tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Overloaded { .. } => "overloaded",
            Self::QuotaExhausted { .. } => "quota_exhausted",
            Self::BadKey { .. } => "bad_key",
            Self::PermissionDenied { .. } => "permission_denied",
            Self::ContentFiltered { .. } => "content_filtered",
            Self::ContextTooLong { .. } => "context_too_long",
            Self::ModelNotFound { .. } => "model_not_found",
            Self::WrongAddress { .. } => "wrong_address",
            Self::BadRequest { .. } => "bad_request",
            Self::Server { .. } => "server_error",
            Self::Unavailable { .. } => "unavailable",
            Self::GatewayTimeout { .. } => "gateway_timeout",
            Self::ClosedOnTheWay { .. } => "closed_on_the_way",
            Self::Unreachable { .. } => "unreachable",
            Self::Timeout { .. } => "timeout",
            Self::Interrupted { .. } => "interrupted",
            Self::Garbled { .. } => "garbled",
            Self::NoPartialMode => "no_partial_mode",
            Self::TooLarge { .. } => "too_large",
        }
    }

    /// One plain sentence that says what to do next. It holds nothing of the server's words.
    pub fn user_message(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => texts::runs::rate_limited(),
            Self::Overloaded { .. } => texts::runs::overloaded(),
            Self::QuotaExhausted { .. } => texts::runs::quota_exhausted(),
            Self::BadKey { .. } => texts::runs::bad_key(),
            Self::PermissionDenied { .. } => texts::runs::permission_denied(),
            Self::ContentFiltered { .. } => texts::runs::content_filtered(),
            Self::ContextTooLong { .. } => texts::runs::context_too_long(),
            Self::ModelNotFound { .. } => texts::runs::model_not_found(),
            Self::WrongAddress { .. } => texts::runs::wrong_address(),
            Self::BadRequest { .. } => texts::runs::bad_request(),
            Self::Server { .. } => texts::runs::server_error(),
            Self::Unavailable { .. } => texts::runs::unavailable(),
            Self::GatewayTimeout { .. } => texts::runs::gateway_timeout(),
            Self::ClosedOnTheWay { .. } => texts::runs::closed_on_the_way(),
            Self::Unreachable { .. } => texts::runs::unreachable(),
            Self::Timeout { .. } => texts::runs::timeout(),
            Self::Interrupted { .. } => texts::runs::interrupted(),
            Self::Garbled { .. } => texts::runs::garbled(),
            Self::NoPartialMode => texts::runs::no_partial_mode(),
            Self::TooLarge { .. } => texts::runs::too_large(),
        }
    }

    /// The error of a response that was not a success: status, `Retry-After` if any, and what could be read of
    /// the body, be it JSON, a page, or nothing.
    pub(super) fn from_response(status: u16, after: Option<Duration>, body: &str, key: Option<&str>) -> Self {
        match Report::parse(body) {
            Some(report) => report.classify(status, after, key),
            None if status == 404 || (300..400).contains(&status) => {
                Self::WrongAddress { detail: Clean::new(&format!("status {status}: {body}"), key) }
            }
            None => Report { message: body.to_owned(), kind: String::new(), status: None }
                .classify(status, after, key),
        }
    }

    /// The `error` of one payload of a stream, unless it is null (§2.4, §8).
    pub(super) fn from_payload(error: &Value, key: Option<&str>) -> Option<Self> {
        // 200 says nothing about this error; a status inside it does.
        Report::from_value(error).map(|report| report.classify(200, None, key))
    }
}
