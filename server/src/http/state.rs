//! What the handlers share.

use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;

use crate::auth::accounts::Accounts;
use crate::auth::ticket::Tickets;
use crate::chat::Chat;
use crate::drain::Drain;
use crate::hub::Hub;
use crate::rich::Rich;
use crate::transport::{poll, websocket};

#[derive(Clone, Debug)]
pub struct AppState(Arc<Shared>);

#[derive(Debug)]
pub struct Shared {
    pub leptos: LeptosOptions,
    pub accounts: Accounts,
    pub tickets: Tickets,
    pub chat: Arc<Chat>,
    pub hub: Arc<Hub>,
    /// The origin that browsers use, when it is configured.
    pub public_url: Option<String>,
    pub sockets: websocket::Policy,
    pub polls: poll::Policy,
    pub drain: Drain,
    pub rich: Arc<Rich>,
}

impl AppState {
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl std::ops::Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
