//! The four other servers of §8: their chunks are read, and their thinking goes back in their own key.

use serde_json::{Value, json};
use server::kimi::{FinishReason, Turn};

use super::support::{ask, assert_whole, client, conversation, request, simulator};

const PROMPT: &str = "Plan my week in many languages";

async fn check(defaults: Value, key: &str) {
    let simulator = simulator(defaults.clone()).await;
    let client = client(&simulator);
    let mut before = Turn::assistant("hello");
    before.thinking = Some("hm".to_owned());
    let turns = vec![Turn::user("hi"), before, Turn::user(PROMPT)];

    let reply = ask(&client, conversation(turns.clone())).await;
    assert_whole(&reply, &simulator, PROMPT);
    assert!(reply.usages[0].prompt_tokens > 0 && reply.usages[0].completion_tokens > 0);
    let reply = ask(&client, conversation(turns)).await;
    assert_whole(&reply, &simulator, PROMPT);

    let sent: Vec<Value> =
        simulator.requests().iter().map(|record| record.body["messages"][1].clone()).collect();
    // Moonshot's key until the server showed its own, then that one and no other.
    assert_eq!(sent[0], json!({"role": "assistant", "content": "hello", "reasoning_content": "hm"}));
    let thinking = match key {
        "reasoning_details" => json!([{"type": "reasoning.text", "text": "hm"}]),
        _ => json!("hm"),
    };
    let mut expected = json!({"role": "assistant", "content": "hello"});
    expected[key] = thinking;
    assert_eq!(sent[1], expected, "{defaults}");
}

#[tokio::test]
async fn every_dialect_is_read_and_answered_in_its_own_key() {
    check(json!({"dialect": "moonshot"}), "reasoning_content").await;
    check(json!({"dialect": "ollama"}), "reasoning").await;
    check(json!({"dialect": "llama.cpp"}), "reasoning_content").await;
    check(json!({"dialect": "vllm"}), "reasoning").await;
    check(json!({"dialect": "vllm", "thinking_key": "reasoning_content"}), "reasoning_content").await;
    check(json!({"dialect": "vllm", "continuous_usage": true}), "reasoning").await;
    check(json!({"dialect": "openrouter"}), "reasoning").await;
    check(json!({"dialect": "openrouter", "thinking_key": "reasoning_details"}), "reasoning_details").await;
}

#[tokio::test]
async fn dialects_survive_odd_framings_and_cuts() {
    for dialect in ["ollama", "llama.cpp", "vllm", "openrouter"] {
        let simulator = simulator(json!({"dialect": dialect})).await;
        let client = client(&simulator);
        let short = "In many languages /sim tokens=90 thinking_tokens=5";
        simulator.script(json!({"split": 1, "crlf": true, "no_space": true, "comments": 2})).unwrap();
        assert_whole(&ask(&client, request(short)).await, &simulator, short);

        simulator.script(json!({"cut": 5})).unwrap();
        let reply = ask(&client, request(PROMPT)).await;
        assert_eq!(reply.error.expect("a cut").code(), "interrupted");
        assert!(!reply.text.is_empty());

        simulator.script(json!({"finish_reason": "error"})).unwrap();
        assert_eq!(ask(&client, request("x")).await.error.expect("an error").code(), "server_error");
    }
}

#[tokio::test]
async fn servers_without_keys_and_with_other_models_work() {
    for dialect in ["ollama", "llama.cpp", "vllm", "openrouter"] {
        let simulator = simulator(json!({"dialect": dialect, "models": ["qwen3:8b"]})).await;
        let config =
            server::kimi::Config { base_url: simulator.base_url(), ..server::kimi::Config::default() };
        let client = server::kimi::Client::new(config).unwrap();
        let mut request = request("x");
        request.model = "qwen3:8b".to_owned();
        let reply = ask(&client, request).await;
        assert_eq!((reply.finishes, reply.error), (vec![FinishReason::Stop], None), "{dialect}");
        let models = server::kimi::Model::models(&client).await.unwrap();
        assert_eq!(models[0].id, "qwen3:8b");
    }
}

/// The shapes of §8, byte for byte, so that a change of the simulator cannot hide a fault of the client.
#[tokio::test]
async fn the_chunks_of_each_dialect() {
    for (dialect, thinking_chunk) in [
        (
            "ollama",
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"kimi-k3","system_fingerprint":"fp_ollama","choices":[{"index":0,"delta":{"content":"","reasoning":"Hm"},"finish_reason":null}]}"#,
        ),
        (
            "llama.cpp",
            r#"{"choices":[{"finish_reason":null,"index":0,"delta":{"reasoning_content":"Hm"}}],"created":1,"id":"c","model":"kimi-k3","system_fingerprint":"b6543-a1b2c3d4","object":"chat.completion.chunk"}"#,
        ),
        (
            "vllm",
            r#"{"id":"c","object":"chat.completion.chunk","created":1,"model":"kimi-k3","choices":[{"index":0,"delta":{"reasoning":"Hm"},"logprobs":null,"finish_reason":null}]}"#,
        ),
        (
            "openrouter",
            r#"{"id":"c","provider":"Moonshot AI","model":"kimi-k3","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning":"Hm","reasoning_details":[{"type":"reasoning.text","text":"Hm","format":null,"index":0}]},"finish_reason":null,"native_finish_reason":null,"logprobs":null}]}"#,
        ),
    ] {
        let defaults = json!({"dialect": dialect, "id": "c", "created": 1, "thinking_pieces": ["Hm"]});
        let simulator = simulator(defaults).await;
        _ = client(&simulator);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let body =
            json!({"model": "kimi-k3", "stream": true, "messages": [{"role": "user", "content": "x"}]});
        let url = format!("{}/chat/completions", simulator.base_url());
        let text = http.post(url).json(&body).send().await.unwrap().text().await.unwrap();
        assert!(text.contains(&format!("data: {thinking_chunk}\n\n")), "{dialect}: {text}");
        assert_eq!(text.contains(": OPENROUTER PROCESSING\n\n"), dialect == "openrouter");
        assert!(text.ends_with("data: [DONE]\n\n"));
    }
}

#[tokio::test]
async fn turns_of_one_role_are_joined_for_who_is_not_moonshot() {
    for (dialect, joined) in [("moonshot", 2), ("llama.cpp", 1)] {
        let simulator = simulator(json!({"dialect": dialect})).await;
        let client = client(&simulator);
        let turns = vec![Turn::user("hi"), Turn::user("/sim tokens=5")];
        // The first answer tells who it is.
        for turns in [vec![Turn::user("/sim tokens=5")], turns] {
            assert!(ask(&client, conversation(turns)).await.error.is_none());
        }
        let sent = simulator.requests().pop().unwrap().body["messages"].clone();
        assert_eq!(sent.as_array().unwrap().len(), joined, "{sent}");
        assert!(sent[joined - 1]["content"].as_str().unwrap().ends_with("/sim tokens=5"));
    }
}
