//! Reads `text/event-stream`: pieces of bytes in, the data of whole events out.
//!
//! Only what our server sends: `data`, comments and fields to be ignored; no reconnection times, no event names.

/// Bytes that an event may have before its end; more is not our server.
const LONGEST: usize = 4 * 1024 * 1024;

#[derive(Debug, Default)]
pub(crate) struct EventStream {
    /// What came after the last whole line.
    rest: Vec<u8>,
    data: Option<String>,
}

impl EventStream {
    /// The events that this piece completes. Nothing: it is no event stream.
    pub(crate) fn take(&mut self, piece: &[u8]) -> Option<Vec<String>> {
        let searched = self.rest.len();
        self.rest.extend_from_slice(piece);
        let mut events = Vec::new();
        let mut begin = 0;
        let mut from = searched;
        while let Some(length) = self.rest[from..].iter().position(|byte| *byte == b'\n') {
            let end = from + length;
            let line = self.rest[begin..end].strip_suffix(b"\r").unwrap_or(&self.rest[begin..end]);
            let line = std::str::from_utf8(line).ok()?;
            if line.is_empty() {
                events.extend(self.data.take());
            } else if let Some(data) = line.strip_prefix("data:") {
                let data = data.strip_prefix(' ').unwrap_or(data);
                match &mut self.data {
                    Some(before) => {
                        before.push('\n');
                        before.push_str(data);
                    }
                    None => self.data = Some(data.to_owned()),
                }
            }
            begin = end + 1;
            from = begin;
        }
        self.rest.drain(..begin);
        let held = self.rest.len() + self.data.as_ref().map_or(0, String::len);
        (held <= LONGEST).then_some(events)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        ": hello\n\ndata: {\"a\":1}\n\nid: 7\ndata:[1,2,\"é\"]\r\n\r\ndata: x\ndata: y\n\ndata: cut";

    #[test]
    fn every_cut_of_the_bytes_gives_the_same_events() {
        for size in 1..TEXT.len() {
            let mut stream = EventStream::default();
            let events: Vec<String> =
                TEXT.as_bytes().chunks(size).flat_map(|piece| stream.take(piece).unwrap()).collect();
            assert_eq!(events, ["{\"a\":1}", "[1,2,\"é\"]", "x\ny"], "{size}");
        }
    }

    #[test]
    fn an_event_without_an_end_is_refused() {
        let mut stream = EventStream::default();
        let piece = vec![b'x'; LONGEST / 2];
        assert!(stream.take(&piece).is_some());
        assert!(stream.take(&piece).is_some());
        assert!(stream.take(&piece).is_none());
    }
}
