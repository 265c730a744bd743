//! Who is in a room, and what can be done about it.
//!
//! Only one member at a time has forms, chosen by a link, so that a list of 500 stays small.

use leptos::prelude::*;

use super::DetailsPage;
use crate::details::{MemberOffers, Offer};
use crate::pages::forms::{Filled, TextField, asked, room_form, section, select, text_field};
use crate::protocol::{Member, Role, RoomKind};

const SECTION: &str = "people";

pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Guest => "Guest",
        Role::Member => "Member",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}

pub(super) fn role_options(roles: &[Role]) -> Vec<(&'static str, &'static str)> {
    roles.iter().map(|role| (role.name(), role_name(*role))).collect()
}

pub(super) fn people(page: &DetailsPage) -> AnyView {
    let nobody = MemberOffers::default();
    let offers = page.offers.members.iter().chain(std::iter::repeat(&nobody));
    let rows: Vec<AnyView> =
        page.details.members.iter().zip(offers).map(|(member, offers)| row(page, member, offers)).collect();
    let content = view! {
        {page.offers.has(Offer::Add).then(|| add(page))}
        <ul class="people">{rows}</ul>
    };
    let heading = if page.details.room.kind == RoomKind::Direct { "You two" } else { "People" };
    section(SECTION, heading, page.done.as_ref(), content.into_any())
}

fn add(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("add", page.refused.as_ref());
    let who = TextField {
        name: "who",
        label: "Add somebody",
        hint: "The name or the e-mail address of an account here.",
        is_required: true,
        ..TextField::default()
    };
    let content = view! {
        <div class="in-line">
            {text_field(&filled, who, "")}
            {select(&filled, "role", "As", &role_options(&page.offers.roles), Role::Member.name())}
            <button class="button" type="submit">"Add"</button>
        </div>
        <p class="note">
            "Guests read and write. Members also pin messages and stop Kimi. Admins also look after people and settings."
        </p>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn row(page: &DetailsPage, member: &Member, offers: &MemberOffers) -> AnyView {
    let is_managed = page.managed == Some(member.id) && !offers.is_empty();
    let manage = (!offers.is_empty() && !is_managed).then(|| {
        let address = format!("/room/{}/details?member={}#member", page.details.room.id, member.id);
        let label = format!("Change {}", member.name);
        view! { <a class="button small" href=address aria-label=label>"Change"</a> }
    });
    let (id, class) = if is_managed { (Some("member"), "managed") } else { (None, "") };
    let reader = (member.id == page.reader).then_some(" (you)");
    view! {
        <li id=id class=class>
            <span class="who">{member.name.clone()} {reader}</span>
            <span class="note">{role_name(member.role)}</span>
            {manage}
            {is_managed.then(|| forms(page, member, offers))}
        </li>
    }
    .into_any()
}

fn forms(page: &DetailsPage, member: &Member, offers: &MemberOffers) -> AnyView {
    let (room, id, name) = (page.details.room.id, member.id.to_string(), &member.name);
    let filled = |form| Filled::of(form, page.refused.as_ref()).about("user", &id);
    let user = || view! { <input type="hidden" name="user" value=id.clone() /> };
    let role = (!offers.roles.is_empty()).then(|| {
        let filled = filled("role");
        let content = view! {
            {user()}
            <div class="in-line">
                {select(&filled, "role", "Role", &role_options(&offers.roles), member.role.name())}
                <button class="button" type="submit">"Save the role"</button>
            </div>
        };
        room_form(&filled, room, content.into_any())
    });
    let hand_over = offers.hand_over.then(|| {
        let content = view! {
            {user()}
            <button class="button danger" type="submit">{format!("Make {name} the owner")}</button>
        };
        let question = format!(
            "The room would be {name}'s, and you would be an admin of it. Only {name} could undo that."
        );
        asked(&filled("hand-over"), room, "Hand the room over…", question, content.into_any())
    });
    let remove = offers.remove.then(|| {
        let content = view! {
            {user()}
            <button class="button danger" type="submit">{format!("Remove {name}")}</button>
        };
        let question = format!("{name} could no longer read the room, from this moment on.");
        asked(&filled("remove"), room, "Remove…", question, content.into_any())
    });
    view! {
        <div class="forms">
            {role}
            {hand_over}
            {remove}
            <a class="quiet" href=format!("/room/{room}/details#{SECTION}")>"Close"</a>
        </div>
    }
    .into_any()
}
