//! What the server-drawn pages about a room show, as the store reads it. Types only.

use crate::protocol::{InviteId, Member, MessageId, Role, RoomId, RoomSummary, Timestamp};

/// A room with everything that is said about it, for one of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomDetails {
    pub room: RoomSummary,
    pub created_at: Timestamp,
    pub instructions: String,
    /// By name.
    pub members: Vec<Member>,
    /// Those that can be used, the newest first.
    pub invites: Vec<Invite>,
    /// The last pinned first.
    pub pinned: Vec<Pinned>,
}

/// An invitation of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    pub id: InviteId,
    pub role: Role,
    /// By name.
    pub created_by: String,
    pub expires_at: Timestamp,
    /// Absent: any number.
    pub uses_left: Option<u32>,
}

/// A pinned message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    pub message: MessageId,
    pub author: String,
    pub created_at: Timestamp,
    /// The beginning of its text.
    pub excerpt: String,
}

/// What somebody who may not be a member yet is told of a room that they are invited to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    pub room: RoomId,
    pub invite: InviteId,
    pub title: String,
    pub topic: String,
    pub members: u32,
    pub role: Role,
    /// By name.
    pub created_by: String,
    pub expires_at: Timestamp,
}

/// A message and what it said before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    pub room: RoomId,
    pub message: MessageId,
    pub author: String,
    pub created_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
    pub edited_at: Option<Timestamp>,
    /// The editor's name, where it is not the author.
    pub edited_by: Option<String>,
    /// What it says now.
    pub text: String,
    /// The newest first.
    pub revisions: Vec<Revision>,
    /// There are more than these.
    pub has_earlier: bool,
    /// The texts of a deleted message are not for this reader.
    pub is_withheld: bool,
}

/// A text that a message had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    pub until: Timestamp,
    pub text: String,
}

/// Something that can be done with a room as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    Rename,
    Change,
    /// Or when it is archived, to bring it back.
    Archive,
    Add,
    /// Also to see and to revoke invitations.
    Invite,
    Unpin,
    Leave,
    Delete,
}

/// What the reader may do in a room; the server asks its rules for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    pub room: Vec<Offer>,
    /// The roles that can be given to somebody new.
    pub roles: Vec<Role>,
    /// What can be done about each member, in their order.
    pub members: Vec<MemberOffers>,
}

impl Offers {
    pub fn has(&self, offer: Offer) -> bool {
        self.room.contains(&offer)
    }
}

/// What the reader may do about one member.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberOffers {
    /// Roles that they can be given, their own among them; empty: none.
    pub roles: Vec<Role>,
    pub remove: bool,
    /// To make them the owner.
    pub hand_over: bool,
}

impl MemberOffers {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
