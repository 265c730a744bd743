//! What is done by a command that was written as a message begins: see [`slash`](super::slash).

use leptos::prelude::untrack;

use super::draft::Draft;
use super::slash::{DEFAULT, Slash};
use crate::chat::{Dialog, Reactive};
use crate::protocol::{Command, Limits, Role, RoomId};
use crate::texts::chat as texts;

impl Draft {
    /// What is not understood, or not allowed, stays in the field.
    pub(super) fn obey(self, slash: Slash) {
        let is_default = |text: &str| text.eq_ignore_ascii_case(DEFAULT);
        match slash {
            Slash::Help => {
                self.empty();
                self.chat.dialog.set(Dialog::Shortcuts);
            }
            Slash::Clear => {
                let before = self.chat.room.get_untracked();
                self.empty();
                self.chat.go(None);
                self.like.set(before.or_else(|| self.like.get_untracked()));
                self.say(None, texts::begun_anew());
            }
            Slash::Model(name) | Slash::System(name) if name.is_empty() => {
                let room = self.chat.room.get_untracked();
                self.say(room, texts::command_incomplete());
            }
            // The server has the table of who may do what.
            Slash::Model(_) | Slash::System(_)
                if untrack(|| self.chat.summary()).is_some_and(|room| room.role < Role::Admin) =>
            {
                let room = self.chat.room.get_untracked();
                self.say(room, texts::only_admins_set());
            }
            Slash::Model(name) if name.contains(char::is_whitespace) => {
                let room = self.chat.room.get_untracked();
                self.say(room, texts::model_is_a_word());
            }
            Slash::System(text) if text.len() > Limits::INSTRUCTIONS_BYTES => {
                let room = self.chat.room.get_untracked();
                self.say(room, &texts::instructions_too_long(Limits::INSTRUCTIONS_BYTES as u64));
            }
            Slash::Model(name) if is_default(&name) => {
                self.set(Some(String::new()), None, texts::model_is_default());
            }
            Slash::Model(name) if self.models.lack(&name) => {
                let room = self.chat.room.get_untracked();
                self.say(room, &texts::no_such_model(&name));
            }
            Slash::Model(name) => {
                let words = texts::model_is(&name);
                self.set(Some(name), None, &words);
            }
            Slash::System(text) if is_default(&text) => {
                self.set(None, Some(String::new()), texts::no_instructions());
            }
            Slash::System(text) => {
                self.set(None, Some(text), texts::instructions_are_set());
            }
        }
    }

    /// Sets the room, or a new one if none is open.
    fn set(self, model: Option<String>, instructions: Option<String>, words: &str) {
        let chat = self.chat;
        let room = chat.room.get_untracked();
        let Some(target) = room.or_else(|| chat.new_room_id()) else { return };
        if room.is_none() {
            self.create(target);
        }
        let (topic, kimi, thinking, is_archived) = (None, None, None, None);
        chat.command(Command::ChangeRoom {
            room: target,
            topic,
            kimi,
            model,
            thinking,
            instructions,
            is_archived,
        });
        self.empty();
        chat.go(Some(target));
        self.say(Some(target), words);
    }

    /// Below the field, while this room is open and until something else is written; and for ears.
    fn say(self, room: Option<RoomId>, words: &str) {
        self.said.set((room, words.to_owned()));
    }
}
