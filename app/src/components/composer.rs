//! Where one writes. Enter sends, Shift+Enter breaks the line; without JavaScript it is a plain form.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;

use super::icons::{self, Icon};
use super::{effect, flag, text};
use crate::chat::{Chat, Item};
use crate::client::{Connection, StopReason};
use crate::protocol::{Command, MessageId};

/// A text that some other part of the page puts into the composer.
#[derive(Clone, Copy)]
pub struct Suggestion(pub RwSignal<String>);

#[component]
pub fn Composer() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let field = NodeRef::<html::Textarea>::new();
    // What the field holds is the field's own: the reader may have begun to write before the page came alive.
    let length = RwSignal::new(0_u64);
    let is_blank = RwSignal::new(true);
    let look = move || {
        if let Some(field) = field.get_untracked() {
            let text = field.value();
            length.set(text.len() as u64);
            is_blank.set(text.trim().is_empty());
        }
    };
    effect(move || {
        if field.get().is_some() {
            look();
        }
    });
    if let Some(Suggestion(suggestion)) = use_context() {
        effect(move || {
            let text = suggestion.get();
            if let Some(field) = field.get_untracked().filter(|_| !text.is_empty()) {
                field.set_value(&text);
                _ = field.focus();
                look();
            }
        });
    }
    // Why it can't be sent, if so.
    let problem = move || {
        let limit = chat.message_bytes() as u64;
        if length.get() > limit {
            return Some(format!(
                "Too long by {} characters or more. Shorten it or send it in parts.",
                length.get().saturating_sub(limit)
            ));
        }
        match chat.connection.get() {
            Connection::Stopped(StopReason::SignedOut) => Some("Sign in to write.".to_owned()),
            Connection::Stopped(StopReason::OldVersion) => Some("Load the page again to write.".to_owned()),
            _ => None,
        }
    };
    let send = move || {
        let Some(field) = field.get_untracked() else { return };
        let text = field.value();
        if text.trim().is_empty() || untrack(problem).is_some() || !chat.can_accept() {
            return;
        }
        let room = chat.room.get_untracked();
        let Some(target) = room.or_else(|| chat.new_room_id()) else { return };
        if room.is_none() {
            chat.command(Command::CreateRoom { room: target, title: String::new() });
        }
        chat.command(Command::SendMessage { room: target, text, parent: None });
        field.set_value("");
        look();
        if room.is_none() {
            chat.go(Some(target));
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: KeyboardEvent| {
        // While a character is being composed, Enter belongs to the input method.
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let running = move || chat.items.with(|items| items.iter().rev().find_map(running_message));
    let hint = text(move || match problem() {
        Some(problem) => problem,
        None if chat.is_practice_model.get() => {
            "The practice model answers here, because no KIMI_API_KEY is set.".to_owned()
        }
        None => "Kimi can make mistakes. Check what matters.".to_owned(),
    });
    let is_wrong = flag(move || problem().is_some());
    let cannot_send = flag(move || chat.is_live.get() && (is_blank.get() || problem().is_some()));
    let send_title = text(move || if cannot_send.get() { "Write a message first" } else { "Send" }.to_owned());
    let room = text(move || chat.room.get().map(|room| room.to_string()).unwrap_or_default());
    // A field that is disabled is not sent: without a room, the form begins a new one.
    let has_no_room = flag(move || chat.room.get().is_none());
    let is_idle = flag(move || running().is_none());
    let stop = move |_| {
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
                    on:input=move |_| look()
                    on:keydown=on_key
                ></textarea>
                <button
                    class="round stop needs-script"
                    type="button"
                    aria-label="Stop"
                    title="Stop"
                    hidden=is_idle
                    on:click=stop
                >
                    <Icon path=icons::STOP />
                </button>
                <button class="round send" type="submit" aria-label="Send" title=send_title disabled=cannot_send>
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
            let is_running =
                message.run.with(|run| run.as_ref().is_some_and(|run| !run.status.has_ended()));
            is_running.then_some(message.id)
        }
        Item::Pending(_) => None,
    }
}
