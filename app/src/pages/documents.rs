//! The documents: what stands around a page, made by the server only.

use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;
use leptos_meta::HashedStylesheet;

use super::account::AccountForm;
use super::{
    AccountPage, App, DetailsPage, InvitationPage, NewRoomPage, PAGE_DATA_ELEMENT, TEXTS_ELEMENT, Theme,
    details, document_title, ground_media, history, invitation, new_room,
};
use crate::account::FormState;
use crate::components::languages;
use crate::details::History;
use crate::protocol::{PageData, RoomId};
use crate::texts;

/// `--ground` of the style, light and dark.
const GROUND: [&str; 2] = ["#faf9f7", "#171614"];

/// The chat. `room` is what the address asks for, which the data may not have.
pub fn chat_document(options: LeptosOptions, page: PageData, room: Option<RoomId>) -> impl IntoView {
    let title = document_title(page.room.as_ref().map_or("", |room| &room.room.title));
    // The browser has English.
    let texts = texts::language().for_page().map(|texts| {
        view! { <script type="text/plain" id=TEXTS_ELEMENT inner_html=texts></script> }
    });
    // `<` could end the element, whatever follows it.
    let data = serde_json::to_string(&page).unwrap_or_default().replace('<', "\\u003c");
    let scripts = view! {
        <AutoReload options=options.clone() />
        <HydrationScripts options=options.clone() />
    }
    .into_any();
    let body = view! {
        <App page room />
        {texts}
        <script type="application/json" id=PAGE_DATA_ELEMENT inner_html=data></script>
    }
    .into_any();
    document(options, title, scripts, body)
}

/// `next` is where the reader goes afterwards.
pub fn account_document(
    options: LeptosOptions,
    page: AccountPage,
    state: FormState,
    next: Option<String>,
) -> impl IntoView {
    let body = view! { <AccountForm page state next /> }.into_any();
    still_document(options, page.title(), body)
}

pub fn new_room_document(options: LeptosOptions, page: NewRoomPage) -> impl IntoView {
    let title = texts::pages::new_room().to_owned();
    let title = if page.refused.is_some() { texts::pages::error_title(&title) } else { title };
    still_document(options, &title, new_room::new_room(page))
}

pub fn details_document(options: LeptosOptions, page: DetailsPage) -> impl IntoView {
    still_document(options, &page.title(), details::details(&page))
}

pub fn invitation_document(options: LeptosOptions, page: InvitationPage) -> impl IntoView {
    let title = invitation::named(&page.invitation.title);
    still_document(options, &title, invitation::invitation(page))
}

pub fn history_document(options: LeptosOptions, page: History) -> impl IntoView {
    still_document(options, texts::pages::history(), history::history(page))
}

/// A page that only says something.
#[derive(Clone, Debug)]
pub struct Notice {
    pub title: &'static str,
    pub text: String,
}

pub fn not_found_document(options: LeptosOptions) -> impl IntoView {
    let text = texts::pages::nothing_here_why().to_owned();
    notice_document(options, Notice { title: texts::pages::nothing_here(), text })
}

pub fn notice_document(options: LeptosOptions, notice: Notice) -> impl IntoView {
    let body = view! {
        <main class="card-page">
            <div class="card">
                <h1>{notice.title}</h1>
                <p>{notice.text}</p>
                <p><a class="button" href="/">{texts::pages::go_to_list()}</a></p>
            </div>
        </main>
    }
    .into_any();
    still_document(options, notice.title, body)
}

/// A document without any script. The chat has the choice of the language in its list of rooms.
fn still_document(options: LeptosOptions, title: &str, body: AnyView) -> impl IntoView + use<> {
    let body = view! { {body} <footer class="page-foot" inner_html=languages()></footer> }.into_any();
    document(options, document_title(title), ().into_any(), body)
}

fn document(options: LeptosOptions, title: String, scripts: AnyView, body: AnyView) -> impl IntoView {
    let theme = use_context::<Theme>();
    let colours = ground_media(theme)
        .into_iter()
        .zip(GROUND)
        .map(|(media, colour)| format!(r#"<meta name="theme-color" media="{media}" content="{colour}">"#));
    let colours = InertElement::new(colours.collect::<String>());
    view! {
        <!DOCTYPE html>
        <html lang=texts::language().tag() style=style_texts() data-theme=theme.map(Theme::name)>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                {colours}
                <meta name="description" content=texts::pages::description() />
                <title>{title}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options id="style" />
                {scripts}
            </head>
            <body>{body}</body>
        </html>
    }
}

/// Words that must not be part of a text, and so stand in the style, as strings of CSS.
fn style_texts() -> String {
    let words = texts::pages::show_image().replace('\\', "\\\\").replace('"', "\\\"");
    ["--show-image: \"", &words, "\""].concat()
}
