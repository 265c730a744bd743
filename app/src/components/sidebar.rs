//! The list of conversations: open, begin, rename, delete; and who is signed in.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, HtmlInputElement, KeyboardEvent};

use super::connection_status::transport_note;
use super::icons::{self, BRAND, icon};
use super::link::follow;
use super::{Live, Row, button, effect, focus_soon, found};
use crate::chat::{Chat, Html, Reactive, Value, unread};
use crate::pages::address;
use crate::protocol::{Command, Role, RoomId, RoomKind, RoomSummary};
use crate::texts::chat as texts;

/// What a row is being used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowMode {
    Shown,
    Renaming,
    Deleting,
}

/// One row at a time asks something.
type Busy = Value<Option<(RoomId, RowMode)>>;

pub fn sidebar(chat: Chat, html: &mut Live) {
    let busy = Value::new(None);
    html.tag(r#"<nav class="sidebar" aria-label=""#).text(texts::conversations());
    html.tag(r#""><div class="sidebar-head">"#);
    html.tag(r#"<a class="brand-link" href="/""#).on("click", follow(chat, None)).tag(">").tag(BRAND);
    html.tag(r#"</a></div><a class="button new-room" href="/""#).on("click", follow(chat, None)).tag(">");
    icon(html, icons::PLUS);
    html.text(texts::new_conversation()).tag(r#"</a><a class="quiet" href="/rooms/new">"#);
    html.text(texts::new_room()).tag(r#"</a><div class="rooms"><ul"#).rows(move || rows(chat, false, busy));
    html.tag(r#"</ul><details class="archived""#)
        .live_if("hidden", move || !chat.rooms.with(|rooms| rooms.iter().any(is_archived)));
    html.tag(r#"><summary class="quiet">"#).text(texts::archived());
    html.tag("</summary><ul").rows(move || rows(chat, true, busy));
    html.tag(r#"</ul></details></div><p class="rooms-empty""#)
        .live_if("hidden", move || !chat.rooms.with(Vec::is_empty));
    html.tag(">").text(texts::rooms_empty()).tag(r#"</p><div class="sidebar-foot">"#);
    account(chat, html);
    #[cfg(feature = "ssr")]
    html.html(&super::languages());
    notify(chat, html);
    transport_note(chat, html);
    html.tag("</div></nav>");
}

/// Who is signed in.
fn account(chat: Chat, html: &mut Live) {
    // So many things would be lost; none: not asked yet.
    let losses = Value::new(0_u64);
    let sign_out = move |event: &Event| {
        let unsent = chat.unsent();
        if unsent > 0 && losses.get_untracked() == 0 {
            event.prevent_default();
            losses.set(unsent);
        } else {
            chat.forget_all();
        }
    };
    let is_not_asked = move || losses.get() == 0;
    let question = move || match losses.get() {
        0 => String::new(),
        unsent => texts::unsent(unsent),
    };
    html.tag(r#"<form class="account" method="post" action="/account/sign-out""#).on("submit", sign_out);
    html.tag(r#"><p class="question" role="alert""#).live_if("hidden", is_not_asked).live_text(question);
    html.tag(r#"</p><span class="user""#).live_text(move || chat.user_name.get()).tag("</span>");
    button(html, texts::stay(), is_not_asked, move || losses.set(0));
    html.tag(r#"<button class="quiet" type="submit">"#).text(texts::sign_out()).tag("</button></form>");
}

fn notify(chat: Chat, html: &mut Live) {
    html.tag(r#"<label class="notify needs-script"><input type="checkbox""#)
        .on("change", move |event| chat.want_notifications(event_target_checked(event)));
    html.tag(">").text(texts::notify_me()).tag("</label>");
    effect(move || {
        let notifies = chat.notifies.get();
        if let Some(input) = found(".notify input") {
            input.unchecked_into::<HtmlInputElement>().set_checked(notifies);
        }
    });
}

fn rows(chat: Chat, are_archived: bool, busy: Busy) -> Vec<Row> {
    let rooms = chat.rooms.get().into_iter().filter(|room| room.is_archived == are_archived);
    let row = |room: RoomSummary| {
        let (id, title) = (room.id, title_of(&room));
        let mode = busy.get().filter(|(row, _)| *row == id).map_or(RowMode::Shown, |(_, mode)| mode);
        match mode {
            RowMode::Shown => {
                let key = format!("{id} {:?} {}", room.role, room.title);
                Row::new(key, move |html| shown_row(chat, &room, busy, html))
            }
            RowMode::Renaming => Row::new(format!("{id} rename"), move |html| {
                rename_row(chat, id, &title, busy, html);
            }),
            RowMode::Deleting => Row::new(format!("{id} delete"), move |html| {
                delete_row(chat, id, &title, busy, html);
            }),
        }
    };
    rooms.map(row).collect()
}

fn is_archived(room: &RoomSummary) -> bool {
    room.is_archived
}

fn title_of(room: &RoomSummary) -> String {
    if room.title.is_empty() { texts::new_conversation().to_owned() } else { room.title.clone() }
}

fn shown_row(chat: Chat, room: &RoomSummary, busy: Busy, html: &mut Live) {
    let (id, title) = (room.id, title_of(room));
    let counts = move || {
        let find = |rooms: &Vec<RoomSummary>| {
            rooms.iter().find(|room| room.id == id).map(|room| (room.unread, room.mentions))
        };
        chat.rooms.with(find).unwrap_or_default()
    };
    let kind = match room.kind {
        RoomKind::Solo => "",
        RoomKind::Group => " group",
        RoomKind::Direct => " direct",
    };
    let class = move || {
        let current = if chat.room.get() == Some(id) { " current" } else { "" };
        let unread = if counts().0 > 0 { " unread" } else { "" };
        format!("room-row{kind}{current}{unread}")
    };
    html.tag("<li").live("class", class).tag("><a href=\"").text(&address(Some(id)));
    html.tag("\" title=\"").text(&title).tag("\"").on("click", follow(chat, Some(id)));
    html.tag(r#"><span class="name">"#).text(&title);
    html.tag(r#"</span><span class="badges""#).live_html(move || badge(counts()));
    html.tag(r#"</span></a><span class="room-actions needs-script">"#);
    let mut action = |name: &'static str, path: &'static str, mode: RowMode, field: &'static str| {
        html.tag(r#"<button type="button" class="quiet" aria-label=""#).text(name).text(" ").text(&title);
        html.tag("\" title=\"").text(name).tag("\"").on("click", move |_| {
            busy.set(Some((id, mode)));
            focus_soon(field);
        });
        icon(html.tag(">"), path);
        html.tag("</button>");
    };
    // The server has the table of who may do what.
    let is_direct = room.kind == RoomKind::Direct;
    if room.role >= Role::Admin && !is_direct && !room.is_archived {
        action(texts::rename(), icons::EDIT, RowMode::Renaming, ".rename input");
    }
    if room.role >= Role::Owner && !is_direct {
        action(texts::delete(), icons::DELETE, RowMode::Deleting, ".answers .keep");
    }
    html.tag("</span></li>");
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

fn rename_row(chat: Chat, id: RoomId, title: &str, busy: Busy, html: &mut Live) {
    let save = move |event: &Event| {
        event.prevent_default();
        if let Some(input) = found(".rename input") {
            let title = input.unchecked_into::<HtmlInputElement>().value();
            chat.command(Command::RenameRoom { room: id, title });
        }
        busy.set(None);
    };
    let leave = move |event: &Event| {
        if event.unchecked_ref::<KeyboardEvent>().key() == "Escape" {
            busy.set(None);
        }
    };
    html.tag(r#"<li class="room-row asking"><form class="rename""#).on("submit", save).on("keydown", leave);
    html.tag(r#"><input maxlength="120" required aria-label=""#).text(texts::new_name());
    html.tag("\" value=\"").text(title).tag("\">");
    html.tag(r#"<button class="button small primary" type="submit">"#).text(texts::save());
    html.tag(r#"</button><button class="button small" type="button""#).on("click", move |_| busy.set(None));
    html.tag(">").text(texts::cancel()).tag("</button></form></li>");
}

fn delete_row(chat: Chat, id: RoomId, title: &str, busy: Busy, html: &mut Live) {
    let delete = move |_: &Event| {
        chat.command(Command::DeleteRoom { room: id });
        busy.set(None);
        if chat.room.get_untracked() == Some(id) {
            chat.go(None);
        }
    };
    html.tag(r#"<li class="room-row asking" role="group" aria-label=""#);
    html.text(&texts::delete_label(title)).tag("\"><p>").text(&texts::delete_question(title)).tag("</p>");
    html.tag(r#"<div class="answers"><button class="button small danger" type="button""#).on("click", delete);
    html.tag(">").text(texts::delete()).tag(r#"</button><button class="button small keep" type="button""#);
    html.on("click", move |_| busy.set(None)).tag(">").text(texts::keep()).tag("</button></div></li>");
}
