//! SiteSpark in the browser: takes over the page that the server drew, and drives the chat in it.
//!
//! Everything that decides anything is in `app`; here are only thin drivers around the browser's own things.

mod activity;
mod clipboard;
mod drafts;
mod driver;
mod http_connection;
mod kept_outbox;
mod notifications;
mod page_events;
mod random;
mod read;
mod request;
mod rich;
mod socket;
mod storage;
mod ticket;

use any_spawner::Executor;
use app::chat::Chat;
use app::pages::{Browser, PAGE_DATA_ELEMENT, TEXTS_ELEMENT, come_alive, room_at};
use app::protocol::from_json;
use app::texts::{Language, speak};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    let content = |id: &str| document().get_element_by_id(id).and_then(|element| element.text_content());
    if let Some(language) = content(TEXTS_ELEMENT).and_then(Language::of_page) {
        speak(language);
    }
    let Some(page) = content(PAGE_DATA_ELEMENT).and_then(|data| from_json(&data).ok()) else {
        // Without its data the page stays what the server drew: readable, and usable by its forms.
        return leptos::logging::error!("the page's data can't be read");
    };
    let room = room_at(&location_path());
    let browser = Browser { start, now: driver::now(), seed: random::seed() };
    // For whatever follows from a value that changes.
    _ = Executor::init_wasm_bindgen();
    let owner = Owner::new();
    owner.with(|| come_alive(page, room, browser));
    // For as long as the page is there.
    std::mem::forget(owner);
}

fn start(chat: Chat) {
    // Every page of the chat has its reader.
    let Some(user) = chat.user() else { return };
    chat.start(Box::new(driver::BrowserDriver::new(chat, user)));
    page_events::listen(chat);
    activity::watch(chat);
    // What needs a script to work is shown from now on; tests wait for it.
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-live", "");
    }
}

fn location_path() -> String {
    window().location().pathname().unwrap_or_default()
}
