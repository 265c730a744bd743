//! The parts that pages are made of.

mod blocks;
mod composer;
mod connection_status;
pub(crate) mod icons;
mod link;
mod message;
mod room_view;
mod run_status;
mod sidebar;

use std::sync::Arc;

use leptos::prelude::*;

pub(crate) use connection_status::ConnectionStatus;
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

/// What is shown when there is nothing to show.
pub(crate) fn nothing() -> AnyView {
    ().into_any()
}

/// A text that changes with what it reads; one type for the same reason as [`dynamic`].
pub(crate) fn text(text: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(text)
}

/// A condition that changes with what it reads.
pub(crate) fn flag(flag: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(flag)
}
