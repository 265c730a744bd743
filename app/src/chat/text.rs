//! A text on the screen: blocks of Markdown, of which only those at the end ever change.

use leptos::prelude::*;

use crate::markdown::{Block, Markdown};

/// A growing text. Clones are handles to the same text.
#[derive(Clone)]
pub struct TextView {
    markdown: ArcStoredValue<Markdown>,
    blocks: ArcRwSignal<Vec<BlockView>>,
}

impl std::fmt::Debug for TextView {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TextView")
    }
}

/// One block; its signal fires only when this very block changes.
#[derive(Clone, Debug)]
pub struct BlockView {
    pub index: usize,
    pub block: ArcRwSignal<Block>,
}

impl Default for TextView {
    fn default() -> Self {
        Self { markdown: ArcStoredValue::new(Markdown::new()), blocks: ArcRwSignal::new(Vec::new()) }
    }
}

impl TextView {
    /// The blocks, for a list keyed by [`BlockView::index`].
    pub fn blocks(&self) -> Vec<BlockView> {
        self.blocks.get()
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.with(Vec::is_empty)
    }

    pub fn source(&self) -> String {
        self.markdown.with_value(|markdown| markdown.text().to_owned())
    }

    /// Makes `text` the text. What it adds to the text before is appended; anything else begins anew.
    pub fn update(&self, text: &str, is_complete: bool) {
        let mut first = None;
        self.markdown.update_value(|markdown| {
            let changed = if let Some(added) = text.strip_prefix(markdown.text()) {
                markdown.append(added)
            } else {
                *markdown = Markdown::new();
                markdown.append(text);
                0
            };
            let changed = if is_complete { markdown.finish().min(changed) } else { changed };
            first = Some((changed, markdown.blocks()[changed.min(markdown.blocks().len())..].to_vec()));
        });
        let Some((first, changed)) = first else { return };
        self.show(first, changed);
    }

    fn show(&self, first: usize, changed: Vec<Block>) {
        let length = first + changed.len();
        let shown = self.blocks.with_untracked(Vec::len);
        let mut added = Vec::new();
        for (index, block) in (first..).zip(changed) {
            if index < shown {
                self.blocks.with_untracked(|blocks| blocks[index].block.set(block));
            } else {
                added.push(BlockView { index, block: ArcRwSignal::new(block) });
            }
        }
        if length != shown {
            self.blocks.update(|blocks| {
                blocks.truncate(length);
                blocks.extend(added);
            });
        }
    }
}
