//! Who answers in a room and how: its model, how much that thinks, and what it is told before every question.
//!
//! The fields stand in the form of the details, and as a form of their own in a sheet over the conversation, which the
//! page fetches when it is opened, so that it costs those nothing who never open it.

use leptos::prelude::*;

use crate::details::RoomDetails;
use crate::pages::forms::{Filled, TextField, named_select, text_field};
use crate::protocol::{Limits, ModelList, ModelOffer, Thinking};

/// What can be said to a model about thinking, in words.
const EFFORTS: [(Thinking, &str); 6] = [
    (Thinking::Default, "As it does by itself"),
    (Thinking::Off, "Not at all"),
    (Thinking::Low, "A little"),
    (Thinking::Medium, "Some"),
    (Thinking::High, "Much"),
    (Thinking::Max, "As much as it can"),
];

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
        0..1_024 => format!("{count} tokens"),
        1_024..1_000_000 => {
            format!("{}K tokens", count / if count.is_multiple_of(1_024) { 1_024 } else { 1_000 })
        }
        _ => format!("{}M tokens", count / 1_000_000),
    }
}

/// What is known of a model, in a few words.
fn about(model: &ModelOffer) -> String {
    let mut words: Vec<String> = model.context_tokens.map(tokens).into_iter().collect();
    words.push(if model.thinks { "thinks first" } else { "answers at once" }.to_owned());
    if model.images {
        words.push("sees images".to_owned());
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
    let usual = format!("The server's choice, now {}", models.default);
    let mut choices = vec![(String::new(), usual, String::new(), efforts(models, &models.default))];
    choices.extend(
        models
            .models
            .iter()
            .map(|model| (model.id.clone(), model.id.clone(), about(model), model.thinking.clone())),
    );
    if choices.iter().all(|(value, ..)| value != chosen) {
        let words = if models.is_listed {
            format!("not on offer any more; {} answers instead", models.default)
        } else {
            String::new()
        };
        choices.push((chosen.to_owned(), chosen.to_owned(), words, Vec::new()));
    }
    choices
}

const LIST_IS_MISSING: &str =
    "The list of models could not be read just now. These are those that are known.";

/// The fields in the form of the details.
pub(super) fn fields(filled: &Filled, details: &RoomDetails, models: &ModelList) -> AnyView {
    let room = &details.room;
    let options: Vec<(String, String)> = choices(models, &room.model)
        .into_iter()
        .map(|(value, name, about, _)| {
            (value, if about.is_empty() { name } else { format!("{name} ({about})") })
        })
        .collect();
    let hint = if models.is_listed { "" } else { LIST_IS_MISSING };
    let (model, _) = answering(models, &room.model);
    let known = efforts(models, model);
    let thinking = (!known.is_empty()).then(|| {
        let options: Vec<(String, String)> = EFFORTS
            .iter()
            .filter(|(effort, _)| *effort == Thinking::Default || known.contains(effort))
            .map(|(effort, words)| (effort.name().to_owned(), (*words).to_owned()))
            .collect();
        let hint = format!("What {model} knows. Save another model first to see what that knows.");
        named_select(filled, "thinking", "How much it thinks", &hint, &options, room.thinking.name())
    });
    let instructions = TextField {
        name: "instructions",
        label: "Instructions for Kimi",
        hint: "Told to Kimi before every question, in at most 8,192 bytes: about as many letters in English.",
        rows: 5,
        longest: Some(Limits::INSTRUCTIONS_BYTES),
        ..TextField::default()
    };
    view! {
        {named_select(filled, "model", "Model", hint, &options, &room.model)}
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
    let efforts: Vec<AnyView> = EFFORTS
        .iter()
        .map(|(effort, words)| {
            let is_chosen = *effort == room.thinking;
            view! {
                <label class="choice" data-effort=effort.name()>
                    <input type="radio" name="thinking" value=effort.name() checked=is_chosen />
                    <span>{*words}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    let missing = (!models.is_listed).then(|| view! { <p class="note">{LIST_IS_MISSING}</p> });
    let longest = Limits::INSTRUCTIONS_BYTES.to_string();
    let count = format!("{} of 8,192 bytes", details.instructions.len());
    view! {
        <form class="kimi-form" method="post" action="/forms/room/change">
            <input type="hidden" name="room" value=room.id.to_string() />
            <fieldset class="choices models">
                <legend>"Model"</legend>
                {missing}
                {options}
            </fieldset>
            <fieldset class="choices efforts">
                <legend>"How much it thinks"</legend>
                {efforts}
            </fieldset>
            <label class="field">
                <span>"Instructions for Kimi"</span>
                <textarea name="instructions" rows="4" maxlength=longest.clone() data-bytes=longest>
                    {format!("\n{}", super::super::forms::escaped(&details.instructions))}
                </textarea>
                <small class="note">"Told before every question. " <output>{count}</output></small>
            </label>
            <button class="button primary" type="submit">"Save"</button>
        </form>
    }
    .into_any()
}

/// For those who can't change it.
pub(super) fn told(details: &RoomDetails, models: &ModelList) -> AnyView {
    let room = &details.room;
    let (model, is_other) = answering(models, &room.model);
    let model = if is_other {
        format!("The model is {model}, because {} is not on offer any more.", room.model)
    } else {
        format!("The model is {model}.")
    };
    let effort = EFFORTS
        .iter()
        .find(|(effort, _)| *effort == room.thinking && *effort != Thinking::Default)
        .map(|(_, words)| view! { <p>{format!("How much it thinks: {}.", words.to_lowercase())}</p> });
    let instructions = (!details.instructions.is_empty()).then(|| {
        view! {
            <details open>
                <summary>"Instructions for Kimi"</summary>
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
