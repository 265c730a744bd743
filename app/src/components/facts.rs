//! By what a reply was written, and what it took: for those who ask.

use super::run_status::thought;
use crate::chat::Html;
use crate::protocol::{Run, Thinking};
use crate::texts::chat as texts;

/// What the toolbar says about a reply.
pub fn facts(run: &Run, html: &mut Html) {
    html.tag("<span class=\"facts\">").text(&words(run)).tag("</span>");
}

fn words(run: &Run) -> String {
    let mut words = run.model.clone();
    let mut add = |fact: &str| {
        words.push_str(" · ");
        words.push_str(fact);
    };
    if run.thinking != Thinking::Default {
        let names = texts::efforts();
        add(&texts::effort(names.split(' ').nth(run.thinking as usize - 1).unwrap_or_default()));
    }
    if let Some(thought) = thought(run) {
        add(&thought);
    }
    if let Some(usage) = &run.usage {
        add(&texts::tokens(usage.completion_tokens));
    }
    words
}

/// Said above a reply that another model has written than was chosen.
pub fn instead(run: &Run) -> Option<String> {
    Some(texts::answers_instead(run.instead_of.as_ref()?, &run.model))
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
        assert_eq!(words(&run), "kimi-k2.6 · Thought for 4 s · 1,234 tokens");
        run.thinking = Thinking::Off;
        run.thinking_at = None;
        assert_eq!(words(&run), "kimi-k2.6 · Thinking: off · 1,234 tokens");
    }
}
