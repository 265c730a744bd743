//! Link reference definitions and footnotes: what a text has defined so far, and which of its blocks still wait for a
//! definition. It parses nothing itself.
//!
//! A definition may come long after the block that refers to it. So a block with an open reference is shown, but is
//! not frozen: it waits, is rendered once more when the definition comes, and freezes when nothing in it is open, at
//! the end of the text, or when [`WAITING_LIMIT`] is reached. What a text gives depends on the text only.

use pulldown_cmark::CowStr;
use unicase::UniCase;

use super::html::{self, Stage};
use super::{Block, BlockKind};

/// The sources of all blocks that wait have this many bytes at most, together; beyond that the oldest freeze as they
/// are. It bounds what one definition can cost.
pub(super) const WAITING_LIMIT: usize = 16 * 1024;
/// A text defines at most so many labels; what comes later is not found.
const DEFINITIONS_LIMIT: usize = 256;

#[derive(Debug)]
pub(super) struct Definition {
    label: Label<'static>,
    pub(super) address: String,
    pub(super) title: String,
}

/// Equal when it is equal but for case; a footnote's begins with `^`. It is the parser's type, whose code is there
/// already.
type Label<'a> = UniCase<CowStr<'a>>;

/// A block with references that nothing defines yet.
#[derive(Debug)]
struct Waiting {
    block: usize,
    source: String,
    missing: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct References {
    /// What makes the identifiers of this text's footnotes unique on the page; without it they have none.
    pub(super) scope: String,
    defined: Vec<Definition>,
    waiting: Vec<Waiting>,
    /// Whether something was defined that the waiting blocks have not seen.
    is_news: bool,
    /// Bytes handed to the parser so far, for the tests of its cost.
    #[cfg(test)]
    pub(super) parsed: std::sync::atomic::AtomicUsize,
}

impl Definition {
    pub(super) fn new(label: String, address: String, title: String) -> Self {
        Self { label: UniCase::new(label.into()), address, title }
    }
}

impl References {
    /// For the time after the end, when nothing waits.
    pub(super) fn forget(&mut self) {
        self.defined.clear();
    }

    pub(super) fn find(&self, label: &str) -> Option<&Definition> {
        self.search(&UniCase::new(label.into()))
    }

    fn search(&self, label: &Label<'_>) -> Option<&Definition> {
        self.defined.iter().find(|definition| definition.label == *label)
    }

    /// The address of a footnote within the page, if it has one.
    pub(super) fn anchor(&self, label: &str) -> String {
        let mut anchor = String::new();
        if !self.scope.is_empty() {
            anchor.push_str("#fn-");
            anchor.push_str(&self.scope);
            anchor.push('-');
            // Labels are equal but for case, and so are the anchors.
            for letter in label.chars() {
                anchor.push(if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { '-' });
            }
        }
        anchor
    }

    /// The first block that waits.
    pub(super) fn first_waiting(&self) -> Option<usize> {
        self.waiting.first().map(|waiting| waiting.block)
    }

    /// Takes what a block defines, from the last one on; the first definition of a label counts.
    pub(super) fn define(&mut self, mut definitions: Vec<Definition>) {
        while let Some(definition) = definitions.pop() {
            if self.defined.len() < DEFINITIONS_LIMIT && self.search(&definition.label).is_none() {
                self.defined.push(definition);
                self.is_news = true;
            }
        }
    }

    /// Lets a block wait. Returns the first block that froze instead, if one did.
    pub(super) fn wait(
        &mut self,
        blocks: &mut [Block],
        block: usize,
        source: String,
        missing: Vec<String>,
    ) -> Option<usize> {
        self.waiting.push(Waiting { block, source, missing });
        let mut bytes: usize = self.waiting.iter().map(|waiting| waiting.source.len()).sum();
        let mut surplus = 0;
        while bytes > WAITING_LIMIT {
            bytes -= self.waiting[surplus].source.len();
            surplus += 1;
        }
        self.settle(blocks, surplus, Stage::Final)
    }

    /// Shows in the waiting blocks what was defined meanwhile. Returns the first that changed.
    pub(super) fn resolve(&mut self, blocks: &mut [Block], stage: Stage) -> Option<usize> {
        let is_news = std::mem::take(&mut self.is_news) || stage == Stage::Final;
        let count = if is_news { self.waiting.len() } else { 0 };
        self.settle(blocks, count, stage)
    }

    /// Renders the first `count` that wait again, where that can make a difference. Returns the first that changed.
    fn settle(&mut self, blocks: &mut [Block], count: usize, stage: Stage) -> Option<usize> {
        let is_final = stage == Stage::Final;
        let mut first = None;
        for index in 0..count {
            let waiting = &self.waiting[index];
            let block = &mut blocks[waiting.block];
            // A footnote that nothing defines is shown as one until the end.
            let differs = |label: &String| self.find(label).is_some() || is_final && label.starts_with('^');
            let changes = waiting.missing.iter().any(differs);
            if first.is_none() && (changes || is_final) {
                first = Some(waiting.block);
            }
            if changes {
                let rendered = html::render(&waiting.source, self, stage);
                block.kind = BlockKind::Html(rendered.html);
                self.waiting[index].missing = rendered.missing;
            }
            if is_final {
                self.waiting[index].missing.clear();
            }
            block.frozen = self.waiting[index].missing.is_empty();
        }
        self.waiting.retain(|waiting| !waiting.missing.is_empty());
        first
    }
}
