//! What lies over the page: the sheet of shortcuts, or the palette. One `<dialog>` for both, which is empty while it is
//! closed; the browser keeps the focus inside and gives it back.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlDialogElement};

use super::palette::palette;
use super::shortcuts::shortcuts;
use super::{Live, Row, effect, focus, found, input_method, keys, listen};
use crate::chat::{Chat, Dialog, Reactive};
use crate::texts::chat as texts;

pub(crate) fn dialog(chat: Chat, html: &mut Live) {
    listen("keydown", move |event| {
        let key = event.unchecked_ref();
        if !input_method::has_taken(key)
            && let Some(dialog) = keys::opens(key, is_writing(event) || !chat.has_letter_keys.get_untracked())
        {
            event.prevent_default();
            let is_open = chat.dialog.get_untracked() == dialog;
            chat.dialog.set(if is_open { Dialog::None } else { dialog });
        }
    });
    // The content is drawn by then.
    effect(move || {
        let is_wanted = chat.dialog.get() != Dialog::None;
        queue_microtask(move || show(is_wanted));
    });
    let label = move || match chat.dialog.get() {
        Dialog::None => "",
        Dialog::Shortcuts => texts::keys_and_commands(),
        Dialog::Palette => texts::go_to(),
    };
    let row = move || match chat.dialog.get() {
        Dialog::None => Vec::new(),
        Dialog::Shortcuts => vec![Row::new("shortcuts", move |html| shortcuts(chat, html))],
        Dialog::Palette => vec![Row::new("palette", move |html| palette(chat, html))],
    };
    html.tag(r#"<dialog class="dialog""#)
        .live("aria-label", move || label().to_owned())
        .on("close", move |_| chat.dialog.put(Dialog::None))
        .on("click", move |event| {
            // Only what is around the content is the dialog itself.
            if target(event).is_some_and(|target| target.class_name() == "dialog") {
                chat.dialog.set(Dialog::None);
            }
        })
        .rows(row)
        .tag("</dialog>");
}

fn show(is_wanted: bool) {
    let Some(dialog) = found(".dialog") else { return };
    let dialog = dialog.unchecked_into::<HtmlDialogElement>();
    match (is_wanted, dialog.open()) {
        (true, false) => _ = dialog.show_modal(),
        (false, true) => dialog.close(),
        _ => {}
    }
    if is_wanted {
        focus(".dialog [autofocus]");
    }
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// Where the focus is, letters are letters.
fn is_writing(event: &Event) -> bool {
    target(event).is_some_and(|target| target.matches("input, textarea, select").unwrap_or_default())
}
