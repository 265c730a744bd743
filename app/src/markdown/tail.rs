//! What the unfinished end of a running text looks like: markers that could still mean two things are held back,
//! and what is half written is completed for the eye, so that blocks do not flicker while they stream.
//! Only ever applied to text that is expected to go on; a finished text shows exactly what it says.

use super::inline;
use super::line::{Fence, Line, strip_markers};

/// A source as the reader should see it for now.
#[derive(Debug)]
pub(super) struct Completed {
    pub(super) source: String,
    /// How many bytes at its end are not from the text.
    pub(super) added: usize,
}

/// Whether an incomplete line has only markers so far: `-` could become a list, a rule or an underline.
pub(super) fn is_ambiguous(line: &str) -> bool {
    // A task's box: `- [x`.
    let line = line.strip_suffix(['x', 'X']).filter(|rest| rest.ends_with('[')).unwrap_or(line);
    let mark = |byte: u8| byte.is_ascii_digit() || b" \t\n-=*_#`~+>|:.()[]!\\<^$".contains(&byte);
    line.bytes().all(mark)
}

/// Completes the source of the open segment.
pub(super) fn complete(source: &str) -> Completed {
    let last_line = source.rfind('\n').map_or(0, |newline| newline + 1);
    let held = is_ambiguous(&source[last_line..]);
    let end = if held { last_line } else { source.len() };
    let place = Place::of(&source[..end]);
    if place.fence.is_some() {
        return Completed { source: source[..end].to_owned(), added: 0 };
    }
    let visible = source[..end].trim_end();
    let leaf = place.leaf.min(visible.len());
    let (settled, text) = visible.split_at(leaf);
    let ending = inline::ending(text);
    let mut source = String::with_capacity(visible.len() + 16);
    source.push_str(settled);
    source.push_str(&text[..ending.hidden.start]);
    source.push_str(&text[ending.hidden.end..ending.end]);
    // Spaces before a closing marker would keep it from closing.
    source.truncate(source.trim_end().len());
    let length = source.len();
    source.push_str(&ending.closers);
    complete_table(&mut source);
    Completed { added: source.len() - length, source }
}

/// Shows the first line of a table as its header, before the row of dashes has come.
fn complete_table(source: &mut String) {
    let mut lines = source.lines().rev();
    let Some(last) = lines.next() else { return };
    let above = lines.next().unwrap_or_default();
    let columns = Line::new(last).columns();
    if last.starts_with('|') && !above.starts_with('|') && columns > 0 {
        if !last.ends_with('|') {
            source.push_str(" |");
        }
        source.push('\n');
        for _ in 0..columns {
            source.push_str("|-");
        }
        source.push('|');
    }
}

/// Where the end of a source is.
#[derive(Debug)]
struct Place {
    /// The start of the paragraph, heading or cell that the text ends in.
    leaf: usize,
    /// The fence that is open there, inside a list item or a quote.
    fence: Option<Fence>,
}

impl Place {
    fn of(source: &str) -> Self {
        let mut place = Self { leaf: 0, fence: None };
        let mut start = 0;
        for text in source.split_inclusive('\n') {
            let content = content(text);
            let at = start + (text.len() - content.text.len());
            start += text.len();
            place.fence = match place.fence {
                Some(fence) if fence.is_closed_by(Line { indent: 0, rest: content.line.rest }) => None,
                Some(fence) => Some(fence),
                None => content.line.fence(),
            };
            if place.fence.is_some() || content.line.is_blank() {
                place.leaf = start;
            } else if content.line.rest.starts_with('|') {
                place.leaf = at + last_cell(content.text);
            } else if content.marked || place.leaf > at {
                place.leaf = at;
            }
        }
        place
    }
}

/// A line without the markers of what it is in.
struct Content<'a> {
    line: Line<'a>,
    /// The same with its newline.
    text: &'a str,
    /// Whether there was any marker.
    marked: bool,
}

fn content(text: &str) -> Content<'_> {
    let (mut text, mut marked) = strip_markers(text);
    if Line::new(text).is_heading() {
        text = text.trim_start_matches('#').trim_start_matches([' ', '\t']);
        marked = true;
    }
    Content { line: Line::new(text), text, marked }
}

/// Where the last cell of a table's row begins.
fn last_cell(row: &str) -> usize {
    let mut start = 0;
    let mut escaped = false;
    for (index, byte) in row.bytes().enumerate() {
        if byte == b'|' && !escaped {
            start = index + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    start
}
