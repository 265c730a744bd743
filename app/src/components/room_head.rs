//! The head of the open conversation: its title, who is here, and a sheet with everybody and what one is notified of.

use leptos::prelude::*;

use super::icons::{self, Icon};
use super::{flag, text};
use crate::chat::{Chat, Html};
use crate::protocol::{Notify, RoomKind, RoomSummary};

#[component]
pub fn RoomHead() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let topic = text(move || chat.summary().map(|room| room.topic).unwrap_or_default());
    let about = text(move || match chat.here.get() {
        here if here.is_empty() => "About".to_owned(),
        here => here,
    });
    let is_alone = flag(move || chat.kind() == RoomKind::Solo);
    let has_no_room = flag(move || chat.summary().is_none());
    let choices = text(move || chat.summary().map(|room| choices(&room)).unwrap_or_default());
    let details =
        text(move || chat.room.get().map(|room| format!("/room/{room}/details")).unwrap_or_default());
    let is_open = flag(move || !chat.summary().is_some_and(|room| room.is_archived));
    view! {
        <header class="room-head">
            <label class="quiet menu-button" for="menu" title="Conversations">
                <Icon path=icons::MENU />
            </label>
            <h1>{text(move || chat.title())}</h1>
            <p class="topic" title=topic.clone()>{topic.clone()}</p>
            <details class="about" hidden=has_no_room>
                <summary class="quiet">{about}</summary>
                <div class="about-card">
                    <ul class="company" inner_html=text(move || chat.people.get())></ul>
                    <div class="notify-of needs-script" role="group" aria-label="Notify me of" hidden=is_alone inner_html=choices>
                    </div>
                    <a href=details>"Details"</a>
                </div>
            </details>
        </header>
        <p class="banner" hidden=is_open>"This conversation is archived. Nothing can be said in it."</p>
    }
}

fn choices(room: &RoomSummary) -> String {
    let mut html = Html::default();
    html.tag("<span>Notify me of</span>");
    for (notify, value, words) in [
        (Notify::All, "all", "Everything"),
        (Notify::Mentions, "mentions", "Mentions"),
        (Notify::None, "none", "Nothing"),
    ] {
        html.tag("<button type=\"button\" data-do=\"notify\" data-value=\"")
            .tag(value)
            .tag("\" aria-pressed=\"");
        html.tag(if room.notify == notify { "true" } else { "false" }).tag("\">").tag(words).tag("</button>");
    }
    html.take()
}
