//! The files of the site: the hashed bundle, which browsers may keep for ever, the public files, and the page for
//! what is not found.

use app::pages::shell;
use axum::Router;
use axum::http::{HeaderValue, header};
use leptos_axum::{file_and_error_handler_with_context, site_pkg_dir_service, site_pkg_dir_service_route_path};
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::http::AppState;

/// The names carry a hash of the content, so that what was fetched once never has to be asked for again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Pages show the moment; public files may change with any release.
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

pub(super) fn add(
    pages: Router<AppState>,
    state: &AppState,
    context: impl Fn() + Clone + Send + Sync + 'static,
) -> Router<AppState> {
    let options = &state.leptos;
    let lifetime = if options.hash_files { FOR_EVER } else { ASK_AGAIN };
    let bundle = ServiceBuilder::new()
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, lifetime))
        .service(site_pkg_dir_service(options));
    pages
        .fallback(file_and_error_handler_with_context::<AppState, _>(context, shell))
        .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, ASK_AGAIN))
        .layer(CompressionLayer::new())
        // The bundle is compressed once, when it is built.
        .route_service(&site_pkg_dir_service_route_path(options), bundle)
}
