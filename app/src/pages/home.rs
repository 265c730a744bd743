//! The chat's page: the list of conversations, and the one that is open.

use leptos::prelude::*;
use leptos::tachys::html::InertElement;

use super::document_title;
use crate::chat::Chat;
use crate::client::Millis;
use crate::components::{Live, connection_status, dialog, effect, menu, room_view, sidebar, wake_page};
use crate::protocol::{PageData, RoomId};
use crate::texts::chat as texts;

/// What a page needs to come alive.
#[derive(Clone, Copy, Debug)]
pub struct Browser {
    /// Gives the chat its driver.
    pub start: fn(Chat),
    pub now: Millis,
    pub seed: u64,
}

/// The page as the server draws it.
#[component]
pub fn App(page: PageData, room: Option<RoomId>) -> impl IntoView {
    let now = page.now;
    InertElement::new(workspace(Chat::new(page, room, now, 0)).take())
}

/// The same page, as the server has drawn it, comes alive.
pub fn come_alive(page: PageData, room: Option<RoomId>, browser: Browser) {
    let chat = Chat::new(page, room, browser.now, browser.seed);
    effect(move || untrack(|| (browser.start)(chat)));
    effect(move || {
        let title = document_title(&chat.title());
        let waiting = chat.waiting();
        document().set_title(&if waiting > 0 { format!("({waiting}) {title}") } else { title });
        chat.mark_icon(waiting > 0);
    });
    // A message that the address names.
    effect(move || untrack(|| chat.aim_at(&location_hash().unwrap_or_default())));
    menu(chat);
    wake_page(workspace(chat));
}

fn workspace(chat: Chat) -> Live {
    let mut html = Live::default();
    html.tag(r##"<a class="skip" href="#end">"##).text(texts::skip()).tag(r#"</a><div class="workspace">"#);
    html.tag(r#"<input type="checkbox" id="menu" class="menu-toggle" aria-label=""#).text(texts::show_list());
    html.tag("\">");
    sidebar(chat, &mut html);
    html.tag(r#"<label class="backdrop" for="menu" aria-hidden="true"></label><div class="main">"#);
    connection_status(chat, &mut html);
    room_view(chat, &mut html);
    html.tag("</div></div>");
    dialog(chat, &mut html);
    html
}
