//! Who is there: each person's state, combined from all of their connections, and the rooms in which that is told.
//!
//! A connection counts for a while after its end, so that a reload, a lost network of a moment, or the time between two
//! polls is not seen by anybody. Nothing is told twice, nothing is told periodically, and nothing at all is done about
//! rooms that nobody follows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use app::protocol::{ConnectionId, PresenceState, RoomId, Timestamp, UserId};
use tokio::time::Instant;

use super::live_log::LiveLog;

#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long a connection counts after it has ended.
    pub grace: Duration,
    /// ... after a poll was answered: its client comes back, after a pause when there was nothing new. Together with
    /// what it takes to notice, it is less than the 10 s after which nobody who was killed may be seen.
    pub poll_grace: Duration,
    /// A person's state is told at most this often; what it was in between is nobody's business.
    pub told_every: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(3),
            poll_grace: Duration::from_secs(8),
            told_every: Duration::from_secs(1),
        }
    }
}

/// Everybody who is connected, or was a moment ago.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) persons: HashMap<UserId, Person>,
    /// The rooms that somebody follows, by their members.
    rooms: HashMap<UserId, HashMap<RoomId, Arc<LiveLog>>>,
}

#[derive(Debug, Default)]
pub(super) struct Person {
    /// As many as a user may have.
    connections: HashMap<ConnectionId, PresenceState>,
    /// Until when connections count that have ended, by what they were.
    was_online: Option<Instant>,
    was_away: Option<Instant>,
    /// When the last one ended.
    left_at: Timestamp,
    told: PresenceState,
    told_at: Option<Instant>,
    /// Of the timer that is set.
    looks_at: Option<Instant>,
}

/// What follows from looking at a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    Unchanged,
    /// To be told everywhere.
    Changed(PresenceState),
    /// Offline: to be told everywhere, and forgotten.
    Gone(Timestamp),
}

impl People {
    pub(super) fn state(&self, user: UserId) -> PresenceState {
        self.persons.get(&user).map_or(PresenceState::Offline, |person| person.told)
    }

    pub(super) fn rooms_of(&self, user: UserId) -> Vec<(RoomId, Arc<LiveLog>)> {
        let rooms = self.rooms.get(&user).into_iter().flatten();
        rooms.map(|(room, live)| (*room, live.clone())).collect()
    }

    pub(super) fn enter(&mut self, user: UserId, room: RoomId, live: &Arc<LiveLog>) {
        self.rooms.entry(user).or_default().insert(room, live.clone());
    }

    /// The user is no member any more, or nobody follows the room. Another `live` may have taken its place already.
    pub(super) fn leave(&mut self, user: UserId, room: RoomId, live: &Arc<LiveLog>) {
        let Some(rooms) = self.rooms.get_mut(&user) else { return };
        if rooms.get(&room).is_some_and(|known| Arc::ptr_eq(known, live)) {
            rooms.remove(&room);
        }
        if rooms.is_empty() {
            self.rooms.remove(&user);
        }
    }
}

impl Person {
    pub(super) fn connect(&mut self, connection: ConnectionId, state: PresenceState) {
        self.connections.insert(connection, state);
    }

    /// What a connection says of itself. False: it is none of this person's.
    pub(super) fn set(&mut self, connection: ConnectionId, state: PresenceState) -> bool {
        self.connections.get_mut(&connection).is_some_and(|known| {
            *known = state;
            true
        })
    }

    /// A connection has ended, and counts until then.
    pub(super) fn disconnect(&mut self, connection: ConnectionId, until: Instant, at: Timestamp) {
        let Some(state) = self.connections.remove(&connection) else { return };
        let was = if state == PresenceState::Online { &mut self.was_online } else { &mut self.was_away };
        *was = Some(was.map_or(until, |other| other.max(until)));
        self.left_at = at;
    }

    /// When they were last connected, which may be now.
    pub(super) fn seen_at(&self, now: Timestamp) -> Timestamp {
        if self.connections.is_empty() { self.left_at } else { now }
    }

    /// Online if somebody looks at any of their pages.
    fn combined(&self, now: Instant) -> PresenceState {
        let counts = |until: Option<Instant>| until.is_some_and(|until| until > now);
        let connected = self.connections.values().copied().max().unwrap_or_default();
        if connected == PresenceState::Online || counts(self.was_online) {
            PresenceState::Online
        } else if connected == PresenceState::Away || counts(self.was_away) {
            PresenceState::Away
        } else {
            PresenceState::Offline
        }
    }

    /// Looks whether something is to be told, and when to look again, if a timer has to be set for that.
    pub(super) fn look(&mut self, now: Instant, told_every: Duration) -> (Look, Option<Instant>) {
        self.looks_at = self.looks_at.filter(|at| *at > now);
        let state = self.combined(now);
        let soonest = self.told_at.map(|at| at + told_every).filter(|at| *at > now);
        if state == PresenceState::Offline {
            return (Look::Gone(self.left_at), None);
        }
        let look = if state == self.told || soonest.is_some() {
            Look::Unchanged
        } else {
            self.told = state;
            self.told_at = Some(now);
            Look::Changed(state)
        };
        let again = soonest.filter(|_| state != self.told);
        let ends = [self.was_online, self.was_away].into_iter().flatten().filter(|until| *until > now);
        let again = ends.chain(again).min().filter(|at| self.looks_at.is_none_or(|known| *at < known));
        self.looks_at = again.or(self.looks_at);
        (look, again)
    }
}

#[cfg(test)]
mod tests {
    use super::PresenceState::{Away, Online};
    use super::*;

    const POLICY: Policy = Policy {
        grace: Duration::from_secs(3),
        poll_grace: Duration::from_secs(8),
        told_every: Duration::from_secs(1),
    };

    /// A person with a clock, whose timers go off.
    struct World {
        begin: Instant,
        now: Instant,
        person: Person,
        timers: Vec<Instant>,
        /// When what was told, in milliseconds.
        told: Vec<(u128, Option<PresenceState>)>,
    }

    impl World {
        fn new() -> Self {
            let begin = Instant::now();
            Self { begin, now: begin, person: Person::default(), timers: Vec::new(), told: Vec::new() }
        }

        fn look(&mut self) {
            let (look, again) = self.person.look(self.now, POLICY.told_every);
            let at = (self.now - self.begin).as_millis();
            match look {
                Look::Unchanged => {}
                Look::Changed(state) => self.told.push((at, Some(state))),
                Look::Gone(_) => self.told.push((at, None)),
            }
            self.timers.extend(again);
            assert!(self.timers.len() <= 2, "{:?}", self.timers);
        }

        fn until(&mut self, milliseconds: u64) {
            let until = self.begin + Duration::from_millis(milliseconds);
            while let Some(at) = self.timers.iter().copied().filter(|at| *at <= until).min() {
                self.timers.retain(|other| *other != at);
                self.now = at;
                self.look();
            }
            self.now = until;
        }

        fn connect(&mut self, number: u128, state: PresenceState) {
            self.person.connect(ConnectionId(uuid::Uuid::from_u128(number)), state);
            self.look();
        }

        fn set(&mut self, number: u128, state: PresenceState) {
            assert!(self.person.set(ConnectionId(uuid::Uuid::from_u128(number)), state));
            self.look();
        }

        fn disconnect(&mut self, number: u128, grace: Duration) {
            let until = self.now + grace;
            self.person.disconnect(ConnectionId(uuid::Uuid::from_u128(number)), until, 1);
            self.look();
        }
    }

    #[test]
    fn the_most_present_of_all_connections_counts() {
        let mut world = World::new();
        world.connect(1, Away);
        world.until(2_000);
        world.connect(2, Online);
        world.until(4_000);
        world.set(2, Away);
        world.until(6_000);
        world.set(1, Online);
        world.until(8_000);
        world.disconnect(2, POLICY.grace);
        world.until(20_000);
        assert_eq!(
            world.told,
            [(0, Some(Away)), (2_000, Some(Online)), (4_000, Some(Away)), (6_000, Some(Online))]
        );
    }

    #[test]
    fn a_reload_is_seen_by_nobody_and_an_end_after_the_grace() {
        let mut world = World::new();
        world.connect(1, Online);
        world.connect(2, Away);
        world.until(5_000);
        // Only a hidden tab is left meanwhile, which is no reason to call somebody away.
        world.disconnect(1, POLICY.grace);
        world.until(7_900);
        world.connect(3, Online);
        world.until(20_000);
        assert_eq!(world.told, [(0, Some(Online))]);
        world.disconnect(2, POLICY.grace);
        world.disconnect(3, POLICY.grace);
        world.until(30_000);
        assert_eq!(world.told[1..], [(23_000, None)]);
    }

    #[test]
    fn the_last_visible_tab_closes_and_a_hidden_one_stays() {
        let mut world = World::new();
        world.connect(1, Online);
        world.connect(2, Away);
        world.until(5_000);
        world.disconnect(1, POLICY.grace);
        world.until(20_000);
        assert_eq!(world.told, [(0, Some(Online)), (8_000, Some(Away))]);
    }

    #[test]
    fn who_polls_does_not_flicker_however_they_pace_it() {
        let mut world = World::new();
        let mut now = 0;
        for (number, pause) in (0..).zip([50, 50, 1_000, 2_000, 4_000, 7_900, 20]) {
            world.connect(number, Online);
            now += 1_000;
            world.until(now);
            world.disconnect(number, POLICY.poll_grace);
            now += pause;
            world.until(now);
        }
        assert_eq!(world.told, [(0, Some(Online))]);
        world.until(100_000);
        assert_eq!(world.told[1..], [(u128::from(now) - 20 + 8_000, None)]);
    }

    #[test]
    fn who_changes_all_the_time_is_told_once_a_second_and_at_last_as_they_are() {
        let mut world = World::new();
        world.connect(1, Online);
        for time in 1..10_000 {
            world.until(time);
            world.set(1, if time % 2 == 0 { Online } else { Away });
        }
        world.until(20_000);
        assert!(world.told.len() <= 11, "{:?}", world.told);
        assert_eq!(world.told.last().map(|(_, state)| *state), Some(Some(Away)));
    }
}
