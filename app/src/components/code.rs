//! A block of code on the page: its language and length, what can be done with it, and the code.
//!
//! The code is one string of HTML, which the server replaces by a highlighted one where the text is final (see
//! [`crate::markdown::rich`]). It tells nobody: waking up leaves it alone, and a change of the text sets all of it anew.

use std::time::Duration;

use leptos::prelude::*;
use leptos::web_sys::Element;

use super::Live;
use super::blocks::read;
use crate::chat::{Chat, Shared};
use crate::markdown::{Block, BlockKind, rich};
use crate::texts::chat as texts;

/// How long a button says that it has copied.
const COPIED_FOR: Duration = Duration::from_secs(2);

pub fn code(block: &Shared<Block>, html: &mut Live) {
    let label = read(block, |block| match &block.kind {
        BlockKind::Code { language, text } => label(language, text),
        BlockKind::Html(_) => String::new(),
    });
    let source = read(block, |block| match &block.kind {
        BlockKind::Code { language, text } => rich::code(language, text, block.frozen),
        BlockKind::Html(_) => String::new(),
    });
    html.tag(r#"<figure class="code"><figcaption><span"#).live_text(label);
    html.tag(r#"</span><button type="button" data-do="wrap">"#).text(texts::wrap());
    html.tag(r#"</button><button type="button" data-do="copy">"#).text(texts::copy());
    html.tag("</button></figcaption>");
    html.tag(r#"<pre tabindex="0""#).live_html(source).tag("</pre></figure>");
}

fn label(language: &str, text: &str) -> String {
    let lines = text.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1;
    let language = if language.is_empty() { texts::code() } else { language };
    texts::code_lines(lines, language)
}

/// A button above the code was pressed.
pub fn pressed(chat: Chat, action: &str, button: &Element, figure: &Element) {
    if action == "wrap" {
        let is_wrapped = figure.class_name() != "code";
        let (class, next) = if is_wrapped { ("code", texts::wrap()) } else { ("code wrap", texts::unwrap()) };
        figure.set_class_name(class);
        return button.set_text_content(Some(next));
    }
    let code = figure.query_selector("code").ok().flatten();
    chat.copy(&code.and_then(|code| code.text_content()).unwrap_or_default());
    button.set_text_content(Some(texts::copied()));
    chat.hear(texts::copied().to_owned());
    let button = button.clone();
    set_timeout(move || button.set_text_content(Some(texts::copy())), COPIED_FOR);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_label_says_language_and_length() {
        assert_eq!(label("rust", "a"), "rust · 1 line");
        assert_eq!(label("", "a\n\nb"), "code · 3 lines");
    }
}
