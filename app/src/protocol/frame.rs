//! Frames: the envelope `{"type","id","log","seq","payload"}`, and the compact array of a part.
//!
//! Encoding and decoding of both directions, so that the server, the browser, the test clients and the examples
//! of `PROTOCOL.md` go through the same code.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Command, CommandId, ConnectionId, Cursor, Event, Failure, Handle, Limits, Log, Membership, Message,
    MessageChange, MessageId, PresenceState, RoomCursor, RoomId, RoomPresence, RoomSummary, RoomTyping, Run,
    Timestamp,
};

/// A frame from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    /// `session:hello`, the first frame of every connection, and only the first.
    Hello(Hello),
    /// `presence:set`: whether somebody looks at this page. No answer.
    Presence(PresenceState),
    /// `chat:typing`: the user types in a room. No answer; at most every [`Limits::TYPING_EVERY_MS`].
    Typing {
        room: RoomId,
    },
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
    /// `presence:room`: state, of which the latest wins.
    Presence(RoomPresence),
    /// `chat:typing`: a hint, which expires by itself.
    Typing(RoomTyping),
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
    /// Nobody looks at the page; `presence:set` tells changes of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_away: bool,
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
pub(super) struct IncomingEnvelope<'a> {
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

/// The payloads of hints and events that are no type of their own.
mod payload {
    use super::{Deserialize, MessageId, PresenceState, RoomId, Run, Serialize};

    #[derive(Serialize, Deserialize)]
    pub(super) struct Room {
        pub(super) room: RoomId,
    }

    #[derive(Serialize, Deserialize)]
    pub(super) struct State {
        pub(super) state: PresenceState,
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

pub(super) fn envelope<P: Serialize>(kind: &str, id: Option<CommandId>, payload: &P) -> String {
    json(&OutgoingEnvelope { kind, id, log: None, seq: None, payload })
}

impl ClientFrame {
    pub fn encode(&self) -> String {
        match self {
            Self::Hello(hello) => envelope("session:hello", None, hello),
            Self::Presence(state) => envelope("presence:set", None, &payload::State { state: *state }),
            Self::Typing { room } => envelope("chat:typing", None, &payload::Room { room: *room }),
            Self::Command { id, command } => command.encode(*id),
        }
    }

    pub fn decode(text: &str) -> Result<Self, FrameError> {
        let raw: IncomingEnvelope = serde_json::from_str(text).map_err(|_| FrameError::Malformed)?;
        match &*raw.kind {
            "session:hello" => Ok(Self::Hello(raw.payload()?)),
            "presence:set" => Ok(Self::Presence(raw.payload::<payload::State>()?.state)),
            "chat:typing" => Ok(Self::Typing { room: raw.payload::<payload::Room>()?.room }),
            _ => match Command::decode(&raw) {
                Some(command) => {
                    let command = command?;
                    let id = raw.id.ok_or_else(|| raw.bad("`id` is missing"))?;
                    Ok(Self::Command { id, command })
                }
                None => Err(FrameError::UnknownType { id: raw.id, kind: raw.kind.into_owned() }),
            },
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
            Self::Presence(presence) => envelope("presence:room", None, presence),
            Self::Typing(typing) => envelope("chat:typing", None, typing),
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
            "presence:room" => Self::Presence(raw.payload()?),
            "chat:typing" => Self::Typing(raw.payload()?),
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
            Self::MessageChanged(change) => {
                json(&OutgoingEnvelope { kind, id: None, log, seq, payload: change })
            }
            Self::Member(member) => json(&OutgoingEnvelope { kind, id: None, log, seq, payload: member }),
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
            Self::MessageChanged(change) => json(change),
            Self::Member(member) => json(member),
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
            "chat:changed" => Self::MessageChanged(read::<MessageChange>(payload)?),
            "room:member" => Self::Member(read::<Membership>(payload)?),
            "room:joined" => Self::RoomJoined(read::<RoomSummary>(payload)?),
            "room:changed" => Self::RoomChanged(read::<RoomSummary>(payload)?),
            "room:left" => Self::RoomLeft { room: read::<payload::Room>(payload)?.room },
            _ => return Err(EventError::UnknownKind),
        })
    }
}

impl IncomingEnvelope<'_> {
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) fn payload<T: DeserializeOwned>(&self) -> Result<T, FrameError> {
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
