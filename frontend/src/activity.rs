//! Whether somebody does something in the page: the client is told when nobody has for five minutes, and when they are
//! back.

use std::cell::Cell;
use std::rc::Rc;

use app::chat::Chat;
use app::client::{Input, Millis};
use gloo_timers::callback::Timeout;
use leptos::prelude::window_event_listener_untyped;

use crate::driver::now;

/// In milliseconds.
const IDLE_AFTER: u32 = 5 * 60 * 1_000;

struct Activity {
    chat: Chat,
    last: Cell<Millis>,
    is_idle: Cell<bool>,
}

/// For as long as the page lives.
pub fn watch(chat: Chat) {
    let activity = Rc::new(Activity { chat, last: Cell::new(now()), is_idle: Cell::new(false) });
    for event in ["pointermove", "pointerdown", "keydown", "wheel"] {
        let activity = activity.clone();
        window_event_listener_untyped(event, move |_| acted(&activity));
    }
    wait(activity, IDLE_AFTER);
}

fn acted(activity: &Rc<Activity>) {
    activity.last.set(now());
    if activity.is_idle.replace(false) {
        activity.chat.input(Input::Active);
        wait(activity.clone(), IDLE_AFTER);
    }
}

fn wait(activity: Rc<Activity>, time: u32) {
    let look = move || {
        let passed = u32::try_from(now().saturating_sub(activity.last.get())).unwrap_or(u32::MAX);
        match IDLE_AFTER.saturating_sub(passed) {
            0 => {
                activity.is_idle.set(true);
                activity.chat.input(Input::Idle);
            }
            rest => wait(activity.clone(), rest),
        }
    };
    Timeout::new(time, look).forget();
}
