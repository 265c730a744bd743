//! The chat: the list of conversations, and the one that is open.

use leptos::html;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::api::{ReadError, load_page};
use crate::chat::Chat;
use crate::client::Millis;
use crate::components::{ConnectionStatus, RoomView, Sidebar};
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
pub fn HomePage() -> impl IntoView {
    let path = use_location().pathname;
    let room = Memo::new(move |_| path.with(|path| room_in(path)));
    let asked = room.get_untracked();
    let page = Resource::new_blocking(|| (), move |()| load_page(asked));
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { <Workspace page asked room /> }.into_any(),
                    // The server answers with a redirect; this is for the moment before it takes effect.
                    Err(ReadError::SignedOut) => view! { <SignedOut /> }.into_any(),
                    Err(ReadError::NotFound | ReadError::Failed) => view! { <Broken /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The room that an address shows.
fn room_in(path: &str) -> Option<RoomId> {
    RoomId::parse(path.strip_prefix("/room/")?.trim_end_matches('/'))
}

#[component]
fn Workspace(page: PageData, asked: Option<RoomId>, room: Memo<Option<RoomId>>) -> impl IntoView {
    let browser = use_context::<Browser>();
    let (now, seed) = browser.map_or((page.now, 0), |browser| (browser.now, browser.seed));
    let chat = Chat::new(page, asked, now, seed);
    provide_context(chat);
    let title = move || {
        let open = chat.room.get();
        chat.rooms.with(|rooms| {
            rooms.iter().find(|room| Some(room.id) == open).map(|room| room.title.clone()).unwrap_or_default()
        })
    };
    let menu = NodeRef::<html::Input>::new();
    // Only in the browser: there, the page is handed over and follows its address.
    if let Some(browser) = browser {
        Effect::new(move |is_started: Option<bool>| {
            let room = room.get();
            if is_started.is_none() {
                (browser.start)(chat);
            }
            chat.open(room);
            // On a phone, the list lies over what was chosen in it.
            if let Some(menu) = menu.get_untracked() {
                menu.set_checked(false);
            }
            true
        });
    }
    view! {
        <Title text=title />
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
    .into_any()
}

#[component]
fn SignedOut() -> impl IntoView {
    view! {
        <main class="card-page">
            <div class="card">
                <h1>"You are signed out"</h1>
                <p><a class="button primary" href="/sign-in" rel="external">"Sign in"</a></p>
            </div>
        </main>
    }
}

#[component]
fn Broken() -> impl IntoView {
    view! {
        <Title text="Something went wrong" />
        <main class="card-page">
            <div class="card">
                <h1>"Something went wrong here"</h1>
                <p>"Nothing you wrote is lost. Please load the page again in a moment."</p>
                <p><a class="button" href="" rel="external">"Load again"</a></p>
            </div>
        </main>
    }
}
