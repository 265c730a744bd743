//! What the practice model says to a prompt: the same text and thinking every time, because they depend on nothing
//! but the prompt and the switches. How it is cut and sent is not known here.

mod passages;

use passages::{CLOSING, CODES, LISTS, OPENINGS, PARAGRAPHS, TABLES, THOUGHTS, UNICODE};

use super::{
    prompt_words::{self, WORDS},
    script::{MAX_TOKENS, Script},
    tokens,
};

/// Everything that would be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub text: String,
    pub thinking: String,
}

/// The whole reply, before any budget, cut or partial beginning.
pub(super) fn compose(prompt: &str, script: &Script) -> Reply {
    let prose = prompt_words::prose(prompt);
    let seed = hash(&prose);
    let topic = topic(&prose);
    Reply { text: text(script, seed, &topic), thinking: thinking(script, seed, &topic) }
}

fn text(script: &Script, seed: u64, topic: &str) -> String {
    if script.empty {
        return String::new();
    }
    if let Some(pieces) = &script.text_pieces {
        return pieces.concat();
    }
    let text = match &script.text {
        Some(text) => text.clone(),
        None if script.help => help(),
        // A tool is called instead.
        None if script.tool.is_some() => String::new(),
        None => demonstration(script, seed, topic),
    };
    match script.tokens {
        Some(count) => stretched(text, seed, count.min(MAX_TOKENS)),
        None => tokens::first(&text, MAX_TOKENS as usize),
    }
}

fn demonstration(script: &Script, seed: u64, topic: &str) -> String {
    let mut text = pick(&OPENINGS, seed).replace("{topic}", topic);
    let everything = !(script.table || script.code || script.list || script.unicode);
    if everything || script.list {
        text.push_str(pick(&LISTS, seed >> 8));
    }
    if everything || script.table {
        text.push_str(pick(&TABLES, seed >> 16));
    }
    if everything || script.code {
        text.push_str(pick(&CODES, seed >> 24));
    }
    if script.unicode {
        text.extend(UNICODE);
    }
    if everything {
        text.push_str(pick(&PARAGRAPHS, seed >> 32));
    }
    text + CLOSING
}

/// Exactly `count` tokens: more parts while there are too few, and cut where there are too many.
fn stretched(text: String, seed: u64, count: u32) -> String {
    exactly(text, count as usize, |step| {
        let part = step + 2;
        let turn = seed.wrapping_add(part);
        let body = match part % 4 {
            0 => pick(&TABLES, turn / 4),
            1 => pick(&CODES, turn / 4),
            2 => pick(&LISTS, turn / 4),
            _ => pick(&PARAGRAPHS, turn / 4),
        };
        format!("\n# Part {part}\n\n{body}")
    })
}

fn thinking(script: &Script, seed: u64, topic: &str) -> String {
    if script.no_thinking {
        return String::new();
    }
    if let Some(pieces) = &script.thinking_pieces {
        return pieces.concat();
    }
    if let Some(thinking) = &script.thinking {
        return thinking.clone();
    }
    let start = format!("The user is asking about {topic}.");
    let thought = |step: u64| {
        let end = if step % 4 == 3 { "\n\n" } else { "" };
        format!("{}{end}", pick(&THOUGHTS, seed.wrapping_add(step)))
    };
    match script.thinking_tokens {
        Some(count) => exactly(start, count.min(MAX_TOKENS) as usize, thought),
        None => (0..3).map(thought).fold(start, |thinking, more| thinking + &more),
    }
}

/// Grows `text` by what `more` gives for each step, until it can be cut to `count` tokens.
fn exactly(mut text: String, count: usize, more: impl Fn(u64) -> String) -> String {
    let mut length = tokens::count(&text);
    for step in 0.. {
        if length >= count {
            // Pieces at a joint may have become one, so the sum is only a guess.
            length = tokens::count(&text);
        }
        if length >= count {
            break;
        }
        let next = more(step);
        length += tokens::count(&next);
        text.push_str(&next);
    }
    tokens::first(&text, count)
}

fn help() -> String {
    let mut text =
        "## What the practice model understands\n\nFailures need `/sim`, at any place of a line; the \
        rest of the line belongs to it.\n\n| Words | What they do |\n|---|---|\n"
            .to_owned();
    for (form, meaning) in WORDS {
        text.extend(["| ", form, " | ", meaning, " |\n"]);
    }
    text
}

/// The first words of the prompt, without what Markdown could mistake.
fn topic(prose: &str) -> String {
    let words = prose.split_whitespace().take(8).collect::<Vec<_>>().join(" ");
    let plain: String =
        words.chars().filter(|character| !"*_`#[]<>|\\~$!".contains(*character)).take(60).collect();
    let plain = plain.trim_matches(|character: char| !character.is_alphanumeric());
    if plain.is_empty() { "your question".to_owned() } else { plain.to_owned() }
}

fn pick<'a>(passages: &[&'a str], seed: u64) -> &'a str {
    passages[usize::try_from(seed % passages.len() as u64).unwrap_or(0)]
}

/// FNV-1a: the standard library's hasher may change with a release, and replies may not.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(prompt: &str) -> Reply {
        compose(prompt, &Script::read(&prompt_words::read(prompt)).unwrap())
    }

    #[test]
    fn the_same_prompt_has_the_same_reply() {
        assert_eq!(reply("How do I plan a trip?"), reply("How do I plan a trip?"));
        assert_ne!(reply("How do I plan a trip?").text, reply("How do I bake bread?").text);
    }

    #[test]
    fn the_default_reply_shows_everything_and_takes_seconds() {
        let reply = reply("How do I plan a trip?");
        for part in ["**How do I plan a trip**", "## ", "|---|", "```", "/sim help"] {
            assert!(reply.text.contains(part), "{part}");
        }
        assert!((250..700).contains(&tokens::count(&reply.text)), "{}", tokens::count(&reply.text));
        assert!((30..90).contains(&tokens::count(&reply.thinking)), "{}", tokens::count(&reply.thinking));
    }

    #[test]
    fn lengths_are_exact() {
        for count in [1, 7, 300, 2_000, 20_000] {
            let reply = reply(&format!("/sim tokens={count} thinking_tokens={count}"));
            assert_eq!(tokens::count(&reply.text), count);
            assert_eq!(tokens::count(&reply.thinking), count);
        }
        assert_eq!(tokens::count(&reply("/sim tokens=4000000000").text), MAX_TOKENS as usize);
    }

    #[test]
    fn what_was_asked_for_is_shown() {
        assert!(reply("show me a table").text.contains("|---"));
        assert!(!reply("show me a table").text.contains("```"));
        assert!(reply("/sim unicode").text.contains("漢字"));
        assert!(reply("/sim help").text.contains("`/sim cut=100`"));
        assert_eq!(reply("/sim empty").text, "");
        assert_eq!(reply("/sim no_thinking").thinking, "");
    }
}
