//! A room as the page shows it: its messages, its branches and what is on its way into it.
//!
//! A view; what it shows lives in the kept room and in the outbox, and nowhere else.

use super::kept_room::{KeptRoom, Stage};
use super::outbox::{Outbox, Pending};
use crate::protocol::{Member, Message, MessageId, PresenceState, RoomId, Timestamp, UserId};

#[derive(Clone, Copy, Debug)]
pub struct Timeline<'a> {
    pub(super) kept: &'a KeptRoom,
    pub(super) outbox: &'a Outbox,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimelineState {
    /// Nothing to show yet.
    Loading,
    Ready,
    /// Nothing to show; unless the user has to sign in first, it is tried again.
    Failed(SnapshotFailure),
    /// There is no such room for this user, or no more.
    Gone,
}

/// Why a room could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFailure {
    NotFound,
    SignedOut,
    Unreachable,
}

impl<'a> Timeline<'a> {
    pub fn id(&self) -> RoomId {
        self.kept.id
    }

    pub fn state(&self) -> TimelineState {
        match self.kept.stage {
            Stage::Missing { failure: None } => TimelineState::Loading,
            Stage::Missing { failure: Some(failure) } => TimelineState::Failed(failure),
            Stage::Creating | Stage::Created | Stage::Loaded(_) => TimelineState::Ready,
            Stage::Gone => TimelineState::Gone,
        }
    }

    /// True when nothing that the server has told of is missing; otherwise the page may say that it is catching up.
    pub fn is_caught_up(&self) -> bool {
        self.kept.is_caught_up()
    }

    /// All messages held, of all branches, in the order of the log.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &'a Message> + ExactSizeIterator + use<'a> {
        self.kept.messages.iter().map(|entry| &entry.message)
    }

    pub fn message(&self, id: MessageId) -> Option<&'a Message> {
        self.kept.messages.get(id).map(|entry| &entry.message)
    }

    /// Another number whenever a text of the message was replaced instead of grown, and never one that it had before:
    /// while it stays the same, what a page has drawn of the texts is their beginning.
    pub fn revision(&self, id: MessageId) -> u32 {
        self.kept.messages.get(id).map_or(0, |entry| entry.revision)
    }

    /// What the page shows, oldest first, as far as it is held: in a room of one person and Kimi the branch that was
    /// chosen, or the one that ends with the newest message, and in others all messages.
    pub fn path(&self) -> Vec<&'a Message> {
        self.kept.messages.path(self.has_branches())
    }

    /// All messages that follow the same one as this, oldest first; nothing where it is the only one.
    pub fn versions(&self, message: MessageId) -> &'a [MessageId] {
        self.kept.messages.versions(message)
    }

    fn has_branches(&self) -> bool {
        self.kept.has_branches()
    }

    /// What the user said and the log doesn't show yet, in order.
    pub fn pending(&self) -> impl Iterator<Item = Pending<'a>> + use<'a> {
        self.outbox.pending(self.kept.id)
    }

    /// True when there are messages before the first that is held.
    pub fn has_earlier(&self) -> bool {
        self.kept.messages.has_earlier
    }

    /// True when there are messages after the last that is held.
    pub fn has_later(&self) -> bool {
        self.kept.messages.has_later
    }

    /// Messages that came while the window was not at the end of the log, and lie beyond it.
    pub fn newer(&self) -> u32 {
        self.kept.messages.newer()
    }

    /// True while earlier (or later) messages, or others in the place of those held, are on their way.
    pub fn is_loading(&self, earlier: bool) -> bool {
        self.kept.is_loading(earlier)
    }

    /// By name, with how far each has read; nobody in rooms of more than `Limits::LISTED_MEMBERS`.
    pub fn members(&self) -> &'a [Member] {
        self.kept.people.members()
    }

    /// How somebody is, and when they were last connected if that is known.
    pub fn presence(&self, user: UserId) -> (PresenceState, Option<Timestamp>) {
        self.kept.people.presence(user)
    }

    /// Members who are online or away.
    pub fn present(&self) -> u32 {
        self.kept.people.present
    }

    /// Those who type and are named, and how many type in all.
    pub fn typing(&self) -> (Vec<UserId>, u32) {
        self.kept.people.typing()
    }

    /// How many runs a queued reply waits for; `None`: it does not wait.
    pub fn queue_place(&self, message: MessageId) -> Option<u32> {
        self.kept.messages.queue_place(message, self.has_branches())
    }
}
