//! Everything about a room besides what is said in it: people, invitations, settings, pinned messages, and its end.
//!
//! What the reader may not do is not offered; the server refuses it in any case.

mod invites;
mod kimi;
mod people;
mod rest;
mod settings;

use leptos::prelude::*;

pub use kimi::{KimiForm, kimi_form};

use super::forms::{Done, Refused, refusal};
use super::invitation::named;
use crate::details::{Offer, Offers, RoomDetails};
use crate::protocol::{CommandId, KimiMode, ModelList, RoomKind, Timestamp, UserId};
use crate::texts;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct DetailsPage {
    pub details: RoomDetails,
    pub offers: Offers,
    pub reader: UserId,
    /// The member whose role and place can be changed on this page.
    pub managed: Option<UserId>,
    pub models: ModelList,
    pub title_characters: usize,
    /// Before the paths of links that leave the site.
    pub origin: String,
    /// Of the command that the form for a new invitation sends, so that one that is sent twice makes one.
    pub new_invite: CommandId,
    pub done: Option<Done>,
    pub refused: Option<Refused>,
    pub now: Timestamp,
}

impl DetailsPage {
    pub(super) fn title(&self) -> String {
        let title = texts::pages::about_room(&named(&self.details.room.title));
        if self.refused.is_some() { texts::pages::error_title(&title) } else { title }
    }

    fn is_group(&self) -> bool {
        self.details.room.kind == RoomKind::Group
    }
}

pub(super) fn details(page: &DetailsPage) -> AnyView {
    let room = &page.details.room;
    let topic = (!room.topic.is_empty()).then(|| view! { <p>{room.topic.clone()}</p> });
    let archived = room.is_archived.then(|| {
        view! {
            <p class="done">{texts::pages::about_archived()}</p>
        }
    });
    let people = match room.members {
        1 => String::new(),
        members => format!(" · {}", texts::pages::about_people(members.into())),
    };
    // The forms first: whatever they do not tell is told above all.
    let sections = view! {
        {(room.kind != RoomKind::Solo).then(|| people::people(page))}
        {page.offers.has(Offer::Invite).then(|| invites::invites(page))}
        {settings::settings(page)}
        {settings::notifications(page)}
        {rest::pinned(page)}
        {rest::date(page)}
        {rest::end(page)}
    }
    .into_any();
    view! {
        <main class="sheets">
            <header class="sheets-head">
                <a class="back" href=format!("/room/{}", room.id)>{texts::pages::back_to_conversation()}</a>
                <h1>{named(&room.title)}</h1>
                {topic}
                <p class="note">{format!("{}{people} · {}", kind_name(room.kind), kimi_words(room.kimi))}</p>
            </header>
            {refusal(page.refused.as_ref().and_then(Refused::untold))}
            {archived}
            {sections}
        </main>
    }
    .into_any()
}

/// How a kind of room is called.
fn kind_name(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Solo => texts::pages::is_solo(),
        RoomKind::Group => texts::pages::is_group(),
        RoomKind::Direct => texts::pages::is_direct(),
    }
}

/// When Kimi answers, in words.
pub(super) fn kimi_words(mode: KimiMode) -> &'static str {
    match mode {
        KimiMode::Always => texts::pages::answers_always(),
        KimiMode::Mentioned => texts::pages::answers_mentioned(),
        KimiMode::Silent => texts::pages::answers_never(),
    }
}
