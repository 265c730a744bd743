//! The addresses of a client and of this site, also behind a proxy on the same machine.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};

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

/// Where browsers find this site, for links that leave it: as configured, or else as this browser found it.
pub fn of_site(public_url: Option<&str>, headers: &HeaderMap) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let is_secure = headers.get("x-forwarded-proto").is_some_and(|protocol| protocol == "https");
    format!("{}://{host}", if is_secure { "https" } else { "http" })
}
