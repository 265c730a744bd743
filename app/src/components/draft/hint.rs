//! What is said under the field and read out: why a text can't be sent, what it will not do, and what was done.

use super::Draft;
use crate::chat::{Item, Reactive};
use crate::client::{Connection, StopReason};
use crate::components::length;
use crate::protocol::{KimiMode, RoomKind, RoomSummary};
use crate::texts::chat as texts;

impl Draft {
    /// Why it can't be sent, besides being empty.
    pub fn problem(self) -> Option<String> {
        if let Some(excess) = length::excess(self.length.get(), self.limit()) {
            return Some(excess);
        }
        if self.is_archived() {
            return Some(texts::archived_room().to_owned());
        }
        match self.chat.connection.get() {
            Connection::Stopped(StopReason::SignedOut) => Some(texts::sign_in_to_write().to_owned()),
            Connection::Stopped(StopReason::OldVersion) => Some(texts::load_to_write().to_owned()),
            _ => None,
        }
    }

    pub fn is_archived(self) -> bool {
        self.chat.summary().is_some_and(|room| room.is_archived)
    }

    pub(super) fn limit(self) -> u64 {
        self.chat.message_bytes() as u64
    }

    /// What is read out while one writes.
    pub fn spoken(self) -> String {
        let done = self.done();
        if done.is_empty() { length::spoken(self.length.get(), self.limit()).to_owned() } else { done }
    }

    /// What a command has done here.
    pub(super) fn done(self) -> String {
        let (room, words) = self.said.get();
        if room == self.chat.room.get() { words } else { String::new() }
    }

    /// What is said under the field.
    pub fn hint(self) -> String {
        let scarce = || length::left(self.length.get(), self.limit());
        if let Some(problem) = self.problem().or_else(scarce) {
            return problem;
        }
        let done = self.done();
        if !done.is_empty() {
            return done;
        }
        let advice = self.advice.get();
        if !advice.is_empty() {
            return advice;
        }
        if self.waits() {
            return texts::comes_next().to_owned();
        }
        let is_asked = |room: &RoomSummary| room.kind != RoomKind::Solo && room.kimi == KimiMode::Mentioned;
        let hint = match self.chat.summary() {
            Some(room) if is_asked(&room) => texts::kimi_mentioned(),
            _ if self.chat.is_practice_model.get() => texts::practice_model(),
            _ => texts::can_err(),
        };
        hint.to_owned()
    }

    /// What is written in a conversation will wait for a reply there.
    pub fn waits(self) -> bool {
        let is_running = || self.chat.items.with(|items| items.iter().any(Item::is_running));
        !self.is_blank.get() && self.chat.kind() == RoomKind::Solo && is_running()
    }
}
