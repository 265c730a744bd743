//! One message of the conversation: who, what, and for the AI's its thinking and how it stands.

use std::rc::Rc;

use super::blocks::blocks;
use super::draft::Offers;
use super::facts::instead;
use super::run_status::{outcome, outcome_of, working};
use super::thinking::thinking;
use super::{Live, Row, button};
use crate::chat::{Chat, MessageView, PendingStatus, PendingView, Reactive, Shared, UNREAD_LINE};
use crate::client::{Connection, Input};
use crate::protocol::Author;
use crate::texts::chat as texts;

pub fn message(chat: Chat, message: MessageView, html: &mut Live) {
    let (name, is_reply) = match &message.author {
        Author::Member { name, .. } => (name, false),
        Author::Assistant { name } => (name, true),
    };
    let id = message.id.to_string();
    html.tag("<article id=\"m-").text(&id).tag("\" data-message=\"").text(&id);
    html.tag("\" aria-label=\"")
        .text(&texts::said(name))
        .tag("\" tabindex=\"-1\"")
        .live("class", get(&message.class));
    if is_reply {
        let run = message.run.clone();
        html.live("data-status", move || {
            run.with(|run| run.as_ref().map_or("", |run| run.status.name())).to_owned()
        });
        let message = Rc::new(message);
        html.rows(move || reply_rows(chat, &message));
    } else {
        html.tag(">");
        head(&message, html);
        html.tag("<div class=\"bubble\"").rows(blocks(message.text.clone())).tag("</div>");
        foot(&message, html);
    }
    html.tag("</article>");
}

fn get(text: &Shared<String>) -> impl Fn() -> String + 'static {
    let text = text.clone();
    move || text.get()
}

fn head(message: &MessageView, html: &mut Live) {
    html.tag("<header").live_html(get(&message.head)).tag("</header>");
}

fn foot(message: &MessageView, html: &mut Live) {
    html.tag("<footer").live_html(get(&message.foot)).tag("</footer>");
}

/// Most replies of a long room are only a text: what is not there costs no elements.
fn reply_rows(chat: Chat, message: &Rc<MessageView>) -> Vec<Row> {
    let row = |name: &str, write: fn(Chat, &MessageView, &mut Live)| {
        let message = message.clone();
        Row::new(name, move |html| write(chat, &message, html))
    };
    let (is_running, has_outcome) = message.run.with(|run| {
        let run = run.as_ref();
        (run.is_some_and(|run| !run.status.has_ended()), run.and_then(outcome_of).is_some())
    });
    let mut rows = vec![row("head", |_, message, html| head(message, html))];
    if message.run.with(|run| run.as_ref().and_then(instead).is_some()) {
        rows.push(row("instead", |_, message, html| {
            let run = message.run.clone();
            let words = move || run.with(|run| run.as_ref().and_then(instead)).unwrap_or_default();
            html.tag("<p class=\"instead\"").live_text(words).tag("</p>");
        }));
    }
    let has_steps = message.run.with(|run| run.as_ref().is_some_and(|run| !run.steps.is_empty()));
    if has_steps || !message.thinking.is_empty() {
        rows.push(row("thinking", thinking));
    }
    rows.push(row("text", |_, message, html| {
        html.tag("<div class=\"text\"").rows(blocks(message.text.clone())).tag("</div>");
    }));
    if is_running {
        rows.push(row("working", working));
    }
    if has_outcome {
        rows.push(row("outcome", outcome));
    }
    rows.push(row("foot", |_, message, html| foot(message, html)));
    rows
}

/// The line above what is new to the reader.
pub fn unread_line(html: &mut Live) {
    html.tag("<p class=\"unread-line\" id=\"").tag(UNREAD_LINE).tag("\" tabindex=\"-1\">");
    html.text(texts::new_line()).tag("</p>");
}

/// A message of the reader that is on its way.
pub fn pending_message(chat: Chat, offers: Offers, pending: PendingView, html: &mut Live) {
    let PendingView { id, text, status } = pending;
    let is_failed = matches!(status, PendingStatus::Failed(_));
    let is_sent = status == PendingStatus::Sent;
    let note = move || match &status {
        PendingStatus::Waiting if chat.connection.with(|connection| *connection != Connection::Live) => {
            texts::waiting_for_connection().to_owned()
        }
        PendingStatus::Waiting => texts::waiting().to_owned(),
        PendingStatus::Sent => texts::sending().to_owned(),
        PendingStatus::Failed(reason) => reason.clone(),
    };
    html.tag("<article class=\"message member pending\" data-pending=\"").text(&id.to_string());
    html.tag("\" aria-label=\"").text(texts::you_said());
    html.tag("\"><div class=\"bubble\"><p class=\"plain\">").text(&text);
    html.tag("</p></div><div class=\"").tag(if is_failed { "outcome failed" } else { "pending-note" });
    html.tag("\"><span role=\"status\"").live_text(note).tag("</span> ");
    button(
        html,
        if is_failed { texts::retry() } else { texts::cancel() },
        move || is_sent,
        move || {
            if is_failed {
                chat.input(Input::Again(id));
            } else if chat.cancel(id) {
                offers.taken_back.set(text.clone());
            }
        },
    );
    html.tag(" ");
    button(html, texts::discard(), move || !is_failed, move || chat.input(Input::Discard(id)));
    html.tag("</div></article>");
}
