//! Gives life to what [`Live`] wrote, in the browser: effects that show what changes, and listeners.
//!
//! Nothing is drawn here but what comes to be later. What the server has written is only compared by the order of its
//! marked elements, so that a browser extension's own additions harm nothing.

use std::any::Any;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::prelude::Closure;
use leptos::web_sys::{Element, Event};
use web_sys::NodeList;

use super::live::{Live, MARK, Part, Place, Row};

/// What keeps something alive. Dropped, it ends.
type Life = Box<dyn Any>;

/// A row that is on the page.
struct ShownRow {
    key: String,
    element: Element,
    _lives: Vec<Life>,
}

/// The marked elements that nothing was given to yet.
struct Marked {
    elements: NodeList,
    next: u32,
}

impl Marked {
    fn inside(element: &Element) -> Option<Self> {
        let elements = element.query_selector_all(&format!("[{MARK}]")).ok()?;
        Some(Self { elements, next: 0 })
    }

    fn next(&mut self) -> Option<Element> {
        self.next += 1;
        self.elements.item(self.next - 1).map(JsCast::unchecked_into)
    }
}

/// Wakes what the server wrote into the page, for as long as the page is there.
pub(crate) fn wake_page(live: Live) {
    if let Some(mut marked) = document().body().and_then(|body| Marked::inside(&body)) {
        std::mem::forget(wake(live, &mut marked));
    }
}

fn wake(live: Live, marked: &mut Marked) -> Vec<Life> {
    let mut lives = Vec::new();
    for parts in live.marked {
        let Some(element) = marked.next() else { break };
        for part in parts {
            lives.push(match part {
                Part::Value(place, value) => show(element.clone(), place, value),
                Part::Listener(event, action) => hear(&element, event, action),
                Part::Rows(rows, written) => {
                    let shown = wake_rows(&element, written, marked);
                    show_rows(element.clone(), shown, rows)
                }
            });
        }
    }
    lives
}

fn effect(action: impl FnMut() + 'static) -> Life {
    fn erased(mut action: Box<dyn FnMut()>) -> Life {
        Box::new(RenderEffect::new(move |_| action()))
    }
    erased(Box::new(action))
}

fn show(element: Element, place: Place, value: Box<dyn Fn() -> Option<String>>) -> Life {
    // The first time, what is written is there.
    let mut before = None;
    effect(move || {
        let now = value();
        if before.as_ref().is_some_and(|before| *before != now) {
            let text = now.as_deref();
            match place {
                Place::Text => element.set_text_content(text),
                Place::Html => element.set_inner_html(text.unwrap_or_default()),
                Place::Attribute(name) => {
                    _ = match text {
                        Some(text) => element.set_attribute(name, text),
                        None => element.remove_attribute(name),
                    };
                }
            }
        }
        before = Some(now);
    })
}

fn hear(element: &Element, event: &str, action: Box<dyn Fn(&Event)>) -> Life {
    let heard = Closure::<dyn Fn(Event)>::new(move |event: Event| action(&event));
    _ = element.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    Box::new(heard)
}

fn wake_rows(parent: &Element, written: Vec<(String, Live)>, marked: &mut Marked) -> Vec<ShownRow> {
    let mut child = parent.first_element_child();
    let mut shown = Vec::new();
    for (key, live) in written {
        let Some(element) = child else { break };
        child = element.next_element_sibling();
        shown.push(ShownRow { key, element, _lives: wake(live, marked) });
    }
    shown
}

fn show_rows(parent: Element, mut shown: Vec<ShownRow>, rows: Box<dyn Fn() -> Vec<Row>>) -> Life {
    let mut is_first = true;
    effect(move || {
        let rows = rows();
        if !std::mem::take(&mut is_first) {
            untrack(|| change(&parent, &mut shown, rows));
        }
    })
}

/// Rows that stay are not touched, and moved only where one that stands after them is to stand before them.
fn change(parent: &Element, shown: &mut Vec<ShownRow>, rows: Vec<Row>) {
    let mut before = std::mem::take(shown);
    for row in rows {
        match before.iter().position(|shown| shown.key == row.key()) {
            Some(index) => shown.push(before.remove(index)),
            None => shown.extend(make(row)),
        }
    }
    for gone in before {
        gone.element.remove();
    }
    let mut place = parent.first_element_child();
    for row in shown {
        if place.as_ref() == Some(&row.element) {
            place = row.element.next_element_sibling();
        } else {
            _ = parent.insert_before(&row.element, place.as_deref());
        }
    }
}

fn make(row: Row) -> Option<ShownRow> {
    let (key, mut live) = row.write();
    let holder = document().create_element("div").ok()?;
    holder.set_inner_html(&live.take());
    let lives = wake(live, &mut Marked::inside(&holder)?);
    Some(ShownRow { key, element: holder.first_element_child()?, _lives: lives })
}
