//! The page behind the link of an invitation, and the one for an invitation that can't be used.

use leptos::prelude::*;

use super::forms::{Filled, Refused, room_form};
use super::times::Time;
use crate::components::icons::Brand;
use crate::details::Invitation;
use crate::protocol::Role;
use crate::texts;

/// The form's name, and the last part of its address.
pub const JOIN_FORM: &str = "join";

/// What the page shows.
#[derive(Clone, Debug)]
pub struct InvitationPage {
    pub invitation: Invitation,
    /// By whose name the reader would join.
    pub reader: String,
    pub refused: Option<Refused>,
}

pub(super) fn invitation(page: InvitationPage) -> AnyView {
    let InvitationPage { invitation, reader, refused } = page;
    let people = texts::pages::people_in_it(invitation.members.into());
    let invites = match invitation.role {
        Role::Guest => texts::pages::invites_you_as_guest(&invitation.created_by),
        Role::Member | Role::Owner => texts::pages::invites_you(&invitation.created_by),
        Role::Admin => texts::pages::invites_you_as_admin(&invitation.created_by),
    };
    let topic = (!invitation.topic.is_empty()).then(|| view! { <p>{invitation.topic.clone()}</p> });
    let content = view! {
        <input type="hidden" name="invite" value=invitation.invite.to_string() />
        <button class="button primary" type="submit">{texts::pages::join()}</button>
    };
    let filled = Filled::of(JOIN_FORM, refused.as_ref());
    view! {
        <main class="card-page">
            <div class="card">
                <a class="brand-link" href="/"><Brand /></a>
                <h1>{named(&invitation.title)}</h1>
                {topic}
                <p>{format!("{invites} {people}")}</p>
                {room_form(&filled, invitation.room, content.into_any())}
                <p class="aside">
                    {texts::pages::you_join_as(&reader)} " " <Time at=invitation.expires_at />
                    ". "
                    <a href="/">{texts::pages::not_now()}</a>
                </p>
            </div>
        </main>
    }
    .into_any()
}

/// What a room without a name is called.
pub(super) fn named(title: &str) -> String {
    if title.is_empty() { texts::pages::nameless_room().to_owned() } else { title.to_owned() }
}
