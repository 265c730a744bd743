//! The open conversation, or the beginning of a new one. Follows the end while the reader is there.

use std::sync::atomic::{AtomicI32, Ordering};

use leptos::html;
use leptos::prelude::*;

use super::composer::{Composer, Offers};
use super::icons::{self, Icon};
use super::message::{message_view, pending_view};
use super::{Erase, ListRow, dynamic, effect, flag, list, text};
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
    let suggestion = RwSignal::new(String::new());
    provide_context(Offers { suggestion, taken_back: RwSignal::new(String::new()) });
    view! {
        <main class="room">
            <header class="room-head">
                <label class="quiet menu-button" for="menu" title="Conversations">
                    <Icon path=icons::MENU />
                </label>
                <h1>{text(move || chat.title())}</h1>
            </header>
            <Notice />
            {dynamic(move || match (chat.room.get().is_some(), chat.room_state.get().state) {
                (false, _) => view! { <Welcome suggestion /> }.erase(),
                (true, TimelineState::Ready) => view! { <Conversation /> }.erase(),
                (true, TimelineState::Loading) => note("Loading the conversation…", "", ""),
                (true, TimelineState::Gone | TimelineState::Failed(SnapshotFailure::NotFound)) => note(
                    "This conversation is not there",
                    "It may have been deleted, or it belongs to somebody else.",
                    "Begin a new one",
                ),
                (true, TimelineState::Failed(_)) => {
                    note("The conversation could not be loaded", "It is tried again by itself.", "")
                }
            })}
            <Composer />
        </main>
    }
}

/// What stands in the place of a conversation that can't be shown.
fn note(heading: &'static str, text: &'static str, action: &'static str) -> AnyView {
    view! {
        <div class="room-note" role="status">
            <h2>{heading}</h2>
            <p>{text}</p>
            <a class="button" href="/" hidden=action.is_empty()>{action}</a>
        </div>
    }
    .erase()
}

#[component]
fn Welcome(suggestion: RwSignal<String>) -> impl IntoView {
    view! {
        <div class="welcome">
            <h2>"What would you like to talk about?"</h2>
            <ul class="suggestions needs-script">
                {SUGGESTIONS
                    .map(|text| {
                        view! {
                            <li>
                                <button type="button" on:click=move |_| suggestion.set(text.to_owned())>
                                    {text}
                                </button>
                            </li>
                        }
                    })}
            </ul>
        </div>
    }
}

fn row(item: &Item) -> AnyView {
    match item {
        Item::Message(message) => message_view(message.clone()),
        Item::Pending(pending) => pending_view(pending.clone()),
    }
}

#[component]
fn Conversation() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let scroller = NodeRef::<html::Div>::new();
    let is_at_end = RwSignal::new(true);
    // Called before the next paint, when all of this may be gone.
    let to_end = move || {
        if let Some(scroller) = scroller.try_get_untracked().flatten() {
            scroller.set_scroll_top(scroller.scroll_height());
        }
    };
    effect(move || {
        chat.growth.track();
        chat.items.track();
        if is_at_end.get_untracked() {
            request_animation_frame(to_end);
        }
    });
    // Who sends something wants to see it, and what comes of it.
    effect(move || {
        chat.sent.track();
        is_at_end.set(true);
        request_animation_frame(to_end);
    });
    // A reader leaves the end by going up. Being away from it proves nothing: the text may have grown since the
    // scrolling that this event tells of.
    let top_before = AtomicI32::new(0);
    let on_scroll = move |_| {
        if let Some(scroller) = scroller.get_untracked() {
            let top = scroller.scroll_top();
            let has_gone_up = top < top_before.swap(top, Ordering::Relaxed);
            let is_near = scroller.scroll_height() - top - scroller.client_height() < AT_END;
            if is_near || has_gone_up {
                is_at_end.set(is_near);
            }
        }
    };
    view! {
        <div class="messages" node_ref=scroller on:scroll=on_scroll tabindex="-1">
            <div class="column">
                <p class="earlier" hidden=flag(move || !chat.room_state.get().has_earlier)>
                    "The newest 200 messages are shown."
                </p>
                {list(move || {
                    let items = chat.items.get().into_iter();
                    items.map(|item| ListRow::new(item.key(), move || row(&item))).collect()
                })}
                <div id="end" tabindex="-1"></div>
            </div>
        </div>
        <button
            class="to-end"
            type="button"
            aria-label="Jump to the latest message"
            hidden=flag(move || is_at_end.get())
            on:click=move |_| to_end()
        >
            <Icon path=icons::DOWN />
        </button>
    }
}

/// The last command that was refused, such as a rename.
#[component]
fn Notice() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let words = text(move || chat.notice.get().map(|(_, text)| text).unwrap_or_default());
    let dismiss = move |_| {
        if let Some((id, _)) = chat.notice.get_untracked() {
            chat.input(Input::Discard(id));
        }
    };
    view! {
        <div class="outcome failed notice" role="alert" hidden=flag(move || chat.notice.read().is_none())>
            <span>{words}</span>
            <button class="button small" type="button" on:click=dismiss>"Dismiss"</button>
        </div>
    }
}
