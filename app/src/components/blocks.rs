//! A text's blocks on the page. A block that is frozen is never touched again; only the last ones change.

use leptos::prelude::*;

use crate::chat::{BlockView, Chat, TextView};
use crate::markdown::BlockKind;

#[component]
pub fn Blocks(text: TextView) -> impl IntoView {
    view! {
        <For each=move || text.blocks() key=|block| block.index let:block>
            <BlockRow block />
        </For>
    }
}

#[component]
fn BlockRow(block: BlockView) -> impl IntoView {
    let signal = block.block;
    // The kind of a block can change while it is at the end: a paragraph turns out to be code, say.
    let is_code = {
        let signal = signal.clone();
        Memo::new(move |_| signal.with(|block| matches!(block.kind, BlockKind::Code { .. })))
    };
    move || {
        let signal = signal.clone();
        if is_code.get() { view! { <Code signal /> }.into_any() } else { view! { <Html signal /> }.into_any() }
    }
}

type BlockSignal = ArcRwSignal<crate::markdown::Block>;

#[component]
fn Html(signal: BlockSignal) -> impl IntoView {
    let continues = signal.with_untracked(|block| block.continues);
    let html = move || {
        signal.with(|block| match &block.kind {
            BlockKind::Html(html) => html.clone(),
            BlockKind::Code { .. } => String::new(),
        })
    };
    view! { <div class="block" class:continues=continues inner_html=html></div> }
}

#[component]
fn Code(signal: BlockSignal) -> impl IntoView {
    let chat = expect_context::<Chat>();
    let read = move |get: fn(&str, &str) -> String| {
        let signal = signal.clone();
        move || {
            signal.with(|block| match &block.kind {
                BlockKind::Code { language, text } => get(language, text),
                BlockKind::Html(_) => String::new(),
            })
        }
    };
    let text = read(|_, text| text.to_owned());
    let language = Memo::new({
        let language = read(|language, _| language.to_owned());
        move |_| language()
    });
    let is_copied = RwSignal::new(false);
    let copy = {
        let text = text.clone();
        move |_| {
            chat.copy(&untrack(&text));
            is_copied.set(true);
            set_timeout(move || _ = is_copied.try_set(false), std::time::Duration::from_secs(2));
        }
    };
    view! {
        <figure class="code">
            <figcaption>
                <span>{move || if language.read().is_empty() { "code".to_owned() } else { language.get() }}</span>
                <button class="copy" type="button" on:click=copy>
                    {move || if is_copied.get() { "Copied" } else { "Copy" }}
                </button>
            </figcaption>
            <pre tabindex="0"><code>{text}</code></pre>
        </figure>
    }
    .into_any()
}
