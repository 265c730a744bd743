//! What all chunks of one reply share: ids, names, counts and the habits of the dialect.

use crate::kimi::simulator::{
    reply::hash,
    request::ChatRequest,
    script::{Dialect, Script},
    wire::{Counts, Envelope},
};

/// What the counts are made of, in tokens.
pub(super) struct Said<'a> {
    pub thinking: usize,
    pub all: usize,
    pub finish_reason: &'a str,
}

pub(super) fn envelope(request: &ChatRequest, script: &Script, said: &Said<'_>, now: u64) -> Envelope {
    let (dialect, model) = (script.dialect, request.model());
    Envelope {
        dialect,
        id: script.id.clone().unwrap_or_else(|| id(request, dialect, now)),
        created: script.created.unwrap_or(now),
        model: model.to_owned(),
        fingerprint: script.fingerprint.clone().or_else(|| fingerprint(dialect, model)),
        finish_reason: said.finish_reason.to_owned(),
        counts: counts(request, script, said),
        choice_usage: !script.no_choice_usage,
        usage_null: script.usage_null,
        continuous_usage: script.continuous_usage,
        null_content: script.null_content,
        thinking_key: script.thinking_key.clone().unwrap_or_else(|| {
            let key = match dialect {
                Dialect::Moonshot | Dialect::LlamaCpp => "reasoning_content",
                Dialect::Ollama | Dialect::Vllm | Dialect::OpenRouter => "reasoning",
            };
            key.to_owned()
        }),
    }
}

/// Moonshot's begin with the time, as an `ObjectId` does (§3.1).
fn id(request: &ChatRequest, dialect: Dialect, now: u64) -> String {
    let hash = hash(&request.body.to_string());
    match dialect {
        Dialect::Ollama => format!("chatcmpl-{}", hash % 999),
        Dialect::OpenRouter => format!("gen-{now}-{hash:016x}"),
        _ => format!("chatcmpl-{:08x}{hash:016x}", now & 0xffff_ffff),
    }
}

fn fingerprint(dialect: Dialect, model: &str) -> Option<String> {
    match dialect {
        Dialect::Ollama => Some("fp_ollama".to_owned()),
        Dialect::LlamaCpp => Some("b6543-a1b2c3d4".to_owned()),
        // K3 has none; all others were seen with one (§2.2).
        Dialect::Moonshot if !model.starts_with("kimi-k3") => {
            Some(format!("fpv0_{:08x}", hash(model) & 0xffff_ffff))
        }
        _ => None,
    }
}

fn counts(request: &ChatRequest, script: &Script, said: &Said<'_>) -> Counts {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let (prompt, cached) = request.prompt_tokens();
    let usage = script.usage;
    let reasoning = (request.thinks() || said.thinking > 0).then(|| number(said.thinking));
    Counts {
        prompt: usage.prompt_tokens.unwrap_or_else(|| number(prompt)),
        completion: usage.completion_tokens.unwrap_or_else(|| number(said.all)),
        cached: usage.cached_tokens.unwrap_or_else(|| number(cached)),
        reasoning: usage.reasoning_tokens.or(reasoning),
    }
}
