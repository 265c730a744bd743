//! A text's blocks on the page. A block that is frozen is never touched again; only the last ones change.
//!
//! A few of them at a time stand in an element that keeps its layout and its paint to itself. Otherwise the browser
//! would go through all blocks of a long text for every word that comes at its end.

use super::code::code;
use super::{Live, Row};
use crate::chat::{BlockView, Reactive, Shared, TextView};
use crate::markdown::{Block, BlockKind};

/// How many stand together: a chunk. Most messages have one.
const TOGETHER: usize = 16;

pub fn blocks(text: TextView) -> impl Fn() -> Vec<Row> {
    move || {
        let firsts = text.blocks().into_iter().step_by(TOGETHER);
        let row = |first: BlockView| {
            let text = text.clone();
            Row::new(first.index.to_string(), move |html| {
                html.tag(if continues(&first) {
                    "<div class=\"chunk continues\""
                } else {
                    "<div class=\"chunk\""
                })
                .rows(move || chunk(&text, first.index))
                .tag("</div>");
            })
        };
        firsts.map(row).collect()
    }
}

fn chunk(text: &TextView, first: usize) -> Vec<Row> {
    let row = |block: BlockView| {
        let key = format!("{}{}", block.index, if block.is_code { " code" } else { "" });
        Row::new(key, move |html| if block.is_code { code(&block.block, html) } else { prose(&block, html) })
    };
    text.blocks().into_iter().skip(first).take(TOGETHER).map(row).collect()
}

/// Goes on with what the block above has begun: between them there is no space.
fn continues(block: &BlockView) -> bool {
    block.block.with_untracked(|block| block.continues)
}

fn prose(block: &BlockView, html: &mut Live) {
    html.tag(if continues(block) { "<div class=\"block continues\"" } else { "<div class=\"block\"" });
    html.live_html(read(&block.block, |block| match &block.kind {
        BlockKind::Html(html) => html.clone(),
        BlockKind::Code { .. } => String::new(),
    }));
    html.tag("</div>");
}

/// Something of a block, as it changes.
pub(super) fn read(block: &Shared<Block>, get: fn(&Block) -> String) -> impl Fn() -> String + 'static {
    let block = block.clone();
    move || block.with(get)
}
