//! Link reference definitions (`[1]: https://…`) are shown as the text they are. A definition would reach text
//! that is frozen long before, or sits in another segment, and `CommonMark` would hide it: in a chat a line that
//! somebody wrote must be seen.

use super::line::{Fence, Line, strip_markers};

/// A label ends within this many bytes, as in `CommonMark`.
const LABEL_LIMIT: usize = 1000;

/// The source with every definition made plain text.
pub(super) fn escape(source: &str) -> String {
    let mut escaped = String::with_capacity(source.len() + 8);
    let mut fence: Option<Fence> = None;
    let mut rest = source;
    for line in source.split_inclusive('\n') {
        let (content, _) = strip_markers(line);
        let content_line = Line::new(content);
        fence = match fence {
            Some(open) if open.is_closed_by(content_line) => None,
            Some(open) => Some(open),
            None => content_line.fence(),
        };
        let (markers, _) = line.split_at(line.len() - content.len());
        escaped.push_str(markers);
        if fence.is_none() && is_definition(&rest[markers.len()..]) {
            escaped.push('\\');
        }
        escaped.push_str(content);
        rest = &rest[line.len()..];
    }
    escaped
}

/// Whether a label and a colon begin here.
fn is_definition(text: &str) -> bool {
    let Some(label) = text.strip_prefix('[') else { return false };
    let mut escaped = false;
    for (index, byte) in label.bytes().enumerate().take(LABEL_LIMIT) {
        match byte {
            b']' if !escaped => return label.as_bytes().get(index + 1) == Some(&b':'),
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    false
}
