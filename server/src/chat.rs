//! What may happen: rooms, messages, runs. Everything that changes a room comes in as a command through
//! [`Chat::execute`] (see `commands`), whichever way it arrived. Knows no HTTP, no SQL dialect and no socket.

mod chain;
mod commands;
mod context;
mod details;
mod models;
mod recorder;
mod refusals;
mod rules;
mod runs;
mod titles;

use std::sync::{Arc, Weak};
use std::time::Duration;

use app::protocol::{
    Ack, Command, CommandId, Cursor, Failure, FailureCode, Limits, Member, Message, MessageId, PageData,
    RoomId, RoomSnapshot, Timestamp, User, UserId,
};
use app::texts::{self, Speaking, language};
use async_trait::async_trait;

use crate::auth::limiter::UserLimiter;
use crate::bus::{Bus, Publication};
use crate::clock;
use crate::hub::{Caller, Rooms};
use crate::kimi::{Catalogue, Model, catalogue};
use crate::store::{self, Entry, LogKey, Page, Store, Texts};
use runs::Runs;

/// What the chat does by configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    pub limits: Limits,
    /// The model that answers where a room has not chosen another.
    pub model: String,
    /// Those that rooms may choose; empty: all.
    pub models: Vec<String>,
    pub catalogue: catalogue::Policy,
    /// Shown as the author of its messages.
    pub assistant_name: String,
    /// True when the built-in simulator answers.
    pub is_practice_model: bool,
    /// How runs are generated and stored.
    pub runs: runs::Policy,
}

pub use runs::Policy as RunPolicy;

pub struct Chat {
    /// For work that must go on when nobody waits for it any more.
    this: Weak<Self>,
    settings: Settings,
    store: Arc<dyn Store>,
    bus: Arc<dyn Bus>,
    runs: Runs,
    models: Arc<Catalogue>,
    message_limiter: UserLimiter,
    command_limiter: UserLimiter,
}

impl std::fmt::Debug for Chat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Chat").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Commands of one user in a minute, of all kinds together; far above what hands can do.
const COMMANDS_PER_MINUTE: u32 = 1_200;

impl Chat {
    pub fn new(
        settings: Settings,
        store: Arc<dyn Store>,
        bus: Arc<dyn Bus>,
        model: Arc<dyn Model>,
    ) -> Arc<Self> {
        let (default, allowed) = (settings.model.clone(), settings.models.clone());
        let models = Catalogue::new(model.clone(), default.clone(), allowed, settings.catalogue);
        let runs = Runs::new(settings.runs, store.clone(), bus.clone(), model, default);
        Arc::new_cyclic(|this| Self {
            this: this.clone(),
            message_limiter: UserLimiter::per_minute(settings.limits.messages_per_minute),
            command_limiter: UserLimiter::per_minute(COMMANDS_PER_MINUTE),
            settings,
            store,
            bus,
            runs,
            models,
        })
    }

    /// For the end of this process: begins no more runs, lets those that are under way finish within `grace`, and frees
    /// the others, each with all of its text stored, so that another process goes on with them at once. Commands are
    /// still taken; a reply that is asked for meanwhile is queued for the other process.
    pub async fn drain(&self, grace: Duration) {
        self.runs.drain(grace).await;
    }

    /// Everything a page needs; `room` is filled when the user is a member of it, with the stretch of its messages that
    /// is wished for, or the newest.
    pub async fn page(
        &self,
        user: User,
        room: Option<RoomId>,
        wish: Option<Page>,
        only_shown: bool,
    ) -> Result<PageData, Failure> {
        let (inbox, rooms, settings) = self.store.rooms_of(user.id).await.map_err(internal)?;
        let room = match room {
            Some(room) => self.room(user.id, room, wish.unwrap_or(Page::Newest), only_shown).await?,
            None => None,
        };
        let message = room.as_ref().and_then(|room| named(&room.messages, wish?));
        Ok(PageData {
            user: User { settings, ..user },
            inbox,
            rooms,
            room,
            message,
            is_practice_model: self.settings.is_practice_model,
            model: self.settings.model.clone(),
            limits: self.settings.limits,
            refusal: None,
            now: clock::now(),
        })
    }

    /// A stretch of a room's messages, of a conversation perhaps only of the branch that is shown; `None` when the user
    /// is not a member.
    pub async fn room(
        &self,
        user: UserId,
        room: RoomId,
        page: Page,
        only_shown: bool,
    ) -> Result<Option<RoomSnapshot>, Failure> {
        self.store.snapshot(room, user, page, only_shown).await.map_err(internal)
    }

    fn publish(&self, entries: Vec<Entry>) {
        if !entries.is_empty() {
            self.bus.publish(Publication::Entries(entries));
        }
    }
}

/// The message that a page's address means, by its identifier or by a date.
fn named(messages: &[Message], wish: Page) -> Option<MessageId> {
    let is_meant = |message: &&Message| match wish {
        Page::Around(wanted) => message.id == wanted,
        Page::Date(date) => message.created_at >= date,
        Page::Newest | Page::Before(_) | Page::After(_) | Page::Beyond(_) => false,
    };
    messages.iter().find(is_meant).map(|message| message.id)
}

/// The one place where a broken store becomes what a user sees: logged here, hidden there.
fn internal(error: store::Error) -> Failure {
    broken(error)
}

fn broken(error: impl std::fmt::Display) -> Failure {
    tracing::error!(%error, "a command or a read failed");
    Failure::new(FailureCode::Internal, texts::server::broken())
}

#[async_trait]
impl Rooms for Chat {
    /// In a task of its own: a connection that breaks meanwhile must not leave a message that was stored, and not
    /// published or answered.
    async fn execute(&self, caller: &Caller, id: CommandId, command: Command) -> Result<Ack, Failure> {
        let Some(this) = self.this.upgrade() else { return Err(broken("the chat is going away")) };
        let caller = caller.clone();
        // It answers whoever asked, in their language.
        let work = async move { this.run_command(&caller, id, command).await };
        let task = tokio::spawn(Speaking::new(language(), work));
        task.await.unwrap_or_else(|error| Err(broken(error)))
    }

    fn admit(&self, caller: &Caller) -> Result<(), Failure> {
        self.command_limiter.check(caller.user).map_err(refusals::too_many)
    }

    async fn may_read(&self, user: UserId, room: RoomId) -> Result<bool, Failure> {
        Ok(self.store.role(room, user).await.map_err(internal)?.is_some())
    }

    async fn head(&self, log: LogKey) -> Result<Option<Cursor>, Failure> {
        self.store.head(log).await.map_err(internal)
    }

    async fn gap(&self, log: LogKey, after: u64, head: u64) -> Result<(u64, u64), Failure> {
        self.store.gap(log, after, head).await.map_err(internal)
    }

    async fn read_log(&self, log: LogKey, after: u64, limit: u64) -> Result<Vec<Entry>, Failure> {
        self.store.read_log(log, after, limit).await.map_err(internal)
    }

    async fn texts(&self, room: RoomId, message: MessageId) -> Result<Option<Texts>, Failure> {
        self.store.texts(room, message).await.map_err(internal)
    }

    async fn members(&self, room: RoomId) -> Result<Vec<Member>, Failure> {
        self.store.members(room).await.map_err(internal)
    }

    async fn set_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), Failure> {
        self.store.set_seen(seen).await.map_err(internal)
    }
}
