//! The hub: this node's connections, what each is subscribed to, and the fan-out to them.
//!
//! Fan-out never waits for a client: it puts the news into shared buffers and wakes those who follow them; every
//! connection then takes what it needs at its own pace. The hub knows no SQL and no rule of the chat; what it
//! asks of the chat is the trait [`Rooms`].

mod asked;
mod connection;
mod dialogue;
mod keeper;
mod lane;
mod live_log;
mod members;
pub mod presence;
mod run_buffer;
mod single_command;
mod state_lane;
#[cfg(test)]
mod tests;
mod timers;
mod typing;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::protocol::{
    Ack, CloseCode, Command, CommandId, Cursor, Failure, Limits, Member, MessageId, RoomId, Timestamp, UserId,
};
use async_trait::async_trait;
use tokio::sync::Notify;
use tokio::time::Instant;

pub use connection::{Closing, Connection, Frames};
pub use dialogue::Dialogue;
pub use single_command::answer_alone;

use crate::auth::session::SecretHash;
use crate::bus::Publication;
use crate::store::{Entry, LogKey, Texts};
use keeper::Gone;
use live_log::LiveLog;
use presence::People;
use run_buffer::RunBuffer;
use timers::{Due, Timers};

/// Who sends a command.
#[derive(Clone, Debug)]
pub struct Caller {
    pub user: UserId,
    pub name: String,
    /// The session that the ticket was given to; when it ends, so do its connections.
    pub session: SecretHash,
    /// With the ticket for the next poll: what changed of presence and typing since then, the client was not told.
    pub told_at: Option<Instant>,
}

/// What the hub asks of the chat.
#[async_trait]
pub trait Rooms: Send + Sync + 'static {
    /// Does what the command says, or says why not.
    /// Once begun, it is done, also when nobody waits for the answer any more.
    async fn execute(&self, caller: &Caller, id: CommandId, command: Command) -> Result<Ack, Failure>;
    /// Counts a command that concerns the connection alone against the user's limit.
    fn admit(&self, caller: &Caller) -> Result<(), Failure>;
    /// Whether the user may read the room now; asked again on every subscription.
    async fn may_read(&self, user: UserId, room: RoomId) -> Result<bool, Failure>;
    /// `None`: there is no such log.
    async fn head(&self, log: LogKey) -> Result<Option<Cursor>, Failure>;
    /// How many events lie after `after` up to `head`, and their bytes.
    async fn gap(&self, log: LogKey, after: u64, head: u64) -> Result<(u64, u64), Failure>;
    /// The entries after `after`, contiguous, at most `limit`.
    async fn read_log(&self, log: LogKey, after: u64, limit: u64) -> Result<Vec<Entry>, Failure>;
    /// The stored texts of an AI message.
    async fn texts(&self, room: RoomId, message: MessageId) -> Result<Option<Texts>, Failure>;
    /// Everybody in a room.
    async fn members(&self, room: RoomId) -> Result<Vec<Member>, Failure>;
    /// Notes when people were last connected.
    async fn set_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<(), Failure>;
}

/// Locks are taken in this order and never the other way: people, the map of logs, a connection's state, a log's members,
/// a log's state, a run's buffer or a connection's marks or timers.
///
/// Locks for a few instructions; a panic of another holder can't leave these states half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Debug)]
pub struct Hub {
    limits: Limits,
    connections: Mutex<Registry>,
    logs: Mutex<HashMap<LogKey, Arc<LiveLog>>>,
    presence: presence::Policy,
    people: Mutex<People>,
    timers: Timers,
    gone: Gone,
    /// The last connection has gone.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Registry {
    /// In the order of opening, so that the first is the oldest.
    by_user: HashMap<UserId, Vec<Arc<Connection>>>,
    by_address: HashMap<IpAddr, usize>,
}

impl Hub {
    pub fn new(limits: Limits, presence: presence::Policy) -> Arc<Self> {
        Arc::new(Self {
            limits,
            connections: Mutex::default(),
            logs: Mutex::default(),
            presence,
            people: Mutex::default(),
            timers: Timers::default(),
            gone: Gone::default(),
            emptied: Notify::new(),
        })
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// False when the address holds as many connections as it may.
    pub fn has_room_for(&self, address: IpAddr) -> bool {
        lock(&self.connections).by_address.get(&address).copied().unwrap_or(0)
            < self.limits.connections_per_address
    }

    /// Registers a connection until the returned guard is dropped; `None` when its address has no room. The user's
    /// oldest connection makes room when there are too many: the tab that was opened last is the one somebody looks
    /// at.
    pub fn register(self: &Arc<Self>, connection: Arc<Connection>, address: IpAddr) -> Option<Registration> {
        let evicted = {
            let mut registry = lock(&self.connections);
            let of_address = registry.by_address.entry(address).or_default();
            if *of_address >= self.limits.connections_per_address {
                return None;
            }
            *of_address += 1;
            let of_user = registry.by_user.entry(connection.caller.user).or_default();
            of_user.push(connection.clone());
            (of_user.len() > self.limits.connections_per_user).then(|| of_user.remove(0))
        };
        if let Some(oldest) = evicted {
            oldest.close(Closing::with(CloseCode::TooManyConnections));
        }
        Some(Registration { hub: self.clone(), connection, address, will_poll: false })
    }

    /// Every connection there is now.
    pub fn connections(&self) -> Vec<Arc<Connection>> {
        lock(&self.connections).by_user.values().flatten().cloned().collect()
    }

    /// Closes the connections of a session that has ended.
    pub fn close_session(&self, user: UserId, session: SecretHash) {
        let of_user = lock(&self.connections).by_user.get(&user).cloned().unwrap_or_default();
        for connection in of_user.iter().filter(|connection| connection.caller.session == session) {
            connection.close(Closing::with(CloseCode::SessionEnded));
        }
    }

    /// Waits until the last connection has said its goodbye.
    pub async fn until_empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if lock(&self.connections).by_address.is_empty() {
                return;
            }
            emptied.await;
        }
    }

    pub fn connection_count(&self) -> usize {
        lock(&self.connections).by_user.values().map(Vec::len).sum()
    }

    /// Takes in what a node published and wakes those who follow it.
    pub fn deliver(&self, publication: Publication) {
        match publication {
            Publication::Entries(entries) => {
                for entry in entries {
                    if let Some(log) = self.existing(entry.log) {
                        log.publish(entry);
                    }
                }
            }
            Publication::StreamOpened { room, message, attempt, text, thinking } => {
                // The buffer must exist even while nobody looks: who comes later gets the text from its start.
                self.open_stream(LogKey::Room(room), RunBuffer::new(message, attempt, text, thinking));
            }
            Publication::Part { room, message, is_thinking, start, text } => {
                if let Some(log) = self.existing(LogKey::Room(room)) {
                    log.append(message, is_thinking, start, &text);
                }
            }
            Publication::StreamEnded { room, message } => {
                if let Some(log) = self.existing(LogKey::Room(room)) {
                    log.end_stream(message);
                    self.forget_if_unused(LogKey::Room(room));
                }
            }
            Publication::RoomDeleted { room } => {
                let removed = lock(&self.logs).remove(&LogKey::Room(room));
                if let Some(log) = removed {
                    for connection in log.subscribers() {
                        connection.unsubscribe(LogKey::Room(room));
                    }
                    self.forget_members(&log);
                }
            }
            Publication::MemberJoined { room, user } => self.member_joined(room, user),
            Publication::MemberGone { room, user } => self.member_gone(room, user),
            Publication::Read { room, user, seq } => self.member_read(room, user, seq),
        }
    }

    fn existing(&self, log: LogKey) -> Option<Arc<LiveLog>> {
        lock(&self.logs).get(&log).cloned()
    }

    /// Adds the stream under the lock of the map, so that the log can't be forgotten in between.
    fn open_stream(&self, log: LogKey, buffer: RunBuffer) {
        let buffer = Arc::new(buffer);
        let live = {
            let mut logs = lock(&self.logs);
            let live = logs.entry(log).or_insert_with(|| Arc::new(LiveLog::new(log)));
            live.add_stream(buffer.clone());
            live.clone()
        };
        for connection in live.subscribers() {
            connection.follow_opened(log, &buffer);
        }
    }

    /// Subscribes under the lock of the map, so that the log can't be forgotten in between.
    fn subscribe(&self, log: LogKey, connection: &Arc<Connection>) -> Arc<LiveLog> {
        let mut logs = lock(&self.logs);
        let live = logs.entry(log).or_insert_with(|| Arc::new(LiveLog::new(log)));
        live.subscribe(connection);
        live.clone()
    }

    fn unsubscribe(&self, log: LogKey, connection: &Connection) {
        if let Some(live) = self.existing(log) {
            live.unsubscribe(connection.id);
            self.forget_if_unused(log);
        }
    }

    /// Does the same for somebody who polls, and comes back in a moment: the log is kept for so long, so that the
    /// members of a room are not read for every poll, and who typed in between is not lost.
    fn leave_for_a_moment(&self, log: LogKey, connection: &Connection) {
        if let Some(live) = self.existing(log) {
            let until = Instant::now() + self.presence.poll_grace;
            if live.keep(until) {
                self.timers.set(until, Due::Log(log));
            }
            live.unsubscribe(connection.id);
        }
    }

    fn forget_if_unused(&self, log: LogKey) {
        let unused = {
            let mut logs = lock(&self.logs);
            if !logs.get(&log).is_some_and(|live| live.is_unused()) {
                return;
            }
            logs.remove(&log)
        };
        if let Some(live) = unused {
            self.forget_members(&live);
        }
    }
}

/// A connection's place in the hub; dropping it takes the connection out of everything.
#[derive(Debug)]
pub struct Registration {
    hub: Arc<Hub>,
    connection: Arc<Connection>,
    address: IpAddr,
    will_poll: bool,
}

impl Registration {
    /// A poll was answered, and its client goes on with another.
    pub fn will_poll(&mut self) {
        self.will_poll = true;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        for log in self.connection.subscriptions() {
            if self.will_poll {
                self.hub.leave_for_a_moment(log, &self.connection);
            } else {
                self.hub.unsubscribe(log, &self.connection);
            }
            self.connection.unsubscribe(log);
        }
        let policy = &self.hub.presence;
        let grace = if self.will_poll { policy.poll_grace } else { policy.grace };
        self.hub.depart(&self.connection, grace);
        let mut registry = lock(&self.hub.connections);
        if let Some(count) = registry.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                registry.by_address.remove(&self.address);
            }
            if registry.by_address.is_empty() {
                self.hub.emptied.notify_waiters();
            }
        }
        let user = self.connection.caller.user;
        if let Some(of_user) = registry.by_user.get_mut(&user) {
            of_user.retain(|other| other.id != self.connection.id);
            if of_user.is_empty() {
                registry.by_user.remove(&user);
            }
        }
    }
}
