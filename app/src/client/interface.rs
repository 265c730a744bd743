//! What goes into the state machine and what comes out of it: all that a driver has to know.

use super::connection::{Opening, TicketFailure};
use super::page::Page;
use super::timeline::SnapshotFailure;
use crate::protocol::{Command, CommandId, MessageId, PageData, RoomId, RoomSnapshot};

/// What happened. Those with an `attempt` are ignored when it is not the newest.
#[derive(Clone, Debug)]
pub enum Input {
    /// The data of a page: the server-rendered one before `Start`, or the answer to [`Output::FetchPage`].
    Load(Box<PageData>),
    Start,
    /// The time that [`Client::next_timeout`](super::Client::next_timeout) named has come. Late or early ticks do no harm.
    Tick,
    TicketReady {
        attempt: u64,
        ticket: String,
    },
    TicketFailed {
        attempt: u64,
        failure: TicketFailure,
    },
    Opened {
        attempt: u64,
    },
    /// One frame.
    Received {
        attempt: u64,
        text: String,
    },
    /// The transport has ended; also when a command could not be posted.
    Closed {
        attempt: u64,
        code: Option<u16>,
    },
    /// The answer to a poll was read to its end. `ticket` is its header's, for the next one.
    Answered {
        attempt: u64,
        ticket: Option<String>,
    },
    /// So many bytes of what was sent are still waiting in the browser. To be repeated until there are none.
    Buffered {
        attempt: u64,
        bytes: u64,
    },
    /// The page shows this room: hold it, and follow it.
    OpenRoom(RoomId),
    /// The reader wants another stretch of the room. Of `Before` and `After`, the window's own ends count.
    LoadPage {
        room: RoomId,
        page: Page,
    },
    SnapshotLoaded {
        room: RoomId,
        page: Page,
        snapshot: Box<RoomSnapshot>,
    },
    SnapshotFailed {
        room: RoomId,
        page: Page,
        failure: SnapshotFailure,
    },
    /// The user types into the room's composer; to be told with every key.
    Typed {
        room: RoomId,
    },
    /// The reader has seen the room up to this place of its log.
    Seen {
        room: RoomId,
        seq: u64,
    },
    /// [`Output::FetchPage`] failed.
    PageFailed,
    /// The user did something. Subscribing and resuming are the client's own business and are ignored here.
    Do {
        id: CommandId,
        command: Command,
    },
    /// A failed message is to be sent again.
    Again(CommandId),
    /// A failed message or a notice is not wanted any more.
    Discard(CommandId),
    Online,
    Offline,
    Visible,
    Hidden,
    /// Somebody does something in the page, or has done nothing for five minutes.
    Active,
    Idle,
    /// The page comes out of the back-forward cache.
    Woken,
    /// The user asks for a connection.
    RetryNow,
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    FetchTicket {
        attempt: u64,
    },
    Open {
        attempt: u64,
        ticket: String,
        opening: Opening,
    },
    /// On a WebSocket a frame, otherwise a `POST` of one command, whose answer is [`Input::Received`].
    Send {
        attempt: u64,
        text: String,
    },
    /// Drop the socket; nothing of it counts any more.
    Close {
        attempt: u64,
    },
    /// `GET` [`Page::address`], for [`Input::SnapshotLoaded`].
    FetchSnapshot {
        room: RoomId,
        page: Page,
    },
    /// Load [`PageData`] without a room.
    FetchPage,
    Changed(Change),
}

/// What the page has to look at again. Each is reported once until polled, however often it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Connection,
    /// The list of rooms.
    Rooms,
    /// The set or order of a room's messages, what is pending in it, or its state.
    Room(RoomId),
    /// A message's run.
    Message {
        room: RoomId,
        message: MessageId,
    },
    /// A message's text or thinking has grown, or was replaced.
    Text {
        room: RoomId,
        message: MessageId,
    },
    /// Who is in a room, is there, and has read how far.
    Members(RoomId),
    /// Who types in a room.
    Typing(RoomId),
    /// What is to be kept over a reload.
    Outbox,
    Notices,
    /// The user, the limits, or which model answers.
    Account,
    /// More than can be listed.
    Everything,
}
