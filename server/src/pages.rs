//! The pages: who sees which, drawn by Leptos, and the files they need.

mod files;
pub mod rooms;

use std::collections::BTreeMap;

use app::account::FormState;
use app::pages::{AccountPage, Theme, account_document, chat_document, own_path, parse_date};
use app::protocol::{MessageId, PageData, RoomId};
use app::texts;
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum_extra::extract::CookieJar;
use leptos::prelude::{IntoView, Owner, RenderHtml, provide_context};
use leptos_axum::render_app_async;
use serde::Deserialize;

use crate::http::caller::signed_in;
use crate::http::failure::HttpFailure;
use crate::http::{AppState, flash, language, theme};
use crate::store::Page;

/// Adds the pages and the files to the routes.
pub fn add(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    // Drawing spawns on it. Another server of this process, in tests, may have set it already.
    _ = any_spawner::Executor::init_tokio();
    let router = router
        .route("/", get(home))
        .route("/room/{room}", get(room))
        .route("/sign-in", get(sign_in))
        .route("/register", get(register));
    files::add(rooms::add(router), state)
}

async fn home(State(state): State<AppState>, cookies: CookieJar, request: Request) -> Response {
    chat(state, cookies, None, request).await
}

/// A room, and what its address says about the messages to show.
struct Place {
    room: RoomId,
    page: Option<Page>,
    refusal: Option<String>,
}

impl Place {
    fn of(room: RoomId, query: &BTreeMap<String, String>) -> Self {
        let message = query.get("message").and_then(|message| MessageId::parse(message));
        let date = query.get("date").filter(|date| !date.is_empty());
        let day = date.and_then(|date| parse_date(date));
        let is_wrong = date.is_some() && day.is_none();
        let refusal = is_wrong.then(|| texts::server::no_day().to_owned());
        Self { room, page: message.map(Page::Around).or(day.map(Page::Date)), refusal }
    }
}

async fn room(
    State(state): State<AppState>,
    Path(room): Path<String>,
    Query(query): Query<BTreeMap<String, String>>,
    cookies: CookieJar,
    request: Request,
) -> Response {
    match RoomId::parse(&room) {
        Some(room) => chat(state, cookies, Some(Place::of(room, &query)), request).await,
        None => files::not_found(&state),
    }
}

async fn chat(state: AppState, cookies: CookieJar, place: Option<Place>, request: Request) -> Response {
    let room = place.as_ref().map(|place| place.room);
    let user = match signed_in(&state, &cookies).await {
        Ok(signed_in) => signed_in.user,
        Err(failure) => {
            let path = room.and_then(|_| request.uri().path_and_query()).map(PathAndQuery::as_str);
            return rooms::unless_signed_in(failure, path);
        }
    };
    let (cookies, refusal) = flash::take(cookies, flash::REFUSAL);
    let (wish, wrong) = place.map_or((None, None), |place| (place.page, place.refusal));
    let refusal = refusal.or(wrong);
    let page = match state.chat.page(user, room, wish, true).await {
        Ok(page) => PageData { refusal, ..page },
        Err(failure) => return HttpFailure::from(failure).into_response(),
    };
    let is_missing = room.is_some() && page.room.is_none();
    let options = state.leptos.clone();
    let document = move || chat_document(options.clone(), page.clone(), room);
    let mut response = draw(&state, request, document).await;
    if is_missing {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    (cookies, response).into_response()
}

#[derive(Debug, Deserialize)]
struct AccountQuery {
    /// Where the reader goes afterwards.
    next: Option<String>,
}

async fn sign_in(
    State(state): State<AppState>,
    cookies: CookieJar,
    Query(query): Query<AccountQuery>,
) -> Response {
    account(state, cookies, AccountPage::SignIn, query).await
}

async fn register(
    State(state): State<AppState>,
    cookies: CookieJar,
    Query(query): Query<AccountQuery>,
) -> Response {
    account(state, cookies, AccountPage::Register, query).await
}

async fn account(state: AppState, cookies: CookieJar, page: AccountPage, query: AccountQuery) -> Response {
    let next = query.next.as_deref().and_then(own_path).map(str::to_owned);
    if signed_in(&state, &cookies).await.is_ok() {
        return Redirect::to(next.as_deref().unwrap_or("/")).into_response();
    }
    let (cookies, form) = flash::take::<FormState>(cookies, flash::FORM);
    let form = form.unwrap_or_default();
    let options = state.leptos.clone();
    let page = draw_still(|| account_document(options, page, form, next));
    (cookies, page).into_response()
}

/// Draws a document that comes alive. Nothing in it waits: its data were read before. What the server draws better than
/// a browser is put into the finished page, because the browser must not need it to draw the same.
async fn draw<V: IntoView + 'static>(
    state: &AppState,
    request: Request,
    document: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let theme = theme::chosen();
    let themed = move || {
        provide(theme);
        document()
    };
    let response = render_app_async(themed)(request).await;
    let (mut head, body) = response.into_parts();
    // The limit is on what came from elsewhere; this was drawn here.
    let page = match to_bytes(body, usize::MAX).await {
        Ok(page) => state.rich.draw_page(String::from_utf8_lossy(&page).into_owned()).await,
        Err(error) => return HttpFailure::internal(error).into_response(),
    };
    // Pages show the moment and the reader: no cache may keep them.
    head.headers.insert(header::CACHE_CONTROL, files::NO_STORE);
    head.headers.append(header::VARY, language::VARY);
    Response::from_parts(head, page.into())
}

/// What the documents are drawn in.
fn provide(theme: Option<Theme>) {
    if let Some(theme) = theme {
        provide_context(theme);
    }
}

/// As for all answers, and no script at all, whatever a text might smuggle in.
const NO_SCRIPT: HeaderValue = HeaderValue::from_static(
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'; script-src 'none'; img-src 'self'",
);

/// Draws a document without any script: only what it says, at once.
fn draw_still<V: IntoView>(document: impl FnOnce() -> V) -> Response {
    let html = Owner::new().with(|| {
        provide(theme::chosen());
        document().into_view().to_html()
    });
    let headers = [
        (header::CACHE_CONTROL, files::NO_STORE),
        (header::CONTENT_SECURITY_POLICY, NO_SCRIPT),
        (header::VARY, language::VARY),
    ];
    (headers, Html(html)).into_response()
}
