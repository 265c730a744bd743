//! Payloads as events on the wire: line ends, comments, spaces, and how the bytes are cut into writes. The bytes of
//! the payload itself are `wire`'s.

use bytes::Bytes;

use super::script::{Dialect, Script};

/// The comment that `OpenRouter` sends while it waits (§8).
const COMMENT: &str = ": OPENROUTER PROCESSING";

/// How one response is framed.
#[derive(Debug, Clone)]
pub(super) struct Framing {
    prefix: &'static str,
    line_end: &'static str,
    empty_lines: bool,
    comments: Option<u32>,
    split: Option<usize>,
    bare_done: bool,
    bom: bool,
    dialect: Dialect,
    events: u32,
}

impl Framing {
    pub(super) fn new(script: &Script) -> Self {
        Self {
            prefix: if script.no_space { "data:" } else { "data: " },
            line_end: if script.crlf { "\r\n" } else { "\n" },
            empty_lines: !script.no_empty_lines,
            comments: match script.dialect {
                Dialect::OpenRouter => script.comments.or(Some(4)),
                _ => script.comments,
            },
            split: script.split.filter(|length| *length > 0),
            bare_done: script.bare_done,
            bom: script.bom,
            dialect: script.dialect,
            events: 0,
        }
    }

    pub(super) fn data(&mut self, payload: &str) -> Vec<u8> {
        let line = format!("{}{payload}", self.prefix);
        self.event(&line)
    }

    /// An error in mid-stream, which two servers do not frame as data.
    pub(super) fn error(&mut self, payload: &str) -> Vec<u8> {
        match self.dialect {
            Dialect::Ollama => self.event(payload),
            Dialect::LlamaCpp => self.event(&format!("error: {payload}")),
            _ => self.data(payload),
        }
    }

    pub(super) fn done(&mut self) -> Vec<u8> {
        if self.bare_done { format!("{}[DONE]", self.prefix).into_bytes() } else { self.data("[DONE]") }
    }

    fn event(&mut self, line: &str) -> Vec<u8> {
        let mut text = String::new();
        if self.bom && self.events == 0 {
            text.push('\u{feff}');
        }
        if self.comments.is_some_and(|every| self.events.is_multiple_of(every.max(1))) {
            text.push_str(COMMENT);
            self.end(&mut text);
        }
        self.events += 1;
        text.push_str(line);
        self.end(&mut text);
        text.into_bytes()
    }

    fn end(&self, text: &mut String) {
        text.push_str(self.line_end);
        if self.empty_lines {
            text.push_str(self.line_end);
        }
    }

    /// The writes of one event. `at` cuts it in two.
    pub(super) fn writes(&self, bytes: Vec<u8>, at: Option<usize>) -> Vec<Bytes> {
        let mut bytes = Bytes::from(bytes);
        let length = match (at, self.split) {
            (Some(at), _) => {
                let first = bytes.split_to(at.clamp(1, bytes.len()));
                return [first, bytes].into_iter().filter(|write| !write.is_empty()).collect();
            }
            (None, Some(length)) => length,
            (None, None) => return vec![bytes],
        };
        let mut writes = Vec::new();
        while !bytes.is_empty() {
            writes.push(bytes.split_to(length.min(bytes.len())));
        }
        writes
    }
}
