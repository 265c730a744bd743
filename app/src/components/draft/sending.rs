//! What becomes of a text that is sent: a message, another version of one, or the work of a command.

use leptos::prelude::*;

use super::{Draft, Writing, field};
use crate::chat::{Item, Reactive};
use crate::components::slash;
use crate::protocol::{Command, RoomId, RoomKind};
use crate::texts::chat as texts;

impl Draft {
    /// Stops the replies of the conversation, the last first, so that none begins meanwhile; and sends it. Should they
    /// have ended by then, it is sent all the same.
    pub fn send_instead(self) {
        let is_sent = untrack(|| self.waits() && self.problem().is_none()) && self.chat.can_accept();
        if let Some(room) = self.chat.room.get_untracked().filter(|_| is_sent) {
            let items = self.chat.items.with_untracked(Clone::clone);
            for message in items.iter().rev().filter(|item| item.is_running()).filter_map(Item::message) {
                self.chat.command(Command::StopRun { room, message });
            }
        }
        self.send();
    }

    /// Sends it, in a new room if none is open.
    pub fn send(self) {
        let chat = self.chat;
        let Some(field) = field() else { return };
        let text = field.value();
        if text.trim().is_empty() || untrack(|| self.problem()).is_some() {
            return;
        }
        if !chat.can_accept() {
            return self.said.set((chat.room.get_untracked(), texts::too_much_waits().to_owned()));
        }
        let writing = self.writing.get_untracked();
        let is_edit = matches!(writing, Writing::Edit(_));
        if !is_edit && let Some(slash) = slash::command(&text) {
            return self.obey(slash);
        }
        let text = if is_edit { text } else { slash::message(&text).to_owned() };
        let room = chat.room.get_untracked();
        let Some(target) = room.or_else(|| chat.new_room_id()) else { return };
        if let Writing::Edit(message) = writing {
            let beside = Some(message);
            chat.command(match untrack(|| chat.kind()) {
                RoomKind::Solo => {
                    Command::SendMessage { room: target, text, parent: None, reply_to: None, beside }
                }
                _ => Command::EditMessage { room: target, message, text },
            });
            return self.writing.set(Writing::Message);
        }
        if room.is_none() {
            self.create(target);
        }
        let reply_to = if let Writing::Reply(message) = writing { Some(message) } else { None };
        chat.command(Command::SendMessage { room: target, text, parent: None, reply_to, beside: None });
        self.empty();
        chat.go(Some(target));
    }

    pub(in crate::components) fn create(self, room: RoomId) {
        let (title, kind, with) = (String::new(), RoomKind::Solo, Vec::new());
        let like = self.like.get_untracked();
        self.chat.command(Command::CreateRoom { room, title, kind, with, like });
    }

    /// What was written is done with.
    pub(in crate::components) fn empty(self) {
        self.writing.set(Writing::Message);
        self.replace("");
    }
}
