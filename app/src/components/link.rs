//! Links to rooms, followed without loading the page anew; plain links where there is no script.

use leptos::ev::MouseEvent;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Event;

use crate::chat::Chat;
use crate::protocol::RoomId;

/// What a link to this room does when it is clicked.
pub fn follow(chat: Chat, room: Option<RoomId>) -> impl Fn(&Event) {
    move |event| {
        let mouse = event.unchecked_ref::<MouseEvent>();
        // Anything but a plain click is the browser's: a new tab, a download.
        let is_plain = mouse.button() == 0
            && !(mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.alt_key());
        if is_plain && !event.default_prevented() {
            event.prevent_default();
            chat.go(room);
        }
    }
}
