//! The language of a request: the one that was chosen, else the one of ours that the browser wants most, else English.
//!
//! What is done for the request speaks it: pages, failures, and the whole of a connection that the request opens.

use app::texts::{Language, Speaking};
use axum::Form;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::AppState;
use super::back::came_from;
use super::caller::signed_in;
use super::failure::HttpFailure;

const COOKIE: &str = "sitespark_language";
/// How long a browser keeps a choice. No browser takes more.
const LIFETIME: time::Duration = time::Duration::days(400);

/// What a page or a failure is different by.
pub const VARY: HeaderValue = HeaderValue::from_static("accept-language, cookie");

pub async fn speak(request: Request, next: Next) -> Response {
    let language = of(request.headers());
    Speaking::new(language, next.run(request)).await
}

fn of(headers: &HeaderMap) -> Language {
    let chosen = || Language::named(CookieJar::from_headers(headers).get(COOKIE)?.value());
    let accepted = || Language::accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?);
    chosen().or_else(accepted).unwrap_or_else(Language::first)
}

#[derive(Debug, Deserialize)]
pub struct Choice {
    language: String,
}

/// `POST /account/language`: for this browser, and where somebody is signed in, for wherever they sign in next.
pub async fn choose(
    State(state): State<AppState>,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(choice): Form<Choice>,
) -> Result<Response, HttpFailure> {
    let back = Redirect::to(&came_from(&headers));
    let Some(language) = Language::named(&choice.language) else { return Ok(back.into_response()) };
    if let Ok(signed_in) = signed_in(&state, &cookies).await {
        let stored = state.accounts.set_language(signed_in.user.id, language).await;
        stored.map_err(HttpFailure::internal)?;
    }
    Ok((keep(cookies, language), back).into_response())
}

pub fn keep(cookies: CookieJar, language: Language) -> CookieJar {
    cookies.add(
        Cookie::build((COOKIE, language.tag()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(LIFETIME),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let headers = headers
            .iter()
            .map(|(name, value)| (header::HeaderName::from_static(name), HeaderValue::from_static(value)));
        headers.collect()
    }

    #[test]
    fn a_choice_comes_before_what_the_browser_wants() {
        for (sent, expected) in [
            (&[][..], "en"),
            (&[("accept-language", "id-ID,id;q=0.9,en;q=0.8")], "id"),
            (&[("accept-language", "de,fr;q=0.9")], "en"),
            (&[("accept-language", "id"), ("cookie", "sitespark_language=en")], "en"),
            (&[("accept-language", "en"), ("cookie", "a=b; sitespark_language=id")], "id"),
            (&[("accept-language", "id"), ("cookie", "sitespark_language=xx")], "id"),
        ] {
            assert_eq!(of(&headers(sent)).tag(), expected, "{sent:?}");
        }
    }
}
