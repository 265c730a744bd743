//! `GET /ws`: checks the origin, redeems the ticket, and hands the socket to the transport.

use app::protocol::{SUBPROTOCOL, TICKET_PROTOCOL_PREFIX};
use app::texts::{Speaking, language};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::connection::{self, Opened};
use super::{AppState, address, origin};
use crate::transport::tcp::Peer;
use crate::transport::websocket;

pub async fn open(
    State(state): State<AppState>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
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
    let address = address::of_client(peer, &headers);
    // The request is over by then.
    let language = language();
    upgrade.on_upgrade(move |socket| {
        Speaking::new(language, async move {
            let Opened { connection, dialogue, registration } =
                match connection::open(&state, caller, address).await {
                    Ok(opened) => opened,
                    Err(closing) => return websocket::refuse(socket, closing, state.sockets).await,
                };
            websocket::serve(socket, connection, dialogue, state.chat.clone(), state.sockets).await;
            drop(registration);
        })
    })
}
