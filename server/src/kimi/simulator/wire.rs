//! The JSON of chunks and of whole replies, byte for byte as §2, §3.1 and §8 show them. Written by hand, because key
//! order is part of the format here. Framing and timing are not.

use super::{
    faults::{Fault, json_string},
    script::Dialect,
};

/// One chunk, before it is written in a dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chunk {
    /// `"choices":[]` and nothing else.
    NoChoices,
    /// The first delta, with the role.
    Role,
    Thinking(String),
    /// The empty delta that closes thinking.
    ThinkingEnd,
    Text(String),
    /// The `tool_calls` array of a delta, as JSON.
    ToolCalls(String),
    Finish,
    /// The last chunk, with usage at the top level.
    Usage,
    Error(Fault),
}

/// Tokens as they are reported; signed, because wrong ones are scripted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub prompt: i64,
    pub completion: i64,
    pub cached: i64,
    /// `None` for models that do not think.
    pub reasoning: Option<i64>,
}

/// What all chunks of one reply share.
#[expect(clippy::struct_excessive_bools, reason = "switches of the script, one by one")]
#[derive(Debug, Clone)]
pub(super) struct Envelope {
    pub dialect: Dialect,
    pub id: String,
    pub created: u64,
    pub model: String,
    pub fingerprint: Option<String>,
    pub finish_reason: String,
    pub counts: Counts,
    pub choice_usage: bool,
    pub usage_null: bool,
    pub continuous_usage: bool,
    pub null_content: bool,
    pub thinking_key: String,
}

impl Envelope {
    /// The payload of one event, without its framing.
    pub(super) fn chunk(&self, chunk: &Chunk) -> String {
        if let Chunk::Error(fault) = chunk {
            return self.error(fault);
        }
        let usage = match chunk {
            Chunk::Usage => format!(r#","usage":{}"#, self.usage()),
            // OpenRouter's usage is in its last chunk, which still has a choice.
            _ if self.continuous_usage => format!(r#","usage":{}"#, self.usage()),
            _ if self.usage_null => r#","usage":null"#.to_owned(),
            _ => String::new(),
        };
        let choices = match chunk {
            Chunk::NoChoices | Chunk::Usage => String::new(),
            _ => self.choice(chunk),
        };
        self.wrap(&choices, &usage)
    }

    fn wrap(&self, choices: &str, usage: &str) -> String {
        let (id, model, created) = (json_string(&self.id), json_string(&self.model), self.created);
        let fingerprint = self.fingerprint.as_deref().map_or(String::new(), |fingerprint| {
            format!(r#","system_fingerprint":{}"#, json_string(fingerprint))
        });
        let object = r#""object":"chat.completion.chunk""#;
        match self.dialect {
            Dialect::Moonshot | Dialect::Vllm => format!(
                r#"{{"id":{id},{object},"created":{created},"model":{model},"choices":[{choices}]{usage}{fingerprint}}}"#
            ),
            Dialect::Ollama => format!(
                r#"{{"id":{id},{object},"created":{created},"model":{model}{fingerprint},"choices":[{choices}]{usage}}}"#
            ),
            Dialect::LlamaCpp => {
                let timings = if usage.is_empty() {
                    ""
                } else {
                    r#","timings":{"prompt_n":1,"predicted_n":1,"predicted_ms":1.5}"#
                };
                format!(
                    r#"{{"choices":[{choices}],"created":{created},"id":{id},"model":{model}{fingerprint},{object}{usage}{timings}}}"#
                )
            }
            Dialect::OpenRouter => format!(
                r#"{{"id":{id},"provider":"Moonshot AI","model":{model},{object},"created":{created},"choices":[{choices}]{usage}}}"#
            ),
        }
    }

    fn choice(&self, chunk: &Chunk) -> String {
        let delta = self.delta(chunk);
        let finish = match chunk {
            Chunk::Finish => json_string(&self.finish_reason),
            _ => "null".to_owned(),
        };
        match self.dialect {
            Dialect::Moonshot => {
                let usage = match chunk {
                    Chunk::Finish if self.choice_usage => format!(r#","usage":{}"#, self.usage()),
                    _ => String::new(),
                };
                format!(r#"{{"index":0,"delta":{{{delta}}},"finish_reason":{finish}{usage}}}"#)
            }
            Dialect::Ollama => format!(r#"{{"index":0,"delta":{{{delta}}},"finish_reason":{finish}}}"#),
            Dialect::Vllm => {
                format!(r#"{{"index":0,"delta":{{{delta}}},"logprobs":null,"finish_reason":{finish}}}"#)
            }
            Dialect::LlamaCpp => format!(r#"{{"finish_reason":{finish},"index":0,"delta":{{{delta}}}}}"#),
            Dialect::OpenRouter => format!(
                r#"{{"index":0,"delta":{{{delta}}},"finish_reason":{finish},"native_finish_reason":{finish},"logprobs":null}}"#
            ),
        }
    }

    /// The fields inside `"delta":{…}`.
    fn delta(&self, chunk: &Chunk) -> String {
        let empty = if self.null_content { "null" } else { "\"\"" };
        let fields = match chunk {
            Chunk::Role if self.dialect == Dialect::LlamaCpp => {
                return r#""role":"assistant","content":null"#.to_owned();
            }
            Chunk::Role => return format!(r#""role":"assistant","content":{empty}"#),
            Chunk::Thinking(text) => self.thinking(text),
            Chunk::ThinkingEnd => self.thinking(""),
            Chunk::Text(text) => format!(r#""content":{}"#, json_string(text)),
            Chunk::ToolCalls(calls) => format!(r#""tool_calls":{calls}"#),
            _ => String::new(),
        };
        let has_content = fields.is_empty() || matches!(chunk, Chunk::Text(_));
        match self.dialect {
            Dialect::Ollama if !has_content => format!(r#""content":{empty},{fields}"#),
            Dialect::OpenRouter if has_content && !fields.is_empty() => {
                format!(r#""role":"assistant",{fields}"#)
            }
            Dialect::OpenRouter if fields.is_empty() => r#""role":"assistant","content":"""#.to_owned(),
            Dialect::OpenRouter => format!(r#""role":"assistant","content":{empty},{fields}"#),
            _ if self.null_content && !has_content => format!(r#""content":null,{fields}"#),
            _ => fields,
        }
    }

    fn thinking(&self, text: &str) -> String {
        let text = json_string(text);
        let details = || {
            format!(
                r#""reasoning_details":[{{"type":"reasoning.text","text":{text},"format":null,"index":0}}]"#
            )
        };
        match self.thinking_key.as_str() {
            "reasoning_details" => details(),
            "reasoning" if self.dialect == Dialect::OpenRouter => {
                format!(r#""reasoning":{text},{}"#, details())
            }
            key => format!(r#""{key}":{text}"#),
        }
    }

    fn error(&self, fault: &Fault) -> String {
        match self.dialect {
            // Not wrapped by its middleware.
            Dialect::Ollama => format!(r#"{{"error":{}}}"#, json_string(&fault.message)),
            Dialect::OpenRouter => format!(
                r#"{{"id":{},"object":"chat.completion.chunk","created":{},"model":{},"provider":"Moonshot AI","error":{{"code":{},"message":{}}},"choices":[{{"index":0,"delta":{{"content":""}},"finish_reason":"error"}}]}}"#,
                json_string(&self.id),
                self.created,
                json_string(&self.model),
                json_string(&fault.kind),
                json_string(&fault.message)
            ),
            // The field name is `error`, see `framing`.
            Dialect::LlamaCpp => fault.object(self.dialect),
            Dialect::Moonshot | Dialect::Vllm => fault.body(self.dialect),
        }
    }

    /// The usage object.
    pub(super) fn usage(&self) -> String {
        let Counts { prompt, completion, cached, reasoning } = self.counts;
        let total = prompt + completion;
        let reasoning_details =
            reasoning.map(|count| format!(r#","completion_tokens_details":{{"reasoning_tokens":{count}}}"#));
        let reasoning_details = reasoning_details.unwrap_or_default();
        let cached_details = format!(r#","prompt_tokens_details":{{"cached_tokens":{cached}}}"#);
        match self.dialect {
            Dialect::Moonshot => {
                // Both forms of the cached tokens are absent when there are none.
                let (flat, details) = if cached == 0 {
                    (String::new(), String::new())
                } else {
                    (format!(r#","cached_tokens":{cached}"#), cached_details)
                };
                format!(
                    r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total}{flat}{reasoning_details}{details}}}"#
                )
            }
            Dialect::Ollama => format!(
                r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total}}}"#
            ),
            Dialect::LlamaCpp => format!(
                r#"{{"completion_tokens":{completion},"prompt_tokens":{prompt},"total_tokens":{total}{cached_details}}}"#
            ),
            Dialect::Vllm => format!(
                r#"{{"prompt_tokens":{prompt},"total_tokens":{total},"completion_tokens":{completion}{cached_details}}}"#
            ),
            Dialect::OpenRouter => format!(
                r#"{{"prompt_tokens":{prompt},"completion_tokens":{completion},"total_tokens":{total},"cost":0.00042{cached_details}{reasoning_details}}}"#
            ),
        }
    }

    /// The body of a reply that was not streamed (§3.1).
    pub(super) fn whole(&self, text: &str, thinking: Option<&str>, tool_calls: Option<&str>) -> String {
        let (id, model, created) = (json_string(&self.id), json_string(&self.model), self.created);
        let thinking = thinking.map_or(String::new(), |thinking| format!(",{}", self.thinking(thinking)));
        let tool_calls = tool_calls.map_or(String::new(), |calls| format!(r#","tool_calls":{calls}"#));
        format!(
            r#"{{"id":{id},"object":"chat.completion","created":{created},"model":{model},"choices":[{{"index":0,"message":{{"role":"assistant","content":{}{thinking}{tool_calls}}},"finish_reason":{}}}],"usage":{}}}"#,
            json_string(text),
            json_string(&self.finish_reason),
            self.usage()
        )
    }
}
