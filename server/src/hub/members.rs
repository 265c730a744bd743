//! The members of one room that is followed: how each is, how far they have read, and who types.
//!
//! Shared by all connections that follow the room. Each has only a number here, of the last change that it was told, so
//! that a slow one gets what is newest and costs nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use app::protocol::{Limits, Member, Presence, PresenceState, RoomId, RoomPresence, Timestamp, UserId};
use tokio::time::Instant;

use super::lane::{Lane, Release};
use super::typing::Typing;

/// Changes in one room are told at most this often; of many at once, as when a server is back, each connection gets a
/// few frames and not one for each.
pub(super) const TOLD_EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
pub(super) struct Members {
    /// False until they were read from the store.
    is_known: bool,
    /// Counts what was heard of members, so that a list which was read meanwhile is read again.
    heard: u64,
    all: HashMap<UserId, One>,
    /// Whoever changed, by the number of the change: at most one for each.
    changes: BTreeMap<u64, UserId>,
    /// How many are not offline.
    present: u32,
    pub(super) lane: Lane,
    /// Who was told less than this is told everything.
    whole_since: u64,
    pub(super) typing: Typing,
}

#[derive(Clone, Copy, Debug, Default)]
struct One {
    state: PresenceState,
    seen_at: Option<Timestamp>,
    read: u64,
    changed: u64,
}

impl Members {
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }

    /// What was heard until now; for [`Self::learn`].
    pub(super) fn heard(&self) -> u64 {
        self.heard
    }

    pub(super) fn users(&self) -> impl Iterator<Item = UserId> {
        self.all.keys().copied()
    }

    pub(super) fn contains(&self, user: UserId) -> bool {
        self.all.contains_key(&user)
    }

    /// Takes in who belongs to the room, as it was read after `heard`. False: it may be out of date already.
    pub(super) fn learn(
        &mut self,
        heard: u64,
        members: &[Member],
        state_of: impl Fn(UserId) -> PresenceState,
    ) -> bool {
        if self.is_known || self.heard != heard {
            return self.is_known;
        }
        self.is_known = true;
        for member in members {
            let state = state_of(member.id);
            self.present += u32::from(state != PresenceState::Offline);
            let one = One { state, seen_at: member.seen_at, read: member.read, changed: 0 };
            self.all.insert(member.id, one);
        }
        true
    }

    /// Somebody is otherwise than before. `seen_at`: when somebody who is offline now was last connected.
    pub(super) fn set(
        &mut self,
        user: UserId,
        state: PresenceState,
        seen_at: Option<Timestamp>,
        now: Instant,
    ) -> Option<Release> {
        let member = self.all.get_mut(&user).filter(|member| member.state != state)?;
        let was_present = member.state != PresenceState::Offline;
        let is_present = state != PresenceState::Offline;
        member.state = state;
        member.seen_at = seen_at.or(member.seen_at);
        self.present = self.present + u32::from(is_present) - u32::from(was_present);
        // In a large room only the number is told.
        (self.is_listed() || was_present != is_present).then(|| self.changed(Some(user), now))
    }

    pub(super) fn join(&mut self, user: UserId, state: PresenceState, now: Instant) -> Option<Release> {
        self.heard += 1;
        if !self.is_known || self.contains(user) {
            return None;
        }
        self.all.insert(user, One { state, ..One::default() });
        self.present += u32::from(state != PresenceState::Offline);
        Some(self.changed(Some(user), now))
    }

    pub(super) fn leave(&mut self, user: UserId, now: Instant) -> Option<Release> {
        self.heard += 1;
        let gone = self.all.remove(&user)?;
        self.changes.remove(&gone.changed);
        self.present -= u32::from(gone.state != PresenceState::Offline);
        let release = self.changed(None, now);
        if [Limits::LISTED_MEMBERS, Limits::READ_MARKERS].contains(&self.all.len()) {
            // More is told from now on than was before.
            self.whole_since = self.lane.version();
        }
        Some(release)
    }

    pub(super) fn read(&mut self, user: UserId, seq: u64, now: Instant) -> Option<Release> {
        self.heard += 1;
        let has_markers = self.has_markers();
        let member = self.all.get_mut(&user).filter(|member| member.read != seq)?;
        member.read = seq;
        has_markers.then(|| self.changed(Some(user), now))
    }

    fn changed(&mut self, user: Option<UserId>, now: Instant) -> Release {
        let number = self.lane.change(now);
        if let Some(user) = user
            && let Some(member) = self.all.get_mut(&user)
        {
            self.changes.remove(&member.changed);
            member.changed = number;
            self.changes.insert(number, user);
        }
        self.lane.release(now, TOLD_EVERY)
    }

    pub(super) fn is_listed(&self) -> bool {
        self.all.len() <= Limits::LISTED_MEMBERS
    }

    fn has_markers(&self) -> bool {
        self.all.len() <= Limits::READ_MARKERS
    }

    /// What a connection is to be told that was told up to `told`, or nothing yet, and up to where it is then. Who is
    /// alone in a room is told nothing.
    pub(super) fn news(&self, room: RoomId, told: Option<u64>) -> Option<(RoomPresence, u64)> {
        if !self.is_known || self.all.len() < 2 || told.is_some_and(|told| self.lane.released() <= told) {
            return None;
        }
        let told = told.filter(|told| *told >= self.whole_since);
        let people = match told {
            _ if !self.is_listed() => Vec::new(),
            Some(told) => self.changes.range(told + 1..).filter_map(|(_, user)| self.one(*user)).collect(),
            None => {
                let people = self.all.keys().filter_map(|user| self.one(*user));
                people
                    .filter(|person| person.state != PresenceState::Offline || person.read > Some(0))
                    .collect()
            }
        };
        let presence = RoomPresence { room, is_full: told.is_none(), present: self.present, people };
        Some((presence, self.lane.version()))
    }

    fn one(&self, user: UserId) -> Option<Presence> {
        let One { state, seen_at, read, .. } = *self.all.get(&user)?;
        let seen_at = seen_at.filter(|_| state == PresenceState::Offline);
        Some(Presence { user, state, seen_at, read: self.has_markers().then_some(read) })
    }
}

#[cfg(test)]
mod tests {
    use app::protocol::Role;
    use uuid::Uuid;

    use super::*;

    const ROOM: RoomId = RoomId(Uuid::nil());

    fn user(number: usize) -> UserId {
        UserId(Uuid::from_u128(number as u128 + 1))
    }

    fn member(number: usize, read: u64) -> Member {
        Member { id: user(number), name: number.to_string(), role: Role::Member, read, seen_at: Some(7) }
    }

    /// So many members, the first `online` of them online.
    fn room(count: usize, online: usize) -> Members {
        let mut members = Members::default();
        let all: Vec<_> = (0..count).map(|number| member(number, 0)).collect();
        let state = |of| {
            let is_online = (0..online).any(|number| user(number) == of);
            if is_online { PresenceState::Online } else { PresenceState::Offline }
        };
        assert!(members.learn(0, &all, state));
        members
    }

    fn states(presence: &RoomPresence) -> Vec<(UserId, PresenceState)> {
        presence.people.iter().map(|person| (person.user, person.state)).collect()
    }

    #[test]
    fn a_follower_gets_the_whole_first_and_then_only_what_changed_last() {
        let now = Instant::now();
        let mut members = room(5, 2);
        let (whole, told) = members.news(ROOM, None).unwrap();
        assert!(whole.is_full);
        assert_eq!((whole.present, whole.people.len()), (2, 2));
        assert_eq!(members.news(ROOM, Some(told)), None);
        assert_eq!(members.set(user(4), PresenceState::Online, None, now), Some(Release::Now));
        // The same again is no change.
        assert_eq!(members.set(user(4), PresenceState::Online, None, now), None);
        assert!(matches!(members.set(user(4), PresenceState::Away, None, now), Some(Release::At(_))));
        assert_eq!(members.set(user(0), PresenceState::Offline, Some(9), now), Some(Release::Awaited));
        let (news, later) = members.news(ROOM, Some(told)).unwrap();
        assert_eq!((news.is_full, news.present), (false, 2));
        assert_eq!(states(&news), [(user(4), PresenceState::Away), (user(0), PresenceState::Offline)]);
        assert_eq!(news.people[1].seen_at, Some(9));
        // Whoever has seen it gets nothing when the rest is released.
        members.lane.on_time(now + TOLD_EVERY, TOLD_EVERY);
        assert_eq!(members.news(ROOM, Some(later)), None);
    }

    #[test]
    fn markers_are_told_in_small_rooms_names_in_those_of_200_and_then_a_number() {
        let now = Instant::now();
        for (count, marker, named) in [(50, Some(Some(3)), 1), (51, Some(None), 1), (201, None, 0)] {
            let mut members = room(count, 1);
            let (whole, told) = members.news(ROOM, None).unwrap();
            assert_eq!((whole.present, whole.people.len()), (1, named), "{count}");
            assert_eq!(members.read(user(1), 3, now).is_some(), count == 50, "{count}");
            members.set(user(1), PresenceState::Online, None, now + TOLD_EVERY);
            let (news, _) = members.news(ROOM, Some(told)).unwrap();
            assert_eq!((news.present, news.people.first().map(|person| person.read)), (2, marker), "{count}");
        }
    }

    #[test]
    fn a_room_that_becomes_small_enough_is_told_as_a_whole() {
        let now = Instant::now();
        let mut members = room(201, 3);
        let (_, told) = members.news(ROOM, None).unwrap();
        members.leave(user(0), now);
        let (whole, told) = members.news(ROOM, Some(told)).unwrap();
        assert_eq!((whole.is_full, whole.present, whole.people.len()), (true, 2, 2));
        members.leave(user(1), now + TOLD_EVERY);
        let (news, _) = members.news(ROOM, Some(told)).unwrap();
        assert_eq!((news.is_full, news.present, news.people.len()), (false, 1, 0));
    }

    #[test]
    fn a_list_that_was_read_before_something_was_heard_is_not_taken() {
        let now = Instant::now();
        let mut members = Members::default();
        let heard = members.heard();
        members.leave(user(0), now);
        let offline = |_| PresenceState::Offline;
        assert!(!members.learn(heard, &[member(0, 0), member(1, 0)], offline));
        assert!(members.learn(members.heard(), &[member(1, 0), member(2, 0)], offline));
        assert!(!members.contains(user(0)));
        // It is read once.
        assert!(members.learn(0, &[], offline));
        assert!(members.contains(user(1)));
    }

    #[test]
    fn who_is_alone_is_told_nothing_until_somebody_joins() {
        let now = Instant::now();
        let mut members = room(1, 1);
        assert_eq!(members.news(ROOM, None), None);
        members.join(user(1), PresenceState::Away, now);
        let (whole, _) = members.news(ROOM, None).unwrap();
        assert_eq!((whole.is_full, whole.present, whole.people.len()), (true, 2, 2));
    }
}
