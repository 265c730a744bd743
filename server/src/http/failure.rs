//! Failures as HTTP answers: the same JSON as the payload of an `error` frame, with the status that fits it.

use app::protocol::{Failure, FailureCode};
use app::texts;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Debug)]
pub struct HttpFailure {
    pub failure: Failure,
    pub status: StatusCode,
}

impl HttpFailure {
    pub fn new(code: FailureCode, message: &str) -> Self {
        Failure::new(code, message).into()
    }

    /// With a status that says more than the code.
    pub fn with_status(status: StatusCode, failure: Failure) -> Self {
        Self { failure, status }
    }

    pub fn signed_out() -> Self {
        Self::new(FailureCode::SignedOut, texts::server::signed_out())
    }

    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(FailureCode::Internal, texts::server::broken())
    }
}

impl From<Failure> for HttpFailure {
    fn from(failure: Failure) -> Self {
        Self { status: status(failure.code), failure }
    }
}

fn status(code: FailureCode) -> StatusCode {
    match code {
        FailureCode::SignedOut => StatusCode::UNAUTHORIZED,
        FailureCode::BadOrigin | FailureCode::Forbidden => StatusCode::FORBIDDEN,
        FailureCode::RoomNotFound
        | FailureCode::MessageNotFound
        | FailureCode::PersonNotFound
        | FailureCode::BadInvite => StatusCode::NOT_FOUND,
        FailureCode::BadState => StatusCode::CONFLICT,
        FailureCode::FrameTooLarge | FailureCode::MessageTooLong => StatusCode::PAYLOAD_TOO_LARGE,
        FailureCode::RateLimited | FailureCode::LimitReached => StatusCode::TOO_MANY_REQUESTS,
        FailureCode::BadFrame
        | FailureCode::UnknownType
        | FailureCode::MessageEmpty
        | FailureCode::BadInput
        | FailureCode::BadTitle => StatusCode::BAD_REQUEST,
        FailureCode::Internal | FailureCode::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for HttpFailure {
    fn into_response(self) -> Response {
        let retry_after = self.failure.retry_after_ms.map(|milliseconds| milliseconds.div_ceil(1_000));
        let mut response = (self.status, Json(self.failure)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
