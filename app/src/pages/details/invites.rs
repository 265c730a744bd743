//! Invitations by link: making, copying, revoking.

use leptos::prelude::*;

use super::DetailsPage;
use super::people::{role_name, role_options};
use crate::details::Invite;
use crate::pages::forms::{Filled, TextField, room_form, section, select, text_field};
use crate::pages::times::Time;
use crate::protocol::Role;

/// Hours, and how they are called.
const LIFETIMES: [(&str, &str); 5] =
    [("1", "An hour"), ("24", "A day"), ("168", "7 days"), ("720", "30 days"), ("2160", "90 days")];

pub(super) fn invites(page: &DetailsPage) -> AnyView {
    let rows: Vec<AnyView> = page.details.invites.iter().map(|invite| row(page, invite)).collect();
    let list = if rows.is_empty() {
        view! { <p class="note">"There is no invitation that could be used."</p> }.into_any()
    } else {
        view! { <ul class="invites">{rows}</ul> }.into_any()
    };
    let content = view! {
        <p class="note">"Whoever has the link and an account here can join."</p>
        {make(page)}
        {list}
    };
    section("invitations", "Invitations", page.done.as_ref(), content.into_any())
}

fn make(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("invite", page.refused.as_ref());
    let uses = TextField {
        name: "uses",
        label: "For so many people",
        hint: "Empty: any number.",
        is_number: true,
        ..TextField::default()
    };
    let content = view! {
        <input type="hidden" name="id" value=page.new_invite.to_string() />
        <div class="in-line">
            {select(&filled, "role", "As", &role_options(&page.offers.roles), Role::Member.name())}
            {select(&filled, "hours", "For", &LIFETIMES, "168")}
            {text_field(&filled, uses, "")}
        </div>
        <button class="button" type="submit">"Make a link"</button>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn row(page: &DetailsPage, invite: &Invite) -> AnyView {
    let (room, id) = (page.details.room.id, invite.id.to_string());
    let link = format!("{}/invite/{room}/{id}", page.origin);
    let uses = match invite.uses_left {
        None => "any number of people".to_owned(),
        Some(1) => "1 more person".to_owned(),
        Some(uses) => format!("{uses} more people"),
    };
    let filled = Filled::of("revoke", page.refused.as_ref()).about("invite", &id);
    let revoke = view! {
        <input type="hidden" name="invite" value=id />
        <button class="button small danger" type="submit">"Revoke"</button>
    };
    view! {
        <li>
            <input class="link" type="text" readonly aria-label="Link of the invitation, to copy" value=link />
            <p class="note">
                {format!("{} · for {uses} · by {} · until ", role_name(invite.role), invite.created_by)}
                <Time at=invite.expires_at />
            </p>
            {room_form(&filled, room, revoke.into_any())}
        </li>
    }
    .into_any()
}
