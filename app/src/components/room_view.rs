//! The open conversation, or the beginning of a new one. Follows the end while the reader is there.

use leptos::html;
use leptos::prelude::*;

use super::composer::{Composer, Suggestion};
use super::icons::{self, Icon};
use super::message::{Message, PendingMessage};
use super::{dynamic, nothing, text};
use crate::chat::{Chat, Item};
use crate::client::{Input, SnapshotFailure, TimelineState};

/// Pixels from the end within which a reader counts as being at it.
const AT_END: i32 = 48;

/// Things to begin with.
const SUGGESTIONS: [&str; 4] = [
    "Explain how a WebSocket stays open, with a small diagram",
    "Plan a weekend in Jakarta, as a table",
    "Write a haiku about rain, then explain it",
    "Show me quicksort in Rust and how to test it",
];

#[component]
pub fn RoomView() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let suggestion = RwSignal::new(None::<String>);
    provide_context(Suggestion(suggestion));
    let has_room = Memo::new(move |_| chat.room.get().is_some());
    let problem = Memo::new(move |_| chat.room_state.get().state);
    view! {
        <main class="room">
            <header class="room-head">
                <label class="quiet menu-button" for="menu" title="Conversations">
                    <Icon path=icons::MENU />
                </label>
                <h1>{text(move || chat.title())}</h1>
            </header>
            <Notice />
            {dynamic(move || match (has_room.get(), problem.get()) {
                (false, _) => view! { <Welcome suggestion /> }.into_any(),
                (true, TimelineState::Ready) => view! { <Conversation /> }.into_any(),
                (true, TimelineState::Loading) => {
                    view! { <div class="room-note" role="status"><p>"Loading the conversation…"</p></div> }.into_any()
                }
                (true, TimelineState::Gone | TimelineState::Failed(SnapshotFailure::NotFound)) => {
                    view! {
                        <div class="room-note">
                            <h2>"This conversation is not there"</h2>
                            <p>"It may have been deleted, or it belongs to somebody else."</p>
                            <p><a class="button" href="/">"Begin a new one"</a></p>
                        </div>
                    }
                        .into_any()
                }
                (true, TimelineState::Failed(_)) => {
                    view! {
                        <div class="room-note" role="status">
                            <p>"The conversation could not be loaded. It is tried again by itself."</p>
                        </div>
                    }
                        .into_any()
                }
            })}
            <Composer />
        </main>
    }
    .into_any()
}

#[component]
fn Welcome(suggestion: RwSignal<Option<String>>) -> impl IntoView {
    view! {
        <div class="welcome">
            <h2>"What would you like to talk about?"</h2>
            <ul class="suggestions needs-script">
                {SUGGESTIONS
                    .map(|text| {
                        view! {
                            <li>
                                <button type="button" on:click=move |_| suggestion.set(Some(text.to_owned()))>
                                    {text}
                                </button>
                            </li>
                        }
                    })}
            </ul>
        </div>
    }
    .into_any()
}

#[component]
fn Conversation() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let scroller = NodeRef::<html::Div>::new();
    let is_at_end = RwSignal::new(true);
    let to_end = move || {
        if let Some(scroller) = scroller.get_untracked() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    };
    // After the page was changed, and before it is painted.
    Effect::new(move |_| {
        chat.growth.track();
        chat.items.track();
        if is_at_end.get_untracked() {
            request_animation_frame(to_end);
        }
    });
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            let left = scroller.scroll_height() - scroller.scroll_top() - scroller.client_height();
            is_at_end.set(left < AT_END);
        }
    };
    let earlier = move || {
        if !chat.room_state.get().has_earlier {
            return nothing();
        }
        view! { <p class="earlier">"The newest 200 messages are shown."</p> }.into_any()
    };
    let jump = move || {
        if is_at_end.get() {
            return nothing();
        }
        view! {
            <button class="to-end" type="button" on:click=move |_| to_end() aria-label="Jump to the latest message">
                <Icon path=icons::DOWN />
            </button>
        }
        .into_any()
    };
    view! {
        <div class="messages" node_ref=scroller on:scroll=on_scroll tabindex="-1">
            <div class="column">
                {dynamic(earlier)}
                <For
                    each=move || chat.items.get()
                    key=Item::key
                    children=|item| match item {
                        Item::Message(message) => view! { <Message message /> }.into_any(),
                        Item::Pending(pending) => view! { <PendingMessage pending /> }.into_any(),
                    }
                />
                <div id="end" tabindex="-1"></div>
            </div>
        </div>
        {dynamic(jump)}
    }
    .into_any()
}

/// The last command that was refused, such as a rename.
#[component]
fn Notice() -> impl IntoView {
    let chat = expect_context::<Chat>();
    dynamic(move || {
        let Some((id, text)) = chat.notice.get() else { return nothing() };
        view! {
            <div class="outcome failed notice" role="alert">
                <span>{text}</span>
                <button class="button small" type="button" on:click=move |_| chat.input(Input::Discard(id))>
                    "Dismiss"
                </button>
            </div>
        }
        .into_any()
    })
}
