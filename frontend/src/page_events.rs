//! What happens to the page itself: shown and hidden, online and offline, left, back from the back-forward cache; and
//! what another tab does to the storage.

use app::chat::Chat;
use app::client::Input;
use app::pages::room_at;
use leptos::ev;
use leptos::prelude::*;
use web_sys::VisibilityState;

pub fn listen(chat: Chat) {
    let visibility = move || match document().visibility_state() {
        VisibilityState::Hidden => {
            chat.write_drafts();
            Input::Hidden
        }
        _ => Input::Visible,
    };
    if document().visibility_state() == VisibilityState::Hidden {
        chat.input(Input::Hidden);
    }
    // The listeners stay for as long as the page does; the event bubbles up from the document.
    window_event_listener_untyped("visibilitychange", move |_| chat.input(visibility()));
    window_event_listener(ev::online, move |_| chat.input(Input::Online));
    window_event_listener(ev::offline, move |_| chat.input(Input::Offline));
    // Back and forward.
    window_event_listener_untyped("popstate", move |_| chat.open(room_at(&crate::location_path())));
    // A phone may end a hidden page without another word.
    window_event_listener(ev::pagehide, move |_| chat.write_drafts());
    window_event_listener(ev::storage, move |event| {
        if let (Some(key), None) = (event.key(), event.new_value()) {
            chat.removed_elsewhere(&key);
        }
    });
    window_event_listener(ev::pageshow, move |event| {
        if event.persisted() {
            chat.input(Input::Woken);
        }
    });
}
