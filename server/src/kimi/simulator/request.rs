//! A completion request as the simulator reads it: leniently, because `checks` is what refuses.

use serde_json::Value;

use super::tokens;

/// Default of §1.2 where a request names no budget.
const DEFAULT_BUDGET: u64 = 131_072;

/// The parsed body, with the few questions that are asked of it.
#[derive(Debug, Clone)]
pub(super) struct ChatRequest {
    pub body: Value,
}

impl ChatRequest {
    pub(super) fn model(&self) -> &str {
        self.body["model"].as_str().unwrap_or_default()
    }

    pub(super) fn messages(&self) -> &[Value] {
        self.body["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    pub(super) fn is_stream(&self) -> bool {
        self.body["stream"].as_bool().unwrap_or(false)
    }

    pub(super) fn includes_usage(&self) -> bool {
        self.body["stream_options"]["include_usage"].as_bool().unwrap_or(false)
    }

    /// Tokens for thinking and text together; the newer field wins.
    pub(super) fn budget(&self) -> usize {
        let field = |name: &str| self.body[name].as_u64();
        let budget = field("max_completion_tokens").or_else(|| field("max_tokens")).unwrap_or(DEFAULT_BUDGET);
        usize::try_from(budget).unwrap_or(usize::MAX)
    }

    /// The last thing a user said.
    pub(super) fn prompt(&self) -> String {
        let last = self.messages().iter().rev().find(|message| message["role"] == "user");
        last.map(content).unwrap_or_default()
    }

    /// The beginning of the answer that is to be continued.
    pub(super) fn partial(&self) -> Option<String> {
        let last = self.messages().last()?;
        (last["role"] == "assistant" && last["partial"] == true).then(|| content(last))
    }

    pub(super) fn follows_tool(&self) -> bool {
        self.messages().last().is_some_and(|message| message["role"] == "tool")
    }

    /// The model thinks, and was not told to leave it.
    pub(super) fn thinks(&self) -> bool {
        let old = self.model().starts_with("moonshot-v1") || self.model().starts_with("kimi-k2-0");
        !old && self.body["thinking"]["type"] != "disabled"
    }

    /// Estimated prompt tokens, and how many of them a cache would hold: all but the last message, once they are
    /// more than 256 (§6.14).
    pub(super) fn prompt_tokens(&self) -> (usize, usize) {
        let size = |message: &Value| tokens::count(&content(message)) + 4;
        let sizes: Vec<usize> = self.messages().iter().map(size).collect();
        let total = sizes.iter().sum::<usize>() + 80;
        let before = total - sizes.last().copied().unwrap_or_default();
        (total, if before > 256 { before } else { 0 })
    }
}

/// The text of a message, be its content a string or parts.
pub(super) fn content(message: &Value) -> String {
    match &message["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}
