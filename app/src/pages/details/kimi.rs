//! Who answers in a room and how: its model, how much that thinks, and what it is told before every question.
//!
//! The fields stand in the form of the details, and as a form of their own in a sheet over the conversation, which the
//! page fetches when it is opened, so that it costs those nothing who never open it.

use leptos::prelude::*;

use crate::details::RoomDetails;
use crate::pages::forms::{Filled, TextField, named_select, text_field};
use crate::protocol::{Limits, ModelList, ModelOffer, Thinking};
use crate::texts::{chat, pages as texts};

/// What can be said to a model about thinking, in words.
fn effort_words(effort: Thinking) -> &'static str {
    match effort {
        Thinking::Default => texts::effort_default(),
        Thinking::Off => texts::effort_off(),
        Thinking::Low => texts::effort_low(),
        Thinking::Medium => texts::effort_medium(),
        Thinking::High => texts::effort_high(),
        Thinking::Max => texts::effort_max(),
    }
}

/// The form over the conversation.
#[derive(Clone, Debug)]
pub struct KimiForm {
    pub details: RoomDetails,
    pub models: ModelList,
    /// Otherwise it is only read.
    pub may_change: bool,
}

/// A number of tokens, as models are advertised with it.
fn tokens(count: u64) -> String {
    match count {
        0..1_024 => texts::tokens(count),
        1_024..1_000_000 => {
            texts::thousand_tokens(count / if count.is_multiple_of(1_024) { 1_024 } else { 1_000 })
        }
        _ => texts::million_tokens(count / 1_000_000),
    }
}

/// What is known of a model, in a few words.
fn about(model: &ModelOffer) -> String {
    let mut words: Vec<String> = model.context_tokens.map(tokens).into_iter().collect();
    words.push(if model.thinks { texts::model_thinks() } else { texts::model_at_once() }.to_owned());
    if model.images {
        words.push(texts::model_sees().to_owned());
    }
    words.join(", ")
}

/// The model that answers now, and whether it is another than was chosen.
fn answering<'a>(models: &'a ModelList, chosen: &'a str) -> (&'a str, bool) {
    let is_there = models.models.iter().any(|model| model.id == chosen);
    match chosen {
        "" => (&models.default, false),
        // While nothing could be read, nothing can be said to be gone.
        _ if is_there || !models.is_listed => (chosen, false),
        _ => (&models.default, true),
    }
}

fn efforts(models: &ModelList, model: &str) -> Vec<Thinking> {
    let model = models.models.iter().find(|offered| offered.id == model);
    model.map(|model| model.thinking.clone()).unwrap_or_default()
}

/// What every choice of a model says: its value, its name, what is known of it, and what can be said to it.
fn choices(models: &ModelList, chosen: &str) -> Vec<(String, String, String, Vec<Thinking>)> {
    let usual = texts::model_usual(&models.default);
    let mut choices = vec![(String::new(), usual, String::new(), efforts(models, &models.default))];
    choices.extend(
        models
            .models
            .iter()
            .map(|model| (model.id.clone(), model.id.clone(), about(model), model.thinking.clone())),
    );
    if choices.iter().all(|(value, ..)| value != chosen) {
        let words = if models.is_listed { texts::model_gone(&models.default) } else { String::new() };
        choices.push((chosen.to_owned(), chosen.to_owned(), words, Vec::new()));
    }
    choices
}

/// The fields in the form of the details.
pub(super) fn fields(filled: &Filled, details: &RoomDetails, models: &ModelList) -> AnyView {
    let room = &details.room;
    let options: Vec<(String, String)> = choices(models, &room.model)
        .into_iter()
        .map(|(value, name, about, _)| {
            (value, if about.is_empty() { name } else { format!("{name} ({about})") })
        })
        .collect();
    let hint = if models.is_listed { "" } else { texts::models_missing() };
    let (model, _) = answering(models, &room.model);
    let known = efforts(models, model);
    let thinking = (!known.is_empty()).then(|| {
        let options: Vec<(String, String)> = Thinking::ALL
            .into_iter()
            .filter(|effort| *effort == Thinking::Default || known.contains(effort))
            .map(|effort| (effort.name().to_owned(), effort_words(effort).to_owned()))
            .collect();
        let hint = texts::effort_hint(model);
        named_select(filled, "thinking", texts::effort(), &hint, &options, room.thinking.name())
    });
    let instructions = TextField {
        name: "instructions",
        label: texts::instructions(),
        hint: texts::instructions_hint(),
        rows: 5,
        longest: Some(Limits::INSTRUCTIONS_BYTES),
        ..TextField::default()
    };
    view! {
        {named_select(filled, "model", texts::model(), hint, &options, &room.model)}
        {thinking}
        {text_field(filled, instructions, &details.instructions)}
    }
    .into_any()
}

/// The form of its own, as HTML.
pub fn kimi_form(form: &KimiForm) -> String {
    let view = if form.may_change { changed(form) } else { told(&form.details, &form.models) };
    view.to_html()
}

/// The style shows of the efforts what the chosen model knows; nobody has to run for that.
fn changed(form: &KimiForm) -> AnyView {
    let KimiForm { details, models, .. } = form;
    let room = &details.room;
    let options: Vec<AnyView> = choices(models, &room.model)
        .into_iter()
        .map(|(value, name, about, known)| {
            let known: Vec<&str> = known.into_iter().map(Thinking::name).collect();
            let is_chosen = value == room.model;
            view! {
                <label class="choice">
                    <input
                        type="radio"
                        name="model"
                        value=value
                        checked=is_chosen
                        autofocus=is_chosen
                        data-thinking=known.join(" ")
                    />
                    <span>{name} " " <small>{about}</small></span>
                </label>
            }
            .into_any()
        })
        .collect();
    let efforts: Vec<AnyView> = Thinking::ALL
        .into_iter()
        .map(|effort| {
            let is_chosen = effort == room.thinking;
            view! {
                <label class="choice" data-effort=effort.name()>
                    <input type="radio" name="thinking" value=effort.name() checked=is_chosen />
                    <span>{effort_words(effort)}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    let missing = (!models.is_listed).then(|| view! { <p class="note">{texts::models_missing()}</p> });
    let longest = Limits::INSTRUCTIONS_BYTES.to_string();
    let count = chat::bytes_of(details.instructions.len() as u64, Limits::INSTRUCTIONS_BYTES as u64);
    view! {
        <form class="kimi-form" method="post" action="/forms/room/change">
            <input type="hidden" name="room" value=room.id.to_string() />
            <fieldset class="choices models">
                <legend>{texts::model()}</legend>
                {missing}
                {options}
            </fieldset>
            <fieldset class="choices efforts">
                <legend>{texts::effort()}</legend>
                {efforts}
            </fieldset>
            <label class="field">
                <span>{texts::instructions()}</span>
                <textarea dir="auto" name="instructions" rows="4" maxlength=longest.clone() data-bytes=longest>
                    {format!("\n{}", super::super::forms::escaped(&details.instructions))}
                </textarea>
                <small class="note">{texts::instructions_note()} " " <span data-count>{count}</span></small>
            </label>
            <button class="button primary" type="submit">{texts::save()}</button>
        </form>
    }
    .into_any()
}

/// For those who can't change it.
pub(super) fn told(details: &RoomDetails, models: &ModelList) -> AnyView {
    let room = &details.room;
    let (model, is_other) = answering(models, &room.model);
    let model =
        if is_other { texts::model_told_instead(model, &room.model) } else { texts::model_told(model) };
    let effort = (room.thinking != Thinking::Default).then(|| {
        let words = effort_words(room.thinking).to_lowercase();
        view! { <p>{texts::effort_told(&words)}</p> }
    });
    let instructions = (!details.instructions.is_empty()).then(|| {
        view! {
            <details open>
                <summary>{texts::instructions()}</summary>
                <p class="plain">{details.instructions.clone()}</p>
            </details>
        }
    });
    view! {
        <div class="kimi-told">
            <p>{model}</p>
            {effort}
            {instructions}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_called_as_they_are_advertised() {
        for (count, words) in [
            (512, "512 tokens"),
            (8_192, "8K tokens"),
            (131_072, "128K tokens"),
            (200_000, "200K tokens"),
            (262_144, "256K tokens"),
            (1_048_576, "1M tokens"),
        ] {
            assert_eq!(tokens(count), words);
        }
    }

    #[test]
    fn a_model_that_is_gone_is_said_to_be() {
        let offer = ModelOffer {
            id: "kimi-k3".to_owned(),
            context_tokens: None,
            images: false,
            thinks: true,
            thinking: vec![Thinking::Low],
        };
        let mut models = ModelList { default: "kimi-k3".to_owned(), models: vec![offer], is_listed: true };
        assert_eq!(answering(&models, ""), ("kimi-k3", false));
        assert_eq!(answering(&models, "gone"), ("kimi-k3", true));
        let last = choices(&models, "gone").pop().unwrap();
        assert_eq!((last.0.as_str(), last.2.contains("kimi-k3 answers instead")), ("gone", true));
        models.is_listed = false;
        assert_eq!(answering(&models, "gone"), ("gone", false));
    }
}
