//! What a client can ask for. Each command travels with a [`super::CommandId`], and is answered by `ack`, by
//! `room:subscribed`, or by `error`, with the same identifier.

use serde::{Deserialize, Serialize};

use super::{Cursor, MessageId, RoomId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `room:subscribe`: this connection wants the room's events and parts.
    Subscribe(RoomCursor),
    /// `room:unsubscribe`.
    Unsubscribe { room: RoomId },
    /// `chat:resume`: send the texts of a message from these lengths on.
    Resume { room: RoomId, held: Held },
    /// `room:create`: a solo room, owned by the sender.
    CreateRoom { room: RoomId, title: String },
    /// `room:rename`.
    RenameRoom { room: RoomId, title: String },
    /// `room:delete`: the room and everything in it, for everybody.
    DeleteRoom { room: RoomId },
    /// `chat:message`: the message's identifier is the command's. Kimi answers.
    SendMessage { room: RoomId, text: String, parent: Option<MessageId> },
    /// `chat:stop`: ends the run of an AI's message and keeps its text.
    StopRun { room: RoomId, message: MessageId },
    /// `chat:retry`: a new run beside an ended one, as a new branch.
    RetryRun { room: RoomId, message: MessageId },
    /// `chat:continue`: lets a run that was interrupted or stopped go on with the same message, from what it has.
    ContinueRun { room: RoomId, message: MessageId },
}

/// A room and how much of it the client holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCursor {
    pub room: RoomId,
    /// Absent: the client holds nothing and will load a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// The messages whose texts may still grow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<Held>,
}

/// The lengths of an AI message's texts that the client holds, in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub message: MessageId,
    pub attempt: u32,
    pub text: u64,
    pub thinking: u64,
}
