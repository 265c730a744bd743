//! A text's blocks on the page. A block that is frozen is never touched again; only the last ones change.

use leptos::prelude::*;

use super::code::code;
use super::{Erase, ListRow, dynamic, list, text};
use crate::chat::{BlockView, TextView};
use crate::markdown::{Block, BlockKind};

#[component]
pub fn Blocks(text: TextView) -> impl IntoView {
    list(move || {
        let blocks = text.blocks().into_iter();
        blocks.map(|block| ListRow::new(block.index.to_string(), move || row(&block))).collect()
    })
}

fn row(block: &BlockView) -> AnyView {
    let block = block.block.clone();
    // The kind of a block can change while it is at the end: a paragraph turns out to be code, say.
    let is_code = {
        let block = block.clone();
        ArcMemo::new(move |_| block.with(|block| matches!(block.kind, BlockKind::Code { .. })))
    };
    dynamic(move || if is_code.get() { code(&block) } else { html(&block) }).erase()
}

fn html(block: &ArcRwSignal<Block>) -> AnyView {
    let class = if block.with_untracked(|block| block.continues) { "block continues" } else { "block" };
    let html = read(block, |block| match &block.kind {
        BlockKind::Html(html) => html.clone(),
        BlockKind::Code { .. } => String::new(),
    });
    view! { <div class=class inner_html=html></div> }.erase()
}

/// Something of a block, as it changes.
pub(super) fn read(block: &ArcRwSignal<Block>, get: fn(&Block) -> String) -> ArcSignal<String> {
    let block = block.clone();
    text(move || block.with(get))
}
