//! Where the text may be cut: line by line, which top-level block a line belongs to, and whether it begins or ends
//! one. It sees lines and keeps no text, and it does not parse what is inside a block.
//!
//! A segment may hold more than one of `CommonMark`'s blocks (a quote and the paragraph after it, when one line
//! decides between them); it must never hold a part of one. The only exceptions are the cuts by length.

use super::line::{Fence, Line, strip_markers};

/// From this length on, in bytes, a list is cut at its next item and a table at its next row, which hardly shows.
pub(super) const SOFT_LIMIT: usize = 4 * 1024;
/// From this length on any segment is cut at the next line, and a line of that length is cut inside.
pub(super) const HARD_LIMIT: usize = 8 * 1024;
/// A longer table header is not repeated after a cut.
const HEADER_LIMIT: usize = 1024;

/// What a line does to the blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A blank line between blocks.
    Skip,
    /// Belongs to the open segment.
    Continue,
    /// Belongs to the open segment and ends it.
    ContinueAndClose,
    /// A blank line that ends the open segment.
    Close,
    /// Ends what was open and begins a segment.
    Open,
    /// The same, and the new segment is complete with this line.
    OpenAndClose,
    /// Ends what was open because it was too long, and goes on with it. In a table, says where in the segment the
    /// header is, so that it can be repeated.
    Split { header: Option<(usize, usize)> },
    /// Ends what was open; a code block begins after this line.
    OpenFence,
    /// Ends what was open; a code block begins with this line.
    OpenCode { continues: bool },
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Idle,
    /// In a fenced code block: `code` reads it.
    Fence(Fence),
    /// In an indented code block: `code` reads it, as long as lines are indented.
    Indented,
    /// In raw HTML that goes on until a line with this text.
    Html(&'static str),
    /// In math that stands alone, until a line that ends in `$$`, or until it turns out that it is none.
    Math,
    Paragraph {
        /// Columns and length of the line before, if it could be a table's header.
        above: (usize, usize),
        /// Where the header is, once this is a table.
        table: Option<(usize, usize)>,
    },
    Quote {
        /// Whether a line without `>` may go on with the paragraph inside.
        text: bool,
        /// Whether one has.
        lazy: bool,
    },
    List {
        /// As in a marker; `^` for a footnote, which has no siblings and is a list of one item otherwise.
        kind: u8,
        /// The column where the last item's content begins.
        content: usize,
        /// Whether the last item has only its marker so far.
        empty: bool,
        /// Whether the line before was blank.
        blank: bool,
        /// As in a quote.
        text: bool,
        lazy: bool,
        /// A fence that is open inside the item.
        fence: Option<Fence>,
    },
}

impl State {
    pub(super) const PARAGRAPH: Self = Self::Paragraph { above: (0, 0), table: None };

    /// Takes the next line, where the open segment has `length` bytes before it.
    pub(super) fn take(&mut self, text: &str, length: usize) -> Step {
        let line = Line::new(text);
        match *self {
            Self::Idle | Self::Fence(_) | Self::Indented => self.open(line, text.len()),
            Self::Paragraph { above, table } => self.paragraph(line, text.len(), length, above, table),
            Self::Html(end) => self.html(line, length, end),
            Self::Math => self.math(line, text.len(), length),
            Self::Quote { text: open, lazy } => self.quote(line, text.len(), length, open, lazy),
            Self::List { .. } => self.list(line, text.len(), length),
        }
    }

    /// A line that begins a new block, whatever was before.
    fn open(&mut self, line: Line<'_>, size: usize) -> Step {
        let (state, step) = if line.is_blank() {
            (Self::Idle, Step::Skip)
        } else if line.indent >= 4 {
            (Self::Indented, Step::OpenCode { continues: false })
        } else if let Some(fence) = line.fence() {
            (Self::Fence(fence), Step::OpenFence)
        } else if line.is_heading() || line.is_rule() {
            (Self::Idle, Step::OpenAndClose)
        } else if let Some(end) = line.raw_html() {
            if ends_raw_html(line, end) {
                (Self::Idle, Step::OpenAndClose)
            } else {
                (Self::Html(end), Step::Open)
            }
        } else if line.is_math() {
            (Self::Math, Step::Open)
        } else if let Some(marker) = line.marker() {
            let fence = inner_fence(line, marker.content);
            let (kind, content, empty) = (marker.kind, marker.content, marker.empty);
            let text = ends_in_text(line, false);
            (Self::List { kind, content, empty, blank: false, text, lazy: false, fence }, Step::Open)
        } else if line.footnote().is_some() {
            let (text, fence) = (ends_in_text(line, false), inner_fence(line, 4));
            let footnote =
                Self::List { kind: b'^', content: 4, empty: false, blank: false, text, lazy: false, fence };
            (footnote, Step::Open)
        } else if line.is_quote() {
            (Self::Quote { text: ends_in_text(line, false), lazy: false }, Step::Open)
        } else {
            (Self::Paragraph { above: (line.columns(), size), table: None }, Step::Open)
        };
        *self = state;
        step
    }

    fn close(&mut self, step: Step) -> Step {
        *self = Self::Idle;
        step
    }

    fn html(&mut self, line: Line<'_>, length: usize, end: &str) -> Step {
        if ends_raw_html(line, end) {
            return self.close(Step::ContinueAndClose);
        }
        if length >= HARD_LIMIT { Step::Split { header: None } } else { Step::Continue }
    }

    fn math(&mut self, line: Line<'_>, size: usize, length: usize) -> Step {
        if line.is_blank() {
            return self.close(Step::Close);
        }
        if line.rest.trim_end().ends_with("$$") {
            return self.close(Step::ContinueAndClose);
        }
        if line.fence().is_some() {
            return self.open(line, size);
        }
        if length < HARD_LIMIT {
            return Step::Continue;
        }
        *self = Self::PARAGRAPH;
        Step::Split { header: None }
    }

    fn paragraph(
        &mut self,
        line: Line<'_>,
        size: usize,
        length: usize,
        above: (usize, usize),
        mut table: Option<(usize, usize)>,
    ) -> Step {
        if line.is_blank() {
            return self.close(Step::Close);
        }
        let columns = line.columns();
        let is_like_above = columns > 0 && columns == above.0;
        let begins_table = table.is_none() && line.indent < 4 && is_like_above && line.is_delimiter_row();
        if begins_table {
            table = Some((length.saturating_sub(above.1), length + size));
        } else if line.indent < 4 {
            // A table has no underline: dashes are a rule, or an item.
            if table.is_none() && line.underline().is_some() {
                return self.close(Step::ContinueAndClose);
            }
            let interrupts = line
                .marker()
                .is_some_and(|marker| table.is_some() || (!marker.empty && marker.number.unwrap_or(1) == 1));
            if interrupts || begins_anywhere(line) {
                return self.open(line, size);
            }
        }
        // Behind other text, only a line that begins with a pipe is a header.
        let header = line.indent < 4 && line.rest.starts_with('|');
        *self = Self::Paragraph { above: (if header { columns } else { 0 }, size), table };
        match table {
            Some((start, end)) if length >= SOFT_LIMIT && end - start <= HEADER_LIMIT && end <= length => {
                Step::Split { header: table }
            }
            _ if length >= HARD_LIMIT => {
                *self = Self::PARAGRAPH;
                Step::Split { header: None }
            }
            _ => Step::Continue,
        }
    }

    fn quote(&mut self, line: Line<'_>, size: usize, length: usize, text: bool, lazy: bool) -> Step {
        if line.is_blank() {
            return self.close(Step::Close);
        }
        if line.indent < 4 && !line.is_quote() {
            // A rule, or an underline if the line above is not a part of the quote: either ends the segment.
            if lazy && line.is_rule() && line.underline().is_some() {
                return self.close(Step::ContinueAndClose);
            }
            if !text || line.marker().is_some() || begins_anywhere(line) {
                return self.open(line, size);
            }
        }
        let quoted = line.indent < 4 && line.is_quote();
        if !quoted && !text {
            return self.open(line, size);
        }
        *self = Self::Quote { text: !quoted || ends_in_text(line, text), lazy: !quoted };
        if length >= HARD_LIMIT { Step::Split { header: None } } else { Step::Continue }
    }

    fn list(&mut self, line: Line<'_>, size: usize, length: usize) -> Step {
        let Self::List { kind, content, empty, blank, text, lazy, fence } = self else {
            return Step::Continue;
        };
        if line.is_blank() {
            // An item that begins with a blank line has nothing after it.
            if *empty {
                *content = usize::MAX;
            }
            *blank = true;
            return if length >= HARD_LIMIT { Step::Split { header: None } } else { Step::Continue };
        }
        let inside = line.indent >= *content;
        let sibling =
            line.marker().filter(|marker| marker.kind == *kind && line.indent < 4 && !line.is_rule());
        if let Some(marker) = sibling.filter(|_| !inside) {
            (*content, *empty, *blank, *lazy) = (marker.content, marker.empty, false, false);
            *text = ends_in_text(line, false);
            *fence = inner_fence(line, marker.content);
            return if length >= SOFT_LIMIT { Step::Split { header: None } } else { Step::Continue };
        }
        if !inside {
            // The same doubt as in a quote; see there.
            if *lazy && !*blank && line.indent < 4 && line.is_rule() && line.underline().is_some() {
                return self.close(Step::ContinueAndClose);
            }
            let interrupts = line.indent < 4 && (line.marker().is_some() || begins_anywhere(line));
            if *blank || !*text || interrupts {
                return self.open(line, size);
            }
            *fence = None;
        }
        let was_text = *text && !*blank;
        (*blank, *empty, *lazy) = (false, false, !inside);
        *text = !inside || ends_in_text(line, was_text);
        let was = *fence;
        *fence = match was {
            Some(open) if open.is_closed_by(line) => None,
            Some(open) => Some(open),
            None if inside => inner_fence(line, *content),
            None => None,
        };
        match was {
            _ if length < HARD_LIMIT => Step::Continue,
            // Long code inside an item goes on as a code block of its own, which is appended to.
            Some(open) if fence.is_some() => {
                *self = Self::Fence(open);
                Step::OpenCode { continues: true }
            }
            _ => Step::Split { header: None },
        }
    }
}

/// Whether the block of raw HTML that `end` ends does so on this line.
fn ends_raw_html(line: Line<'_>, end: &str) -> bool {
    let mut places = line.rest.as_bytes().windows(end.len());
    places.any(|place| place.eq_ignore_ascii_case(end.as_bytes()))
}

/// What begins a new block also directly after a line of text.
fn begins_anywhere(line: Line<'_>) -> bool {
    let is_container = line.is_quote() || line.footnote().is_some();
    let is_leaf = line.is_heading() || line.is_rule() || line.rest.trim_end() == "$$";
    is_container || is_leaf || line.fence().is_some() || line.raw_html().is_some()
}

/// Whether a line ends in text that the next line may go on with, after the markers of quotes and items. Taking
/// something else for text keeps two blocks in one segment, which does no harm. `text` is the answer for the line
/// before: a marker with nothing after it is itself text after text.
fn ends_in_text(line: Line<'_>, text: bool) -> bool {
    let (content, _) = strip_markers(line.rest);
    let inner = Line::new(content);
    if inner.is_blank() {
        return text && line.rest.contains(|letter| !matches!(letter, '>' | ' ' | '\t'));
    }
    !inner.is_heading() && !inner.is_rule()
}

/// The fence that a line of an item opens, after any markers. Used for the cut by length only, so a rare wrong
/// guess costs looks and nothing else.
fn inner_fence(line: Line<'_>, content: usize) -> Option<Fence> {
    let mut rest = line;
    if let Some(length) = line.footnote() {
        rest = Line::new(&line.rest[length..]);
    }
    while let Some(marker) = rest.marker().filter(|_| !rest.is_rule()) {
        rest = Line { indent: marker.content, rest: &rest.rest[marker.length..] };
    }
    rest.fence().map(|fence| Fence { indent: fence.indent.max(content), ..fence })
}
