//! Highlights code: a language and a text in, HTML with classes out (see [`Role`]). Text stays text, to the byte.
//!
//! `syntaxmate` reads VS Code's grammars, forbids unsafe code, needs no C, and bounds what a line may cost. `syntect` with
//! its pure engine took 400 MB of memory and half a second where this takes 30 MB and 10 ms (34 languages; TypeScript).
//! It is young, so nothing outside of this file knows it.

use std::cell::Cell;
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::{Arc, LazyLock};
use std::time::Instant;

use quick_cache::sync::Cache;
use syntaxmate::{Catalog, PreparedLanguage, ScopeStackId, Token, TokenizerOptions};

use super::Drawn;
use super::roles::{Role, role};

/// Bytes of a line; from a longer one on, everything stays plain.
const LINE_BYTES: usize = 2_000;
/// Scopes inside of each other; from a line with more on, everything stays plain. Memory grows with their square.
const DEPTH: usize = 250;
/// Elements of a text; what comes after stays plain.
const ELEMENTS: usize = 10_000;
/// Languages that are kept ready, of one to three megabytes each.
const LANGUAGES: usize = 24;

/// Names that are used for languages, besides those that the grammars have.
const NAMES: [(&str, &str); 7] = [
    ("golang", "go"),
    ("h", "c"),
    ("hpp", "cpp"),
    ("patch", "diff"),
    ("shell-session", "shellsession"),
    ("svg", "xml"),
    ("vb.net", "vb"),
];

struct Languages {
    catalog: Catalog,
    ready: Cache<String, Arc<PreparedLanguage>>,
}

/// Opened in about a millisecond, when the first code is drawn.
static LANGUAGES_OF_ALL: LazyLock<Languages> =
    LazyLock::new(|| Languages { catalog: Catalog::bundled(), ready: Cache::new(LANGUAGES) });

impl Languages {
    /// Nothing for a language that has no grammar.
    fn find(&self, name: &str) -> Option<Arc<PreparedLanguage>> {
        let name =
            NAMES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map_or(name, |(_, name)| name);
        let name = self.catalog.canonical_language(name)?;
        let prepare = || PreparedLanguage::from_catalog(&self.catalog, name).map(Arc::new);
        self.ready.get_or_insert_with(name, prepare).ok()
    }
}

/// Draws code. Code in an unknown language is plain.
pub(super) fn draw(language: &str, code: &str, until: Instant) -> Drawn {
    let Some(language) = LANGUAGES_OF_ALL.find(language) else { return plain(code) };
    let painted = catch_unwind(|| {
        let mut painter = Painter::new(code);
        let is_whole = paint(&mut painter, &language, code, until);
        Drawn { html: painter.finish(), is_whole }
    });
    // Whatever a grammar does wrong costs colours, and no more.
    painted.unwrap_or_else(|_| plain(code))
}

fn plain(code: &str) -> Drawn {
    Drawn { html: Painter::new(code).finish(), is_whole: true }
}

/// Paints line by line, as far as it may; false when the time was over.
fn paint(painter: &mut Painter<'_>, language: &PreparedLanguage, code: &str, until: Instant) -> bool {
    let options = TokenizerOptions { max_line_bytes: LINE_BYTES + 2, ..TokenizerOptions::default() };
    let mut tokenizer = language.tokenizer(options);
    let mut state = tokenizer.initial_state();
    let mut roles: HashMap<ScopeStackId, Role> = HashMap::new();
    let mut start = 0;
    for line in code.split('\n') {
        if Instant::now() > until {
            return false;
        }
        if line.len() > LINE_BYTES || painter.elements > ELEMENTS {
            break;
        }
        let mut tokens: Vec<Token> = Vec::new();
        let (is_too_deep, is_over) = (Cell::new(false), Cell::new(false));
        let take = |token: Token| {
            is_too_deep.set(is_too_deep.get() || token.scopes().len() > DEPTH);
            tokens.push(token);
        };
        let stop = || {
            is_over.set(Instant::now() > until);
            is_over.get() || is_too_deep.get()
        };
        let read = tokenizer.tokenize_line_with_interrupt(line, &mut state, take, stop);
        if is_over.get() {
            return false;
        }
        if read.is_err() || is_too_deep.get() {
            break;
        }
        for token in tokens {
            let stack = token.scope_stack().unwrap_or_default();
            let role = *roles.entry(stack).or_insert_with(|| role(token.scopes()));
            painter.paint(start + token.range().end, role);
        }
        start += line.len() + 1;
        painter.paint(start.min(code.len()), Role::Plain);
    }
    true
}

/// Writes code as HTML, piece by piece.
struct Painter<'a> {
    code: &'a str,
    /// How much of it was given a role.
    at: usize,
    /// How much of it is written: spaces wait, because they belong to what follows where that is the same.
    written: usize,
    html: String,
    /// What the element that is open is for.
    open: Role,
    elements: usize,
}

impl<'a> Painter<'a> {
    fn new(code: &'a str) -> Self {
        let mut html = String::with_capacity(code.len() * 3);
        html.push_str("<code>");
        Self { code, at: 0, written: 0, html, open: Role::Plain, elements: 0 }
    }

    /// Says what everything up to a byte of the code is.
    fn paint(&mut self, end: usize, role: Role) {
        // Whatever the grammar says: nothing is left out, and nothing comes twice.
        let Some(piece) = self.code.get(self.at..end) else { return };
        let begin = std::mem::replace(&mut self.at, end);
        // Spaces look the same in any colour.
        if piece.trim().is_empty() {
            return;
        }
        // Operators that are words look like words.
        let is_word = role == Role::Operator && piece.starts_with(char::is_alphabetic);
        let role = if is_word { Role::Keyword } else { role };
        if role != self.open {
            self.close();
            self.write(begin);
            if role != Role::Plain {
                self.html.push_str("<span class=\"");
                self.html.push_str(role.class());
                self.html.push_str("\">");
                self.elements += 1;
            }
            self.open = role;
        }
        self.write(end);
    }

    fn write(&mut self, end: usize) {
        escape(&mut self.html, &self.code[self.written..end]);
        self.written = end;
    }

    fn close(&mut self) {
        if std::mem::take(&mut self.open) != Role::Plain {
            self.html.push_str("</span>");
        }
    }

    /// What is not painted yet is plain.
    fn finish(mut self) -> String {
        self.close();
        self.write(self.code.len());
        self.html.push_str("</code>");
        self.html
    }
}

fn escape(html: &mut String, text: &str) {
    let mut from = 0;
    for (index, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            _ => continue,
        };
        html.push_str(&text[from..index]);
        html.push_str(entity);
        from = index + 1;
    }
    html.push_str(&text[from..]);
}

#[cfg(test)]
mod tests;
