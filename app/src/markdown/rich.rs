//! Code and formulas as HTML, marked for whoever can draw it better.
//!
//! A marked element is `<code data-rich="KIND VARIANT">TEXT</code>`: the text is final, and escaped, and there is nothing
//! else inside. Whoever has something better to show puts it into the place of the whole element; until then, and without
//! anybody, it is what it is. The server does so in the pages that it sends, and on request for those that are alive.
//! A kind is `code`, of which the variant is the language, or `math`: `inline` or `display`.

use super::html::escape;
use super::{Block, BlockKind};
use crate::protocol::Limits;

/// How a marked element begins.
pub const MARK: &str = "<code data-rich=\"";

/// Marked elements of a page that nobody has been asked about.
pub const SELECTOR: &str = "[data-rich]:not([data-asked])";

/// How every element with code begins. Without a language there is nothing to highlight.
pub(super) fn open_code(language: &str, is_final: bool) -> String {
    if is_final && !language.is_empty() {
        [MARK, "code ", language, "\">"].concat()
    } else {
        "<code>".to_owned()
    }
}

/// How every element with a formula begins; its text is LaTeX without dollars.
pub(super) fn open_math(is_display: bool, is_final: bool) -> &'static str {
    match (is_final, is_display) {
        (true, true) => "<code data-rich=\"math display\">",
        (true, false) => "<code data-rich=\"math inline\">",
        (false, true) => "<code class=\"math display\">",
        (false, false) => "<code class=\"math\">",
    }
}

/// A block of code, which is final or may still grow.
pub fn code(language: &str, text: &str, is_final: bool) -> String {
    let mut html = open_code(language, is_final && text.len() <= Limits::RICH_BYTES);
    escape(&mut html, text);
    html.push_str("</code>");
    html
}

/// Whether something in a block is marked.
pub fn is_marked(block: &Block) -> bool {
    match &block.kind {
        BlockKind::Code { language, .. } => block.frozen && !language.is_empty(),
        BlockKind::Html(html) => html.contains(MARK),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{render, render_running};
    use super::*;

    #[test]
    fn only_what_is_final_and_has_a_language_is_marked() {
        let marked = "<code data-rich=\"code rust\">a &lt; &quot;b&quot;</code>";
        assert_eq!(code("rust", "a < \"b\"", true), marked);
        let plain = "<code>a &lt; &quot;b&quot;</code>";
        assert_eq!(code("rust", "a < \"b\"", false), plain);
        assert_eq!(code("", "a < \"b\"", true), plain);
        assert!(code("rust", &"a".repeat(Limits::RICH_BYTES), true).starts_with(MARK));
        assert!(!code("rust", &"a".repeat(Limits::RICH_BYTES + 1), true).starts_with(MARK));
    }

    #[test]
    fn code_in_a_list_is_marked_once_the_list_is_over() {
        let list = "- a\n  ```js\n  x\n  ```\n- b";
        assert!(!render_running(list).iter().any(is_marked));
        assert!(render_running(&format!("{list}\n\nc\n\nd")).iter().any(is_marked));
        assert!(render(list).iter().any(is_marked));
    }

    #[test]
    fn a_block_of_code_is_marked_once_it_is_over() {
        let code = "```js\nx\n";
        assert!(!render_running(code).iter().any(is_marked));
        assert!(render_running(&format!("{code}```\n\na")).iter().any(is_marked));
        assert!(!render("```\nx\n```").iter().any(is_marked), "without a language");
    }
}
