//! The parts of which the forms about rooms are made: fields with their labels, hints and errors, without any script.
//!
//! A form that was refused is drawn again with everything that was typed into it, the keyboard's focus where it is wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::protocol::RoomId;

/// Why a form was refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The form, by the last part of its address.
    form: String,
    /// The field to mend, if it is one of them alone.
    field: Option<&'static str>,
    /// One sentence that says what to do.
    message: String,
    typed: BTreeMap<String, String>,
    /// Whether the form was drawn, and with it the message. It may not be offered any more.
    is_told: Arc<AtomicBool>,
}

impl Refused {
    pub fn new(
        form: impl Into<String>,
        field: Option<&'static str>,
        message: String,
        typed: BTreeMap<String, String>,
    ) -> Self {
        Self { form: form.into(), field, message, typed, is_told: Arc::default() }
    }

    /// The message, if no form that was drawn has told it.
    pub(super) fn untold(&self) -> Option<String> {
        (!self.is_told.load(Ordering::Relaxed)).then(|| self.message.clone())
    }
}

/// What is wrong with more than a field.
pub(super) fn refusal(message: Option<String>) -> AnyView {
    message
        .map(|message| {
            view! { <p class="refusal" role="alert" tabindex="-1" autofocus>{message}</p> }
        })
        .into_any()
}

/// What a form has done, told in the part of the page where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub section: String,
    pub message: String,
}

/// One form, with what was typed into it and what was wrong, if it was refused.
#[derive(Clone, Debug)]
pub(super) struct Filled {
    form: &'static str,
    refused: Option<Refused>,
}

impl Filled {
    pub(super) fn of(form: &'static str, refused: Option<&Refused>) -> Self {
        Self { form, refused: refused.filter(|refused| refused.form == form).cloned() }
    }

    /// The same form for one of several things, of which the refusal names one.
    pub(super) fn about(self, name: &str, value: &str) -> Self {
        let refused =
            self.refused.filter(|refused| refused.typed.get(name).is_some_and(|typed| typed == value));
        Self { form: self.form, refused }
    }

    fn value(&self, name: &str, current: &str) -> String {
        let typed = self.refused.as_ref().and_then(|refused| refused.typed.get(name));
        typed.map_or(current, String::as_str).to_owned()
    }

    fn error(&self, name: &str) -> Option<String> {
        let refused = self.refused.as_ref().filter(|refused| refused.field == Some(name))?;
        Some(refused.message.clone())
    }

    /// What is wrong with the form as a whole. To be drawn in each form.
    pub(super) fn refusal(&self) -> AnyView {
        if let Some(refused) = &self.refused {
            refused.is_told.store(true, Ordering::Relaxed);
        }
        let refused = self.refused.as_ref().filter(|refused| refused.field.is_none());
        refusal(refused.map(|refused| refused.message.clone()))
    }
}

/// A form about a room. Its address has no fragment: browsers would go there, and not to what is wrong.
pub(super) fn room_form(filled: &Filled, room: RoomId, content: AnyView) -> AnyView {
    view! {
        <form method="post" action=format!("/forms/room/{}", filled.form)>
            <input type="hidden" name="room" value=room.to_string() />
            {filled.refusal()}
            {content}
        </form>
    }
    .into_any()
}

/// A field for text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TextField<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'a str,
    pub(super) is_required: bool,
    /// More than one: it takes several lines.
    pub(super) rows: u32,
    /// Characters; none: no bound but the server's.
    pub(super) longest: Option<usize>,
    /// Numbers from 1 on.
    pub(super) is_number: bool,
}

pub(super) fn text_field(filled: &Filled, field: TextField<'_>, value: &str) -> AnyView {
    let TextField { name, label, hint, is_required, rows, longest, is_number } = field;
    let id = format!("{}-{name}", filled.form);
    let hint_id = format!("{id}-hint");
    let error = filled.error(name);
    let is_wrong = error.is_some();
    let value = filled.value(name, value);
    let (class, role) = if is_wrong { ("wrong", Some("alert")) } else { ("note", None) };
    let words = error.unwrap_or_else(|| hint.to_owned());
    let described = (!words.is_empty()).then(|| hint_id.clone());
    let words = described.is_some().then(|| {
        view! { <small id=hint_id class=class role=role>{words}</small> }
    });
    let invalid = is_wrong.then_some("true");
    let longest = longest.map(|characters| characters.to_string());
    let input = if rows > 1 {
        view! {
            // The first line break of the element is not part of its text.
            <textarea
                id=id
                dir="auto"
                name=name
                rows=rows.to_string()
                required=is_required
                maxlength=longest
                aria-invalid=invalid
                aria-describedby=described
                autofocus=is_wrong
            >
                {format!("\n{}", escaped(&value))}
            </textarea>
        }
        .into_any()
    } else {
        view! {
            <input
                id=id
                dir="auto"
                name=name
                type=if is_number { "number" } else { "text" }
                min=is_number.then_some("1")
                autocomplete="off"
                required=is_required
                maxlength=longest
                value=value
                aria-invalid=invalid
                aria-describedby=described
                autofocus=is_wrong
            />
        }
        .into_any()
    };
    view! {
        <label class="field">
            <span>{label}</span>
            {input}
            {words}
        </label>
    }
    .into_any()
}

/// The framework writes what is in a `textarea` as it is.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One of a few, all of them seen at once. Each has a value, a name, and a word about it.
pub(super) fn choice(
    filled: &Filled,
    name: &'static str,
    legend: &'static str,
    options: &[(&'static str, &'static str, &'static str)],
    current: &str,
) -> AnyView {
    let value = filled.value(name, current);
    let options: Vec<AnyView> = options
        .iter()
        .map(|(option, label, hint)| {
            view! {
                <label class="choice">
                    <input type="radio" name=name value=*option checked=*option == value />
                    <span>{*label} {(!hint.is_empty()).then(|| view! { <small>{*hint}</small> })}</span>
                </label>
            }
            .into_any()
        })
        .collect();
    view! {
        <fieldset class="choices">
            <legend>{legend}</legend>
            {options}
        </fieldset>
    }
    .into_any()
}

/// One of several, in little room.
pub(super) fn select(
    filled: &Filled,
    name: &'static str,
    label: &'static str,
    options: &[(&'static str, impl AsRef<str>)],
    current: &str,
) -> AnyView {
    let value = filled.value(name, current);
    let options: Vec<AnyView> = options
        .iter()
        .map(|(option, label)| {
            view! { <option value=*option selected=*option == value>{label.as_ref().to_owned()}</option> }
                .into_any()
        })
        .collect();
    view! {
        <label class="field">
            <span>{label}</span>
            <select name=name autocomplete="off">{options}</select>
        </label>
    }
    .into_any()
}

/// The same for what is not known before, with a word about it.
pub(super) fn named_select(
    filled: &Filled,
    name: &'static str,
    label: &'static str,
    hint: &str,
    options: &[(String, String)],
    current: &str,
) -> AnyView {
    let value = filled.value(name, current);
    let error = filled.error(name);
    let is_wrong = error.is_some();
    let (class, role) = if is_wrong { ("wrong", Some("alert")) } else { ("note", None) };
    let words = error.unwrap_or_else(|| hint.to_owned());
    let hint_id = format!("{}-{name}-hint", filled.form);
    let described = (!words.is_empty()).then(|| hint_id.clone());
    let words = described.is_some().then(|| {
        view! { <small id=hint_id class=class role=role>{words}</small> }
    });
    let options: Vec<AnyView> = options
        .iter()
        .map(|(option, label)| {
            view! { <option value=option.clone() selected=*option == value>{label.clone()}</option> }
                .into_any()
        })
        .collect();
    view! {
        <label class="field">
            <span>{label}</span>
            <select
                name=name
                autocomplete="off"
                aria-invalid=is_wrong.then_some("true")
                aria-describedby=described
                autofocus=is_wrong
            >
                {options}
            </select>
            {words}
        </label>
    }
    .into_any()
}

/// A second step without a script: the question opens below the words, and only in it stands the button that does it.
pub(super) fn asked(
    filled: &Filled,
    room: RoomId,
    summary: &'static str,
    question: String,
    button: AnyView,
) -> AnyView {
    let form = room_form(filled, room, button);
    view! {
        <details class="asked" open=filled.refused.is_some()>
            <summary class="button small">{summary}</summary>
            <div>
                <p>{question}</p>
                {form}
            </div>
        </details>
    }
    .into_any()
}

/// A part of a page under a heading, with what a form in it has done.
pub(super) fn section(
    id: &'static str,
    heading: &'static str,
    done: Option<&Done>,
    content: AnyView,
) -> AnyView {
    let done = done.filter(|done| done.section == id).map(|done| {
        view! { <p class="done" role="status">{done.message.clone()}</p> }
    });
    view! {
        <section id=id class="sheet" aria-labelledby=format!("{id}-heading")>
            <h2 id=format!("{id}-heading")>{heading}</h2>
            {done}
            {content}
        </section>
    }
    .into_any()
}
