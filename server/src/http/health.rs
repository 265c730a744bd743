//! For supervisors and load balancers: is the process alive, and should it get new visitors.

use axum::extract::State;
use axum::http::StatusCode;

use super::AppState;

pub async fn health() -> &'static str {
    "ok\n"
}

/// 503 once the server has begun to go away.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.drain.has_begun() {
        (StatusCode::SERVICE_UNAVAILABLE, "going away\n")
    } else {
        (StatusCode::OK, "ready\n")
    }
}
