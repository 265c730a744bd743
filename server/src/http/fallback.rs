//! Connections without a WebSocket: `POST /api/events` and `POST /api/poll` open one with a ticket in a header and a
//! `session:hello` in the body, and `POST /api/commands` does one command.
//!
//! What a WebSocket says by a close code, these say by a `session:bye` in an answer of status 200, so that a client
//! has one way to understand an end. Other statuses are for what came before any frame.

use std::net::SocketAddr;
use std::time::Duration;

use app::protocol::{CloseCode, Failure, FailureCode, TICKET_HEADER};
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use tokio::time::timeout;

use super::caller::signed_in;
use super::connection::{self, Opened};
use super::failure::HttpFailure;
use super::{AppState, address, origin};
use crate::hub::{Caller, Closing, Rooms, answer_alone};
use crate::transport::tcp::Peer;
use crate::transport::websocket::OVERSIZE_FACTOR;
use crate::transport::{event_stream, goodbye, poll};

/// `POST /api/events`
pub async fn events(
    State(state): State<AppState>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
) -> Result<Response, HttpFailure> {
    let caller = redeem(&state, request.headers());
    let Opened { connection, registration, .. } = match open(&state, caller, peer, request).await? {
        Ok(opened) => opened,
        Err(closing) => return Ok(answer(goodbye(&closing))),
    };
    let policy = event_stream::Policy {
        beat: state.sockets.ping_interval,
        silence: state.sockets.ping_interval + state.sockets.pong_timeout,
        write_timeout: state.sockets.write_timeout,
    };
    let body = event_stream::body(connection, state.chat.clone(), registration, policy);
    Ok(answer(Body::from_stream(body)))
}

/// `POST /api/poll`
pub async fn poll(
    State(state): State<AppState>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
) -> Result<Response, HttpFailure> {
    let caller = redeem(&state, request.headers());
    let wait = wait(request.headers());
    let Opened { connection, mut registration, .. } = match open(&state, caller, peer, request).await? {
        Ok(opened) => opened,
        Err(closing) => return Ok(answer(goodbye(&closing))),
    };
    let news = poll::answer(&connection, &*state.chat, wait, &state.polls).await;
    if !news.has_ended {
        registration.will_poll();
    }
    drop(registration);
    let mut response = answer(news.body);
    if !news.has_ended
        && let Some(ticket) = next_ticket(&state, connection.next_caller(), wait)
    {
        response.headers_mut().insert(HeaderName::from_static(TICKET_HEADER), ticket);
    }
    Ok(response)
}

/// `POST /api/commands`
pub async fn command(
    State(state): State<AppState>,
    cookies: CookieJar,
    request: Request,
) -> Result<Response, HttpFailure> {
    state.drain.refuse()?;
    origin::only_json(request.headers())?;
    let caller = signed_in(&state, &cookies).await?.caller();
    let text = read(request, state.hub.limits().frame_bytes).await?;
    let Some(frame) = answer_alone(&state.hub, &*state.chat, &caller, &text).await else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, frame.encode()).into_response())
}

fn redeem(state: &AppState, headers: &HeaderMap) -> Option<Caller> {
    state.tickets.redeem(headers.get(TICKET_HEADER)?.to_str().ok()?)
}

/// Opens the connection and gives it its `hello`.
async fn open(
    state: &AppState,
    caller: Option<Caller>,
    peer: SocketAddr,
    request: Request,
) -> Result<Result<Opened, Closing>, HttpFailure> {
    let address = address::of_client(peer, request.headers());
    let mut opened = match connection::open(state, caller, address).await {
        Ok(opened) => opened,
        Err(closing) => return Ok(Err(closing)),
    };
    let reading = read(request, state.hub.limits().frame_bytes);
    let Ok(hello) = timeout(state.sockets.hello_timeout, reading).await else {
        return Ok(Err(Closing::with(CloseCode::NoHello)));
    };
    opened.dialogue.receive(&hello?).await;
    if !opened.dialogue.is_greeted() {
        // There is no second frame to wait for.
        opened.connection.close(Closing::with(CloseCode::BadProtocol));
    }
    Ok(Ok(opened))
}

/// Reads a frame. One that is not UTF-8 is no JSON either, and is answered as such.
async fn read(request: Request, frame_bytes: usize) -> Result<String, HttpFailure> {
    let bytes = to_bytes(request.into_body(), frame_bytes * OVERSIZE_FACTOR).await.map_err(|_| {
        let message = format!("A frame may have {} KiB at most.", frame_bytes / 1024);
        HttpFailure::from(Failure::new(FailureCode::FrameTooLarge, message))
    })?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// How long a poll asks to be held (RFC 7240, section 4.3).
fn wait(headers: &HeaderMap) -> Option<Duration> {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .find_map(|preference| preference.trim().strip_prefix("wait=")?.parse().ok())
        .map(Duration::from_secs)
}

/// Polls that were held keep a distance by themselves; others are counted like the tickets they replace.
fn next_ticket(state: &AppState, caller: Caller, wait: Option<Duration>) -> Option<HeaderValue> {
    if wait.is_none() && state.chat.admit(&caller).is_err() {
        return None;
    }
    HeaderValue::from_str(&state.tickets.issue(caller).ok()?).ok()
}

/// An answer that no cache keeps and no proxy holds back or changes.
fn answer(body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, body.into()).into_response()
}
