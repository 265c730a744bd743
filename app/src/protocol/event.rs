//! The durable events: what a log holds, what a replay brings, and what every viewer applies in the same order.

use super::{Membership, Message, MessageChange, MessageId, RoomId, RoomSummary, Run, UserSettings};

/// One entry of a log. On the wire its type is [`Event::kind`] and it carries `log` and `seq`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "most events are messages, and frames have them boxed; on 32 bits it is none"
)]
pub enum Event {
    /// `chat:message`, in a room's log: something was said, or the AI began to.
    Message(Message),
    /// `chat:run`, in a room's log: the run of a message changed; the whole new state.
    Run { message: MessageId, run: Run },
    /// `chat:changed`, in a room's log: a message was edited, deleted, pinned or reacted to.
    MessageChanged(MessageChange),
    /// `chat:branch`, in a solo room's log: the branch that ends with this message is shown, until something is said.
    Branch { message: MessageId },
    /// `room:member`, in a room's log: somebody came, went, or has another role.
    Member(Membership),
    /// `room:joined`, in an inbox: the user is a member of this room now.
    RoomJoined(RoomSummary),
    /// `room:changed`, in an inbox: what the list shows of a room changed, unread counts among it.
    RoomChanged(RoomSummary),
    /// `room:left`, in an inbox: the user is no longer a member, or the room was deleted.
    RoomLeft { room: RoomId },
    /// `user:changed`, in an inbox: the user has chosen something for themselves; all that they have chosen.
    UserChanged(UserSettings),
}

impl Event {
    /// The type on the wire and in the database.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "chat:message",
            Self::Run { .. } => "chat:run",
            Self::MessageChanged(_) => "chat:changed",
            Self::Branch { .. } => "chat:branch",
            Self::Member(_) => "room:member",
            Self::RoomJoined(_) => "room:joined",
            Self::RoomChanged(_) => "room:changed",
            Self::RoomLeft { .. } => "room:left",
            Self::UserChanged(_) => "user:changed",
        }
    }
}
