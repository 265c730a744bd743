//! The pages: Leptos rendered on the server, its files, and what the pages ask of the server.

mod backend;
mod files;

use std::sync::Arc;

use app::api::Backend;
use app::pages::{App, shell};
use axum::Router;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};

use crate::http::AppState;

/// Adds the pages, the server functions and the files to the routes.
pub fn add(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    let pages = generate_route_list(App);
    let options = state.leptos.clone();
    let backend: Arc<dyn Backend> = Arc::new(backend::ServerBackend::new(state.clone()));
    let context = move || provide_context(backend.clone());
    let shell = move || shell(options.clone());
    files::add(router.leptos_routes_with_context(state, pages, context.clone(), shell), state, context)
}
