//! Identifiers: UUIDs with a type of their own each, so that one can't be passed for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::json::{Json, Writer};
use super::wire::{Faults, Wire, wire};

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Reads the hyphenated form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }

            /// A version 4 identifier from 128 random bits, for callers that have their own randomness.
            pub fn from_random(bits: u128) -> Self {
                Self(uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid())
            }
        }

        impl Wire for $name {
            fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
                Self(Uuid::read(json, faults))
            }

            fn write(&self, writer: &mut Writer) {
                self.0.write(writer);
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

identifier! {
    /// A room, chosen by the client that creates it, so that creating twice is creating once.
    RoomId
}
identifier! {
    /// A person's account.
    UserId
}
identifier! {
    /// A message; for a member's message it equals the [`CommandId`] that sent it.
    MessageId
}
identifier! {
    /// A command of one client: the key by which a repeated command has its effect only once.
    CommandId
}
identifier! {
    /// One connection, for logs and support; it carries no rights.
    ConnectionId
}

identifier! {
    /// An invitation to a room, and the secret of its link; it equals the [`CommandId`] that made it.
    InviteId
}

/// A log: an ordered, durable list of events. On the wire `"inbox"`, or the room's identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Log {
    /// The log of the user who holds the connection: rooms joined, changed and left.
    Inbox,
    Room(RoomId),
}

impl fmt::Display for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inbox => formatter.write_str("inbox"),
            Self::Room(room) => room.fmt(formatter),
        }
    }
}

impl Wire for Log {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        if json.text() == Some("inbox") { Self::Inbox } else { Self::Room(Wire::read(json, faults)) }
    }

    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Inbox => writer.string("inbox"),
            Self::Room(room) => room.write(writer),
        }
    }
}

/// How far a client has got in one log: every event up to and including `seq` has been applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Changes when the log was begun anew (a restored backup); a cursor of another epoch says nothing.
    pub epoch: u32,
    /// The first event of a log has 1; 0 is before it.
    pub seq: u64,
}

wire!(struct Cursor { epoch!, seq! });

/// A small number that stands for one text of one running message on one connection; never used twice there.
pub type Handle = u32;
