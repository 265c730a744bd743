//! A text gives the same blocks however it is cut into parts, and what is frozen stays.

use proptest::prelude::*;

use super::super::{Block, BlockKind, Markdown, render, render_running};
use super::markdownish;

/// Feeds parts and checks all promises after each one.
pub(super) fn check(parts: &[&str]) {
    let mut markdown = Markdown::new();
    let mut shown: Vec<Block> = Vec::new();
    // Behind a block that waits for a definition, too.
    let mut frozen_blocks: Vec<(usize, Block)> = Vec::new();
    for part in parts {
        let frozen = markdown.frozen();
        let first = markdown.append(part);
        assert!(first >= frozen, "a frozen block was reported as changed");
        assert!(first <= markdown.blocks().len());
        assert_eq!(shown.get(..frozen), markdown.blocks().get(..frozen), "a frozen block changed");
        shown.truncate(first);
        shown.extend_from_slice(&markdown.blocks()[first..]);
        assert_eq!(shown, markdown.blocks(), "following the changes gives other blocks");
        assert_eq!(shown, render_running(markdown.text()), "{:?}", markdown.text());
        assert!(markdown.blocks()[..markdown.frozen()].iter().all(|block| block.frozen));
        assert!(markdown.blocks().get(markdown.frozen()).is_none_or(|block| !block.frozen));
        for (index, block) in &frozen_blocks {
            assert_eq!(markdown.blocks().get(*index), Some(block), "a frozen block changed");
        }
        let new = markdown.blocks().iter().enumerate().filter(|(_, block)| block.frozen);
        frozen_blocks = new.map(|(index, block)| (index, block.clone())).collect();
    }
    let frozen = markdown.frozen();
    let first = markdown.finish();
    assert!(first >= frozen);
    assert_eq!(shown.get(..frozen), markdown.blocks().get(..frozen), "a frozen block changed at the end");
    shown.truncate(first);
    shown.extend_from_slice(&markdown.blocks()[first..]);
    assert_eq!(shown, markdown.blocks());
    assert_eq!(shown, render(&parts.concat()));
    assert!(shown.iter().all(|block| block.frozen));
}

/// Cuts a text before the characters whose turn it is.
pub(super) fn cut<'a>(text: &'a str, turns: &[bool]) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for ((index, _), turn) in text.char_indices().zip(turns.iter().cycle()) {
        if *turn {
            parts.push(&text[start..index]);
            start = index;
        }
    }
    parts.push(&text[start..]);
    parts
}

const REPLY: &str = "# Title\n\nSome *text* with `code` and [a link](https://a.b/c).\nSetext\n---\n\n1. one\n\n   ```rust\n   fn \
    main() {}\n   ```\n2. two\n   - nested\nlazy\n\n```python\nprint(1)\n\n  x\n```\n| a | b |\n|---|:-:|\n| 1 | 2 |\n\n> quote\n> more\n\n    \
    indented\n\n    code\n\nlast **bold** ~~gone~~ https://x.y\r\nend";

#[test]
fn every_cut_of_a_reply_gives_the_same_blocks() {
    let characters: Vec<&str> = cut(REPLY, &[true]);
    check(&characters);
    for turns in [&[true, false][..], &[false, false, true], &[false, false, false, false, false, true]] {
        check(&cut(REPLY, turns));
    }
}

#[test]
fn long_texts_are_cut_at_the_same_places() {
    for piece in [
        "word ",
        "x",
        "日",
        "- item **b**\n",
        "| a | b |\n",
        "> q\n",
        "   text\n",
        "*",
        "`",
        "1. a\n\n   b\n",
    ] {
        for start in ["", "| h | i |\n|---|---|\n", "- ", "1. a\n   ```rust\n", "> ", "```\n", "    ", "# "] {
            let text = [start, &piece.repeat(20_000 / piece.len())].concat();
            let parts: Vec<String> =
                text.chars().collect::<Vec<_>>().chunks(997).map(|part| part.iter().collect()).collect();
            check(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

#[test]
fn open_code_only_grows() {
    let mut markdown = Markdown::new();
    let mut before = String::new();
    for part in cut("```rust\nfn a() {\n\n  `x`\n ``\n}\n\n\nlast``\n", &[true]) {
        markdown.append(part);
        if let Some(Block { kind: BlockKind::Code { text, .. }, .. }) = markdown.blocks().first() {
            assert!(text.starts_with(&before), "{text:?} does not continue {before:?}");
            before.clone_from(text);
        }
    }
    assert_eq!(before, "fn a() {\n\n  `x`\n ``\n}\n\n\nlast``");
}

#[test]
fn text_after_the_end_is_not_lost() {
    let mut markdown = Markdown::new();
    markdown.append("a **b");
    markdown.finish();
    assert_eq!(markdown.append("** c"), 0);
    assert_eq!(markdown.text(), "a **b** c");
    assert_eq!(markdown.blocks(), render_running("a **b** c"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn cuts_do_not_matter(text in markdownish(), turns in prop::collection::vec(any::<bool>(), 1..12)) {
        check(&cut(&text, &turns));
    }

    #[test]
    fn any_text_is_safe_to_stream(text in any::<String>(), turns in prop::collection::vec(any::<bool>(), 1..12)) {
        check(&cut(&text, &turns));
    }
}
