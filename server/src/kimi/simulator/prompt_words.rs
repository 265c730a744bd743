//! How people script the simulator: words in the prompt. Plain words only choose what is shown and how fast;
//! failures need `/sim …`, so that nobody's prose can break a reply by accident.

use serde_json::{Value, json};

use super::script::{Layer, MAX_TOKENS, Script};

/// What `/sim help` shows, and the documentation of the words.
pub(super) const WORDS: &[(&str, &str)] = &[
    ("`/sim table code list unicode`", "shows these; also in plain words, as in *show me a table*"),
    (
        "`/sim tokens=2000`, `/sim long`",
        "an answer of exactly that length; also *2000 tokens*, *a long answer*",
    ),
    ("`/sim rate=50`, `slow`, `fast`", "tokens per second; also *slowly*"),
    (
        "`/sim thinking_tokens=300`, `think_hard`, `no_thinking`",
        "how much to think; also *think hard*, *no thinking*",
    ),
    ("`/sim first_byte_ms=5000`", "silence before the answer"),
    (
        "`/sim fail=429`",
        "an error: a status, or a name such as `overloaded`, `rate`, `quota`, `content_filter`",
    ),
    ("`/sim cut=100`", "the connection breaks after 100 tokens of the answer, once"),
    ("`/sim cut_after=100`", "the same, in every attempt"),
    ("`/sim cut_thinking=5`", "it breaks while thinking; with `times=1` only at the first attempt"),
    ("`/sim partial=ignore`, `partial=refuse`", "a server that does not continue a reply that was cut"),
    ("`/sim stream_error=overloaded`", "an error in the middle of the answer"),
    ("`/sim garbage=20`", "a damaged line after 20 tokens"),
    ("`/sim empty`", "all tokens are used up by thinking"),
    ("`/sim split=1`, `crlf`, `no_space`, `comments=1`", "odd framings that must not show"),
    ("`/sim dialect=ollama`", "or `llama.cpp`, `vllm`, `openrouter`: the formats of other servers"),
    ("`/sim tool=$web_search`", "asks for a tool first"),
    ("`/sim gate=name@20`", "waits at token 20 for `POST /simulator/gates/name`"),
    ("`/sim times=1`", "with any failure: only at the first attempt"),
];

/// Parts of plain sentences that choose something harmless.
const PHRASES: &[(&str, &str)] = &[
    ("table", "table"),
    ("code", "code"),
    ("bullet", "list"),
    ("list", "list"),
    ("unicode", "unicode"),
    ("emoji", "unicode"),
    ("many languages", "unicode"),
    ("slowly", "slow"),
    ("long answer", "long"),
    ("at length", "long"),
    ("think hard", "think_hard"),
    ("no thinking", "no_thinking"),
    ("without thinking", "no_thinking"),
];

/// Switches that a prompt cannot set: they say which requests a queued script is for.
const QUEUE_ONLY: [&str; 2] = ["match", "endpoint"];

/// The switches that a prompt asks for. Unknown words are ignored: they are just words.
pub(super) fn read(prompt: &str) -> Layer {
    let (prose, commands) = separate(prompt);
    let mut layer = Layer::new();
    let prose = prose.to_lowercase();
    let words: Vec<&str> = prose.split(|character: char| !character.is_alphanumeric()).collect();
    let spaced = format!(" {} ", words.join(" "));
    for (phrase, name) in PHRASES {
        if spaced.contains(&format!(" {phrase} ")) || spaced.contains(&format!(" {phrase}s ")) {
            insert(&mut layer, name, None);
        }
    }
    for pair in words.windows(2) {
        if let ([number, "tokens"], Ok(count)) = (pair, pair[0].parse::<u32>()) {
            _ = number;
            layer.insert("tokens".to_owned(), json!(count.min(MAX_TOKENS)));
        }
    }
    for command in commands.iter().flat_map(|commands| commands.split_whitespace()) {
        let (name, value) =
            command.split_once('=').map_or((command, None), |(name, value)| (name, Some(value)));
        insert(&mut layer, &name.to_lowercase().replace('-', "_"), value);
    }
    layer
}

/// What a person wrote apart from the commands.
pub(super) fn prose(prompt: &str) -> String {
    separate(prompt).0
}

/// Takes the rest of every line after a word `/sim` out of the prompt.
fn separate(prompt: &str) -> (String, Vec<String>) {
    let mut prose = Vec::new();
    let mut commands = Vec::new();
    for line in prompt.lines() {
        let found = line.match_indices("/sim").map(|(position, _)| position).find(|position| {
            let before = line[..*position].chars().next_back().is_none_or(char::is_whitespace);
            before && line[position + 4..].chars().next().is_none_or(char::is_whitespace)
        });
        match found {
            Some(position) => {
                prose.push(line[..position].trim_end().to_owned());
                commands.push(line[position + 4..].to_owned());
            }
            None => prose.push(line.to_owned()),
        }
    }
    (prose.join("\n").trim().to_owned(), commands)
}

fn insert(layer: &mut Layer, name: &str, value: Option<&str>) {
    let (name, value) = match (name, value) {
        ("slow", None) => ("rate", json!(8)),
        ("fast", None) => ("rate", json!(0)),
        ("long", None) => ("tokens", json!(2_000)),
        ("think_hard", None) => ("thinking_tokens", json!(300)),
        ("fail" | "stream_error", None) => (name, json!("overloaded")),
        ("cut" | "cut_after", None) => (name, json!(40)),
        ("cut_thinking", None) => (name, json!(5)),
        ("garbage", None) => (name, json!(20)),
        ("comments" | "split", None) => (name, json!(1)),
        ("tool", None) => (name, json!("get_weather")),
        (_, None) => (name, json!(true)),
        (_, Some(value)) => {
            (name, serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned())))
        }
    };
    let one = Layer::from_iter([(name.to_owned(), value)]);
    if !QUEUE_ONLY.contains(&name) && Script::read(&one).is_ok() {
        layer.extend(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(prompt: &str, expected: Value) {
        assert_eq!(Value::Object(read(prompt)), expected, "{prompt}");
    }

    #[test]
    fn commands_are_switches() {
        check("/sim rate=50 tokens=2000 cut=100", json!({"rate": 50, "tokens": 2000, "cut": 100}));
        check("tell me more /sim fail=429 please", json!({"fail": 429}));
        check("hi\n/sim slow no-thinking\nbye", json!({"rate": 8, "no_thinking": true}));
        check("/sim cut tokens dialect=llama.cpp", json!({"cut": 40, "dialect": "llama.cpp"}));
        check("/sim match=x endpoint=models", json!({}));
    }

    #[test]
    fn plain_words_choose_what_is_shown() {
        check("Show me a table, please.", json!({"table": true}));
        check("Write 500 tokens with emojis", json!({"tokens": 500, "unicode": true}));
        check("Think hard and answer slowly", json!({"thinking_tokens": 300, "rate": 8}));
    }

    #[test]
    fn prose_never_fails_and_paths_are_no_commands() {
        check("Why does my server fail with 429, cut the stream and send garbage?", json!({}));
        check("look at /simulator and https://x/sim cut", json!({}));
        check("vegetables, encode, stable", json!({}));
    }

    #[test]
    fn every_documented_command_is_understood() {
        for (form, _) in WORDS {
            for command in form.split(['`', ',']).map(|part| part.trim().trim_start_matches("/sim ")) {
                for word in command.split_whitespace() {
                    assert!(!read(&format!("/sim {word}")).is_empty(), "{word}");
                }
            }
        }
        assert!(Script::read(&read("/sim help")).unwrap().help);
    }
}
