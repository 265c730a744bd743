//! The list of conversations: open, begin, rename, delete; and who is signed in.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;

use super::icons::{self, Brand, Icon};
use super::link::RoomLink;
use super::{Erase, ListRow, TransportNote, button, dynamic, effect, flag, list, text};
use crate::chat::{Chat, Html, unread};
use crate::protocol::{Command, Role, RoomId, RoomKind, RoomSummary};

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
                <RoomLink room=None class="brand-link" title=""><Brand /></RoomLink>
            </div>
            <RoomLink room=None class="button new-room" title="">
                <Icon path=icons::PLUS />
                "New conversation"
            </RoomLink>
            <a class="quiet" href="/rooms/new">"New room with people"</a>
            <div class="rooms">
                <ul>{list(move || rows(chat, false, busy))}</ul>
                <details class="archived" hidden=flag(move || chat.rooms.with(|rooms| !rooms.iter().any(is_archived)))>
                    <summary class="quiet">"Archived"</summary>
                    <ul>{list(move || rows(chat, true, busy))}</ul>
                </details>
            </div>
            <p class="rooms-empty" hidden=flag(move || !chat.rooms.with(Vec::is_empty))>
                "Your conversations will be listed here."
            </p>
            <Account />
        </nav>
    }
}

fn is_archived(room: &RoomSummary) -> bool {
    room.is_archived
}

fn rows(chat: Chat, are_archived: bool, busy: Busy) -> Vec<ListRow> {
    let rooms = chat.rooms.get().into_iter().filter(|room| room.is_archived == are_archived);
    let key = |room: &RoomSummary| format!("{} {:?} {}", room.id, room.role, room.title);
    rooms.map(|room| ListRow::new(key(&room), move || row(&room, busy))).collect()
}

/// Who is signed in, and how the page is connected.
#[component]
fn Account() -> impl IntoView {
    let chat = expect_context::<Chat>();
    // So many things would be lost; none: not asked yet.
    let losses = RwSignal::new(0_u64);
    let sign_out = move |event: SubmitEvent| {
        let unsent = chat.unsent();
        if unsent > 0 && losses.get_untracked() == 0 {
            event.prevent_default();
            losses.set(unsent);
        } else {
            chat.forget_all();
        }
    };
    let question = text(move || match losses.get() {
        0 => String::new(),
        1 => "One thing you did is not sent yet and would be lost.".to_owned(),
        unsent => format!("{unsent} things you did are not sent yet and would be lost."),
    });
    let is_not_asked = flag(move || losses.get() == 0);
    view! {
        <div class="sidebar-foot">
            <form class="account" method="post" action="/account/sign-out" on:submit=sign_out>
                <p class="question" role="alert" hidden=is_not_asked.clone()>{question}</p>
                <span class="user">{text(move || chat.user_name.get())}</span>
                {button("Stay", is_not_asked, move || losses.set(0))}
                <button class="quiet" type="submit">"Sign out"</button>
            </form>
            <label class="notify needs-script">
                <input
                    type="checkbox"
                    prop:checked=chat.notifies
                    on:change=move |event| chat.want_notifications(event_target_checked(&event))
                />
                "Notify me, with a sound"
            </label>
            <TransportNote />
        </div>
    }
}

fn title_of(room: &RoomSummary) -> String {
    if room.title.is_empty() { "New conversation".to_owned() } else { room.title.clone() }
}

type Busy = RwSignal<Option<(RoomId, RowMode)>>;

fn row(room: &RoomSummary, busy: Busy) -> AnyView {
    let room = room.clone();
    let id = room.id;
    let mode = move || busy.get().filter(|(row, _)| *row == id).map_or(RowMode::Shown, |(_, mode)| mode);
    dynamic(move || match mode() {
        RowMode::Shown => shown_row(&room, busy),
        RowMode::Renaming => view! { <RenameRow id title=title_of(&room) busy /> }.erase(),
        RowMode::Deleting => view! { <DeleteRow id title=title_of(&room) busy /> }.erase(),
    })
    .erase()
}

fn shown_row(room: &RoomSummary, busy: Busy) -> AnyView {
    let chat = expect_context::<Chat>();
    let (id, title) = (room.id, title_of(room));
    let counts = move || {
        let find = |rooms: &Vec<RoomSummary>| {
            rooms.iter().find(|room| room.id == id).map(|room| (room.unread, room.mentions))
        };
        chat.rooms.with(find).unwrap_or_default()
    };
    let badge = text(move || badge(counts()));
    let action = move |label: String, name: &'static str, path: &'static str, mode: RowMode| {
        view! {
            <button
                type="button"
                class="quiet"
                aria-label=label
                title=name
                on:click=move |_| busy.set(Some((id, mode)))
            >
                <Icon path />
            </button>
        }
        .erase()
    };
    // The server has the table of who may do what.
    let is_direct = room.kind == RoomKind::Direct;
    let may_rename = room.role >= Role::Admin && !is_direct && !room.is_archived;
    let may_delete = room.role >= Role::Owner && !is_direct;
    let rename =
        may_rename.then(|| action(format!("Rename {title}"), "Rename", icons::EDIT, RowMode::Renaming));
    let delete =
        may_delete.then(|| action(format!("Delete {title}"), "Delete", icons::DELETE, RowMode::Deleting));
    let kind = match room.kind {
        RoomKind::Solo => "",
        RoomKind::Group => " group",
        RoomKind::Direct => " direct",
    };
    let class = text(move || {
        let current = if chat.room.get() == Some(id) { " current" } else { "" };
        let unread = if counts().0 > 0 { " unread" } else { "" };
        format!("room-row{kind}{current}{unread}")
    });
    view! {
        <li class=class>
            <RoomLink room=Some(id) class="" title=title.clone()>
                <span class="name">{title.clone()}</span>
                <span class="badges" inner_html=badge></span>
            </RoomLink>
            <span class="room-actions needs-script">{rename} {delete}</span>
        </li>
    }
    .erase()
}

/// How much is unread, for eyes and for ears.
fn badge((count, mentions): (u32, u32)) -> String {
    let mut html = Html::default();
    if count > 0 {
        html.tag("<span class=\"spoken\">, ").text(&unread(count, mentions)).tag("</span>");
        html.tag(if mentions > 0 { "<b class=\"count mentions\"" } else { "<b class=\"count\"" });
        html.tag(" aria-hidden=\"true\">").text(&count.to_string()).tag("</b>");
    }
    html.take()
}

#[component]
fn RenameRow(id: RoomId, title: String, busy: Busy) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let input = NodeRef::<html::Input>::new();
    effect(move || {
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
}

#[component]
fn DeleteRow(id: RoomId, title: String, busy: Busy) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let keep = NodeRef::<html::Button>::new();
    effect(move || {
        if let Some(keep) = keep.get() {
            _ = keep.focus();
        }
    });
    let delete = move |_| {
        chat.command(Command::DeleteRoom { room: id });
        busy.set(None);
        if chat.room.get_untracked() == Some(id) {
            chat.go(None);
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
}
