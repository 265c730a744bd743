//! The truth about the connection, above the conversation while it is not simply live.

use leptos::prelude::*;

use super::{effect, flag, text};
use crate::chat::Chat;
use crate::client::{Connection, Input, StopReason, Transport};

/// What the banner says and offers. Everything empty: there is nothing to say.
#[derive(Clone, Default, PartialEq, Eq)]
struct Banner {
    text: String,
    /// The words of the button, or of the link if there is an address.
    action: &'static str,
    address: &'static str,
}

impl Banner {
    fn retry(text: impl Into<String>, action: &'static str) -> Self {
        Self { text: text.into(), action, address: "" }
    }

    fn link(text: &str, action: &'static str, address: &'static str) -> Self {
        Self { text: text.to_owned(), action, address }
    }
}

#[component]
pub fn ConnectionStatus() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let was_live = RwSignal::new(false);
    effect(move || {
        if chat.connection.with(|connection| *connection == Connection::Live) {
            was_live.set(true);
        }
    });
    let banner = move || {
        // Countdowns go by the browser's clock, and are looked at again with every second.
        let seconds_to = |until: u64| {
            chat.now.track();
            until.saturating_sub(chat.browser_now()).div_ceil(1_000)
        };
        chat.connection.with(|connection| banner(connection, was_live.get(), seconds_to))
    };
    let state = text(move || chat.connection.with(state_name).to_owned());
    let transport = text(move || transport_name(chat.transport.get()).to_owned());
    let words = text(move || banner().text);
    let action = text(move || banner().action.to_owned());
    let address = text(move || banner().address.to_owned());
    let is_quiet = flag(move || banner().text.is_empty());
    let has_no_button = flag(move || banner().action.is_empty() || !banner().address.is_empty());
    let has_no_link = flag(move || banner().address.is_empty());
    view! {
        <div class="connection" role="status" data-state=state data-transport=transport>
            <div class="banner" hidden=is_quiet>
                <span>{words}</span>
                <button
                    class="button small"
                    type="button"
                    hidden=has_no_button
                    on:click=move |_| chat.input(Input::RetryNow)
                >
                    {action.clone()}
                </button>
                <a class="button small" href=address hidden=has_no_link>{action}</a>
            </div>
        </div>
    }
}

fn banner(connection: &Connection, was_live: bool, seconds_to: impl Fn(u64) -> u64) -> Banner {
    match connection {
        // The first connection of a page is nothing to speak of.
        Connection::Connecting if was_live => Banner::retry("Connection lost. Reconnecting…", ""),
        Connection::Live | Connection::Idle | Connection::Connecting => Banner::default(),
        Connection::Waiting { until, .. } => match seconds_to(*until) {
            0 => Banner::retry("Connection lost. Reconnecting…", "Try now"),
            seconds => Banner::retry(format!("Connection lost. Next try in {seconds} s."), "Try now"),
        },
        Connection::Offline => {
            Banner::retry("You are offline. What you send is kept and goes out when you are back.", "Try now")
        }
        Connection::Degraded { until } => {
            let seconds = seconds_to(*until);
            Banner::retry(format!("The server can't be reached. Next try in {seconds} s."), "Try now")
        }
        Connection::Stopped(reason) => stopped(reason),
    }
}

fn stopped(reason: &StopReason) -> Banner {
    match reason {
        StopReason::SignedOut => Banner::link("You are signed out.", "Sign in", "/sign-in"),
        StopReason::OtherUser => {
            Banner::link("Somebody else has signed in in this browser.", "Load again", "/")
        }
        StopReason::OldVersion => Banner::link("This page is out of date.", "Load again", "/"),
        StopReason::BadProtocol => {
            Banner::link("This page and the server do not understand each other.", "Load again", "/")
        }
        StopReason::TooManyConnections => {
            Banner::retry("Too many tabs are open, so this one was disconnected.", "Use this tab")
        }
        StopReason::Forbidden(message) => Banner::retry(message.clone(), "Try again"),
        StopReason::Closed(_) => Banner::retry("The server ended this connection.", "Connect again"),
    }
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

fn transport_name(transport: Transport) -> &'static str {
    match transport {
        Transport::WebSocket => "websocket",
        Transport::EventStream => "event-stream",
        Transport::LongPoll => "long-poll",
    }
}

/// How the page is connected, in a quiet line; for the ways that are not the best, with what that means.
#[component]
pub fn TransportNote() -> impl IntoView {
    let chat = expect_context::<Chat>();
    let note = move || {
        let is_live = chat.connection.with(|connection| *connection == Connection::Live);
        if is_live { transport_note(chat.transport.get()) } else { ("Not connected", "") }
    };
    let is_off = flag(move || !chat.is_live.get());
    view! {
        <p class="transport" hidden=is_off>
            {text(move || note().0.to_owned())} " " <small>{text(move || note().1.to_owned())}</small>
        </p>
    }
}

fn transport_note(transport: Transport) -> (&'static str, &'static str) {
    match transport {
        Transport::WebSocket => ("Connected by WebSocket", ""),
        Transport::EventStream => (
            "Connected by event stream",
            "This network lets no WebSocket through. Everything works, with a little more delay.",
        ),
        Transport::LongPoll => (
            "Connected by polling",
            "This network holds streams back. Everything works, but replies come in larger pieces.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_says_the_truth_and_what_can_be_done() {
        let check = |connection: Connection, was_live: bool, text: &str, action: &str, address: &str| {
            let banner = banner(&connection, was_live, |until| until.div_ceil(1_000));
            assert_eq!((banner.text.as_str(), banner.action, banner.address), (text, action, address));
        };
        check(Connection::Live, true, "", "", "");
        check(Connection::Connecting, false, "", "", "");
        check(Connection::Connecting, true, "Connection lost. Reconnecting…", "", "");
        let waiting = Connection::Waiting { until: 3_200, attempts: 1 };
        check(waiting, true, "Connection lost. Next try in 4 s.", "Try now", "");
        check(Connection::Stopped(StopReason::SignedOut), true, "You are signed out.", "Sign in", "/sign-in");
    }
}
