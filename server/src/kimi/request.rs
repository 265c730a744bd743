//! The body of `POST /v1/chat/completions`, by the rules of §1.2, §1.3, §1.4, §6 and §9 of the reference.
//! No sampling parameters, ever: the K series fixes them and refuses any other value.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    DEFAULT_MAX_COMPLETION_TOKENS, Request, Role, Thinking, Tool, ToolCall, Turn, stream::ThinkingKey,
};

#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    stream_options: StreamOptions,
    max_completion_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt_cache_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_identifier: Option<&'a str>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_details: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partial: bool,
}

/// The least that a K model takes for thinking that was not kept (§6.1).
const PLACEHOLDER: &str = " ";

pub(super) fn body(request: &Request, key: ThinkingKey) -> Body<'_> {
    let (thinking, reasoning_effort) = thinking(&request.model, request.thinking);
    let last = request.messages.len().saturating_sub(1);
    let kept = request.messages.iter().enumerate().filter(|(_, turn)| !is_empty(turn));
    Body {
        model: &request.model,
        messages: kept
            .map(|(position, turn)| message(turn, &request.model, key, turn.partial && position == last))
            .collect(),
        stream: true,
        stream_options: StreamOptions { include_usage: true },
        max_completion_tokens: request.max_completion_tokens.unwrap_or(DEFAULT_MAX_COMPLETION_TOKENS),
        thinking,
        reasoning_effort,
        tools: request.tools.iter().map(tool).collect(),
        prompt_cache_key: request.cache_key.as_deref(),
        safety_identifier: request.user_hash.as_deref(),
    }
}

/// One empty turn in the history would make every later request fail (§1.3). Thinking alone does not save it. The
/// result of a tool stays, because its call would miss it.
fn is_empty(turn: &Turn) -> bool {
    match turn.role {
        Role::Tool => false,
        // The beginning of an answer is exact, be it only a line break.
        Role::Assistant if turn.partial => turn.text.is_empty() && turn.tool_calls.is_empty(),
        _ => turn.text.trim().is_empty() && turn.tool_calls.is_empty(),
    }
}

/// Turns of one role in a row as one. Templates of several open models refuse a conversation in which user and assistant
/// do not alternate; Moonshot's takes it as it is, and there each text stays a turn of its own.
pub(super) fn alternating(mut request: Request) -> Request {
    let mut turns: Vec<Turn> = Vec::with_capacity(request.messages.len());
    for turn in request.messages.into_iter().filter(|turn| !is_empty(turn)) {
        match turns.last_mut() {
            Some(last) if can_join(last, &turn) => {
                last.text.extend(["\n\n", &turn.text]);
                last.thinking = turn.thinking.or(last.thinking.take());
            }
            _ => turns.push(turn),
        }
    }
    request.messages = turns;
    request
}

fn can_join(first: &Turn, second: &Turn) -> bool {
    let is_text = |turn: &Turn| {
        matches!(turn.role, Role::User | Role::Assistant) && turn.tool_calls.is_empty() && !turn.partial
    };
    first.role == second.role && is_text(first) && is_text(second)
}

fn message<'a>(turn: &'a Turn, model: &str, key: ThinkingKey, partial: bool) -> Message<'a> {
    let is_assistant = turn.role == Role::Assistant;
    let mut thinking = turn.thinking.as_deref().filter(|thinking| is_assistant && !thinking.is_empty());
    if is_assistant && !turn.tool_calls.is_empty() && model.starts_with("kimi-") {
        thinking = thinking.or(Some(PLACEHOLDER));
    }
    let thinking_in = |wanted: ThinkingKey| thinking.filter(|_| key == wanted);
    Message {
        role: match turn.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool => "tool",
        },
        // Absent rather than empty beside tool calls (§1.3).
        content: Some(turn.text.as_str()).filter(|text| !text.is_empty() || turn.role == Role::Tool),
        reasoning_content: thinking_in(ThinkingKey::ReasoningContent),
        reasoning: thinking_in(ThinkingKey::Reasoning),
        reasoning_details: thinking_in(ThinkingKey::ReasoningDetails)
            .map(|text| json!([{"type": "reasoning.text", "text": text}])),
        tool_calls: turn.tool_calls.iter().map(tool_call).collect(),
        tool_call_id: turn.tool_call_id.as_deref(),
        partial,
    }
}

/// `thinking` for K2.5 and K2.6, `reasoning_effort` for K3, and never both (§1.2). Of other models whoever asks knows
/// from their list what they take; only the least they think is unknown.
fn thinking(model: &str, wanted: Thinking) -> (Option<Value>, Option<&'static str>) {
    let toggles = model.starts_with("kimi-k2.5") || model.starts_with("kimi-k2.6");
    let is_k3 = model.starts_with("kimi-k3");
    let is_other = !model.starts_with("kimi-k2") && !is_k3;
    match wanted {
        Thinking::Off if toggles || is_other => (Some(json!({"type": "disabled"})), None),
        Thinking::Least if toggles => (Some(json!({"type": "disabled"})), None),
        Thinking::Low if is_k3 || is_other => (None, Some("low")),
        Thinking::Least if is_k3 => (None, Some("low")),
        Thinking::Medium if is_other => (None, Some("medium")),
        Thinking::High if is_k3 || is_other => (None, Some("high")),
        Thinking::Max if is_k3 || is_other => (None, Some("max")),
        _ => (None, None),
    }
}

fn tool(tool: &Tool) -> Value {
    if tool.name.starts_with('$') {
        return json!({"type": "builtin_function", "function": {"name": tool.name}});
    }
    json!({"type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters,
    }})
}

fn tool_call(call: &ToolCall) -> Value {
    let kind = if call.name.starts_with('$') { "builtin_function" } else { "function" };
    json!({"id": call.id, "type": kind, "function": {"name": call.name, "arguments": call.arguments}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(request: &Request, key: ThinkingKey) -> Value {
        serde_json::to_value(body(request, key)).unwrap()
    }

    fn request(model: &str, messages: Vec<Turn>) -> Request {
        Request { model: model.to_owned(), messages, ..Request::default() }
    }

    #[test]
    fn a_plain_request_has_exactly_these_fields() {
        let request = request("kimi-k3", vec![Turn::system("be kind"), Turn::user("hi")]);
        let expected = json!({
            "model": "kimi-k3",
            "messages": [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}],
            "stream": true, "stream_options": {"include_usage": true}, "max_completion_tokens": 32768,
        });
        assert_eq!(sent(&request, ThinkingKey::ReasoningContent), expected);
    }

    #[test]
    fn empty_turns_go_and_tool_results_stay() {
        let mut thought_only = Turn::assistant("");
        thought_only.thinking = Some("hm".to_owned());
        let turns = vec![
            Turn::user("a"),
            Turn::assistant(" \n"),
            thought_only,
            Turn::tool("f_0", ""),
            Turn::partial("", None),
        ];
        let body = sent(&request("kimi-k3", turns), ThinkingKey::ReasoningContent);
        let expected =
            json!([{"role": "user", "content": "a"}, {"role": "tool", "tool_call_id": "f_0", "content": ""}]);
        assert_eq!(body["messages"], expected);
    }

    #[test]
    fn thinking_goes_back_in_the_key_of_the_server() {
        let mut turn = Turn::assistant("b");
        turn.thinking = Some("hm".to_owned());
        let request = request("m", vec![turn]);
        let message = |key| sent(&request, key)["messages"][0].clone();
        assert_eq!(
            message(ThinkingKey::ReasoningContent),
            json!({"role": "assistant", "content": "b", "reasoning_content": "hm"})
        );
        assert_eq!(
            message(ThinkingKey::Reasoning),
            json!({"role": "assistant", "content": "b", "reasoning": "hm"})
        );
        assert_eq!(
            message(ThinkingKey::ReasoningDetails),
            json!({"role": "assistant", "content": "b",
                "reasoning_details": [{"type": "reasoning.text", "text": "hm"}]})
        );
    }

    #[test]
    fn tool_calls_have_thinking_on_kimi_and_no_empty_content() {
        let mut turn = Turn::assistant("");
        turn.tool_calls =
            vec![ToolCall { id: "functions.f:0".into(), name: "f".into(), arguments: "{}".into() }];
        let call = json!([{"id": "functions.f:0", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
        let message = |model| {
            sent(&request(model, vec![turn.clone()]), ThinkingKey::ReasoningContent)["messages"][0].clone()
        };
        assert_eq!(
            message("kimi-k2.6"),
            json!({"role": "assistant", "reasoning_content": " ", "tool_calls": call})
        );
        assert_eq!(message("llama"), json!({"role": "assistant", "tool_calls": call}));
    }

    #[test]
    fn turns_of_one_role_in_a_row_become_one_and_nothing_else_does() {
        let mut call = Turn::assistant("");
        call.tool_calls = vec![ToolCall { id: "f_0".into(), name: "f".into(), arguments: "{}".into() }];
        let turns = vec![
            Turn::system("be kind"),
            Turn::user("a"),
            Turn::assistant(""),
            Turn::user("b"),
            Turn { thinking: Some("hm".to_owned()), ..Turn::assistant("c") },
            Turn::assistant("d"),
            call,
            Turn::tool("f_0", "e"),
            Turn::partial("f", None),
        ];
        let joined = alternating(request("llama", turns)).messages;
        let texts: Vec<&str> = joined.iter().map(|turn| turn.text.as_str()).collect();
        assert_eq!(texts, ["be kind", "a\n\nb", "c\n\nd", "", "e", "f"]);
        assert_eq!(joined[2].thinking.as_deref(), Some("hm"));
        assert!(joined[5].partial);
    }

    #[test]
    fn partial_is_only_for_the_last_turn() {
        let turns =
            vec![Turn::partial("old", None), Turn::user("x"), Turn::partial("\n", Some("hm".to_owned()))];
        let body = sent(&request("kimi-k3", turns), ThinkingKey::ReasoningContent);
        assert_eq!(body["messages"][0], json!({"role": "assistant", "content": "old"}));
        assert_eq!(
            body["messages"][2],
            json!({"role": "assistant", "content": "\n", "reasoning_content": "hm", "partial": true})
        );
    }

    #[test]
    fn the_wish_to_think_takes_the_form_of_the_model() {
        let check = |model, wanted, thinking: Value, effort: Value| {
            let body = sent(
                &Request { thinking: wanted, ..request(model, vec![Turn::user("x")]) },
                ThinkingKey::ReasoningContent,
            );
            assert_eq!((&body["thinking"], &body["reasoning_effort"]), (&thinking, &effort), "{model}");
        };
        check("kimi-k3", Thinking::Low, Value::Null, json!("low"));
        check("kimi-k3", Thinking::Off, Value::Null, Value::Null);
        check("kimi-k3", Thinking::Least, Value::Null, json!("low"));
        check("kimi-k2.5", Thinking::Least, json!({"type": "disabled"}), Value::Null);
        check("qwen", Thinking::Least, Value::Null, Value::Null);
        check("kimi-k2.6", Thinking::Off, json!({"type": "disabled"}), Value::Null);
        check("kimi-k2.6", Thinking::Max, Value::Null, Value::Null);
        check("kimi-k2.7-code", Thinking::Off, Value::Null, Value::Null);
        check("kimi-k3", Thinking::Medium, Value::Null, Value::Null);
        check("qwen", Thinking::Default, Value::Null, Value::Null);
        check("qwen", Thinking::Medium, Value::Null, json!("medium"));
        check("qwen", Thinking::Off, json!({"type": "disabled"}), Value::Null);
    }

    #[test]
    fn tools_of_both_kinds() {
        let tools = ["$web_search", "f"].map(|name| Tool {
            name: name.to_owned(),
            description: "d".to_owned(),
            parameters: json!({"type": "object"}),
        });
        let request = Request { tools: tools.to_vec(), ..request("kimi-k3", vec![Turn::user("x")]) };
        assert_eq!(
            sent(&request, ThinkingKey::ReasoningContent)["tools"],
            json!([
                {"type": "builtin_function", "function": {"name": "$web_search"}},
                {"type": "function",
                    "function": {"name": "f", "description": "d", "parameters": {"type": "object"}}},
            ])
        );
    }
}
