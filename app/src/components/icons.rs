//! The few drawings of the pages, as inline SVG that takes the colour of its text.

use super::Live;

pub const BRAND: &str = r#"<span class="brand"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path fill="currentColor" d="M13.6 1.8 4.9 13.1c-.5.7 0 1.6.8 1.6h4.7l-1.5 7.1c-.2.9.9 1.4 1.5.7l8.7-11.3c.5-.7 0-1.6-.8-1.6h-4.7l1.5-7.1c.2-.9-.9-1.4-1.5-.7Z"/></svg>SiteSpark</span>"#;

/// The same for pages without a script.
#[cfg(feature = "ssr")]
#[leptos::component]
pub fn Brand() -> impl leptos::IntoView {
    leptos::tachys::html::InertElement::new(BRAND)
}

/// A drawing of lines on a grid of 24.
pub fn icon(html: &mut Live, path: &'static str) {
    html.tag(
        r#"<svg class="icon" viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" "#,
    );
    html.tag(
        r#"stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d=""#,
    );
    html.tag(path).tag("\"/></svg>");
}

pub const SEND: &str = "M12 19V5m0 0-6 6m6-6 6 6";
pub const STOP: &str = "M7 7h10v10H7z";
pub const STOP_AND_SEND: &str = "M3 10h7v7H3zM17 18V6m0 0-4 4m4-4 4 4";
pub const PLUS: &str = "M12 5v14M5 12h14";
pub const MENU: &str = "M4 7h16M4 12h16M4 17h16";
pub const EDIT: &str = "M4 20h4L19 9l-4-4L4 16v4Z";
pub const DELETE: &str = "M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13";
pub const EYE: &str = "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7Zm7 0a3 3 0 1 0 6 0 3 3 0 1 0-6 0";
pub const PIN: &str = "M9 4h6l-1 6 3 3H7l3-3-1-6Zm3 9v7";
pub const ARCHIVE: &str = "M4 5h16v4H4V5Zm1 4v10h14V9m-9 4h4";
pub const SEARCH: &str = "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 4 4";
pub const DOWN: &str = "M12 5v14m0 0-6-6m6 6 6-6";
