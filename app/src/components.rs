//! The parts that pages are made of.

mod blocks;
mod composer;
mod connection_status;
mod icons;
mod message;
mod room_view;
mod run_status;
mod sidebar;

pub(crate) use connection_status::ConnectionStatus;
pub(crate) use icons::Brand;
pub(crate) use room_view::RoomView;
pub(crate) use sidebar::Sidebar;
