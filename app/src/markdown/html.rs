//! Writes one segment as HTML. Every tag and attribute that can ever come out is spelled here; all else is text,
//! escaped. Raw HTML is text too. It loads nothing: images are links.

use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::line::language;
use super::{definitions, links, rich};

/// Elements deeper than this lose their tags and keep their text.
const DEPTH_LIMIT: usize = 32;

/// The HTML of a segment. With `added`, text is expected to follow, and so many bytes at the end are not from it.
pub(super) fn render(source: &str, added: Option<usize>) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let parser = Parser::new_ext(source, options);
    let mut writer = Writer {
        filling: source.len(),
        running_end: added.map(|added| source.len() - added),
        ..Writer::default()
    };
    if parser.reference_definitions().iter().next().is_none() {
        writer.write(parser.into_offset_iter());
    } else {
        let escaped = definitions::escape(source);
        writer.running_end = added.map(|added| escaped.len() - added);
        writer.write(Parser::new_ext(&escaped, options).into_offset_iter());
    }
    writer.html.truncate(writer.html.trim_end().len());
    writer.html
}

#[derive(Default)]
struct Writer {
    html: String,
    /// What closes each open element; empty for those that were not written.
    open: Vec<&'static str>,
    /// Text that is not written yet: the parser hands it out in pieces, and an address may span them.
    text: String,
    /// Where in the source the text up to now ends.
    text_end: usize,
    /// Where a running text ends, in the source.
    running_end: Option<usize>,
    /// Links and images around this place, with the address to show if they turn out empty.
    links: Vec<Link>,
    /// How the columns of the table are aligned, and the column that comes next.
    columns: Vec<Alignment>,
    column: usize,
    in_head: bool,
    /// How many cells may still be written that the parser added to short rows.
    filling: usize,
    /// Inside code, text is only escaped.
    in_code: bool,
    /// Where the class of the last list item would go.
    item: usize,
}

struct Link {
    /// What to show if nothing is inside.
    address: String,
    /// The length of the HTML at its start.
    start: usize,
}

impl Writer {
    fn write<'a>(&mut self, events: impl Iterator<Item = (Event<'a>, Range<usize>)>) {
        for (event, range) in events {
            if let Event::Text(text) = event {
                self.text.push_str(&text);
                self.text_end = range.end;
                continue;
            }
            self.flush();
            match event {
                Event::Start(Tag::TableCell) if range.is_empty() && !self.may_fill() => self.element("", ""),
                Event::Start(tag) => self.start(tag),
                Event::End(tag) => self.end(tag),
                Event::Code(code) => {
                    self.html.push_str("<code>");
                    escape(&mut self.html, &code);
                    self.html.push_str("</code>");
                }
                Event::Html(text) | Event::InlineHtml(text) => escape(&mut self.html, &text),
                Event::SoftBreak => self.html.push('\n'),
                Event::HardBreak => self.html.push_str("<br>\n"),
                Event::Rule => self.html.push_str("<hr>\n"),
                Event::TaskListMarker(done) => self.task(done),
                // Not enabled, or handled above.
                Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                    escape(&mut self.html, &text);
                }
                Event::FootnoteReference(label) => escape(&mut self.html, &label),
            }
        }
        self.flush();
    }

    /// Writes the text that was collected, with its bare addresses as links.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut rest = text.as_str();
        if !self.in_code && self.links.is_empty() {
            while let Some((before, address, after)) = links::find_bare(rest) {
                // An address that touches the end of a running text is not complete.
                if after.is_empty() && self.running_end.is_some_and(|end| self.text_end >= end) {
                    break;
                }
                escape(&mut self.html, before);
                self.anchor(address);
                escape(&mut self.html, address);
                self.html.push_str("</a>");
                rest = after;
            }
        }
        escape(&mut self.html, rest);
    }

    fn anchor(&mut self, address: &str) {
        self.html.push_str("<a href=\"");
        escape(&mut self.html, address);
        self.html.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
    }

    fn element(&mut self, start: &str, end: &'static str) {
        self.html.push_str(start);
        self.open.push(end);
    }

    fn start(&mut self, tag: Tag<'_>) {
        let cell = matches!(tag, Tag::TableHead | Tag::TableRow | Tag::TableCell);
        let hidden = if cell { self.open.last() == Some(&"") } else { self.open.len() >= DEPTH_LIMIT };
        match tag {
            Tag::CodeBlock(_) => self.in_code = true,
            Tag::Table(_) => self.columns.clear(),
            _ => {}
        }
        if hidden && !matches!(tag, Tag::Link { .. } | Tag::Image { .. }) {
            // Keeps the words of neighbours apart.
            self.element(if self.html.ends_with(char::is_whitespace) { "" } else { " " }, "");
            return;
        }
        match tag {
            Tag::Paragraph => self.element("<p>", "</p>\n"),
            Tag::HtmlBlock => self.element("<p class=\"raw\">", "</p>\n"),
            Tag::Heading { level, .. } => match level as u8 {
                1 => self.element("<h3>", "</h3>\n"),
                2 => self.element("<h4>", "</h4>\n"),
                3 => self.element("<h5>", "</h5>\n"),
                _ => self.element("<h6>", "</h6>\n"),
            },
            Tag::BlockQuote(_) => self.element("<blockquote>\n", "</blockquote>\n"),
            Tag::CodeBlock(kind) => self.code_block(&kind),
            Tag::List(None) => self.element("<ul>\n", "</ul>\n"),
            Tag::List(Some(1)) => self.element("<ol>\n", "</ol>\n"),
            Tag::List(Some(start)) => {
                self.html.push_str("<ol start=\"");
                self.html.push_str(&start.to_string());
                self.element("\">\n", "</ol>\n");
            }
            Tag::Item => {
                self.element("<li>", "</li>\n");
                self.item = self.html.len() - 1;
            }
            Tag::Table(columns) => {
                self.columns = columns;
                self.element("<div class=\"table\"><table>\n", "</tbody></table></div>\n");
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.element("<thead><tr>", "</tr></thead><tbody>\n");
            }
            Tag::TableRow => {
                (self.in_head, self.column) = (false, 0);
                self.element("<tr>", "</tr>\n");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.element("<em>", "</em>"),
            Tag::Strong => self.element("<strong>", "</strong>"),
            Tag::Strikethrough => self.element("<del>", "</del>"),
            Tag::Link { link_type, dest_url, .. } => self.link(&dest_url, link_type),
            Tag::Image { link_type, dest_url, .. } => self.link(&dest_url, link_type),
            // Not enabled.
            _ => self.element("", ""),
        }
    }

    /// Without a limit, many short rows below a wide header would give a hundred times the text.
    fn may_fill(&mut self) -> bool {
        let filling = self.filling;
        self.filling = filling.saturating_sub(1);
        filling > 0
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>) {
        let language = match kind {
            CodeBlockKind::Fenced(info) => language(info),
            CodeBlockKind::Indented => String::new(),
        };
        // Of a running text, the code may still grow.
        let code = rich::open_code(&language, self.running_end.is_none());
        self.html.push_str("<pre>");
        self.element(&code, "</code></pre>\n");
    }

    fn cell(&mut self) {
        let alignment = self.columns.get(self.column);
        self.column += 1;
        let class = match alignment {
            Some(Alignment::Center) => " class=\"center\"",
            Some(Alignment::Right) => " class=\"right\"",
            _ => "",
        };
        let (start, end) = if self.in_head { ("<th scope=\"col\"", "</th>") } else { ("<td", "</td>") };
        self.html.push_str(start);
        self.html.push_str(class);
        self.element(">", end);
    }

    /// A link or an image; neither inside another, and none to a forbidden address.
    fn link(&mut self, address: &str, link_type: LinkType) {
        let scheme = if link_type == LinkType::Email { "mailto:" } else { "" };
        let full = [scheme, address].concat();
        if self.links.is_empty() && self.open.len() < DEPTH_LIMIT && links::safe(&full).is_some() {
            self.anchor(&full);
            self.open.push("</a>");
        } else {
            self.open.push("");
        }
        self.links.push(Link { address: address.to_owned(), start: self.html.len() });
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::Link | TagEnd::Image => {
                if let Some(link) = self.links.pop().filter(|link| link.start == self.html.len()) {
                    escape(&mut self.html, &link.address);
                }
            }
            _ => {}
        }
        if let Some(end) = self.open.pop() {
            self.html.push_str(end);
        }
    }

    /// The box of a task: it shows a state and cannot be clicked.
    fn task(&mut self, done: bool) {
        if self.html.get(..=self.item).is_some_and(|head| head.ends_with("<li>")) {
            self.html.insert_str(self.item, " class=\"task\"");
        }
        self.html.push_str(if done {
            "<input type=\"checkbox\" disabled checked aria-label=\"Done\"> "
        } else {
            "<input type=\"checkbox\" disabled aria-label=\"Not done\"> "
        });
    }
}

/// Writes text so that it is nothing but text, inside and outside of a quoted attribute.
pub(super) fn escape(html: &mut String, text: &str) {
    let mut from = 0;
    for (index, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            _ => continue,
        };
        html.push_str(&text[from..index]);
        html.push_str(entity);
        from = index + 1;
    }
    html.push_str(&text[from..]);
}
