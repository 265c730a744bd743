//! One connection's incoming side: `hello`, subscriptions, and commands handed to the chat, each answered.
//!
//! The same for every transport: a transport gives it the text of each frame, in order.

use std::sync::Arc;
use std::time::Duration;

use app::protocol::{
    Beat, ClientFrame, CloseCode, Command, CommandId, Cursor, Failure, FailureCode, FrameError, Hello,
    Limits, Log, Resume, RoomCursor, RoomId, ServerFrame, Subscribed, VERSION, Welcome,
};

use super::{Closing, Connection, Hub, Rooms, RunBuffer};
use crate::clock;
use crate::store::LogKey;

/// Frames that can't be read before the connection is closed: a bug of a client, or somebody trying.
const BAD_FRAMES: u32 = 50;

pub struct Dialogue {
    hub: Arc<Hub>,
    rooms: Arc<dyn Rooms>,
    connection: Arc<Connection>,
    /// The longest silence, as told in `welcome`.
    beat: Duration,
    is_greeted: bool,
    bad_frames: u32,
}

impl std::fmt::Debug for Dialogue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dialogue").field("connection", &self.connection.id).finish_non_exhaustive()
    }
}

impl Dialogue {
    pub fn new(hub: Arc<Hub>, rooms: Arc<dyn Rooms>, connection: Arc<Connection>, beat: Duration) -> Self {
        Self { hub, rooms, connection, beat, is_greeted: false, bad_frames: 0 }
    }

    pub fn is_greeted(&self) -> bool {
        self.is_greeted
    }

    /// The frame for a silence.
    pub fn beat_frame() -> String {
        ServerFrame::Beat(Beat { now: clock::now() }).encode()
    }

    /// Takes one frame and answers it through the connection.
    pub async fn receive(&mut self, text: &str) {
        self.connection.has_room_for_answers().await;
        let limits = self.hub.limits;
        if text.len() > limits.frame_bytes {
            let message = format!("A frame may have {} KiB at most.", limits.frame_bytes / 1024);
            // Without the identifier, a client could not know which of its commands to give up.
            let id = match ClientFrame::decode(text) {
                Ok(ClientFrame::Command { id, .. }) => Some(id),
                _ => None,
            };
            return self.refuse(id, Failure::new(FailureCode::FrameTooLarge, message));
        }
        match ClientFrame::decode(text) {
            Ok(ClientFrame::Hello(hello)) if !self.is_greeted => self.greet(hello, limits).await,
            Ok(ClientFrame::Command { id, command }) if self.is_greeted => self.execute(id, command).await,
            Ok(_) => self.connection.close(Closing::with(CloseCode::BadProtocol)),
            Err(error) => self.refuse_unreadable(error),
        }
    }

    fn refuse_unreadable(&mut self, error: FrameError) {
        let (id, failure) = match error {
            FrameError::Malformed => {
                (None, Failure::new(FailureCode::BadFrame, "The frame is not the JSON that was expected."))
            }
            FrameError::UnknownType { id, kind } => (
                id,
                Failure::new(
                    FailureCode::UnknownType,
                    format!("There is no frame of type `{}`.", excerpt(&kind)),
                ),
            ),
            FrameError::BadPayload { id, kind, detail } => (
                id,
                Failure::new(FailureCode::BadFrame, format!("`{}`: {}.", excerpt(&kind), excerpt(&detail))),
            ),
        };
        self.refuse(id, failure);
    }

    fn refuse(&mut self, id: Option<CommandId>, failure: Failure) {
        self.connection.answer(&ServerFrame::Error { id, failure });
        self.bad_frames += 1;
        if self.bad_frames >= BAD_FRAMES {
            self.connection.close(Closing::with(CloseCode::BadProtocol));
        }
    }

    async fn greet(&mut self, hello: Hello, limits: Limits) {
        if hello.version != VERSION {
            return self.connection.close(Closing::with(CloseCode::OldVersion));
        }
        if hello.rooms.len() > limits.rooms_per_connection {
            return self.connection.close(Closing::with(CloseCode::BadProtocol));
        }
        tracing::debug!(
            connection = %self.connection.id,
            client = excerpt(&hello.client),
            previous_close = hello.previous_close,
            rooms = hello.rooms.len(),
            "hello"
        );
        let inbox = LogKey::Inbox(self.connection.caller.user);
        let mut logs = Vec::with_capacity(1 + hello.rooms.len());
        let mut ready = Vec::with_capacity(1 + hello.rooms.len());
        let inbox_cursor =
            RoomCursor { room: RoomId(uuid::Uuid::nil()), cursor: hello.inbox, messages: Vec::new() };
        let wanted = std::iter::once((inbox, inbox_cursor))
            .chain(hello.rooms.into_iter().map(|wanted| (LogKey::Room(wanted.room), wanted)));
        for (log, wanted) in wanted {
            match self.subscribe(log, wanted.cursor).await {
                Ok(subscribed) => {
                    logs.push(subscribed.clone());
                    ready.push((log, wanted, subscribed));
                }
                Err(_) => return self.connection.close(Closing::with(CloseCode::Retry)),
            }
        }
        self.is_greeted = true;
        self.connection.answer(&ServerFrame::Welcome(Welcome {
            connection: self.connection.id,
            now: clock::now(),
            beat_ms: u64::try_from(self.beat.as_millis()).unwrap_or(u64::MAX),
            limits,
            logs,
        }));
        for (log, wanted, subscribed) in ready {
            self.go_live(log, &wanted, &subscribed);
        }
    }

    async fn execute(&mut self, id: CommandId, command: Command) {
        let result = match command {
            Command::Subscribe(wanted) => self.follow(id, wanted).await,
            Command::Unsubscribe { room } => {
                self.hub.unsubscribe(LogKey::Room(room), &self.connection);
                self.connection.unsubscribe(LogKey::Room(room));
                self.acknowledge(id, app::protocol::Ack::default());
                Ok(())
            }
            Command::Resume { room, held } => self.resume(id, room, held).await,
            command => {
                let room = command.room();
                let result = self.rooms.execute(&self.connection.caller, id, command).await;
                result.map(|ack| self.acknowledge(id, ack)).map_err(|mut failure| {
                    failure.room.get_or_insert(room);
                    failure
                })
            }
        };
        if let Err(failure) = result {
            self.connection.answer(&ServerFrame::Error { id: Some(id), failure });
        }
    }

    async fn follow(&self, id: CommandId, wanted: RoomCursor) -> Result<(), Failure> {
        self.rooms.admit(&self.connection.caller)?;
        let log = LogKey::Room(wanted.room);
        let is_new = self.connection.live(log).is_none();
        // The inbox takes one place.
        if is_new && self.connection.subscriptions().len() > self.hub.limits.rooms_per_connection {
            return Err(Failure::new(FailureCode::LimitReached, "This connection follows too many rooms."));
        }
        let subscribed = self.subscribe(log, wanted.cursor).await?;
        self.connection.answer(&ServerFrame::Subscribed { id, subscribed: subscribed.clone() });
        self.go_live(log, &wanted, &subscribed);
        Ok(())
    }

    fn acknowledge(&self, id: CommandId, ack: app::protocol::Ack) {
        self.connection.answer(&ServerFrame::Ack { id, ack });
    }

    /// Subscribes first and reads the head second: whatever is committed after the reading is heard of, and the
    /// race between history and live is closed by construction.
    async fn subscribe(&self, log: LogKey, cursor: Option<Cursor>) -> Result<Subscribed, Failure> {
        let gone = |log: Log| Subscribed { log, cursor: Cursor { epoch: 0, seq: 0 }, resume: Resume::Gone };
        if let LogKey::Room(room) = log
            && !self.rooms.may_read(self.connection.caller.user, room).await?
        {
            return Ok(gone(log.wire()));
        }
        let live = self.hub.subscribe(log, &self.connection);
        self.connection.hold(live.clone());
        let Some(head) = self.rooms.head(log).await? else {
            self.hub.unsubscribe(log, &self.connection);
            self.connection.unsubscribe(log);
            return Ok(gone(log.wire()));
        };
        live.observe_head(head.seq);
        let resume = self.decide(log, cursor, head).await?;
        Ok(Subscribed { log: log.wire(), cursor: head, resume })
    }

    /// All or nothing: the whole gap is replayed, or the client loads a snapshot.
    async fn decide(&self, log: LogKey, cursor: Option<Cursor>, head: Cursor) -> Result<Resume, Failure> {
        let Some(cursor) = cursor.filter(|cursor| cursor.epoch == head.epoch && cursor.seq <= head.seq)
        else {
            return Ok(Resume::Reset);
        };
        let missed = head.seq - cursor.seq;
        if missed == 0 {
            return Ok(Resume::Current);
        }
        if missed > Limits::REPLAY_EVENTS {
            return Ok(Resume::Reset);
        }
        let (events, bytes) = self.rooms.gap(log, cursor.seq, head.seq).await?;
        let fits = events == missed && bytes <= Limits::REPLAY_BYTES as u64;
        Ok(if fits { Resume::Replay } else { Resume::Reset })
    }

    /// After a reset, events go on from the head: a log without any needs no snapshot, and others ignore them
    /// until they have one. The texts follow when the client names what it holds.
    fn go_live(&self, log: LogKey, wanted: &RoomCursor, subscribed: &Subscribed) {
        match (subscribed.resume, wanted.cursor) {
            (Resume::Current | Resume::Replay, Some(cursor)) => {
                self.connection.go_live(log, cursor.seq, Some(&wanted.messages));
            }
            (Resume::Reset, _) => self.connection.go_live(log, subscribed.cursor.seq, None),
            _ => {}
        }
    }

    /// Sends the texts of a message again from where the client has them, running or not.
    async fn resume(&self, id: CommandId, room: RoomId, held: app::protocol::Held) -> Result<(), Failure> {
        self.rooms.admit(&self.connection.caller)?;
        let not_found =
            || Failure::new(FailureCode::MessageNotFound, "There is no such message in this room.");
        let log = LogKey::Room(room);
        // Only what the connection is subscribed to, and so was allowed to read.
        let live = self.connection.live(log).ok_or_else(not_found)?;
        let buffer = if let Some(running) = live.stream(held.message) {
            running
        } else {
            let texts = self.rooms.texts(room, held.message).await?.ok_or_else(not_found)?;
            Arc::new(RunBuffer::ended(held.message, texts.attempt, texts.text, texts.thinking))
        };
        let is_same = buffer.lengths().attempt == held.attempt;
        let (text, thinking) = if is_same { (held.text, held.thinking) } else { (0, 0) };
        self.acknowledge(id, app::protocol::Ack::default());
        self.connection.follow(log, &buffer, text, thinking);
        Ok(())
    }
}

/// The beginning of a client's text, short enough for an answer or a log line.
fn excerpt(text: &str) -> &str {
    &text[..text.floor_char_boundary(120)]
}
