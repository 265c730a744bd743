//! Rooms as lists and pages show them, and the snapshots a page starts from.

use serde::{Deserialize, Serialize};

use super::{Cursor, Limits, Message, RoomId, Timestamp, UserId};

/// What the list of rooms shows of one room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    pub id: RoomId,
    pub kind: RoomKind,
    /// Empty until somebody names it or the first message does.
    pub title: String,
    /// The reader's own role.
    pub role: Role,
    /// When something was last said; the list is ordered by it, newest first.
    pub active_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// One person and Kimi.
    Solo,
    Group,
    /// Two people.
    Direct,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Owner,
    Admin,
    Member,
    Guest,
}

/// A room's newest messages, with the cursor that was read before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    pub room: RoomSummary,
    pub cursor: Cursor,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// True when there are messages before the first of these.
    pub has_earlier: bool,
}

/// The account of the reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub is_admin: bool,
}

/// Everything a page needs to be drawn, on the server or afresh in the browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageData {
    pub user: User,
    /// Of the inbox, read before `rooms`.
    pub inbox: Cursor,
    /// Newest activity first.
    pub rooms: Vec<RoomSummary>,
    /// The room that was asked for, if the reader is a member of it.
    pub room: Option<RoomSnapshot>,
    /// True when no key is configured and the built-in simulator answers.
    pub is_practice_model: bool,
    pub limits: Limits,
    /// Why the form that led here was refused, where there is no script to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The server's clock when the page was made.
    pub now: Timestamp,
}
