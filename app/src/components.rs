//! The parts that pages are made of.

mod actions;
mod blocks;
mod code;
mod completion;
mod composer;
mod connection_status;
mod dialog;
mod draft;
mod facts;
pub(crate) mod icons;
mod input_method;
mod keys;
mod kimi_sheet;
#[cfg(feature = "ssr")]
mod languages;
mod length;
mod link;
mod live;
mod menu;
mod message;
mod messages;
mod models;
mod obey;
mod palette;
mod room_head;
mod room_view;
mod run_status;
mod shortcuts;
mod sidebar;
mod slash;
#[cfg(all(test, feature = "ssr"))]
mod tests;
mod thinking;
mod wake;

use std::rc::Rc;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlElement, HtmlInputElement};

pub(crate) use connection_status::connection_status;
pub(crate) use dialog::dialog;
#[cfg(feature = "ssr")]
pub(crate) use languages::languages;
pub(crate) use live::{Live, Row};
pub(crate) use menu::menu;
pub(crate) use room_view::room_view;
pub(crate) use sidebar::sidebar;
pub(crate) use wake::wake_page;

/// Something to do when what it reads has changed, in the browser only, and not before the page is drawn.
///
/// One type for all: a closure of a type of its own would bring some kilobytes of compiled code with it.
pub(crate) fn effect(action: impl FnMut() + 'static) {
    fn erased(mut action: Box<dyn FnMut()>) {
        Effect::new(move |_| action());
    }
    erased(Box::new(action));
}

/// Hears something wherever on the page it happens, in the browser only; one type for the same reason.
pub(crate) fn listen(name: &'static str, action: impl Fn(&Event) + 'static) {
    let action: Rc<dyn Fn(&Event)> = Rc::new(action);
    effect(move || {
        let action = action.clone();
        // Stays for as long as the page does.
        _ = window_event_listener_untyped(name, move |event| action(&event));
    });
}

/// The first element of the page that fits.
pub(crate) fn found(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten().map(JsCast::unchecked_into)
}

/// The element around what an event is about.
pub(crate) fn around(event: &Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_ref::<Element>()?.closest(selector).ok().flatten()
}

pub(crate) fn focus(selector: &str) {
    if let Some(element) = found(selector) {
        _ = element.focus();
    }
}

/// Once what has changed is drawn. The text of an input is selected.
pub(crate) fn focus_soon(selector: &'static str) {
    queue_microtask(move || {
        focus(selector);
        if let Some(input) = found(selector).and_then(|found| found.dyn_into::<HtmlInputElement>().ok()) {
            input.select();
        }
    });
}

/// A small button that needs a script.
pub(crate) fn button(
    html: &mut Live,
    label: &'static str,
    is_hidden: impl Fn() -> bool + 'static,
    action: impl Fn() + 'static,
) {
    html.tag(r#"<button class="button small needs-script" type="button""#)
        .live_if("hidden", is_hidden)
        .on("click", move |_| action());
    html.tag(">").text(label).tag("</button>");
}
