//! The documents: what stands around a page, made by the server only.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos_meta::HashedStylesheet;

use super::account::AccountForm;
use super::{AccountPage, App, PAGE_DATA_ELEMENT, document_title};
use crate::account::FormState;
use crate::protocol::{PageData, RoomId};

/// The chat. `room` is what the address asks for, which the data may not have.
pub fn chat_document(options: LeptosOptions, page: PageData, room: Option<RoomId>) -> impl IntoView {
    let title = document_title(page.room.as_ref().map_or("", |room| &room.room.title));
    // `<` could end the element, whatever follows it.
    let data = serde_json::to_string(&page).unwrap_or_default().replace('<', "\\u003c");
    let scripts = view! {
        <AutoReload options=options.clone() />
        <HydrationScripts options=options.clone() />
    }
    .into_any();
    let body = view! {
        <App page room />
        <script type="application/json" id=PAGE_DATA_ELEMENT inner_html=data></script>
    }
    .into_any();
    document(options, title, scripts, body)
}

pub fn account_document(options: LeptosOptions, page: AccountPage, state: FormState) -> impl IntoView {
    let body = view! { <AccountForm page state /> }.into_any();
    document(options, document_title(page.title()), ().into_any(), body)
}

pub fn not_found_document(options: LeptosOptions) -> impl IntoView {
    let body = view! {
        <main class="card-page">
            <div class="card">
                <h1>"There is nothing here"</h1>
                <p>"The address may be mistyped, or what was here is gone."</p>
                <p><a class="button" href="/">"Go to your conversations"</a></p>
            </div>
        </main>
    }
    .into_any();
    document(options, document_title("Not found"), ().into_any(), body)
}

fn document(options: LeptosOptions, title: String, scripts: AnyView, body: AnyView) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                <meta name="theme-color" media="(prefers-color-scheme: light)" content="#faf9f7" />
                <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#171614" />
                <meta name="description" content="A chat in which people and Kimi talk in the same rooms." />
                <title>{title}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options id="style" />
                {scripts}
            </head>
            <body>{body}</body>
        </html>
    }
}
