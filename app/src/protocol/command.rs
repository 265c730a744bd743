//! What a client can ask for. Each command travels with a [`super::CommandId`], and is answered by `ack`, by
//! `room:subscribed`, or by `error`, with the same identifier.
//!
//! The table in here is all there is to say about a command's shape; who may do what is a table of `server::chat`.

use super::frame::envelope;
use super::json::Json;
use super::wire::{Faults, Wire, wire};
use super::{
    CommandId, Cursor, Fold, InviteId, KimiMode, MessageId, Notify, Role, RoomId, RoomKind, Thinking, UserId,
};

/// Defines [`Command`] with its types on the wire. All of a command's fields are its payload; their marks are those of
/// [`wire`].
macro_rules! commands {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $kind:literal { $($(#[$field_doc:meta])* $field:ident $mark:tt: $type:ty),* $(,)? }
    )*) => {
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Command {
            /// This connection wants the room's events and parts.
            Subscribe(RoomCursor),
            /// Send the texts of a message from these lengths on.
            Resume { room: RoomId, held: Held },
            $($(#[$doc])* $variant { $($(#[$field_doc])* $field: $type),* },)*
        }

        impl Command {
            /// Every type on the wire.
            pub const KINDS: &'static [&'static str] = &["room:subscribe", "chat:resume", $($kind),*];

            /// The type on the wire.
            pub fn kind(&self) -> &'static str {
                match self {
                    Self::Subscribe(_) => "room:subscribe",
                    Self::Resume { .. } => "chat:resume",
                    $(Self::$variant { .. } => $kind,)*
                }
            }

            /// The room the command is about.
            pub fn room(&self) -> RoomId {
                match self {
                    Self::Subscribe(cursor) => cursor.room,
                    Self::Resume { room, .. } => *room,
                    $(Self::$variant { room, .. } => *room,)*
                }
            }

            /// The frame that carries this command.
            pub fn encode(&self, id: CommandId) -> String {
                envelope(self.kind(), Some(id), None, &|writer| match self {
                    Self::Subscribe(cursor) => cursor.write(writer),
                    Self::Resume { room, held } => ResumeText::new(*room, *held).write(writer),
                    $(Self::$variant { $($field),* } => {
                        writer.text.push('{');
                        $(wire!(@write writer (*$field) $field $mark);)*
                        writer.text.push('}');
                    })*
                })
            }

            /// `None`: there is no command of this type.
            pub(super) fn decode(kind: &str, json: &Json<'_>, faults: &mut Faults) -> Option<Self> {
                Some(match kind {
                    "room:subscribe" => Self::Subscribe(Wire::read(json, faults)),
                    "chat:resume" => ResumeText::read(json, faults).command(),
                    $($kind => Self::$variant { $($field: wire!(@read json faults $field $mark)),* },)*
                    _ => return None,
                })
            }
        }
    };
}

commands! {
    /// This connection wants no more of the room.
    Unsubscribe = "room:unsubscribe" { room!: RoomId }
    /// A room owned by the sender. A `direct` one has exactly one other person, a `group` any number, a `solo` none.
    CreateRoom = "room:create" {
        room!: RoomId,
        title [String::new()]: String,
        kind?: RoomKind,
        /// Names or e-mail addresses.
        with?: Vec<String>,
        /// A room of the sender whose model it begins with, and whose instructions where they may set those.
        like?: Option<RoomId>,
    }
    RenameRoom = "room:rename" {
        room!: RoomId,
        title [String::new()]: String,
    }
    /// What is absent stays as it is.
    ChangeRoom = "room:change" {
        room!: RoomId,
        topic?: Option<String>,
        kimi?: Option<KimiMode>,
        /// Empty: the server's own choice.
        model?: Option<String>,
        /// One that the model knows.
        thinking?: Option<Thinking>,
        instructions?: Option<String>,
        is_archived?: Option<bool>,
    }
    /// The room and everything in it, for everybody.
    DeleteRoom = "room:delete" { room!: RoomId }
    LeaveRoom = "room:leave" { room!: RoomId }
    /// Makes somebody a member, by name or e-mail address.
    AddMember = "room:add" {
        room!: RoomId,
        who!: String,
        role [Role::Member]: Role,
    }
    RemoveMember = "room:remove" { room!: RoomId, user!: UserId }
    /// `owner` hands the room over: who had it becomes an admin.
    SetRole = "room:role" { room!: RoomId, user!: UserId, role!: Role }
    /// Makes a link by which people can join; its secret is the command's identifier.
    Invite = "room:invite" {
        room!: RoomId,
        role [Role::Member]: Role,
        /// For how long, in milliseconds.
        lifetime_ms?: Option<u64>,
        /// How many people; absent: any number.
        uses?: Option<u32>,
    }
    RevokeInvite = "room:revoke" { room!: RoomId, invite!: InviteId }
    Join = "room:join" { room!: RoomId, invite!: InviteId }
    /// The sender has read up to this place in the room's log; never goes back.
    MarkRead = "room:read" { room!: RoomId, seq!: u64 }
    /// ... has read only up to this place: goes back.
    MarkUnread = "room:unread" { room!: RoomId, seq!: u64 }
    SetNotify = "room:notify" { room!: RoomId, notify!: Notify }
    /// The sender keeps the room at the top of their list, or no more.
    PinRoom = "room:pin" { room!: RoomId, is_on!: bool }
    /// Something that the sender chooses for themselves, everywhere; `room` is where they are.
    ChangeUser = "user:change" { room!: RoomId, thinking!: Fold }
    /// The message's identifier is the command's. Whether Kimi answers is the room's rule.
    SendMessage = "chat:message" {
        room!: RoomId,
        text!: String,
        /// Absent: the end of what is shown.
        parent?: Option<MessageId>,
        /// The message that this one answers.
        reply_to?: Option<MessageId>,
        /// In a solo room: a message of the sender's own, beside which this one is another version. It follows the same.
        beside?: Option<MessageId>,
    }
    /// In a solo room: from now on the branch that goes through this message is shown.
    ShowBranch = "chat:branch" { room!: RoomId, message!: MessageId }
    EditMessage = "chat:edit" { room!: RoomId, message!: MessageId, text!: String }
    DeleteMessage = "chat:delete" { room!: RoomId, message!: MessageId }
    React = "chat:react" { room!: RoomId, message!: MessageId, emoji!: String, is_on!: bool }
    Pin = "chat:pin" { room!: RoomId, message!: MessageId, is_on!: bool }
    /// Ends the run of an AI's message and keeps its text.
    StopRun = "chat:stop" { room!: RoomId, message!: MessageId }
    /// A new run beside an ended one.
    RetryRun = "chat:retry" { room!: RoomId, message!: MessageId }
    /// Lets a run that was interrupted or stopped go on with the same message, from what it has.
    ContinueRun = "chat:continue" { room!: RoomId, message!: MessageId }
}

/// The payload of `chat:resume`.
struct ResumeText {
    room: RoomId,
    message: MessageId,
    attempt: u32,
    text: u64,
    thinking: u64,
}

wire!(struct ResumeText { room!, message!, attempt!, text!, thinking! });

impl ResumeText {
    fn new(room: RoomId, held: Held) -> Self {
        let Held { message, attempt, text, thinking } = held;
        Self { room, message, attempt, text, thinking }
    }

    fn command(self) -> Command {
        let Self { room, message, attempt, text, thinking } = self;
        Command::Resume { room, held: Held { message, attempt, text, thinking } }
    }
}

impl Command {
    /// A message that simply follows what is shown.
    pub fn say(room: RoomId, text: impl Into<String>) -> Self {
        Self::SendMessage { room, text: text.into(), parent: None, reply_to: None, beside: None }
    }

    /// A room of the sender and Kimi.
    pub fn create_solo(room: RoomId, title: impl Into<String>) -> Self {
        Self::CreateRoom { room, title: title.into(), kind: RoomKind::Solo, with: Vec::new(), like: None }
    }
}

/// A room and how much of it the client holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomCursor {
    pub room: RoomId,
    /// Absent: the client holds nothing and will load a snapshot.
    pub cursor: Option<Cursor>,
    /// The messages whose texts may still grow.
    pub messages: Vec<Held>,
}

wire!(struct RoomCursor { room!, cursor?, messages? });

/// The lengths of an AI message's texts that the client holds, in bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub message: MessageId,
    pub attempt: u32,
    pub text: u64,
    pub thinking: u64,
}

wire!(struct Held { message!, attempt!, text!, thinking! });
