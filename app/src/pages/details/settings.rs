//! What a room is called and about, how Kimi behaves in it, and what the reader is notified of.

use leptos::prelude::*;

use super::{DetailsPage, kimi_words};
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
    let model = TextField {
        name: "model",
        label: texts::pages::model(),
        hint: &texts::pages::model_hint(&page.model),
        longest: Some(MODEL_CHARACTERS),
        ..TextField::default()
    };
    let instructions = TextField {
        name: "instructions",
        label: texts::pages::instructions(),
        hint: texts::pages::instructions_hint(),
        rows: 5,
        longest: Some(Limits::INSTRUCTIONS_BYTES),
        ..TextField::default()
    };
    let mode = mode_name(page.details.room.kimi);
    let content = view! {
        {text_field(&filled, topic, &page.details.room.topic)}
        {choice(&filled, "kimi", texts::pages::kimi(), &kimi_modes(), mode)}
        {text_field(&filled, model, &page.details.model)}
        {text_field(&filled, instructions, &page.details.instructions)}
        <button class="button primary" type="submit">{texts::pages::save_settings()}</button>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

/// The longest name of a model that the field takes.
const MODEL_CHARACTERS: usize = 200;

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
    let model = if details.model.is_empty() { &page.model } else { &details.model };
    let instructions = (!details.instructions.is_empty()).then(|| {
        view! {
            <details>
                <summary>{texts::pages::instructions()}</summary>
                <p class="plain">{details.instructions.clone()}</p>
            </details>
        }
    });
    view! {
        <p>{texts::pages::settings_told(kimi_words(details.room.kimi), model)}</p>
        {instructions}
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
