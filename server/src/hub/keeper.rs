//! Presence and typing in the hub: who comes, changes and goes, where that is told, and the task that does what time
//! brings.
//!
//! Whatever is told about people is decided under the lock of [`People`], so that it is told everywhere in the same
//! order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::protocol::{ConnectionId, Failure, FailureCode, Member, PresenceState, RoomId, Timestamp, UserId};
use app::texts;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::lane::Release;
use super::live_log::LiveLog;
use super::members::{self, Members};
use super::presence::{Look, People};
use super::timers::Due;
use super::typing;
use super::{Caller, Connection, Hub, Rooms, lock};
use crate::clock;
use crate::store::LogKey;

/// A list of members that changes while it is read is read so many times.
const READINGS: usize = 5;
/// People who went are noted together; a store that can't write is asked again after this, too.
const NOTED_EVERY: Duration = Duration::from_secs(1);

/// Who has gone, until it is stored.
#[derive(Debug, Default)]
pub(super) struct Gone {
    seen: Mutex<BTreeMap<UserId, Timestamp>>,
    is_somebody: Notify,
}

impl Gone {
    /// Stores what there is. What can't be stored is kept, unless it is known better meanwhile.
    async fn note(&self, rooms: &dyn Rooms) {
        let seen = std::mem::take(&mut *lock(&self.seen));
        if seen.is_empty() {
            return;
        }
        let all: Vec<_> = seen.iter().map(|(user, at)| (*user, *at)).collect();
        if rooms.set_seen(&all).await.is_err() {
            let mut newer = lock(&self.seen);
            for (user, at) in seen {
                newer.entry(user).or_insert(at);
            }
            self.is_somebody.notify_one();
        }
    }
}

impl Hub {
    /// A connection counts from now on.
    pub(super) fn arrive(&self, connection: &Connection, state: PresenceState) {
        let mut people = lock(&self.people);
        people.persons.entry(connection.caller.user).or_default().connect(connection.id, state);
        self.look(&mut people, connection.caller.user, Instant::now());
    }

    /// Whether somebody looks at a connection's page.
    pub(super) fn set_presence(&self, connection: &Connection, state: PresenceState) {
        // One that is there is not offline.
        let state = state.max(PresenceState::Away);
        let mut people = lock(&self.people);
        let user = connection.caller.user;
        if people.persons.get_mut(&user).is_some_and(|person| person.set(connection.id, state)) {
            self.look(&mut people, user, Instant::now());
        }
    }

    /// There is somebody at a connection that can't say so itself. False: the user has no such connection here.
    pub(super) fn heard(&self, user: UserId, connection: ConnectionId, state: PresenceState) -> bool {
        let of_user = lock(&self.connections).by_user.get(&user).cloned().unwrap_or_default();
        let Some(connection) = of_user.iter().find(|other| other.id == connection) else { return false };
        connection.heard(Instant::now());
        self.set_presence(connection, state);
        true
    }

    /// A connection has ended; it counts for a while yet.
    pub(super) fn depart(&self, connection: &Connection, grace: Duration) {
        let (now, user) = (Instant::now(), connection.caller.user);
        let mut people = lock(&self.people);
        if let Some(person) = people.persons.get_mut(&user) {
            person.disconnect(connection.id, now + grace, clock::now());
            self.look(&mut people, user, now);
        }
    }

    fn look(&self, people: &mut People, user: UserId, now: Instant) {
        let Some(person) = people.persons.get_mut(&user) else { return };
        let (look, again) = person.look(now, self.presence.told_every);
        if let Some(at) = again {
            self.timers.set(at, Due::Person(user));
        }
        let (state, seen_at) = match look {
            Look::Unchanged => return,
            Look::Changed(state) => (state, None),
            Look::Gone(seen_at) => {
                people.persons.remove(&user);
                // One for each user who went since the last was stored.
                lock(&self.gone.seen).insert(user, seen_at);
                self.gone.is_somebody.notify_one();
                (PresenceState::Offline, Some(seen_at))
            }
        };
        for (room, live) in people.rooms_of(user) {
            self.tell(room, &live, |members| members.set(user, state, seen_at, now));
        }
    }

    /// Changes something about the members of a room, and has it told, now or in a while.
    fn tell(&self, room: RoomId, live: &LiveLog, change: impl FnOnce(&mut Members) -> Option<Release>) {
        let release = change(&mut lock(&live.members));
        self.released(live, release, Due::Presence(room));
    }

    fn released(&self, live: &LiveLog, release: Option<Release>, due: Due) {
        match release {
            Some(Release::Now) => live.wake_all(),
            Some(Release::At(at)) => self.timers.set(at, due),
            Some(Release::Awaited) | None => {}
        }
    }

    /// Reads who belongs to a room that is followed, unless that is known.
    pub(super) async fn learn_members(
        &self,
        room: RoomId,
        live: &Arc<LiveLog>,
        rooms: &dyn Rooms,
    ) -> Result<(), Failure> {
        for _ in 0..READINGS {
            let heard = {
                let members = lock(&live.members);
                if members.is_known() {
                    return Ok(());
                }
                members.heard()
            };
            let read = rooms.members(room).await?;
            if self.take_members(room, live, heard, &read) {
                return Ok(());
            }
        }
        Err(Failure::new(FailureCode::Internal, texts::server::broken()))
    }

    /// False: they were read too early.
    fn take_members(&self, room: RoomId, live: &Arc<LiveLog>, heard: u64, read: &[Member]) -> bool {
        let mut people = lock(&self.people);
        // Whoever takes a log out of the map takes it out of `people` after that.
        if !self.existing(live.key).is_some_and(|known| Arc::ptr_eq(&known, live)) {
            return true;
        }
        let mut members = lock(&live.members);
        let is_known = members.learn(heard, read, |user| people.state(user));
        if is_known {
            members.users().for_each(|user| people.enter(user, room, live));
        }
        is_known
    }

    /// A room is not followed any more.
    pub(super) fn forget_members(&self, live: &Arc<LiveLog>) {
        let LogKey::Room(room) = live.key else { return };
        let mut people = lock(&self.people);
        lock(&live.members).users().for_each(|user| people.leave(user, room, live));
    }

    pub(super) fn member_joined(&self, room: RoomId, user: UserId) {
        let mut people = lock(&self.people);
        let Some(live) = self.existing(LogKey::Room(room)) else { return };
        let state = people.state(user);
        self.tell(room, &live, |members| members.join(user, state, Instant::now()));
        if lock(&live.members).contains(user) {
            people.enter(user, room, &live);
        }
    }

    /// Ends what somebody gets of a room at once, on all of their connections.
    pub(super) fn member_gone(&self, room: RoomId, user: UserId) {
        let log = LogKey::Room(room);
        let Some(live) = self.existing(log) else { return };
        for connection in live.subscribers() {
            if connection.caller.user == user {
                live.unsubscribe(connection.id);
                connection.unsubscribe(log);
            }
        }
        {
            let mut people = lock(&self.people);
            people.leave(user, room, &live);
            let now = Instant::now();
            self.tell(room, &live, |members| members.leave(user, now));
            let release = lock(&live.members).typing.withdraw(user, now);
            self.released(&live, release, Due::Typing(room));
        }
        self.forget_if_unused(log);
    }

    pub(super) fn member_read(&self, room: RoomId, user: UserId, seq: u64) {
        let Some(live) = self.existing(LogKey::Room(room)) else { return };
        self.tell(room, &live, |members| members.read(user, seq, Instant::now()));
    }

    /// Somebody types in a room.
    pub(super) fn typed(&self, room: RoomId, user: UserId) {
        let Some(live) = self.existing(LogKey::Room(room)) else { return };
        let release = {
            let mut members = lock(&live.members);
            // So there are at most as many who type as there are members.
            if members.contains(user) { members.typing.hint(user, Instant::now()) } else { None }
        };
        self.released(&live, release, Due::Typing(room));
    }

    /// The same, from somebody who may have no connection now.
    pub(super) async fn typed_alone(&self, room: RoomId, caller: &Caller, rooms: &dyn Rooms) {
        if rooms.admit(caller).is_ok() && rooms.may_read(caller.user, room).await == Ok(true) {
            self.typed(room, caller.user);
        }
    }

    /// Somebody is about to say something in a room. Before it is published, so that nobody is told afterwards that
    /// they type.
    pub(super) fn said(&self, room: RoomId, user: UserId) {
        if let Some(live) = self.existing(LogKey::Room(room)) {
            lock(&live.members).typing.said(user);
        }
    }

    /// Does what time brings, for ever. One task of the node.
    pub async fn keep(self: Arc<Self>, rooms: Arc<dyn Rooms>) {
        let look = async {
            loop {
                self.timers.next().await;
                self.on_time(Instant::now());
            }
        };
        let note = async {
            loop {
                self.gone.is_somebody.notified().await;
                sleep(NOTED_EVERY).await;
                self.gone.note(&*rooms).await;
            }
        };
        tokio::join!(look, note);
    }

    pub(super) fn on_time(&self, now: Instant) {
        for due in self.timers.take(now) {
            match due {
                Due::Person(user) => self.look(&mut lock(&self.people), user, now),
                Due::Presence(room) => {
                    let Some(live) = self.existing(LogKey::Room(room)) else { continue };
                    self.tell(room, &live, |members| members.lane.on_time(now, members::TOLD_EVERY));
                }
                Due::Typing(room) => {
                    let Some(live) = self.existing(LogKey::Room(room)) else { continue };
                    let release = lock(&live.members).typing.lane.on_time(now, typing::TOLD_EVERY);
                    self.released(&live, release, due);
                }
                Due::Log(log) => {
                    let Some(live) = self.existing(log) else { continue };
                    match live.release(now) {
                        Some(later) => self.timers.set(later, due),
                        None => self.forget_if_unused(log),
                    }
                }
            }
        }
    }

    /// Notes that everybody who is still here was seen now: the node ends.
    pub async fn note_all(&self, rooms: &dyn Rooms) {
        let now = clock::now();
        {
            let people = lock(&self.people);
            let mut seen = lock(&self.gone.seen);
            people.persons.iter().for_each(|(user, person)| _ = seen.insert(*user, person.seen_at(now)));
        }
        self.gone.note(rooms).await;
    }
}
