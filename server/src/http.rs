//! Every route of the server, in one list, and the layers that all of them go through.

pub mod accounts;
pub mod address;
pub mod back;
pub mod caller;
pub mod connection;
pub mod failure;
pub mod fallback;
pub mod flash;
pub mod forms;
pub mod health;
pub mod language;
pub mod origin;
pub mod read;
pub mod rich;
pub mod socket;
pub mod state;
pub mod theme;
pub mod ticket;

use app::pages::THEME_FORM;
use app::protocol::{COMMAND_PATH, MODELS_PATH, POLL_PATH, RICH_PATH, STREAM_PATH};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, header};
use axum::routing::{get, post};
use tower_http::set_header::SetResponseHeaderLayer;

pub use state::AppState;

/// Bytes of a form; the largest is a message. What carries frames has the limits of frames.
const BODY_BYTES: usize = 128 * 1024;

/// The routes besides the pages and files, which `pages` adds.
pub fn routes() -> Router<AppState> {
    Router::new()
        // What a client starts from
        .route("/api/page", get(read::page))
        .route("/api/room", get(read::room))
        .route(MODELS_PATH, get(read::models))
        .route(RICH_PATH, post(rich::draw))
        // Realtime
        .route("/api/ticket", post(ticket::issue))
        .route("/ws", get(socket::open))
        .route(STREAM_PATH, post(fallback::events))
        .route(POLL_PATH, post(fallback::poll))
        .route(COMMAND_PATH, post(fallback::command))
        // Accounts: plain forms that also work without JavaScript
        .route("/account/register", post(accounts::register))
        .route("/account/sign-in", post(accounts::sign_in))
        .route("/account/sign-out", post(accounts::sign_out))
        .route("/account/language", post(language::choose))
        // The chat without JavaScript
        .route("/forms/message", post(forms::message))
        .route("/forms/stop", post(forms::stop))
        .route(THEME_FORM, post(theme::choose))
        .route("/forms/rooms", post(forms::create))
        .route("/forms/room/{form}", post(forms::change))
        // For whoever runs it
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
}

/// What every response and every request goes through.
pub fn layers(router: Router, state: AppState) -> Router {
    let no_sniff = SetResponseHeaderLayer::if_not_present(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    let no_frames = SetResponseHeaderLayer::if_not_present(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "frame-ancestors 'none'; base-uri 'self'; form-action 'self'; object-src 'none'; img-src 'self' https: http:",
        ),
    );
    let referrer = SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static("referrer-policy"),
        HeaderValue::from_static("same-origin"),
    );
    router
        .layer(axum::middleware::from_fn(theme::remember))
        .layer(axum::middleware::from_fn_with_state(state, origin::only_own))
        .layer(axum::middleware::from_fn(language::speak))
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(no_sniff)
        .layer(no_frames)
        .layer(referrer)
}
