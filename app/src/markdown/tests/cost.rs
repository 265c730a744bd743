//! The work grows with the text, not with its square: counted in bytes handed to the parser, not in time.

use std::sync::atomic::Ordering::Relaxed;

use super::super::Markdown;
use super::super::splitter::HARD_LIMIT;

/// Bytes parsed for a text that comes in parts of `size` bytes.
fn parsed(text: &str, size: usize) -> usize {
    let mut markdown = Markdown::new();
    for part in text.as_bytes().chunks(size) {
        markdown.append(std::str::from_utf8(part).expect("only ASCII here"));
    }
    markdown.finish();
    markdown.assembler.references.parsed.load(Relaxed)
}

#[test]
fn twice_the_text_costs_twice_the_work() {
    for (start, unit) in [
        ("", "word "),
        ("", "x"),
        ("", "- item **b**\n"),
        ("", "1. a\n\n   b\n\n"),
        ("", "> quote\n"),
        ("", "*"),
        ("", "["),
        ("", "- - - a\n"),
        ("", "para\n\n"),
        ("", "a\n===\n"),
        ("", "- a\n  ```\n  code\n"),
        ("- a", "\n"),
        ("", "> > a\nlazy\n"),
        ("| a | b |\n|---|---|\n", "| a | b |\n"),
        ("1. x\n   ```\n", "   y\n"),
        ("1. x\n   ```\n", "y"),
        ("- a\n\n", "  b\n\n"),
    ] {
        let text = |size: usize| [start, &unit.repeat(size / unit.len())].concat();
        let (once, twice) = (parsed(&text(30_000), 100), parsed(&text(60_000), 100));
        assert!(twice <= once * 23 / 10, "{start:?} {unit:?}: {once} then {twice}");
        assert!(twice <= 600 * (2 * HARD_LIMIT + 2048), "{start:?} {unit:?}: {twice}");
    }
}

#[test]
fn no_append_parses_more_than_the_longest_tail() {
    for unit in ["word ", "x", "- item\n", "| a |\n", "> a\n", "日本語", "* "] {
        let mut markdown = Markdown::new();
        let text = unit.repeat(20_000 / unit.len());
        for part in text.chars().collect::<Vec<_>>().chunks(29) {
            let before = markdown.assembler.references.parsed.load(Relaxed);
            markdown.append(&part.iter().collect::<String>());
            let cost = markdown.assembler.references.parsed.load(Relaxed) - before;
            // The open segment, the incomplete line, and the same once more when they freeze.
            assert!(cost <= 4 * HARD_LIMIT + 2048, "{unit:?}: {cost}");
        }
    }
}

#[test]
fn open_code_is_never_parsed() {
    let code = "let a = 1; // *not* `markdown`\n".repeat(3_000);
    assert_eq!(parsed(&format!("```rust\n{code}"), 16), 0);
    let indented = "    let a = 1;\n".repeat(3_000);
    assert_eq!(parsed(&indented, 16), 0);
    // Inside a list it is parsed until the list is cut; from then on it is a block of its own.
    let inside = code.replace("let", "   let");
    let short = parsed(&format!("1. a\n   ```rust\n{inside}"), 16);
    let long = parsed(&format!("1. a\n   ```rust\n{inside}{inside}"), 16);
    assert_eq!(short, long);
}
