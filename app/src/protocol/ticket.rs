//! The answer to `POST /api/ticket`.

use super::wire::wire;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedTicket {
    pub ticket: String,
    pub expires_in_ms: u64,
}

wire!(struct IssuedTicket { ticket!, expires_in_ms! });
