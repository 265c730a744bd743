//! The truth about the connection, above the conversation while it is not simply live.

use super::{Live, effect};
use crate::chat::{Chat, Reactive, Value};
use crate::client::{Connection, Input, StopReason, Transport};
use crate::texts::chat as texts;

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

pub fn connection_status(chat: Chat, html: &mut Live) {
    let (was_live, was_lost) = (Value::new(false), Value::new(false));
    effect(move || {
        let is_live = chat.connection.with(|connection| *connection == Connection::Live);
        if is_live {
            was_live.set(true);
        } else if was_live.get_untracked() {
            was_lost.set(true);
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
    // Seconds that are counted are not read out.
    let heard = move || match chat.connection.get() {
        Connection::Waiting { .. } | Connection::Degraded { .. } => texts::lost().to_owned(),
        Connection::Live if was_lost.get() => texts::connected_again().to_owned(),
        _ => banner().text,
    };
    html.tag(r#"<p class="only-heard" role="status""#).live_text(heard).tag("</p>");
    html.tag(r#"<div class="connection""#)
        .live("data-state", move || chat.connection.with(state_name).to_owned())
        .live("data-transport", move || transport_name(chat.transport.get()).to_owned());
    html.tag(r#"><div class="banner""#).live_if("hidden", move || banner().text.is_empty());
    html.tag("><span").live_text(move || banner().text);
    html.tag(r#"</span><button class="button small" type="button""#)
        .live_if("hidden", move || banner().action.is_empty() || !banner().address.is_empty())
        .on("click", move |_| chat.input(Input::RetryNow))
        .live_text(move || banner().action.to_owned());
    html.tag(r#"</button><a class="button small""#)
        .live("href", move || banner().address.to_owned())
        .live_if("hidden", move || banner().address.is_empty())
        .live_text(move || banner().action.to_owned());
    html.tag("</a></div></div>");
}

fn banner(connection: &Connection, was_live: bool, seconds_to: impl Fn(u64) -> u64) -> Banner {
    match connection {
        // The first connection of a page is nothing to speak of.
        Connection::Connecting if was_live => Banner::retry(texts::lost(), ""),
        Connection::Live | Connection::Idle | Connection::Connecting => Banner::default(),
        Connection::Waiting { until, .. } => match seconds_to(*until) {
            0 => Banner::retry(texts::lost(), texts::try_now()),
            seconds => Banner::retry(texts::lost_next(seconds), texts::try_now()),
        },
        Connection::Offline => Banner::retry(texts::offline(), texts::try_now()),
        Connection::Degraded { until } => {
            let seconds = seconds_to(*until);
            Banner::retry(texts::unreachable(seconds), texts::try_now())
        }
        Connection::Stopped(reason) => stopped(reason),
    }
}

fn stopped(reason: &StopReason) -> Banner {
    match reason {
        StopReason::SignedOut => Banner::link(texts::signed_out(), texts::sign_in(), "/sign-in"),
        StopReason::OtherUser => Banner::link(texts::other_user(), texts::load_again(), "/"),
        StopReason::OldVersion => Banner::link(texts::old_version(), texts::load_again(), "/"),
        StopReason::BadProtocol => Banner::link(texts::misunderstood(), texts::load_again(), "/"),
        StopReason::TooManyConnections => Banner::retry(texts::too_many_tabs(), texts::use_this_tab()),
        StopReason::Forbidden(message) => Banner::retry(message.clone(), texts::try_again()),
        StopReason::Closed(_) => Banner::retry(texts::closed(), texts::connect_again()),
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
pub fn transport_note(chat: Chat, html: &mut Live) {
    let note = move || {
        let is_live = chat.connection.with(|connection| *connection == Connection::Live);
        if is_live { words_about(chat.transport.get()) } else { (texts::not_connected(), "") }
    };
    html.tag(r#"<p class="transport""#).live_if("hidden", move || !chat.is_live.get());
    html.tag("><span").live_text(move || note().0.to_owned()).tag("</span> ");
    html.tag("<small").live_text(move || note().1.to_owned()).tag("</small></p>");
}

fn words_about(transport: Transport) -> (&'static str, &'static str) {
    match transport {
        Transport::WebSocket => (texts::by_websocket(), ""),
        Transport::EventStream => (texts::by_stream(), texts::by_stream_why()),
        Transport::LongPoll => (texts::by_polling(), texts::by_polling_why()),
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
