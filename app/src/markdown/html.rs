//! Writes one segment as HTML. Every tag and attribute that can ever come out is spelled here and in `inlines`; all
//! else is text, escaped. Raw HTML is text too. It loads nothing: images are links.

mod inlines;

use std::ops::Range;

use pulldown_cmark::{
    Alignment, BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd,
};

use super::direction::{begins_right_to_left, is_mixed};
use super::line::language;
use super::math;
use super::references::{Definition, References};
use super::rich;

/// Elements deeper than this lose their tags and keep their text.
const DEPTH_LIMIT: usize = 32;

/// How far the text around a segment has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The segment may go on; so many bytes at its end are not from the text.
    Running { added: usize },
    /// The segment is complete, and definitions may follow it.
    Complete,
    /// Nothing will follow that matters here.
    Final,
}

/// What a segment turned out to be.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    pub(super) html: String,
    pub(super) definitions: Vec<Definition>,
    /// Labels that nothing has defined, and that would make a difference if something did.
    pub(super) missing: Vec<String>,
}

/// The HTML of a segment of Markdown.
pub(super) fn render(source: &str, references: &References, stage: Stage) -> Rendered {
    let (mut rendered, mut prices) = parse(source, references, stage);
    if !prices.is_empty() {
        // Dollars that turned out to be none of math, though the parser took them for it, are escaped.
        let mut escaped = source.to_owned();
        while let Some(dollar) = prices.pop() {
            escaped.insert(dollar, '\\');
        }
        rendered = parse(&escaped, references, stage).0;
    }
    rendered
}

/// The HTML of raw HTML: its text.
pub(super) fn raw(source: &str) -> String {
    wrapped("<p class=\"raw\">", source.trim_end(), "</p>")
}

/// The HTML of math that stands alone.
pub(super) fn display_math(source: &str, is_final: bool) -> String {
    wrapped(&["<p>", rich::open_math(true, is_final)].concat(), source.trim(), "</code></p>")
}

fn wrapped(start: &str, text: &str, end: &str) -> String {
    let mut html = start.to_owned();
    escape(&mut html, text);
    html.push_str(end);
    html
}

/// Parses once; also says where dollars are that only look like math.
fn parse(source: &str, references: &References, stage: Stage) -> (Rendered, Vec<usize>) {
    #[cfg(test)]
    references.parsed.fetch_add(source.len(), std::sync::atomic::Ordering::Relaxed);
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    // The parser knows no footnotes but those of its own source; others are references to it. So a segment that
    // defines some finds only those.
    if source.contains("[^") && source.contains("]:") {
        options |= Options::ENABLE_FOOTNOTES;
    }
    let mut missing = Vec::new();
    let resolve = |link: BrokenLink<'_>| {
        let label = &*link.reference;
        let footnote = label.strip_prefix('^');
        if footnote.is_some() && link.link_type != LinkType::Shortcut {
            return None;
        }
        if let Some(found) = references.find(label) {
            return Some((found.address.clone().into(), found.title.clone().into()));
        }
        missing.push(label.to_owned());
        // Numbers are footnotes until the end shows that they are not.
        let is_number = footnote.is_some_and(is_number) && stage != Stage::Final;
        is_number.then(|| (CowStr::from(""), CowStr::from("")))
    };
    let parser = Parser::new_with_broken_link_callback(source, options, Some(resolve));
    let running_end = match stage {
        Stage::Running { added } => Some(source.len() - added),
        Stage::Complete | Stage::Final => None,
    };
    let mut writer = Writer {
        source,
        filling: source.len(),
        running_end,
        is_mixed: is_mixed(source),
        ..Writer::default()
    };
    for (label, definition) in parser.reference_definitions().iter() {
        let start = definition.span.start;
        let place = writer.hidden.partition_point(|&hidden| hidden > start);
        writer.hidden.insert(place, start);
        let title = definition.title.as_deref().unwrap_or_default().to_owned();
        let definition = Definition::new(label.to_owned(), (*definition.dest).to_owned(), title);
        writer.definitions.insert(place, definition);
    }
    writer.references = Some(references);
    writer.write(parser.into_offset_iter());
    let Writer { mut html, definitions, prices, .. } = writer;
    html.truncate(html.trim_end().len());
    (Rendered { html, definitions, missing }, prices)
}

#[derive(Default)]
struct Writer<'a> {
    source: &'a str,
    references: Option<&'a References>,
    html: String,
    /// What closes each open element; empty for those that were not written.
    open: Vec<&'static str>,
    /// Text that is not written yet: the parser hands it out in pieces, and an address may span them.
    text: String,
    /// Where in the source the text up to now ends.
    text_end: usize,
    /// Where a running text ends, in the source.
    running_end: Option<usize>,
    /// Whether some of it is written from right to left.
    is_mixed: bool,
    /// Links and images around this place.
    links: Vec<inlines::Link>,
    /// How many of them are images, which have text and no other elements.
    images: usize,
    /// How many elements around this place are left out with their content.
    muted: usize,
    /// Where definitions begin that the parser has left out, the last one first.
    hidden: Vec<usize>,
    definitions: Vec<Definition>,
    /// Where dollars are that are none of math.
    prices: Vec<usize>,
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
    /// The next number of each list around this place; none where they have no numbers.
    numbers: Vec<Option<u64>>,
}

impl Writer<'_> {
    fn write<'e>(&mut self, events: impl Iterator<Item = (Event<'e>, Range<usize>)>) {
        for (event, range) in events {
            if self.muted > 0 {
                match event {
                    Event::Start(_) => self.muted += 1,
                    Event::End(_) => self.muted -= 1,
                    _ => {}
                }
                continue;
            }
            // The text after a definition that the parser has left out does not go on with the text before.
            let end = if matches!(event, Event::End(_)) { range.end } else { range.start };
            let is_text = matches!(event, Event::Text(_));
            if !is_text || self.hidden.last().is_some_and(|&hidden| hidden < end) {
                self.flush();
                self.show_hidden(end);
            }
            // By reference, because every place where a part of an event is dropped costs the bundle.
            match &event {
                Event::Text(text) => {
                    self.text.push_str(text);
                    self.text_end = range.end;
                }
                Event::Start(Tag::TableCell) if range.is_empty() && !self.may_fill() => self.element("", ""),
                Event::Start(tag) => self.start(tag, &range),
                Event::End(tag) => self.end(*tag),
                Event::InlineHtml(text) if !self.columns.is_empty() && is_break(text) => self.empty("<br>"),
                Event::SoftBreak => self.html.push('\n'),
                Event::HardBreak => self.empty("<br>"),
                Event::Rule => self.html.push_str("<hr>\n"),
                Event::TaskListMarker(done) => self.task(*done),
                Event::FootnoteReference(label) => {
                    let address = self.anchor_of(label);
                    self.footnote(label, &address);
                }
                Event::Code(code) => self.tagged("<code>", code, "</code>"),
                Event::InlineMath(text) if !math::is_math(self.source, &range) => {
                    self.prices.extend([range.start, range.end - 1]);
                    self.html.push('$');
                    escape(&mut self.html, text);
                    self.html.push('$');
                }
                Event::InlineMath(text) => self.math(text, false),
                Event::DisplayMath(text) => self.math(text, true),
                Event::Html(text) | Event::InlineHtml(text) => escape(&mut self.html, text),
            }
        }
        self.flush();
        self.show_hidden(self.running_end.unwrap_or(self.source.len()));
    }

    fn element(&mut self, start: &str, end: &'static str) {
        self.html.push_str(start);
        self.open.push(end);
    }

    /// An element that holds words, which may be of another direction than those around it.
    fn words(&mut self, start: &str, end: &'static str) {
        self.html.push_str(start);
        self.element(if self.is_mixed { " dir=\"auto\">" } else { ">" }, end);
    }

    /// An element with a side on which its markers, its line or its first column are.
    fn sided(&mut self, start: &str, range: &Range<usize>, end: &'static str) {
        self.html.push_str(start);
        let turned = self.is_mixed && begins_right_to_left(&self.source[range.clone()]);
        self.element(if turned { " dir=\"rtl\">\n" } else { ">\n" }, end);
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        let cell = matches!(tag, Tag::TableHead | Tag::TableRow | Tag::TableCell);
        let is_hidden = if cell { self.open.last() == Some(&"") } else { self.open.len() >= DEPTH_LIMIT };
        match tag {
            Tag::CodeBlock(_) => self.in_code = true,
            Tag::Table(_) => self.columns.clear(),
            Tag::List(start) => self.numbers.push(*start),
            _ => {}
        }
        if is_hidden && !matches!(tag, Tag::Link { .. } | Tag::Image { .. }) {
            // Keeps the words of neighbours apart.
            self.element(if self.html.ends_with(char::is_whitespace) { "" } else { " " }, "");
            return;
        }
        match tag {
            Tag::Paragraph => self.words("<p", "</p>\n"),
            Tag::HtmlBlock => self.element("<p class=\"raw\">", "</p>\n"),
            Tag::Heading { level, .. } => match *level as u8 {
                1 => self.words("<h3", "</h3>\n"),
                2 => self.words("<h4", "</h4>\n"),
                3 => self.words("<h5", "</h5>\n"),
                _ => self.words("<h6", "</h6>\n"),
            },
            Tag::BlockQuote(_) => self.sided("<blockquote", range, "</blockquote>\n"),
            Tag::CodeBlock(kind) => self.code_block(kind),
            Tag::List(None) => self.sided("<ul", range, "</ul>\n"),
            Tag::List(Some(1)) => self.sided("<ol", range, "</ol>\n"),
            Tag::List(Some(start)) => {
                let start = ["<ol start=\"", &start.to_string(), "\""].concat();
                self.sided(&start, range, "</ol>\n");
            }
            Tag::Item => self.list_item(),
            Tag::FootnoteDefinition(label) => self.footnote_definition(label),
            Tag::Table(columns) => {
                self.columns.extend_from_slice(columns);
                self.html.push_str("<div class=\"table\" tabindex=\"0\">");
                self.sided("<table", range, "</tbody></table></div>\n");
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
            Tag::Emphasis => self.inline("<em>", "</em>"),
            Tag::Strong => self.inline("<strong>", "</strong>"),
            Tag::Strikethrough => self.inline("<del>", "</del>"),
            Tag::Link { link_type, dest_url, title, id } => self.link(*link_type, dest_url, title, id),
            Tag::Image { dest_url, title, id, .. } => self.image(dest_url, title, id),
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
        self.html.push_str("<pre tabindex=\"0\">");
        self.element(&code, "</code></pre>\n");
    }

    fn list_item(&mut self) {
        self.item = self.html.len() + "<li".len();
        if let Some(Some(number)) = self.numbers.last_mut() {
            // Chromium counts all numbered items of the page again, and lays them out, when some other item goes:
            // 50 ms for 400 of them. Not those that say their number.
            let start = ["<li value=\"", &number.to_string(), "\""].concat();
            *number += 1;
            self.words(&start, "</li>\n");
        } else {
            self.words("<li", "</li>\n");
        }
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
        self.words(class, end);
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.in_code = false,
            TagEnd::Table => self.columns.clear(),
            TagEnd::List(_) => _ = self.numbers.pop(),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
        if let Some(end) = self.open.pop() {
            self.html.push_str(end);
        }
    }

    /// The box of a task: it shows a state and cannot be clicked.
    fn task(&mut self, done: bool) {
        if self.html.get(..self.item).is_some_and(|head| head.ends_with("<li")) {
            self.html.insert_str(self.item, " class=\"task\"");
        }
        self.html.push_str(if done {
            "<input type=\"checkbox\" disabled checked aria-label=\"Done\"> "
        } else {
            "<input type=\"checkbox\" disabled aria-label=\"Not done\"> "
        });
    }
}

fn is_number(label: &str) -> bool {
    !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit())
}

/// Raw HTML that a table's cell has no other way to say.
fn is_break(html: &str) -> bool {
    matches!(html, "<br>" | "<br/>" | "<br />")
}

/// Writes text so that it is nothing but text, inside and outside of a quoted attribute.
pub fn escape(html: &mut String, text: &str) {
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
