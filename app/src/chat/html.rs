//! Small pieces of a page as HTML in one string, where a view of elements would cost the browser more to download.
//!
//! Tags can only be spelled in the code; whatever comes from people is text, and escaped.

use crate::markdown::escape;

/// HTML that is safe for `innerHTML`.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Appends markup as it is written in the code.
    pub fn tag(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Appends text, for between tags or inside of a quoted attribute.
    pub fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.0, text);
        self
    }

    /// Appends what an [`Html`] or the Markdown wrote.
    pub(crate) fn html(&mut self, html: &str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// A button that `components::actions` hears: what to do, with what, in which words.
    pub fn button(&mut self, action: &'static str, value: &str, words: &str) -> &mut Self {
        self.tag("<button type=\"button\" data-do=\"").tag(action).tag("\" data-value=\"").text(value);
        self.tag("\">").text(words).tag("</button>")
    }

    /// What was written; nothing is left.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_between_tags_and_in_attributes() {
        let mut html = Html::default();
        html.button("react", "\" onclick='x", "<b>&</b>");
        assert_eq!(
            html.take(),
            "<button type=\"button\" data-do=\"react\" data-value=\"&quot; onclick=&#39;x\">&lt;b&gt;&amp;&lt;/b&gt;</button>"
        );
        assert_eq!(html.take(), "");
    }
}
