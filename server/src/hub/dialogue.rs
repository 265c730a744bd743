//! One connection's incoming side: `hello`, subscriptions, and commands handed to the chat, each answered.
//!
//! The same for every transport: a transport gives it the text of each frame, in order.

use std::sync::Arc;
use std::time::Duration;

use app::protocol::{
    Ack, Beat, ClientFrame, CloseCode, Command, CommandId, Cursor, Failure, FailureCode, Held, Hello, Limits,
    PresenceState, Resume, RoomCursor, RoomId, ServerFrame, Subscribed, VERSION, Welcome,
};
use app::texts;
use tokio::time::Instant;

use super::live_log::LiveLog;
use super::single_command::{excerpt, read};
use super::{Closing, Connection, Hub, Rooms, single_command};
use crate::clock;
use crate::store::LogKey;

/// Frames that can't be read before the connection is closed: a bug of a client, or somebody trying.
const BAD_FRAMES: u32 = 50;
/// Commands that are refused by the limit before the connection is closed: its client does not listen to when it may
/// go on. A command that is not refused makes up for some.
const RATE_LIMITED_COMMANDS: u32 = 500;
const MADE_UP_FOR: u32 = 10;
/// Of one connection, hints that somebody types are taken this often.
const TYPING_EVERY: Duration = Duration::from_secs(1);
/// When a client that asked for more texts than one connection may wait for should ask again.
const TEXTS_RETRY_MS: u64 = 1_000;

pub struct Dialogue {
    hub: Arc<Hub>,
    rooms: Arc<dyn Rooms>,
    connection: Arc<Connection>,
    /// The longest silence, as told in `welcome`.
    beat: Duration,
    is_greeted: bool,
    bad_frames: u32,
    /// Commands that were refused by the limit.
    rate_limited: u32,
    typed_at: Option<Instant>,
}

impl std::fmt::Debug for Dialogue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Dialogue").field("connection", &self.connection.id).finish_non_exhaustive()
    }
}

impl Dialogue {
    pub fn new(hub: Arc<Hub>, rooms: Arc<dyn Rooms>, connection: Arc<Connection>, beat: Duration) -> Self {
        Self {
            hub,
            rooms,
            connection,
            beat,
            is_greeted: false,
            bad_frames: 0,
            rate_limited: 0,
            typed_at: None,
        }
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
        match read(text, &limits) {
            Ok(ClientFrame::Hello(hello)) if !self.is_greeted => self.greet(hello, limits).await,
            Ok(ClientFrame::Command { id, command }) if self.is_greeted => self.execute(id, command).await,
            Ok(ClientFrame::Presence(own)) if self.is_greeted => {
                self.hub.set_presence(&self.connection, own.state);
            }
            Ok(ClientFrame::Typing { room }) if self.is_greeted => self.typed(room),
            Ok(_) => self.connection.close(Closing::with(CloseCode::BadProtocol)),
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn refuse(&mut self, refusal: &ServerFrame) {
        self.connection.answer(refusal);
        self.bad_frames += 1;
        if self.bad_frames >= BAD_FRAMES {
            self.connection.close(Closing::with(CloseCode::BadProtocol));
        }
    }

    /// Only in a room that is followed, and so may be read.
    fn typed(&mut self, room: RoomId) {
        let now = Instant::now();
        if self.typed_at.is_none_or(|before| now >= before + TYPING_EVERY)
            && self.connection.live(LogKey::Room(room)).is_some()
        {
            self.typed_at = Some(now);
            self.hub.typed(room, self.connection.caller.user);
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
        let state = if hello.is_away { PresenceState::Away } else { PresenceState::Online };
        self.hub.arrive(&self.connection, state);
        // That a client which holds nothing has to load everything, it knows itself.
        let is_news = ready.iter().any(|(_, wanted, subscribed)| match subscribed.resume {
            Resume::Current => false,
            Resume::Reset => wanted.cursor.is_some(),
            Resume::Replay | Resume::Gone => true,
        });
        let welcome = Welcome {
            connection: self.connection.id,
            now: clock::now(),
            beat_ms: u64::try_from(self.beat.as_millis()).unwrap_or(u64::MAX),
            limits,
            logs,
        };
        self.connection.greet(&ServerFrame::Welcome(welcome), is_news);
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
                self.acknowledge(id, Ack::default());
                Ok(())
            }
            Command::Resume { room, held } => self.resume(id, room, held).await,
            command => {
                if matches!(command, Command::SendMessage { .. }) {
                    // Typing has ended with it; who goes on at once is told of at once. Messages have a limit, too.
                    self.typed_at = None;
                }
                let result =
                    single_command::execute(&self.hub, &*self.rooms, &self.connection.caller, id, command)
                        .await;
                result.map(|ack| self.acknowledge(id, ack))
            }
        };
        let Err(failure) = result else {
            self.rate_limited = self.rate_limited.saturating_sub(MADE_UP_FOR);
            return;
        };
        if failure.code == FailureCode::RateLimited {
            self.rate_limited += 1;
        }
        let retry_after_ms = failure.retry_after_ms;
        self.connection.answer(&ServerFrame::Error { id: Some(id), failure });
        if self.rate_limited >= RATE_LIMITED_COMMANDS {
            self.connection.close(Closing { code: CloseCode::RateLimited, retry_after_ms });
        }
    }

    async fn follow(&self, id: CommandId, wanted: RoomCursor) -> Result<(), Failure> {
        self.rooms.admit(&self.connection.caller)?;
        let log = LogKey::Room(wanted.room);
        let is_new = self.connection.live(log).is_none();
        // The inbox takes one place.
        if is_new && self.connection.subscriptions().len() > self.hub.limits.rooms_per_connection {
            return Err(Failure::new(FailureCode::LimitReached, texts::server::too_many_rooms()));
        }
        let subscribed = self.subscribe(log, wanted.cursor).await?;
        self.connection.answer(&ServerFrame::Subscribed { id, subscribed: subscribed.clone() });
        self.go_live(log, &wanted, &subscribed);
        Ok(())
    }

    fn acknowledge(&self, id: CommandId, ack: Ack) {
        self.connection.answer(&ServerFrame::Ack { id, ack });
    }

    /// Subscribes first and reads the head second: whatever is committed after the reading is heard of, and the
    /// race between history and live is closed by construction.
    async fn subscribe(&self, log: LogKey, cursor: Option<Cursor>) -> Result<Subscribed, Failure> {
        match self.begin(log).await {
            Ok(Some((live, head))) => {
                live.observe_head(head.seq);
                let resume = self.decide(log, cursor, head).await?;
                Ok(Subscribed { log: log.wire(), cursor: head, resume })
            }
            nothing => {
                self.hub.unsubscribe(log, &self.connection);
                self.connection.unsubscribe(log);
                let gone =
                    Subscribed { log: log.wire(), cursor: Cursor { epoch: 0, seq: 0 }, resume: Resume::Gone };
                nothing.map(|_| gone)
            }
        }
    }

    /// Also asks for the right to read after subscribing: whoever loses it meanwhile either has none, or is found among
    /// the subscribers.
    async fn begin(&self, log: LogKey) -> Result<Option<(Arc<LiveLog>, Cursor)>, Failure> {
        let live = self.hub.subscribe(log, &self.connection);
        self.connection.hold(live.clone());
        if let LogKey::Room(room) = log {
            if !self.rooms.may_read(self.connection.caller.user, room).await? {
                return Ok(None);
            }
            self.hub.learn_members(room, &live, &*self.rooms).await?;
        }
        Ok(self.rooms.head(log).await?.map(|head| (live, head)))
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
    async fn resume(&self, id: CommandId, room: RoomId, held: Held) -> Result<(), Failure> {
        self.rooms.admit(&self.connection.caller)?;
        let not_found = || Failure::new(FailureCode::MessageNotFound, texts::server::no_message());
        let log = LogKey::Room(room);
        // Only what the connection is subscribed to, and so was allowed to read.
        let live = self.connection.live(log).ok_or_else(not_found)?;
        if let Some(running) = live.stream(held.message) {
            let is_same = running.lengths().attempt == held.attempt;
            let (text, thinking) = if is_same { (held.text, held.thinking) } else { (0, 0) };
            self.connection.follow(log, &running, text, thinking);
        } else {
            self.rooms.texts(room, held.message).await?.ok_or_else(not_found)?;
            if !self.connection.ask(log, held) {
                let wait = texts::server::too_many();
                let failure = Failure::new(FailureCode::RateLimited, wait);
                return Err(Failure { retry_after_ms: Some(TEXTS_RETRY_MS), ..failure });
            }
        }
        // Answers go before texts.
        self.acknowledge(id, Ack::default());
        Ok(())
    }
}
