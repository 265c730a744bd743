//! Partial mode (§1.4) on servers that may not have it: the answer to a partial turn holds only what follows, or fails.
//!
//! Moonshot's answers are taken as they are. Of another server it is not known whether it continues or writes a new
//! answer, and in words that differ the two look alike, so that nothing but the very same text once more is taken: its
//! beginning is dropped exactly. Glueing two answers together would be worse than to stop. Who knows that a server
//! continues says so by configuration.

use futures::{StreamExt, stream};

use super::{Delta, DeltaStream, Error, Request, Role};

/// The text that a request asks to be continued.
pub(super) fn beginning(request: Request) -> Option<String> {
    request
        .messages
        .into_iter()
        .next_back()
        .filter(|turn| turn.role == Role::Assistant && turn.partial)
        .map(|turn| turn.text)
}

/// What follows `beginning`. The thinking of the answer stands already, so more of it is not passed on.
pub(super) fn continuation(deltas: DeltaStream, beginning: String, is_trusted: bool) -> DeltaStream {
    let mut check = (!is_trusted).then_some(Check { beginning, matched: 0 });
    let checked = deltas.filter_map(move |delta| {
        let delta = match delta {
            Ok(Delta::Thinking(_)) => None,
            Ok(Delta::Text(text)) => match &mut check {
                Some(check) => check.take(text).map(|text| text.map(Delta::Text)).transpose(),
                None => Some(Ok(Delta::Text(text))),
            },
            Ok(Delta::Finish(_)) if check.as_ref().is_some_and(Check::is_within) => {
                Some(Err(Error::NoPartialMode))
            }
            other => Some(other),
        };
        std::future::ready(delta)
    });
    // Nothing comes after an error.
    let until_error = stream::unfold(Some(checked), |checked| async move {
        let mut checked = checked?;
        let delta = checked.next().await?;
        let rest = delta.is_ok().then_some(checked);
        Some((delta, rest))
    });
    until_error.fuse().boxed()
}

/// Compares an answer with the beginning that was sent.
struct Check {
    beginning: String,
    /// Bytes of the beginning that the answer has repeated.
    matched: usize,
}

impl Check {
    /// The answer has begun to repeat the beginning and has not done so to its end.
    fn is_within(&self) -> bool {
        self.matched > 0 && self.matched < self.beginning.len()
    }

    /// What of `text` lies beyond the beginning.
    fn take(&mut self, text: String) -> Result<Option<String>, Error> {
        let expected = &self.beginning[self.matched..];
        if expected.is_empty() {
            return Ok(Some(text));
        }
        if let Some(beyond) = text.strip_prefix(expected) {
            self.matched = self.beginning.len();
            return Ok(Some(beyond.to_owned()).filter(|beyond| !beyond.is_empty()));
        }
        if expected.starts_with(&text) {
            self.matched += text.len();
            return Ok(None);
        }
        Err(Error::NoPartialMode)
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, executor::block_on};

    use super::*;
    use crate::kimi::FinishReason;

    fn read(pieces: &[&str], beginning: &str, is_trusted: bool) -> (String, Option<Error>) {
        let texts = pieces.iter().map(|piece| Ok(Delta::Text((*piece).to_owned())));
        let thinking = std::iter::once(Ok(Delta::Thinking("hm".to_owned())));
        let finish = std::iter::once(Ok(Delta::Finish(FinishReason::Stop)));
        let deltas: Vec<_> = thinking.chain(texts).chain(finish).collect();
        let mut stream = continuation(stream::iter(deltas).boxed(), beginning.to_owned(), is_trusted);
        let mut text = String::new();
        let mut error = None;
        while let Some(delta) = block_on(stream.next()) {
            assert_eq!(error, None, "nothing comes after an error");
            match delta {
                Ok(Delta::Text(piece)) => text.push_str(&piece),
                Ok(Delta::Finish(_)) => {}
                Ok(other) => panic!("{other:?}"),
                Err(failure) => error = Some(failure),
            }
        }
        assert!(stream.next().now_or_never().is_some_and(|end| end.is_none()));
        (text, error)
    }

    #[test]
    fn the_same_beginning_is_dropped_however_it_is_cut() {
        let whole = "Käse, 漢字 and 🙂 more.";
        for (position, _) in whole.char_indices().skip(1) {
            for (cut, _) in whole.char_indices() {
                let pieces = [&whole[..cut], &whole[cut..]];
                let rest = whole[position..].to_owned();
                assert_eq!(read(&pieces, &whole[..position], false), (rest, None), "{position} {cut}");
            }
        }
    }

    #[test]
    fn another_answer_is_refused_before_a_word_of_it() {
        let refused = (String::new(), Some(Error::NoPartialMode));
        assert_eq!(read(&["Other"], "Some text", false), refused);
        assert_eq!(read(&["Some", " words"], "Some text", false), refused);
        assert_eq!(read(&["Some"], "Some text", false), refused, "it ends before it has caught up");
    }

    #[test]
    fn a_server_that_is_trusted_is_not_checked() {
        assert_eq!(read(&["ha", " ha"], "ha", true), ("ha ha".to_owned(), None));
        assert_eq!(read(&[], "ha", false), (String::new(), None), "everything was said");
    }
}
