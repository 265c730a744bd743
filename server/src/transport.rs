//! Bytes in and out: the ways in which a connection's frames travel. Nothing here knows what a frame means.

pub mod event_stream;
pub mod poll;
pub mod tcp;
pub mod websocket;

use app::protocol::{Bye, ServerFrame};

use crate::hub::Closing;

/// Appends a frame as one event of `text/event-stream`. Frames are JSON without line breaks.
fn write_event(body: &mut Vec<u8>, frame: &str) {
    body.extend_from_slice(b"data: ");
    body.extend_from_slice(frame.as_bytes());
    body.extend_from_slice(b"\n\n");
}

/// The last frame of a connection that this side ends.
fn bye(closing: &Closing) -> ServerFrame {
    ServerFrame::Bye(Bye {
        code: closing.code.code(),
        message: closing.code.meaning().to_owned(),
        retry_after_ms: closing.retry_after_ms,
    })
}

/// A body that says no more than goodbye.
pub fn goodbye(closing: &Closing) -> Vec<u8> {
    let mut body = Vec::new();
    write_event(&mut body, &bye(closing).encode());
    body
}
