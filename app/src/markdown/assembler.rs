//! Turns lines into blocks: keeps the text that is not frozen yet, asks the splitter about each complete line, and
//! shows what is still open. It decides nothing about Markdown itself.

use super::code::{CodeReader, Progress};
use super::html::{Rendered, Stage};
use super::line::Line;
use super::references::References;
use super::splitter::{HARD_LIMIT, State, Step};
use super::{Block, BlockKind, html, math, tail};

#[derive(Debug, Default)]
pub(super) struct Assembler {
    pub(super) blocks: Vec<Block>,
    /// How many blocks at the start are complete: final, but for references that wait for their definition. The next
    /// one may be the open code block, which grows in place; all others are made again by every change.
    pub(super) complete: usize,
    /// The first complete block that the last change touched, or a number beyond all.
    pub(super) touched: usize,
    pub(super) references: References,
    /// The text since the last frozen segment, with every line ending as one `\n` and no NUL.
    source: String,
    /// Where in `source` the line begins that has not been given to the splitter yet.
    line: usize,
    /// Up to where `source` has been searched for the end of that line.
    searched: usize,
    /// Whether the text so far ends in a carriage return: a newline right after it is the same line ending.
    after_return: bool,
    /// Whether `line` is in truth inside a line that was too long.
    inside_line: bool,
    state: State,
    open: Open,
    /// What the open segment is.
    shape: Shape,
    code: CodeReader,
    /// A table's header, to be repeated at the start of its next segment.
    header: String,
    /// Whether the open segment goes on with the block before.
    continues: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    /// A segment, from the start of `source`.
    Segment,
    /// A code block, the last of `blocks`.
    Code,
}

/// What a segment is, and so how it becomes HTML.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Shape {
    #[default]
    Markdown,
    RawHtml,
    /// Math that stands alone, if it is whole in the end.
    Math,
}

impl Shape {
    fn of(state: &State) -> Self {
        match state {
            State::Html(_) => Self::RawHtml,
            State::Math => Self::Math,
            _ => Self::Markdown,
        }
    }
}

impl Assembler {
    /// Removes the blocks that every change makes again.
    pub(super) fn take_tail(&mut self) -> Vec<Block> {
        self.blocks.split_off(self.complete + usize::from(self.open == Open::Code))
    }

    pub(super) fn append(&mut self, part: &str) {
        for (index, piece) in part.split('\r').enumerate() {
            if index > 0 {
                self.source.push('\n');
                self.after_return = true;
            }
            let mut piece = piece;
            if self.after_return && !piece.is_empty() {
                piece = piece.strip_prefix('\n').unwrap_or(piece);
                self.after_return = false;
            }
            for (index, piece) in piece.split('\0').enumerate() {
                if index > 0 {
                    self.source.push(char::REPLACEMENT_CHARACTER);
                }
                self.source.push_str(piece);
            }
        }
        self.take_lines(false);
        self.resolve(Stage::Complete);
        self.show_tail();
    }

    fn resolve(&mut self, stage: Stage) {
        let touched = self.references.resolve(&mut self.blocks, stage);
        self.touch(touched);
    }

    fn touch(&mut self, block: Option<usize>) {
        if let Some(block) = block {
            self.touched = self.touched.min(block);
        }
    }

    pub(super) fn finish(&mut self) {
        self.take_lines(true);
        if self.open == Open::Segment {
            let end = self.source.len();
            self.close_segment(&mut 0, end);
        }
        self.resolve(Stage::Final);
        for block in &mut self.blocks {
            block.frozen = true;
        }
        self.complete = self.blocks.len();
        self.references.forget();
        self.source.clear();
        self.header.clear();
        (self.line, self.searched) = (0, 0);
        (self.after_return, self.inside_line, self.continues) = (false, false, false);
        (self.open, self.state) = (Open::Nothing, State::Idle);
    }

    /// Begins anew, after the end.
    pub(super) fn clear(&mut self) {
        self.blocks.clear();
        self.complete = 0;
    }

    /// Consumes all that can be decided for good.
    fn take_lines(&mut self, finished: bool) {
        // Where the open segment begins; what is before it goes at the end, in one move.
        let mut start = 0;
        loop {
            if self.open == Open::Code {
                if !self.read_code(finished, &mut start) {
                    break;
                }
                continue;
            }
            let rest = &self.source[self.line..];
            let from = self.searched.max(self.line).min(self.source.len());
            let newline = self.source[from..].find('\n').map(|at| from + at + 1 - self.line);
            self.searched = newline.map_or(self.source.len(), |length| self.line + length - 1);
            let (length, cut) = match newline {
                Some(length) if length <= HARD_LIMIT => (length, false),
                None if rest.len() <= HARD_LIMIT && (!finished || rest.is_empty()) => break,
                None if rest.len() <= HARD_LIMIT => (rest.len(), false),
                _ => (place_to_cut(rest), true),
            };
            self.take_line(length, &mut start);
            if cut && self.open != Open::Code {
                if self.open == Open::Segment {
                    self.close_segment(&mut start, self.line);
                }
                self.state = State::PARAGRAPH;
                (self.open, self.shape, self.continues) = (Open::Segment, Shape::Markdown, true);
            }
            self.inside_line = cut && self.open != Open::Code;
        }
        self.source.drain(..start);
        self.line -= start;
        self.searched = self.searched.saturating_sub(start);
    }

    /// Gives the next `length` bytes to the splitter as a line.
    fn take_line(&mut self, length: usize, start: &mut usize) {
        let end = self.line + length;
        let text = &self.source[self.line..end];
        let opened = self.open == Open::Segment;
        let segment = if opened { self.header.len() + self.line - *start } else { 0 };
        let step = if self.inside_line { Step::Continue } else { self.state.take(text, segment) };
        match step {
            Step::Skip => *start = end,
            Step::Continue => {}
            Step::ContinueAndClose => self.close_segment(start, end),
            Step::Close => {
                self.close_segment(start, self.line);
                *start = end;
            }
            Step::Open | Step::OpenAndClose | Step::Split { .. } => {
                let header = self.next_header(step, *start);
                if opened {
                    self.close_segment(start, self.line);
                }
                self.header = header;
                self.continues = matches!(step, Step::Split { .. });
                self.shape = Shape::of(&self.state);
                (*start, self.open) = (self.line, Open::Segment);
                if step == Step::OpenAndClose {
                    self.close_segment(start, end);
                }
            }
            Step::OpenFence => {
                let language = Line::new(text).language();
                self.open_code(start, language, false);
                *start = end;
            }
            Step::OpenCode { continues } => {
                self.open_code(start, String::new(), continues);
                // The line itself is code.
                return;
            }
        }
        self.line = end;
    }

    fn open_code(&mut self, start: &mut usize, language: String, continues: bool) {
        if self.open == Open::Segment {
            self.close_segment(start, self.line);
        }
        *start = self.line;
        let kind = BlockKind::Code { language, text: String::new() };
        self.blocks.push(Block { kind, frozen: false, continues });
        (self.open, self.code) = (Open::Code, CodeReader::default());
    }

    /// Lets the open code block read on; false when it has to wait for more text.
    fn read_code(&mut self, finished: bool, start: &mut usize) -> bool {
        let rest = &self.source[self.line..];
        let Some(Block { kind: BlockKind::Code { text, .. }, frozen, .. }) = self.blocks.last_mut() else {
            return false;
        };
        let progress = match self.state {
            State::Fence(fence) => self.code.fenced(fence, rest, finished, text),
            _ => self.code.indented(rest, text),
        };
        match progress {
            Progress::Held => return false,
            Progress::Read(length) => self.line += length,
            Progress::Closed(length) => {
                *frozen = true;
                self.line += length;
                self.complete = self.blocks.len();
                (self.open, self.state) = (Open::Nothing, State::Idle);
            }
        }
        *start = self.line;
        self.searched = self.line;
        true
    }

    /// The table header that a segment begun by `step` repeats.
    fn next_header(&self, step: Step, start: usize) -> String {
        match step {
            Step::Split { header: Some((from, to)) } if self.header.is_empty() => {
                self.source[start + from..start + to].to_owned()
            }
            Step::Split { header: Some(_) } => self.header.clone(),
            _ => String::new(),
        }
    }

    /// Completes the open segment, which ends at `end`.
    fn close_segment(&mut self, start: &mut usize, end: usize) {
        let source = [self.header.as_str(), &self.source[*start..end]].concat();
        let Rendered { html, definitions, missing } = self.render(&source, self.shape, Stage::Complete);
        self.references.define(definitions);
        if !html.is_empty() {
            let block = self.blocks.len();
            let (kind, frozen) = (BlockKind::Html(html), missing.is_empty());
            self.blocks.push(Block { kind, frozen, continues: self.continues });
            if !frozen {
                let touched = self.references.wait(&mut self.blocks, block, source, missing);
                self.touch(touched);
            }
        }
        self.complete = self.blocks.len();
        self.open = Open::Nothing;
        self.continues = false;
        self.header.clear();
        *start = end;
    }

    fn render(&self, source: &str, shape: Shape, stage: Stage) -> Rendered {
        let html = match shape {
            Shape::RawHtml => html::raw(source),
            Shape::Math if matches!(stage, Stage::Running { .. }) => {
                html::display_math(source.trim_start().trim_start_matches('$'), false)
            }
            Shape::Math if let Some(source) = math::display(source) => html::display_math(source, true),
            Shape::Markdown | Shape::Math => return html::render(source, &self.references, stage),
        };
        Rendered { html, ..Rendered::default() }
    }

    /// Adds the block of a segment for now, as it is at this stage.
    fn push_open(&mut self, source: &str, shape: Shape, stage: Stage, continues: bool) {
        let Rendered { html, .. } = self.render(source, shape, stage);
        if !html.is_empty() {
            self.blocks.push(Block { kind: BlockKind::Html(html), frozen: false, continues });
        }
    }

    /// Adds the block of a segment that goes on, with what is half written at its end put right.
    fn push_running(&mut self, header: &str, start: usize, shape: Shape, continues: bool) {
        let source = [header, &self.source[start..]].concat();
        if shape == Shape::Markdown {
            let tail::Completed { source, added } = tail::complete(&source);
            self.push_open(&source, shape, Stage::Running { added }, continues);
        } else {
            self.push_open(&source, shape, Stage::Running { added: 0 }, continues);
        }
    }

    /// Adds the blocks of what is not decided yet: the open segment, and the last line while it is incomplete.
    fn show_tail(&mut self) {
        if self.open == Open::Code {
            return;
        }
        let opened = self.open == Open::Segment;
        let length = if opened { self.header.len() + self.line } else { 0 };
        let mut state = self.state;
        let line = &self.source[self.line..];
        let step = if self.inside_line { Step::Continue } else { state.take(line, length) };
        let begins = !matches!(step, Step::Skip | Step::Continue | Step::ContinueAndClose | Step::Close);
        // A fence is shown at once; any other marker has to wait until it is clear what it marks.
        if !self.inside_line && step != Step::OpenFence && tail::is_ambiguous(line) || !begins {
            if opened {
                let header = std::mem::take(&mut self.header);
                self.push_running(&header, 0, self.shape, self.continues);
                self.header = header;
            }
            return;
        }
        let header = self.next_header(step, 0);
        if opened {
            let source = [self.header.as_str(), &self.source[..self.line]].concat();
            self.push_open(&source, self.shape, Stage::Complete, self.continues);
        }
        let continues = matches!(step, Step::Split { .. } | Step::OpenCode { continues: true });
        let mut text = String::new();
        match (step, state) {
            (Step::OpenFence, _) => {}
            (Step::OpenCode { .. }, State::Fence(fence)) => {
                CodeReader::default().fenced(fence, &self.source[self.line..], false, &mut text);
            }
            (Step::OpenCode { .. }, _) => {
                CodeReader::default().indented(&self.source[self.line..], &mut text);
            }
            _ => return self.push_running(&header, self.line, Shape::of(&state), continues),
        }
        // The language is not known before the line is complete.
        let kind = BlockKind::Code { language: String::new(), text };
        self.blocks.push(Block { kind, frozen: false, continues });
    }
}

/// Where to cut a line that is too long: before a word if possible, so that what follows cannot be taken for the
/// start of a block.
fn place_to_cut(line: &str) -> usize {
    let limit = line.floor_char_boundary(HARD_LIMIT);
    let head = &line[..limit];
    let words = head.char_indices().rev().take_while(|&(index, _)| index > HARD_LIMIT / 2);
    let mut after = None;
    for (index, character) in words {
        if character == ' ' && after.is_some_and(char::is_alphabetic) {
            return index + 1;
        }
        after = Some(character);
    }
    limit
}
