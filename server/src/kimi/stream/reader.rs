//! From payloads to deltas: chunks of every dialect, usage counted once, errors inside a good response. It knows no
//! time and no IO.

use std::{collections::VecDeque, sync::Arc};

use serde::Deserialize;
use serde_json::Value;

use super::{SeenKey, ThinkingKey};
use crate::kimi::{Clean, Delta, Error, FinishReason, ToolCallDelta, Usage, sse::Payload};

/// Bytes of text, thinking and arguments that one reply may have: 16 for each token of the longest context.
const MAX_REPLY: usize = 16 * 1024 * 1024;

/// Turns payloads into deltas and remembers what only the end can tell.
pub(super) struct Reader {
    seen_key: Arc<SeenKey>,
    secret: Option<Arc<str>>,
    finish: Option<FinishReason>,
    top_usage: Option<Usage>,
    choice_usage: Option<Usage>,
    length: usize,
}

impl Reader {
    pub(super) fn new(seen_key: Arc<SeenKey>, secret: Option<Arc<str>>) -> Self {
        Self { seen_key, secret, finish: None, top_usage: None, choice_usage: None, length: 0 }
    }

    /// Top level wins over `choices[0]`: both say the same at Moonshot, and only one of them exists elsewhere.
    pub(super) fn usage(&self) -> Option<Usage> {
        self.top_usage.or(self.choice_usage)
    }

    pub(super) fn interrupted(&self, detail: &str) -> Error {
        Error::Interrupted { finish: self.finish, detail: Clean::new(detail, self.secret.as_deref()) }
    }

    fn garbled(&self, detail: &str) -> Error {
        Error::Garbled { detail: Clean::new(detail, self.secret.as_deref()) }
    }

    /// True for `[DONE]`.
    pub(super) fn read(
        &mut self,
        payload: Payload,
        out: &mut VecDeque<Result<Delta, Error>>,
    ) -> Result<bool, Error> {
        let chunk: Chunk = match payload {
            Payload::Done => return Ok(true),
            Payload::Error(error) => {
                let error = serde_json::from_str(&error).unwrap_or(Value::String(error));
                Chunk { error: Some(error), ..Chunk::default() }
            }
            // The parser's words name a position and a type, never the text.
            Payload::Data(json) => {
                serde_json::from_str(&json).map_err(|error| self.garbled(&format!("not a chunk: {error}")))?
            }
        };
        // Before an error as well: OpenRouter sends both in one chunk.
        self.top_usage = chunk.usage.map(Usage::from).or(self.top_usage);
        if let Some(error) =
            chunk.error.as_ref().and_then(|error| Error::from_payload(error, self.secret.as_deref()))
        {
            return Err(error);
        }
        let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() else { return Ok(false) };
        self.choice_usage = choice.usage.map(Usage::from).or(self.choice_usage);
        let mut deltas = Vec::new();
        if let Some(delta) = choice.delta {
            self.read_delta(delta, &mut deltas);
        }
        if self.length > MAX_REPLY {
            return Err(Error::TooLarge { what: "a reply", limit: MAX_REPLY });
        }
        out.extend(deltas.into_iter().map(Ok));
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some("error") => {
                let detail = Clean::new("finish reason \"error\" without an error", None);
                return Err(Error::Server { after: None, detail });
            }
            // Only the first counts, so that a server that repeats it does not finish twice.
            Some(word) if self.finish.is_none() => {
                let reason = finish_reason(word);
                self.finish = Some(reason);
                out.push_back(Ok(Delta::Finish(reason)));
            }
            Some(_) => {}
        }
        Ok(false)
    }

    fn read_delta(&mut self, delta: RawDelta, out: &mut Vec<Delta>) {
        let details = details_text(delta.reasoning_details.as_ref());
        let thinking = [
            (ThinkingKey::ReasoningContent, delta.reasoning_content),
            (ThinkingKey::Reasoning, delta.reasoning),
            (ThinkingKey::ReasoningDetails, details),
        ];
        // One of them: OpenRouter gives the same text in two keys.
        let thinking =
            thinking.into_iter().find_map(|(key, text)| Some((key, text.filter(|text| !text.is_empty())?)));
        if let Some((key, text)) = thinking {
            self.seen_key.set(key);
            self.length += text.len();
            out.push(Delta::Thinking(text));
        }
        if let Some(text) = delta.content.filter(|text| !text.is_empty()) {
            self.length += text.len();
            out.push(Delta::Text(text));
        }
        for (position, call) in delta.tool_calls.unwrap_or_default().into_iter().enumerate() {
            let function = call.function.unwrap_or_default();
            let arguments = function.arguments.unwrap_or_default();
            // The fixed part counts too, so that empty pieces without end are bounded.
            self.length += arguments.len() + 1;
            out.push(Delta::ToolCall(ToolCallDelta {
                index: call.index.unwrap_or(position),
                id: call.id.filter(|id| !id.is_empty()),
                name: function.name.filter(|name| !name.is_empty()),
                arguments,
            }));
        }
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

fn details_text(details: Option<&Value>) -> Option<String> {
    let texts = details?
        .as_array()?
        .iter()
        .filter_map(|detail| detail.get("text").or_else(|| detail.get("summary")).and_then(Value::as_str));
    Some(texts.collect())
}

/// A chunk as anybody may send it: everything is optional, unknown keys are ignored (§9).
#[derive(Default, Deserialize)]
struct Chunk {
    #[serde(default)]
    error: Option<Value>,
    #[serde(default)]
    choices: Option<Vec<Choice>>,
    #[serde(default)]
    usage: Option<RawUsage>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Option<RawDelta>,
    #[serde(default)]
    finish_reason: Option<String>,
    #[serde(default)]
    usage: Option<RawUsage>,
}

#[derive(Deserialize)]
struct RawDelta {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    reasoning_content: Option<String>,
    #[serde(default)]
    reasoning: Option<String>,
    #[serde(default)]
    reasoning_details: Option<Value>,
    #[serde(default)]
    tool_calls: Option<Vec<RawToolCall>>,
}

#[derive(Deserialize)]
struct RawToolCall {
    #[serde(default)]
    index: Option<usize>,
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    function: Option<RawFunction>,
}

#[derive(Default, Deserialize)]
struct RawFunction {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    arguments: Option<String>,
}

#[derive(Deserialize)]
struct RawUsage {
    #[serde(default)]
    prompt_tokens: Option<Value>,
    #[serde(default)]
    completion_tokens: Option<Value>,
    #[serde(default)]
    cached_tokens: Option<Value>,
    #[serde(default)]
    prompt_tokens_details: Option<Value>,
    #[serde(default)]
    completion_tokens_details: Option<Value>,
}

impl From<RawUsage> for Usage {
    fn from(raw: RawUsage) -> Self {
        let detail = |details: Option<&Value>, key: &str| details?.get(key).cloned();
        let cached =
            raw.cached_tokens.or_else(|| detail(raw.prompt_tokens_details.as_ref(), "cached_tokens"));
        let reasoning = detail(raw.completion_tokens_details.as_ref(), "reasoning_tokens");
        Self {
            prompt_tokens: count(raw.prompt_tokens),
            cached_tokens: count(cached),
            completion_tokens: count(raw.completion_tokens),
            reasoning_tokens: count(reasoning),
        }
    }
}

/// Missing, null, negative and fractional numbers count as zero: some servers have sent each of them (§6.4).
fn count(number: Option<Value>) -> u64 {
    number.as_ref().and_then(Value::as_u64).unwrap_or(0)
}
