//! A text on the screen: blocks of Markdown, of which only those at the end ever change.

use super::{Reactive, Shared};
use crate::markdown::{Block, BlockKind, Markdown, rich};

/// A growing text. Clones are handles to the same text.
#[derive(Clone)]
pub struct TextView {
    drawn: Shared<Drawn>,
    blocks: Shared<Vec<BlockView>>,
}

impl std::fmt::Debug for TextView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TextView")
    }
}

/// How much of which text is drawn.
#[derive(Default)]
struct Drawn {
    markdown: Markdown,
    revision: u32,
    /// Bytes.
    length: usize,
    is_complete: bool,
}

/// One block; its value tells only when this very block changes.
#[derive(Clone, Debug)]
pub struct BlockView {
    pub index: usize,
    /// While a block is at the end, it can turn out to be code; then it is another one in its place.
    pub is_code: bool,
    pub block: Shared<Block>,
}

impl Default for TextView {
    fn default() -> Self {
        Self { drawn: Shared::new(Drawn::default()), blocks: Shared::new(Vec::new()) }
    }
}

impl Drawn {
    /// Draws what `text` has beyond what is drawn: the index of the first block that is different, and the blocks from
    /// there on. Nothing where there is nothing to do.
    fn update(&mut self, text: &str, revision: u32, is_complete: bool) -> Option<(usize, Vec<Block>)> {
        // Of the same revision, what is drawn is the beginning: it is not compared, however long it is.
        let added = text.get(self.length..).filter(|_| revision == self.revision);
        if added == Some("") && is_complete == self.is_complete {
            return None;
        }
        let mut changed = if let Some(added) = added {
            self.markdown.append(added)
        } else {
            self.markdown = Markdown::new();
            self.markdown.append(text);
            0
        };
        if is_complete {
            changed = self.markdown.finish().min(changed);
        }
        (self.revision, self.length, self.is_complete) = (revision, text.len(), is_complete);
        let blocks = self.markdown.blocks();
        let changed = changed.min(blocks.len());
        Some((changed, blocks[changed..].to_vec()))
    }
}

impl TextView {
    /// The blocks, for a list keyed by [`BlockView::index`] and [`BlockView::is_code`].
    pub fn blocks(&self) -> Vec<BlockView> {
        self.blocks.get()
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.with(Vec::is_empty)
    }

    /// How much of the text is drawn.
    pub fn bytes(&self) -> u64 {
        self.drawn.with_untracked(|drawn| drawn.length as u64)
    }

    /// Makes `text` the text. While `revision` stays the same, the text before is its beginning. True if something came
    /// that the server can draw better.
    pub fn update(&self, text: &str, revision: u32, is_complete: bool) -> bool {
        let update = self.drawn.update(|drawn| drawn.update(text, revision, is_complete));
        let Some((first, changed)) = update else { return false };
        let is_marked = changed.iter().any(rich::is_marked);
        self.show(first, changed);
        is_marked
    }

    fn show(&self, first: usize, changed: Vec<Block>) {
        let length = first + changed.len();
        let shown = self.blocks.with_untracked(Vec::len);
        let mut others = Vec::new();
        for (index, block) in (first..).zip(changed) {
            let is_code = matches!(block.kind, BlockKind::Code { .. });
            let known = self.blocks.with_untracked(|blocks| {
                let known = blocks.get(index).filter(|known| known.is_code == is_code);
                known.map(|known| known.block.clone())
            });
            match known {
                Some(known) => known.set(block),
                None => others.push(BlockView { index, is_code, block: Shared::new(block) }),
            }
        }
        if length != shown || !others.is_empty() {
            self.blocks.update(|blocks| {
                blocks.truncate(length);
                for other in others {
                    match blocks.get_mut(other.index) {
                        Some(place) => *place = other,
                        None => blocks.push(other),
                    }
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::render;

    fn drawn(updates: &[(&str, u32, bool)]) -> Vec<Block> {
        let mut drawn = Drawn::default();
        let mut shown = Vec::new();
        for (text, revision, is_complete) in updates {
            if let Some((first, changed)) = drawn.update(text, *revision, *is_complete) {
                shown.truncate(first);
                shown.extend(changed);
            }
        }
        shown
    }

    #[test]
    fn grown_replaced_or_continued_it_shows_the_whole_text() {
        let text = "# Rain\n\nIt will rain, *perhaps*.\n\n```rust\nlet rain = 1;\n```\n";
        let expected = render(text);
        assert_eq!(drawn(&[(text, 0, true)]), expected);
        let grown: Vec<(&str, u32, bool)> = (0..=text.len()).map(|end| (&text[..end], 0, false)).collect();
        assert_eq!(drawn(&[&grown[..], &[(text, 0, true)]].concat()), expected);
        assert_eq!(drawn(&[("Something else, which was void", 0, true), (text, 1, true)]), expected);
        assert_eq!(
            drawn(&[("Something longer than the text ".repeat(9).as_str(), 0, false), (text, 0, true)]),
            expected
        );
        // A run that was stopped and goes on.
        assert_eq!(drawn(&[(&text[..20], 0, true), (&text[..20], 0, false), (text, 0, true)]), expected);
    }

    #[test]
    fn what_is_drawn_is_not_looked_at_again() {
        let mut drawn = Drawn::default();
        assert!(drawn.update("one", 0, false).is_some());
        assert_eq!(drawn.update("one", 0, false), None);
        assert_eq!(
            drawn.update("two", 0, false),
            None,
            "told that nothing was replaced, it compares nothing"
        );
        assert!(drawn.update("two", 1, false).is_some());
        assert!(drawn.update("two", 1, true).is_some());
        assert_eq!(drawn.update("two", 1, true), None);
    }
}
