//! What the platform itself refuses: keys, models, and the rules of §1.2, §1.3 and §6 that break clients. So a client
//! that forgets one of them fails here as it would there.

use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::{
    faults::{Fault, find},
    request::{ChatRequest, content},
};

/// The models of §1.1, for a simulator that was told of no others.
pub(super) const MODELS: [&str; 4] = ["kimi-k3", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k2.6"];

/// Any key that looks like one will do.
pub(super) fn key(headers: &HeaderMap) -> Option<Fault> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match header.and_then(|value| value.strip_prefix("Bearer ")) {
        None => find("no_key"),
        Some(key) if key.starts_with("sk-") => None,
        Some(_) => find("authentication"),
    }
}

/// The first rule that the request breaks.
pub(super) fn request(request: &ChatRequest, models: &[String]) -> Option<Fault> {
    let body = &request.body;
    if !models.iter().any(|model| model == request.model()) {
        let message = format!("Not found the model {} or Permission denied", request.model());
        return Some(Fault::refusal("model", 404, "resource_not_found_error", message));
    }
    sampling(request).or_else(|| thinking(request)).or_else(|| messages(request)).or_else(|| tools(body))
}

fn invalid(name: &str, message: String) -> Fault {
    Fault::refusal(name, 400, "invalid_request_error", message)
}

fn sampling(request: &ChatRequest) -> Option<Fault> {
    let body = &request.body;
    let temperature = if request.model() == "kimi-k2.6" && !request.thinks() { 0.6 } else { 1.0 };
    let fixed = [
        ("temperature", temperature),
        ("top_p", 0.95),
        ("n", 1.0),
        ("presence_penalty", 0.0),
        ("frequency_penalty", 0.0),
    ];
    for (name, value) in fixed {
        if body[name].as_f64().is_some_and(|sent| (sent - value).abs() > 1e-9) {
            let message = format!("invalid {name}: only {value} is allowed for this model");
            return Some(invalid(name, message));
        }
    }
    let stops = body["stop"].as_array().map_or(0, Vec::len);
    let message = format!("stop array too long. Expected an array with maximum length 5, but got {stops}");
    (stops > 5).then(|| invalid("stop_array", message))
}

fn thinking(request: &ChatRequest) -> Option<Fault> {
    let body = &request.body;
    if !body["thinking"].is_null() && !body["reasoning_effort"].is_null() {
        return find("both_thinking");
    }
    if request.model().starts_with("kimi-k2.7") && !request.thinks() {
        return find("thinking");
    }
    match &body["tool_choice"] {
        Value::String(word) if word == "required" && request.thinks() => find("tool_choice"),
        Value::Object(_) if request.thinks() => find("tool_choice_specified"),
        _ => None,
    }
}

fn messages(request: &ChatRequest) -> Option<Fault> {
    if request.messages().is_empty() {
        return Some(invalid("messages", "Invalid request: messages must not be empty".to_owned()));
    }
    // Ids of the calls that still wait for their results.
    let mut asked = Vec::new();
    let mut messages = request.messages().iter().enumerate();
    messages.find_map(|(position, message)| self::message(request, position, message, &mut asked))
}

fn message<'a>(
    request: &ChatRequest,
    position: usize,
    message: &'a Value,
    asked: &mut Vec<&'a str>,
) -> Option<Fault> {
    let role = message["role"].as_str().unwrap_or_default();
    let calls = message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
    let is_last = position + 1 == request.messages().len();
    if role == "tool" {
        let id = message["tool_call_id"].as_str().unwrap_or_default();
        let Some(found) = asked.iter().position(|asked| *asked == id) else {
            return Some(invalid("tool_call_id", format!("Invalid request: tool_call_id {id} not found")));
        };
        asked.remove(found);
        return None;
    }
    if !matches!(role, "system" | "user" | "assistant") {
        return Some(invalid("role", format!("Invalid request: unknown role at position {position}")));
    }
    if let Some(id) = asked.first() {
        return Some(invalid("tool_results", format!("Invalid request: tool_call_id {id} not found")));
    }
    if content(message).is_empty() && calls.is_empty() {
        let name = if role == "assistant" { "empty_assistant" } else { "empty" };
        let message = format!(
            "Invalid request: the message at position {position} with role '{role}' must not be empty"
        );
        return Some(invalid(name, message));
    }
    if message["partial"] == true && !(is_last && role == "assistant") {
        let message = "Invalid request: partial is only for the last message, of the assistant";
        return Some(invalid("partial", message.to_owned()));
    }
    let has_thinking = message["reasoning_content"].as_str().is_some_and(|thinking| !thinking.is_empty());
    if !calls.is_empty() && request.thinks() && !has_thinking {
        let message = format!(
            "thinking is enabled but reasoning_content is missing in assistant tool call message at index {position}"
        );
        return Some(invalid("reasoning_missing", message));
    }
    *asked = calls.iter().filter_map(|call| call["id"].as_str()).collect();
    None
}

fn tools(body: &Value) -> Option<Fault> {
    let mut names = Vec::new();
    for tool in body["tools"].as_array().map_or(&[][..], Vec::as_slice) {
        if !matches!(tool["type"].as_str(), Some("function" | "builtin_function")) {
            return find("tool_type");
        }
        let name = tool["function"]["name"].as_str().unwrap_or_default();
        if names.contains(&name) {
            return Some(invalid("tool_twice", format!("function name {name} is duplicated")));
        }
        names.push(name);
    }
    None
}
