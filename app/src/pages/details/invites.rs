//! Invitations by link: making, copying, revoking.

use leptos::prelude::*;

use super::DetailsPage;
use super::people::{role_name, role_options};
use crate::details::Invite;
use crate::pages::forms::{Filled, TextField, room_form, section, select, text_field};
use crate::pages::times::Time;
use crate::protocol::Role;
use crate::texts;

/// Hours, and how they are called.
fn lifetimes() -> [(&'static str, String); 5] {
    let days = texts::pages::days;
    [
        ("1", texts::pages::an_hour().to_owned()),
        ("24", texts::pages::a_day().to_owned()),
        ("168", days(7)),
        ("720", days(30)),
        ("2160", days(90)),
    ]
}

pub(super) fn invites(page: &DetailsPage) -> AnyView {
    let rows: Vec<AnyView> = page.details.invites.iter().map(|invite| row(page, invite)).collect();
    let list = if rows.is_empty() {
        view! { <p class="note">{texts::pages::invitations_none()}</p> }.into_any()
    } else {
        view! { <ul class="invites">{rows}</ul> }.into_any()
    };
    let content = view! {
        <p class="note">{texts::pages::invitations_hint()}</p>
        {make(page)}
        {list}
    };
    section("invitations", texts::pages::invitations(), page.done.as_ref(), content.into_any())
}

fn make(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("invite", page.refused.as_ref());
    let uses = TextField {
        name: "uses",
        label: texts::pages::for_so_many(),
        hint: texts::pages::for_so_many_hint(),
        is_number: true,
        ..TextField::default()
    };
    let content = view! {
        <input type="hidden" name="id" value=page.new_invite.to_string() />
        <div class="in-line">
            {select(&filled, "role", texts::pages::role_as(), &role_options(&page.offers.roles), Role::Member.name())}
            {select(&filled, "hours", texts::pages::for_so_long(), &lifetimes(), "168")}
            {text_field(&filled, uses, "")}
        </div>
        <button class="button" type="submit">{texts::pages::make_link()}</button>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn row(page: &DetailsPage, invite: &Invite) -> AnyView {
    let (room, id) = (page.details.room.id, invite.id.to_string());
    let link = format!("{}/invite/{room}/{id}", page.origin);
    let uses = match invite.uses_left {
        None => texts::pages::for_anybody().to_owned(),
        Some(uses) => texts::pages::for_more(uses.into()),
    };
    let filled = Filled::of("revoke", page.refused.as_ref()).about("invite", &id);
    let revoke = view! {
        <input type="hidden" name="invite" value=id />
        <button class="button small danger" type="submit">{texts::pages::revoke()}</button>
    };
    view! {
        <li>
            <input class="link" type="text" readonly aria-label=texts::pages::link_label() value=link />
            <p class="note">
                {texts::pages::link_about(role_name(invite.role), &uses, &invite.created_by)} " " <Time at=invite.expires_at />
            </p>
            {room_form(&filled, room, revoke.into_any())}
        </li>
    }
    .into_any()
}
