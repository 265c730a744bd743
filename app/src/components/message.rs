//! One message of the conversation: who, what, and for the AI's its thinking and how it stands.

use leptos::prelude::*;

use super::blocks::Blocks;
use super::run_status::{Outcome, Working, thinking_title};
use super::{dynamic, flag, nothing, text};
use crate::chat::{Chat, MessageView, PendingStatus, PendingView};
use crate::client::Input;
use crate::protocol::{Author, RunStatus};

#[component]
pub fn Message(message: MessageView) -> impl IntoView {
    match &message.author {
        Author::Member { name, .. } => {
            let name = name.clone();
            view! {
                <article class="message member" data-message=message.id.to_string() aria-label=format!("{name} said")>
                    <div class="bubble"><Blocks text=message.text.clone() /></div>
                </article>
            }
            .into_any()
        }
        Author::Assistant { name } => {
            let name = name.clone();
            let run = message.run.clone();
            let status = text(move || run.with(|run| run.as_ref().map_or("", |run| run.status.name())).to_owned());
            view! {
                <article
                    class="message assistant"
                    data-message=message.id.to_string()
                    data-status=status
                    aria-label=format!("{name} said")
                >
                    <header>{name.clone()}</header>
                    <Thinking message=message.clone() />
                    <div class="text"><Blocks text=message.text.clone() /></div>
                    <Working message=message.clone() />
                    <Outcome message=message.clone() />
                </article>
            }
            .into_any()
        }
    }
}

/// Apart from the text and foldable; open only while there is nothing else to read.
#[component]
fn Thinking(message: MessageView) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let has_thinking = {
        let thinking = message.thinking.clone();
        Memo::new(move |_| !thinking.is_empty())
    };
    let is_thinking = {
        let run = message.run.clone();
        Memo::new(move |_| run.with(|run| run.as_ref().is_some_and(|run| run.status == RunStatus::Thinking)))
    };
    let run = message.run.clone();
    let title = text(move || {
        // Once the thinking is over, its title stands still.
        let now = if is_thinking.get() { chat.now.get() } else { 0 };
        run.with(|run| thinking_title(run.as_ref(), now))
    });
    let is_open = flag(move || is_thinking.get());
    let thinking = message.thinking;
    dynamic(move || {
        if !has_thinking.get() {
            return nothing();
        }
        view! {
            <details class="thinking" open=is_open>
                <summary>{title}</summary>
                <div class="text"><Blocks text=thinking.clone() /></div>
            </details>
        }
        .into_any()
    })
}

/// A message of the reader that is on its way.
#[component]
pub fn PendingMessage(pending: PendingView) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let id = pending.id;
    let note = match pending.status {
        PendingStatus::Waiting => {
            view! { <p class="pending-note" role="status">"Waiting to be sent"</p> }.into_any()
        }
        PendingStatus::Sent => view! { <p class="pending-note" role="status">"Sending…"</p> }.into_any(),
        PendingStatus::Failed(reason) => view! {
            <div class="outcome failed" role="alert">
                <span>{reason}</span>
                <button class="button small" type="button" on:click=move |_| chat.input(Input::Again(id))>
                    "Retry"
                </button>
                <button class="button small" type="button" on:click=move |_| chat.input(Input::Discard(id))>
                    "Discard"
                </button>
            </div>
        }
        .into_any(),
    };
    view! {
        <article class="message member pending" data-pending=id.to_string() aria-label="You said">
            <div class="bubble"><p class="plain">{pending.text}</p></div>
            {note}
        </article>
    }
}
