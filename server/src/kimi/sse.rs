//! Bytes of an event stream in, payloads out: no JSON and no chunks here.
//!
//! `eventsource-stream` 0.2.3 was tried against §9 of the reference and not taken. It panics on a byte order mark
//! (`&string[1..]` cuts the three bytes of U+FEFF), never bounds a line or an event, scans an unfinished line again
//! with every piece that arrives, joins two `data:` lines that lost the empty line between them into one broken
//! event, and drops both a last `data: [DONE]` without its empty line and the `error:` lines of llama.cpp. The
//! reference asks for lines rather than for events, which is also the shorter program.

use std::collections::VecDeque;

use super::{Clean, Error};

/// The longest line that is held. Real chunks have a few hundred bytes; a whole tool call may have many thousand.
pub(super) const MAX_LINE: usize = 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One meaningful line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// JSON, or what should be.
    Data(String),
    /// The inside of an error object, as llama.cpp sends it after `error:`.
    Error(String),
    /// `[DONE]`: the reply is complete.
    Done,
}

/// Holds the unfinished line between pieces, which may be cut anywhere, also inside a character.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    line: Vec<u8>,
    started: bool,
}

impl Decoder {
    /// Appends the payloads that `bytes` complete to `found`; those before an error are still good.
    pub(super) fn push(&mut self, mut bytes: &[u8], found: &mut VecDeque<Payload>) -> Result<(), Error> {
        // A carriage return ends a line as well. Of CR LF that leaves an empty line, and those mean nothing here.
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.hold(&bytes[..end])?;
            bytes = &bytes[end + 1..];
            found.extend(self.take()?);
        }
        self.hold(bytes)
    }

    /// The payload of a last line without its end, if that is what is left.
    pub(super) fn finish(&mut self) -> Result<Option<Payload>, Error> {
        self.take()
    }

    fn hold(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.line.len() + bytes.len() > MAX_LINE {
            return Err(Error::TooLarge { what: "a line", limit: MAX_LINE });
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn take(&mut self) -> Result<Option<Payload>, Error> {
        let mut line = self.line.as_slice();
        if !self.started {
            line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            self.started = true;
        }
        let payload = match std::str::from_utf8(line) {
            Ok(line) => Ok(read_line(line)),
            // Replacing what cannot be read would show a text that nobody wrote.
            Err(_) => Err(Error::Garbled { detail: Clean::new("a line is not UTF-8", None) }),
        };
        self.line.clear();
        payload
    }
}

fn read_line(line: &str) -> Option<Payload> {
    // Ollama's errors in mid-stream come without the field name (§8).
    if line.starts_with('{') {
        return Some(Payload::Data(line.to_owned()));
    }
    let (field, value) = line.split_once(':')?;
    let value = value.strip_prefix(' ').unwrap_or(value);
    match field {
        "data" if value.trim() == "[DONE]" => Some(Payload::Done),
        "data" if value.trim().is_empty() => None,
        "data" => Some(Payload::Data(value.to_owned())),
        "error" => Some(Payload::Error(value.to_owned())),
        // Comments have an empty field; `event`, `id` and `retry` say nothing that is needed.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str) -> Payload {
        Payload::Data(text.to_owned())
    }

    /// Decodes `wire` whole, and again cut in two at every byte: the payloads must not depend on the cut.
    fn check(wire: &[u8], expected: &[Payload]) {
        for cut in 0..=wire.len() {
            let mut decoder = Decoder::default();
            let mut found = VecDeque::new();
            decoder.push(&wire[..cut], &mut found).unwrap();
            decoder.push(&wire[cut..], &mut found).unwrap();
            found.extend(decoder.finish().unwrap());
            assert_eq!(found, expected, "cut at {cut}");
        }
    }

    #[test]
    fn every_framing_of_the_reference() {
        check(b"data: {\"a\":1}\n\ndata: [DONE]\n\n", &[data("{\"a\":1}"), Payload::Done]);
        check(b"data:{\"a\":1}\n\ndata:[DONE]\n\n", &[data("{\"a\":1}"), Payload::Done]);
        check(b"data: {\"a\":1}\r\n\r\ndata: [DONE]\r\n\r\n", &[data("{\"a\":1}"), Payload::Done]);
        check(b"data: {}\r\rdata: [DONE]\r\r", &[data("{}"), Payload::Done]);
        check(b": OPENROUTER PROCESSING\n\n:\ndata: {}\n: x\n\n", &[data("{}")]);
        check(b"event: x\nid: 1\nretry: 5\ndata: {}\n\n", &[data("{}")]);
        check(b"\xef\xbb\xbfdata: {}\n\n", &[data("{}")]);
        check("data: {\"a\":\"é漢🙂\u{301}\"}\n\n".as_bytes(), &[data("{\"a\":\"é漢🙂\u{301}\"}")]);
    }

    #[test]
    fn lines_count_and_not_events() {
        check(b"data: {\"a\":1}\ndata: {\"b\":2}\n\n", &[data("{\"a\":1}"), data("{\"b\":2}")]);
        check(b"data: {}\n\ndata: [DONE]", &[data("{}"), Payload::Done]);
        check(b"data:  two spaces\n\n", &[data(" two spaces")]);
        check(b"data:\n\ndata: \n\n\n", &[]);
        check(b"error: {\"code\":500}\n\n", &[Payload::Error("{\"code\":500}".to_owned())]);
        check(b"{\"error\":\"x\"}\n", &[data("{\"error\":\"x\"}")]);
    }

    #[test]
    fn a_line_without_end_is_bounded() {
        let mut decoder = Decoder::default();
        let mut found = VecDeque::new();
        let piece = vec![b'x'; 64 * 1024];
        let failed = (0..64).find_map(|_| decoder.push(&piece, &mut found).err());
        assert!(matches!(failed, Some(Error::TooLarge { .. })));
        assert!(decoder.line.len() <= MAX_LINE);
    }

    #[test]
    fn payloads_before_broken_bytes_are_kept() {
        let mut decoder = Decoder::default();
        let mut found = VecDeque::new();
        assert!(matches!(decoder.push(b"data: {}\ndata: \xff\n", &mut found), Err(Error::Garbled { .. })));
        assert_eq!(found, [data("{}")]);
    }
}
