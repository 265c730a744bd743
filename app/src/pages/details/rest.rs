//! Ways to places in a room, and ways out of it.

use leptos::prelude::*;

use super::DetailsPage;
use crate::details::{Offer, Pinned};
use crate::pages::forms::{Filled, asked, room_form, section};
use crate::pages::times::{self, Time};
use crate::protocol::{Role, RoomKind};
use crate::texts;

pub(super) fn pinned(page: &DetailsPage) -> AnyView {
    let rows: Vec<AnyView> = page.details.pinned.iter().map(|pinned| pinned_row(page, pinned)).collect();
    let content = if rows.is_empty() {
        view! { <p class="note">{texts::pages::pinned_none()}</p> }.into_any()
    } else {
        view! { <ul class="pinned">{rows}</ul> }.into_any()
    };
    section("pinned", texts::pages::pinned(), page.done.as_ref(), content)
}

fn pinned_row(page: &DetailsPage, pinned: &Pinned) -> AnyView {
    let (room, message) = (page.details.room.id, pinned.message.to_string());
    let address = format!("/room/{room}?message={message}#m-{message}");
    let excerpt =
        if pinned.excerpt.is_empty() { texts::pages::a_message().to_owned() } else { pinned.excerpt.clone() };
    let unpin = page.offers.has(Offer::Unpin).then(|| {
        let filled = Filled::of("unpin", page.refused.as_ref()).about("message", &message);
        let content = view! {
            <input type="hidden" name="message" value=message.clone() />
            <button class="button small" type="submit">{texts::pages::unpin()}</button>
        };
        room_form(&filled, room, content.into_any())
    });
    view! {
        <li>
            <p class="note">{format!("{} · ", pinned.author)} <Time at=pinned.created_at /></p>
            <p class="excerpt"><a href=address>{excerpt}</a></p>
            {unpin}
        </li>
    }
    .into_any()
}

pub(super) fn date(page: &DetailsPage) -> AnyView {
    let content = view! {
        <form method="get" action=format!("/room/{}", page.details.room.id)>
            <div class="in-line">
                <label class="field">
                    <span>{texts::pages::day()}</span>
                    <input
                        type="date"
                        name="date"
                        required
                        placeholder="2026-11-25"
                        min=times::date(page.details.created_at)
                        max=times::date(page.now)
                        aria-describedby="date-hint"
                    />
                    <small id="date-hint">{texts::pages::day_hint()}</small>
                </label>
                <button class="button" type="submit">{texts::pages::go()}</button>
            </div>
        </form>
    };
    section("date", texts::pages::go_to_day(), page.done.as_ref(), content.into_any())
}

/// Archiving, leaving, deleting.
pub(super) fn end(page: &DetailsPage) -> AnyView {
    let (offers, details) = (&page.offers, &page.details);
    let room = details.room.id;
    let filled = |form| Filled::of(form, page.refused.as_ref());
    let button = |class: &'static str, words: &'static str| {
        view! { <button class=class type="submit">{words}</button> }.into_any()
    };
    let ask = |form, summary, question: &str, content| {
        asked(&filled(form), room, summary, question.to_owned(), content)
    };
    let archive = offers.has(Offer::Archive).then(|| {
        if details.room.is_archived {
            room_form(&filled("restore"), room, button("button", texts::pages::bring_back()))
        } else {
            let question = texts::pages::archive_question();
            ask("archive", texts::pages::archive(), question, button("button", texts::pages::archive_room()))
        }
    });
    let leave = offers.has(Offer::Leave).then(|| {
        let question = match details.room.kind {
            RoomKind::Direct => texts::pages::leave_direct_question(),
            _ => texts::pages::leave_question(),
        };
        ask("leave", texts::pages::leave(), question, button("button danger", texts::pages::leave_room()))
    });
    let delete = offers.has(Offer::Delete).then(|| {
        let question = texts::pages::delete_question();
        ask("delete", texts::pages::delete(), question, button("button danger", texts::pages::delete_room()))
    });
    let is_owner = page.is_group() && details.room.role == Role::Owner;
    let note = (is_owner && !offers.has(Offer::Leave))
        .then(|| view! { <p class="note">{texts::pages::hand_over_first()}</p> });
    let content = view! { <div class="ways">{archive} {leave} {delete}</div> {note} };
    section("end", texts::pages::end(), page.done.as_ref(), content.into_any())
}
