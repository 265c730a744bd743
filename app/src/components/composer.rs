//! Where one writes. Enter sends, Shift+Enter breaks the line, Ctrl+Enter stops Kimi and sends; without JavaScript it is a
//! plain form.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, KeyboardEvent};

use super::blocks::blocks;
use super::completion::{Completion, Offered};
use super::draft::{Draft, Offers, Writing};
use super::icons::{self, icon};
use super::{Live, button, effect, input_method, listen, slash};
use crate::chat::{Chat, Html, Item, Reactive, TextView, author_name, first_words};
use crate::protocol::{Command, MessageId, RoomKind, RunStatus};
use crate::texts::chat as texts;

pub fn composer(chat: Chat, offers: Offers, html: &mut Live) {
    let draft = Draft::new(chat, offers);
    // A name that is pressed.
    listen("click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let index = target.and_then(|target| target.get_attribute("data-mention")?.parse().ok());
        if let Some(index) = index {
            draft.complete(index);
        }
    });
    let submit = move |event: &Event| {
        event.prevent_default();
        draft.send();
    };
    let is_plain = move || draft.writing.get() == Writing::Message;
    html.tag(r#"<form class="composer" method="post" action="/forms/message""#)
        .live_if("hidden", move || draft.is_archived())
        .on("submit", submit);
    // A field that is disabled is not sent: without a room, the form begins a new one.
    html.tag(r#"><input type="hidden" name="room""#)
        .live("value", move || chat.room.get().map(|room| room.to_string()).unwrap_or_default())
        .live_if("disabled", move || chat.room.get().is_none());
    html.tag(r#"><p class="writing""#).live_if("hidden", is_plain);
    html.tag("><span").live_text(move || banner(chat, draft.writing.get())).tag("</span> ");
    button(html, texts::cancel(), is_plain, move || draft.writing.set(Writing::Message));
    let has_options = move || draft.completion.with(|completion| !completion.names.is_empty());
    let offered = move || draft.completion.with(|completion| completion.offered.label()).to_owned();
    html.tag(r#"</p><ul id="mentions" class="mentions" role="listbox""#)
        .live("aria-label", offered)
        .live_if("hidden", move || !has_options())
        .live_html(move || draft.completion.with(|completion| options(completion, draft.chosen.get())));
    html.tag(r#"</ul><div class="composer-box">"#);
    field(chat, draft, html);
    preview(chat, draft, html);
    html.tag(r#"<div class="composer-buttons">"#);
    preview_button(draft, html);
    stop(chat, html);
    html.tag(r#"<button class="round stop" type="button" aria-label=""#).text(texts::stop_and_send());
    html.tag("\" title=\"").text(texts::stop_and_send_title());
    html.tag("\"")
        .live_if("hidden", move || !draft.waits() || draft.problem().is_some())
        .on("click", move |_| draft.send_instead());
    icon(html.tag(">"), icons::STOP_AND_SEND);
    html.tag("</button>");
    send(chat, draft, html);
    html.tag(r#"</div></div><p id="composer-hint""#)
        .live("class", move || {
            if draft.problem().is_some() { "composer-hint wrong" } else { "composer-hint" }.to_owned()
        })
        .live_text(move || draft.hint());
    html.tag(r#"</p><p class="only-heard" role="status""#).live_text(move || draft.spoken());
    html.tag("</p></form>");
}

fn field(chat: Chat, draft: Draft, html: &mut Live) {
    let key = move |event: &Event| {
        let key = event.unchecked_ref::<KeyboardEvent>();
        let has_command = key.ctrl_key() || key.meta_key();
        let has_modifier = has_command || key.shift_key() || key.alt_key();
        if input_method::has_taken(key) {
            return;
        }
        if key.key() == "Enter" && has_command {
            event.prevent_default();
            draft.send_instead();
        } else if !has_modifier && draft.key(&key.key()) {
            event.prevent_default();
        }
    };
    let option = move || {
        let has_options = draft.completion.with(|completion| !completion.names.is_empty());
        if has_options { format!("mention-{}", draft.chosen.get()) } else { String::new() }
    };
    html.tag(r#"<textarea name="text" rows="1" required aria-label=""#).text(texts::message());
    html.tag(r#"" autocomplete="off" dir="auto" autofocus aria-describedby="composer-hint" aria-autocomplete="list" aria-controls="mentions""#)
        .live("placeholder", move || placeholder(chat))
        .live("aria-activedescendant", option)
        .live_if("disabled", move || draft.is_archived())
        .live_if("hidden", move || draft.is_previewed())
        .on("input", move |_| draft.changed())
        .on("keydown", key);
    html.tag("></textarea>");
}

/// What the text will look like, in the field's place.
fn preview(chat: Chat, draft: Draft, html: &mut Live) {
    let text = TextView::default();
    let shown = text.clone();
    // Each is another text than the one before.
    let mut revision = 0;
    effect(move || {
        revision += 1;
        chat.came_undrawn(draft.previewed.with(|previewed| text.update(previewed, revision, true)));
    });
    html.tag(r#"<div class="preview text" role="region" aria-label=""#)
        .text(texts::preview())
        .tag(r#"" tabindex="0""#)
        .live_if("hidden", move || !draft.is_previewed())
        .rows(blocks(shown));
    html.tag("</div>");
}

fn preview_button(draft: Draft, html: &mut Live) {
    let label = move || if draft.is_previewed() { texts::write() } else { texts::preview() }.to_owned();
    html.tag(r#"<button class="round quiet needs-script" type="button""#)
        .live("aria-label", label)
        .live("title", label)
        .live_if("hidden", move || draft.is_blank.get())
        .on("click", move |_| draft.preview());
    icon(html.tag(">"), icons::EYE);
    html.tag("</button>");
}

fn stop(chat: Chat, html: &mut Live) {
    let running =
        move || chat.items.with(|items| running_message(items)).filter(|reply| chat.may_steer(*reply));
    let stop = move |event: &Event| {
        event.prevent_default();
        if let (Some(room), Some(message)) = (chat.room.get_untracked(), untrack(running)) {
            chat.command(Command::StopRun { room, message });
        }
    };
    html.tag(r#"<button class="round stop" type="submit" formaction="/forms/stop" formnovalidate "#);
    html.tag(r#"name="message" aria-label=""#).text(texts::stop()).tag("\" title=\"").text(texts::stop());
    html.tag("\"")
        .live("value", move || running().map(|message| message.to_string()).unwrap_or_default())
        .live_if("hidden", move || running().is_none())
        .on("click", stop);
    icon(html.tag(">"), icons::STOP);
    html.tag("</button>");
}

fn send(chat: Chat, draft: Draft, html: &mut Live) {
    let cannot_send = move || chat.is_live.get() && (draft.is_blank.get() || draft.problem().is_some());
    let title = move || {
        let words = match (cannot_send(), draft.waits()) {
            (true, _) => texts::write_first(),
            (_, true) => texts::send_next(),
            _ => texts::send(),
        };
        words.to_owned()
    };
    html.tag(r#"<button class="round send" type="submit" aria-label=""#)
        .text(texts::send())
        .tag("\"")
        .live("title", title)
        .live_if("disabled", cannot_send);
    icon(html.tag(">"), icons::SEND);
    html.tag("</button>");
}

/// What is above the field while it is not simply for a message.
fn banner(chat: Chat, writing: Writing) -> String {
    match writing {
        Writing::Message => String::new(),
        Writing::Edit(_) if chat.kind() == RoomKind::Solo => texts::resending().to_owned(),
        Writing::Edit(_) => texts::editing().to_owned(),
        Writing::Reply(message) => {
            let message = chat.message(message);
            let words =
                message.map(|message| format!("{}: {}", author_name(&message), first_words(&message)));
            texts::replying(&words.unwrap_or_default())
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
        return texts::message_kimi().to_owned();
    };
    let sign = if room.kind == RoomKind::Group { "#" } else { "" };
    let room_name = format!("{sign}{}", room.title);
    texts::message_room(&room_name)
}

fn options(completion: &Completion, chosen: u64) -> String {
    let mut html = Html::default();
    for (index, name) in (0_u64..).zip(&completion.names) {
        let number = index.to_string();
        html.tag("<li role=\"option\" id=\"mention-").text(&number).tag("\" data-mention=\"").text(&number);
        html.tag("\" aria-selected=\"").tag(if index == chosen { "true" } else { "false" }).tag("\">");
        if completion.offered == Offered::Commands {
            let usage = slash::usages().find(|(command, _)| command == name);
            html.tag("<b>/").text(name).tag("</b> ").text(usage.map_or("", |(_, usage)| usage));
        } else {
            html.text(name);
        }
        html.tag("</li>");
    }
    html.take()
}
