//! A text's blocks on the page. A block that is frozen is never touched again; only the last ones change.

use super::code::code;
use super::{Live, Row};
use crate::chat::{BlockView, Reactive, Shared, TextView};
use crate::markdown::{Block, BlockKind};

pub fn blocks(text: TextView) -> impl Fn() -> Vec<Row> {
    let row = |block: BlockView| {
        let key = format!("{}{}", block.index, if block.is_code { " code" } else { "" });
        Row::new(
            key,
            move |html| {
                if block.is_code { code(&block.block, html) } else { prose(&block.block, html) }
            },
        )
    };
    move || text.blocks().into_iter().map(row).collect()
}

fn prose(block: &Shared<Block>, html: &mut Live) {
    let continues = block.with_untracked(|block| block.continues);
    html.tag(if continues { "<div class=\"block continues\"" } else { "<div class=\"block\"" });
    html.live_html(read(block, |block| match &block.kind {
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
