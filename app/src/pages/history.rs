//! What an edited message said before.

use leptos::prelude::*;

use super::times::Time;
use crate::details::History;
use crate::texts;

pub(super) fn history(history: History) -> AnyView {
    let back = format!("/room/{}?message={}#m-{}", history.room, history.message, history.message);
    let texts = if history.is_withheld {
        view! { <p class="note">{texts::pages::history_withheld()}</p> }.into_any()
    } else {
        texts(&history)
    };
    let deleted = history.deleted_at.map(|at| {
        view! { <p class="done">{texts::pages::history_deleted()} " " <Time at />"."</p> }
    });
    view! {
        <main class="sheets">
            <header class="sheets-head">
                <a class="back" href=back>{texts::pages::back_to_conversation()}</a>
                <h1>{texts::pages::history()}</h1>
                <p>{texts::pages::history_wrote(&history.author)} " " <Time at=history.created_at />"."</p>
            </header>
            {deleted}
            {texts}
        </main>
    }
    .into_any()
}

/// Newest first, each with the time from which it was what the message said.
fn texts(history: &History) -> AnyView {
    let mut texts = Vec::new();
    if history.deleted_at.is_none() {
        texts.push((None, history.text.as_str()));
    }
    texts.extend(history.revisions.iter().map(|revision| (Some(revision.until), revision.text.as_str())));
    if texts.is_empty() {
        return view! { <p class="note">{texts::pages::history_empty()}</p> }.into_any();
    }
    let begins: Vec<_> = texts.iter().skip(1).map(|(until, _)| *until).chain([None]).collect();
    let editor = history.edited_by.as_ref().map(|name| format!(" {}", texts::pages::history_by(name)));
    let texts: Vec<AnyView> = texts
        .into_iter()
        .zip(begins)
        .map(|((until, text), from)| {
            let heading = match (until, from) {
                (None, None) => view! { {texts::pages::history_now()} }.into_any(),
                (None, Some(from)) => {
                    view! { {texts::pages::history_since()} " " <Time at=from /> {editor.clone()} }.into_any()
                }
                (Some(until), _) => {
                    view! { {texts::pages::history_until()} " " <Time at=until /> }.into_any()
                }
            };
            view! {
                <li class="sheet">
                    <h2>{heading}</h2>
                    <p class="plain">{text.to_owned()}</p>
                </li>
            }
            .into_any()
        })
        .collect();
    let more = history.has_earlier.then(|| view! { <p class="note">{texts::pages::history_more()}</p> });
    view! { <ol class="revisions" reversed>{texts}</ol> {more} }.into_any()
}
