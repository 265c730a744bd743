//! Reads `text/event-stream`: bytes in, frames out, however the bytes were cut on their way.
//!
//! Only what the fallbacks need of the format: the lines `data:`, ended by LF or CR LF, and the empty line that ends
//! an event. Everything else in it is ignored. It knows nothing of what the frames mean.

/// Bytes of one line; a longer one is not from our server. Far above the text of the longest reply.
const LINE_LIMIT: usize = 16 * 1024 * 1024;

/// The state between two pieces of one body.
#[derive(Debug, Default)]
pub struct EventReader {
    /// The line that is not complete yet.
    line: Vec<u8>,
    /// The data of the event that is not complete yet.
    data: Option<String>,
}

/// A line is over the limit: whatever this is, it is not an event stream of ours.
#[derive(Debug, PartialEq, Eq)]
pub struct LineTooLong;

impl EventReader {
    /// Takes the next bytes and returns the data of the events that they complete, in order.
    pub fn read(&mut self, bytes: &[u8]) -> Result<Vec<String>, LineTooLong> {
        let mut events = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.line.len() + piece.len() > LINE_LIMIT {
                return Err(LineTooLong);
            }
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                events.extend(self.take_line(&line));
            }
        }
        Ok(events)
    }

    fn take_line(&mut self, line: &[u8]) -> Option<String> {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return self.data.take();
        }
        // Bytes that are no text can't be a frame; if they were an event, the gap they leave is asked for.
        let value = std::str::from_utf8(line.strip_prefix(b"data:")?).ok()?;
        let value = value.strip_prefix(' ').unwrap_or(value);
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_in_pieces(body: &[u8], sizes: &[usize]) -> Vec<String> {
        let mut reader = EventReader::default();
        let mut events = Vec::new();
        let mut rest = body;
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().map_or(1, |size| (*size).min(rest.len())));
            events.extend(reader.read(piece).unwrap_or_default());
            rest = after;
        }
        events
    }

    #[test]
    fn comments_other_fields_and_half_an_event_say_nothing() {
        let body = b": hi\n\nevent: x\nid: 1\ndata: one\n\ndata:two\r\n\r\n\n\ndata: thr";
        assert_eq!(read_in_pieces(body, &[64]), ["one", "two"]);
        assert_eq!(read_in_pieces(b"data: a\ndata: b\n\n", &[64]), ["a\nb"]);
        assert_eq!(read_in_pieces(b"data: \xff\n\ndata: after\n\n", &[64]), ["after"]);
    }

    #[test]
    fn a_line_without_an_end_is_refused() {
        let mut reader = EventReader::default();
        let piece = vec![b'x'; LINE_LIMIT];
        assert_eq!(reader.read(&piece), Ok(Vec::new()));
        assert_eq!(reader.read(b"x"), Err(LineTooLong));
    }

    proptest! {
        /// Where the network cuts a line end or a character in two is nobody's choice.
        #[test]
        fn cut_anywhere_it_reads_the_same(
            texts in proptest::collection::vec("[^\r\n]{0,40}", 1..6),
            sizes in proptest::collection::vec(1_usize..7, 1..6),
            is_crlf: bool,
        ) {
            let end = if is_crlf { "\r\n" } else { "\n" };
            let events: Vec<String> =
                texts.iter().map(|text| format!(": beat{end}data: {text}{end}{end}")).collect();
            let body = events.concat();
            prop_assert_eq!(read_in_pieces(body.as_bytes(), &sizes), texts);
        }
    }
}
