//! A text's blocks on the page. A block that is frozen is never touched again; only the last ones change.

use leptos::prelude::*;

use super::{Erase, ListRow, dynamic, list, text};
use crate::chat::{BlockView, Chat, TextView};
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

fn code(block: &ArcRwSignal<Block>) -> AnyView {
    let chat = expect_context::<Chat>();
    let source = read(block, |block| match &block.kind {
        BlockKind::Code { text, .. } => text.clone(),
        BlockKind::Html(_) => String::new(),
    });
    let language = read(block, |block| match &block.kind {
        BlockKind::Code { language, .. } if !language.is_empty() => language.clone(),
        _ => "code".to_owned(),
    });
    let is_copied = ArcRwSignal::new(false);
    let label = {
        let is_copied = is_copied.clone();
        text(move || if is_copied.get() { "Copied" } else { "Copy" }.to_owned())
    };
    let copied = source.clone();
    let copy = move |_| {
        chat.copy(&copied.get_untracked());
        is_copied.set(true);
        let is_copied = is_copied.clone();
        set_timeout(move || is_copied.set(false), std::time::Duration::from_secs(2));
    };
    view! {
        <figure class="code">
            <figcaption>
                <span>{language}</span>
                <button class="copy" type="button" on:click=copy>{label}</button>
            </figcaption>
            <pre tabindex="0"><code>{source}</code></pre>
        </figure>
    }
    .erase()
}

fn read(block: &ArcRwSignal<Block>, get: fn(&Block) -> String) -> ArcSignal<String> {
    let block = block.clone();
    text(move || block.with(get))
}
