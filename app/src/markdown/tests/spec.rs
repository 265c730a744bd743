//! Every example of the specifications of `CommonMark` and of GitHub Flavored Markdown: the page's HTML means what
//! theirs does, and does so in whatever pieces the text comes. What differs is listed with its reason.

use super::super::{Block, BlockKind, render};
use super::normal::{Author, flat, normal, without_bare_links};
use super::stream;

const COMMONMARK: &str = include_str!("../../../tests/data/commonmark.txt");
const GFM: &str = include_str!("../../../tests/data/gfm.txt");

struct Example {
    number: String,
    text: String,
    html: String,
}

fn examples(data: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    for part in data.split(&format!("\n{fence} example ")).skip(1) {
        let part = part.split_once(&format!("\n{fence}")).expect("it is closed").0.replace('→', "\t");
        let (head, rest) = part.split_once('\n').expect("a head");
        let rest = format!("\n{rest}\n");
        let (text, html) = rest.split_once("\n.\n").expect("two halves");
        let number = head.split(' ').next().expect("a number").to_owned();
        examples.push(Example { number, text: text[1..].to_owned(), html: html.to_owned() });
    }
    examples
}

/// The blocks as one HTML text, with code blocks as `CommonMark` writes them.
fn joined(blocks: &[Block]) -> String {
    let mut joined = String::new();
    for block in blocks {
        match &block.kind {
            BlockKind::Html(html) => joined.push_str(html),
            BlockKind::Code { language, text } => {
                let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let class = if language.is_empty() {
                    String::new()
                } else {
                    format!(" class=\"language-{language}\"")
                };
                joined += &["<pre><code", &class, ">", &text, "</code></pre>"].concat();
            }
        }
        joined.push('\n');
    }
    joined
}

/// What is not the same, if anything.
fn difference(text: &str, expected: &str) -> Option<String> {
    let html = joined(&render(text));
    let (page, specification) = (normal(&html, Author::Page), normal(expected, Author::Specification));
    let is_same = page == specification
        || without_bare_links(&page) == specification
        || text.contains('<') && flat(&html, Author::Page) == flat(expected, Author::Specification);
    (!is_same).then(|| format!("{text:?}\n          page: {page:?}\n specification: {specification:?}"))
}

/// The numbers of the examples that differ. Their relative addresses, which lead nowhere on the page, are tried as
/// absolute ones, too.
#[track_caller]
fn check(data: &str, exceptions: &[(&str, &str)]) {
    let examples = examples(data);
    let mut differing = Vec::new();
    let mut report = String::new();
    for Example { number, text, html } in &examples {
        let absolute = |text: &str| text.replace("/ur", "https://e.f/ur");
        let found = difference(text, html).or_else(|| difference(&absolute(text), &absolute(html)));
        if let Some(found) = found {
            differing.push(number.as_str());
            report += &[number, ": ", &found, "\n"].concat();
        }
    }
    let expected: Vec<&str> = exceptions.iter().map(|(number, _)| *number).collect();
    assert_eq!(differing, expected, "of {}:\n{report}", examples.len());
}

const BACKSLASH: &str = "an address with a backslash leads nowhere: browsers and others disagree where";
const INVISIBLE: &str = "an address with whitespace of any kind leads nowhere";
const RAW_HTML: &str = "raw HTML is text, and Markdown's blocks end it before a blank line does";

#[test]
fn every_example_of_commonmark() {
    assert_eq!(examples(COMMONMARK).len(), 652);
    check(
        COMMONMARK,
        &[
            ("20", BACKSLASH),
            ("34", "a language is a word of ASCII; entities in it are not decoded"),
            ("112", "a blank line inside of indented code loses its spaces, which nobody sees"),
            ("148", RAW_HTML),
            ("161", RAW_HTML),
            ("202", BACKSLASH),
            ("216", "a paragraph of definitions and an underline: the line scanner takes it for a heading"),
            ("507", INVISIBLE),
            ("603", BACKSLASH),
        ],
    );
}

#[test]
fn every_example_of_github() {
    assert_eq!(examples(GFM).len(), 45);
    check(GFM, &[("306", BACKSLASH), ("599", BACKSLASH)]);
}

#[test]
fn in_any_pieces() {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 16
    };
    for example in examples(COMMONMARK).iter().chain(&examples(GFM)) {
        for _ in 0..3 {
            let often = random() % 8 + 1;
            let turns: Vec<bool> = (0..17).map(|_| random() % often == 0).collect();
            stream::check(&stream::cut(&example.text, &turns));
        }
        stream::check(&stream::cut(&example.text, &[true]));
    }
}

#[test]
fn the_comparison_sees_differences() {
    for (text, html) in [
        ("*a*", "<p>a</p>"),
        ("[a](https://b.c)", "<p>a</p>"),
        ("[a](https://b.c)", "<p><a href=\"https://b.d\">a</a></p>"),
        ("<https://b.c>", "<p>https://b.d</p>"),
        ("[a](/b)", "<p>b</p>"),
        ("# a", "<h2>a</h2>"),
        ("- a", "<ul><li><p>a</p></li></ul>"),
        ("a\n\nb", "<p>a b</p>"),
        ("a  b", "<p>a b</p>"),
        ("    a\n  b", "<pre><code>a\nb</code></pre>"),
        ("<b>", "<p>&lt;i></p>"),
        ("![a](https://b.c)", "<p><a href=\"https://b.c\">a</a></p>"),
        ("3. a", "<ol start=\"2\"><li>a</li></ol>"),
        ("[a](https://b.c \"d\")", "<p><a href=\"https://b.c\">a</a></p>"),
    ] {
        assert!(difference(text, html).is_some(), "{text:?} {html}");
    }
}
