//! The head of the open conversation: its title, who is here, and a sheet with everybody and what one is notified of.

use super::icons::{self, icon};
use super::kimi_sheet::kimi_sheet;
use super::{Live, button};
use crate::chat::{Chat, Html, Reactive};
use crate::protocol::{Notify, Role, RoomKind, RoomSummary};
use crate::texts::chat as texts;

pub fn room_head(chat: Chat, html: &mut Live) {
    let topic = move || chat.summary().map(|room| room.topic).unwrap_or_default();
    html.tag(r#"<header class="room-head"><label class="quiet menu-button" for="menu" title=""#);
    icon(html.text(texts::conversations()).tag("\">"), icons::MENU);
    html.tag(r#"</label><h1 tabindex="-1" dir="auto""#).live_text(move || chat.title()).tag("</h1>");
    html.tag(r#"<p class="topic" dir="auto""#).live("title", topic).live_text(topic).tag("</p>");
    kimi_sheet(chat, html);
    html.tag(r#"<details class="about""#).live_if("hidden", move || chat.summary().is_none());
    let about = move || match chat.here.get() {
        here if here.is_empty() => texts::about().to_owned(),
        here => here,
    };
    html.tag(r#"><summary class="quiet""#).live_text(about).tag(r#"</summary><div class="about-card">"#);
    html.tag(r#"<ul class="company""#).live_html(move || chat.people.get()).tag("</ul>");
    html.tag(r#"<div class="notify-of needs-script" role="group" aria-label=""#)
        .text(texts::notify_of())
        .tag("\"")
        .live_if("hidden", move || chat.kind() == RoomKind::Solo)
        .live_html(move || chat.summary().map(|room| choices(&room)).unwrap_or_default());
    let details = move || chat.room.get().map(|room| format!("/room/{room}/details")).unwrap_or_default();
    html.tag("</div><a").live("href", details).tag(">").text(texts::details());
    html.tag("</a></div></details></header>");
}

/// Says that nothing can be said.
pub fn archived_banner(chat: Chat, html: &mut Live) {
    let is_open = move || !chat.summary().is_some_and(|room| room.is_archived);
    html.tag(r#"<p class="banner""#).live_if("hidden", is_open);
    html.tag("><span>").text(texts::is_archived()).tag("</span> ");
    let may_not = move || chat.summary().is_none_or(|room| room.role < Role::Admin);
    button(html, texts::bring_back(), may_not, move || {
        if let Some(room) = chat.room.get_untracked() {
            chat.archive(room, false);
        }
    });
    html.tag("</p>");
}

fn choices(room: &RoomSummary) -> String {
    let mut html = Html::default();
    html.tag("<span>").text(texts::notify_of()).tag("</span>");
    for (notify, value, words) in [
        (Notify::All, "all", texts::notify_all()),
        (Notify::Mentions, "mentions", texts::notify_mentions()),
        (Notify::None, "none", texts::notify_none()),
    ] {
        html.tag("<button type=\"button\" data-do=\"notify\" data-value=\"")
            .tag(value)
            .tag("\" aria-pressed=\"");
        html.tag(if room.notify == notify { "true" } else { "false" })
            .tag("\">")
            .text(words)
            .tag("</button>");
    }
    html.take()
}
