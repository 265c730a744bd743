//! The reasons for which a command is refused: a stable code for programs and a sentence for people.

use super::RoomId;
use super::json::{Json, Writer};
use super::wire::{Faults, Wire, wire};

/// The payload of an `error` frame and of an error answer over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub code: FailureCode,
    /// One sentence for the user that says what to do.
    pub message: String,
    /// Trying again before this has passed will fail the same way. Milliseconds.
    pub retry_after_ms: Option<u64>,
    pub room: Option<RoomId>,
}

wire!(struct Failure { code!, message!, retry_after_ms?, room? });

impl Failure {
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after_ms: None, room: None }
    }
}

macro_rules! failure_codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FailureCode {
            $($(#[$doc])* $variant,)*
            /// A code of a newer server.
            Unknown,
        }

        impl Wire for FailureCode {
            fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
                let name = json.text();
                if name.is_none() {
                    faults.missing("code");
                }
                Self::ALL.iter().copied().find(|code| Some(code.name()) == name).unwrap_or(Self::Unknown)
            }

            fn write(&self, writer: &mut Writer) {
                writer.string(self.name());
            }
        }

        impl FailureCode {
            /// Every code, in the order of `PROTOCOL.md`.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name on the wire.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Unknown => "unknown",
                }
            }
        }
    };
}

failure_codes! {
    /// The frame is not JSON of the documented shape.
    BadFrame = "bad_frame",
    /// The frame's type is not one this server knows.
    UnknownType = "unknown_type",
    /// The frame is larger than the limit.
    FrameTooLarge = "frame_too_large",
    /// A message without a visible character.
    MessageEmpty = "message_empty",
    /// A message over the limit.
    MessageTooLong = "message_too_long",
    /// A title that is empty or over the limit.
    BadTitle = "bad_title",
    /// A value that is empty, too long, or none of those allowed.
    BadInput = "bad_input",
    /// There is no such room, or the user is not a member of it; which of the two is not said.
    RoomNotFound = "room_not_found",
    /// There is no such message in the room.
    MessageNotFound = "message_not_found",
    /// Nobody is called so, several people are, or the one who is meant is not a member.
    PersonNotFound = "person_not_found",
    /// The invitation was revoked, has expired, or is used up.
    BadInvite = "bad_invite",
    /// What was asked does not fit the state of the room or run, such as a retry while Kimi writes.
    BadState = "bad_state",
    /// The user's role does not allow it.
    Forbidden = "forbidden",
    /// Too many commands; `retry_after_ms` says when to go on.
    RateLimited = "rate_limited",
    /// Too many rooms or connections.
    LimitReached = "limit_reached",
    /// No valid session.
    SignedOut = "signed_out",
    /// The page's address is not this server's.
    BadOrigin = "bad_origin",
    /// Something broke here; it is in the server's log.
    Internal = "internal",
}
