//! Who is in a room, who of them is there, how far they have read, and who types.
//!
//! Members come from snapshots and the log. Presence and typing are not in it: the latest holds, and typing expires.

use super::Millis;
use crate::protocol::{
    Limits, Member, Membership, Presence, PresenceState, RoomPresence, RoomTyping, Timestamp, UserId,
};

#[derive(Debug, Default)]
pub(super) struct People {
    /// By name; nobody where the room has too many to be listed.
    members: Vec<Member>,
    /// What was told last, also of those whose joining is still on its way.
    told: Vec<Presence>,
    pub(super) present: u32,
    /// Who types and is named, and until when that is true.
    typing: Vec<(UserId, Millis)>,
    /// How many type in all, and until when.
    typing_count: u32,
    typing_until: Millis,
}

impl People {
    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    /// From a snapshot. Where the room is followed, what was told of reading is newer; where it isn't, it will be told.
    pub(super) fn load(&mut self, members: Vec<Member>, is_followed: bool) {
        let held = std::mem::replace(&mut self.members, members);
        self.members.truncate(Limits::LISTED_MEMBERS);
        for member in self.members.iter_mut().filter(|_| is_followed) {
            let before = held.iter().find(|other| other.id == member.id);
            member.read = before.map_or(member.read, |other| other.read);
        }
    }

    pub(super) fn changed(&mut self, Membership { id, name, role }: Membership) {
        let Some(role) = role else {
            self.told.retain(|told| told.user != id);
            self.members.retain(|member| member.id != id);
            self.has_stopped_typing(id);
            return;
        };
        // Of a room that is not listed, one alone would be a lie.
        if self.members.is_empty() {
            return;
        }
        let held = self.members.iter().position(|member| member.id == id);
        let held = held.map(|place| self.members.remove(place));
        if self.members.len() >= Limits::LISTED_MEMBERS {
            return self.members.clear();
        }
        let told = self.told.iter().find(|told| told.user == id).and_then(|told| told.read);
        let (read, seen_at) = held.map_or((told.unwrap_or(0), None), |held| (held.read, held.seen_at));
        let place = self.members.partition_point(|member| is_before(&member.name, &name));
        self.members.insert(place, Member { id, name, role, read, seen_at });
    }

    pub(super) fn presence(&self, user: UserId) -> (PresenceState, Option<Timestamp>) {
        let told = self.told.iter().find(|told| told.user == user);
        let member = self.members.iter().find(|member| member.id == user);
        let seen_at = told.and_then(|told| told.seen_at).or(member.and_then(|member| member.seen_at));
        (told.map_or(PresenceState::Offline, |told| told.state), seen_at)
    }

    /// True when that was not known.
    pub(super) fn are(&mut self, presence: RoomPresence) -> bool {
        let before = if presence.is_full { std::mem::take(&mut self.told) } else { self.told.clone() };
        let is_new = std::mem::replace(&mut self.present, presence.present) != presence.present;
        for mut person in presence.people {
            if let Some(member) = self.members.iter_mut().find(|member| member.id == person.user) {
                member.read = person.read.unwrap_or(member.read);
                member.seen_at = person.seen_at.or(member.seen_at);
            }
            if let Some(told) = self.told.iter_mut().find(|told| told.user == person.user) {
                person.read = person.read.or(told.read);
                *told = person;
            } else if self.told.len() < Limits::LISTED_MEMBERS {
                self.told.push(person);
            }
        }
        is_new || self.told.len() != before.len() || self.told.iter().any(|told| !before.contains(told))
    }

    pub(super) fn typing(&self) -> (Vec<UserId>, u32) {
        (self.typing.iter().map(|(user, _)| *user).collect(), self.typing_count)
    }

    /// True when that was not known: others type, or go on for longer than the network explains.
    pub(super) fn type_now(&mut self, now: Millis, typing: RoomTyping) -> bool {
        const SOON: Millis = 1_000;
        let before = self.typing();
        let known_until = self.typing_until;
        let until = |time: u64| now + time.min(Limits::TYPING_FOR_MS);
        let people = typing.people.iter().take(Limits::TYPING_NAMED);
        self.typing = people.map(|typist| (typist.user, until(typist.for_ms))).collect();
        self.typing_count = if self.typing.is_empty() { typing.count } else { typing.count.max(1) };
        self.typing_until = until(typing.for_ms);
        before != self.typing() || (self.typing_count > 0 && self.typing_until > known_until + SOON)
    }

    /// Whoever has said something or has left. True when they were typing.
    pub(super) fn has_stopped_typing(&mut self, user: UserId) -> bool {
        self.forget_typing(|(other, _)| *other == user)
    }

    /// True when somebody's time is over.
    pub(super) fn expire(&mut self, now: Millis) -> bool {
        if self.typing_count > 0 && self.typing_until <= now {
            return self.nobody_types();
        }
        self.forget_typing(|(_, until)| *until <= now)
    }

    fn forget_typing(&mut self, is_over: impl Fn(&(UserId, Millis)) -> bool) -> bool {
        let before = self.typing.len();
        self.typing.retain(|typist| !is_over(typist));
        let gone = u32::try_from(before - self.typing.len()).unwrap_or(u32::MAX);
        self.typing_count = self.typing_count.saturating_sub(gone);
        gone > 0
    }

    /// True when somebody was.
    pub(super) fn nobody_types(&mut self) -> bool {
        self.typing.clear();
        std::mem::take(&mut self.typing_count) > 0
    }

    pub(super) fn next_timeout(&self) -> Option<Millis> {
        let all = (self.typing_count > 0).then_some(self.typing_until);
        self.typing.iter().map(|(_, until)| *until).chain(all).min()
    }
}

/// The order of names that the server has.
fn is_before(name: &str, other: &str) -> bool {
    let lower = |name: &str| name.to_ascii_lowercase();
    lower(name) < lower(other)
}
