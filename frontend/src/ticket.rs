//! `POST /api/ticket`, and what its answers mean to the client.

use app::client::TicketFailure;
use app::protocol::Failure;
use gloo_net::http::Request;
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    ticket: String,
}

pub async fn fetch() -> Result<String, TicketFailure> {
    let response = Request::post("/api/ticket").send().await.map_err(|_| TicketFailure::Unreachable)?;
    let status = response.status();
    let retry_after_ms = response
        .headers()
        .get("retry-after")
        .and_then(|seconds| seconds.trim().parse::<u64>().ok())
        .map(|seconds| seconds.saturating_mul(1_000));
    let body = response.text().await.map_err(|_| TicketFailure::Unreachable)?;
    match status {
        200 => serde_json::from_str::<Answer>(&body)
            .map(|answer| answer.ticket)
            .map_err(|_| TicketFailure::Unreachable),
        401 => Err(TicketFailure::SignedOut),
        403 => {
            let failure = serde_json::from_str::<Failure>(&body).map(|failure| failure.message);
            Err(TicketFailure::Forbidden(failure.unwrap_or_else(|_| "The server refuses this page.".to_owned())))
        }
        429 | 503 => Err(TicketFailure::Busy { retry_after_ms }),
        _ => Err(TicketFailure::Unreachable),
    }
}
