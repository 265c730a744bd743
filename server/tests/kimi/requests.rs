//! What the client sends, as the simulator recorded it; and the endpoints beside the completion.

use serde_json::{Value, json};
use server::kimi::{FinishReason, Model, Request, Thinking, Tool, Turn, simulator::Outcome};

use super::support::{KEY, ask, assert_whole, client, conversation, request, simulator};

#[tokio::test]
async fn a_request_is_what_the_reference_asks_for() {
    let simulator = simulator(json!({})).await;
    let request = Request {
        cache_key: Some("room-7".to_owned()),
        user_hash: Some("9f86d081".to_owned()),
        ..conversation(vec![
            Turn::system("be kind"),
            Turn::user("hi"),
            Turn::assistant(""),
            Turn::assistant("yes"),
            Turn::user("x"),
        ])
    };
    assert_eq!(ask(&client(&simulator), request).await.error, None);
    let record = simulator.requests().pop().unwrap();
    assert_eq!(
        record.body,
        json!({
            "model": "kimi-k3", "stream": true, "stream_options": {"include_usage": true},
            "max_completion_tokens": 32768, "prompt_cache_key": "room-7", "safety_identifier": "9f86d081",
            "messages": [
                {"role": "system", "content": "be kind"},
                {"role": "user", "content": "hi"},
                {"role": "assistant", "content": "yes"},
                {"role": "user", "content": "x"},
            ],
        })
    );
    assert_eq!((record.path, record.prompt.as_str()), ("/v1/chat/completions", "x"));
    assert_eq!((record.outcome, record.status), (Outcome::Finished, Some(200)));
    assert!(!serde_json::to_string(&record).unwrap().contains(KEY), "keys are not recorded");
}

#[tokio::test]
async fn a_tool_loop_goes_round() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let prompt = "Is it warm? /sim tool=get_weather tool_id=functions.get_weather:0";
    let tool = Tool {
        name: "get_weather".to_owned(),
        description: "The weather of a city".to_owned(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
    };
    let mut request = Request { tools: vec![tool], ..request(prompt) };
    let first = ask(&client, request.clone()).await;
    assert_eq!(first.finishes, [FinishReason::ToolCalls]);

    let mut turn = Turn::assistant(first.text);
    turn.thinking = Some(first.thinking);
    turn.tool_calls = first.calls;
    let id = turn.tool_calls[0].id.clone();
    request.messages.extend([turn, Turn::tool(id, "21 °C")]);
    // The simulator refuses lost thinking and changed ids as the platform does.
    let second = ask(&client, request.clone()).await;
    assert_eq!((second.error, second.finishes), (None, vec![FinishReason::Stop]));
    assert!(!second.text.is_empty());

    request.messages[1].thinking = None;
    assert_eq!(ask(&client, request.clone()).await.error, None, "a placeholder stands in for lost thinking");
    request.messages[2].tool_call_id = Some("functions_get_weather_0".to_owned());
    assert_eq!(ask(&client, request).await.error.expect("an error").code(), "bad_request");
}

#[tokio::test]
async fn thinking_can_be_switched_off_where_the_model_allows() {
    let simulator = simulator(json!({})).await;
    let request = Request { model: "kimi-k2.6".to_owned(), thinking: Thinking::Off, ..request("x") };
    let reply = ask(&client(&simulator), request).await;
    assert_eq!((reply.error, reply.thinking.as_str()), (None, ""));
    assert_eq!(simulator.requests()[0].body["thinking"], json!({"type": "disabled"}));
}

#[tokio::test]
async fn every_spelling_of_the_base_url_works() {
    let simulator = simulator(json!({})).await;
    let address = simulator.address();
    for base_url in
        [format!("http://{address}"), format!("http://{address}/"), format!("http://{address}/v1/")]
    {
        let client = super::support::client_of(&base_url, server::kimi::Timeouts::default());
        assert_whole(&ask(&client, request("x")).await, &simulator, "x");
    }
}

#[tokio::test]
async fn models_are_read_with_what_they_can() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let models = client.models().await.unwrap();
    let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["kimi-k3", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k2.6"]);
    assert_eq!(models[0].context_tokens, Some(1_048_576));
    assert!(models[0].images && models[0].thinks);
    assert_eq!(models[0].efforts, [Thinking::Low, Thinking::High, Thinking::Max]);
    assert!(models[1].efforts.is_empty());
    assert_eq!(models[3].efforts, [Thinking::Off]);

    simulator.script(json!({"endpoint": "models", "models": ["kimi-k4"]})).unwrap();
    assert_eq!(client.models().await.unwrap()[0].id, "kimi-k4");
    for (fault, code) in [("401", "bad_key"), ("403", "permission_denied"), ("503", "unavailable")] {
        simulator.script(json!({"endpoint": "models", "fail": fault})).unwrap();
        assert_eq!(client.models().await.unwrap_err().code(), code);
    }
}

#[tokio::test]
async fn balance_and_estimate_answer_as_documented() {
    let simulator = simulator(json!({})).await;
    _ = client(&simulator);
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/users/me/balance", simulator.base_url());
    let text = http.get(url).bearer_auth(KEY).send().await.unwrap().text().await.unwrap();
    assert_eq!(
        text,
        r#"{"code":0,"data":{"available_balance":49.58894,"voucher_balance":46.58893,"cash_balance":3.00001},"scode":"0x0","status":true}"#
    );
    let url = format!("{}/tokenizers/estimate-token-count", simulator.base_url());
    let body = json!({"model": "kimi-k3", "messages": [{"role": "user", "content": "hello there"}]});
    let answer: Value =
        http.post(url).bearer_auth(KEY).json(&body).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer, json!({"data": {"total_tokens": 86}}));
}
