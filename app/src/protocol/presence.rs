//! Who is there and who types: *state*, of which the latest wins, and *hints*, which expire by themselves.
//!
//! Neither is stored or replayed. A connection that follows a room gets the whole when it begins to, and the changes
//! from then on.

use serde::{Deserialize, Serialize};

use super::{RoomId, Timestamp, UserId};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    #[default]
    Offline,
    /// Connected, and nobody looks: all pages hidden, or nothing done for five minutes.
    Away,
    Online,
}

/// `presence:room`: who of a room's members is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomPresence {
    pub room: RoomId,
    /// Everybody who is not named is offline.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_full: bool,
    /// Members who are online or away, all devices of one counted once.
    pub present: u32,
    /// Those who changed, or with `is_full` all who are not offline or have read something; nobody in rooms of more
    /// than [`super::Limits::LISTED_MEMBERS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Presence>,
}

/// How one member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub user: UserId,
    pub state: PresenceState,
    /// When they were last connected; present for somebody who went offline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// How far they have read, in rooms of up to [`super::Limits::READ_MARKERS`]; absent: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
}

/// `chat:typing` from the server: everybody else who types in a room now. It replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTyping {
    pub room: RoomId,
    /// How many; may be more than are named.
    pub count: u32,
    /// At most [`super::Limits::TYPING_NAMED`], those who began first; nobody in rooms of more than
    /// [`super::Limits::LISTED_MEMBERS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<Typist>,
    /// For how long all of it is true if nothing more is heard. Milliseconds.
    pub for_ms: u64,
}

/// Somebody who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typist {
    pub user: UserId,
    /// For how long, if nothing more is heard. Milliseconds.
    pub for_ms: u64,
}
