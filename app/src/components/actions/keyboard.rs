//! What a message that has the focus hears; the keys are in the table of [`keys`].

use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, HtmlElement, KeyboardEvent};

use super::{Actions, message_of};
use crate::chat::{Reactive, UNREAD_LINE};
use crate::components::{around, focus, keys};

/// The message beside an element of the list, over the line of what is new.
fn beside(element: &Element, is_up: bool) -> Option<Element> {
    let next = |element: &Element| {
        if is_up { element.previous_element_sibling() } else { element.next_element_sibling() }
    };
    let mut beside = next(element)?;
    while message_of(&beside).is_none() {
        beside = next(&beside)?;
    }
    Some(beside)
}

impl Actions {
    pub(super) fn key(self, event: &KeyboardEvent) {
        let key = event.key().to_ascii_lowercase();
        if around(event, ".toolbar").is_some() {
            if key == "escape" {
                self.back();
            }
            return;
        }
        let has_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        if key.len() == 1 && !self.chat.has_letter_keys.get_untracked() {
            return;
        }
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(target) = target.filter(|_| !has_modifier) else { return };
        if target.class_name() == "messages" && key == "enter" {
            event.prevent_default();
            return focus("article:last-of-type");
        }
        let message = message_of(&target);
        if message.is_none() && target.id() != UNREAD_LINE {
            return;
        }
        let Some(action) = keys::on_message(&key) else { return };
        // What the key would do next is for another element.
        event.prevent_default();
        match key.as_str() {
            "arrowup" | "arrowdown" => {
                if let Some(row) = beside(&target, key == "arrowup") {
                    _ = row.unchecked_into::<HtmlElement>().focus();
                }
            }
            "arrowleft" | "arrowright" => {
                let other = message.and_then(|id| self.chat.version_beside(id, key == "arrowright"));
                if let Some(other) = other {
                    self.chat.show_branch(other);
                }
            }
            "enter" => focus(".toolbar button"),
            "escape" => focus(".composer textarea"),
            _ => {
                // Only what the toolbar offers.
                let offered =
                    message.and_then(|id| self.chat.message(id)).map(|message| self.offered(&message));
                if offered.is_some_and(|offered| offered.contains(&action)) {
                    self.act(action, "", message);
                }
            }
        }
    }
}
