//! The list of conversations where it lies over what is read: on phones. It is a checkbox, which opens it without a
//! script, too; with one, whoever goes elsewhere closes it.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlInputElement};

use super::{effect, focus, found, listen};
use crate::chat::{Chat, Reactive};

/// Closes the list. False when it was not open.
fn close() -> bool {
    let menu = found("#menu").map(JsCast::unchecked_into::<HtmlInputElement>);
    let open = menu.filter(HtmlInputElement::checked);
    if let Some(menu) = &open {
        menu.set_checked(false);
    }
    open.is_some()
}

fn is_within(element: Option<Element>, selector: &str) -> bool {
    element.is_some_and(|element| element.closest(selector).is_ok_and(|found| found.is_some()))
}

fn is_about(event: &Event, selector: &str) -> bool {
    is_within(event.target().and_then(|target| target.dyn_into().ok()), selector)
}

pub(crate) fn menu(chat: Chat) {
    effect(move || {
        chat.room.track();
        // What was pressed goes out of sight with the list.
        if close() && is_within(document().active_element(), ".sidebar") {
            focus("h1");
        }
    });
    listen("focusin", |event| {
        if is_about(event, ".main") {
            close();
        }
    });
    listen("keydown", |event| {
        let key = event.unchecked_ref::<leptos::ev::KeyboardEvent>();
        // Questions in the list have an Escape of their own.
        if key.key() == "Escape" && !is_about(event, ".asking, dialog") && close() {
            focus("#menu");
        }
    });
}
