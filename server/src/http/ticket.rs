//! `POST /api/ticket`: where a client learns, by an HTTP status it can read, whether it may connect.

use app::protocol::{Failure, FailureCode, IssuedTicket};
use app::texts;
use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;

use super::caller::signed_in;
use super::failure::HttpFailure;
use super::{AppState, address};
use crate::hub::Rooms;
use crate::transport::tcp::Peer;

pub async fn issue(
    State(state): State<AppState>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    cookies: CookieJar,
) -> Result<Response, HttpFailure> {
    state.drain.refuse()?;
    if !state.hub.has_room_for(address::of_client(peer, &headers)) {
        return Err(busy(texts::server::connections()).into());
    }
    let caller = signed_in(&state, &cookies).await?.caller();
    // Tickets that wait have a limit for all; nobody may take it up alone.
    state.chat.admit(&caller)?;
    let ticket = state.tickets.issue(caller).map_err(|_| busy(texts::server::busy()))?;
    let expires_in_ms = u64::try_from(state.tickets.lifetime().as_millis()).unwrap_or(u64::MAX);
    let answer = Json(IssuedTicket { ticket, expires_in_ms });
    Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

fn busy(message: &str) -> Failure {
    Failure { retry_after_ms: Some(5_000), ..Failure::new(FailureCode::LimitReached, message) }
}
