//! By what a reply was written, and what it took: for those who ask.

use super::run_status::thought;
use crate::chat::Html;
use crate::protocol::{Run, Thinking};

/// What the toolbar says about a reply.
pub fn facts(run: &Run, html: &mut Html) {
    html.tag("<span class=\"facts\">").text(&words(run)).tag("</span>");
}

fn words(run: &Run) -> String {
    let mut words = run.model.clone();
    if run.thinking != Thinking::Default {
        words.push_str(", thinking ");
        words.push_str(run.thinking.name());
    }
    if let Some(thought) = thought(run) {
        words.push_str(", ");
        words.push_str(&thought);
    }
    if let Some(usage) = &run.usage {
        words.push_str(", ");
        words.push_str(&grouped(usage.completion_tokens));
        words.push_str(" tokens");
    }
    words
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Said above a reply that another model has written than was chosen.
pub fn instead(run: &Run) -> Option<String> {
    let chosen = run.instead_of.as_ref()?;
    let mut words = chosen.clone();
    words.push_str(" is not on offer any more. ");
    words.push_str(&run.model);
    words.push_str(" answers instead.");
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Usage;

    #[test]
    fn a_reply_says_what_wrote_it_and_what_it_took() {
        let mut run = Run::queued("kimi-k2.6".to_owned());
        assert_eq!(words(&run), "kimi-k2.6");
        (run.thinking_at, run.writing_at) = (Some(1_000), Some(5_000));
        run.usage = Some(Usage { completion_tokens: 1_234, ..Usage::default() });
        assert_eq!(words(&run), "kimi-k2.6, thought for 4 s, 1,234 tokens");
        run.thinking = Thinking::Off;
        run.thinking_at = None;
        assert_eq!(words(&run), "kimi-k2.6, thinking off, 1,234 tokens");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
            assert_eq!(grouped(number), text);
        }
    }
}
