//! The texts of one message as they were shown: they only ever grow.
//!
//! A change costs what is new and a glance at what was last; every byte is compared now and then and at the end, so
//! that checking a long reply costs no more than receiving it.

use app::protocol::Message;

/// Bytes before the new part that are compared each time.
const GLANCE: usize = 64;
/// Changes between two full comparisons.
const FULL_EVERY: u32 = 256;

#[derive(Debug, Default)]
pub(super) struct ShownTexts {
    text: String,
    thinking: String,
    attempt: u32,
    changes: u32,
    has_ended: bool,
}

impl ShownTexts {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Says what is wrong, if anything.
    pub(super) fn shows(&mut self, message: &Message) -> Option<String> {
        let (attempt, has_ended) =
            message.run.as_ref().map_or((1, true), |run| (run.attempt, run.status.has_ended()));
        self.changes = self.changes.wrapping_add(1);
        let is_full = self.changes.is_multiple_of(FULL_EVERY) || (has_ended && !self.has_ended);
        self.has_ended = has_ended;
        self.take(message, attempt, is_full)
    }

    /// The same, with every byte.
    pub(super) fn compare(&mut self, message: &Message) -> Option<String> {
        let attempt = message.run.as_ref().map_or(1, |run| run.attempt);
        self.take(message, attempt, true)
    }

    fn take(&mut self, message: &Message, attempt: u32, is_full: bool) -> Option<String> {
        if attempt > self.attempt {
            // A new try thinks anew; what it says goes on.
            self.attempt = attempt;
            self.thinking.clear();
        }
        let text = grow(&mut self.text, &message.text, is_full).map(|what| format!("the text {what}"));
        let thinking = grow(&mut self.thinking, &message.thinking, is_full);
        text.or_else(|| thinking.map(|what| format!("the thinking {what}")))
    }
}

fn grow(shown: &mut String, now: &str, is_full: bool) -> Option<String> {
    let length = shown.len();
    if now.len() < length {
        let what = format!("shrank from {length} to {} bytes", now.len());
        now.clone_into(shown);
        return Some(what);
    }
    let from = if is_full { 0 } else { length.saturating_sub(GLANCE) };
    if shown.as_bytes()[from..] != now.as_bytes()[from..length] {
        let same = shown.bytes().zip(now.bytes()).take_while(|(before, after)| before == after).count();
        now.clone_into(shown);
        return Some(format!("of {length} bytes changed at byte {same}"));
    }
    // The same bytes up to here, so it is the start of a character in both.
    if let Some(new) = now.get(length..) {
        shown.push_str(new);
    }
    None
}
