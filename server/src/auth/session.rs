//! Sessions: a random secret in a cookie, and its hash in the store.

use std::time::Duration;

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

pub const COOKIE: &str = "sitespark_session";
/// How long a session lasts after signing in.
pub const LIFETIME: Duration = Duration::from_hours(24 * 30);

/// SHA-256 of the secret: what the store keeps, and the name of the session inside the server.
pub type SecretHash = [u8; 32];

pub fn hash(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

/// 256 random bits, in characters that fit cookies and headers.
pub fn new_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The hash of the secret that the request's cookie carries.
pub fn from_cookies(cookies: &CookieJar) -> Option<SecretHash> {
    cookies.get(COOKIE).map(|cookie| hash(cookie.value()))
}

/// Out of reach of scripts, and not sent along by other sites' forms and frames.
pub fn cookie(secret: String, is_secure: bool) -> Cookie<'static> {
    let max_age = time::Duration::try_from(LIFETIME).unwrap_or(time::Duration::DAY);
    Cookie::build((COOKIE, secret))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_secure)
        .max_age(max_age)
        .build()
}
