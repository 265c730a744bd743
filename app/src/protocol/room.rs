//! Rooms as lists and pages show them, and the snapshots a page starts from.

use serde::{Deserialize, Serialize};

use super::{Cursor, Limits, Message, MessageId, RoomId, Timestamp, UserId};

/// What the list of rooms shows of one room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSummary {
    pub id: RoomId,
    pub kind: RoomKind,
    /// Empty until somebody names it or the first message does.
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub topic: String,
    /// The reader's own role.
    pub role: Role,
    /// When something was last said; the list is ordered by it, newest first.
    pub active_at: Timestamp,
    /// People, the reader among them.
    #[serde(default = "one")]
    pub members: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub kimi: KimiMode,
    /// Nothing can be said in it any more, unless it is brought back.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_archived: bool,
    /// The place in the room's log up to which the reader has read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub read: u64,
    /// Messages of others beyond it, up to [`Limits::UNREAD`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub unread: u32,
    /// Those of them that mention the reader.
    #[serde(default, skip_serializing_if = "is_default")]
    pub mentions: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    pub notify: Notify,
}

impl RoomSummary {
    /// A room as it begins.
    pub fn new(
        id: RoomId,
        kind: RoomKind,
        title: impl Into<String>,
        role: Role,
        active_at: Timestamp,
    ) -> Self {
        Self {
            id,
            kind,
            title: title.into(),
            topic: String::new(),
            role,
            active_at,
            members: 1,
            kimi: KimiMode::Always,
            is_archived: false,
            read: 0,
            unread: 0,
            mentions: 0,
            notify: Notify::Mentions,
        }
    }
}

fn one() -> u32 {
    1
}

pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// When Kimi answers in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KimiMode {
    #[default]
    Always,
    /// When a message says `@kimi`.
    Mentioned,
    Silent,
}

/// What a member is notified of while the page is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    All,
    #[default]
    Mentions,
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoomKind {
    /// One person and Kimi.
    #[default]
    Solo,
    Group,
    /// Two people.
    Direct,
}

/// What a member may do; `server::chat` has the table. In order: each may what those before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Guest,
    #[default]
    Member,
    Admin,
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Guest, Self::Member, Self::Admin, Self::Owner];

    /// The name used on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// Somebody in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// The place in the room's log up to which they have read; told in rooms of up to [`Limits::READ_MARKERS`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub read: u64,
    /// When they were last connected, if ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
}

/// How somebody stands in a room now: joined, of another role, or with no role, gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub id: UserId,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// A stretch of a room's messages, with the cursor that was read before them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSnapshot {
    pub room: RoomSummary,
    pub cursor: Cursor,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// True when there are messages before the first of these.
    pub has_earlier: bool,
    /// True when there are messages after the last of these.
    #[serde(default, skip_serializing_if = "is_default")]
    pub has_later: bool,
    /// In rooms of up to [`Limits::LISTED_MEMBERS`] members, by name; otherwise nobody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
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
    /// The message that the address names, if it is among those of the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageId>,
    /// True when no key is configured and the built-in simulator answers.
    pub is_practice_model: bool,
    pub limits: Limits,
    /// Why the form that led here was refused, where there is no script to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The server's clock when the page was made.
    pub now: Timestamp,
}
