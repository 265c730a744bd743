//! `GET /ws`: checks the origin, redeems the ticket, and hands the socket to the transport.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use app::protocol::{CloseCode, ConnectionId, SUBPROTOCOL, TICKET_PROTOCOL_PREFIX};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::{AppState, address, origin};
use crate::hub::{Connection, Dialogue};
use crate::transport::websocket;

pub async fn open(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if !origin::is_own(&headers, state.public_url.as_deref()) {
        return origin::refusal().into_response();
    }
    let ticket = upgrade
        .requested_protocols()
        .find_map(|protocol| protocol.to_str().ok()?.strip_prefix(TICKET_PROTOCOL_PREFIX).map(str::to_owned));
    let caller = ticket.and_then(|ticket| state.tickets.redeem(&ticket));
    let upgrade =
        websocket::with_limits(upgrade, &state.sockets, &state.hub.limits()).protocols([SUBPROTOCOL]);
    let Some(caller) = caller else {
        let policy = state.sockets;
        return upgrade.on_upgrade(move |socket| websocket::refuse(socket, CloseCode::BadTicket, policy));
    };
    let address = address::of_client(peer, &headers);
    upgrade.on_upgrade(async move |socket| {
        let connection = Connection::new(ConnectionId(uuid::Uuid::now_v7()), caller);
        // Also counted here: tickets can be saved up.
        let Some(registration) = state.hub.register(connection.clone(), address) else {
            return websocket::refuse(socket, CloseCode::Retry, state.sockets).await;
        };
        // After registering, so that a sign-out either finds the connection or is found here.
        match state.accounts.user(connection.caller.session).await {
            Ok(Some(_)) => {}
            Ok(None) => return websocket::refuse(socket, CloseCode::SessionEnded, state.sockets).await,
            Err(error) => {
                tracing::error!(%error, "a session could not be read");
                return websocket::refuse(socket, CloseCode::Retry, state.sockets).await;
            }
        }
        if state.is_draining.load(Ordering::Relaxed) {
            return websocket::refuse(socket, CloseCode::Drain, state.sockets).await;
        }
        let beat = state.sockets.ping_interval;
        let dialogue = Dialogue::new(state.hub.clone(), state.chat.clone(), connection.clone(), beat);
        websocket::serve(socket, connection, dialogue, state.chat.clone(), state.sockets).await;
        drop(registration);
    })
}
