//! Who types in one room. Each hint holds for a while and then is over by itself, here and at everybody who was told.

use std::time::Duration;

use app::protocol::{Limits, RoomId, RoomTyping, Typist, UserId};
use tokio::time::Instant;

use super::lane::{Lane, Release};

/// How long a hint holds.
const HINT: Duration = Duration::from_millis(Limits::TYPING_FOR_MS);
/// Of one person in one room, hints are taken this often, whatever they send.
pub(super) const HINT_EVERY: Duration = Duration::from_secs(1);
/// That somebody still types is told at most this often.
pub(super) const TOLD_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(super) struct Typing {
    /// In the order in which they began; at most one for each member.
    people: Vec<Person>,
    pub(super) lane: Lane,
    /// The version at which somebody was taken out without having said something.
    withdrawn: u64,
}

#[derive(Clone, Copy, Debug)]
struct Person {
    user: UserId,
    until: Instant,
    hinted_at: Instant,
    changed: u64,
}

/// How far a connection was told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    version: u64,
    is_somebody: bool,
}

impl Typing {
    /// Somebody types. That somebody begins is told at once, as long as it is about names and not about a number.
    pub(super) fn hint(&mut self, user: UserId, now: Instant) -> Option<Release> {
        self.people.retain(|person| person.until > now);
        let until = now + HINT;
        let is_new = match self.people.iter_mut().find(|person| person.user == user) {
            Some(person) if now < person.hinted_at + HINT_EVERY => return None,
            Some(person) => {
                let changed = self.lane.change(now);
                *person = Person { until, hinted_at: now, changed, ..*person };
                false
            }
            None => {
                let changed = self.lane.change(now);
                self.people.push(Person { user, until, hinted_at: now, changed });
                true
            }
        };
        Some(if is_new && self.people.len() <= Limits::TYPING_NAMED {
            self.lane.release_now(now)
        } else {
            self.lane.release(now, TOLD_EVERY)
        })
    }

    /// Somebody says something. Everybody concludes from it that they type no more.
    pub(super) fn said(&mut self, user: UserId) {
        self.people.retain(|person| person.user != user);
    }

    /// Somebody is no member any more.
    pub(super) fn withdraw(&mut self, user: UserId, now: Instant) -> Option<Release> {
        let before = self.people.len();
        self.said(user);
        (self.people.len() < before).then(|| {
            self.withdrawn = self.lane.change(now);
            self.lane.release_now(now)
        })
    }

    /// What a connection of `reader` is to be told beyond `told`, if there is something; and in any case, how far it is
    /// told then.
    pub(super) fn news(
        &self,
        room: RoomId,
        reader: UserId,
        is_listed: bool,
        told: Told,
        now: Instant,
    ) -> (Option<RoomTyping>, Told) {
        if self.lane.released() <= told.version {
            return (None, told);
        }
        let others = || self.people.iter().filter(|person| person.user != reader && person.until > now);
        let is_news = others().any(|person| person.changed > told.version)
            || (self.withdrawn > told.version && told.is_somebody);
        let version = self.lane.version();
        if !is_news {
            return (None, Told { version, ..told });
        }
        let left = |until: Instant| u64::try_from((until - now).as_millis()).unwrap_or(u64::MAX);
        let people = others().take(if is_listed { Limits::TYPING_NAMED } else { 0 });
        let typing = RoomTyping {
            room,
            count: u32::try_from(others().count()).unwrap_or(u32::MAX),
            people: people.map(|person| Typist { user: person.user, for_ms: left(person.until) }).collect(),
            for_ms: others().map(|person| left(person.until)).max().unwrap_or(0),
        };
        let told = Told { version, is_somebody: typing.count > 0 };
        (Some(typing), told)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ROOM: RoomId = RoomId(Uuid::nil());
    const READER: UserId = UserId(Uuid::nil());

    fn user(number: u128) -> UserId {
        UserId(Uuid::from_u128(number))
    }

    fn named(typing: &RoomTyping) -> Vec<UserId> {
        typing.people.iter().map(|typist| typist.user).collect()
    }

    #[test]
    fn a_hint_holds_for_six_seconds_and_its_repetition_for_six_more() {
        let begin = Instant::now();
        let at = |milliseconds| begin + Duration::from_millis(milliseconds);
        let mut typing = Typing::default();
        assert_eq!(typing.hint(user(1), at(0)), Some(Release::Now));
        let (news, told) = typing.news(ROOM, READER, true, Told::default(), at(0));
        let news = news.unwrap();
        assert_eq!((news.count, named(&news), news.for_ms), (1, vec![user(1)], 6_000));
        // More often than once a second is not looked at.
        assert_eq!(typing.hint(user(1), at(500)), None);
        assert!(typing.news(ROOM, READER, true, told, at(500)).0.is_none());
        assert_eq!(typing.hint(user(1), at(3_000)), Some(Release::Now));
        let (news, told) = typing.news(ROOM, READER, true, told, at(3_100));
        assert_eq!(news.unwrap().for_ms, 5_900);
        // Over by itself, and nobody has to be told.
        assert!(typing.news(ROOM, READER, true, told, at(9_001)).0.is_none());
        assert!(typing.news(ROOM, READER, true, Told::default(), at(9_001)).0.is_none());
        typing.hint(user(2), at(9_002));
        assert_eq!(typing.people.len(), 1);
    }

    #[test]
    fn fifty_who_type_are_told_once_a_second_after_the_first_five() {
        let begin = Instant::now();
        let mut typing = Typing::default();
        let (mut frames, mut timer, mut told) = (0, None, Told::default());
        for milliseconds in 0..60_000_u64 {
            let now = begin + Duration::from_millis(milliseconds);
            // Each of 50 every 3 s.
            let released = if milliseconds % 60 == 0 {
                typing.hint(user(1 + u128::from(milliseconds / 60 % 50)), now)
            } else if timer.is_some_and(|at| at <= now) {
                timer = None;
                typing.lane.on_time(now, TOLD_EVERY)
            } else {
                None
            };
            if let Some(Release::At(at)) = released {
                assert_eq!(timer.replace(at), None);
            }
            let (news, now_told) = typing.news(ROOM, READER, true, told, now);
            told = now_told;
            if let Some(news) = news {
                frames += 1;
                assert_eq!(news.people.len(), usize::try_from(news.count).unwrap().min(5));
            }
        }
        assert_eq!(typing.people.len(), 50);
        assert!((60..=65).contains(&frames), "{frames} frames in a minute");
    }

    #[test]
    fn nobody_is_told_of_themselves_and_a_speaker_and_a_former_member_are_gone() {
        let now = Instant::now();
        let mut typing = Typing::default();
        typing.hint(user(1), now);
        assert!(typing.news(ROOM, user(1), true, Told::default(), now).0.is_none());
        typing.hint(user(2), now);
        let (news, first) = typing.news(ROOM, user(1), true, Told::default(), now);
        assert_eq!(named(&news.unwrap()), [user(2)]);
        // What concerns themselves alone is no news.
        typing.hint(user(1), now + HINT_EVERY);
        assert!(typing.news(ROOM, user(1), true, first, now + HINT_EVERY).0.is_none());
        typing.said(user(1));
        let (news, second) = typing.news(ROOM, READER, true, Told::default(), now);
        assert_eq!(named(&news.unwrap()), [user(2)]);
        assert_eq!(typing.withdraw(user(2), now), Some(Release::Now));
        let (news, third) = typing.news(ROOM, READER, true, second, now);
        assert_eq!(news.map(|news| (news.count, news.for_ms)), Some((0, 0)));
        assert_eq!(typing.withdraw(user(2), now), None);
        assert!(typing.news(ROOM, READER, true, third, now).0.is_none());
    }

    #[test]
    fn in_a_large_room_there_is_only_a_number() {
        let now = Instant::now();
        let mut typing = Typing::default();
        typing.hint(user(1), now);
        let (news, _) = typing.news(ROOM, READER, false, Told::default(), now);
        let news = news.unwrap();
        assert_eq!((news.count, news.people.len(), news.for_ms), (1, 0, 6_000));
    }
}
