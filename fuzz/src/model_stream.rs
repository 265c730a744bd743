//! The event stream of a model, however its bytes are cut into pieces.

use std::collections::VecDeque;

/// The parser alone, so that the whole server needn't be built for this; below is what it needs around it.
#[path = "../../server/src/kimi/sse.rs"]
#[allow(dead_code, reason = "the server uses the rest of it")]
mod sse;

#[derive(Debug)]
#[allow(dead_code, reason = "only printed")]
enum Error {
    TooLarge { what: &'static str, limit: usize },
    Garbled { detail: Clean },
}

#[derive(Debug)]
#[allow(dead_code, reason = "only printed")]
struct Clean(String);

impl Clean {
    fn new(text: &str, _: Option<&str>) -> Self {
        Self(text.to_owned())
    }
}

/// The first byte says into how large pieces the rest is cut; what is read must not depend on it.
pub fn model_stream(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    assert_eq!(read(bytes.chunks(usize::from(*size) + 1)), read(std::iter::once(bytes)));
}

/// Everything read from the pieces, and how it ended.
fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let (mut decoder, mut found) = (sse::Decoder::default(), VecDeque::new());
    for piece in pieces {
        if let Err(error) = decoder.push(piece, &mut found) {
            return format!("{found:?} {error:?}");
        }
    }
    let end = decoder.finish();
    format!("{found:?} {end:?}")
}
