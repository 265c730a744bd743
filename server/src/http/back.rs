//! Where the answer to a small form leads that stands on many pages: back to the page it stood on.

use app::pages::own_path;
use axum::http::{HeaderMap, Uri, header};

/// The page with the form. One that was itself the answer to a form can't be loaded again.
pub fn came_from(headers: &HeaderMap) -> String {
    let page = || headers.get(header::REFERER)?.to_str().ok()?.parse::<Uri>().ok();
    let path = page().and_then(|page| page.path_and_query().map(|path| path.as_str().to_owned()));
    path.filter(|path| own_path(path).is_some() && !path.starts_with("/forms/"))
        .unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(referer: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::REFERER, HeaderValue::from_static(referer))])
    }

    #[test]
    fn a_choice_leads_back_to_a_page_of_ours() {
        for (referer, expected) in [
            ("http://localhost/sign-in?next=/room/1", "/sign-in?next=/room/1"),
            ("http://localhost//evil.example", "/"),
            ("http://localhost/forms/room/rename", "/"),
            ("nonsense", "/"),
        ] {
            assert_eq!(came_from(&headers(referer)), expected, "{referer}");
        }
        assert_eq!(came_from(&HeaderMap::new()), "/");
    }
}
