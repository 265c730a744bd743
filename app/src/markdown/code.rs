//! Reads an open code block: every byte goes into its text once, as soon as it cannot be part of what ends the
//! block. Nothing here is ever parsed again.

use super::line::{Fence, Line, dedent};

/// A line that could still turn out to close a fence is held back up to this length, in bytes.
const HELD_LIMIT: usize = 256;

/// Where the reader is in an open code block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CodeReader {
    /// Whether the block has a line yet: an empty first line must be told from none.
    begun: bool,
    /// Whether the part of the line before this is in the text already.
    inside_line: bool,
    /// Blank lines that belong to indented code only if more of it follows.
    blank_lines: usize,
}

/// What came out of one look at the source.
pub(super) enum Progress {
    /// So many bytes were read; look again.
    Read(usize),
    /// The rest could be anything yet.
    Held,
    /// So many bytes end the block.
    Closed(usize),
}

impl CodeReader {
    /// Reads the next line, or a part of it, of a fenced block.
    pub(super) fn fenced(
        &mut self,
        fence: Fence,
        source: &str,
        finished: bool,
        text: &mut String,
    ) -> Progress {
        if source.is_empty() {
            return Progress::Held;
        }
        let (whole, length) = first_line(source);
        if !self.inside_line {
            let line = Line::new(&source[..length]);
            if whole || finished {
                if length <= HELD_LIMIT && fence.is_closed_by(line) {
                    return Progress::Closed(length);
                }
            } else if length <= HELD_LIMIT && could_close(fence, line) {
                return Progress::Held;
            }
        }
        self.read(fence.indent, &source[..length], text);
        Progress::Read(length)
    }

    /// Reads the next line, or a part of it, of an indented block.
    pub(super) fn indented(&mut self, source: &str, text: &mut String) -> Progress {
        if source.is_empty() {
            return Progress::Held;
        }
        let (whole, length) = first_line(source);
        if !self.inside_line {
            let line = Line::new(&source[..length]);
            if line.is_blank() {
                if length - usize::from(whole) <= HELD_LIMIT {
                    self.blank_lines += usize::from(whole);
                    return if whole { Progress::Read(length) } else { Progress::Held };
                }
            } else if line.indent < 4 {
                return Progress::Closed(0);
            }
            for _ in 0..std::mem::take(&mut self.blank_lines) {
                text.push('\n');
            }
        }
        self.read(4, &source[..length], text);
        Progress::Read(length)
    }

    fn read(&mut self, indent: usize, mut line: &str, text: &mut String) {
        if !self.inside_line {
            // The newline comes before each line but the first, so that the text never ends in one too many.
            if self.begun {
                text.push('\n');
            }
            self.begun = true;
            let (spaces, rest) = dedent(line, indent);
            for _ in 0..spaces {
                text.push(' ');
            }
            line = rest;
        }
        let content = line.strip_suffix('\n');
        text.push_str(content.unwrap_or(line));
        self.inside_line = content.is_none();
    }
}

/// Whether the first line is complete, and its length with the newline.
fn first_line(source: &str) -> (bool, usize) {
    source.find('\n').map_or((false, source.len()), |newline| (true, newline + 1))
}

/// Whether more text could make this the line that closes the fence.
fn could_close(fence: Fence, line: Line<'_>) -> bool {
    let marks = line.rest.trim_end_matches([' ', '\t']);
    let only_marks = marks.bytes().all(|byte| byte == fence.character);
    line.indent <= fence.indent.max(3)
        && only_marks
        && (marks.len() == line.rest.len() || marks.len() >= fence.length)
}
