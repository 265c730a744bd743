//! What is kept: accounts, rooms, logs, messages, runs. The database is the truth; all else is a cache of it.
//!
//! Traits that `chat` and `auth` depend on, and the SQLite implementation in [`sqlite`]. Each method is one
//! transaction; a sequence number is taken in the transaction that writes the row it numbers, and the entries a
//! method returns are published by the caller after it. What may happen is decided in `chat`, not here.

mod changes;
pub mod sqlite;

use std::sync::Arc;
use std::time::Duration;

use app::details::{History, Invitation, Invite, RoomDetails};
use app::protocol::{
    CommandId, Cursor, Event, InviteId, Log, Member, Message, MessageId, Role, RoomId, RoomSnapshot,
    RoomSummary, Run, Timestamp, UserId, UserSettings,
};
use async_trait::async_trait;

pub use changes::{Changed, NewRoom, Page, Refusal, RoomChange, Settings, Standing, Wish};

/// Everything the server keeps.
pub trait Store: Accounts + Details + Logs + Messages + Rooms + Runs {}
impl<T: Accounts + Details + Logs + Messages + Rooms + Runs> Store for T {}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// A room, message or command identifier that is in use for something else.
    #[error("the identifier is taken")]
    IdentifierTaken,
    #[error("not found")]
    NotFound,
    /// As many runs as a room may have are waiting in it.
    #[error("the queue of the room is full")]
    QueueFull,
    /// It does not fit what is stored.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("stored data can't be read: {0}")]
    Corrupt(String),
}

pub type Result<T> = std::result::Result<T, Error>;

/// The owner of a log, and by that its key in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LogKey {
    Inbox(UserId),
    Room(RoomId),
}

impl LogKey {
    /// How the log is called towards its reader.
    pub fn wire(self) -> Log {
        match self {
            Self::Inbox(_) => Log::Inbox,
            Self::Room(room) => Log::Room(room),
        }
    }
}

/// One event at its place in a log, encoded once for everybody who will get it.
#[derive(Clone, Debug)]
pub struct Entry {
    pub log: LogKey,
    pub seq: u64,
    pub frame: Arc<str>,
}

impl Entry {
    pub fn new(log: LogKey, seq: u64, event: &Event) -> Self {
        Self { log, seq, frame: event.encode(log.wire(), seq).into() }
    }
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub is_admin: bool,
    /// The tag of the language that they have chosen.
    pub language: Option<String>,
}

#[async_trait]
pub trait Accounts: Send + Sync {
    /// Creates an account and its inbox; the first account ever is the admin.
    async fn create_account(&self, account: &Account, now: Timestamp) -> Result<bool>;
    async fn account_by_email(&self, email: &str) -> Result<Option<Account>>;
    /// Those who have this name, without regard to case, or this e-mail address: at most two, which is too many.
    async fn people_called(&self, name: &str) -> Result<Vec<UserId>>;
    /// Keeps the language that somebody has chosen, by its tag.
    async fn set_language(&self, user: UserId, language: &str) -> Result<()>;
    async fn create_session(
        &self,
        secret_hash: [u8; 32],
        user: UserId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()>;
    /// The account of an unexpired session.
    async fn session_account(&self, secret_hash: [u8; 32], now: Timestamp) -> Result<Option<Account>>;
    async fn delete_session(&self, secret_hash: [u8; 32]) -> Result<()>;
    async fn delete_expired_sessions(&self, now: Timestamp) -> Result<()>;
}

/// Bytes of entries after which reading a log stops, so that no reader has more of it in memory at once.
pub const READ_BYTES: usize = 256 * 1024;

#[async_trait]
pub trait Logs: Send + Sync {
    /// `None`: there is no such log.
    async fn head(&self, log: LogKey) -> Result<Option<Cursor>>;
    /// How many events lie after `after` up to `head`, and the bytes of their payloads.
    async fn gap(&self, log: LogKey, after: u64, head: u64) -> Result<(u64, u64)>;
    /// The entries after `after`, contiguous: at most `limit`, and no more once they have [`READ_BYTES`]; but at
    /// least one, if there is one.
    async fn read_log(&self, log: LogKey, after: u64, limit: u64) -> Result<Vec<Entry>>;
}

#[async_trait]
pub trait Rooms: Send + Sync {
    /// Creates a room. Creating one's own room again does nothing and returns no entries.
    async fn create_room(&self, new: NewRoom, command: CommandId, now: Timestamp) -> Result<Vec<Entry>>;
    /// Does a change, once.
    async fn change(&self, wish: Wish, now: Timestamp) -> Result<Changed>;
    /// Whether a command that is noted had its effect before.
    async fn was_done(&self, user: UserId, room: RoomId, command: CommandId) -> Result<bool>;
    /// `None`: no such room, or not a member of it.
    async fn standing(&self, room: RoomId, user: UserId) -> Result<Option<Standing>>;
    /// `None`: no such room, or not a member of it.
    async fn role(&self, room: RoomId, user: UserId) -> Result<Option<Role>>;
    async fn owned_rooms(&self, user: UserId) -> Result<u64>;
    /// The rooms that a user is a member of, in no order.
    async fn room_ids(&self, user: UserId) -> Result<Vec<RoomId>>;
    /// The members of a room, by name, with their read markers.
    async fn members(&self, room: RoomId) -> Result<Vec<Member>>;
    /// Notes when people were last connected.
    async fn set_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<()>;
    /// What the inbox tells of: the user's rooms, newest activity first, and settings, with the cursor read before them.
    async fn rooms_of(&self, user: UserId) -> Result<(Cursor, Vec<RoomSummary>, UserSettings)>;
    /// At most `Limits::SNAPSHOT_MESSAGES`, with the cursor read before them; `only_shown`: in a solo room those of the
    /// branch that is shown. `None`: no such room, or not a member of it.
    async fn snapshot(
        &self,
        room: RoomId,
        user: UserId,
        page: Page,
        only_shown: bool,
    ) -> Result<Option<RoomSnapshot>>;
}

/// A member's message, a reply that is asked for, or both. Their places are taken when they are stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub room: RoomId,
    /// Absent when only a reply is asked for (a retry).
    pub message: Option<Message>,
    /// Its parent is the end of what is shown when it is stored.
    pub follows_shown: bool,
    /// The AI's message, if it answers; its `run` says `queued`.
    pub reply: Option<Message>,
    /// Given to the room if it has none yet.
    pub title: Option<String>,
    /// Who will write the reply; it is theirs from the moment it exists.
    pub lease: Lease,
}

/// The right of one process to write a run, until it expires or somebody takes it.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    /// The process. It renews all of its leases together.
    pub node: u64,
    /// The fence: who does not hold it writes nothing.
    pub token: u64,
    /// From now on, by the clock of the database.
    pub duration: Duration,
}

/// What storing a message did.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The place of the first message stored; when it was there already, where it is.
    pub seq: u64,
    /// False: the command had its effect before.
    pub is_new: bool,
    pub entries: Vec<Entry>,
}

/// The two texts of a message as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    pub attempt: u32,
    pub text: String,
    pub thinking: String,
}

#[async_trait]
pub trait Messages: Send + Sync {
    /// Stores a message and its reply in one transaction, or neither.
    async fn post(&self, new: NewMessage, user: UserId, now: Timestamp) -> Result<Posted>;
    async fn message(&self, room: RoomId, message: MessageId) -> Result<Option<Message>>;
    async fn texts(&self, room: RoomId, message: MessageId) -> Result<Option<Texts>>;
}

/// A piece that a running message has grown by.
#[derive(Clone, Debug)]
pub struct Piece {
    pub message: MessageId,
    /// Of the lease.
    pub token: u64,
    pub is_thinking: bool,
    /// Where it begins, in bytes.
    pub start: u64,
    pub text: String,
}

/// A wish to let an ended reply go on.
#[derive(Clone, Copy, Debug)]
pub struct Continuation {
    pub room: RoomId,
    pub message: MessageId,
    pub user: UserId,
    pub command: CommandId,
}

/// What became of such a wish.
#[derive(Clone, Debug)]
pub enum Continued {
    /// The run is queued again, and the lease holds.
    Now(Entry),
    /// The command had its effect before.
    Before,
    /// The run still goes on, is done, or has failed.
    Refused,
}

/// Something said before a question, as the model is to be told it.
#[derive(Clone, Debug)]
pub struct Said {
    pub id: MessageId,
    /// By name; of the AI's messages `None`.
    pub by: Option<String>,
    pub text: String,
    pub thinking: String,
    /// The message that it answers, as its author chose.
    pub quote: Option<Quote>,
}

/// The beginning of a message, to recall it by.
#[derive(Clone, Debug, Default)]
pub struct Quote {
    pub by: String,
    pub text: String,
}

/// What a run is told. It is the same whenever the run asks, except for what was edited or deleted meanwhile.
#[derive(Clone, Debug, Default)]
pub struct Context {
    pub is_solo: bool,
    /// People in the room.
    pub people: u64,
    /// The room's own.
    pub instructions: String,
    /// Oldest first: of a solo room the branch that leads to the question, of others all that was said.
    pub said: Vec<Said>,
    /// What the run replies to; `None`: nothing, or it was deleted.
    pub question: Option<(MessageId, Quote)>,
}

/// How much of a conversation is read; the oldest stays behind.
#[derive(Clone, Copy, Debug)]
pub struct ContextLimits {
    pub messages: usize,
    /// Of texts and thinking together. The newest message is read in any case.
    pub bytes: usize,
}

#[async_trait]
pub trait Runs: Send + Sync {
    /// The nearest unended run of the room that has its turn before this one: of those queued earlier, and in a solo
    /// room only of those whose message this one follows. Runs are ordered by when they were queued, so that they
    /// can't wait for each other in a circle.
    async fn run_before(&self, room: RoomId, message: MessageId) -> Result<Option<MessageId>>;
    /// What a run is told. Outside of solo rooms, the first call fixes how far in the log that reaches. `None`: the
    /// lease was lost.
    async fn context(
        &self,
        room: RoomId,
        message: MessageId,
        token: u64,
        limits: ContextLimits,
    ) -> Result<Option<Context>>;
    /// Makes `lease` the only one that may write, whoever held the run. `None`: there is no such run, or it has
    /// ended.
    async fn take_lease(&self, message: MessageId, lease: Lease) -> Result<Option<Run>>;
    /// Prolongs all leases of a node. Returns the unfinished runs that it holds.
    async fn renew_leases(&self, node: u64, duration: Duration) -> Result<Vec<MessageId>>;
    /// Frees the runs that a node holds, or one of them: anybody may take them over at once, and the node writes
    /// nothing more.
    async fn release_leases(&self, node: u64, only: Option<MessageId>) -> Result<()>;
    /// Unfinished runs whose lease has expired, the longest expired first, at most `limit`.
    async fn expired_runs(&self, limit: usize) -> Result<Vec<(RoomId, MessageId)>>;
    /// Takes those of the runs whose lease is expired still. Returns them, each with how often it changed hands.
    async fn take_over(&self, messages: &[MessageId], lease: Lease) -> Result<Vec<(MessageId, u32)>>;
    /// Counts that the model is asked again because its stream broke; returns how often that was. `None`: the lease
    /// was lost.
    async fn count_heal(&self, message: MessageId, token: u64) -> Result<Option<u32>>;
    /// Appends pieces of any number of runs in one commit. Returns, for each, whether it was stored: whether its
    /// lease held, and it began exactly where the stored text ends.
    async fn append(&self, pieces: &[Piece]) -> Result<Vec<bool>>;
    /// Sets the state of a run. When it has ended, its pieces become the message's texts. `None`: the lease was
    /// lost, or the run has ended before.
    async fn set_run(
        &self,
        room: RoomId,
        message: MessageId,
        token: u64,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<Entry>>;
    /// Sets the state of a run whose thinking begins anew: what was stored of it goes. `None`: as above.
    async fn begin_anew(
        &self,
        room: RoomId,
        message: MessageId,
        token: u64,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<Entry>>;
    /// Queues the run of a reply that was stopped or interrupted once more, with the text that it has, at a higher
    /// attempt. Without any text its thinking begins anew.
    async fn continue_run(&self, wish: Continuation, lease: Lease, now: Timestamp) -> Result<Continued>;
}

/// What the pages about a room show.
#[async_trait]
pub trait Details: Send + Sync {
    /// Without its invitations. `None`: no such room, or not a member of it.
    async fn details(&self, room: RoomId, user: UserId) -> Result<Option<RoomDetails>>;
    /// The invitations of a room that can be used, the newest first.
    async fn invites(&self, room: RoomId, now: Timestamp) -> Result<Vec<Invite>>;
    /// `None`: the two do not belong together, or the invitation can't be used.
    async fn invitation(&self, room: RoomId, invite: InviteId, now: Timestamp) -> Result<Option<Invitation>>;
    /// A message with the texts that it had.
    async fn history(&self, room: RoomId, message: MessageId) -> Result<Option<History>>;
}
