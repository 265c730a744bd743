//! The pages and the frame around them. Every page is complete without JavaScript; the browser then takes it over.

mod account;
mod home;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

use account::{RegisterPage, SignInPage};
use home::HomePage;
pub use home::Browser;

/// The document around the app; only the server makes it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
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
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() id="style" />
                <AutoReload options=options.clone() />
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The routes. What is shown of the chat follows from the address alone, so its two routes share one view that
/// stays when the address changes.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=|title: String| if title.is_empty() { "SiteSpark".to_owned() } else { format!("{title} · SiteSpark") } />
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
                <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=HomePage ssr=SsrMode::Async>
                    <Route path=path!("/") view=|| () />
                    <Route path=path!("/room/:id") view=|| () />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

#[component]
fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Not found" />
        <main class="card-page">
            <div class="card">
                <h1>"There is nothing here"</h1>
                <p>"The address may be mistyped, or what was here is gone."</p>
                <p><a class="button" href="/">"Go to your conversations"</a></p>
            </div>
        </main>
    }
}
