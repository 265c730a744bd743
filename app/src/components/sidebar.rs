//! The list of conversations: open, begin, pin, rename, archive, delete; who is signed in, and what is theirs to set.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, HtmlInputElement, KeyboardEvent};

use super::connection_status::transport_note;
use super::icons::{self, BRAND, icon};
use super::link::follow;
use super::{Live, Row, button, effect, focus_soon, found, input_method};
use crate::chat::{Chat, Dialog, Html, Reactive, Value, unread};
use crate::pages::{THEME_FORM, address};
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
    html.tag("</a>");
    open_dialog(chat, Dialog::Palette, texts::go_to_something(), html);
    icon(html.tag(">"), icons::SEARCH);
    html.tag(r#"</button></div><a class="button new-room" href="/""#)
        .on("click", follow(chat, None))
        .tag(">");
    icon(html, icons::PLUS);
    html.text(texts::new_conversation()).tag(r#"</a><a class="button new-room" href="/rooms/new">"#);
    html.text(texts::new_room()).tag(r#"</a><div class="rooms"><ul"#).rows(move || listed(chat, busy));
    html.tag(r#"</ul><details class="archived""#)
        .live_if("hidden", move || !chat.rooms.with(|rooms| rooms.iter().any(is_archived)));
    html.tag(r#"><summary class="quiet">"#).text(texts::archived());
    html.tag("</summary><ul").rows(move || archived(chat, busy));
    html.tag(r#"</ul></details></div><p class="rooms-empty""#)
        .live_if("hidden", move || !chat.rooms.with(Vec::is_empty));
    html.tag(">").text(texts::rooms_empty()).tag(r#"</p><div class="sidebar-foot">"#);
    account(chat, html);
    #[cfg(feature = "ssr")]
    html.html(&super::languages());
    notify(chat, html);
    theme(chat, html);
    transport_note(chat, html);
    html.tag("</div></nav>");
}

/// The beginning of a button, up to its content.
fn open_dialog(chat: Chat, dialog: Dialog, label: &'static str, html: &mut Live) {
    html.tag(r#"<button type="button" class="quiet needs-script" aria-haspopup="dialog" title=""#);
    html.text(label).tag(r#"" aria-label=""#).text(label).tag("\"");
    html.on("click", move |_| chat.dialog.set(dialog));
}

/// The colours of all pages, and what else is for the whole of them. Without a script, each button sends the form.
fn theme(chat: Chat, html: &mut Live) {
    html.tag(r#"<form class="theme" method="post" action=""#).text(THEME_FORM);
    html.tag(r#""><span role="group" aria-label=""#).text(texts::colours()).tag("\">");
    for (value, words) in [("", texts::as_system()), ("light", texts::light()), ("dark", texts::dark())] {
        html.tag(r#"<button class="chip" name="theme" value=""#).tag(value).tag("\"");
        html.live("aria-pressed", move || chat.theme.with(|theme| theme == value).to_string());
        html.on("click", move |event| {
            event.prevent_default();
            chat.want_theme(value);
        });
        html.tag(">").text(words).tag("</button>");
    }
    html.tag("</span>");
    open_dialog(chat, Dialog::Shortcuts, texts::keys(), html);
    html.tag(">").text(texts::keys()).tag("</button></form>");
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

/// The rooms under their headings.
fn listed(chat: Chat, busy: Busy) -> Vec<Row> {
    let busy_now = busy.get();
    let mut rows = Vec::new();
    let mut heading = None;
    for (under, room) in chat.listed() {
        if heading != Some(under) {
            heading = Some(under);
            let words = under.words();
            rows.push(Row::new(words.clone(), move |html| {
                html.tag(r#"<li class="rooms-of"><h2>"#).text(&words).tag("</h2></li>");
            }));
        }
        rows.push(row(chat, room, busy, busy_now));
    }
    rows
}

fn archived(chat: Chat, busy: Busy) -> Vec<Row> {
    let busy_now = busy.get();
    let rooms = chat.rooms.get().into_iter().filter(is_archived);
    rooms.map(|room| row(chat, room, busy, busy_now)).collect()
}

fn row(chat: Chat, room: RoomSummary, busy: Busy, now: Option<(RoomId, RowMode)>) -> Row {
    let id = room.id;
    match now.filter(|(row, _)| *row == id).map_or(RowMode::Shown, |(_, mode)| mode) {
        RowMode::Shown => {
            let pinned = if room.is_pinned { "pinned" } else { "" };
            let key = format!("{id} {:?} {pinned} {}", room.role, room.title);
            Row::new(key, move |html| shown_row(chat, &room, busy, html))
        }
        RowMode::Renaming => Row::new(format!("{id} rename"), move |html| {
            rename_row(chat, &room, busy, html);
        }),
        RowMode::Deleting => Row::new(format!("{id} delete"), move |html| {
            delete_row(chat, &room, busy, html);
        }),
    }
}

fn is_archived(room: &RoomSummary) -> bool {
    room.is_archived
}

fn shown_row(chat: Chat, room: &RoomSummary, busy: Busy, html: &mut Live) {
    let (id, title) = (room.id, room.shown_title().to_owned());
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
    // One text for ears: what is drawn in pieces is read with spaces between them.
    let name = title.clone();
    let label = move || {
        let (count, mentions) = counts();
        if count > 0 { [&name, ", ", &unread(count, mentions)].concat() } else { name.clone() }
    };
    html.tag("<li").live("class", class).tag("><a href=\"").text(&address(Some(id)));
    html.tag("\" title=\"").text(&title).tag("\"").live("aria-label", label);
    html.live("aria-current", move || if chat.room.get() == Some(id) { "page" } else { "false" }.to_owned());
    html.on("click", follow(chat, Some(id)));
    html.tag(r#"><span class="name" dir="auto">"#).text(&title);
    html.tag(r#"</span><span class="badges""#).live_html(move || badge(counts()));
    html.tag(r#"</span></a><span class="room-actions needs-script">"#);
    let mut action = |name: &'static str, path: &'static str, action: Box<dyn Fn()>| {
        html.tag(r#"<button type="button" class="quiet" aria-label=""#).text(name).text(" ").text(&title);
        html.tag("\" title=\"").text(name).tag("\"").on("click", move |_| action());
        icon(html.tag(">"), path);
        html.tag("</button>");
    };
    let ask = |mode: RowMode, field: &'static str| -> Box<dyn Fn()> {
        Box::new(move || {
            busy.set(Some((id, mode)));
            focus_soon(field);
        })
    };
    let RoomSummary { is_pinned, is_archived, .. } = *room;
    // The server has the table of who may do what.
    let is_direct = room.kind == RoomKind::Direct;
    if !is_archived {
        let words = if is_pinned { texts::unpin() } else { texts::pin() };
        action(words, icons::PIN, Box::new(move || chat.pin_room(id, !is_pinned)));
    }
    if room.role >= Role::Admin {
        if !is_direct && !is_archived {
            action(texts::rename(), icons::EDIT, ask(RowMode::Renaming, ".rename input"));
        }
        if is_archived {
            action(texts::bring_back(), icons::ARCHIVE, Box::new(move || chat.archive(id, false)));
        }
    }
    if room.role >= Role::Owner && !is_direct {
        action(texts::delete(), icons::DELETE, ask(RowMode::Deleting, ".answers .keep"));
    }
    html.tag("</span></li>");
}

/// How much is unread, for eyes; the link's name has it for ears.
fn badge((count, mentions): (u32, u32)) -> String {
    let mut html = Html::default();
    if count > 0 {
        html.tag(if mentions > 0 { "<b class=\"count mentions\"" } else { "<b class=\"count\"" });
        html.tag(" aria-hidden=\"true\">").text(&count.to_string()).tag("</b>");
    }
    html.take()
}

fn rename_row(chat: Chat, room: &RoomSummary, busy: Busy, html: &mut Live) {
    let (id, title) = (room.id, room.shown_title());
    let save = move |event: &Event| {
        event.prevent_default();
        if let Some(input) = found(".rename input") {
            let title = input.unchecked_into::<HtmlInputElement>().value();
            chat.command(Command::RenameRoom { room: id, title });
        }
        busy.set(None);
    };
    let leave = move |event: &Event| {
        let key = event.unchecked_ref::<KeyboardEvent>();
        if key.key() == "Escape" && !input_method::has_taken(key) {
            busy.set(None);
        }
    };
    html.tag(r#"<li class="room-row asking"><form class="rename""#).on("submit", save).on("keydown", leave);
    html.tag(r#"><input maxlength="120" required dir="auto" aria-label=""#).text(texts::new_name());
    html.tag("\" value=\"").text(title).tag("\">");
    html.tag(r#"<button class="button small primary" type="submit">"#).text(texts::save());
    html.tag(r#"</button><button class="button small" type="button""#).on("click", move |_| busy.set(None));
    html.tag(">").text(texts::cancel()).tag("</button></form></li>");
}

fn delete_row(chat: Chat, room: &RoomSummary, busy: Busy, html: &mut Live) {
    let (id, title) = (room.id, room.shown_title());
    let delete = move |_: &Event| {
        chat.command(Command::DeleteRoom { room: id });
        busy.set(None);
        if chat.room.get_untracked() == Some(id) {
            chat.go(None);
        }
    };
    let question = if room.members > 1 { texts::delete_for_members } else { texts::delete_question };
    let is_archived = room.is_archived;
    html.tag(r#"<li class="room-row asking" role="group" aria-label=""#);
    html.text(&texts::delete_label(title)).tag("\"><p>").text(&question(title)).tag("</p>");
    html.tag(r#"<div class="answers"><button class="button small danger" type="button""#).on("click", delete);
    html.tag(">").text(texts::delete()).tag(r#"</button><button class="button small" type="button""#);
    html.live_if("hidden", move || is_archived).on("click", move |_| {
        busy.set(None);
        chat.archive(id, true);
    });
    html.tag(">").text(texts::archive_instead());
    html.tag(r#"</button><button class="button small keep" type="button""#);
    html.on("click", move |_| busy.set(None)).tag(">").text(texts::keep()).tag("</button></div></li>");
}
