//! What must hold for any bytes from outside, as functions that panic where it does not.
//!
//! `make fuzz` looks for inputs that break them; a test replays those that were found interesting, kept in `corpus/`.

mod client;
mod model_stream;

pub use client::client;
pub use model_stream::model_stream;

use app::protocol::{ClientFrame, ServerFrame};

/// What a server reads from a client is refused or understood, and what is understood can be said again.
pub fn client_frame(text: &str) {
    if let Ok(frame) = ClientFrame::decode(text) {
        assert_eq!(ClientFrame::decode(&frame.encode()), Ok(frame));
    }
}

/// The same for what a client reads from a server.
pub fn server_frame(text: &str) {
    if let Ok(frame) = ServerFrame::decode(text) {
        assert_eq!(ServerFrame::decode(&frame.encode()), Ok(frame));
    }
}
