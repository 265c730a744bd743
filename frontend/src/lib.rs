//! SiteSpark in the browser: takes over the page that the server drew, and drives the chat in it.
//!
//! Everything that decides anything is in `app`; here are only thin drivers around the browser's own things.

#![recursion_limit = "256"]

mod driver;
mod page_events;
mod random;
mod socket;
mod ticket;

use app::chat::Chat;
use app::pages::{App, Browser};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let browser = Browser { start, now: driver::now(), seed: random::seed() };
    hydrate_body(move || {
        provide_context(browser);
        App()
    });
}

fn start(chat: Chat) {
    chat.start(Box::new(driver::BrowserDriver::new(chat)));
    page_events::listen(chat);
    // What needs a script to work is shown from now on; tests wait for it.
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-live", "");
    }
}
