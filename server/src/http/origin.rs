//! Requests that change something, and sockets, come from our own pages only.
//!
//! The cookie's `SameSite=Lax` already keeps other sites' forms out; this also covers sibling subdomains, old
//! browsers, and sockets, which no browser restricts by itself. Programs that send no `Origin` are no browsers
//! and carry nobody's cookies but their own.

use app::protocol::{Failure, FailureCode};
use app::texts;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::AppState;
use super::failure::HttpFailure;

/// Refuses unsafe requests from foreign pages.
pub async fn only_own(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_safe || is_own(request.headers(), state.public_url.as_deref()) {
        return next.run(request).await;
    }
    refusal().into_response()
}

/// Refuses what is not JSON: a page of another site can send a cookie along, but not this type without being asked first.
pub fn only_json(headers: &HeaderMap) -> Result<(), HttpFailure> {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        let kind = value.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"application/json")
    });
    if is_json {
        return Ok(());
    }
    let failure = Failure::new(FailureCode::BadFrame, "What is posted here has the type `application/json`.");
    Err(HttpFailure::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, failure))
}

pub fn refusal() -> HttpFailure {
    HttpFailure::new(FailureCode::BadOrigin, texts::server::other_site())
}

/// Whether a request was made by a page of ours, or by no page at all.
pub fn is_own(headers: &HeaderMap, public_url: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value: &header::HeaderValue| value.to_str().ok());
    if !headers.contains_key(header::ORIGIN) {
        // Set by every current browser, by no script.
        return text(header::HeaderName::from_static("sec-fetch-site"))
            .is_none_or(|site| site == "same-origin" || site == "none");
    }
    let Some(origin) = text(header::ORIGIN) else { return false };
    if let Some(public_url) = public_url
        && origin.eq_ignore_ascii_case(public_url)
    {
        return true;
    }
    let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    match (authority, text(header::HOST)) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&'static str, &'static str)], public_url: Option<&str>) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            (header::HeaderName::from_static(name), header::HeaderValue::from_static(value))
        });
        is_own(&headers.collect(), public_url)
    }

    #[test]
    fn only_own_pages_and_programs_pass() {
        let public = Some("https://chat.example.org");
        for (headers, public_url, expected) in [
            (vec![("host", "localhost:3000"), ("origin", "http://localhost:3000")], None, true),
            (vec![("host", "LOCALHOST:3000"), ("origin", "http://localhost:3000")], None, true),
            (vec![("host", "localhost:3000")], None, true),
            (vec![("host", "localhost:3000"), ("origin", "https://evil.example")], None, false),
            (vec![("host", "localhost:3000"), ("origin", "http://localhost:3001")], None, false),
            (vec![("host", "localhost:3000"), ("origin", "http://localhost:3000.evil.example")], None, false),
            (vec![("host", "localhost:3000"), ("origin", "null")], None, false),
            (vec![("host", "localhost:3000"), ("sec-fetch-site", "cross-site")], None, false),
            (vec![("host", "localhost:3000"), ("sec-fetch-site", "same-origin")], None, true),
            (vec![("host", "127.0.0.1:3000"), ("origin", "https://chat.example.org")], public, true),
            (vec![("host", "127.0.0.1:3000"), ("origin", "https://evil.example")], public, false),
        ] {
            assert_eq!(check(&headers, public_url), expected, "{headers:?} {public_url:?}");
        }
    }
}
