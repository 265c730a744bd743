//! The open conversation, or the beginning of a new one.

use leptos::prelude::*;

use super::actions::Actions;
use super::composer::Composer;
use super::draft::{Offers, Writing};
use super::messages::Conversation;
use super::room_head::RoomHead;
use super::{Erase, dynamic, flag, text};
use crate::chat::Chat;
use crate::client::{Input, SnapshotFailure, TimelineState};

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
    let offers = Offers {
        suggestion,
        taken_back: RwSignal::new(String::new()),
        writing: RwSignal::new(Writing::Message),
    };
    provide_context(offers);
    let actions = Actions::new(chat, offers);
    provide_context(actions);
    actions.listen();
    view! {
        <main class="room">
            <RoomHead />
            <Notice />
            {dynamic(move || match (chat.room.get().is_some(), chat.stage.get()) {
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
            <p class="typing" role="status">{text(move || chat.typing.get())}</p>
            <Composer />
            <p id="message-keys" hidden>
                "Enter goes to the newest message. On a message: arrow keys for others, Enter for what can be done with
                it, R to reply, E to edit, P to pin, L to copy its link, U to mark it as unread, Delete to delete it,
                Escape to write."
            </p>
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
