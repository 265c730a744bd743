//! Who is there and who types: *state*, of which the latest wins, and *hints*, which expire by themselves.
//!
//! Neither is stored or replayed. A connection that follows a room gets the whole when it begins to, and the changes
//! from then on.

use super::wire::wire;
use super::{ConnectionId, RoomId, Timestamp, UserId};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PresenceState {
    #[default]
    Offline,
    /// Connected, and nobody looks: all pages hidden, or nothing done for five minutes.
    Away,
    Online,
}

wire!(
    enum PresenceState {
        Offline = "offline",
        Away = "away",
        Online = "online",
    }
);

/// `presence:set`: whether somebody looks at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnPresence {
    pub state: PresenceState,
    /// The event stream that it is about; absent on a WebSocket, which speaks for itself.
    pub connection: Option<ConnectionId>,
}

wire!(struct OwnPresence { state!, connection? });

/// `presence:room`: who of a room's members is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomPresence {
    pub room: RoomId,
    /// Everybody who is not named is offline.
    pub is_full: bool,
    /// Members who are online or away, all devices of one counted once.
    pub present: u32,
    /// Those who changed, or with `is_full` all who are not offline or have read something; nobody in rooms of more
    /// than [`super::Limits::LISTED_MEMBERS`].
    pub people: Vec<Presence>,
}

wire!(struct RoomPresence { room!, is_full?, present!, people? });

/// How one member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presence {
    pub user: UserId,
    pub state: PresenceState,
    /// When they were last connected; present for somebody who went offline.
    pub seen_at: Option<Timestamp>,
    /// How far they have read, in rooms of up to [`super::Limits::READ_MARKERS`]; absent: as before.
    pub read: Option<u64>,
}

wire!(struct Presence { user!, state!, seen_at?, read? });

/// `chat:typing` from the server: everybody else who types in a room now. It replaces the one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomTyping {
    pub room: RoomId,
    /// How many; may be more than are named.
    pub count: u32,
    /// At most [`super::Limits::TYPING_NAMED`], those who began first; nobody in rooms of more than
    /// [`super::Limits::LISTED_MEMBERS`].
    pub people: Vec<Typist>,
    /// For how long all of it is true if nothing more is heard. Milliseconds.
    pub for_ms: u64,
}

wire!(struct RoomTyping { room!, count!, people?, for_ms! });

/// Somebody who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typist {
    pub user: UserId,
    /// For how long, if nothing more is heard. Milliseconds.
    pub for_ms: u64,
}

wire!(struct Typist { user!, for_ms! });
