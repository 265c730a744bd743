//! Something to tell on the next page, in a cookie that lives for a minute. An address or a sentence in a URL would
//! end up in logs and in the history.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an account form has to say.
pub const FORM: &str = "sitespark_form";
/// What a form about a room has done.
pub const DONE: &str = "sitespark_done";
/// Why a form of the chat was refused.
pub const REFUSAL: &str = "sitespark_refusal";

/// Leaves `value` for the next page. It should be far below the 4 KB that a cookie has room for.
pub fn leave<T: Serialize>(cookies: CookieJar, name: &'static str, value: &T) -> CookieJar {
    let json = serde_json::to_vec(value).unwrap_or_default();
    cookies.add(
        Cookie::build((name, URL_SAFE_NO_PAD.encode(json)))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(time::Duration::minutes(1)),
    )
}

/// What was left, and the cookies without it: once shown, it is over.
pub fn take<T: DeserializeOwned>(cookies: CookieJar, name: &'static str) -> (CookieJar, Option<T>) {
    let Some(cookie) = cookies.get(name) else { return (cookies, None) };
    let value =
        URL_SAFE_NO_PAD.decode(cookie.value()).ok().and_then(|json| serde_json::from_slice(&json).ok());
    (cookies.remove(Cookie::build(name).path("/")), value)
}
