//! Beginning a room with other people.

use leptos::prelude::*;

use super::forms::{Filled, Refused, TextField, choice, text_field};
use crate::components::icons::Brand;
use crate::protocol::RoomId;

/// The form's name, and the last part of its address.
pub const NEW_ROOM_FORM: &str = "rooms";

/// What the page shows.
#[derive(Clone, Debug)]
pub struct NewRoomPage {
    /// The room that will be created; a form that is sent twice creates it once.
    pub room: RoomId,
    pub title_characters: usize,
    pub refused: Option<Refused>,
}

pub(super) const TITLE: &str = "New room";

pub(super) const KIMI_MODES: [(&str, &str, &str); 3] = [
    ("mentioned", "When somebody writes @kimi", ""),
    ("always", "To every message", ""),
    ("silent", "Never", ""),
];

pub(super) fn new_room(page: NewRoomPage) -> AnyView {
    let filled = Filled::of(NEW_ROOM_FORM, page.refused.as_ref());
    let kinds = [
        ("group", "A group", "Any number of people, who can change."),
        ("direct", "A direct conversation", "You and exactly one other person."),
    ];
    let title = TextField {
        name: "title",
        label: "Name",
        hint: "For groups. Without one, the first message gives it.",
        longest: Some(page.title_characters),
        ..TextField::default()
    };
    let people = TextField {
        name: "people",
        label: "People",
        hint: "Names or e-mail addresses of people with an account here, with commas or in lines. A group can begin \
               without anybody; others can be added or invited later.",
        rows: 3,
        ..TextField::default()
    };
    view! {
        <main class="card-page">
            <div class="card wide">
                <a class="brand-link" href="/"><Brand /></a>
                <h1>{TITLE}</h1>
                <form method="post" action="/forms/rooms">
                    <input type="hidden" name="room" value=page.room.to_string() />
                    {filled.refusal()}
                    {choice(&filled, "kind", "What it is", &kinds, "group")}
                    {text_field(&filled, title, "")}
                    {text_field(&filled, people, "")}
                    {choice(&filled, "kimi", "When Kimi answers", &KIMI_MODES, "mentioned")}
                    <button class="button primary" type="submit">"Create"</button>
                </form>
                <p class="aside"><a href="/">"Back to your conversations"</a></p>
            </div>
        </main>
    }
    .into_any()
}
