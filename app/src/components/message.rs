//! One message of the conversation: who, what, and for the AI's its thinking and how it stands.

use leptos::prelude::*;

use super::blocks::Blocks;
use super::run_status::{outcome, thinking_title, working};
use super::{flag, text};
use crate::chat::{Chat, MessageView, PendingStatus, PendingView};
use crate::client::Input;
use crate::protocol::{Author, CommandId, RunStatus};

pub fn message_view(message: MessageView) -> AnyView {
    match &message.author {
        Author::Member { name, .. } => {
            let label = format!("{name} said");
            view! {
                <article class="message member" data-message=message.id.to_string() aria-label=label>
                    <div class="bubble"><Blocks text=message.text /></div>
                </article>
            }
            .into_any()
        }
        Author::Assistant { name } => {
            let (name, label) = (name.clone(), format!("{name} said"));
            let run = message.run.clone();
            let status =
                text(move || run.with(|run| run.as_ref().map_or("", |run| run.status.name())).to_owned());
            view! {
                <article
                    class="message assistant"
                    data-message=message.id.to_string()
                    data-status=status
                    aria-label=label
                >
                    <header>{name}</header>
                    {thinking(&message)}
                    <div class="text"><Blocks text=message.text.clone() /></div>
                    {working(&message)}
                    {outcome(&message)}
                </article>
            }
            .into_any()
        }
    }
}

/// Apart from the text and foldable; open only while there is nothing else to read.
fn thinking(message: &MessageView) -> impl IntoView + use<> {
    let chat = expect_context::<Chat>();
    let is_empty = {
        let thinking = message.thinking.clone();
        flag(move || thinking.is_empty())
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
    view! {
        <details class="thinking" open=is_open hidden=is_empty>
            <summary>{title}</summary>
            <div class="text"><Blocks text=thinking /></div>
        </details>
    }
}

/// A message of the reader that is on its way.
pub fn pending_view(pending: PendingView) -> AnyView {
    let chat = expect_context::<Chat>();
    let id = pending.id;
    let (class, note, is_failed) = match pending.status {
        PendingStatus::Waiting => ("pending-note", "Waiting to be sent".to_owned(), false),
        PendingStatus::Sent => ("pending-note", "Sending…".to_owned(), false),
        PendingStatus::Failed(reason) => ("outcome failed", reason, true),
    };
    let action = move |label: &'static str, input: fn(CommandId) -> Input| {
        view! {
            <button class="button small" type="button" on:click=move |_| chat.input(input(id)) hidden=!is_failed>
                {label}
            </button>
        }
    };
    view! {
        <article class="message member pending" data-pending=id.to_string() aria-label="You said">
            <div class="bubble"><p class="plain">{pending.text}</p></div>
            <div class=class role="status">
                <span>{note}</span>
                {action("Retry", Input::Again)}
                {action("Discard", Input::Discard)}
            </div>
        </article>
    }
    .into_any()
}
