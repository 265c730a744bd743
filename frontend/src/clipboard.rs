//! Copying text, also on pages without HTTPS, where browsers have no clipboard for scripts.

use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlDocument, HtmlTextAreaElement};

pub fn copy(text: &str) {
    let navigator = window().navigator();
    let clipboard = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"));
    if clipboard.is_ok_and(|clipboard| !clipboard.is_undefined()) {
        _ = navigator.clipboard().write_text(text);
    } else {
        _ = copy_selection(text);
    }
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
