//! What is half written at the end of a paragraph: emphasis, code, math and links that are open, markers without text.
//! An approximation of `CommonMark`'s inline rules on purpose: a wrong guess shows a star too few for a moment, and
//! never reaches a finished text.

use std::ops::Range;

use super::math::is_math;

/// How the end of a text should be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ending {
    /// Not shown: the bracket before the text of a link that has no address yet.
    pub(super) hidden: Range<usize>,
    /// What is shown of the text.
    pub(super) end: usize,
    /// What closes the open markers, innermost first.
    pub(super) closers: String,
}

/// A bracket without its partner hides only while the text after it is shorter than this, in bytes.
const LINK_TEXT_LIMIT: usize = 80;

/// A run of `*`, `_` or `~` that has not been closed.
struct Opener {
    character: u8,
    length: usize,
}

/// Math that is open is shown as text when it grows longer than this, in bytes.
const MATH_LIMIT: usize = 400;

struct Scanner<'a> {
    text: &'a str,
    openers: Vec<Opener>,
    /// Where open brackets are.
    brackets: Vec<usize>,
    ending: Ending,
}

/// Finds out how `text`, the last paragraph so far, should end.
pub(super) fn ending(text: &str) -> Ending {
    let ending = Ending { hidden: 0..0, end: text.trim_end().len(), closers: String::new() };
    let mut scanner = Scanner { text, openers: Vec::new(), brackets: Vec::new(), ending };
    scanner.scan();
    let Scanner { openers, brackets, mut ending, .. } = scanner;
    let open = brackets.last().filter(|&&bracket| ending.hidden.is_empty() && bracket < ending.end);
    if let Some(&bracket) = open {
        if text[bracket..].starts_with("[^") {
            // Half of a footnote.
            ending.end = bracket;
        }
        let after = ending.end.saturating_sub(bracket + 1);
        let word = text[..bracket].chars().next_back().is_some_and(char::is_alphanumeric);
        if after < LINK_TEXT_LIMIT && !word && bracket < ending.end {
            ending.hidden = bracket_start(text, bracket)..bracket + 1;
        }
    }
    for opener in openers.iter().rev() {
        for _ in 0..opener.length {
            ending.closers.push(char::from(opener.character));
        }
    }
    ending
}

/// Whether an ampersand and this, at the end, could become an entity.
fn is_half_entity(name: &[u8]) -> bool {
    name.len() < 32 && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'#')
}

/// An image's bracket begins with its exclamation mark.
fn bracket_start(text: &str, bracket: usize) -> usize {
    if text[..bracket].ends_with('!') { bracket - 1 } else { bracket }
}

impl Scanner<'_> {
    fn scan(&mut self) {
        let bytes = self.text.as_bytes();
        let end = self.ending.end;
        let mut at = 0;
        while at < end {
            at = match bytes[at] {
                b'\\' if at + 1 == end => return self.ending.end = at,
                b'\\' => at + 2,
                b'`' => match self.code(at, end) {
                    Some(next) => next,
                    None => return,
                },
                character @ (b'*' | b'_' | b'~') => self.run(at, end, character),
                b'[' => {
                    self.brackets.push(at);
                    at + 1
                }
                b']' => match self.bracket(at, end) {
                    Some(next) => next,
                    None => return,
                },
                b'$' => match self.math(at, end) {
                    Some(next) => next,
                    None => return,
                },
                b'&' if is_half_entity(&bytes[at + 1..end]) => return self.ending.end = at,
                b'<' => self.angle(at, end),
                b'!' if at + 1 == end && (at == 0 || bytes[at - 1].is_ascii_whitespace()) => {
                    return self.ending.end = at;
                }
                _ => at + 1,
            };
        }
    }

    /// A code span: where it ends, or nothing when it is open.
    fn code(&mut self, at: usize, end: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let count = |from: usize| bytes[from..end].iter().take_while(|&&byte| byte == b'`').count();
        let length = count(at);
        let mut next = at + length;
        while next < end {
            let found = count(next);
            if found == length {
                return Some(next + found);
            }
            if found > 0 && next + found == end {
                // Half of what closes it.
                self.ending.end = next;
            }
            next += found.max(1);
        }
        if self.ending.end == at + length {
            self.ending.end = at;
        } else {
            for _ in 0..length {
                self.ending.closers.push('`');
            }
        }
        None
    }

    fn run(&mut self, at: usize, end: usize, character: u8) -> usize {
        let text = self.text;
        let mut length = text.as_bytes()[at..end].iter().take_while(|&&byte| byte == character).count();
        let after = at + length;
        let previous = text[..at].chars().next_back().unwrap_or(' ');
        let next = text[after..end].chars().next().unwrap_or(' ');
        let closes = !previous.is_whitespace() && (character != b'_' || !next.is_alphanumeric());
        while length > 0 && closes {
            let Some(index) = self.openers.iter().rposition(|opener| opener.character == character) else {
                break;
            };
            let opener = &mut self.openers[index];
            if after == end && length < opener.length {
                // Half of what closes it.
                self.ending.end = at;
                return after;
            }
            let matched = length.min(opener.length);
            opener.length -= matched;
            length -= matched;
            let keep = index + usize::from(opener.length > 0);
            self.openers.truncate(keep);
        }
        if length == 0 {
            return after;
        }
        // A single star inside a word is more often a product than emphasis.
        let inside_word = previous.is_alphanumeric() && (length == 1 || character == b'_');
        if after == end {
            if !inside_word {
                self.ending.end = after - length;
            }
        } else if !next.is_whitespace()
            && !inside_word
            && length <= 3
            && self.openers.len() < 8
            && (character != b'~' || length == 2)
        {
            self.openers.push(Opener { character, length });
        }
        after
    }

    /// Where math ends that begins with the dollar at `at`, or nothing when it is open. What begins like a price or
    /// a name is text until it has ended.
    fn math(&mut self, at: usize, end: usize) -> Option<usize> {
        let text = self.text;
        let length = 1 + usize::from(text[at + 1..end].starts_with('$'));
        let inner = &text[at + length..end];
        let mut braces = 0;
        let mut letters = inner.char_indices();
        while let Some((index, letter)) = letters.next() {
            match letter {
                '\\' => _ = letters.next(),
                '{' => braces += 1,
                '}' => braces -= 1,
                '$' if length == 1 => {
                    let range = at..at + index + 2;
                    let closes = !inner[..index].ends_with(char::is_whitespace) && is_math(text, &range);
                    // What is none of math is looked at again.
                    return Some(if closes { range.end } else { at + 1 });
                }
                '$' if inner[index..].starts_with("$$") => return Some(at + index + 4),
                // Half of what closes it.
                '$' if at + length + index + 1 == end => {
                    self.ending.end = end - 1;
                    return self.close_math(length, braces);
                }
                _ => {}
            }
        }
        if inner.trim().is_empty() {
            self.ending.end = at;
            return None;
        }
        // Not `$5`, and not `$HOME`.
        let word = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let is_likely =
            length == 2 || word < 2 && !inner.starts_with(|c: char| c.is_ascii_digit() || c == ' ');
        if is_likely && inner.len() < MATH_LIMIT { self.close_math(length, braces) } else { Some(at + 1) }
    }

    fn close_math(&mut self, length: usize, braces: i32) -> Option<usize> {
        let shown = &self.text[..self.ending.end];
        // A backslash would escape what closes it.
        let backslashes = shown.bytes().rev().take_while(|&byte| byte == b'\\').count();
        self.ending.end -= backslashes % 2;
        for _ in 0..braces {
            self.ending.closers.push('}');
        }
        self.ending.closers.push_str(&"$$"[..length]);
        None
    }

    /// An address in angle brackets that is half written loses the first of them.
    fn angle(&mut self, at: usize, end: usize) -> usize {
        let inner = &self.text[at + 1..end];
        if !inner.contains(|letter: char| letter.is_whitespace() || letter == '>' || letter == '<') {
            if "https".starts_with(inner) || "mailto".starts_with(inner) {
                self.ending.end = at;
            } else if inner.starts_with("http") || inner.starts_with("mailto:") || inner.contains('@') {
                self.ending.hidden = at..at + 1;
            }
            return end;
        }
        at + 1
    }

    /// The end of a link's text: where the link ends, or nothing when its address is half written.
    fn bracket(&mut self, at: usize, end: usize) -> Option<usize> {
        let Some(bracket) = self.brackets.pop() else { return Some(at + 1) };
        let bytes = self.text.as_bytes();
        if at + 1 == end && self.text[bracket..].starts_with("[^") {
            self.ending.end = bracket;
            return None;
        }
        match bytes.get(at + 1).filter(|_| at + 1 < end) {
            Some(b'(') | None => {}
            // The label of a reference, while it is half written.
            Some(b'[') if !self.text[at + 1..end].contains(']') => {
                self.ending.hidden = bracket_start(self.text, bracket)..bracket + 1;
                self.ending.end = at;
                return None;
            }
            Some(_) => return Some(at + 1),
        }
        let mut depth = 0;
        let mut inner = at + 1;
        while inner < end {
            match bytes[inner] {
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => inner += 1,
                _ => {}
            }
            inner += 1;
            if depth == 0 {
                return Some(inner.min(end));
            }
        }
        self.ending.hidden = bracket_start(self.text, bracket)..bracket + 1;
        self.ending.end = at;
        None
    }
}
