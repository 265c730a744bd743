//! The reads: what a page, or any other client, starts from. `GET`, JSON, with the session's cookie.

use app::protocol::{FailureCode, MessageId, PageData, RoomId, RoomSnapshot, Timestamp};
use app::texts;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::AppState;
use super::caller::signed_in;
use super::failure::HttpFailure;
use crate::store::Page;

/// Which room, and at most one wish for a stretch of its messages.
#[derive(Debug, Deserialize)]
pub struct RoomQuery {
    room: Option<RoomId>,
    /// Only messages before this one, or after it, or around it.
    before: Option<MessageId>,
    after: Option<MessageId>,
    around: Option<MessageId>,
    /// Around the first message beyond this place of the room's log.
    seq: Option<u64>,
    /// Around the first message from then on.
    date: Option<Timestamp>,
    /// Of a conversation only the branch that is shown.
    #[serde(default)]
    shown: bool,
}

impl RoomQuery {
    fn page(&self) -> Option<Page> {
        let of_message = self.before.map(Page::Before).or(self.after.map(Page::After));
        let around = self.around.map(Page::Around);
        of_message.or(around).or(self.seq.map(Page::Beyond)).or(self.date.map(Page::Date))
    }
}

/// `GET /api/page?room=…`
pub async fn page(
    State(state): State<AppState>,
    cookies: CookieJar,
    Query(query): Query<RoomQuery>,
) -> Result<Response, HttpFailure> {
    let user = signed_in(&state, &cookies).await?.user;
    let page: PageData = state.chat.page(user, query.room, query.page(), query.shown).await?;
    Ok(fresh(Json(page)))
}

/// `GET /api/room?room=…`, with `before`, `after`, `around`, `seq` or `date`, and perhaps `shown`
pub async fn room(
    State(state): State<AppState>,
    cookies: CookieJar,
    Query(query): Query<RoomQuery>,
) -> Result<Response, HttpFailure> {
    let user = signed_in(&state, &cookies).await?.user;
    let not_found = || HttpFailure::new(FailureCode::RoomNotFound, texts::server::no_room());
    let room = query.room.ok_or_else(not_found)?;
    let page = query.page().unwrap_or(Page::Newest);
    let snapshot: RoomSnapshot =
        state.chat.room(user.id, room, page, query.shown).await?.ok_or_else(not_found)?;
    Ok(fresh(Json(snapshot)))
}

/// `GET /api/models`
pub async fn models(State(state): State<AppState>, cookies: CookieJar) -> Result<Response, HttpFailure> {
    signed_in(&state, &cookies).await?;
    Ok(fresh(Json(state.chat.models().await)))
}

/// Never from a cache: it would be the past.
fn fresh(body: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], body).into_response()
}
