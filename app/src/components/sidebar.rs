//! The list of conversations: open, begin, rename, delete; and who is signed in.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

use super::icons::{self, Brand, Icon};
use crate::chat::Chat;
use crate::protocol::{Command, RoomId, RoomSummary};

/// What a row is being used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowMode {
    Shown,
    Renaming,
    Deleting,
}

#[component]
pub fn Sidebar() -> impl IntoView {
    let chat = expect_context::<Chat>();
    // One row at a time asks something.
    let busy = RwSignal::new(None::<(RoomId, RowMode)>);
    view! {
        <nav class="sidebar" aria-label="Conversations">
            <div class="sidebar-head">
                <A href="/" attr:class="brand-link"><Brand /></A>
            </div>
            <A href="/" attr:class="button new-room">
                <Icon path=icons::PLUS />
                "New conversation"
            </A>
            <ul class="rooms">
                <For
                    each=move || chat.rooms.get()
                    key=|room| (room.id, room.title.clone())
                    children=move |room| view! { <Row room busy /> }
                />
            </ul>
            <Show when=move || chat.rooms.with(Vec::is_empty)>
                <p class="rooms-empty">"Your conversations will be listed here."</p>
            </Show>
            <div class="sidebar-foot">
                <span class="user">{move || chat.user.get().map(|user| user.name)}</span>
                <form method="post" action="/account/sign-out">
                    <button class="quiet" type="submit">"Sign out"</button>
                </form>
            </div>
        </nav>
    }
    .into_any()
}

fn title_of(room: &RoomSummary) -> String {
    if room.title.is_empty() { "New conversation".to_owned() } else { room.title.clone() }
}

#[component]
fn Row(room: RoomSummary, busy: RwSignal<Option<(RoomId, RowMode)>>) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let id = room.id;
    let title = title_of(&room);
    let mode = Memo::new(move |_| busy.get().filter(|(row, _)| *row == id).map_or(RowMode::Shown, |(_, mode)| mode));
    move || {
        let title = title.clone();
        match mode.get() {
            RowMode::Shown => {
                let (rename_label, delete_label) = (format!("Rename {title}"), format!("Delete {title}"));
                let tooltip = title.clone();
                view! {
                    <li class="room-row" class:current=move || chat.room.get() == Some(id)>
                        <A href=format!("/room/{id}") attr:title=tooltip>
                            {title.clone()}
                        </A>
                        <span class="room-actions needs-script">
                            <button
                                type="button"
                                class="quiet"
                                aria-label=rename_label
                                title="Rename"
                                on:click=move |_| busy.set(Some((id, RowMode::Renaming)))
                            >
                                <Icon path=icons::EDIT />
                            </button>
                            <button
                                type="button"
                                class="quiet"
                                aria-label=delete_label
                                title="Delete"
                                on:click=move |_| busy.set(Some((id, RowMode::Deleting)))
                            >
                                <Icon path=icons::DELETE />
                            </button>
                        </span>
                    </li>
                }
                .into_any()
            }
            RowMode::Renaming => view! { <RenameRow id title busy /> }.into_any(),
            RowMode::Deleting => view! { <DeleteRow id title busy /> }.into_any(),
        }
    }
}

#[component]
fn RenameRow(id: RoomId, title: String, busy: RwSignal<Option<(RoomId, RowMode)>>) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            _ = input.focus();
            input.select();
        }
    });
    let save = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked() {
            chat.command(Command::RenameRoom { room: id, title: input.value() });
        }
        busy.set(None);
    };
    let leave = move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            busy.set(None);
        }
    };
    view! {
        <li class="room-row asking">
            <form class="rename" on:submit=save on:keydown=leave>
                <input node_ref=input value=title maxlength="120" required aria-label="New name" />
                <button class="button small primary" type="submit">"Save"</button>
                <button class="button small" type="button" on:click=move |_| busy.set(None)>"Cancel"</button>
            </form>
        </li>
    }
    .into_any()
}

#[component]
fn DeleteRow(id: RoomId, title: String, busy: RwSignal<Option<(RoomId, RowMode)>>) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let navigate = use_navigate();
    let keep = NodeRef::<html::Button>::new();
    Effect::new(move |_| {
        if let Some(keep) = keep.get() {
            _ = keep.focus();
        }
    });
    let delete = move |_| {
        chat.command(Command::DeleteRoom { room: id });
        busy.set(None);
        if chat.room.get_untracked() == Some(id) {
            navigate("/", Default::default());
        }
    };
    view! {
        <li class="room-row asking" role="group" aria-label=format!("Delete {title}?")>
            <p>"Delete “" {title.clone()} "” and everything in it?"</p>
            <div class="answers">
                <button class="button small danger" type="button" on:click=delete>"Delete"</button>
                <button class="button small" type="button" node_ref=keep on:click=move |_| busy.set(None)>"Keep"</button>
            </div>
        </li>
    }
    .into_any()
}
