//! The list of conversations where it lies over what is read: on phones. It is a checkbox, which opens it without a
//! script, too; with one, whoever goes elsewhere closes it.

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{HtmlInputElement, KeyboardEvent};

use super::{around, effect, focus, found, listen};
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

pub(crate) fn menu(chat: Chat) {
    effect(move || {
        chat.room.track();
        // What was pressed goes out of sight with the list.
        if close() && found(".sidebar :focus").is_some() {
            focus("h1");
        }
    });
    listen("focusin", |event| {
        if around(event, ".main").is_some() {
            close();
        }
    });
    listen("keydown", |event| {
        let key = event.unchecked_ref::<KeyboardEvent>();
        // Questions in the list have an Escape of their own.
        if key.key() == "Escape" && around(event, ".asking, dialog").is_none() && close() {
            focus("#menu");
        }
    });
}
