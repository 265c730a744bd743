//! The wire: identifiers, frames, commands, events, close codes and limits of `sitespark.v1`.
//!
//! Types and their JSON only. What the frames mean to a client is in [`crate::client`], what they do on the server is
//! in `server::chat` and `server::hub`; `PROTOCOL.md` shows each of them with an example that a test decodes.

mod close;
mod command;
mod event;
mod failure;
mod frame;
mod identifiers;
mod json;
mod limits;
mod message;
mod model;
mod presence;
mod rich;
mod room;
mod settings;
mod ticket;
mod wire;

pub use close::{CloseAction, CloseCode};
pub use command::{Command, Held, RoomCursor};
pub use event::Event;
pub use failure::{Failure, FailureCode};
pub use frame::{
    Ack, Beat, Bye, ClientFrame, FrameError, Hello, Part, Resume, ServerFrame, Stream, Subscribed,
    TextPosition, Welcome,
};
pub use identifiers::{CommandId, ConnectionId, Cursor, Handle, InviteId, Log, MessageId, RoomId, UserId};
pub use limits::Limits;
pub use message::{Author, Marks, Message, MessageChange, Reaction, Run, RunFailure, RunStatus, Usage};
pub use model::{ModelList, ModelOffer, Thinking};
pub use presence::{OwnPresence, Presence, PresenceState, RoomPresence, RoomTyping, Typist};
pub use rich::RichText;
pub use room::{
    KimiMode, Member, Membership, Notify, PageData, Role, RoomKind, RoomSnapshot, RoomSummary, User,
};
pub use settings::{Fold, UserSettings};
pub use ticket::IssuedTicket;
pub use wire::{Bad, from_json, to_json};

/// The version of the protocol; a client of another version is told to reload.
pub const VERSION: u32 = 1;

/// The WebSocket subprotocol, and the prefix of the one that carries the ticket.
pub const SUBPROTOCOL: &str = "sitespark.v1";

/// `Sec-WebSocket-Protocol: sitespark.v1, ticket.<secret>`: keeps the ticket out of URLs and so out of logs.
pub const TICKET_PROTOCOL_PREFIX: &str = "ticket.";

/// Carries the ticket of an event stream or a poll, and in the answer to a poll the ticket for the next.
pub const TICKET_HEADER: &str = "sitespark-ticket";

/// `POST` with a `session:hello` opens an event stream.
pub const STREAM_PATH: &str = "/api/events";
/// `POST` with a `session:hello` answers with the frames that there are, at the latest after `Prefer: wait`.
pub const POLL_PATH: &str = "/api/poll";
/// `POST` with one command answers with its `ack` or `error`.
pub const COMMAND_PATH: &str = "/api/commands";
/// `POST` with a [`RichText`] answers with its HTML.
pub const RICH_PATH: &str = "/api/rich";
/// Where the models that rooms can choose are listed, by GET (see [`ModelList`]).
pub const MODELS_PATH: &str = "/api/models";

/// A point in time: milliseconds since 1970-01-01 UTC, by the server's clock unless a field says otherwise.
pub type Timestamp = u64;
