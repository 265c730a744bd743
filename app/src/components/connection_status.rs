//! The truth about the connection, above the conversation while it is not simply live.

use leptos::prelude::*;

use super::{dynamic, nothing, text};
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
        Connection::Live | Connection::Idle => nothing(),
        // The first connection of a page is nothing to speak of.
        Connection::Connecting if !was_live.get() => nothing(),
        Connection::Connecting => banner("Connection lost. Reconnecting…", None),
        Connection::Waiting { until, .. } => {
            let text = move || match countdown(until) {
                0 => "Connection lost. Reconnecting…".to_owned(),
                seconds => format!("Connection lost. Next try in {seconds} s."),
            };
            banner(Signal::derive(text), Some("Try now"))
        }
        Connection::Offline => {
            banner("You are offline. What you send is kept and goes out when you are back.", Some("Try now"))
        }
        Connection::Degraded { until } => {
            let text = move || match countdown(until) {
                0 => "The server can't be reached. Trying…".to_owned(),
                seconds => format!("The server can't be reached. Next try in {seconds} s."),
            };
            banner(Signal::derive(text), Some("Try now"))
        }
        Connection::Stopped(reason) => stopped(reason),
    };
    let state = text(move || chat.connection.with(state_name).to_owned());
    view! { <div class="connection" role="status" data-state=state>{dynamic(banner)}</div> }.into_any()
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

fn banner(text: impl Into<Signal<String>>, retry: Option<&'static str>) -> AnyView {
    let chat = expect_context::<Chat>();
    let text = text.into();
    let button = retry.map(|retry| {
        view! {
            <button class="button small" type="button" on:click=move |_| chat.input(Input::RetryNow)>
                {retry}
            </button>
        }
    });
    view! { <div class="banner"><span>{text}</span>{button}</div> }.into_any()
}

fn stopped(reason: StopReason) -> AnyView {
    let link = |text: &'static str, action: &'static str, address: &'static str| {
        view! {
            <div class="banner">
                <span>{text}</span>
                <a class="button small" href=address>{action}</a>
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
            banner("Too many tabs are open, so this one was disconnected.", Some("Use this tab"))
        }
        StopReason::Forbidden(message) => banner(message, Some("Try again")),
        StopReason::Closed(_) => banner("The server ended this connection.", Some("Connect again")),
    }
}
