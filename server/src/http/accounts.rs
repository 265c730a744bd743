//! The account forms: plain posts that answer with a redirect, so that they work the same with and without
//! JavaScript. What was wrong is told on the next page.

use app::account::{FormState, Registration, SignIn};
use app::pages::{own_path, with_next};
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use serde::Deserialize;

use super::failure::HttpFailure;
use super::{AppState, flash, language};
use crate::auth::accounts::Opened;
use crate::auth::session;

/// A form, and where the reader goes afterwards.
#[derive(Deserialize)]
#[expect(missing_debug_implementations, reason = "it holds a password")]
pub struct LeadingOn<T> {
    #[serde(flatten)]
    form: T,
    next: Option<String>,
}

pub async fn register(
    State(state): State<AppState>,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(LeadingOn { form, next }): Form<LeadingOn<Registration>>,
) -> Response {
    let (name, email) = (form.name.clone(), form.email.clone());
    match state.accounts.register(form).await {
        Ok(opened) => signed_in(&state, &headers, cookies, opened, next),
        Err(error) => refused(cookies, "/register", next, FormState { error: Some(error), name, email }),
    }
}

pub async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    cookies: CookieJar,
    Form(LeadingOn { form, next }): Form<LeadingOn<SignIn>>,
) -> Response {
    let email = form.email.clone();
    match state.accounts.sign_in(form).await {
        Ok(opened) => signed_in(&state, &headers, cookies, opened, next),
        Err(error) => {
            refused(cookies, "/sign-in", next, FormState { error: Some(error), name: String::new(), email })
        }
    }
}

pub async fn sign_out(State(state): State<AppState>, cookies: CookieJar) -> Result<Response, HttpFailure> {
    if let Some(session) = session::from_cookies(&cookies)
        && let Some(user) = state.accounts.user(session).await.map_err(HttpFailure::internal)?
    {
        state.accounts.sign_out(session).await.map_err(HttpFailure::internal)?;
        state.hub.close_session(user.id, session);
    }
    let cookies = cookies.remove(Cookie::build(session::COOKIE).path("/"));
    Ok((cookies, Redirect::to("/sign-in")).into_response())
}

fn signed_in(
    state: &AppState,
    headers: &HeaderMap,
    cookies: CookieJar,
    opened: Opened,
    next: Option<String>,
) -> Response {
    let (cookies, _) = flash::take::<FormState>(cookies, flash::FORM);
    let cookies = cookies.add(session::cookie(opened.secret, is_secure(state, headers)));
    // Their choice goes with them, whatever somebody else has chosen in this browser.
    let cookies = match opened.language {
        Some(language) => language::keep(cookies, language),
        None => cookies,
    };
    (cookies, Redirect::to(next.as_deref().and_then(own_path).unwrap_or("/"))).into_response()
}

/// Whether the browser came by HTTPS, to a proxy before us.
fn is_secure(state: &AppState, headers: &HeaderMap) -> bool {
    state.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
        || headers.get("x-forwarded-proto").is_some_and(|protocol| protocol == "https")
}

fn refused(cookies: CookieJar, page: &str, next: Option<String>, mut form: FormState) -> Response {
    // A cookie has room for about 4 KB; longer input than any form takes is not worth giving back.
    form.name.truncate(form.name.floor_char_boundary(320));
    form.email.truncate(form.email.floor_char_boundary(254));
    (flash::leave(cookies, flash::FORM, &form), Redirect::to(&with_next(page, next.as_deref())))
        .into_response()
}
