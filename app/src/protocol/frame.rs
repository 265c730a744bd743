//! Frames: the envelope `{"type","id","log","seq","payload"}`, and the compact array of a part.
//!
//! Encoding and decoding of both directions, so that the server, the browser, the test clients and the examples
//! of `PROTOCOL.md` go through the same code.

use super::json::{Json, Writer};
use super::wire::{Bad, Faults, Wire, needed, optional, wire};
use super::{
    Command, CommandId, ConnectionId, Cursor, Event, Failure, Handle, Limits, Log, MessageId, OwnPresence,
    RoomCursor, RoomId, RoomPresence, RoomTyping, Run, Timestamp,
};

/// A frame from a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    /// `session:hello`, the first frame of every connection, and only the first.
    Hello(Hello),
    /// `presence:set`: whether somebody looks at this page. No answer.
    Presence(OwnPresence),
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hello {
    pub version: u32,
    /// Name and version of the client's software, for the server's log.
    pub client: String,
    pub inbox: Option<Cursor>,
    pub rooms: Vec<RoomCursor>,
    /// Nobody looks at the page; `presence:set` tells changes of it.
    pub is_away: bool,
    /// The code that ended the connection before this one: the only way to count 1006 on the server.
    pub previous_close: Option<u16>,
}

wire!(struct Hello { version!, client!, inbox?, rooms?, is_away?, previous_close? });

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    pub connection: ConnectionId,
    pub now: Timestamp,
    /// The longest silence of the server, in milliseconds; a client gives up after this and 10 s more.
    pub beat_ms: u64,
    pub limits: Limits,
    /// The answer for every log of the `hello`, the inbox first.
    pub logs: Vec<Subscribed>,
}

wire!(struct Welcome { connection!, now!, beat_ms!, limits!, logs! });

/// Where the server stands in a log and what the client gets of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscribed {
    pub log: Log,
    /// The head of the log, read after the connection was subscribed to it.
    pub cursor: Cursor,
    pub resume: Resume,
}

wire!(struct Subscribed { log!, cursor!, resume! });

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

wire!(
    enum Resume {
        Current = "current",
        Replay = "replay",
        Reset = "reset",
        Gone = "gone",
    }
);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    pub now: Timestamp,
}

wire!(struct Beat { now! });

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bye {
    pub code: u16,
    pub message: String,
    pub retry_after_ms: Option<u64>,
}

wire!(struct Bye { code!, message!, retry_after_ms? });

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    pub room: RoomId,
    pub message: MessageId,
    /// A higher attempt than the client knows: the thinking it holds is void.
    pub attempt: u32,
    pub text: TextPosition,
    pub thinking: TextPosition,
}

wire!(struct Stream { room!, message!, attempt!, text!, thinking! });

/// From where on the parts of one text follow, and under which handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextPosition {
    pub handle: Handle,
    /// Bytes of UTF-8; always at the start of a character.
    pub offset: u64,
}

wire!(struct TextPosition { handle!, offset! });

/// A piece of a running message's text. The client's whole rule: `offset` equal to the length held, append;
/// smaller, append what lies beyond; larger, ask by `chat:resume`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub handle: Handle,
    pub offset: u64,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ack {
    /// The position in the room's log of what the command did, where it did something there.
    pub seq: Option<u64>,
}

wire!(struct Ack { seq? });

/// Why a frame can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Not JSON, or not the envelope.
    Malformed,
    /// A type this version does not know: a client ignores it, a server answers it. One that has a `place` in a log is an
    /// event of a newer server.
    UnknownType { id: Option<CommandId>, kind: String, place: Option<(Log, u64)> },
    /// A known type whose payload, `id`, `log` or `seq` is missing or of the wrong shape.
    BadPayload { id: Option<CommandId>, kind: String, detail: String },
}

/// The envelope of a frame that came.
struct Incoming<'a> {
    json: &'a Json<'a>,
    kind: &'a str,
    id: Option<CommandId>,
    log: Option<Log>,
    seq: Option<u64>,
}

impl<'a> Incoming<'a> {
    fn read(json: &'a Json<'a>) -> Result<Self, FrameError> {
        let kind = json.get("type").and_then(Json::text).ok_or(FrameError::Malformed)?;
        let mut faults = Faults::default();
        let incoming = Self {
            json,
            kind,
            id: optional(json, "id", None, &mut faults),
            log: optional(json, "log", None, &mut faults),
            seq: optional(json, "seq", None, &mut faults),
        };
        faults.check(incoming).map_err(|_| FrameError::Malformed)
    }

    fn payload(&self) -> &Json<'a> {
        self.json.get("payload").unwrap_or(&Json::Null)
    }

    fn bad(&self, bad: Bad) -> FrameError {
        FrameError::BadPayload { id: self.id, kind: self.kind.to_owned(), detail: bad.to_string() }
    }

    fn unknown(&self) -> FrameError {
        FrameError::UnknownType { id: self.id, kind: self.kind.to_owned(), place: self.log.zip(self.seq) }
    }
}

/// Writes a frame around a payload.
pub(super) fn envelope(
    kind: &str,
    id: Option<CommandId>,
    place: Option<(Log, u64)>,
    payload: &dyn Fn(&mut Writer),
) -> String {
    let mut writer = Writer::default();
    writer.text.push('{');
    writer.field("type");
    writer.string(kind);
    if let Some(id) = id {
        writer.field("id");
        id.write(&mut writer);
    }
    if let Some((log, seq)) = place {
        writer.field("log");
        log.write(&mut writer);
        writer.field("seq");
        writer.number(seq);
    }
    writer.field("payload");
    payload(&mut writer);
    writer.text.push('}');
    writer.text
}

/// The payload of what only names a room.
fn write_field<T: Wire>(writer: &mut Writer, name: &str, value: &T) {
    writer.text.push('{');
    writer.field(name);
    value.write(writer);
    writer.text.push('}');
}

impl ClientFrame {
    pub fn encode(&self) -> String {
        match self {
            Self::Hello(hello) => envelope("session:hello", None, None, &|writer| hello.write(writer)),
            Self::Presence(own) => envelope("presence:set", None, None, &|writer| own.write(writer)),
            Self::Typing { room } => {
                envelope("chat:typing", None, None, &|writer| write_field(writer, "room", room))
            }
            Self::Command { id, command } => command.encode(*id),
        }
    }

    pub fn decode(text: &str) -> Result<Self, FrameError> {
        let json = Json::parse(text).ok_or(FrameError::Malformed)?;
        let raw = Incoming::read(&json)?;
        let (payload, faults) = (raw.payload(), &mut Faults::default());
        let frame = match raw.kind {
            "session:hello" => Self::Hello(Wire::read(payload, faults)),
            "presence:set" => Self::Presence(Wire::read(payload, faults)),
            "chat:typing" => Self::Typing { room: needed(payload, "room", faults) },
            kind => {
                let command = Command::decode(kind, payload, faults).ok_or_else(|| raw.unknown())?;
                Self::Command { id: needed(&json, "id", faults), command }
            }
        };
        faults.check(frame).map_err(|bad| raw.bad(bad))
    }
}

impl ServerFrame {
    pub fn encode(&self) -> String {
        let plain = |kind, payload: &dyn Fn(&mut Writer)| envelope(kind, None, None, payload);
        match self {
            Self::Welcome(welcome) => plain("session:welcome", &|writer| welcome.write(writer)),
            Self::Beat(beat) => plain("session:beat", &|writer| beat.write(writer)),
            Self::Bye(bye) => plain("session:bye", &|writer| bye.write(writer)),
            Self::Subscribed { id, subscribed } => {
                envelope("room:subscribed", Some(*id), None, &|writer| subscribed.write(writer))
            }
            Self::Event { log, seq, event } => event.encode(*log, *seq),
            Self::Stream(stream) => plain("chat:stream", &|writer| stream.write(writer)),
            Self::Part(part) => part.encode(),
            Self::Presence(presence) => plain("presence:room", &|writer| presence.write(writer)),
            Self::Typing(typing) => plain("chat:typing", &|writer| typing.write(writer)),
            Self::Ack { id, ack } => envelope("ack", Some(*id), None, &|writer| ack.write(writer)),
            Self::Error { id, failure } => envelope("error", *id, None, &|writer| failure.write(writer)),
        }
    }

    pub fn decode(text: &str) -> Result<Self, FrameError> {
        let json = Json::parse(text).ok_or(FrameError::Malformed)?;
        if let Json::List(values) = &json {
            return Part::read(values).map(Self::Part).ok_or(FrameError::Malformed);
        }
        let raw = Incoming::read(&json)?;
        let (payload, faults) = (raw.payload(), &mut Faults::default());
        let frame = match raw.kind {
            "session:welcome" => Self::Welcome(Wire::read(payload, faults)),
            "session:beat" => Self::Beat(Wire::read(payload, faults)),
            "session:bye" => Self::Bye(Wire::read(payload, faults)),
            "room:subscribed" => {
                Self::Subscribed { id: needed(&json, "id", faults), subscribed: Wire::read(payload, faults) }
            }
            "chat:stream" => Self::Stream(Wire::read(payload, faults)),
            "presence:room" => Self::Presence(Wire::read(payload, faults)),
            "chat:typing" => Self::Typing(Wire::read(payload, faults)),
            "ack" => Self::Ack { id: needed(&json, "id", faults), ack: Wire::read(payload, faults) },
            "error" => Self::Error { id: raw.id, failure: Wire::read(payload, faults) },
            kind => {
                let event = Event::read(kind, payload, faults).ok_or_else(|| raw.unknown())?;
                let (log, seq) = (needed(&json, "log", faults), needed(&json, "seq", faults));
                Self::Event { log, seq, event: Box::new(event) }
            }
        };
        faults.check(frame).map_err(|bad| raw.bad(bad))
    }
}

impl Part {
    pub fn encode(&self) -> String {
        let mut writer = Writer::default();
        writer.text.push('[');
        writer.number(self.handle.into());
        writer.text.push(',');
        writer.number(self.offset);
        writer.text.push(',');
        writer.string(&self.text);
        writer.text.push(']');
        writer.text
    }

    fn read(values: &[Json<'_>]) -> Option<Self> {
        let [handle, offset, text] = values else { return None };
        let mut faults = Faults::default();
        let part = Self {
            handle: Wire::read(handle, &mut faults),
            offset: Wire::read(offset, &mut faults),
            text: Wire::read(text, &mut faults),
        };
        faults.check(part).ok()
    }
}

impl Event {
    /// The frame of this event at its place in a log.
    pub fn encode(&self, log: Log, seq: u64) -> String {
        envelope(self.kind(), None, Some((log, seq)), &|writer| self.write_payload(writer))
    }

    /// The payload alone, as the database keeps it beside [`Event::kind`].
    pub fn payload_json(&self) -> String {
        let mut writer = Writer::default();
        self.write_payload(&mut writer);
        writer.text
    }

    fn write_payload(&self, writer: &mut Writer) {
        match self {
            Self::Message(message) => message.write(writer),
            Self::Run { message, run } => RunChange { message: *message, run: run.clone() }.write(writer),
            Self::MessageChanged(change) => change.write(writer),
            Self::Branch { message } => write_field(writer, "message", message),
            Self::Member(member) => member.write(writer),
            Self::RoomJoined(room) | Self::RoomChanged(room) => room.write(writer),
            Self::RoomLeft { room } => write_field(writer, "room", room),
            Self::UserChanged(settings) => settings.write(writer),
        }
    }

    /// `None`: there is no event of this type.
    fn read(kind: &str, json: &Json<'_>, faults: &mut Faults) -> Option<Self> {
        Some(match kind {
            "chat:message" => Self::Message(Wire::read(json, faults)),
            "chat:run" => {
                let RunChange { message, run } = Wire::read(json, faults);
                Self::Run { message, run }
            }
            "chat:changed" => Self::MessageChanged(Wire::read(json, faults)),
            "chat:branch" => Self::Branch { message: needed(json, "message", faults) },
            "room:member" => Self::Member(Wire::read(json, faults)),
            "room:joined" => Self::RoomJoined(Wire::read(json, faults)),
            "room:changed" => Self::RoomChanged(Wire::read(json, faults)),
            "user:changed" => Self::UserChanged(Wire::read(json, faults)),
            "room:left" => Self::RoomLeft { room: needed(json, "room", faults) },
            _ => return None,
        })
    }
}

/// The payload of `chat:run`.
struct RunChange {
    message: MessageId,
    run: Run,
}

wire!(struct RunChange { message!, run! });
