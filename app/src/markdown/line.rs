//! What one line can be at the start of a block: its indentation, and the markers of `CommonMark`'s block level.
//! It looks at a single line only; what a line means in its place is the splitter's business.

/// A line without its newline, split into indentation and the rest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// In columns: a tab goes to the next multiple of four.
    pub(super) indent: usize,
    /// The line from its first character that is neither space nor tab.
    pub(super) rest: &'a str,
}

/// A label ends within this many bytes, as in `CommonMark`.
const LABEL_LIMIT: usize = 1000;

/// What begins raw HTML that may have blank lines, after the bracket, and what ends it.
const RAW_HTML: &[(&str, &str)] = &[
    ("pre", "</pre"),
    ("script", "</script"),
    ("style", "</style"),
    ("textarea", "</textarea"),
    ("!--", "-->"),
    ("?", "?>"),
    ("![CDATA[", "]]>"),
    ("!", ">"),
];

/// A code fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence {
    pub(super) character: u8,
    pub(super) length: usize,
    /// How many columns of indentation its content loses.
    pub(super) indent: usize,
}

/// A list item's marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker {
    /// The bullet, or the character after the number. Items of one list share it.
    pub(super) kind: u8,
    pub(super) number: Option<u32>,
    /// The column where the item's content begins.
    pub(super) content: usize,
    /// How many bytes of the rest the marker and the space after it take.
    pub(super) length: usize,
    /// Whether nothing follows the marker on its line.
    pub(super) empty: bool,
}

/// Columns and bytes of the spaces and tabs at the start of `text`, which begins at `column`.
fn blanks(text: &str, column: usize) -> (usize, usize) {
    let mut end = column;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b' ' => end += 1,
            b'\t' => end = end / 4 * 4 + 4,
            _ => return (end - column, index),
        }
    }
    (end - column, text.len())
}

fn run(text: &str, character: u8) -> usize {
    text.bytes().take_while(|&byte| byte == character).count()
}

impl<'a> Line<'a> {
    pub(super) fn new(line: &'a str) -> Self {
        let line = line.strip_suffix('\n').unwrap_or(line);
        let (indent, bytes) = blanks(line, 0);
        Self { indent, rest: &line[bytes..] }
    }

    pub(super) fn is_blank(self) -> bool {
        self.rest.is_empty()
    }

    /// A fence opens here, unless the line is indented code. A backtick fence has no backtick after it.
    pub(super) fn fence(self) -> Option<Fence> {
        let character = *self.rest.as_bytes().first()?;
        let length = run(self.rest, character);
        let opens = match character {
            b'`' => !self.rest[length..].contains('`'),
            b'~' => true,
            _ => false,
        };
        (opens && length >= 3).then_some(Fence { character, length, indent: self.indent })
    }

    /// The language that a fence on this line names.
    pub(super) fn language(self) -> String {
        language(self.rest.trim_start_matches(['`', '~']))
    }

    pub(super) fn is_heading(self) -> bool {
        let level = run(self.rest, b'#');
        (1..=6).contains(&level) && matches!(self.rest.as_bytes().get(level), None | Some(b' ' | b'\t'))
    }

    /// A thematic break: three or more of one of `* - _`.
    pub(super) fn is_rule(self) -> bool {
        let Some(first @ (b'*' | b'-' | b'_')) = self.rest.bytes().next() else { return false };
        self.rest.bytes().all(|byte| byte == first || byte == b' ' || byte == b'\t')
            && self.rest.bytes().filter(|&byte| byte == first).nth(2).is_some()
    }

    /// The underline that makes a heading of the paragraph above: `=` or `-`.
    pub(super) fn underline(self) -> Option<u8> {
        let first = self.rest.bytes().next().filter(|byte| matches!(byte, b'=' | b'-'))?;
        self.rest.trim_end_matches([' ', '\t']).bytes().all(|byte| byte == first).then_some(first)
    }

    pub(super) fn is_quote(self) -> bool {
        self.rest.starts_with('>')
    }

    pub(super) fn marker(self) -> Option<Marker> {
        let bytes = self.rest.as_bytes();
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (kind, number) = match (digits, *bytes.get(digits)?) {
            (0, kind @ (b'-' | b'+' | b'*')) => (kind, None),
            (1..=9, kind @ (b'.' | b')')) => (kind, self.rest[..digits].parse().ok()),
            _ => return None,
        };
        let after = digits + 1;
        let (columns, skipped) = blanks(&self.rest[after..], self.indent + after);
        let empty = after + skipped == bytes.len();
        if columns == 0 && !empty {
            return None;
        }
        // More than four columns: the item begins with indented code, and one column belongs to the marker.
        let (columns, skipped) = if empty || columns > 4 { (1, skipped.min(1)) } else { (columns, skipped) };
        let content = self.indent + after + columns;
        Some(Marker { kind, number, content, length: after + skipped, empty })
    }

    /// How long the marker of a footnote's definition is, `[^label]:`.
    pub(super) fn footnote(self) -> Option<usize> {
        let label = self.rest.strip_prefix("[^")?;
        let length = label.bytes().position(|byte| matches!(byte, b'[' | b']'))?;
        let is_label = label[length..].starts_with("]:") && !label[..length].trim().is_empty();
        (is_label && length <= LABEL_LIMIT).then_some("[^]:".len() + length)
    }

    /// What ends the block of raw HTML that begins here, if blank lines do not.
    pub(super) fn raw_html(self) -> Option<&'static str> {
        let rest = self.rest.strip_prefix('<')?;
        RAW_HTML.iter().find(|(start, _)| begins_raw_html(rest, start)).map(|(_, end)| *end)
    }

    /// Whether math that stands alone begins on this line and goes on after it.
    pub(super) fn is_math(self) -> bool {
        self.rest.strip_prefix("$$").is_some_and(|rest| !rest.contains("$$"))
    }

    /// Whether this is the row of dashes below a table's header.
    pub(super) fn is_delimiter_row(self) -> bool {
        self.rest.contains('|')
            && self.rest.contains('-')
            && self.rest.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' ' | b'\t'))
    }

    /// How many columns this line would have as a table's row; none without a pipe.
    pub(super) fn columns(self) -> usize {
        let row = self.rest.trim_end_matches([' ', '\t']);
        let mut pipes = 0;
        let mut last = 0;
        let mut escaped = false;
        for (index, byte) in row.bytes().enumerate() {
            if byte == b'|' && !escaped {
                pipes += 1;
                last = index;
            }
            escaped = byte == b'\\' && !escaped;
        }
        let outer = usize::from(row.starts_with('|')) + usize::from(pipes > 0 && last + 1 == row.len());
        if pipes == 0 { 0 } else { (pipes + 1_usize).saturating_sub(outer) }
    }
}

impl Fence {
    /// Whether the line closes the fence.
    pub(super) fn is_closed_by(self, line: Line<'_>) -> bool {
        let length = run(line.rest, self.character);
        line.indent <= self.indent.max(3)
            && length >= self.length
            && line.rest[length..].bytes().all(|byte| byte == b' ' || byte == b'\t')
    }
}

fn begins_raw_html(rest: &str, start: &str) -> bool {
    let Some(head) = rest.as_bytes().get(..start.len()) else { return false };
    let after = rest.as_bytes().get(start.len());
    let is_name = start.as_bytes()[0].is_ascii_lowercase();
    head.eq_ignore_ascii_case(start.as_bytes())
        && (!is_name || matches!(after, None | Some(b' ' | b'\t' | b'>')))
        && (start != "!" || after.is_some_and(u8::is_ascii_alphabetic))
}

/// The first word of a fence's info string, kept to characters that cannot surprise anybody.
pub(super) fn language(info: &str) -> String {
    let word = info.trim_start().split([' ', '\t', ',', '{']).next().unwrap_or_default();
    let safe =
        |&letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '#' | '-' | '.' | '_');
    word.chars().filter(safe).take(32).collect()
}

/// The line without up to `columns` columns of its indentation, and how many spaces a tab that reaches beyond them
/// leaves.
pub(super) fn dedent(line: &str, columns: usize) -> (usize, &str) {
    let mut column = 0;
    for (index, byte) in line.bytes().enumerate() {
        if column >= columns {
            return (column - columns, &line[index..]);
        }
        match byte {
            b' ' => column += 1,
            b'\t' => column = column / 4 * 4 + 4,
            _ => return (0, &line[index..]),
        }
    }
    (column.saturating_sub(columns), "")
}

/// The text without the markers of quotes, items and footnotes at its start, and whether there were any. Deeper nesting than
/// anybody writes is left alone.
pub(super) fn strip_markers(text: &str) -> (&str, bool) {
    let mut text = text.trim_start_matches([' ', '\t']);
    let mut marked = false;
    for _ in 0..16 {
        let line = Line::new(text);
        let length = if line.is_quote() {
            1
        } else if line.is_rule() {
            break;
        } else if let Some(marker) = line.marker() {
            marker.length
        } else if let Some(length) = line.footnote() {
            length
        } else {
            break;
        };
        marked = true;
        text = text[length..].trim_start_matches([' ', '\t']);
    }
    (text, marked)
}
