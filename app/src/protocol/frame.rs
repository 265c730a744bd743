//! Frames: the envelope `{"type","id","log","seq","payload"}`, and the compact array of a part.
//!
//! Encoding and decoding of both directions, so that the server, the browser, the test clients and the examples
//! of `PROTOCOL.md` go through the same code.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Command, CommandId, ConnectionId, Cursor, Event, Failure, Handle, Held, Limits, Log, Message, MessageId,
    RoomCursor, RoomId, RoomSummary, Run, Timestamp,
};

/// A frame from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    /// `session:hello`, the first frame of every connection, and only the first.
    Hello(Hello),
    Command {
        id: CommandId,
        command: Command,
    },
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFrame {
    /// `session:welcome`, the answer to `hello`.
    Welcome(Welcome),
    /// `session:beat`: nothing else was sent for a while, and the connection lives.
    Beat(Beat),
    /// `session:bye`: the close that follows, in a form that every transport can carry.
    Bye(Bye),
    /// `room:subscribed`, the answer to `room:subscribe`.
    Subscribed { id: CommandId, subscribed: Subscribed },
    /// A durable event of a log.
    Event { log: Log, seq: u64, event: Box<Event> },
    /// `chat:stream`: names the handles under which the parts of a message follow.
    Stream(Stream),
    /// `[handle, offset, "text"]`.
    Part(Part),
    /// `ack`: the command has had its effect.
    Ack { id: CommandId, ack: Ack },
    /// `error`: the command had no effect; without `id`, the frame could not be read.
    Error { id: Option<CommandId>, failure: Failure },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    pub version: u32,
    /// Name and version of the client's software, for the server's log.
    pub client: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbox: Option<Cursor>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rooms: Vec<RoomCursor>,
    /// The code that ended the connection before this one: the only way to count 1006 on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_close: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    pub connection: ConnectionId,
    pub now: Timestamp,
    /// The longest silence of the server, in milliseconds; a client gives up after this and 10 s more.
    pub beat_ms: u64,
    pub limits: Limits,
    /// The answer for every log of the `hello`, the inbox first.
    pub logs: Vec<Subscribed>,
}

/// Where the server stands in a log and what the client gets of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    pub log: Log,
    /// The head of the log, read after the connection was subscribed to it.
    pub cursor: Cursor,
    pub resume: Resume,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Nothing was missed.
    Current,
    /// Every missed event follows, in order and without a gap.
    Replay,
    /// Too much was missed, or the epoch changed: load a snapshot and subscribe again from its cursor.
    Reset,
    /// There is no such log for this user (any more).
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beat {
    pub now: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bye {
    pub code: u16,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stream {
    pub room: RoomId,
    pub message: MessageId,
    /// A higher attempt than the client knows: the thinking it holds is void.
    pub attempt: u32,
    pub text: TextPosition,
    pub thinking: TextPosition,
}

/// From where on the parts of one text follow, and under which handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextPosition {
    pub handle: Handle,
    /// Bytes of UTF-8; always at the start of a character.
    pub offset: u64,
}

/// A piece of a running message's text. The client's whole rule: `offset` equal to the length held, append;
/// smaller, append what lies beyond; larger, ask by `chat:resume`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub handle: Handle,
    pub offset: u64,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The position in the room's log of what the command did, where it did something there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

/// Why a frame can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Not JSON, or not the envelope.
    Malformed,
    /// A type this version does not know: a client ignores it, a server answers it.
    UnknownType { id: Option<CommandId>, kind: String },
    /// A known type whose payload, `id`, `log` or `seq` is missing or of the wrong shape.
    BadPayload { id: Option<CommandId>, kind: String, detail: String },
}

#[derive(Serialize)]
struct OutgoingEnvelope<'a, P: Serialize> {
    #[serde(rename = "type")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<CommandId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Log>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    payload: &'a P,
}

#[derive(Deserialize)]
struct IncomingEnvelope<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default)]
    id: Option<CommandId>,
    #[serde(default)]
    log: Option<Log>,
    #[serde(default)]
    seq: Option<u64>,
    /// Read once its type is known; one reader of JSON is enough for the browser to download.
    #[serde(default, borrow)]
    payload: Option<&'a RawValue>,
}

/// The payloads of commands and events that are more than one value.
mod payload {
    use super::{Deserialize, Held, MessageId, RoomId, Run, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Room {
        pub(super) room: RoomId,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct Title {
        pub(super) room: RoomId,
        #[serde(default)]
        pub(super) title: String,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct NewMessage {
        pub(super) room: RoomId,
        pub(super) text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(super) parent: Option<MessageId>,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct RoomMessage {
        pub(super) room: RoomId,
        pub(super) message: MessageId,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct ResumeText {
        pub(super) room: RoomId,
        #[serde(flatten)]
        pub(super) held: Held,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct RunChange {
        pub(super) message: MessageId,
        pub(super) run: Run,
    }
}

/// Every type here serialises without error: the maps have string keys and no serializer of ours fails.
fn json<P: Serialize>(value: &P) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn envelope<P: Serialize>(kind: &str, id: Option<CommandId>, payload: &P) -> String {
    json(&OutgoingEnvelope { kind, id, log: None, seq: None, payload })
}

impl ClientFrame {
    pub fn encode(&self) -> String {
        match self {
            Self::Hello(hello) => envelope("session:hello", None, hello),
            Self::Command { id, command } => command.encode(*id),
        }
    }

    pub fn decode(text: &str) -> Result<Self, FrameError> {
        let raw: IncomingEnvelope = serde_json::from_str(text).map_err(|_| FrameError::Malformed)?;
        if raw.kind == "session:hello" {
            return Ok(Self::Hello(raw.payload()?));
        }
        let command = match &*raw.kind {
            "room:subscribe" => Command::Subscribe(raw.payload::<RoomCursor>()?),
            "room:unsubscribe" => Command::Unsubscribe { room: raw.payload::<payload::Room>()?.room },
            "chat:resume" => {
                let payload::ResumeText { room, held } = raw.payload()?;
                Command::Resume { room, held }
            }
            "room:create" => {
                let payload::Title { room, title } = raw.payload()?;
                Command::CreateRoom { room, title }
            }
            "room:rename" => {
                let payload::Title { room, title } = raw.payload()?;
                Command::RenameRoom { room, title }
            }
            "room:delete" => Command::DeleteRoom { room: raw.payload::<payload::Room>()?.room },
            "chat:message" => {
                let payload::NewMessage { room, text, parent } = raw.payload()?;
                Command::SendMessage { room, text, parent }
            }
            "chat:stop" => {
                let payload::RoomMessage { room, message } = raw.payload()?;
                Command::StopRun { room, message }
            }
            "chat:retry" => {
                let payload::RoomMessage { room, message } = raw.payload()?;
                Command::RetryRun { room, message }
            }
            "chat:continue" => {
                let payload::RoomMessage { room, message } = raw.payload()?;
                Command::ContinueRun { room, message }
            }
            _ => return Err(FrameError::UnknownType { id: raw.id, kind: raw.kind.into_owned() }),
        };
        let id = raw.id.ok_or_else(|| raw.bad("`id` is missing"))?;
        Ok(Self::Command { id, command })
    }
}

impl Command {
    /// The frame that carries this command.
    pub fn encode(&self, id: CommandId) -> String {
        let id = Some(id);
        match self {
            Self::Subscribe(cursor) => envelope(self.kind(), id, cursor),
            Self::Unsubscribe { room } | Self::DeleteRoom { room } => {
                envelope(self.kind(), id, &payload::Room { room: *room })
            }
            Self::Resume { room, held } => {
                envelope(self.kind(), id, &payload::ResumeText { room: *room, held: *held })
            }
            Self::CreateRoom { room, title } | Self::RenameRoom { room, title } => {
                envelope(self.kind(), id, &payload::Title { room: *room, title: title.clone() })
            }
            Self::SendMessage { room, text, parent } => envelope(
                self.kind(),
                id,
                &payload::NewMessage { room: *room, text: text.clone(), parent: *parent },
            ),
            Self::StopRun { room, message }
            | Self::RetryRun { room, message }
            | Self::ContinueRun { room, message } => {
                envelope(self.kind(), id, &payload::RoomMessage { room: *room, message: *message })
            }
        }
    }

    /// The type on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Subscribe(_) => "room:subscribe",
            Self::Unsubscribe { .. } => "room:unsubscribe",
            Self::Resume { .. } => "chat:resume",
            Self::CreateRoom { .. } => "room:create",
            Self::RenameRoom { .. } => "room:rename",
            Self::DeleteRoom { .. } => "room:delete",
            Self::SendMessage { .. } => "chat:message",
            Self::StopRun { .. } => "chat:stop",
            Self::RetryRun { .. } => "chat:retry",
            Self::ContinueRun { .. } => "chat:continue",
        }
    }

    /// The room the command is about.
    pub fn room(&self) -> RoomId {
        match self {
            Self::Subscribe(cursor) => cursor.room,
            Self::Unsubscribe { room }
            | Self::Resume { room, .. }
            | Self::CreateRoom { room, .. }
            | Self::RenameRoom { room, .. }
            | Self::DeleteRoom { room }
            | Self::SendMessage { room, .. }
            | Self::StopRun { room, .. }
            | Self::RetryRun { room, .. }
            | Self::ContinueRun { room, .. } => *room,
        }
    }
}

impl ServerFrame {
    pub fn encode(&self) -> String {
        match self {
            Self::Welcome(welcome) => envelope("session:welcome", None, welcome),
            Self::Beat(beat) => envelope("session:beat", None, beat),
            Self::Bye(bye) => envelope("session:bye", None, bye),
            Self::Subscribed { id, subscribed } => envelope("room:subscribed", Some(*id), subscribed),
            Self::Event { log, seq, event } => event.encode(*log, *seq),
            Self::Stream(stream) => envelope("chat:stream", None, stream),
            Self::Part(part) => part.encode(),
            Self::Ack { id, ack } => envelope("ack", Some(*id), ack),
            Self::Error { id, failure } => envelope("error", *id, failure),
        }
    }

    pub fn decode(text: &str) -> Result<Self, FrameError> {
        if text.starts_with('[') {
            let (handle, offset, text) = serde_json::from_str(text).map_err(|_| FrameError::Malformed)?;
            return Ok(Self::Part(Part { handle, offset, text }));
        }
        let raw: IncomingEnvelope = serde_json::from_str(text).map_err(|_| FrameError::Malformed)?;
        let id = || raw.id.ok_or_else(|| raw.bad("`id` is missing"));
        Ok(match &*raw.kind {
            "session:welcome" => Self::Welcome(raw.payload()?),
            "session:beat" => Self::Beat(raw.payload()?),
            "session:bye" => Self::Bye(raw.payload()?),
            "room:subscribed" => Self::Subscribed { id: id()?, subscribed: raw.payload()? },
            "chat:stream" => Self::Stream(raw.payload()?),
            "ack" => Self::Ack { id: id()?, ack: raw.payload()? },
            "error" => Self::Error { id: raw.id, failure: raw.payload()? },
            _ => {
                let (kind, log, seq) = (raw.kind.clone(), raw.log, raw.seq);
                let event = Event::from_payload(&kind, raw.payload_text()).map_err(|error| match error {
                    EventError::UnknownKind => FrameError::UnknownType { id: raw.id, kind: kind.to_string() },
                    EventError::BadPayload(detail) => raw.bad(&detail),
                })?;
                let log = log.ok_or_else(|| raw.bad("`log` is missing"))?;
                let seq = seq.ok_or_else(|| raw.bad("`seq` is missing"))?;
                Self::Event { log, seq, event: Box::new(event) }
            }
        })
    }
}

impl Part {
    pub fn encode(&self) -> String {
        json(&(self.handle, self.offset, &self.text))
    }
}

/// Why a stored event can't be read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventError {
    UnknownKind,
    BadPayload(String),
}

impl Event {
    /// The frame of this event at its place in a log.
    pub fn encode(&self, log: Log, seq: u64) -> String {
        let kind = self.kind();
        let (log, seq) = (Some(log), Some(seq));
        match self {
            Self::Message(message) => json(&OutgoingEnvelope { kind, id: None, log, seq, payload: message }),
            Self::Run { message, run } => {
                let payload = &payload::RunChange { message: *message, run: run.clone() };
                json(&OutgoingEnvelope { kind, id: None, log, seq, payload })
            }
            Self::RoomJoined(room) | Self::RoomChanged(room) => {
                json(&OutgoingEnvelope { kind, id: None, log, seq, payload: room })
            }
            Self::RoomLeft { room } => {
                json(&OutgoingEnvelope { kind, id: None, log, seq, payload: &payload::Room { room: *room } })
            }
        }
    }

    /// The payload alone, as the database keeps it beside [`Event::kind`].
    pub fn payload_json(&self) -> String {
        match self {
            Self::Message(message) => json(message),
            Self::Run { message, run } => json(&payload::RunChange { message: *message, run: run.clone() }),
            Self::RoomJoined(room) | Self::RoomChanged(room) => json(room),
            Self::RoomLeft { room } => json(&payload::Room { room: *room }),
        }
    }

    /// Reads what [`Event::payload_json`] wrote.
    pub fn from_payload(kind: &str, payload: &str) -> Result<Self, EventError> {
        fn read<T: DeserializeOwned>(payload: &str) -> Result<T, EventError> {
            serde_json::from_str(payload).map_err(|error| EventError::BadPayload(error.to_string()))
        }
        Ok(match kind {
            "chat:message" => Self::Message(read::<Message>(payload)?),
            "chat:run" => {
                let payload::RunChange { message, run } = read(payload)?;
                Self::Run { message, run }
            }
            "room:joined" => Self::RoomJoined(read::<RoomSummary>(payload)?),
            "room:changed" => Self::RoomChanged(read::<RoomSummary>(payload)?),
            "room:left" => Self::RoomLeft { room: read::<payload::Room>(payload)?.room },
            _ => return Err(EventError::UnknownKind),
        })
    }
}

impl IncomingEnvelope<'_> {
    fn payload<T: DeserializeOwned>(&self) -> Result<T, FrameError> {
        serde_json::from_str(self.payload_text()).map_err(|error| self.bad(&error.to_string()))
    }

    fn payload_text(&self) -> &str {
        self.payload.map_or("null", RawValue::get)
    }

    fn bad(&self, detail: &str) -> FrameError {
        FrameError::BadPayload {
            id: self.id,
            kind: self.kind.clone().into_owned(),
            detail: detail.to_owned(),
        }
    }
}
