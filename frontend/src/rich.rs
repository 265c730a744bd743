//! Lets the server draw what it can draw better than this page: an element that is marked (see `app::markdown::rich`) is
//! replaced by the answer to its `POST /api/rich`. The newest come first, because readers are mostly at the end.
//!
//! What fails stays as it is: it is readable. Nothing is asked while nobody sees the page.

use std::cell::Cell;
use std::rc::Rc;

use app::markdown::rich::SELECTOR;
use app::protocol::{RICH_PATH, RichText, to_json};
use gloo_timers::callback::Timeout;
use leptos::prelude::{document, request_animation_frame, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, VisibilityState};

use crate::request::post;

/// Requests at the same time.
const AT_ONCE: u32 = 2;
/// Milliseconds for an answer.
const WITHIN: u32 = 10_000;
/// Milliseconds after a failure before the next request in its place; doubled by each that follows ...
const PAUSE: u32 = 2_000;
/// ... so often at most.
const DOUBLED: u32 = 6;
/// Milliseconds until a selection is looked at again.
const LOOK_AGAIN: u32 = 1_000;
/// Marks what was asked for.
const ASKED: &str = "data-asked";

#[derive(Default)]
struct State {
    /// Requests that are under way, or pause after a failure.
    asked: Cell<u32>,
    /// In a row.
    failures: Cell<u32>,
}

/// Clones are handles to the same.
#[derive(Clone, Default)]
pub struct Rich(Rc<State>);

impl Rich {
    /// Asks for what is marked on the page by now.
    pub fn look(&self) {
        while self.0.asked.get() < AT_ONCE
            && let Some(element) = newest()
        {
            _ = element.set_attribute(ASKED, "");
            self.0.asked.set(self.0.asked.get() + 1);
            spawn_local(self.clone().ask(element));
        }
    }

    async fn ask(self, element: Element) {
        let mark = element.get_attribute("data-rich").unwrap_or_default();
        let (kind, variant) = mark.split_once(' ').unwrap_or_default();
        let text = element.text_content().unwrap_or_default();
        let body = to_json(&RichText { kind: kind.to_owned(), variant: variant.to_owned(), text });
        let answer = post(RICH_PATH, &body, WITHIN).await;
        match answer {
            Some(answer) if answer.status == 200 => {
                self.0.failures.set(0);
                // With whatever else the next frame changes, so that the page is laid out once.
                request_animation_frame(move || replace(element, answer.body));
            }
            // It would be refused again.
            Some(answer) if answer.status < 500 && answer.status != 429 => {}
            _ => {
                _ = element.remove_attribute(ASKED);
                let failures = self.0.failures.get();
                self.0.failures.set((failures + 1).min(DOUBLED));
                _ = Timeout::new(PAUSE << failures, move || self.next()).forget();
                return;
            }
        }
        self.next();
    }

    fn next(&self) {
        self.0.asked.set(self.0.asked.get() - 1);
        self.look();
    }
}

fn newest() -> Option<Element> {
    if document().visibility_state() == VisibilityState::Hidden {
        return None;
    }
    let marked = document().query_selector_all(SELECTOR).ok()?;
    marked.get(marked.length().checked_sub(1)?)?.dyn_into().ok()
}

/// Waits while something in it is selected. When the page has put something else into its place, that stays.
fn replace(element: Element, html: String) {
    let selection = window().get_selection().ok().flatten();
    let is_selected = selection.is_some_and(|selection| {
        !selection.is_collapsed()
            && selection.contains_node_with_allow_partial_containment(&element, true).unwrap_or(false)
    });
    if is_selected {
        _ = Timeout::new(LOOK_AGAIN, move || replace(element, html)).forget();
    } else if element.is_connected() {
        element.set_outer_html(&html);
    }
}
