//! The open conversation, or the beginning of a new one.

use leptos::prelude::request_animation_frame;

use super::actions::Actions;
use super::composer::composer;
use super::draft::{Offers, Writing};
use super::messages::{Scrolling, conversation};
use super::room_head::{archived_banner, room_head};
use super::shortcuts::message_keys;
use super::{Live, Row, effect};
use crate::chat::{Chat, Line, Reactive, Value};
use crate::client::{Input, SnapshotFailure, TimelineState};
use crate::texts::chat as texts;

/// Things to begin with.
fn suggestions() -> [&'static str; 4] {
    [
        texts::suggestion_explain(),
        texts::suggestion_plan(),
        texts::suggestion_write(),
        texts::suggestion_code(),
    ]
}

pub fn room_view(chat: Chat, html: &mut Live) {
    let offers = Offers {
        suggestion: Value::new(String::new()),
        taken_back: Value::new(String::new()),
        quote: Value::new(String::new()),
        writing: Value::new(Writing::Message),
    };
    let actions = Actions::new(chat, offers);
    actions.listen();
    let scrolling = Scrolling::new(actions);
    effect(move || {
        chat.undrawn.track();
        chat.is_visible.track();
        request_animation_frame(move || chat.draw_rich());
    });
    html.tag(r#"<main class="room""#).rows(move || {
        let mut rows = vec![
            Row::new("head", move |html| room_head(chat, html)),
            Row::new("archived", move |html| archived_banner(chat, html)),
            Row::new("notice", move |html| notice(chat, html)),
        ];
        rows.extend(stage(chat, offers, scrolling));
        rows.push(Row::new("typing", move |html| {
            html.tag(r#"<p class="typing" role="status""#).live_text(move || chat.typing.get()).tag("</p>");
        }));
        rows.push(Row::new("said", move |html| said(chat, html)));
        rows.push(Row::new("composer", move |html| composer(chat, offers, html)));
        rows.push(Row::new("keys", message_keys));
        rows
    });
    html.tag("</main>");
}

/// What happens in the conversation, for those who hear the page: lines come and go, and none changes.
fn said(chat: Chat, html: &mut Live) {
    html.tag(r#"<div class="only-heard" role="log" aria-label=""#).text(texts::what_is_said());
    html.tag("\"").rows(move || {
        let line = |line: Line| {
            let Line { 0: number, 1: words, .. } = line;
            Row::new(number.to_string(), move |html| _ = html.tag("<p>").text(&words).tag("</p>"))
        };
        chat.said.get().into_iter().map(line).collect()
    });
    html.tag("</div>");
}

/// The conversation, or what stands in its place.
fn stage(chat: Chat, offers: Offers, scrolling: Scrolling) -> Vec<Row> {
    let note = |heading, text, action| vec![Row::new(heading, move |html| note(heading, text, action, html))];
    match (chat.room.get().is_some(), chat.stage.get()) {
        (false, _) => vec![Row::new("welcome", move |html| welcome(offers, html))],
        (true, TimelineState::Ready) => conversation(chat, scrolling),
        (true, TimelineState::Loading) => note(texts::loading(), "", ""),
        (true, TimelineState::Gone | TimelineState::Failed(SnapshotFailure::NotFound)) => {
            note(texts::gone(), texts::gone_why(), texts::begin_new())
        }
        (true, TimelineState::Failed(_)) => note(texts::not_loaded(), texts::not_loaded_why(), ""),
    }
}

/// What stands in the place of a conversation that can't be shown.
fn note(heading: &'static str, text: &'static str, action: &'static str, html: &mut Live) {
    html.tag(r#"<div class="room-note" role="status"><h2>"#).text(heading).tag("</h2><p>").text(text);
    html.tag(r#"</p><a class="button" href="/""#).live_if("hidden", || action.is_empty());
    html.tag(">").text(action).tag("</a></div>");
}

fn welcome(offers: Offers, html: &mut Live) {
    html.tag(r#"<div class="welcome"><h2>"#).text(texts::welcome());
    html.tag(r#"</h2><ul class="suggestions needs-script">"#);
    for text in suggestions() {
        html.tag("<li><button type=\"button\"")
            .on("click", move |_| offers.suggestion.set(text.to_owned()))
            .tag(">")
            .text(text)
            .tag("</button></li>");
    }
    html.tag("</ul></div>");
}

/// The last command that was refused, such as a rename.
fn notice(chat: Chat, html: &mut Live) {
    let dismiss = move || {
        if let Some((id, _)) = chat.notice.get_untracked() {
            chat.input(Input::Discard(id));
        }
    };
    html.tag(r#"<div class="outcome failed notice" role="alert""#)
        .live_if("hidden", move || chat.notice.with(Option::is_none));
    html.tag("><span").live_text(move || chat.notice.get().map(|(_, text)| text).unwrap_or_default());
    html.tag(r#"</span><button class="button small" type="button""#).on("click", move |_| dismiss());
    html.tag(">").text(texts::dismiss()).tag("</button></div>");
}
