//! The open conversation, or the beginning of a new one.

use super::actions::Actions;
use super::composer::composer;
use super::draft::{Offers, Writing};
use super::messages::{Scrolling, conversation};
use super::room_head::{archived_banner, room_head};
use super::{Live, Row};
use crate::chat::{Chat, Reactive, Value};
use crate::client::{Input, SnapshotFailure, TimelineState};

/// Things to begin with.
const SUGGESTIONS: [&str; 4] = [
    "Explain how a WebSocket stays open, with a small diagram",
    "Plan a weekend in Jakarta, as a table",
    "Write a haiku about rain, then explain it",
    "Show me quicksort in Rust and how to test it",
];

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
        rows.push(Row::new("told", move |html| {
            html.tag(r#"<p class="told" role="status""#).live_text(move || chat.told.get()).tag("</p>");
        }));
        rows.push(Row::new("composer", move |html| composer(chat, offers, html)));
        rows.push(Row::new("keys", |html| _ = html.tag(KEYS)));
        rows
    });
    html.tag("</main>");
}

const KEYS: &str = "<p id=\"message-keys\" hidden>Enter goes to the newest message. On a message: up and \
                    down for others, left and right for its other versions, Enter for what can be done with it, R to \
                    reply, E to edit, G to have it written again, Q to quote, C to copy it, P to pin, L to copy its link, \
                    U to mark it as unread, Delete to delete it, Escape to write.</p>";

/// The conversation, or what stands in its place.
fn stage(chat: Chat, offers: Offers, scrolling: Scrolling) -> Vec<Row> {
    let note = |heading, text, action| vec![Row::new(heading, move |html| note(heading, text, action, html))];
    match (chat.room.get().is_some(), chat.stage.get()) {
        (false, _) => vec![Row::new("welcome", move |html| welcome(offers, html))],
        (true, TimelineState::Ready) => conversation(chat, scrolling),
        (true, TimelineState::Loading) => note("Loading the conversation…", "", ""),
        (true, TimelineState::Gone | TimelineState::Failed(SnapshotFailure::NotFound)) => note(
            "This conversation is not there",
            "It may have been deleted, or it belongs to somebody else.",
            "Begin a new one",
        ),
        (true, TimelineState::Failed(_)) => {
            note("The conversation could not be loaded", "It is tried again by itself.", "")
        }
    }
}

/// What stands in the place of a conversation that can't be shown.
fn note(heading: &'static str, text: &'static str, action: &'static str, html: &mut Live) {
    html.tag(r#"<div class="room-note" role="status"><h2>"#).tag(heading).tag("</h2><p>").tag(text);
    html.tag(r#"</p><a class="button" href="/""#).live_if("hidden", || action.is_empty());
    html.tag(">").tag(action).tag("</a></div>");
}

fn welcome(offers: Offers, html: &mut Live) {
    html.tag(r#"<div class="welcome"><h2>What would you like to talk about?</h2>"#);
    html.tag(r#"<ul class="suggestions needs-script">"#);
    for text in SUGGESTIONS {
        html.tag("<li><button type=\"button\"")
            .on("click", move |_| offers.suggestion.set(text.to_owned()))
            .tag(">")
            .tag(text)
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
    html.tag(">Dismiss</button></div>");
}
