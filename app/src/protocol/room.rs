//! Rooms as lists and pages show them, and the snapshots a page starts from.

use super::wire::wire;
use super::{Cursor, Limits, Message, MessageId, RoomId, Thinking, Timestamp, UserId, UserSettings};

/// What the list of rooms shows of one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSummary {
    pub id: RoomId,
    pub kind: RoomKind,
    /// Empty until somebody names it or the first message does.
    pub title: String,
    pub topic: String,
    /// The reader's own role.
    pub role: Role,
    /// When something was last said; the list is ordered by it, newest first.
    pub active_at: Timestamp,
    /// People, the reader among them.
    pub members: u32,
    pub kimi: KimiMode,
    /// The room's own choice; empty: the server's.
    pub model: String,
    pub thinking: Thinking,
    /// Nothing can be said in it any more, unless it is brought back.
    pub is_archived: bool,
    /// The place in the room's log up to which the reader has read.
    pub read: u64,
    /// Messages of others beyond it, up to [`Limits::UNREAD`].
    pub unread: u32,
    /// Those of them that mention the reader.
    pub mentions: u32,
    pub notify: Notify,
    /// The reader keeps it at the top of their list.
    pub is_pinned: bool,
}

wire!(struct RoomSummary { id!, kind!, title!, topic?, role!, active_at!, members [1], kimi?, model?, thinking?, is_archived?, read?, unread?, mentions?, notify?, is_pinned? });

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
            model: String::new(),
            thinking: Thinking::Default,
            is_archived: false,
            read: 0,
            unread: 0,
            mentions: 0,
            notify: Notify::Mentions,
            is_pinned: false,
        }
    }
}

/// When Kimi answers in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KimiMode {
    #[default]
    Always,
    /// When a message says `@kimi`.
    Mentioned,
    Silent,
}

wire!(
    enum KimiMode {
        Always = "always",
        Mentioned = "mentioned",
        Silent = "silent",
    }
);

/// What a member is notified of while the page is hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    All,
    #[default]
    Mentions,
    None,
}

wire!(
    enum Notify {
        All = "all",
        Mentions = "mentions",
        None = "none",
    }
);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomKind {
    /// One person and Kimi.
    #[default]
    Solo,
    Group,
    /// Two people.
    Direct,
}

wire!(
    enum RoomKind {
        Solo = "solo",
        Group = "group",
        Direct = "direct",
    }
);

/// What a member may do; `server::chat` has the table. In order: each may what those before it may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Guest,
    #[default]
    Member,
    Admin,
    Owner,
}

wire!(
    enum Role {
        Guest = "guest",
        Member = "member",
        Admin = "admin",
        Owner = "owner",
    }
);

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    /// The place in the room's log up to which they have read; told in rooms of up to [`Limits::READ_MARKERS`].
    pub read: u64,
    /// When they were last connected, if ever.
    pub seen_at: Option<Timestamp>,
}

wire!(struct Member { id!, name!, role!, read?, seen_at? });

/// How somebody stands in a room now: joined, of another role, or with no role, gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub id: UserId,
    pub name: String,
    pub role: Option<Role>,
}

wire!(struct Membership { id!, name!, role? });

/// A stretch of a room's messages, with the cursor that was read before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSnapshot {
    pub room: RoomSummary,
    pub cursor: Cursor,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// True when there are messages before the first of these.
    pub has_earlier: bool,
    /// True when there are messages after the last of these.
    pub has_later: bool,
    /// In rooms of up to [`Limits::LISTED_MEMBERS`] members, by name; otherwise nobody.
    pub members: Vec<Member>,
    /// In a solo room, of each of these messages that has others beside it: all that follow the same, oldest first; at
    /// most [`Limits::VERSIONS`] of each.
    pub versions: Vec<Vec<MessageId>>,
    /// In a solo room: the message with which the branch ends that was chosen, if nothing was said since.
    pub chosen: Option<MessageId>,
}

wire!(struct RoomSnapshot { room!, cursor!, messages!, has_earlier!, has_later?, members?, versions?, chosen? });

/// The account of the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub is_admin: bool,
    pub settings: UserSettings,
}

wire!(struct User { id!, name!, email!, is_admin!, settings? });

/// Everything a page needs to be drawn, on the server or afresh in the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageData {
    pub user: User,
    /// Of the inbox, read before `rooms`.
    pub inbox: Cursor,
    /// Newest activity first.
    pub rooms: Vec<RoomSummary>,
    /// The room that was asked for, if the reader is a member of it.
    pub room: Option<RoomSnapshot>,
    /// The message that the address names, if it is among those of the room.
    pub message: Option<MessageId>,
    /// True when no key is configured and the built-in simulator answers.
    pub is_practice_model: bool,
    /// The model that answers in rooms without a choice of their own.
    pub model: String,
    pub limits: Limits,
    /// Why the form that led here was refused, where there is no script to say it.
    pub refusal: Option<String>,
    /// The server's clock when the page was made.
    pub now: Timestamp,
}

wire!(struct PageData { user!, inbox!, rooms!, room [None], message?, is_practice_model!, model?, limits!, refusal?, now! });
