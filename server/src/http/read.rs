//! The reads: what a page, or any other client, starts from. `GET`, JSON, with the session's cookie.

use app::protocol::{FailureCode, MessageId, PageData, RoomId, RoomSnapshot};
use axum::Json;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Deserialize;

use super::AppState;
use super::caller::signed_in;
use super::failure::HttpFailure;

#[derive(Debug, Deserialize)]
pub struct PageQuery {
    room: Option<RoomId>,
}

#[derive(Debug, Deserialize)]
pub struct RoomQuery {
    room: RoomId,
    /// Only messages before this one.
    before: Option<MessageId>,
}

/// `GET /api/page?room=…`
pub async fn page(
    State(state): State<AppState>,
    cookies: CookieJar,
    Query(query): Query<PageQuery>,
) -> Result<Response, HttpFailure> {
    let user = signed_in(&state, &cookies).await?.user;
    let page: PageData = state.chat.page(user, query.room).await?;
    Ok(fresh(Json(page)))
}

/// `GET /api/room?room=…&before=…`
pub async fn room(
    State(state): State<AppState>,
    cookies: CookieJar,
    Query(query): Query<RoomQuery>,
) -> Result<Response, HttpFailure> {
    let user = signed_in(&state, &cookies).await?.user;
    let snapshot: RoomSnapshot =
        state.chat.room(user.id, query.room, query.before).await?.ok_or_else(|| {
            HttpFailure::new(
                FailureCode::RoomNotFound,
                "There is no such conversation. It may have been deleted.",
            )
        })?;
    Ok(fresh(Json(snapshot)))
}

/// Never from a cache: it would be the past.
fn fresh(body: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], body).into_response()
}
