//! One message of the conversation: who, what, and for the AI's its thinking and how it stands.

use leptos::prelude::*;

use super::blocks::Blocks;
use super::draft::Offers;
use super::run_status::{outcome, thinking_title, working};
use super::{Erase, button, dynamic, flag, text};
use crate::chat::{Chat, MessageView, PendingStatus, PendingView, UNREAD_LINE};
use crate::client::{Connection, Input};
use crate::protocol::{Author, RunStatus};

pub fn message_view(message: MessageView) -> AnyView {
    let (name, is_reply) = match &message.author {
        Author::Member { name, .. } => (name, false),
        Author::Assistant { name } => (name, true),
    };
    let label = format!("{name} said");
    let run = message.run.clone();
    let status = text(move || run.with(|run| run.as_ref().map_or("", |run| run.status.name())).to_owned());
    let (id, anchor) = (message.id.to_string(), format!("m-{}", message.id));
    // All of one type.
    let signal = |text: &ArcRwSignal<String>| -> ArcSignal<String> { text.clone().into() };
    let head = view! { <header inner_html=signal(&message.head)></header> };
    let foot = view! { <footer inner_html=signal(&message.foot)></footer> };
    let (class, words) = (signal(&message.class), message.text.clone());
    if is_reply {
        view! {
            <article class=class id=anchor data-message=id data-status=status aria-label=label tabindex="-1">
                {head}
                {thinking(&message)}
                <div class="text"><Blocks text=words /></div>
                {working(&message)}
                {outcome(&message)}
                {foot}
            </article>
        }
        .erase()
    } else {
        view! {
            <article class=class id=anchor data-message=id aria-label=label tabindex="-1">
                {head}
                <div class="bubble"><Blocks text=words /></div>
                {foot}
            </article>
        }
        .erase()
    }
}

/// The line above what is new to the reader.
pub fn unread_line() -> AnyView {
    view! { <p class="unread-line" id=UNREAD_LINE tabindex="-1">"New"</p> }.erase()
}

/// Apart from the text and foldable; open only while there is nothing else to read.
fn thinking(message: &MessageView) -> impl IntoView + use<> {
    let chat = expect_context::<Chat>();
    // Most replies of a long room have none: it costs no elements then.
    let is_empty = {
        let thinking = message.thinking.clone();
        ArcMemo::new(move |_| thinking.is_empty())
    };
    let is_thinking = {
        let run = message.run.clone();
        ArcMemo::new(move |_| {
            run.with(|run| run.as_ref().is_some_and(|run| run.status == RunStatus::Thinking))
        })
    };
    let run = message.run.clone();
    let is_open = {
        let is_thinking = is_thinking.clone();
        flag(move || is_thinking.get())
    };
    let title = text(move || {
        // Once the thinking is over, its title stands still.
        let now = if is_thinking.get() { chat.now.get() } else { 0 };
        run.with(|run| thinking_title(run.as_ref(), now))
    });
    let thinking = message.thinking.clone();
    dynamic(move || {
        let (title, is_open, thinking) = (title.clone(), is_open.clone(), thinking.clone());
        if is_empty.get() {
            ().erase()
        } else {
            view! {
                <details class="thinking" open=is_open>
                    <summary>{title}</summary>
                    <div class="text"><Blocks text=thinking /></div>
                </details>
            }
            .erase()
        }
    })
}

/// A message of the reader that is on its way.
pub fn pending_view(pending: PendingView) -> AnyView {
    let chat = expect_context::<Chat>();
    let taken_back = expect_context::<Offers>().taken_back;
    let PendingView { id, text: said, status } = pending;
    let is_failed = matches!(status, PendingStatus::Failed(_));
    let is_sent = status == PendingStatus::Sent;
    let class = if is_failed { "outcome failed" } else { "pending-note" };
    let note = text(move || match &status {
        PendingStatus::Waiting if chat.connection.with(|connection| *connection != Connection::Live) => {
            "Waiting for the connection".to_owned()
        }
        PendingStatus::Waiting => "Waiting to be sent".to_owned(),
        PendingStatus::Sent => "Sending…".to_owned(),
        PendingStatus::Failed(reason) => reason.clone(),
    });
    let cancelled = said.clone();
    let name = if is_failed { "Retry" } else { "Cancel" };
    let first = button(name, flag(move || is_sent), move || {
        if is_failed {
            chat.input(Input::Again(id));
        } else if chat.cancel(id) {
            taken_back.set(cancelled.clone());
        }
    });
    let discard = button("Discard", flag(move || !is_failed), move || chat.input(Input::Discard(id)));
    view! {
        <article class="message member pending" data-pending=id.to_string() aria-label="You said">
            <div class="bubble"><p class="plain">{said}</p></div>
            <div class=class><span role="status">{note}</span> {first} {discard}</div>
        </article>
    }
    .erase()
}
