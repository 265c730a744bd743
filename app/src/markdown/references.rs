//! Link reference definitions and footnotes: what a text has defined so far, and which of its blocks still wait for a
//! definition. It parses nothing itself.
//!
//! A definition may come long after the block that refers to it. So a block with an open reference is shown, but is
//! not frozen: it waits, is rendered once more when the definition comes, and freezes when nothing in it is open, at
//! the end of the text, or when [`WAITING_LIMIT`] is reached. What a text gives depends on the text only.

use std::collections::VecDeque;

use unicase::UniCase;

use super::html::{self, Stage};
use super::{Block, BlockKind};

/// The sources of all blocks that wait have this many bytes at most, together; beyond that the oldest freeze as they
/// are. It bounds what one definition can cost.
pub(super) const WAITING_LIMIT: usize = 16 * 1024;
/// A text defines at most so many labels; what comes later is not found.
const DEFINITIONS_LIMIT: usize = 1000;

/// Labels are equal when they are equal but for case; a footnote's begins with `^`.
pub(super) type Label = UniCase<String>;

#[derive(Debug)]
pub(super) struct Definition {
    pub(super) label: Label,
    pub(super) address: String,
    pub(super) title: String,
}

/// A block with references that nothing defines yet.
#[derive(Debug)]
struct Waiting {
    block: usize,
    source: String,
    missing: Vec<Label>,
}

#[derive(Debug, Default)]
pub(super) struct References {
    /// What makes the identifiers of this text's footnotes unique on the page; without it they have none.
    pub(super) scope: String,
    /// Sorted by label.
    defined: Vec<Definition>,
    waiting: VecDeque<Waiting>,
    /// Whether something was defined that the waiting blocks have not seen.
    is_news: bool,
    /// Bytes handed to the parser so far, for the tests of its cost.
    #[cfg(test)]
    pub(super) parsed: std::cell::Cell<usize>,
}

impl References {
    pub(super) fn scoped(scope: String) -> Self {
        Self { scope, ..Self::default() }
    }

    /// What is left for the time after the end.
    pub(super) fn forget(&mut self) -> Self {
        let references = std::mem::take(self);
        Self { defined: Vec::new(), waiting: VecDeque::new(), is_news: false, ..references }
    }

    pub(super) fn find(&self, label: &str) -> Option<&Definition> {
        if self.defined.is_empty() {
            return None;
        }
        self.search(&Label::new(label.to_owned())).ok().map(|index| &self.defined[index])
    }

    fn search(&self, label: &Label) -> Result<usize, usize> {
        self.defined.binary_search_by(|definition| definition.label.cmp(label))
    }

    /// The address of a footnote within the page, if it has one.
    pub(super) fn anchor(&self, label: &str) -> String {
        if self.scope.is_empty() {
            return String::new();
        }
        let mut anchor = ["#fn-", &self.scope, "-"].concat();
        // Labels are equal but for case, and so are the anchors.
        let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
        anchor.extend(label.chars().map(|letter| plain(letter.to_ascii_lowercase())));
        anchor
    }

    /// Whether a block with this index waits.
    pub(super) fn first_waiting(&self) -> Option<usize> {
        self.waiting.front().map(|waiting| waiting.block)
    }

    /// Takes what a block defines; the first definition of a label counts.
    pub(super) fn define(&mut self, definitions: Vec<Definition>) {
        for definition in definitions {
            if let Err(index) = self.search(&definition.label)
                && self.defined.len() < DEFINITIONS_LIMIT
            {
                self.defined.insert(index, definition);
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
        missing: Vec<Label>,
    ) -> Option<usize> {
        self.waiting.push_back(Waiting { block, source, missing });
        let mut bytes: usize = self.waiting.iter().map(|waiting| waiting.source.len()).sum();
        let first = self.first_waiting();
        let mut is_full = false;
        while bytes > WAITING_LIMIT
            && let Some(waiting) = self.waiting.pop_front()
        {
            bytes -= waiting.source.len();
            self.settle(blocks, waiting, Stage::Final);
            is_full = true;
        }
        first.filter(|_| is_full)
    }

    /// Shows in the waiting blocks what was defined meanwhile. Returns the first that changed.
    pub(super) fn resolve(&mut self, blocks: &mut [Block], stage: Stage) -> Option<usize> {
        if !std::mem::take(&mut self.is_news) && stage != Stage::Final {
            return None;
        }
        let mut first = None;
        for waiting in std::mem::take(&mut self.waiting) {
            let block = waiting.block;
            if self.settle(blocks, waiting, stage) {
                first = first.or(Some(block));
            }
        }
        first
    }

    /// Renders a waiting block again if that can make a difference; whether it did.
    fn settle(&mut self, blocks: &mut [Block], mut waiting: Waiting, stage: Stage) -> bool {
        let is_final = stage == Stage::Final;
        let is_known = |label: &Label| self.search(label).is_ok();
        // A footnote that nothing defines is shown as one until the end.
        let differs =
            waiting.missing.iter().any(|label| is_known(label) || is_final && label.starts_with('^'));
        let block = &mut blocks[waiting.block];
        if differs {
            let rendered = html::render(&waiting.source, self, stage);
            block.kind = BlockKind::Html(rendered.html);
            waiting.missing = rendered.missing;
        }
        block.frozen = is_final || waiting.missing.is_empty();
        if !block.frozen {
            self.waiting.push_back(waiting);
        }
        differs || is_final
    }
}
