//! Where one writes. Enter sends, Shift+Enter breaks the line; without JavaScript it is a plain form.

use leptos::ev::{KeyboardEvent, MouseEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Element;

use super::completion::Completion;
use super::draft::{Draft, Offers, Writing};
use super::icons::{self, Icon};
use super::{button, flag, listen, text};
use crate::chat::{Chat, Html, Item, author_name, first_words};
use crate::protocol::{Command, KimiMode, MessageId, RoomKind, RunStatus};

#[component]
pub fn Composer() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let field = NodeRef::new();
    let draft = Draft::new(chat, field, expect_context::<Offers>());
    // A name that is pressed.
    listen("click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let index = target.and_then(|target| target.get_attribute("data-mention")?.parse().ok());
        if let Some(index) = index {
            draft.complete(index);
        }
    });
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        draft.send();
    };
    let on_key = move |event: KeyboardEvent| {
        // While a character is being composed, its keys belong to the input method.
        if !event.shift_key() && !event.is_composing() && draft.key(&event.key()) {
            event.prevent_default();
        }
    };
    let running =
        move || chat.items.with(|items| running_message(items)).filter(|reply| chat.may_steer(*reply));
    let hint = text(move || draft.hint());
    let placeholder = text(move || placeholder(chat));
    let is_archived = flag(move || draft.is_archived());
    let options = text(move || draft.completion.with(|completion| options(completion, draft.chosen.get())));
    let has_options = move || draft.completion.with(|completion| !completion.names.is_empty());
    let has_no_options = flag(move || !has_options());
    let option =
        text(move || if has_options() { format!("mention-{}", draft.chosen.get()) } else { String::new() });
    let banner = text(move || banner(chat, draft.writing.get()));
    let is_plain = flag(move || draft.writing.get() == Writing::Message);
    let cancel = button("Cancel", is_plain.clone(), move || draft.writing.set(Writing::Message));
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
            <p class="writing" hidden=is_plain><span>{banner}</span> {cancel}</p>
            <ul
                id="mentions"
                class="mentions"
                role="listbox"
                aria-label="People"
                hidden=has_no_options
                inner_html=options
            ></ul>
            <div class="composer-box">
                <textarea
                    node_ref=field
                    name="text"
                    rows="1"
                    required
                    placeholder=placeholder
                    aria-label="Message"
                    aria-describedby="composer-hint"
                    aria-autocomplete="list"
                    aria-controls="mentions"
                    aria-activedescendant=option
                    disabled=is_archived
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

/// What is above the field while it is not simply for a message.
fn banner(chat: Chat, writing: Writing) -> String {
    match writing {
        Writing::Message => String::new(),
        Writing::Edit(_) => "Editing a message".to_owned(),
        Writing::Reply(message) => {
            let message = chat.message(message);
            let words =
                message.map(|message| format!("{}: {}", author_name(&message), first_words(&message)));
            format!("Replying to {}", words.unwrap_or_default())
        }
    }
}

/// The reply that is being written, or otherwise the last that waits for it.
fn running_message(items: &[Item]) -> Option<MessageId> {
    let mut running = None;
    for item in items.iter().rev() {
        let Item::Message(message) = item else { continue };
        let status = message.run.with(|run| run.as_ref().map_or(RunStatus::Done, |run| run.status));
        if !status.has_ended() && (running.is_none() || status != RunStatus::Queued) {
            running = Some(message.id);
        }
    }
    running
}

fn placeholder(chat: Chat) -> String {
    let Some(room) = chat.summary().filter(|room| room.kind != RoomKind::Solo) else {
        return "Message Kimi".to_owned();
    };
    if room.is_archived {
        return String::new();
    }
    let sign = if room.kind == RoomKind::Group { "#" } else { "" };
    let kimi = if room.kimi == KimiMode::Mentioned { "; @kimi asks Kimi" } else { "" };
    format!("Message {sign}{}{kimi}", room.title)
}

fn options(completion: &Completion, chosen: u64) -> String {
    let mut html = Html::default();
    for (index, name) in (0_u64..).zip(&completion.names) {
        let number = index.to_string();
        html.tag("<li role=\"option\" id=\"mention-").text(&number).tag("\" data-mention=\"").text(&number);
        html.tag("\" aria-selected=\"").tag(if index == chosen { "true" } else { "false" }).tag("\">");
        html.text(name).tag("</li>");
    }
    html.take()
}
