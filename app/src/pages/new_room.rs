//! Beginning a room with other people.

use leptos::prelude::*;

use super::forms::{Filled, Refused, TextField, choice, text_field};
use crate::components::icons::Brand;
use crate::protocol::RoomId;
use crate::texts;

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

/// The values, names and hints of when Kimi answers.
pub(super) fn kimi_modes() -> [(&'static str, &'static str, &'static str); 3] {
    [
        ("mentioned", texts::pages::kimi_mentioned(), ""),
        ("always", texts::pages::kimi_always(), ""),
        ("silent", texts::pages::kimi_never(), ""),
    ]
}

pub(super) fn new_room(page: NewRoomPage) -> AnyView {
    let filled = Filled::of(NEW_ROOM_FORM, page.refused.as_ref());
    let kinds = [
        ("group", texts::pages::kind_group(), texts::pages::kind_group_hint()),
        ("direct", texts::pages::kind_direct(), texts::pages::kind_direct_hint()),
    ];
    let title = TextField {
        name: "title",
        label: texts::pages::name(),
        hint: texts::pages::title_hint(),
        longest: Some(page.title_characters),
        ..TextField::default()
    };
    let people = TextField {
        name: "people",
        label: texts::pages::people(),
        hint: texts::pages::people_hint(),
        rows: 3,
        ..TextField::default()
    };
    view! {
        <main class="card-page">
            <div class="card wide">
                <a class="brand-link" href="/"><Brand /></a>
                <h1>{texts::pages::new_room()}</h1>
                <form method="post" action="/forms/rooms">
                    <input type="hidden" name="room" value=page.room.to_string() />
                    {filled.refusal()}
                    {choice(&filled, "kind", texts::pages::kind(), &kinds, "group")}
                    {text_field(&filled, title, "")}
                    {text_field(&filled, people, "")}
                    {choice(&filled, "kimi", texts::pages::kimi(), &kimi_modes(), "mentioned")}
                    <button class="button primary" type="submit">{texts::pages::create()}</button>
                </form>
                <p class="aside"><a href="/">{texts::pages::back_to_list()}</a></p>
            </div>
        </main>
    }
    .into_any()
}
