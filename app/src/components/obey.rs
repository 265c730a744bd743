//! What is done by a command that was written as a message begins: see [`slash`](super::slash).

use leptos::prelude::untrack;

use super::draft::Draft;
use super::slash::{DEFAULT, Slash};
use crate::chat::{Dialog, Reactive, counted};
use crate::protocol::{Command, Limits, Role, RoomId};

impl Draft {
    /// What is not understood, or not allowed, stays in the field.
    pub(super) fn obey(self, slash: Slash) {
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
                self.say(
                    None,
                    "This begins a new conversation, set as the one before. That is in the list: nothing is deleted.",
                );
            }
            Slash::Model(name) | Slash::System(name) if name.is_empty() => {
                let room = self.chat.room.get_untracked();
                self.say(
                    room,
                    "Something is missing: write it behind the command, or “default” for none of your own.",
                );
            }
            Slash::Model(name) if name.contains(char::is_whitespace) => {
                let room = self.chat.room.get_untracked();
                self.say(room, "The name of a model is one word.");
            }
            Slash::System(text) if text.len() > Limits::INSTRUCTIONS_BYTES => {
                let room = self.chat.room.get_untracked();
                let words = counted(Limits::INSTRUCTIONS_BYTES as u64, "byte", "bytes");
                self.say(room, &["Instructions have at most ", &words, ". Shorten them."].concat());
            }
            Slash::Model(name) => {
                let is_default = name.eq_ignore_ascii_case(DEFAULT);
                let words = if is_default {
                    "From the next reply on, the server's own model answers in this room.".to_owned()
                } else {
                    ["From the next reply on, ", &name, " answers in this room."].concat()
                };
                let name = if is_default { String::new() } else { name };
                self.set(Some(name), None, &words);
            }
            Slash::System(text) if text.eq_ignore_ascii_case(DEFAULT) => {
                self.set(None, Some(String::new()), "This room has no instructions any more.");
            }
            Slash::System(text) => {
                self.set(
                    None,
                    Some(text),
                    "From the next reply on, Kimi follows these instructions in this room.",
                );
            }
        }
    }

    /// Sets the room, or a new one if none is open.
    fn set(self, model: Option<String>, instructions: Option<String>, words: &str) {
        let chat = self.chat;
        let room = chat.room.get_untracked();
        // The server has the table of who may do what.
        if untrack(|| chat.summary()).is_some_and(|room| room.role < Role::Admin) {
            return self.say(room, "Only admins of this room can set that. Ask one of them.");
        }
        let Some(target) = room.or_else(|| chat.new_room_id()) else { return };
        if room.is_none() {
            self.create(target);
        }
        let (topic, kimi, is_archived) = (None, None, None);
        chat.command(Command::ChangeRoom { room: target, topic, kimi, model, instructions, is_archived });
        self.empty();
        chat.go(Some(target));
        self.say(Some(target), words);
    }

    /// Below the field, while this room is open and until something else is written; and for ears.
    fn say(self, room: Option<RoomId>, words: &str) {
        self.said.set((room, words.to_owned()));
    }
}
