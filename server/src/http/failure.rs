//! Failures as HTTP answers: the same JSON as the payload of an `error` frame, with the status that fits it.

use app::protocol::{Failure, FailureCode};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Debug)]
pub struct HttpFailure(pub Failure);

impl HttpFailure {
    pub fn new(code: FailureCode, message: &str) -> Self {
        Self(Failure::new(code, message))
    }

    pub fn signed_out() -> Self {
        Self::new(FailureCode::SignedOut, "You are signed out. Sign in to go on.")
    }

    pub fn internal(error: impl std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(FailureCode::Internal, "Something went wrong here. Please try again.")
    }
}

impl From<Failure> for HttpFailure {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

fn status(code: FailureCode) -> StatusCode {
    match code {
        FailureCode::SignedOut => StatusCode::UNAUTHORIZED,
        FailureCode::BadOrigin | FailureCode::Forbidden => StatusCode::FORBIDDEN,
        FailureCode::RoomNotFound | FailureCode::MessageNotFound => StatusCode::NOT_FOUND,
        FailureCode::BadState => StatusCode::CONFLICT,
        FailureCode::FrameTooLarge | FailureCode::MessageTooLong => StatusCode::PAYLOAD_TOO_LARGE,
        FailureCode::RateLimited | FailureCode::LimitReached => StatusCode::TOO_MANY_REQUESTS,
        FailureCode::BadFrame
        | FailureCode::UnknownType
        | FailureCode::MessageEmpty
        | FailureCode::BadTitle => StatusCode::BAD_REQUEST,
        FailureCode::Internal | FailureCode::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for HttpFailure {
    fn into_response(self) -> Response {
        let retry_after = self.0.retry_after_ms.map(|milliseconds| milliseconds.div_ceil(1_000));
        let mut response = (status(self.0.code), Json(self.0)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
