//! What is being written: a message, a reply to one, or another text for one that is there, which in a conversation is
//! another version of it.

mod hint;
mod sending;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlTextAreaElement;

use super::completion::{Completion, Offered, byte_of};
use super::models::Models;
use super::{effect, focus_soon, found, slash};
use crate::chat::{Chat, DraftOf, Item, Reactive, Value};
use crate::client::Input;
use crate::mentions::mentions;
use crate::protocol::{KimiMode, MessageId, RoomId, RoomKind};
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
    /// To be quoted after what is there.
    pub quote: Value<String>,
    pub writing: Value<Writing>,
}

/// What is being written. The text itself is the field's own: the reader may have begun before the page came alive.
#[derive(Clone, Copy)]
pub struct Draft {
    pub(super) chat: Chat,
    /// For which room the field is; it is there from the beginning, and entered once the page is alive.
    room: Value<Option<RoomId>>,
    is_entered: Value<bool>,
    length: Value<u64>,
    pub is_blank: Value<bool>,
    pub writing: Value<Writing>,
    /// The field holds another text for this message; what was being written is kept.
    editing: Value<Option<MessageId>>,
    pub completion: Value<Completion>,
    /// Which of the names is chosen.
    pub chosen: Value<u64>,
    /// What the text will not do, although it looks so.
    advice: Value<String>,
    pub(super) models: Models,
    /// The room that a new one begins like: until that is made, or another is opened.
    pub(super) like: Value<Option<RoomId>>,
    /// What a command has done, and in which room.
    pub(super) said: Value<(Option<RoomId>, String)>,
    /// The text whose preview takes the field's place; empty: none does.
    pub previewed: Value<String>,
}

/// A text with another quoted behind it, ready to go on.
fn quoted(before: &str, text: &str) -> String {
    let mut quoted = before.trim_end().to_owned();
    if !quoted.is_empty() {
        quoted.push_str("\n\n");
    }
    for line in text.trim().lines() {
        quoted.push_str("> ");
        quoted.push_str(line);
        quoted.truncate(quoted.trim_end().len());
        quoted.push('\n');
    }
    quoted.push('\n');
    quoted
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
            editing: Value::new(None),
            completion: Value::new(Completion::default()),
            chosen: Value::new(0),
            advice: Value::new(String::new()),
            models: Models::new(),
            like: Value::new(None),
            said: Value::new((None, String::new())),
            previewed: Value::new(String::new()),
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
        effect(move || {
            let text = offers.quote.get();
            if !text.is_empty() {
                untrack(|| draft.quote(&text));
            }
        });
        draft
    }

    /// Looks at the field anew.
    fn look(self) {
        if let Some(field) = field() {
            let text = field.value();
            self.length.set(text.len() as u64);
            self.is_blank.set(text.trim().is_empty());
            if !self.previewed.with_untracked(String::is_empty) {
                self.previewed.set(String::new());
                focus_soon(".composer textarea");
            }
            if !text.is_empty() {
                self.said.put((None, String::new()));
            }
        }
    }

    /// The reader has changed the field.
    pub fn changed(self) {
        self.look();
        let Some(field) = field() else { return };
        let (room, text) = (self.room.get_untracked(), field.value());
        if let Some(message) = self.editing.get_untracked() {
            let is_changed = self.chat.message(message).is_some_and(|message| message.text != text);
            self.chat.keep_draft(DraftOf::Edit(message), if is_changed { &text } else { "" });
        } else {
            self.chat.keep_draft(DraftOf::Message(room), &text);
            if let Some(room) = room.filter(|_| !self.is_blank.get_untracked()) {
                self.chat.input(Input::Typed { room });
            }
        }
        let summary = untrack(|| self.chat.summary()).filter(|room| room.kind != RoomKind::Solo);
        let cursor = byte_of(&text, field.selection_start().ok().flatten().unwrap_or(0));
        let (mut completion, mut advice) = (Completion::default(), String::new());
        if self.editing.get_untracked().is_none() {
            if slash::is_for_model(&text) {
                self.models.ask(self.chat, Box::new(move || self.changed()));
            }
            completion = self.models.names.with_untracked(|models| slash::complete(&text, cursor, models));
        }
        let is_command = !completion.names.is_empty() || slash::command(&text).is_some();
        if let Some(summary) = summary.filter(|_| !is_command) {
            let members = self.chat.members();
            let others = members.iter().filter(|member| Some(member.id) != self.chat.user());
            let mut names: Vec<String> = others.map(|member| member.name.clone()).collect();
            names.push("Kimi".to_owned());
            completion = Completion::find(&text, cursor, &names);
            let found = mentions(&text, members.iter().map(|member| (member.id, member.name.as_str())));
            advice = match (found.unknown.first(), found.kimi, summary.kimi) {
                (Some(name), ..) if completion.names.is_empty() && !members.is_empty() => {
                    texts::nobody_called(name)
                }
                (_, true, KimiMode::Silent) => texts::kimi_silent().to_owned(),
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
        // After a command, its models may be offered.
        if self.completion.with_untracked(|completion| completion.offered != Offered::Models) {
            self.completion.set(Completion::default());
        }
        true
    }

    /// Begins to reply or to edit, or goes back to what was being written.
    fn begin(self, writing: Writing) {
        let Some(field) = field() else { return };
        if let Writing::Edit(message) = writing {
            self.editing.set(Some(message));
            // As far as somebody was with it before they went elsewhere.
            let mut text = self.chat.draft(DraftOf::Edit(message));
            if text.is_empty() {
                text = self.chat.message(message).map(|message| message.text).unwrap_or_default();
            }
            self.replace(&text);
        } else if let Some(message) = self.editing.get_untracked() {
            self.editing.set(None);
            self.chat.keep_draft(DraftOf::Edit(message), "");
            self.replace(&self.chat.draft(DraftOf::Message(self.room.get_untracked())));
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
            "ArrowUp" if self.is_empty() => return self.edit_last(),
            _ => return false,
        }
        true
    }

    fn is_empty(self) -> bool {
        self.length.get_untracked() == 0 && self.writing.get_untracked() == Writing::Message
    }

    /// What the reader said last, if they may still change it.
    fn edit_last(self) -> bool {
        let chat = self.chat;
        let last = chat.items.with_untracked(|items| {
            let shown = items.iter().rev().filter_map(Item::message);
            shown.filter_map(|id| chat.message(id)).find(|message| chat.is_own(message))
        });
        let last = last.filter(|last| last.marks.deleted_at.is_none());
        if let Some(last) = &last {
            self.writing.set(Writing::Edit(last.id));
        }
        last.is_some()
    }

    /// What the text will look like is shown, in its place.
    pub fn is_previewed(self) -> bool {
        !self.previewed.with(String::is_empty)
    }

    /// Shows what the text will look like, or goes back to writing it.
    pub fn preview(self) {
        let Some(field) = field() else { return };
        if self.previewed.with_untracked(String::is_empty) {
            self.previewed.set(slash::message(&field.value()).to_owned());
        } else {
            self.look();
        }
    }

    /// Shows what was written for a room.
    fn enter(self, room: Option<RoomId>) {
        let Some(field) = field() else { return };
        let is_first = !self.is_entered.get_untracked();
        if !is_first && self.room.get_untracked() == room {
            return;
        }
        self.is_entered.set(true);
        self.editing.set(None);
        if self.said.with_untracked(|(said, _)| *said != room) {
            self.said.set((None, String::new()));
        }
        self.writing.set(Writing::Message);
        self.room.set(room);
        if room.is_some() {
            self.like.set(None);
        }
        self.look();
        if is_first && !self.is_blank.get_untracked() {
            // Begun before the page came alive.
            return self.changed();
        }
        field.set_value(&self.chat.draft(DraftOf::Message(room)));
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

    /// Puts a quotation after what was written.
    fn quote(self, text: &str) {
        let Some(field) = field() else { return };
        let quoted = quoted(&field.value(), text);
        self.replace(&quoted);
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_quotation_stands_after_what_was_written_line_by_line() {
        assert_eq!(quoted("", "Rain"), "> Rain\n\n");
        assert_eq!(quoted("So: \n", " one\n\n  two\r\n"), "So:\n\n> one\n>\n>   two\n\n");
    }
}
