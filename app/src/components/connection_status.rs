//! The truth about the connection, above the conversation while it is not simply live.

use leptos::prelude::*;

use crate::chat::Chat;
use crate::client::{Connection, Input, StopReason};

#[component]
pub fn ConnectionStatus() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let was_live = RwSignal::new(false);
    Effect::new(move |_| {
        if chat.connection.with(|connection| *connection == Connection::Live) {
            was_live.set(true);
        }
    });
    let countdown = move |until: u64| {
        chat.now.track();
        until.saturating_sub(chat.browser_now()).div_ceil(1_000)
    };
    let banner = move || match chat.connection.get() {
        Connection::Live | Connection::Idle => None,
        // The first connection of a page is nothing to speak of.
        Connection::Connecting if !was_live.get() => None,
        Connection::Connecting => Some(view! { <Banner text="Connection lost. Reconnecting…" /> }.into_any()),
        Connection::Waiting { until, .. } => {
            let text = move || match countdown(until) {
                0 => "Connection lost. Reconnecting…".to_owned(),
                seconds => format!("Connection lost. Next try in {seconds} s."),
            };
            Some(view! { <Banner text=Signal::derive(text) retry="Try now" /> }.into_any())
        }
        Connection::Offline => Some(
            view! { <Banner text="You are offline. What you send is kept and goes out when you are back." retry="Try now" /> }
                .into_any(),
        ),
        Connection::Degraded { until } => {
            let text = move || match countdown(until) {
                0 => "The server can't be reached. Trying…".to_owned(),
                seconds => format!("The server can't be reached. Next try in {seconds} s."),
            };
            Some(view! { <Banner text=Signal::derive(text) retry="Try now" /> }.into_any())
        }
        Connection::Stopped(reason) => Some(stopped(reason)),
    };
    view! {
        <div class="connection" role="status" data-state=move || chat.connection.with(state_name)>
            {banner}
        </div>
    }
    .into_any()
}

/// For style sheets and tests.
fn state_name(connection: &Connection) -> &'static str {
    match connection {
        Connection::Idle => "idle",
        Connection::Connecting => "connecting",
        Connection::Live => "live",
        Connection::Waiting { .. } => "waiting",
        Connection::Offline => "offline",
        Connection::Degraded { .. } => "degraded",
        Connection::Stopped(_) => "stopped",
    }
}

#[component]
fn Banner(#[prop(into)] text: Signal<String>, #[prop(optional)] retry: &'static str) -> impl IntoView {
    let chat = expect_context::<Chat>();
    view! {
        <div class="banner">
            // The countdown would be read out every second; the state alone is what matters there.
            <span>{text}</span>
            {(!retry.is_empty())
                .then(|| {
                    view! {
                        <button class="button small" type="button" on:click=move |_| chat.input(Input::RetryNow)>
                            {retry}
                        </button>
                    }
                })}
        </div>
    }
}

fn stopped(reason: StopReason) -> AnyView {
    let link = |text: &'static str, action: &'static str, address: &'static str| {
        view! {
            <div class="banner">
                <span>{text}</span>
                <a class="button small" href=address rel="external">{action}</a>
            </div>
        }
        .into_any()
    };
    match reason {
        StopReason::SignedOut => link("You are signed out.", "Sign in", "/sign-in"),
        StopReason::OtherUser => link("Somebody else has signed in in this browser.", "Load again", ""),
        StopReason::OldVersion => link("This page is out of date.", "Load again", ""),
        StopReason::BadProtocol => link("This page and the server do not understand each other.", "Load again", ""),
        StopReason::TooManyConnections => {
            view! { <Banner text="Too many tabs are open, so this one was disconnected." retry="Use this tab" /> }
                .into_any()
        }
        StopReason::Forbidden(message) => view! { <Banner text=message retry="Try again" /> }.into_any(),
        StopReason::Closed(_) => {
            view! { <Banner text="The server ended this connection." retry="Connect again" /> }.into_any()
        }
    }
}
