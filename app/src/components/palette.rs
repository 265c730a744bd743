//! The command palette: a room, a person or something to do, found by a few letters of its name.
//!
//! What is offered is looked up when something is typed, and stays until then: what moved under a finger would be the
//! wrong thing.

mod ranking;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlInputElement};

use super::{Live, focus_soon, found, input_method};
use crate::chat::{Chat, Dialog, Html, Reactive, Value, unread};
use crate::protocol::{Command, Role, RoomId, RoomKind, RoomSummary};
use crate::texts::chat as texts;
use ranking::ranked;

/// Rooms that are offered while nothing is typed.
const NEWEST: usize = 8;
/// What is offered at most; who looks for more types more.
const OFFERED: usize = 50;

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    /// What it is.
    note: String,
    pick: Pick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    Room(RoomId),
    /// Whom the entry names.
    Person,
    NewConversation,
    NewRoom,
    Details,
    Pin(bool),
    Archive(bool),
    /// The name of a theme; empty: the system's.
    Theme(&'static str),
    Shortcuts,
    SignOut,
}

#[derive(Clone, Copy)]
struct Palette {
    chat: Chat,
    entries: Value<Vec<Entry>>,
    chosen: Value<u64>,
}

pub fn palette(chat: Chat, html: &mut Live) {
    let palette = Palette { chat, entries: Value::new(offered(chat, "")), chosen: Value::new(0) };
    let active = move || {
        let is_none = palette.entries.with(Vec::is_empty);
        if is_none { String::new() } else { format!("pick-{}", palette.chosen.get()) }
    };
    let count = move || match palette.entries.with(Vec::len) {
        0 => texts::nothing_called_so().to_owned(),
        count => texts::results(count as u64),
    };
    html.tag(r#"<div class="palette"><input type="text" dir="auto" role="combobox" aria-expanded="true" "#);
    html.tag(
        r#"aria-controls="picks" aria-autocomplete="list" autocomplete="off" spellcheck="false" autofocus "#,
    );
    html.tag("aria-label=\"")
        .text(texts::palette_field())
        .tag("\" placeholder=\"")
        .text(texts::palette_field());
    html.tag("\"")
        .live("aria-activedescendant", active)
        .on("input", move |event| palette.typed(event))
        .on("keydown", move |event| palette.key(event));
    html.tag(r#"><ul id="picks" role="listbox" aria-label=""#)
        .text(texts::results_list())
        .tag("\"")
        .on("click", move |event| palette.clicked(event))
        .live_html(move || palette.entries.with(|entries| options(entries, palette.chosen.get())));
    html.tag(r#"</ul><p class="palette-foot"><span role="status""#).live_text(count);
    html.tag("</span><span>").text(texts::palette_people()).tag("</span></p></div>");
}

impl Palette {
    fn typed(self, event: &Event) {
        let typed = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let entries = offered(self.chat, &typed.map(|input| input.value()).unwrap_or_default());
        self.chosen.set(0);
        self.entries.set(entries);
        reveal();
    }

    fn key(self, event: &Event) {
        let key = event.unchecked_ref::<KeyboardEvent>();
        let count = self.entries.with_untracked(Vec::len) as u64;
        if input_method::has_taken(key) || count == 0 {
            return;
        }
        let chosen = self.chosen.get_untracked();
        let Some(next) = next(&key.key(), chosen, count) else {
            if key.key() == "Enter" {
                event.prevent_default();
                self.pick(chosen);
            }
            return;
        };
        event.prevent_default();
        self.chosen.set(next);
        reveal();
    }

    fn clicked(self, event: &Event) {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let option = target.and_then(|target| target.closest("[data-pick]").ok().flatten());
        if let Some(place) = option.and_then(|option| option.get_attribute("data-pick")?.parse().ok()) {
            self.pick(place);
        }
    }

    fn pick(self, place: u64) {
        let entry = |entries: &Vec<Entry>| entries.get(usize::try_from(place).ok()?).cloned();
        let Some(Entry { name, pick, .. }) = self.entries.with_untracked(entry) else { return };
        let chat = self.chat;
        chat.dialog.set(Dialog::None);
        let room = chat.room.get_untracked();
        match pick {
            Pick::Room(room) => open(chat, Some(room)),
            Pick::NewConversation => open(chat, None),
            Pick::Person => {
                let Some(room) = chat.new_room_id() else { return };
                let (title, kind, with) = (String::new(), RoomKind::Direct, vec![name]);
                chat.command(Command::CreateRoom { room, title, kind, with, like: None });
                open(chat, Some(room));
            }
            Pick::NewRoom => leave("/rooms/new"),
            Pick::Details => {
                if let Some(room) = room {
                    leave(&format!("/room/{room}/details"));
                }
            }
            Pick::Archive(is_archived) => {
                if let Some(room) = room {
                    chat.archive(room, is_archived);
                }
            }
            Pick::Pin(is_on) => {
                if let Some(room) = room {
                    chat.pin_room(room, is_on);
                }
            }
            Pick::Theme(theme) => chat.want_theme(theme),
            Pick::Shortcuts => chat.dialog.set(Dialog::Shortcuts),
            Pick::SignOut => {
                if let Some(button) = found(".account [type=submit]") {
                    button.click();
                }
            }
        }
    }
}

/// Scrolls to what is chosen, once that is drawn.
fn reveal() {
    queue_microtask(|| {
        let (Some(list), Some(option)) = (found("#picks"), found("#picks [aria-selected=true]")) else {
            return;
        };
        let (top, height) = (option.offset_top(), list.client_height());
        let lowest = (top + option.offset_height() - height).max(0);
        list.set_scroll_top(list.scroll_top().clamp(lowest, top.max(lowest)));
    });
}

/// A room, ready for writing.
fn open(chat: Chat, room: Option<RoomId>) {
    chat.go(room);
    focus_soon(".composer textarea");
}

/// To another page.
fn leave(address: &str) {
    _ = window().location().set_href(address);
}

/// Where a key leads from the chosen one of so many, of which there is one at least.
fn next(key: &str, chosen: u64, count: u64) -> Option<u64> {
    Some(match key {
        "ArrowDown" => (chosen + 1) % count,
        "ArrowUp" => (chosen + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        _ => return None,
    })
}

fn offered(chat: Chat, typed: &str) -> Vec<Entry> {
    let rooms = chat.rooms.get_untracked();
    let mut entries = of_rooms(&rooms);
    if typed.trim().is_empty() {
        entries.truncate(NEWEST);
    } else {
        let has_direct =
            |name: &String| rooms.iter().any(|room| room.kind == RoomKind::Direct && room.title == *name);
        let people = chat.known_people().into_iter().filter(|name| !has_direct(name));
        entries.extend(people.map(|name| Entry {
            name,
            note: texts::a_person().to_owned(),
            pick: Pick::Person,
        }));
    }
    let open = chat.room.get_untracked();
    let open = rooms.iter().find(|room| Some(room.id) == open);
    entries.extend(commands(open).into_iter().map(|(name, pick)| Entry {
        name: name.to_owned(),
        note: texts::a_command().to_owned(),
        pick,
    }));
    let places = ranked(entries.iter().map(|entry| entry.name.as_str()), typed);
    places.into_iter().take(OFFERED).filter_map(|place| entries.get(place).cloned()).collect()
}

/// What is unread first, then the newest; what is archived, last.
fn of_rooms(rooms: &[RoomSummary]) -> Vec<Entry> {
    let place = |room: &RoomSummary| match (room.is_archived, room.unread) {
        (true, _) => 2,
        (false, 0) => 1,
        (false, _) => 0,
    };
    let entry = |room: &RoomSummary| {
        let unread = unread(room.unread, room.mentions);
        let note = match room.kind {
            _ if room.is_archived => texts::an_archived(),
            _ if !unread.is_empty() => &unread,
            RoomKind::Solo => texts::a_conversation(),
            RoomKind::Group => texts::a_room(),
            RoomKind::Direct => texts::a_direct(),
        };
        Entry { name: room.shown_title().to_owned(), note: note.to_owned(), pick: Pick::Room(room.id) }
    };
    (0..3).flat_map(|wanted| rooms.iter().filter(move |room| place(room) == wanted)).map(entry).collect()
}

/// What can be done here. The server has the table of who may do what.
fn commands(open: Option<&RoomSummary>) -> Vec<(&'static str, Pick)> {
    let mut commands =
        vec![(texts::new_conversation(), Pick::NewConversation), (texts::new_room(), Pick::NewRoom)];
    if let Some(room) = open {
        if !room.is_archived {
            let words = if room.is_pinned { texts::unpin_room() } else { texts::pin_room() };
            commands.push((words, Pick::Pin(!room.is_pinned)));
        }
        if room.role >= Role::Admin {
            let words = if room.is_archived { texts::bring_room_back() } else { texts::archive_room() };
            commands.push((words, Pick::Archive(!room.is_archived)));
        }
        commands.push((texts::details_of_room(), Pick::Details));
    }
    commands.extend([
        (texts::light_colours(), Pick::Theme("light")),
        (texts::dark_colours(), Pick::Theme("dark")),
        (texts::system_colours(), Pick::Theme("")),
        (texts::keys_and_commands(), Pick::Shortcuts),
        (texts::sign_out(), Pick::SignOut),
    ]);
    commands
}

fn options(entries: &[Entry], chosen: u64) -> String {
    let mut html = Html::default();
    for (place, entry) in (0_u64..).zip(entries) {
        let number = place.to_string();
        html.tag("<li role=\"option\" id=\"pick-").text(&number).tag("\" data-pick=\"").text(&number);
        html.tag("\" aria-selected=\"").tag(if place == chosen { "true" } else { "false" }).tag("\"><span>");
        html.text(&entry.name).tag("</span> <small>").text(&entry.note).tag("</small></li>");
    }
    html.take()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn room(id: u128, title: &str) -> RoomSummary {
        RoomSummary::new(RoomId(Uuid::from_u128(id)), RoomKind::Group, title, Role::Member, 0)
    }

    #[test]
    fn what_is_unread_comes_before_what_is_new_and_what_is_archived_last() {
        // As the list has them: the newest first.
        let rooms = [
            room(1, "Newest"),
            RoomSummary { is_archived: true, unread: 2, ..room(2, "Archived") },
            RoomSummary { unread: 3, mentions: 1, ..room(3, "Unread") },
            room(4, "Older"),
            RoomSummary { unread: 1, ..room(5, "Older unread") },
        ];
        let entries = of_rooms(&rooms);
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["Unread", "Older unread", "Newest", "Older", "Archived"]);
        assert_eq!(entries[0].note, "3 unread, 1 mention");
        assert_eq!(entries[4].note, "archived");
    }

    #[test]
    fn only_what_can_be_done_is_offered() {
        let names = |room: Option<&RoomSummary>| -> Vec<&str> {
            commands(room).into_iter().map(|(name, _)| name).collect()
        };
        assert!(!names(None).contains(&"Details of this room"));
        let member = room(1, "Harvest");
        assert!(names(Some(&member)).contains(&"Details of this room"));
        assert!(!names(Some(&member)).contains(&"Archive this room"));
        let admin = RoomSummary { role: Role::Admin, ..member };
        assert!(names(Some(&admin)).contains(&"Archive this room"));
        let archived = RoomSummary { is_archived: true, ..admin };
        assert!(names(Some(&archived)).contains(&"Bring this room back"));
    }

    #[test]
    fn keys_go_around_and_to_the_ends() {
        for (key, chosen, expected) in [
            ("ArrowDown", 0, Some(1)),
            ("ArrowDown", 2, Some(0)),
            ("ArrowUp", 0, Some(2)),
            ("Home", 2, Some(0)),
            ("End", 0, Some(2)),
            ("x", 0, None),
        ] {
            assert_eq!(next(key, chosen, 3), expected, "{key}");
        }
    }
}
