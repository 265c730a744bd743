//! What the toolbar shows: what may be done with a message, a question about it, or that it is done.

use leptos::prelude::*;

use super::{Actions, Asking};
use crate::chat::{Html, Reactive, history_address};
use crate::components::facts::facts;
use crate::protocol::{Author, Message, MessageId, Role, RoomKind, RoomSummary};
use crate::texts::chat as texts;

const EMOJIS: [&str; 6] = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

impl Actions {
    /// What the reader may do with a message.
    pub(super) fn offered(self, message: &Message) -> Vec<&'static str> {
        let chat = self.chat;
        // Of a room that is just being made, nothing is known yet.
        let Some(room) = untrack(|| chat.summary()) else { return Vec::new() };
        let may_steer = message.run.is_some() && chat.may_steer(message.id);
        offered(&room, message, chat.is_own(message), may_steer)
    }

    pub(super) fn tools(self, message: MessageId, asking: Asking) -> String {
        let Some(message) = self.chat.message(message) else { return String::new() };
        let mut html = Html::default();
        match asking {
            Asking::WhichEmoji => EMOJIS.iter().for_each(|emoji| _ = html.button("react", emoji, emoji)),
            Asking::WhetherToDelete => {
                let is_alone = self.chat.kind() == RoomKind::Solo;
                let question = if is_alone { texts::delete_it() } else { texts::delete_for_all() };
                html.tag("<span>").text(question).tag("</span>");
                // What was pressed last is where a finger may press once more.
                html.button("really-delete", "", texts::delete()).button("keep", "", texts::keep());
            }
            Asking::Done(what) => _ = html.tag("<span>").text(what).tag("</span>"),
            Asking::WhatToDo => {
                html.tag("<time>").text(&self.chat.time(message.created_at)).tag("</time>");
                if let Some(run) = &message.run {
                    facts(run, &mut html);
                }
                for action in self.offered(&message) {
                    html.button(action, "", words(action, &message));
                }
                if message.marks.edited_at.is_some() {
                    let room = self.chat.room.get_untracked();
                    let address = room.map(|room| history_address(room, &message)).unwrap_or_default();
                    html.tag("<a href=\"").text(&address).tag("\">").text(texts::history());
                    html.tag("</a>");
                }
            }
        }
        html.take()
    }
}

/// The server has the table of who may do what; this is what of it has a button.
fn offered(room: &RoomSummary, message: &Message, is_own: bool, may_steer: bool) -> Vec<&'static str> {
    let is_member = room.role >= Role::Member;
    // In a direct room both are admins, of nobody.
    let is_admin = room.role >= Role::Admin && room.kind != RoomKind::Direct;
    let is_said = matches!(message.author, Author::Member { .. });
    let is_running = message.run.as_ref().is_some_and(|run| !run.status.has_ended());
    let may_change = !room.is_archived && message.marks.deleted_at.is_none();
    let has_text = !message.text.is_empty();
    // Alone with Kimi nobody sees a reaction, and nothing is ever unread.
    let is_company = room.kind != RoomKind::Solo;
    let actions = [
        ("reply", may_change),
        ("emoji", may_change && is_company),
        ("edit", may_change && is_said && (is_own || is_admin)),
        ("again", may_change && !is_said && !is_running && may_steer),
        ("quote", may_change && has_text),
        ("copy", has_text),
        ("pin", may_change && is_member),
        ("link", true),
        ("unread", is_company),
        ("stop", may_change && is_running && may_steer),
        ("delete", may_change && !is_running && (is_own || is_admin || (!is_said && may_steer))),
    ];
    actions.into_iter().filter(|(_, is_offered)| *is_offered).map(|(action, _)| action).collect()
}

fn words(action: &str, message: &Message) -> &'static str {
    match action {
        "reply" => texts::reply(),
        "emoji" => texts::react(),
        "edit" => texts::edit(),
        "again" => texts::regenerate(),
        "quote" => texts::quote(),
        "copy" => texts::copy(),
        "pin" if message.marks.pinned_at.is_some() => texts::unpin(),
        "pin" => texts::pin(),
        "link" => texts::copy_link(),
        "unread" => texts::mark_unread(),
        "stop" => texts::stop_reply(),
        _ => texts::delete(),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::protocol::{RoomId, Run, RunStatus, UserId};

    #[test]
    fn only_what_may_be_done_is_offered() {
        let room = |kind, role| RoomSummary::new(RoomId(Uuid::nil()), kind, "", role, 0);
        let id = MessageId(Uuid::nil());
        let said = Message::new(id, Author::Member { id: UserId(Uuid::nil()), name: String::new() }, 0, "x");
        let mut reply = Message::new(id, Author::Assistant { name: String::new() }, 0, "");
        reply.run = Some(Run::queued(String::new()));
        let others = ["reply", "emoji", "quote", "copy", "link", "unread"];
        assert_eq!(offered(&room(RoomKind::Group, Role::Guest), &said, false, false), others);
        let own = ["reply", "emoji", "edit", "quote", "copy", "pin", "link", "unread", "delete"];
        assert_eq!(offered(&room(RoomKind::Group, Role::Member), &said, true, false), own);
        assert_eq!(offered(&room(RoomKind::Group, Role::Admin), &said, false, false), own);
        let direct = offered(&room(RoomKind::Direct, Role::Admin), &said, false, false);
        assert!(!direct.contains(&"edit") && !direct.contains(&"delete"), "{direct:?}");
        let running = offered(&room(RoomKind::Group, Role::Admin), &reply, false, true);
        assert!(running.contains(&"stop") && !running.contains(&"edit") && !running.contains(&"delete"));
        assert!(!running.contains(&"again"));
        if let Some(run) = &mut reply.run {
            run.status = RunStatus::Done;
        }
        assert!(offered(&room(RoomKind::Solo, Role::Owner), &reply, false, true).contains(&"again"));
        assert!(!offered(&room(RoomKind::Group, Role::Guest), &reply, false, false).contains(&"again"));
        let archived = RoomSummary { is_archived: true, ..room(RoomKind::Group, Role::Owner) };
        assert_eq!(offered(&archived, &said, true, false), ["copy", "link", "unread"]);
    }
}
