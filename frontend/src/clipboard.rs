//! Copying text, also on pages without HTTPS, where browsers have no clipboard for scripts; and what is selected.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlDocument, HtmlTextAreaElement, Node};

pub fn copy(text: &str) {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    if clipboard.is_ok_and(|clipboard| !clipboard.is_undefined()) {
        _ = navigator.clipboard().write_text(text);
    } else {
        _ = copy_selection(text);
    }
}

/// The text that is selected, if it is within one message, and the `data-message` of that.
pub fn selection() -> Option<(String, String)> {
    let selection = window().get_selection().ok().flatten()?;
    let message_of = |node: Option<Node>| {
        let message = node?.parent_element()?.closest("[data-message]").ok().flatten()?;
        message.get_attribute("data-message")
    };
    let message = message_of(selection.anchor_node())?;
    let is_within = message_of(selection.focus_node()).as_ref() == Some(&message);
    let text = String::from(selection.to_string());
    (is_within && !text.trim().is_empty()).then_some((message, text))
}

/// The old way: what is selected in a field is copied. The focus goes back to where it was.
fn copy_selection(text: &str) -> Result<(), JsValue> {
    let focused = document().active_element();
    let field: HtmlTextAreaElement = document().create_element("textarea")?.unchecked_into();
    field.set_value(text);
    document().body().ok_or(JsValue::NULL)?.append_child(&field)?;
    field.select();
    let copied = document().unchecked_into::<HtmlDocument>().exec_command("copy");
    field.remove();
    if let Some(focused) = focused {
        _ = focused.unchecked_into::<web_sys::HtmlElement>().focus();
    }
    copied.map(|_| ())
}
