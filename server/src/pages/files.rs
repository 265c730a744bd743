//! The files of the site: the hashed bundle, which browsers may keep for ever, the public files, and the page for
//! what is not found.

use app::pages::not_found_document;
use axum::Router;
use axum::handler::HandlerWithoutStateExt;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use leptos_axum::{site_pkg_dir_service, site_pkg_dir_service_route_path};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::draw_still;
use crate::http::AppState;

/// The names carry a hash of the content, so that what was fetched once never has to be asked for again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Public files may change with any release.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
pub(super) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

pub(super) fn add(pages: Router<AppState>, state: &AppState) -> Router<AppState> {
    let options = &state.leptos;
    let lifetime = if options.hash_files { FOR_EVER } else { ASK_AGAIN };
    let bundle = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, lifetime))
        .service(site_pkg_dir_service(options));
    let missing = {
        let state = state.clone();
        move || std::future::ready(not_found(&state))
    };
    let public = ServeDir::new(&*options.site_root)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .not_found_service(missing.into_service());
    pages
        .fallback_service(public)
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, ASK_AGAIN))
        .layer(CompressionLayer::new())
        // The bundle is compressed once, when it is built.
        .route_service(&site_pkg_dir_service_route_path(options), bundle)
}

pub(super) fn not_found(state: &AppState) -> Response {
    let mut response = draw_still(|| not_found_document(state.leptos.clone()));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}
