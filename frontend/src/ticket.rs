//! `POST /api/ticket`, and what its answers mean to the client.

use app::client::TicketFailure;
use app::protocol::{Failure, IssuedTicket, from_json};

use crate::request::send;

pub async fn fetch() -> Result<String, TicketFailure> {
    let answer = send("POST", "/api/ticket").await.ok_or(TicketFailure::Unreachable)?;
    match answer.status {
        200 => from_json::<IssuedTicket>(&answer.body)
            .map(|answer| answer.ticket)
            .map_err(|_| TicketFailure::Unreachable),
        401 => Err(TicketFailure::SignedOut),
        403 => {
            let failure = from_json::<Failure>(&answer.body).map(|failure| failure.message);
            Err(TicketFailure::Forbidden(
                failure.unwrap_or_else(|_| "The server refuses this page.".to_owned()),
            ))
        }
        429 | 503 => Err(TicketFailure::Busy { retry_after_ms: answer.retry_after_ms }),
        _ => Err(TicketFailure::Unreachable),
    }
}
