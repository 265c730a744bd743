//! What a room is called and about, how Kimi behaves in it, and what the reader is notified of.

use leptos::prelude::*;

use super::{DetailsPage, kimi, kimi_words};
use crate::details::Offer;
use crate::pages::forms::{Filled, TextField, choice, room_form, section, text_field};
use crate::pages::new_room::kimi_modes;
use crate::protocol::{KimiMode, Limits, Notify};
use crate::texts;

pub(super) fn settings(page: &DetailsPage) -> AnyView {
    let name = page.offers.has(Offer::Rename).then(|| name(page));
    let rest = if page.offers.has(Offer::Change) { change(page) } else { told(page) };
    section("settings", texts::pages::settings(), page.done.as_ref(), view! { {name} {rest} }.into_any())
}

fn name(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("rename", page.refused.as_ref());
    let title = TextField {
        name: "title",
        label: texts::pages::name(),
        is_required: true,
        longest: Some(page.title_characters),
        ..TextField::default()
    };
    let content = view! {
        <div class="in-line">
            {text_field(&filled, title, &page.details.room.title)}
            <button class="button" type="submit">{texts::pages::rename()}</button>
        </div>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn change(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("change", page.refused.as_ref());
    let topic = TextField {
        name: "topic",
        label: texts::pages::topic(),
        hint: texts::pages::topic_hint(),
        longest: Some(Limits::TOPIC_CHARACTERS),
        ..TextField::default()
    };
    let mode = mode_name(page.details.room.kimi);
    let content = view! {
        {text_field(&filled, topic, &page.details.room.topic)}
        {choice(&filled, "kimi", texts::pages::kimi(), &kimi_modes(), mode)}
        {kimi::fields(&filled, &page.details, &page.models)}
        <button class="button primary" type="submit">{texts::pages::save_settings()}</button>
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
        <p>{texts::pages::settings_told(kimi_words(details.room.kimi))}</p>
        {kimi::told(details, &page.models)}
    }
    .into_any()
}

pub(super) fn notifications(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("notify", page.refused.as_ref());
    let options = [
        ("all", texts::pages::notify_all(), ""),
        ("mentions", texts::pages::notify_mentions(), ""),
        ("none", texts::pages::notify_none(), ""),
    ];
    let current = match page.details.room.notify {
        Notify::All => "all",
        Notify::Mentions => "mentions",
        Notify::None => "none",
    };
    let content = view! {
        {choice(&filled, "notify", texts::pages::notify_you(), &options, current)}
        <button class="button" type="submit">{texts::pages::save()}</button>
    };
    let form = room_form(&filled, page.details.room.id, content.into_any());
    section("notifications", texts::pages::notifications(), page.done.as_ref(), form)
}
