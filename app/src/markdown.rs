//! Incremental, safe Markdown: text in, blocks out, for a finished text and for one that still streams in.
//!
//! It is `CommonMark` with GitHub's tables, task lists, strikethrough, addresses without markup, footnotes and math. It
//! knows nothing of Leptos, the DOM, highlighting or `MathML`; the page decides how a block is put on the screen. What a
//! server can draw better is marked for it (see [`rich`]).
//!
//! The text is cut into *segments* (a paragraph, a heading, a list, a quote, a table) by a line scanner, and each
//! segment is parsed alone. So the blocks depend on the text only, never on how it was cut into parts, and a
//! segment that later text cannot change is *frozen*: rendered once and never touched again. `references` says how
//! links and footnotes go with that whose definition comes later.
//!
//! What one `append` costs is bounded: it parses the open segment, which is cut when it grows too long (a list at
//! an item and a table at a row after 4 KiB, anything after 8 KiB), so at most 16 KiB plus the new text, and as much
//! again when a definition came that other blocks wait for. An open code block is appended to and never parsed.
//! Callers who coalesce parts per animation frame pay that per frame.
//!
//! Where it differs from the specifications on purpose: raw HTML is text (but for `<br>` in a table's cell), links lead
//! to http, https and mailto only, images are links, definitions of links stay visible, footnotes stay where they are,
//! headings begin at the third level. `tests::spec` checks all other examples.
//!
//! `pulldown-cmark` brings its table of HTML's entities and `unicase` along: no feature leaves them out (0.13).

mod assembler;
mod code;
mod direction;
mod html;
mod inline;
mod line;
mod links;
mod math;
mod references;
pub mod rich;
mod splitter;
mod tail;
#[cfg(test)]
mod tests;

use assembler::Assembler;
pub use html::escape;

/// One piece of a rendered text, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What to show.
    pub kind: BlockKind,
    /// Whether this block is final: neither it nor its place will change. A block before it may still wait for the
    /// definition of a link or footnote.
    pub frozen: bool,
    /// Whether this goes on with the block before, because a very long list, table or paragraph was cut: show no
    /// gap between them.
    pub continues: bool,
}

/// What a block shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    /// A code block that stands on its own, so that the page can give it a label and a copy button.
    Code {
        /// The first word of the fence's info string, of letters, digits and `+ # - . _` only; empty when absent.
        language: String,
        /// The code, plain and not escaped, without a newline at its end. While open it only ever grows.
        text: String,
    },
    /// Anything else, as HTML that is safe for `innerHTML`.
    Html(String),
}

/// All blocks of a text that is complete. Its footnotes have no links; see [`Markdown::scoped`].
pub fn render(text: &str) -> Vec<Block> {
    let mut markdown = Markdown::new();
    markdown.append(text);
    markdown.finish();
    markdown.assembler.blocks
}

/// All blocks of a text that is still being written: what [`Markdown::append`] would show at this point.
pub fn render_running(text: &str) -> Vec<Block> {
    let mut markdown = Markdown::new();
    markdown.append(text);
    markdown.assembler.blocks
}

/// A growing text and its blocks.
#[derive(Debug, Default)]
pub struct Markdown {
    text: String,
    assembler: Assembler,
    finished: bool,
}

impl Markdown {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty text whose footnotes are linked. `scope` makes their identifiers unique on the page: letters, digits
    /// and `-`, for example of a message's identifier.
    pub fn scoped(scope: &str) -> Self {
        let mut markdown = Self::default();
        scope.clone_into(&mut markdown.assembler.references.scope);
        markdown
    }

    /// Adds text to the end and returns the index of the first block that is new or different; what the caller
    /// has shown from that index on must be replaced by `blocks()[index..]`. It is never less than
    /// [`Self::frozen`] was before, and equals the number of blocks when nothing visible changed.
    ///
    /// Text that follows a `finish` (a reply that is continued) is not lost: everything is rendered again.
    pub fn append(&mut self, part: &str) -> usize {
        if self.finished && !part.is_empty() {
            self.finished = false;
            self.assembler.clear();
            self.text.push_str(part);
            let text = std::mem::take(&mut self.text);
            self.append(&text);
            return 0;
        }
        self.text.push_str(part);
        self.update(Some(part))
    }

    /// Says that the text is complete: every block freezes. Returns what `append` returns.
    pub fn finish(&mut self) -> usize {
        self.finished = true;
        self.update(None)
    }

    /// The text so far, exactly as it came.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The blocks so far.
    pub fn blocks(&self) -> &[Block] {
        &self.assembler.blocks
    }

    /// How many blocks at the start are final.
    pub fn frozen(&self) -> usize {
        self.assembler.references.first_waiting().unwrap_or(self.assembler.complete)
    }

    /// Adds a part, or the end, and finds the first block that differs, without comparing the text of an open code
    /// block.
    fn update(&mut self, part: Option<&str>) -> usize {
        let assembler = &mut self.assembler;
        assembler.touched = usize::MAX;
        let complete = assembler.complete;
        let before = assembler.take_tail();
        let length = assembler.blocks.get(complete).map(code_length);
        if let Some(part) = part {
            assembler.append(part);
        } else {
            assembler.finish();
        }
        let touched = assembler.touched;
        let mut first = complete;
        if length.is_some() {
            let now = assembler.blocks.get(first).filter(|block| !block.frozen).map(code_length);
            if now != length {
                return first.min(touched);
            }
            first += 1;
        }
        let same = before.iter().zip(&assembler.blocks[first..]).take_while(|(old, new)| old == new);
        let same = same.count();
        // A block that vanished is a change too, at the place where it was.
        (first + same).min(touched)
    }
}

fn code_length(block: &Block) -> usize {
    match &block.kind {
        BlockKind::Code { text, .. } => text.len(),
        BlockKind::Html(html) => html.len(),
    }
}
