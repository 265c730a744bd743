//! In which colours a page is drawn: what the reader's cookie says, for whoever draws it, and the form that sets it where
//! no script does.

use app::pages::{THEME_COOKIE, THEME_SECONDS, Theme};
use axum::Form;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use serde::Deserialize;

use super::back::came_from;

tokio::task_local! {
    static CHOSEN: Option<Theme>;
}

/// The choice of whoever's request this task answers.
pub fn chosen() -> Option<Theme> {
    CHOSEN.try_with(|chosen| *chosen).ok().flatten()
}

/// Remembers the choice while a request is answered.
pub async fn remember(cookies: CookieJar, request: Request, next: Next) -> Response {
    let chosen = cookies.get(THEME_COOKIE).and_then(|cookie| Theme::parse(cookie.value()));
    CHOSEN.scope(chosen, next.run(request)).await
}

#[derive(Debug, Deserialize)]
pub struct ThemeForm {
    theme: String,
}

/// Back to the page that it came from.
pub async fn choose(cookies: CookieJar, headers: HeaderMap, Form(form): Form<ThemeForm>) -> Response {
    let cookie = Cookie::build((THEME_COOKIE, Theme::parse(&form.theme).map_or("", Theme::name)))
        .path("/")
        .same_site(SameSite::Lax)
        .max_age(time::Duration::seconds(THEME_SECONDS));
    (cookies.add(cookie), Redirect::to(&came_from(&headers))).into_response()
}
