//! What can be changed in a room besides saying something in it, and why it may be refused.
//!
//! Everything of this kind is one [`Wish`], done in one transaction: whoever makes a new change writes what it does,
//! and gets the rest (once, still allowed, noted, published after the commit) from there.

use app::protocol::{
    CommandId, Fold, InviteId, KimiMode, MessageId, Notify, Role, RoomId, RoomKind, Thinking, Timestamp,
    UserId,
};

use super::Entry;

/// A room to make. In a `direct` one its two people are admins; otherwise the creator owns it, and the others are
/// members.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub room: RoomId,
    pub kind: RoomKind,
    pub title: String,
    pub kimi: KimiMode,
    pub creator: UserId,
    pub others: Vec<UserId>,
    /// A room that it begins like, as far as its creator may know that one.
    pub like: Option<RoomId>,
}

/// How somebody stands in a room, and what the room is like: what decides about what they may do.
#[derive(Clone, Debug)]
pub struct Standing {
    pub role: Role,
    pub kind: RoomKind,
    /// Empty: it has none yet.
    pub title: String,
    pub kimi: KimiMode,
    /// Empty: the server's choice.
    pub model: String,
    pub thinking: Thinking,
    pub is_archived: bool,
}

/// Which stretch of a room's messages is wanted. One that names no message of the room is the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    Newest,
    Before(MessageId),
    After(MessageId),
    Around(MessageId),
    /// Around the first message beyond this place of the log.
    Beyond(u64),
    /// Around the first message from then on.
    Date(Timestamp),
}

/// A change that somebody wants.
#[derive(Clone, Debug)]
pub struct Wish {
    pub room: RoomId,
    pub user: UserId,
    pub command: CommandId,
    /// The role by which it was allowed: whoever has a lower one by now, or none, is refused. Absent for who need not
    /// be a member.
    pub role: Option<Role>,
    pub change: RoomChange,
}

#[derive(Clone, Debug)]
pub enum RoomChange {
    Rename {
        title: String,
    },
    /// Renames a room that still has this title.
    Name {
        title: String,
        instead_of: String,
    },
    Settings(Settings),
    Delete,
    Add {
        user: UserId,
        role: Role,
        limit: usize,
    },
    /// Only somebody of a role below this.
    Remove {
        user: UserId,
        below: Role,
    },
    /// As above.
    SetRole {
        user: UserId,
        role: Role,
        below: Role,
    },
    /// Who had the room becomes an admin.
    Transfer {
        user: UserId,
    },
    Leave,
    Invite {
        role: Role,
        expires_at: Timestamp,
        uses: Option<u32>,
    },
    Revoke {
        invite: InviteId,
    },
    Join {
        invite: InviteId,
        limit: usize,
    },
    /// The place up to which they have read; never goes back.
    Read {
        seq: u64,
    },
    /// The same; only goes back.
    Unread {
        seq: u64,
    },
    SetNotify {
        notify: Notify,
    },
    /// At the top of the wisher's list, or no more.
    PinRoom {
        is_on: bool,
    },
    /// Of the user, and of no room.
    SetThinking {
        thinking: Fold,
    },
    Edit {
        message: MessageId,
        text: String,
        mentions: Vec<UserId>,
    },
    DeleteMessage {
        message: MessageId,
    },
    React {
        message: MessageId,
        emoji: String,
        is_on: bool,
    },
    Pin {
        message: MessageId,
        is_on: bool,
    },
    /// The branch that goes through a message is shown.
    ShowBranch {
        message: MessageId,
    },
}

/// What is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub topic: Option<String>,
    pub kimi: Option<KimiMode>,
    pub model: Option<String>,
    pub thinking: Option<Thinking>,
    pub instructions: Option<String>,
    pub is_archived: Option<bool>,
}

/// What a change did; nothing when it was done before, or everything was so already.
#[derive(Clone, Debug, Default)]
pub struct Changed {
    pub entries: Vec<Entry>,
    /// Who has become a member.
    pub joined: Option<UserId>,
    /// Who is no member any more.
    pub gone: Option<UserId>,
    /// Who has read up to another place than before.
    pub read: Option<(UserId, u64)>,
    /// The room is no more.
    pub is_deleted: bool,
}

/// Why a change does not fit what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    NoMessage,
    /// The message was deleted.
    Deleted,
    /// The reply is still being written.
    Running,
    /// The one who is meant is not a member.
    NotMember,
    AlreadyMember,
    /// The one who is meant has a role that is not below the wisher's.
    NotBelow,
    /// The wisher's role is lower than it was.
    RoleLost,
    /// An owner can't leave.
    Owner,
    RoomFull,
    Archived,
    BadInvite,
    TooManyInvites,
    TooManyReactions,
    TooManyPins,
    /// As many messages as may follow the same one do.
    TooManyVersions,
    /// These two have a direct room.
    Pair(RoomId),
}
