//! Every switch of the simulator, in one flat structure: the same names in `/sim …` and in the admin endpoint.
//! What the switches do is in `plan`, `wire`, `framing` and `faults`.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// Tokens that one reply may have, so that a prompt costs a bounded amount.
pub(super) const MAX_TOKENS: u32 = 32_768;

/// Switches as they are written: layers of them are laid over each other before they are read.
pub(super) type Layer = Map<String, Value>;

/// What to do with one request. Everything left out behaves as Moonshot does.
#[expect(clippy::struct_excessive_bools, reason = "switches are on or off, and any combination may be tried")]
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Script {
    // Which requests (only in queued scripts).
    /// Only requests whose last user message holds this text.
    #[serde(rename = "match")]
    pub matches: Option<String>,
    /// Queued: for this many requests (1). In a prompt: faults only at the first so many requests with it (all).
    pub times: Option<u32>,
    pub endpoint: Endpoint,

    // Pace.
    /// Text tokens per second (60); 0 means as fast as possible, for thinking too.
    pub rate: Option<f64>,
    /// Thinking tokens per second (40).
    pub thinking_rate: Option<f64>,
    /// Wait before the head of the response.
    pub first_byte_ms: u64,
    /// Wait between the head and the first chunk.
    pub silence_ms: u64,
    /// Places to stop at until released: `name@place`, comma-separated; see `plan::places`.
    pub gate: Option<String>,

    // What is said.
    pub text: Option<String>,
    pub thinking: Option<String>,
    /// The text token by token, for captures.
    pub text_pieces: Option<Vec<String>>,
    /// The thinking token by token, for captures.
    pub thinking_pieces: Option<Vec<String>>,
    /// The text has exactly this many tokens.
    pub tokens: Option<u32>,
    /// The thinking has exactly this many tokens.
    pub thinking_tokens: Option<u32>,
    pub no_thinking: bool,
    /// Thinking only, no text, finish reason `length`.
    pub empty: bool,
    pub table: bool,
    pub code: bool,
    pub list: bool,
    pub unicode: bool,
    /// The list of these words.
    pub help: bool,
    /// Names of functions to call, comma-separated.
    pub tool: Option<String>,
    pub tool_arguments: Option<String>,
    /// `{name}` and `{index}` are filled in; `{name}_{index}` by default.
    pub tool_id: Option<String>,
    /// Arguments in pieces of so many characters; without it in one piece after the head.
    pub tool_fragments: Option<usize>,
    /// Each call in one chunk, arguments included.
    pub tool_whole: bool,
    /// Calls again when the tool has answered, instead of answering.
    pub tool_always: bool,
    /// Fragments without `index`.
    pub tool_no_index: bool,
    pub finish_reason: Option<String>,
    /// What a partial turn leads to.
    pub partial: Partial,

    // Identity and counts.
    pub id: Option<String>,
    pub created: Option<u64>,
    pub fingerprint: Option<String>,
    pub usage: UsageScript,
    /// The models on offer, also those a completion may name.
    pub models: Option<Vec<String>>,

    // Shape.
    pub dialect: Dialect,
    /// The last `choices:[]` chunk with usage, whatever the request asks.
    pub include_usage: Option<bool>,
    /// No usage in `choices[0]`.
    pub no_choice_usage: bool,
    /// `"usage":null` on all other chunks, as the documentation says.
    pub usage_null: bool,
    /// Usage so far on every chunk, as vLLM can.
    pub continuous_usage: bool,
    /// `"content":null` in the first delta and beside thinking.
    pub null_content: bool,
    /// A `choices:[]` chunk before all others.
    pub empty_choices_first: bool,
    /// The key of thinking: `reasoning_content`, `reasoning` or `reasoning_details`.
    pub thinking_key: Option<String>,

    // Framing.
    /// `data:` without the space.
    pub no_space: bool,
    pub crlf: bool,
    /// A byte order mark first.
    pub bom: bool,
    /// One line break between events, where there should be two.
    pub no_empty_lines: bool,
    /// A comment before every so many chunks.
    pub comments: Option<u32>,
    /// Writes of so many bytes.
    pub split: Option<usize>,
    /// Only the next write is cut, at this byte: the chunk with text token `split_token`.
    pub split_at: Option<usize>,
    pub split_token: u32,
    /// No line break after `[DONE]`.
    pub bare_done: bool,
    /// `; charset=utf-8` after the content type.
    pub charset: bool,

    // Failures.
    /// An error instead of a reply: a name or a status of `faults`.
    #[serde(deserialize_with = "word")]
    pub fail: Option<String>,
    /// Seconds for `Retry-After`; `none` removes it.
    #[serde(deserialize_with = "word")]
    pub retry_after: Option<String>,
    /// The connection breaks after this many text tokens of the reply; a continuation from there is not cut again.
    pub cut: Option<u32>,
    /// The connection breaks after this many text tokens of this response, continuation or not.
    pub cut_after: Option<u32>,
    /// The connection breaks after this many thinking tokens.
    pub cut_thinking: Option<u32>,
    pub cut_before_finish: bool,
    pub cut_before_done: bool,
    /// Cuts end the body properly, so that only `[DONE]` is missing.
    pub clean_cut: bool,
    /// An error object in the stream: a name or a status of `faults`.
    #[serde(deserialize_with = "word")]
    pub stream_error: Option<String>,
    /// After this many text tokens (10).
    pub stream_error_at: Option<u32>,
    /// Two merged lines after this many text tokens.
    pub garbage: Option<u32>,
    /// What to write there instead, as it is.
    pub garbage_line: Option<String>,
}

/// Switches that stop counting after `times` requests with the same prompt.
const FAULTS: [&str; 14] = [
    "fail",
    "retry_after",
    "cut",
    "cut_after",
    "cut_thinking",
    "cut_before_finish",
    "cut_before_done",
    "clean_cut",
    "stream_error",
    "stream_error_at",
    "garbage",
    "garbage_line",
    "first_byte_ms",
    "silence_ms",
];

/// What a queued script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Endpoint {
    #[default]
    Chat,
    Models,
    Balance,
    Estimate,
}

/// Whose wire format (§8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub(super) enum Dialect {
    #[default]
    #[serde(rename = "moonshot")]
    Moonshot,
    #[serde(rename = "ollama")]
    Ollama,
    #[serde(rename = "llama.cpp", alias = "llama_cpp")]
    LlamaCpp,
    #[serde(rename = "vllm")]
    Vllm,
    #[serde(rename = "openrouter")]
    OpenRouter,
}

/// How a server takes a partial turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Partial {
    /// As Moonshot does (§1.4): with what follows.
    #[default]
    Continue,
    /// As a server that does not know it: with an answer from the start.
    Ignore,
    /// As a server that does not allow it.
    Refuse,
}

/// Counts to report instead of the real ones. Signed, because servers have sent negative ones.
#[expect(clippy::struct_field_names, reason = "the names are those of the wire")]
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct UsageScript {
    pub prompt_tokens: Option<i64>,
    pub completion_tokens: Option<i64>,
    pub cached_tokens: Option<i64>,
    pub reasoning_tokens: Option<i64>,
}

impl Script {
    /// Reads a layer; the error names the switch that is wrong.
    pub(super) fn read(layer: &Layer) -> Result<Self, String> {
        serde_json::from_value(Value::Object(layer.clone())).map_err(|error| error.to_string())
    }
}

/// Lays `upper` over `lower`.
pub(super) fn overlay(lower: &mut Layer, upper: Layer) {
    lower.extend(upper);
}

/// Takes the failures out, when a prompt has had its `times` of them.
pub(super) fn without_faults(layer: &mut Layer) {
    layer.retain(|name, _| !FAULTS.contains(&name.as_str()));
}

/// `429` may be written as a number.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(word) => Some(word),
        other => Some(other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(layer: Value) -> Result<Script, String> {
        Script::read(layer.as_object().unwrap())
    }

    #[test]
    fn a_misspelt_switch_is_an_error_that_names_it() {
        assert!(read(json!({"tokns": 5})).unwrap_err().contains("tokns"));
        assert!(read(json!({"tokens": "many"})).is_err());
        assert_eq!(read(json!({"fail": 429})).unwrap().fail.as_deref(), Some("429"));
        assert_eq!(read(json!({"dialect": "llama.cpp"})).unwrap().dialect, Dialect::LlamaCpp);
    }

    #[test]
    fn every_fault_is_a_switch() {
        let known = read(json!({"no such switch": 1})).unwrap_err();
        for fault in FAULTS {
            assert!(known.contains(&format!("`{fault}`")), "{fault}");
        }
    }
}
