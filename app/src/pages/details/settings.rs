//! What a room is called and about, how Kimi behaves in it, and what the reader is notified of.

use leptos::prelude::*;

use super::{DetailsPage, kimi};
use crate::details::{Offer, kimi_words};
use crate::pages::forms::{Filled, TextField, choice, room_form, section, text_field};
use crate::pages::new_room::KIMI_MODES;
use crate::protocol::{KimiMode, Limits, Notify};

pub(super) fn settings(page: &DetailsPage) -> AnyView {
    let name = page.offers.has(Offer::Rename).then(|| name(page));
    let rest = if page.offers.has(Offer::Change) { change(page) } else { told(page) };
    section("settings", "Settings", page.done.as_ref(), view! { {name} {rest} }.into_any())
}

fn name(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("rename", page.refused.as_ref());
    let title = TextField {
        name: "title",
        label: "Name",
        is_required: true,
        longest: Some(page.title_characters),
        ..TextField::default()
    };
    let content = view! {
        <div class="in-line">
            {text_field(&filled, title, &page.details.room.title)}
            <button class="button" type="submit">"Rename"</button>
        </div>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn change(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("change", page.refused.as_ref());
    let topic = TextField {
        name: "topic",
        label: "Topic",
        hint: "What the room is about, in at most 250 characters.",
        longest: Some(Limits::TOPIC_CHARACTERS),
        ..TextField::default()
    };
    let mode = mode_name(page.details.room.kimi);
    let content = view! {
        {text_field(&filled, topic, &page.details.room.topic)}
        {choice(&filled, "kimi", "When Kimi answers", &KIMI_MODES, mode)}
        {kimi::fields(&filled, &page.details, &page.models)}
        <button class="button primary" type="submit">"Save the settings"</button>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn mode_name(mode: KimiMode) -> &'static str {
    match mode {
        KimiMode::Always => "always",
        KimiMode::Mentioned => "mentioned",
        KimiMode::Silent => "silent",
    }
}

/// For those who can't change them.
fn told(page: &DetailsPage) -> AnyView {
    let details = &page.details;
    view! {
        <p>{format!("{}.", kimi_words(details.room.kimi))}</p>
        {kimi::told(details, &page.models)}
    }
    .into_any()
}

pub(super) fn notifications(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("notify", page.refused.as_ref());
    let options = [
        ("all", "Of every message", ""),
        ("mentions", "When somebody mentions you", ""),
        ("none", "Never", ""),
    ];
    let current = match page.details.room.notify {
        Notify::All => "all",
        Notify::Mentions => "mentions",
        Notify::None => "none",
    };
    let content = view! {
        {choice(&filled, "notify", "Notify you", &options, current)}
        <button class="button" type="submit">"Save"</button>
    };
    let form = room_form(&filled, page.details.room.id, content.into_any());
    section("notifications", "Your notifications", page.done.as_ref(), form)
}
