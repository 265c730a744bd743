//! `POST /api/rich`: a text that the server draws better than a browser does, as HTML for a page that is alive.

use app::protocol::{Failure, FailureCode, Limits, RichText, from_json};
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;

use super::caller::signed_in;
use super::failure::HttpFailure;
use super::{AppState, origin};

/// Bytes of a request's body: in JSON, a byte of the text can have six.
const BODY_BYTES: usize = 6 * Limits::RICH_BYTES + 1024;

/// It is a piece for a page of ours; whoever looks at it by itself sees a text, and nothing in it works.
const NOTHING_WORKS: HeaderValue =
    HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");

pub async fn draw(
    State(state): State<AppState>,
    cookies: CookieJar,
    request: Request,
) -> Result<Response, HttpFailure> {
    origin::only_json(request.headers())?;
    let user = signed_in(&state, &cookies).await?.user;
    let body = to_bytes(request.into_body(), BODY_BYTES).await.map_err(|_| {
        let message = format!("A text to be drawn may have {} KiB at most.", Limits::RICH_BYTES / 1024);
        Failure::new(FailureCode::MessageTooLong, message)
    })?;
    let text: RichText = from_json(&String::from_utf8_lossy(&body))
        .map_err(|bad| Failure::new(FailureCode::BadFrame, bad.to_string()))?;
    let html = state.rich.draw(user.id, text).await?;
    Ok(piece(html.to_string()))
}

/// HTML that a page of ours puts into itself.
pub fn piece(html: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, NOTHING_WORKS),
    ];
    (headers, html).into_response()
}
