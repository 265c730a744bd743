//! Where one writes. Enter sends, Shift+Enter breaks the line; without JavaScript it is a plain form.

use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;

use super::icons::{self, Icon};
use super::{effect, flag, text};
use crate::chat::{Chat, Item};
use crate::client::{Connection, StopReason};
use crate::protocol::{Command, MessageId, RoomId};

/// Texts that other parts of the page put into the composer.
#[derive(Clone, Copy)]
pub struct Offers {
    /// Takes the place of what is there.
    pub suggestion: RwSignal<String>,
    /// A message that was cancelled: back where it came from, unless something else was begun there.
    pub taken_back: RwSignal<String>,
}

/// What is being written. The text itself is the field's own: the reader may have begun before the page came alive.
#[derive(Clone, Copy)]
struct Draft {
    chat: Chat,
    field: NodeRef<html::Textarea>,
    /// For which room the field is; it is there from the beginning, and entered once the page is alive.
    room: RwSignal<Option<RoomId>>,
    is_entered: RwSignal<bool>,
    length: RwSignal<u64>,
    is_blank: RwSignal<bool>,
}

impl Draft {
    /// Looks at the field anew.
    fn look(self) {
        if let Some(field) = self.field.get_untracked() {
            let text = field.value();
            self.length.set(text.len() as u64);
            self.is_blank.set(text.trim().is_empty());
        }
    }

    /// The reader has changed the field.
    fn changed(self) {
        self.look();
        if let Some(field) = self.field.get_untracked() {
            self.chat.keep_draft(self.room.get_untracked(), &field.value());
        }
    }

    /// Shows what was written for a room.
    fn enter(self, room: Option<RoomId>) {
        let Some(field) = self.field.get_untracked() else { return };
        let is_first = !self.is_entered.get_untracked();
        if !is_first && self.room.get_untracked() == room {
            return;
        }
        self.is_entered.set(true);
        self.room.set(room);
        self.look();
        if is_first && !self.is_blank.get_untracked() {
            // Begun before the page came alive.
            return self.changed();
        }
        field.set_value(&self.chat.draft(room));
        self.look();
    }

    fn replace(self, text: &str) {
        if let Some(field) = self.field.get_untracked() {
            field.set_value(text);
            _ = field.focus();
            self.changed();
        }
    }

    /// Why it can't be sent, besides being empty.
    fn problem(self) -> Option<String> {
        let (length, limit) = (self.length.get(), self.chat.message_bytes() as u64);
        if length > limit {
            let over = length.saturating_sub(limit);
            return Some(format!("Too long by {over} bytes. Shorten it or send it in parts."));
        }
        match self.chat.connection.get() {
            Connection::Stopped(StopReason::SignedOut) => Some("Sign in to write.".to_owned()),
            Connection::Stopped(StopReason::OldVersion) => Some("Load the page again to write.".to_owned()),
            _ => None,
        }
    }

    /// Sends it, in a new room if none is open.
    fn send(self) {
        let chat = self.chat;
        let Some(field) = self.field.get_untracked() else { return };
        let text = field.value();
        if text.trim().is_empty() || untrack(|| self.problem()).is_some() || !chat.can_accept() {
            return;
        }
        let room = chat.room.get_untracked();
        let Some(target) = room.or_else(|| chat.new_room_id()) else { return };
        if room.is_none() {
            chat.command(Command::create_solo(target, ""));
        }
        chat.command(Command::say(target, text));
        self.replace("");
        chat.go(Some(target));
    }
}

#[component]
pub fn Composer() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let field = NodeRef::new();
    let draft = Draft {
        chat,
        field,
        room: RwSignal::new(chat.room.get_untracked()),
        is_entered: RwSignal::new(false),
        length: RwSignal::new(0),
        is_blank: RwSignal::new(true),
    };
    effect(move || {
        let room = chat.room.get();
        if field.get().is_some() {
            untrack(|| draft.enter(room));
        }
    });
    let offers = expect_context::<Offers>();
    for (offer, is_polite) in [(offers.suggestion, false), (offers.taken_back, true)] {
        effect(move || {
            let text = offer.get();
            let is_welcome = !is_polite || draft.is_blank.get_untracked();
            if is_welcome && !text.is_empty() {
                untrack(|| draft.replace(&text));
            }
        });
    }
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        draft.send();
    };
    let on_key = move |event: KeyboardEvent| {
        // While a character is being composed, Enter belongs to the input method.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            draft.send();
        }
    };
    let running = move || chat.items.with(|items| items.iter().rev().find_map(running_message));
    let hint = text(move || match draft.problem() {
        Some(problem) => problem,
        None if chat.is_practice_model.get() => {
            "The practice model answers here, because no KIMI_API_KEY is set.".to_owned()
        }
        None => "Kimi can make mistakes. Check what matters.".to_owned(),
    });
    let is_wrong = flag(move || draft.problem().is_some());
    let cannot_send = flag(move || chat.is_live.get() && (draft.is_blank.get() || draft.problem().is_some()));
    let is_disabled = cannot_send.clone();
    let send_title =
        text(move || if cannot_send.get() { "Write a message first" } else { "Send" }.to_owned());
    let room = text(move || chat.room.get().map(|room| room.to_string()).unwrap_or_default());
    // A field that is disabled is not sent: without a room, the form begins a new one.
    let has_no_room = flag(move || chat.room.get().is_none());
    let is_idle = flag(move || running().is_none());
    let running_id = text(move || running().map(|message| message.to_string()).unwrap_or_default());
    let stop = move |event: MouseEvent| {
        event.prevent_default();
        if let (Some(room), Some(message)) = (chat.room.get_untracked(), untrack(running)) {
            chat.command(Command::StopRun { room, message });
        }
    };
    view! {
        <form class="composer" method="post" action="/forms/message" on:submit=on_submit>
            <input type="hidden" name="room" value=room disabled=has_no_room />
            <div class="composer-box">
                <textarea
                    node_ref=field
                    name="text"
                    rows="1"
                    required
                    placeholder="Message Kimi"
                    aria-label="Message"
                    aria-describedby="composer-hint"
                    autocomplete="off"
                    on:input=move |_| draft.changed()
                    on:keydown=on_key
                ></textarea>
                <button
                    class="round stop"
                    type="submit"
                    formaction="/forms/stop"
                    formnovalidate
                    name="message"
                    value=running_id
                    aria-label="Stop"
                    title="Stop"
                    hidden=is_idle
                    on:click=stop
                >
                    <Icon path=icons::STOP />
                </button>
                <button class="round send" type="submit" aria-label="Send" title=send_title disabled=is_disabled>
                    <Icon path=icons::SEND />
                </button>
            </div>
            <p id="composer-hint" class="composer-hint" class:wrong=is_wrong>{hint}</p>
        </form>
    }
}

fn running_message(item: &Item) -> Option<MessageId> {
    match item {
        Item::Message(message) => {
            let is_running = message.run.with(|run| run.as_ref().is_some_and(|run| !run.status.has_ended()));
            is_running.then_some(message.id)
        }
        Item::Pending(_) => None,
    }
}
