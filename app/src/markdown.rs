//! Incremental, safe Markdown: text in, blocks out, for a finished text and for one that still streams in.
//!
//! It knows nothing of Leptos, the DOM or highlighting; the page decides how a block is put on the screen. What a server
//! can draw better is marked for it (see [`rich`]).
//!
//! The text is cut into *segments* (a paragraph, a heading, a list, a quote, a table) by a line scanner, and each
//! segment is parsed alone. So the blocks depend on the text only, never on how it was cut into parts, and a
//! segment that later text cannot change is *frozen*: rendered once and never touched again.
//!
//! What one `append` costs is bounded: it parses the open segment, which is cut when it grows too long (a list at
//! an item and a table at a row after 4 KiB, anything after 8 KiB), so at most 16 KiB plus the new text. An open
//! code block is appended to and never parsed. Callers who coalesce parts per animation frame pay that per frame.

mod assembler;
mod code;
mod definitions;
mod html;
mod inline;
mod line;
mod links;
pub mod rich;
mod splitter;
mod tail;
#[cfg(test)]
mod tests;

use assembler::Assembler;

/// One piece of a rendered text, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What to show.
    pub kind: BlockKind,
    /// Whether this block is final. Only blocks behind the last frozen one ever change.
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

/// All blocks of a text that is complete.
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

    /// Adds text to the end and returns the index of the first block that is new or different; what the caller
    /// has shown from that index on must be replaced by `blocks()[index..]`. It is never less than
    /// [`Self::frozen`] was before, and equals the number of blocks when nothing visible changed.
    ///
    /// Text that follows a `finish` (a reply that is continued) is not lost: everything is rendered again.
    pub fn append(&mut self, part: &str) -> usize {
        if self.finished && !part.is_empty() {
            let text = std::mem::take(&mut self.text);
            *self = Self::new();
            self.append(&text);
            self.append(part);
            return 0;
        }
        self.text.push_str(part);
        self.update(|assembler| assembler.append(part))
    }

    /// Says that the text is complete: every block freezes. Returns what `append` returns.
    pub fn finish(&mut self) -> usize {
        self.finished = true;
        self.update(Assembler::finish)
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
        self.assembler.frozen
    }

    /// Applies a change and finds the first block that differs, without comparing the text of an open code block.
    fn update(&mut self, change: impl FnOnce(&mut Assembler)) -> usize {
        let assembler = &mut self.assembler;
        let frozen = assembler.frozen;
        let before = assembler.take_tail();
        let length = assembler.blocks.get(frozen).map(code_length);
        change(assembler);
        let mut first = frozen;
        if length.is_some() {
            let now = assembler.blocks.get(first).filter(|block| !block.frozen).map(code_length);
            if now != length {
                return first;
            }
            first += 1;
        }
        let same = before.iter().zip(&assembler.blocks[first..]).take_while(|(old, new)| old == new);
        let same = same.count();
        // A block that vanished is a change too, at the place where it was.
        first + same
    }
}

fn code_length(block: &Block) -> usize {
    match &block.kind {
        BlockKind::Code { text, .. } => text.len(),
        BlockKind::Html(html) => html.len(),
    }
}
