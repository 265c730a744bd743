//! SiteSpark's server.
//!
//! - [`http`] lists every route; [`pages`] renders the app; [`transport`] moves a connection's bytes.
//! - [`hub`] holds the connections and fans out; [`chat`] decides what may happen; [`bus`] joins nodes.
//! - [`kimi`] talks to the model's API, and holds its simulator.
//! - [`rich`] draws texts that the server draws better than a browser.
//! - [`store`] keeps everything; [`auth`] knows who somebody is.
//! - [`server`] puts it all together; [`drain`] takes it apart gently; [`config`], [`cli`] and [`telemetry`] are for whoever runs it.

pub mod auth;
pub mod bus;
pub mod chat;
pub mod cli;
mod clock;
pub mod config;
pub mod drain;
pub mod http;
pub mod hub;
pub mod kimi;
pub mod pages;
pub mod rich;
pub mod server;
pub mod store;
pub mod telemetry;
pub mod transport;
