//! Highlights code: a language and a text in, HTML with classes out (see [`Role`]). Text stays text, to the byte.
//!
//! `syntect` does it, with the syntaxes of `bat` and Oniguruma, whose matching of a line nothing can interrupt. So the
//! lines are short, what a line may cost is known (see [`LINE_BYTES`]), and the time is looked at between them.

use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::LazyLock;
use std::time::Instant;

use app::markdown::escape;
use syntect::parsing::{BasicScopeStackOp, ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use super::Drawn;
use super::roles::{Role, within};

/// Bytes of a line; longer ones are plain. What the worst line costs grows with the square of its length and more: of 40
/// hostile patterns in all languages, the slowest took 0.5 s at this length, and 9 s at four times of it.
const LINE_BYTES: usize = 500;
/// Scopes inside of each other; from a line with more on, everything stays plain.
const DEPTH: usize = 250;
/// Elements of a text; what comes after stays plain.
const ELEMENTS: usize = 10_000;

/// Names that are used for languages, besides the names and extensions that the syntaxes have.
const NAMES: [(&str, &str); 39] = [
    ("assembly", "asm"),
    ("batch", "bat"),
    ("caddyfile", "nginx"),
    ("csharp", "cs"),
    ("cuda", "cpp"),
    ("delphi", "pas"),
    ("docker", "dockerfile"),
    ("dotenv", ".env"),
    ("env", ".env"),
    ("fortran", "f90"),
    ("fsharp", "f#"),
    ("gdscript", "gd"),
    ("golang", "go"),
    ("graphviz", "dot"),
    // The syntax for it takes seconds for a line of spaces.
    ("ini", "properties"),
    ("json5", "js"),
    ("jsonc", "js"),
    ("jsx", "tsx"),
    ("liquid", "twig"),
    ("handlebars", "twig"),
    ("hlsl", "glsl"),
    ("mysql", "sql"),
    ("node", "js"),
    ("objc", "objective-c"),
    ("objectivec", "objective-c"),
    ("octave", "matlab"),
    ("opencl", "c"),
    ("patch", "diff"),
    ("plsql", "sql"),
    ("postcss", "css"),
    ("postgresql", "sql"),
    ("psql", "sql"),
    ("pwsh", "powershell"),
    ("python3", "python"),
    ("scheme", "lisp"),
    ("shell", "bash"),
    ("sqlite", "sql"),
    ("systemd", "properties"),
    // The same.
    ("systemverilog", "verilog"),
];

/// Read in about ten milliseconds, when the first code is drawn; each language takes its part when it is used first. With
/// all of them used it takes 80 MB, with those that models write 30 MB.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Nothing for a language that has no syntax.
fn find(name: &str) -> Option<&'static SyntaxReference> {
    if name.is_empty() {
        return None;
    }
    let other = NAMES.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    SYNTAXES.find_syntax_by_token(other.map_or(name, |(_, name)| name))
}

/// Draws code. Code in an unknown language is plain.
pub(super) fn draw(language: &str, code: &str, until: Instant) -> Drawn {
    let Some(syntax) = find(language) else { return plain(code) };
    let painted = catch_unwind(|| {
        let mut painter = Painter::new(code);
        let is_whole = paint(&mut painter, syntax, code, until);
        Drawn { html: painter.finish(), is_whole }
    });
    // Whatever a syntax does wrong costs colours, and no more.
    painted.unwrap_or_else(|_| plain(code))
}

fn plain(code: &str) -> Drawn {
    Drawn { html: Painter::new(code).finish(), is_whole: true }
}

/// Paints line by line, as far as it may; false when the time was over.
fn paint(painter: &mut Painter<'_>, syntax: &SyntaxReference, code: &str, until: Instant) -> bool {
    let mut state = ParseState::new(syntax);
    let mut scopes = Scopes::default();
    let mut end = 0;
    for line in code.split_inclusive('\n') {
        if Instant::now() > until {
            return false;
        }
        if painter.elements > ELEMENTS {
            break;
        }
        let start = end;
        end += line.len();
        if line.len() > LINE_BYTES {
            painter.paint(end, Role::Plain);
            continue;
        }
        let Ok(changes) = state.parse_line(line, &SYNTAXES) else { break };
        for (at, change) in changes {
            painter.paint(start + at, scopes.role());
            let hook = |change: BasicScopeStackOp, _: &[Scope]| scopes.roles.change(change);
            if scopes.stack.apply_with_hook(&change, hook).is_err() {
                return true;
            }
        }
        painter.paint(end, scopes.role());
        if scopes.stack.len() > DEPTH {
            break;
        }
    }
    true
}

/// The scopes around a place, and what each makes of what is in it.
#[derive(Default)]
struct Scopes {
    stack: ScopeStack,
    roles: Roles,
}

#[derive(Default)]
struct Roles {
    stack: Vec<Role>,
    known: HashMap<(Role, Scope), Role>,
}

impl Scopes {
    fn role(&self) -> Role {
        self.roles.innermost()
    }
}

impl Roles {
    fn innermost(&self) -> Role {
        self.stack.last().copied().unwrap_or_default()
    }

    fn change(&mut self, change: BasicScopeStackOp) {
        match change {
            BasicScopeStackOp::Push(scope) => {
                let around = self.innermost();
                let role = self.known.entry((around, scope));
                let role = *role.or_insert_with(|| within(around, &scope.build_string()));
                self.stack.push(role);
            }
            BasicScopeStackOp::Pop => _ = self.stack.pop(),
        }
    }
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

#[cfg(test)]
mod tests;
