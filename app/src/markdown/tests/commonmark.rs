//! Cutting a text into segments does not change its meaning: the blocks together are what the parser makes of the
//! whole text. Left out are raw HTML blocks and link reference definitions, which have no reach beyond a segment.

use proptest::prelude::*;

use super::super::html::{self, Stage};
use super::super::references::References;
use super::super::{BlockKind, render};

/// What the parser makes of a whole text.
fn whole(text: &str) -> String {
    html::render(text, &References::default(), Stage::Final).html
}

/// The blocks as one HTML text, with code blocks as the parser would write them.
fn joined(text: &str) -> String {
    let mut joined = String::new();
    for block in render(text) {
        match block.kind {
            BlockKind::Html(html) => joined.push_str(&html),
            BlockKind::Code { language, text } => {
                // A tilde fence does the same for any code without tildes.
                joined.push_str(&whole(&format!("~~~~~~~~~ {language}\n{text}\n")));
            }
        }
        joined.push('\n');
    }
    joined
}

fn normal(html: &str) -> String {
    let lines = html.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let mut normal = lines.collect::<Vec<_>>().join("\n");
    // Blank lines at either end of code do not matter here.
    for space in [" ", "\n"].repeat(4) {
        normal = normal.replace(&format!("{space}</code>"), "</code>").replace("<code>\n", "<code>");
    }
    normal
}

#[track_caller]
fn check(text: &str) {
    assert_eq!(normal(&joined(text)), normal(&whole(text)), "{text:?}");
}

#[test]
fn segments_mean_what_the_whole_means() {
    for text in [
        "a\n===\nb\n---\nc",
        "- a\n- b\n\n- c",
        "- a\n\n  b\n\nc",
        "- a\n+ b\n1. c\n2) d",
        "1. a\n\n   ```\n   x\n\n   y\n   ```\n\n2. b",
        "> a\nlazy\n\n> b",
        "> a\n---\nb",
        "- a\nlazy\n---\nb",
        "a\n2. b\n1. c",
        "| a | b |\n|---|---|\n| 1 | 2 |\n3. x\n\nrest",
        "text\n| a | b |\n|---|---|\n| 1 | 2 |\n# h",
        "    code\n\n\n    more\nend",
        "a\n    lazy\n# h\n    code",
        "* * *\n- - -\n- x\n***",
        "```\n# not\n\n- a\n```\n# is",
        "~~~ a`b\nx\n~~~",
        "- ```\n  a\n\n  b\n  ```\n- c",
        "10. a\n\n    b\n\n   c",
        "-\n  a\n-\n\n  b",
        "- a\n    - b\n        - c\n\n          d\n\ne",
        "\t\tx\n- \ta",
        "a\\\nb  \nc",
        "a|b\n- |-\n",
        "| a |\n|---|\n- \n- x",
        "q\n    | a |\n|---|\n2. z",
        "- x\n  1)\n===",
        "-\na\n2. z",
    ] {
        check(text);
    }
}

fn plain_markdown() -> BoxedStrategy<String> {
    let pieces = vec![
        "a",
        "b c",
        "word",
        "\n",
        "\n\n",
        "\n- x",
        "\n- ",
        "\n* y",
        "\n1. z",
        "\n2. z",
        "\n  ",
        "\n    ",
        "\n   q",
        "\n> ",
        "\n# h",
        "\n---",
        "\n===",
        "\n```\n",
        "\n***\n",
        "| a | b |\n",
        "|---|---|\n",
        "| c |",
        "**",
        "`",
        "\n\n  p",
        "\n\n    p",
        "\n~~~",
        "\n- - ",
        "- a\n",
        "1) ",
        "\n\n\n",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|pieces| pieces.concat()).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn any_segments_mean_what_the_whole_means(text in plain_markdown()) {
        prop_assert_eq!(normal(&joined(&text)), normal(&whole(&text)));
    }
}

/// Dashes that are indented so far go on with the paragraph, which an empty item does not end.
#[test]
fn an_indented_row_of_dashes_makes_no_table() {
    let text = "| c |**\n    |---|---|\n1) ";
    assert_eq!(normal(&joined(text)), normal(&whole(text)));
}
