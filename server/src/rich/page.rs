//! Finds what is marked in the HTML of a whole page, and puts something better into its place.
//!
//! A mark has a `<` and a `"` in it, and neither comes from people without being escaped, in texts, in attributes or in
//! the page's data. So what looks like one was written by `app::markdown::rich`.

use std::ops::Range;
use std::sync::Arc;

use app::markdown::rich::MARK;
use app::protocol::RichText;

pub(super) fn has_marks(page: &str) -> bool {
    page.contains(MARK)
}

/// The page with everything that `draw` has drawn. It is asked for the last one first.
pub(super) fn fill(page: &str, mut draw: impl FnMut(&RichText) -> Option<Arc<str>>) -> String {
    let marked: Vec<_> = page.match_indices(MARK).filter_map(|(at, _)| read(page, at)).collect();
    let mut drawn: Vec<_> =
        marked.iter().rev().filter_map(|(place, text)| Some((place, draw(text)?))).collect();
    drawn.reverse();
    let mut filled = String::with_capacity(page.len() * 2);
    let mut end = 0;
    for (place, html) in drawn {
        filled.push_str(&page[end..place.start]);
        filled.push_str(&html);
        end = place.end;
    }
    filled.push_str(&page[end..]);
    filled
}

/// The marked element that begins there, and what is in it.
fn read(page: &str, at: usize) -> Option<(Range<usize>, RichText)> {
    const END: &str = "</code>";
    let (mark, rest) = page[at + MARK.len()..].split_once("\">")?;
    let (kind, variant) = mark.split_once(' ')?;
    let text = &rest[..rest.find('<').filter(|end| rest[*end..].starts_with(END))?];
    let length = MARK.len() + mark.len() + 2 + text.len() + END.len();
    let text = RichText { kind: kind.to_owned(), variant: variant.to_owned(), text: unescape(text) };
    Some((at..at + length, text))
}

fn unescape(text: &str) -> String {
    const ENTITIES: [(&str, char); 5] =
        [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"'), ("&#39;", '\'')];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity));
        let (length, character) = entity.map_or((1, '&'), |(entity, character)| (entity.len(), *character));
        plain.push(character);
        rest = &rest[length..];
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::markdown::rich::code;

    #[test]
    fn what_is_marked_is_drawn_the_last_first_and_the_rest_stays() {
        let codes = [("rust", "a < \"b\" && 'c' &lt;"), ("", "plain"), ("c++", "x\n\ny")];
        let html = codes.map(|(language, text)| code(language, text, true)).join(" and ");
        let page = format!("<p>é</p>{html}<script>{{}}</script>");
        let mut asked = Vec::new();
        let filled = fill(&page, |text| {
            asked.push((text.kind.clone(), text.variant.clone(), text.text.clone()));
            Some(format!("[{}]", text.variant).into())
        });
        assert_eq!(filled, "<p>é</p>[rust] and <code>plain</code> and [c++]<script>{}</script>");
        let expected = [("code", "c++", codes[2].1), ("code", "rust", codes[0].1)];
        assert_eq!(asked, expected.map(|(kind, variant, text)| (kind.into(), variant.into(), text.into())));
        assert_eq!(fill(&page, |_| None), page);
    }

    #[test]
    fn what_is_not_quite_a_mark_stays() {
        for page in [
            "",
            MARK,
            "<code data-rich=\"code rust",
            "<code data-rich=\"code\">x</code>",
            "<code data-rich=\"code rust\">x",
            "<code data-rich=\"code rust\">x<b>y</b></code>",
        ] {
            assert_eq!(fill(page, |_| Some("drawn".into())), page);
        }
    }
}
