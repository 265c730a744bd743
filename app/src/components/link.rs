//! A link to a room, followed without loading the page anew; a plain link where there is no script.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::chat::Chat;
use crate::pages::address;
use crate::protocol::RoomId;

#[component]
pub fn RoomLink(
    room: Option<RoomId>,
    class: &'static str,
    #[prop(into)] title: String,
    children: Children,
) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let follow = move |event: MouseEvent| {
        // Anything but a plain click is the browser's: a new tab, a download.
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        if is_plain && !event.default_prevented() {
            event.prevent_default();
            chat.go(room);
        }
    };
    let title = (!title.is_empty()).then_some(title);
    view! {
        <a href=address(room) class=class title=title on:click=follow>
            {children()}
        </a>
    }
}
