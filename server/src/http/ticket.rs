//! `POST /api/ticket`: where a client learns, by an HTTP status it can read, whether it may connect.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use app::protocol::{Failure, FailureCode};
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use serde::Serialize;

use super::failure::HttpFailure;
use super::{AppState, address};
use crate::auth::session;
use crate::hub::{Caller, Rooms};

#[derive(Debug, Serialize)]
pub struct Answer {
    ticket: String,
    expires_in_ms: u64,
}

/// When a client should come back that meets a server on its way out: after it is up again, most likely.
const DRAINING_RETRY: &str = "2";

pub async fn issue(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    cookies: CookieJar,
) -> Result<Response, HttpFailure> {
    if state.is_draining.load(Ordering::Relaxed) {
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, DRAINING_RETRY)]).into_response());
    }
    if !state.hub.has_room_for(address::of_client(peer, &headers)) {
        return Err(busy("Too many connections from your address. Close other tabs.").into());
    }
    let session = session::from_cookies(&cookies).ok_or_else(HttpFailure::signed_out)?;
    let user = state.accounts.user(session).await.map_err(HttpFailure::internal)?;
    let user = user.ok_or_else(HttpFailure::signed_out)?;
    let caller = Caller { user: user.id, name: user.name, session };
    // Tickets that wait have a limit for all; nobody may take it up alone.
    state.chat.admit(&caller)?;
    let ticket =
        state.tickets.issue(caller).map_err(|_| busy("The server is busy. It will be tried again."))?;
    let expires_in_ms = u64::try_from(state.tickets.lifetime().as_millis()).unwrap_or(u64::MAX);
    let answer = Json(Answer { ticket, expires_in_ms });
    Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

fn busy(message: &str) -> Failure {
    Failure { retry_after_ms: Some(5_000), ..Failure::new(FailureCode::LimitReached, message) }
}
