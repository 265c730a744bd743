//! What is inside of a line: links, images, addresses without markup, footnotes and math.

use pulldown_cmark::LinkType;

use super::{DEPTH_LIMIT, Writer, escape};
use crate::markdown::links::{self, Bare};
use crate::markdown::references::Definition;
use crate::markdown::rich;

/// A link or an image that is open.
pub(super) struct Link {
    /// What to show if nothing is inside.
    address: String,
    /// The length of the HTML at its start.
    start: usize,
    is_written: bool,
    is_image: bool,
}

impl Writer<'_> {
    /// Writes the text that was collected, with its bare addresses as links.
    pub(super) fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut rest = text.as_str();
        if !self.in_code && self.links.is_empty() {
            while let Some(Bare { before, scheme, address, after }) = links::find_bare(rest) {
                // An address that touches the end of a running text is not complete.
                if after.is_empty() && self.running_end.is_some_and(|end| self.text_end >= end) {
                    break;
                }
                escape(&mut self.html, before);
                self.anchor("<a href=\"", &[scheme, address].concat(), "");
                escape(&mut self.html, address);
                self.html.push_str("</a>");
                rest = after;
            }
        }
        escape(&mut self.html, rest);
    }

    fn is_linked(&self) -> bool {
        self.links.iter().any(|link| link.is_written)
    }

    fn anchor(&mut self, start: &str, address: &str, title: &str) {
        self.html.push_str(start);
        escape(&mut self.html, address);
        if !title.is_empty() {
            self.html.push_str("\" title=\"");
            escape(&mut self.html, title);
        }
        self.html.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
    }

    /// An element around words. An image's text has none.
    pub(super) fn inline(&mut self, start: &str, end: &'static str) {
        if self.images > 0 { self.element("", "") } else { self.element(start, end) }
    }

    pub(super) fn empty(&mut self, tag: &str) {
        self.html.push_str(if self.images > 0 { " " } else { tag });
    }

    /// A whole element.
    pub(super) fn tagged(&mut self, start: &str, text: &str, end: &'static str) {
        self.inline(start, end);
        escape(&mut self.html, text);
        self.html.push_str(self.open.pop().unwrap_or_default());
    }

    /// Its source, until somebody has something better to show.
    pub(super) fn math(&mut self, source: &str, is_display: bool) {
        self.tagged(rich::open_math(is_display, self.running_end.is_none()), source.trim(), "</code>");
    }

    /// A link or an image; neither inside another, and none to a forbidden address.
    fn open_link(&mut self, start: &str, full: &str, title: &str, shown: &str, is_image: bool) {
        let is_free = !self.is_linked() && self.images == 0 && self.open.len() < DEPTH_LIMIT;
        let is_written = is_free && links::safe(full).is_some();
        if is_written {
            self.anchor(start, full, title);
        }
        self.open.push(if is_written { "</a>" } else { "" });
        self.images += usize::from(is_image);
        let start = self.html.len();
        self.links.push(Link { address: shown.to_owned(), start, is_written, is_image });
    }

    pub(super) fn link(&mut self, link_type: LinkType, address: &str, title: &str, label: &str) {
        if let Some(label) = label.strip_prefix('^') {
            // Nothing but a footnote has such a label, and what is inside it is the label again.
            self.footnote(label, address);
            self.muted = 1;
            return;
        }
        let scheme = if link_type == LinkType::Email { "mailto:" } else { "" };
        self.open_link("<a href=\"", &[scheme, address].concat(), title, address, false);
    }

    /// An image is a link that says so: the page may load it when somebody asks for it.
    pub(super) fn image(&mut self, address: &str, title: &str, label: &str) {
        if let Some(label) = label.strip_prefix('^') {
            self.html.push('!');
            self.footnote(label, address);
            self.muted = 1;
            return;
        }
        // Only of the web: `mailto:` is a link and no picture.
        let is_loaded = address.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"));
        let start = if is_loaded { "<a class=\"image\" data-do=\"image\" href=\"" } else { "<a href=\"" };
        self.open_link(start, address, title, address, true);
    }

    pub(super) fn end_link(&mut self) {
        let Some(link) = self.links.pop() else { return };
        self.images -= usize::from(link.is_image);
        if link.start == self.html.len() {
            escape(&mut self.html, &link.address);
        }
    }

    /// A reference to a footnote, by its label: numbers would change what is frozen already.
    pub(super) fn footnote(&mut self, label: &str, address: &str) {
        if self.images > 0 {
            return escape(&mut self.html, label);
        }
        self.html.push_str("<sup class=\"footnote\">");
        if address.is_empty() || self.is_linked() {
            escape(&mut self.html, label);
        } else {
            self.html.push_str("<a href=\"");
            escape(&mut self.html, address);
            self.html.push_str("\">");
            escape(&mut self.html, label);
            self.html.push_str("</a>");
        }
        self.html.push_str("</sup>");
    }

    pub(super) fn anchor_of(&self, label: &str) -> String {
        self.references.map_or_else(String::new, |references| references.anchor(label))
    }

    /// A footnote stands where the text has it: a stream can't move it to the end.
    pub(super) fn footnote_definition(&mut self, label: &str) {
        let address = self.anchor_of(label);
        self.html.push_str("<div class=\"footnote\"");
        if !address.is_empty() {
            self.html.push_str(" id=\"");
            escape(&mut self.html, &address[1..]);
            self.html.push('"');
        }
        self.html.push_str("><sup>");
        escape(&mut self.html, label);
        self.element("</sup>\n", "</div>\n");
        self.definitions.push(Definition::new(["^", label].concat(), address, String::new()));
    }

    /// Shows the definitions before a place in the source. `CommonMark` hides them; in a chat a line that somebody
    /// wrote must be seen.
    pub(super) fn show_hidden(&mut self, end: usize) {
        if matches!(self.open.last(), Some(&("</ul>\n" | "</ol>\n"))) {
            // The parser's lists may end late.
            return;
        }
        let end = self.running_end.map_or(end, |running| running.min(end));
        let mut start = None;
        while let Some(&hidden) = self.hidden.last().filter(|&&hidden| hidden < end) {
            start = start.or(Some(hidden));
            self.hidden.pop();
        }
        let Some(start) = start else { return };
        let source = self.source;
        // Nothing else is between here and there, but the markers of what it is in.
        let mut before = "<p class=\"definition\">";
        for line in source[start..end].lines() {
            let line = line.trim_start_matches([' ', '\t', '>']).trim_end();
            if !line.is_empty() {
                self.html.push_str(before);
                self.text.push_str(line);
                self.text_end = end;
                self.flush();
                before = "<br>";
            }
        }
        self.html.push_str("</p>\n");
    }
}
