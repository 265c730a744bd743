//! The chat's page: the list of conversations, and the one that is open.

use leptos::html;
use leptos::prelude::*;

use super::document_title;
use crate::chat::Chat;
use crate::client::Millis;
use crate::components::{ConnectionStatus, RoomView, Sidebar, effect};
use crate::protocol::{PageData, RoomId};

/// Provided in the browser, where a page comes alive; absent on the server, which only draws it.
#[derive(Clone, Copy, Debug)]
pub struct Browser {
    /// Gives the chat its driver.
    pub start: fn(Chat),
    pub now: Millis,
    pub seed: u64,
}

#[component]
pub fn App(page: PageData, room: Option<RoomId>) -> impl IntoView {
    let browser = use_context::<Browser>();
    let (now, seed) = browser.map_or((page.now, 0), |browser| (browser.now, browser.seed));
    let chat = Chat::new(page, room, now, seed);
    provide_context(chat);
    let menu = NodeRef::<html::Input>::new();
    if let Some(browser) = browser {
        come_alive(chat, browser, menu);
    }
    view! {
        <a class="skip" href="#end">"Skip to the conversation"</a>
        <div class="workspace">
            <input
                type="checkbox"
                id="menu"
                class="menu-toggle"
                aria-label="Show the list of conversations"
                node_ref=menu
            />
            <Sidebar />
            <label class="backdrop" for="menu" aria-hidden="true"></label>
            <div class="main">
                <ConnectionStatus />
                <RoomView />
            </div>
        </div>
    }
}

fn come_alive(chat: Chat, browser: Browser, menu: NodeRef<html::Input>) {
    effect(move || untrack(|| (browser.start)(chat)));
    effect(move || {
        let title = document_title(&chat.title());
        let waiting = chat.waiting();
        document().set_title(&if waiting > 0 { format!("({waiting}) {title}") } else { title });
        chat.mark_icon(waiting > 0);
    });
    // A message that the address names.
    effect(move || untrack(|| chat.aim_at(&location_hash().unwrap_or_default())));
    // On a phone, the list lies over what was chosen in it.
    effect(move || {
        chat.room.track();
        if let Some(menu) = menu.get_untracked() {
            menu.set_checked(false);
        }
    });
}
