//! The parts that pages are made of.

mod actions;
mod blocks;
mod code;
mod completion;
mod composer;
mod connection_status;
mod draft;
mod erase;
pub(crate) mod icons;
mod link;
mod message;
mod messages;
mod room_head;
mod room_view;
mod run_status;
mod sidebar;
#[cfg(all(test, feature = "ssr"))]
mod tests;

use std::rc::Rc;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::web_sys::Event;

pub(crate) use connection_status::{ConnectionStatus, TransportNote};
pub(crate) use erase::Erase;
pub(crate) use room_view::RoomView;
pub(crate) use sidebar::Sidebar;

/// A part of the page that changes with what it reads.
///
/// All such parts have one type: a closure of a type of its own would bring some kilobytes of compiled code with it.
pub(crate) fn dynamic(view: impl Fn() -> AnyView + Send + Sync + 'static) -> impl IntoView {
    erased(Arc::new(view))
}

fn erased(view: Arc<dyn Fn() -> AnyView + Send + Sync>) -> impl IntoView {
    move || view()
}

/// One row of a [`list`].
pub(crate) struct ListRow {
    /// Rows of equal keys are the same row: it is kept as it is.
    pub(crate) key: String,
    pub(crate) view: Arc<dyn Fn() -> AnyView + Send + Sync>,
}

impl ListRow {
    pub(crate) fn new(key: String, view: impl Fn() -> AnyView + Send + Sync + 'static) -> Self {
        Self { key, view: Arc::new(view) }
    }
}

/// A list whose rows come, go and move, again of one type for all.
pub(crate) fn list(rows: impl Fn() -> Vec<ListRow> + Send + Sync + 'static) -> impl IntoView {
    erased_list(Arc::new(rows))
}

fn erased_list(rows: Arc<dyn Fn() -> Vec<ListRow> + Send + Sync>) -> impl IntoView {
    view! { <For each=move || rows() key=|row| row.key.clone() children=|row| (row.view)() /> }
}

/// Something to do when what it reads has changed, in the browser only; one type for the same reason.
pub(crate) fn effect(action: impl FnMut() + 'static) {
    fn erased(mut action: Box<dyn FnMut()>) {
        Effect::new(move |_| action());
    }
    erased(Box::new(action));
}

/// Hears something wherever on the page it happens, in the browser only; one type for the same reason.
pub(crate) fn listen(name: &'static str, action: impl Fn(&Event) + 'static) {
    let action: Rc<dyn Fn(&Event)> = Rc::new(action);
    effect(move || {
        let action = action.clone();
        // Stays for as long as the page does.
        _ = window_event_listener_untyped(name, move |event| action(&event));
    });
}

/// A text that changes with what it reads; one type for the same reason as [`dynamic`].
///
/// Counted, not owned by the row it stands in: what draws it may look at it once more while the row goes.
pub(crate) fn text(text: impl Fn() -> String + Send + Sync + 'static) -> ArcSignal<String> {
    ArcSignal::derive(text)
}

/// A condition that changes with what it reads.
pub(crate) fn flag(flag: impl Fn() -> bool + Send + Sync + 'static) -> ArcSignal<bool> {
    ArcSignal::derive(flag)
}

/// A small button that needs a script; one type for the same reason as [`dynamic`].
pub(crate) fn button(
    label: &'static str,
    is_hidden: ArcSignal<bool>,
    action: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    fn erased(
        label: &'static str,
        is_hidden: ArcSignal<bool>,
        action: Arc<dyn Fn() + Send + Sync>,
    ) -> AnyView {
        view! {
            <button class="button small needs-script" type="button" hidden=is_hidden on:click=move |_| action()>
                {label}
            </button>
        }
        .erase()
    }
    erased(label, is_hidden, Arc::new(action))
}
