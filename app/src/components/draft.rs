//! What is being written: a message, a reply to one, or another text for one that is there.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlTextAreaElement;

use super::completion::Completion;
use super::{effect, found};
use crate::chat::{Chat, Reactive, Value};
use crate::client::{Connection, Input, StopReason};
use crate::mentions::mentions;
use crate::protocol::{Command, KimiMode, MessageId, RoomId, RoomKind};
use crate::texts::chat as texts;

/// What the text in the field will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writing {
    Message,
    Reply(MessageId),
    Edit(MessageId),
}

/// Texts that other parts of the page put into the composer.
#[derive(Clone, Copy)]
pub struct Offers {
    /// Takes the place of what is there.
    pub suggestion: Value<String>,
    /// A message that was cancelled: back where it came from, unless something else was begun there.
    pub taken_back: Value<String>,
    pub writing: Value<Writing>,
}

/// What is being written. The text itself is the field's own: the reader may have begun before the page came alive.
#[derive(Clone, Copy)]
pub struct Draft {
    chat: Chat,
    /// For which room the field is; it is there from the beginning, and entered once the page is alive.
    room: Value<Option<RoomId>>,
    is_entered: Value<bool>,
    length: Value<u64>,
    pub is_blank: Value<bool>,
    pub writing: Value<Writing>,
    /// The field holds the text of a message that is there already; what was being written is kept.
    is_editing: Value<bool>,
    pub completion: Value<Completion>,
    /// Which of the names is chosen.
    pub chosen: Value<u64>,
    /// What the text will not do, although it looks so.
    advice: Value<String>,
}

fn field() -> Option<HtmlTextAreaElement> {
    found(".composer textarea").map(JsCast::unchecked_into)
}

impl Draft {
    /// Follows the room that is open, and what other parts of the page put into the field.
    pub fn new(chat: Chat, offers: Offers) -> Self {
        let draft = Draft {
            chat,
            room: Value::new(chat.room.get_untracked()),
            is_entered: Value::new(false),
            length: Value::new(0),
            is_blank: Value::new(true),
            writing: offers.writing,
            is_editing: Value::new(false),
            completion: Value::new(Completion::default()),
            chosen: Value::new(0),
            advice: Value::new(String::new()),
        };
        effect(move || {
            let room = chat.room.get();
            untrack(|| draft.enter(room));
        });
        effect(move || {
            let writing = draft.writing.get();
            untrack(|| draft.begin(writing));
        });
        for (offer, is_polite) in [(offers.suggestion, false), (offers.taken_back, true)] {
            effect(move || {
                let text = offer.get();
                let is_welcome = !is_polite || draft.is_blank.get_untracked();
                if is_welcome && !text.is_empty() {
                    untrack(|| draft.replace(&text));
                }
            });
        }
        draft
    }

    /// Looks at the field anew.
    fn look(self) {
        if let Some(field) = field() {
            let text = field.value();
            self.length.set(text.len() as u64);
            self.is_blank.set(text.trim().is_empty());
        }
    }

    /// The reader has changed the field.
    pub fn changed(self) {
        self.look();
        let Some(field) = field() else { return };
        let (room, text) = (self.room.get_untracked(), field.value());
        if !self.is_editing.get_untracked() {
            self.chat.keep_draft(room, &text);
            if let Some(room) = room.filter(|_| !self.is_blank.get_untracked()) {
                self.chat.input(Input::Typed { room });
            }
        }
        let summary = untrack(|| self.chat.summary()).filter(|room| room.kind != RoomKind::Solo);
        let (mut completion, mut advice) = (Completion::default(), String::new());
        if let Some(summary) = summary {
            let members = self.chat.members();
            let others = members.iter().filter(|member| Some(member.id) != self.chat.user());
            let mut names: Vec<String> = others.map(|member| member.name.clone()).collect();
            names.push("Kimi".to_owned());
            let cursor = field.selection_start().ok().flatten().unwrap_or(0);
            completion = Completion::find(&text, cursor, &names);
            let found = mentions(&text, members.iter().map(|member| (member.id, member.name.as_str())));
            advice = match (found.unknown.first(), found.kimi, summary.kimi) {
                (Some(name), ..) if completion.names.is_empty() && !members.is_empty() => {
                    texts::nobody_called(name)
                }
                (_, true, KimiMode::Silent) => texts::kimi_silent().to_owned(),
                (_, false, KimiMode::Mentioned) if !self.is_blank.get_untracked() => {
                    texts::kimi_mentioned().to_owned()
                }
                _ => String::new(),
            };
        }
        self.chosen.set(0);
        self.completion.set(completion);
        self.advice.set(advice);
    }

    /// Puts the chosen name into the text. False when none is offered.
    pub fn complete(self, index: u64) -> bool {
        let Some(field) = field() else { return false };
        let completed =
            self.completion.with_untracked(|completion| completion.complete(&field.value(), index));
        let Some((text, cursor)) = completed else { return false };
        self.replace(&text);
        _ = field.set_selection_range(cursor, cursor);
        self.completion.set(Completion::default());
        true
    }

    /// Begins to reply or to edit, or goes back to what was being written.
    fn begin(self, writing: Writing) {
        let Some(field) = field() else { return };
        if let Writing::Edit(message) = writing {
            self.is_editing.set(true);
            let text = self.chat.message(message).map(|message| message.text).unwrap_or_default();
            self.replace(&text);
        } else if self.is_editing.get_untracked() {
            self.is_editing.set(false);
            self.replace(&self.chat.draft(self.room.get_untracked()));
        }
        if writing != Writing::Message {
            _ = field.focus();
        }
    }

    /// One of the keys that mean something here. True when that is all it means.
    pub fn key(self, key: &str) -> bool {
        let offered = self.completion.with_untracked(|completion| completion.names.len() as u64);
        let chosen = self.chosen.get_untracked();
        match key {
            "ArrowDown" if offered > 0 => self.chosen.set((chosen + 1) % offered),
            "ArrowUp" if offered > 0 => self.chosen.set((chosen + offered - 1) % offered),
            "Enter" | "Tab" if offered > 0 => return self.complete(chosen),
            "Escape" if offered > 0 => self.completion.set(Completion::default()),
            "Escape" if self.writing.get_untracked() != Writing::Message => {
                self.writing.set(Writing::Message);
            }
            "Enter" => self.send(),
            _ => return false,
        }
        true
    }

    /// Shows what was written for a room.
    fn enter(self, room: Option<RoomId>) {
        let Some(field) = field() else { return };
        let is_first = !self.is_entered.get_untracked();
        if !is_first && self.room.get_untracked() == room {
            return;
        }
        self.is_entered.set(true);
        self.is_editing.set(false);
        self.writing.set(Writing::Message);
        self.room.set(room);
        self.look();
        if is_first && !self.is_blank.get_untracked() {
            // Begun before the page came alive.
            return self.changed();
        }
        field.set_value(&self.chat.draft(room));
        self.look();
        self.completion.set(Completion::default());
        self.advice.set(String::new());
    }

    fn replace(self, text: &str) {
        if let Some(field) = field() {
            field.set_value(text);
            _ = field.focus();
            self.changed();
        }
    }

    /// Why it can't be sent, besides being empty.
    pub fn problem(self) -> Option<String> {
        let (length, limit) = (self.length.get(), self.chat.message_bytes() as u64);
        if length > limit {
            let over = length.saturating_sub(limit);
            return Some(texts::too_long(over));
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

    /// What is said under the field.
    pub fn hint(self) -> String {
        if let Some(problem) = self.problem() {
            return problem;
        }
        let advice = self.advice.get();
        if !advice.is_empty() {
            return advice;
        }
        if self.chat.is_practice_model.get() {
            return texts::practice_model().to_owned();
        }
        texts::can_err().to_owned()
    }

    /// Sends it, in a new room if none is open.
    pub fn send(self) {
        let chat = self.chat;
        let Some(field) = field() else { return };
        let text = field.value();
        if text.trim().is_empty() || untrack(|| self.problem()).is_some() || !chat.can_accept() {
            return;
        }
        let room = chat.room.get_untracked();
        let Some(target) = room.or_else(|| chat.new_room_id()) else { return };
        let writing = self.writing.get_untracked();
        if let Writing::Edit(message) = writing {
            chat.command(Command::EditMessage { room: target, message, text });
            return self.writing.set(Writing::Message);
        }
        if room.is_none() {
            chat.command(Command::create_solo(target, ""));
        }
        let reply_to = if let Writing::Reply(message) = writing { Some(message) } else { None };
        chat.command(Command::SendMessage { room: target, text, parent: None, reply_to });
        self.writing.set(Writing::Message);
        self.replace("");
        chat.go(Some(target));
    }
}
