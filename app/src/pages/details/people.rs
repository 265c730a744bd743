//! Who is in a room, and what can be done about it.
//!
//! Only one member at a time has forms, chosen by a link, so that a list of 500 stays small.

use leptos::prelude::*;

use super::DetailsPage;
use crate::details::{MemberOffers, Offer};
use crate::pages::forms::{Filled, TextField, asked, room_form, section, select, text_field};
use crate::protocol::{Member, Role, RoomKind};
use crate::texts;

const SECTION: &str = "people";

pub(super) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Guest => texts::pages::guest(),
        Role::Member => texts::pages::member(),
        Role::Admin => texts::pages::admin(),
        Role::Owner => texts::pages::owner(),
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
    let heading = if page.details.room.kind == RoomKind::Direct {
        texts::pages::you_two()
    } else {
        texts::pages::people()
    };
    section(SECTION, heading, page.done.as_ref(), content.into_any())
}

fn add(page: &DetailsPage) -> AnyView {
    let filled = Filled::of("add", page.refused.as_ref());
    let who = TextField {
        name: "who",
        label: texts::pages::add_somebody(),
        hint: texts::pages::add_hint(),
        is_required: true,
        ..TextField::default()
    };
    let content = view! {
        <div class="in-line">
            {text_field(&filled, who, "")}
            {select(&filled, "role", texts::pages::role_as(), &role_options(&page.offers.roles), Role::Member.name())}
            <button class="button" type="submit">{texts::pages::add()}</button>
        </div>
        <p class="note">
            {texts::pages::roles_hint()}
        </p>
    };
    room_form(&filled, page.details.room.id, content.into_any())
}

fn row(page: &DetailsPage, member: &Member, offers: &MemberOffers) -> AnyView {
    let is_managed = page.managed == Some(member.id) && !offers.is_empty();
    let manage = (!offers.is_empty() && !is_managed).then(|| {
        let address = format!("/room/{}/details?member={}#member", page.details.room.id, member.id);
        let label = texts::pages::change_person(&member.name);
        view! { <a class="button small" href=address aria-label=label>{texts::pages::change()}</a> }
    });
    let (id, class) = if is_managed { (Some("member"), "managed") } else { (None, "") };
    let reader = (member.id == page.reader).then(texts::pages::is_you);
    view! {
        <li id=id class=class>
            <span class="who">{member.name.clone()} " " {reader}</span>
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
                {select(&filled, "role", texts::pages::role(), &role_options(&offers.roles), member.role.name())}
                <button class="button" type="submit">{texts::pages::save_role()}</button>
            </div>
        };
        room_form(&filled, room, content.into_any())
    });
    let hand_over = offers.hand_over.then(|| {
        let content = view! {
            {user()}
            <button class="button danger" type="submit">{texts::pages::make_owner(name)}</button>
        };
        let question = texts::pages::make_owner_question(name);
        asked(&filled("hand-over"), room, texts::pages::hand_over(), question, content.into_any())
    });
    let remove = offers.remove.then(|| {
        let content = view! {
            {user()}
            <button class="button danger" type="submit">{texts::pages::remove_person(name)}</button>
        };
        let question = texts::pages::remove_question(name);
        asked(&filled("remove"), room, texts::pages::remove(), question, content.into_any())
    });
    view! {
        <div class="forms">
            {role}
            {hand_over}
            {remove}
            <a class="quiet" href=format!("/room/{room}/details#{SECTION}")>{texts::pages::close()}</a>
        </div>
    }
    .into_any()
}
