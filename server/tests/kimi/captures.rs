//! The simulator's bytes against the captures of §2.2, §2.3, §3.1 and §5.1, so that the client is tested against what
//! was seen and not against what somebody imagined.

use serde_json::{Value, json};
use server::kimi::{
    FinishReason, Usage,
    simulator::{Handle, KEY_ID, ORGANISATION_ID},
};

use super::support::{KEY, ask, client, request, simulator};

/// Status, headers and body as a plain HTTP client sees them.
async fn post(simulator: &Handle, body: Value) -> (u16, reqwest::header::HeaderMap, String) {
    // Building a client of ours installs the TLS provider that any other needs, too.
    _ = client(simulator);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/chat/completions", simulator.base_url());
    let response = http.post(url).bearer_auth(KEY).json(&body).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, String::from_utf8(response.bytes().await.unwrap().to_vec()).unwrap())
}

fn body(model: &str, stream: bool, include_usage: bool) -> Value {
    json!({
        "model": model, "stream": stream, "stream_options": {"include_usage": include_usage},
        "messages": [{"role": "user", "content": "x"}],
    })
}

fn events(payloads: &[&str]) -> String {
    format!("data: {}\n\n", payloads.join("\n\ndata: "))
}

#[tokio::test]
async fn the_live_capture_of_k3_with_usage() {
    let simulator = simulator(json!({})).await;
    let script = json!({
        "id": "chatcmpl-2fd89a86-2ca0-983f-b91a-01c260395d0a", "created": 1_787_771_120_u64, "times": 2,
        "thinking_pieces": ["The", " user is asking", " me to reply", " with exactly \""],
        "text_pieces": ["OK"],
        "usage": {"prompt_tokens": 90, "completion_tokens": 50, "cached_tokens": 90, "reasoning_tokens": 33},
    });
    simulator.script(script).unwrap();
    let (status, headers, text) = post(&simulator, body("kimi-k3", true, true)).await;

    let head = r#"{"id":"chatcmpl-2fd89a86-2ca0-983f-b91a-01c260395d0a","object":"chat.completion.chunk","created":1787771120,"model":"kimi-k3","choices":["#;
    let usage = r#""usage":{"prompt_tokens":90,"completion_tokens":50,"total_tokens":140,"cached_tokens":90,"completion_tokens_details":{"reasoning_tokens":33},"prompt_tokens_details":{"cached_tokens":90}}"#;
    let delta = |delta: &str| format!(r#"{head}{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#);
    let expected = events(&[
        &delta(r#"{"role":"assistant","content":""}"#),
        &delta(r#"{"reasoning_content":"The"}"#),
        &delta(r#"{"reasoning_content":" user is asking"}"#),
        &delta(r#"{"reasoning_content":" me to reply"}"#),
        &delta(r#"{"reasoning_content":" with exactly \""}"#),
        &delta(r#"{"reasoning_content":""}"#),
        &delta(r#"{"content":"OK"}"#),
        &format!(r#"{head}{{"index":0,"delta":{{}},"finish_reason":"stop",{usage}}}]}}"#),
        &format!(r"{head}],{usage}}}"),
        "[DONE]",
    ]);
    assert_eq!(text, expected);
    assert_eq!(status, 200);
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["msh-context-cache-token-saved"], "90");
    assert_eq!(headers["msh-trace-mode"], "on");

    let reply = ask(&client(&simulator), request("x")).await;
    assert_eq!((reply.text.as_str(), reply.error), ("OK", None));
    assert_eq!(reply.thinking, "The user is asking me to reply with exactly \"");
    assert_eq!(reply.finishes, [FinishReason::Stop]);
    let usage = Usage { prompt_tokens: 90, cached_tokens: 90, completion_tokens: 50, reasoning_tokens: 33 };
    assert_eq!(reply.usages, [usage]);
    assert_eq!(usage.uncached_tokens(), 0);
}

#[tokio::test]
async fn the_live_capture_of_an_older_model_without_usage() {
    let simulator = simulator(json!({"models": ["kimi-k2-0905-preview"]})).await;
    let script = json!({
        "id": "chatcmpl-6911668985355ab7ab43bc2b", "created": 1_762_748_041, "fingerprint": "fpv0_41b1161c",
        "no_thinking": true, "text_pieces": ["I"],
        "usage": {"prompt_tokens": 4796, "completion_tokens": 174},
    });
    simulator.script(script).unwrap();
    let (_, _, text) = post(&simulator, body("kimi-k2-0905-preview", true, false)).await;
    let head = r#"{"id":"chatcmpl-6911668985355ab7ab43bc2b","object":"chat.completion.chunk","created":1762748041,"model":"kimi-k2-0905-preview","choices":[{"index":0,"#;
    let tail = r#"],"system_fingerprint":"fpv0_41b1161c"}"#;
    let expected = events(&[
        &format!(r#"{head}"delta":{{"role":"assistant","content":""}},"finish_reason":null}}{tail}"#),
        &format!(r#"{head}"delta":{{"content":"I"}},"finish_reason":null}}{tail}"#),
        &format!(
            r#"{head}"delta":{{}},"finish_reason":"stop","usage":{{"prompt_tokens":4796,"completion_tokens":174,"total_tokens":4970}}}}{tail}"#
        ),
        "[DONE]",
    ]);
    assert_eq!(text, expected);
}

#[tokio::test]
async fn the_live_capture_of_a_tool_call() {
    let simulator = simulator(json!({})).await;
    let script = json!({
        "id": "chatcmpl-1", "created": 1, "thinking_pieces": ["Hm"], "tool": "get_weather",
        "usage": {"prompt_tokens": 213, "completion_tokens": 99, "cached_tokens": 213, "reasoning_tokens": 46},
    });
    simulator.script(script).unwrap();
    let (_, _, text) = post(&simulator, body("kimi-k3", true, true)).await;
    let head =
        r#"{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"kimi-k3","choices":["#;
    let usage = r#""usage":{"prompt_tokens":213,"completion_tokens":99,"total_tokens":312,"cached_tokens":213,"completion_tokens_details":{"reasoning_tokens":46},"prompt_tokens_details":{"cached_tokens":213}}"#;
    let delta = |delta: &str| format!(r#"{head}{{"index":0,"delta":{delta},"finish_reason":null}}]}}"#);
    let expected = events(&[
        &delta(r#"{"role":"assistant","content":""}"#),
        &delta(r#"{"reasoning_content":"Hm"}"#),
        &delta(r#"{"reasoning_content":""}"#),
        &delta(
            r#"{"tool_calls":[{"index":0,"id":"get_weather_0","type":"function","function":{"name":"get_weather","arguments":""}}]}"#,
        ),
        &delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\": \"Paris\"}"}}]}"#),
        &format!(r#"{head}{{"index":0,"delta":{{}},"finish_reason":"tool_calls",{usage}}}]}}"#),
        &format!(r"{head}],{usage}}}"),
        "[DONE]",
    ]);
    assert_eq!(text, expected);
}

#[tokio::test]
async fn the_live_capture_of_a_whole_reply() {
    let simulator = simulator(json!({})).await;
    let mut script = json!({
        "id": "chatcmpl-6a96d2dd476982652f98bcc8", "created": 1_788_269_279, "empty": true,
        "thinking": "The user has asked me to reply with exactly one word: hello",
        "usage": {"prompt_tokens": 93, "completion_tokens": 16, "reasoning_tokens": 13},
    });
    simulator.script(script.clone()).unwrap();
    let (_, headers, text) = post(&simulator, body("kimi-k3", false, true)).await;
    assert_eq!(
        text,
        r#"{"id":"chatcmpl-6a96d2dd476982652f98bcc8","object":"chat.completion","created":1788269279,"model":"kimi-k3","choices":[{"index":0,"message":{"role":"assistant","content":"","reasoning_content":"The user has asked me to reply with exactly one word: hello"},"finish_reason":"length"}],"usage":{"prompt_tokens":93,"completion_tokens":16,"total_tokens":109,"completion_tokens_details":{"reasoning_tokens":13}}}"#
    );
    assert_eq!(headers["content-length"], "406");
    assert_eq!(headers["content-type"], "application/json; charset=utf-8");

    script["usage"] =
        json!({"prompt_tokens": 93, "completion_tokens": 49, "cached_tokens": 93, "reasoning_tokens": 33});
    simulator.script(script).unwrap();
    let (_, _, text) = post(&simulator, body("kimi-k3", false, true)).await;
    let usage = r#""usage":{"prompt_tokens":93,"completion_tokens":49,"total_tokens":142,"cached_tokens":93,"completion_tokens_details":{"reasoning_tokens":33},"prompt_tokens_details":{"cached_tokens":93}}}"#;
    assert!(text.ends_with(usage), "{text}");
}

#[tokio::test]
async fn the_live_captures_of_errors() {
    let simulator = simulator(json!({})).await;
    // Lengths are those of the reference; the 429 has the reference's templates with ids of other lengths.
    for (fault, length) in [("temperature", 108), ("overloaded", 115)] {
        simulator.script(json!({"fail": fault})).unwrap();
        let (_, headers, text) = post(&simulator, body("kimi-k3", true, true)).await;
        assert_eq!(text.len(), length, "{text}");
        assert_eq!(headers["content-type"], "application/json; charset=utf-8");
        assert!(!headers.contains_key("retry-after"));
    }
    simulator.script(json!({"fail": "rate"})).unwrap();
    let (status, headers, text) = post(&simulator, body("kimi-k3", true, true)).await;
    let expected = format!(
        r#"{{"error":{{"message":"Your account {ORGANISATION_ID}\u003c{KEY_ID}\u003e request reached organization max RPM: 3, please try again after 1 seconds","type":"rate_limit_reached_error"}}}}"#
    );
    assert_eq!((status, text), (429, expected));
    for name in ["retry-after", "x-retry-after", "msh-cooldown-seconds"] {
        assert_eq!(headers[name], "1");
    }
}

#[tokio::test]
async fn the_platform_refuses_what_it_was_seen_refusing() {
    let simulator = simulator(json!({})).await;
    let check = async |change: Value, status: u16, message: &str| {
        let mut body = body("kimi-k3", true, true);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (got, _, text) = post(&simulator, body).await;
        assert_eq!(got, status, "{text}");
        assert!(text.contains(message), "{text}");
    };
    check(json!({"temperature": 0.5}), 400, "invalid temperature: only 1 is allowed for this model").await;
    check(json!({"top_p": 1}), 400, "invalid top_p: only 0.95 is allowed").await;
    check(json!({"temperature": 1, "top_p": 0.95, "n": 1, "seed": 4}), 200, "data: ").await;
    check(json!({"stop": ["a", "b", "c", "d", "e", "f"]}), 400, "maximum length 5, but got 6").await;
    check(json!({"model": "kimi-k2.5"}), 404, "Not found the model kimi-k2.5 or Permission denied").await;
    let both = json!({"thinking": {"type": "enabled"}, "reasoning_effort": "low"});
    check(both, 400, "cannot specify both 'thinking' and 'reasoning_effort'").await;
    let off = json!({"model": "kimi-k2.7-code", "thinking": {"type": "disabled"}});
    check(off, 400, "invalid thinking: only type=enabled is allowed").await;
    check(json!({"tool_choice": "required"}), 400, "tool_choice 'required' is incompatible").await;
    check(json!({"tools": [{"function": {"name": "f"}}]}), 400, "unknown tool type").await;
    let empty = json!({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": ""}]});
    check(empty, 400, "the message at position 1 with role 'assistant' must not be empty").await;
    let call = json!([{"id": "f_0", "type": "function", "function": {"name": "f", "arguments": "{}"}}]);
    let forgotten =
        json!({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "tool_calls": call}]});
    check(forgotten, 400, "reasoning_content is missing in assistant tool call message at index 1").await;
}
