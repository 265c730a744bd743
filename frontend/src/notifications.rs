//! Notifications of the browser, with a sound, for readers who asked for them; and the mark on the page's icon.

use app::chat::{Chat, Reactive};
use app::protocol::RoomId;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlAudioElement, Notification, NotificationOptions, NotificationPermission};

use crate::storage;

/// The reader's choice belongs to the browser, not to the account: others may sit at the others.
const KEY: &str = "sitespark-notify";

fn is_allowed() -> bool {
    // Some browsers have none at all, and asking them for the permission would be an exception.
    let has_any = js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false);
    has_any && Notification::permission() == NotificationPermission::Granted
}

pub fn are_wanted() -> bool {
    storage::get(KEY).is_some() && is_allowed()
}

pub fn want(chat: Chat, is_on: bool) {
    if !is_on {
        storage::remove(KEY);
        return chat.notifies.set(false);
    }
    spawn_local(async move {
        if !is_allowed()
            && let Ok(asked) = Notification::request_permission()
        {
            _ = JsFuture::from(asked).await;
        }
        // Also when it is refused: the box is checked already.
        chat.notifies.set(true);
        if is_allowed() {
            storage::set(KEY, "1");
            play();
        } else {
            chat.notifies.set(false);
        }
    });
}

pub fn show(chat: Chat, room: RoomId, title: &str, words: &str) {
    let options = NotificationOptions::new();
    options.set_body(words);
    // One per room: the next takes its place.
    options.set_tag(&room.to_string());
    options.set_icon("/favicon.svg");
    // Some browsers have the permission and still can't.
    let Ok(notification) = Notification::new_with_options(title, &options) else { return };
    let clicked = Closure::<dyn FnMut()>::new(move || {
        _ = window().focus();
        chat.go(Some(room));
    });
    notification.set_onclick(Some(clicked.into_js_value().unchecked_ref()));
    play();
}

fn play() {
    let Ok(sound) = HtmlAudioElement::new_with_src("/notify.wav") else { return };
    if let Ok(playing) = sound.play() {
        // A browser may refuse to make a sound before anything on the page was clicked.
        spawn_local(async move { _ = JsFuture::from(playing).await });
    }
}

pub fn mark_icon(is_marked: bool) {
    if let Ok(Some(icon)) = document().query_selector("link[rel=icon]") {
        let file = if is_marked { "/favicon-unread.svg" } else { "/favicon.svg" };
        if icon.get_attribute("href").as_deref() != Some(file) {
            _ = icon.set_attribute("href", file);
        }
    }
}
