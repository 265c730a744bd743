//! Which parts of a block a server can show better than the browser's code can: highlighted code, and math as `MathML`.
//! It only finds them, and asks nobody.
//!
//! The blocks of a text depend on the text only, so `(message, index of the block)` names a block for good once it is
//! frozen, and a server that calls `render` on the same text has the same one. It may answer with richer HTML, made of
//! [`Block::pieces`] in their order, and the page may exchange the block for it, once.

use std::borrow::Cow;

use super::{Block, BlockKind};

/// A part of a block. The parts' markup, one after the other, is the block's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece<'a> {
    /// HTML that stays as it is.
    Html(&'a str),
    /// A code block; its language as in [`BlockKind::Code`].
    Code {
        /// Empty when absent.
        language: &'a str,
        /// Plain, not escaped.
        text: Cow<'a, str>,
    },
    /// A formula.
    Math {
        /// Whether it stands on a line of its own.
        is_display: bool,
        /// LaTeX, plain, without dollars.
        text: Cow<'a, str>,
    },
}

const CODE: &str = "<pre><code";
const LANGUAGE: &str = " class=\"language-";
const MATH: &str = "<span class=\"math";

impl Block {
    /// Whether the block has code or math.
    pub fn is_enrichable(&self) -> bool {
        match &self.kind {
            BlockKind::Code { .. } => true,
            BlockKind::Html(html) => html.contains(CODE) || html.contains(MATH),
        }
    }

    /// The parts of the block. A fence whose language is `math` holds a formula, as at GitHub.
    pub fn pieces(&self) -> Vec<Piece<'_>> {
        match &self.kind {
            BlockKind::Code { language, text } => vec![code(language, Cow::Borrowed(text))],
            BlockKind::Html(html) => pieces(html),
        }
    }
}

fn code<'a>(language: &'a str, text: Cow<'a, str>) -> Piece<'a> {
    if language == "math" { Piece::Math { is_display: true, text } } else { Piece::Code { language, text } }
}

/// Text is escaped in a block, so whatever looks like a tag here is one that `html` wrote.
fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some((start, piece, after)) = next(rest) {
        if start > 0 {
            pieces.push(Piece::Html(&rest[..start]));
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Html(rest));
    }
    pieces
}

/// The first part that is not plain HTML, where it begins, and what is after it.
fn next(html: &str) -> Option<(usize, Piece<'_>, &str)> {
    let (code_at, math_at) = (html.find(CODE), html.find(MATH));
    let start = code_at.into_iter().chain(math_at).min()?;
    let is_code = code_at == Some(start);
    let (mark, end) = if is_code { (CODE, "</code></pre>") } else { (MATH, "</span>") };
    let (attributes, rest) = html[start + mark.len()..].split_once('>')?;
    let (text, after) = rest.split_once(end)?;
    let text = unescape(text);
    if is_code {
        let language =
            attributes.strip_prefix(LANGUAGE).map_or("", |language| language.trim_end_matches('"'));
        return Some((start, code(language, text), after));
    }
    Some((start, Piece::Math { is_display: attributes.contains("display"), text }, after))
}

fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut text = text.to_owned();
    // The ampersand comes last, so that nothing is decoded twice.
    for (entity, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, letter);
    }
    Cow::Owned(text)
}
