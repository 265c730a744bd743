//! The address of a client, also behind a proxy on the same machine.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;

/// The peer's address; when the peer is this machine, a proxy that names its client in the last place of
/// `X-Forwarded-For` is believed.
pub fn of_client(peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    if !peer.ip().is_loopback() {
        return peer.ip();
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or(peer.ip())
}
