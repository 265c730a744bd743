//! What one row of a room shows: a message, or one that is on its way.

use super::row::Row;
use super::{Reactive, Shared, TextView};
use crate::client::{Pending, PendingState};
use crate::protocol::{Author, CommandId, Message, MessageId, Run, Timestamp};

/// The element of the line above the first message that is new to the reader.
pub const UNREAD_LINE: &str = "unread-line";
/// The element below the newest message.
pub const END: &str = "end";

/// Which stretch of the room is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomState {
    pub has_earlier: bool,
    pub has_later: bool,
    /// Messages that came after what is shown.
    pub newer: u32,
}

/// What lies over the page, one at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialog {
    #[default]
    None,
    /// All keys and commands.
    Shortcuts,
    /// Rooms, people and commands, found by their names.
    Palette,
}

#[derive(Clone, Debug)]
pub enum Item {
    Message(MessageView),
    /// From here on it is new to the reader.
    Unread,
    Pending(PendingView),
}

/// A message that is in the room. Clones are handles to the same message.
#[derive(Clone, Debug)]
pub struct MessageView {
    pub id: MessageId,
    pub author: Author,
    pub created_at: Timestamp,
    pub run: Shared<Option<Run>>,
    pub text: TextView,
    pub thinking: TextView,
    /// What stands around the text: see [`Row`].
    pub class: Shared<String>,
    pub head: Shared<String>,
    pub foot: Shared<String>,
    /// How many replies come before this one, in words.
    pub waits_for: Shared<String>,
}

/// A message of the user that the server has not stored yet, as far as the client knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingView {
    pub id: CommandId,
    pub text: String,
    pub status: PendingStatus,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingStatus {
    /// Until there is a connection, or until the limit allows it.
    Waiting,
    Sent,
    /// Refused, with the reason.
    Failed(String),
}

impl Item {
    /// Changes when the row has to be drawn anew.
    pub fn key(&self) -> String {
        match self {
            Self::Message(message) => message.id.to_string(),
            Self::Unread => UNREAD_LINE.to_owned(),
            Self::Pending(pending) => {
                let status = match pending.status {
                    PendingStatus::Waiting => "waiting",
                    PendingStatus::Sent => "sent",
                    PendingStatus::Failed(_) => "failed",
                };
                format!("{} {status}", pending.id)
            }
        }
    }

    pub fn message(&self) -> Option<MessageId> {
        match self {
            Self::Message(message) => Some(message.id),
            Self::Unread | Self::Pending(_) => None,
        }
    }

    /// True while the AI is at it.
    pub fn is_running(&self) -> bool {
        match self {
            Self::Message(message) => message.is_running(),
            Self::Unread | Self::Pending(_) => false,
        }
    }
}

impl MessageView {
    pub(super) fn new(message: &Message) -> Self {
        Self {
            id: message.id,
            author: message.author.clone(),
            created_at: message.created_at,
            run: Shared::new(message.run.clone()),
            text: TextView::default(),
            thinking: TextView::default(),
            class: Shared::new(String::new()),
            head: Shared::new(String::new()),
            foot: Shared::new(String::new()),
            waits_for: Shared::new(String::new()),
        }
    }

    pub(super) fn surround(&self, row: Row, waits_for: String) {
        let Row { class, head, foot } = row;
        let parts =
            [(&self.class, class), (&self.head, head), (&self.foot, foot), (&self.waits_for, waits_for)];
        for (shown, part) in parts {
            shown.put(part);
        }
    }

    pub fn is_running(&self) -> bool {
        self.run.with_untracked(|run| run.as_ref().is_some_and(|run| !run.status.has_ended()))
    }

    /// True if something came that the server can draw better.
    pub(super) fn update(&self, message: &Message, revision: u32) -> bool {
        if self.run.with_untracked(|run| *run != message.run) {
            self.run.set(message.run.clone());
        }
        self.update_texts(message, revision)
    }

    /// Costs what is new, not what there is. `revision` is the client's for this message. True if something came that the
    /// server can draw better.
    pub(super) fn update_texts(&self, message: &Message, revision: u32) -> bool {
        let (has_text, has_thinking) = match &message.run {
            None => (true, true),
            Some(run) => (
                run.status.has_ended() && message.text.len() as u64 >= run.text_length,
                run.writing_at.is_some() || run.status.has_ended(),
            ),
        };
        let text = self.text.update(&message.text, revision, has_text);
        let thinking = self.thinking.update(&message.thinking, revision, has_thinking);
        text || thinking
    }
}

impl PendingView {
    pub(super) fn new(pending: &Pending<'_>) -> Self {
        let status = match &pending.state {
            PendingState::Waiting { .. } => PendingStatus::Waiting,
            PendingState::Sent => PendingStatus::Sent,
            PendingState::Failed(failure) => PendingStatus::Failed(failure.message.clone()),
        };
        Self { id: pending.id, text: pending.text.to_owned(), status }
    }
}
