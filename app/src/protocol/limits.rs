//! Every limit a client can meet, with its default. The server can be configured to others and tells them in
//! `session:welcome`.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of one frame from a client.
    pub frame_bytes: usize,
    /// Bytes of UTF-8 of one member's message.
    pub message_bytes: usize,
    /// Characters of a room's title.
    pub title_characters: usize,
    pub messages_per_minute: u32,
    pub connections_per_user: usize,
    pub connections_per_address: usize,
    pub rooms_per_connection: usize,
    /// Rooms that one user may own.
    pub rooms_per_user: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 64 * 1024,
            message_bytes: 32 * 1024,
            title_characters: 120,
            messages_per_minute: 100,
            connections_per_user: 10,
            connections_per_address: 200,
            rooms_per_connection: 500,
            rooms_per_user: 10_000,
        }
    }
}

impl Limits {
    /// Events that one replay brings at most; a longer gap is a reset.
    pub const REPLAY_EVENTS: u64 = 300;
    /// Bytes that one replay brings at most; a larger gap is a reset.
    pub const REPLAY_BYTES: usize = 256 * 1024;
    /// Messages in one snapshot of a room.
    pub const SNAPSHOT_MESSAGES: usize = 200;
}
