//! Tests of the renderer, through its public face; the helpers they share.

mod allowed;
mod blocks;
mod commonmark;
mod cost;
mod normal;
mod safety;
mod spec;
mod stream;

use super::{Block, BlockKind};

/// All blocks as one text: HTML as it is, code as `[language|text]`, a block that goes on marked with `…`.
fn show(blocks: &[Block]) -> String {
    let mut shown = String::new();
    for block in blocks {
        if !shown.is_empty() {
            shown.push('\n');
        }
        if block.continues {
            shown.push('…');
        }
        match &block.kind {
            BlockKind::Html(html) => shown.push_str(html),
            BlockKind::Code { language, text } => shown += &["[", language, "|", text, "]"].concat(),
        }
    }
    shown
}

/// Text made of what Markdown gives a meaning to.
fn markdownish() -> proptest::strategy::BoxedStrategy<String> {
    use proptest::prelude::*;
    let pieces = vec![
        "a",
        "b c",
        "word ",
        "é",
        "日本",
        "1",
        "1.",
        "2. ",
        "12) ",
        "- ",
        "-",
        "---",
        "* ",
        "*",
        "**",
        "***",
        "_",
        "__",
        "~~",
        "~",
        "`",
        "``",
        "```",
        "```rust\n",
        "~~~",
        "````",
        "#",
        "# ",
        "## x\n",
        "=",
        "===\n",
        "> ",
        ">",
        ">> ",
        "|",
        "| a | b |\n",
        "|---|---|\n",
        "|-",
        ":",
        "+ ",
        "[",
        "]",
        "(",
        ")",
        "[x](",
        "[a](https://b.c)",
        "![",
        "https://x.y/z",
        "http://",
        "javascript:",
        "<",
        ">",
        "<div>",
        "</div>",
        "<!--",
        "<script>",
        "&amp;",
        "&#x6a;",
        "&",
        "\\",
        "\"",
        "'",
        "!",
        " ",
        "  ",
        "   ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "\n\n\n",
        "\r",
        "\r\n",
        "\0",
        "\n- ",
        "\n1. ",
        "\n  ",
        "\n    ",
        "\n\n  ",
        "\n```\n",
        "\n> ",
        "\n---\n",
        "- [ ] ",
        "- [x] ",
        "[1]: https://d.e\n",
        "[a]: b\n",
        "x: ",
        "\u{202e}",
        "\u{feff}",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..40).prop_map(|pieces| pieces.concat()).boxed()
}
