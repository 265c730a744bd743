//! A text's blocks on the page. A block that is frozen is never touched again; only the last ones change.

use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, Node};

use super::{Live, Row};
use crate::chat::{BlockView, Chat, Reactive, Shared, TextView};
use crate::markdown::{Block, BlockKind};

/// How long a button says that it has copied.
const COPIED: Duration = Duration::from_secs(2);

pub fn blocks(chat: Chat, text: TextView) -> impl Fn() -> Vec<Row> {
    let row =
        move |block: BlockView| {
            let key = format!("{}{}", block.index, if block.is_code { " code" } else { "" });
            Row::new(key, move |html| {
                if block.is_code { code(chat, &block.block, html) } else { prose(&block.block, html) }
            })
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

fn code(chat: Chat, block: &Shared<Block>, html: &mut Live) {
    let source = read(block, |block| match &block.kind {
        BlockKind::Code { text, .. } => text.clone(),
        BlockKind::Html(_) => String::new(),
    });
    let language = read(block, |block| match &block.kind {
        BlockKind::Code { language, .. } if !language.is_empty() => language.clone(),
        _ => "code".to_owned(),
    });
    let copied = source.clone();
    let copy = move |event: &Event| {
        chat.copy(&untrack(&copied));
        if let Some(button) = event.target().map(JsCast::unchecked_into::<Node>) {
            button.set_text_content(Some("Copied"));
            set_timeout(move || button.set_text_content(Some("Copy")), COPIED);
        }
    };
    html.tag(r#"<figure class="code"><figcaption><span"#).live_text(language);
    html.tag(r#"</span><button class="copy" type="button""#).on("click", copy);
    html.tag(r#">Copy</button></figcaption><pre tabindex="0"><code"#).live_text(source);
    html.tag("</code></pre></figure>");
}

fn read(block: &Shared<Block>, get: fn(&Block) -> String) -> impl Fn() -> String + Clone + 'static {
    let block = block.clone();
    move || block.with(get)
}
