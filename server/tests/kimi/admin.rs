//! The simulator's admin side over HTTP, as the end-to-end tests use it.

use serde_json::{Value, json};
use server::kimi::simulator::{self, Handle, MAX_RECORDS, Simulator};

use super::support::{ask, assert_whole, client, request, simulator};

struct Admin {
    http: reqwest::Client,
    base: String,
}

impl Admin {
    fn of(simulator: &Handle) -> Self {
        _ = client(simulator);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base: format!("http://{}/simulator", simulator.address()) }
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(format!("{}/{path}", self.base)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        self.http
            .get(format!("{}/{path}", self.base).trim_end_matches('/'))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn scripts_wait_for_their_requests() {
    let simulator = simulator(json!({})).await;
    let (client, admin) = (client(&simulator), Admin::of(&simulator));
    let scripts = json!([{"match": "alpha", "fail": 503, "times": 2}, {"text": "exactly this"}]);
    assert_eq!(admin.post("scripts", scripts).await, (200, json!({"queued": 2})));
    assert_eq!(ask(&client, request("alpha")).await.error.expect("an error").code(), "unavailable");
    assert_eq!(ask(&client, request("beta")).await.text, "exactly this");
    assert_eq!(ask(&client, request("alpha")).await.error.expect("an error").code(), "unavailable");
    assert_whole(&ask(&client, request("alpha")).await, &simulator, "alpha");
}

#[tokio::test]
async fn a_wrong_script_is_refused_as_a_whole() {
    let simulator = simulator(json!({})).await;
    let admin = Admin::of(&simulator);
    for (scripts, word) in [
        (json!([{"text": "a"}, {"tokns": 1}]), "tokns"),
        (json!({"fail": "nope"}), "nope"),
        (json!({"gate": "x@y"}), "x@y"),
        (json!([1]), "object"),
        (Value::Array(vec![json!({}); 1_001]), "1000"),
    ] {
        let (status, answer) = admin.post("scripts", scripts).await;
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().contains(word), "{answer}");
    }
    let config = simulator::Config {
        defaults: json!({"tokns": 1}).as_object().unwrap().clone(),
        ..simulator::Config::default()
    };
    assert_eq!(Simulator::start(config).await.unwrap_err().kind(), std::io::ErrorKind::InvalidInput);
    assert_whole(&ask(&client(&simulator), request("x")).await, &simulator, "x");
}

#[tokio::test]
async fn requests_are_recorded_and_can_be_filtered() {
    let simulator = simulator(json!({})).await;
    let (client, admin) = (client(&simulator), Admin::of(&simulator));
    for prompt in ["one apple", "two pears", "three apples /sim fail=401"] {
        ask(&client, request(prompt)).await;
    }
    let records = admin.get("requests?match=apple").await;
    assert_eq!(records.as_array().unwrap().len(), 2);
    assert_eq!(records[0]["outcome"], "finished");
    assert_eq!(records[1]["outcome"], "refused");
    assert_eq!((&records[1]["fault"], &records[1]["status"]), (&json!("authentication"), &json!(401)));
    assert_eq!(records[0]["body"]["messages"][0]["content"], "one apple");
    let since = admin.get("requests?since=1").await;
    assert_eq!(since[0]["prompt"], "two pears");

    assert_eq!(admin.post("reset", json!(null)).await.0, 200);
    assert_eq!(admin.get("requests").await, json!([]));
}

#[tokio::test]
async fn records_are_bounded() {
    let simulator = simulator(json!({"text": "", "no_thinking": true})).await;
    let client = client(&simulator);
    for _ in 0..MAX_RECORDS + 5 {
        ask(&client, request("x")).await;
    }
    let records = simulator.requests();
    assert_eq!((records.len(), records[0].id), (MAX_RECORDS, 6));
    ask(&client, request(&"y".repeat(1_000_000))).await;
    let record = simulator.requests().pop().unwrap();
    assert!(record.body.is_null() && record.prompt.len() == 64 * 1024);
}

#[tokio::test]
async fn the_reply_to_a_prompt_is_known_beforehand() {
    let simulator = simulator(json!({})).await;
    let (client, admin) = (client(&simulator), Admin::of(&simulator));
    let prompt = "Show me a table & more? /sim tokens=77 thinking_tokens=5";
    let mut url = reqwest::Url::parse(&format!("{}/reply", admin.base)).unwrap();
    url.query_pairs_mut().append_pair("prompt", prompt);
    let told: Value = admin.http.get(url).send().await.unwrap().json().await.unwrap();
    let reply = ask(&client, request(prompt)).await;
    assert_eq!(
        (told["text"].as_str(), told["thinking"].as_str()),
        (Some(&*reply.text), Some(&*reply.thinking))
    );
    assert_eq!((&told["text_tokens"], &told["thinking_tokens"]), (&json!(77), &json!(5)));
    assert_eq!((reply.usages[0].completion_tokens, reply.usages[0].reasoning_tokens), (82, 5));
}

#[tokio::test]
async fn gates_can_be_seen_and_opened() {
    let simulator = simulator(json!({})).await;
    let (client, admin) = (client(&simulator), Admin::of(&simulator));
    let reply = tokio::spawn(async move { ask(&client, request("x /sim gate=door@3")).await });
    simulator.until_gate("door").await;
    assert_eq!(admin.get("gates/door").await, json!({"open": false, "waiting": 1}));
    assert_eq!(admin.get("requests").await[0]["text_tokens"], 3);
    assert_eq!(admin.post("gates/door", json!(null)).await.0, 200);
    assert_whole(&reply.await.unwrap(), &simulator, "x");
    assert_eq!(admin.get("gates/door").await, json!({"open": true, "waiting": 0}));
}

#[tokio::test]
async fn a_reset_lets_waiting_replies_go_on() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let reply = tokio::spawn(async move { ask(&client, request("x /sim gate=door@3")).await });
    simulator.until_gate("door").await;
    simulator.reset();
    assert_whole(&reply.await.unwrap(), &simulator, "x");
}

#[tokio::test]
async fn defaults_hold_for_all_until_a_reset() {
    let simulator = simulator(json!({})).await;
    let (client, admin) = (client(&simulator), Admin::of(&simulator));
    assert_eq!(admin.post("defaults", json!({"rate": 0, "text": "always"})).await.0, 200);
    assert_eq!(ask(&client, request("x")).await.text, "always");
    assert_eq!(ask(&client, request("y")).await.text, "always");
    assert_eq!(admin.post("defaults", json!({"rat": 0})).await.0, 400);
    simulator.reset();
    assert_whole(&ask(&client, request("x")).await, &simulator, "x");
}

#[tokio::test]
async fn failures_of_a_prompt_can_be_limited_to_its_first_attempts() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let prompt = "x /sim cut_thinking=3 times=1";
    assert_eq!(ask(&client, request(prompt)).await.error.expect("a cut").code(), "interrupted");
    assert_whole(&ask(&client, request(prompt)).await, &simulator, prompt);
}

#[tokio::test]
async fn the_words_are_listed() {
    let simulator = simulator(json!({})).await;
    let words = Admin::of(&simulator).get("").await;
    assert!(words["prompt_words"].as_array().unwrap().len() > 10);
    assert!(ask(&client(&simulator), request("/sim help")).await.text.contains("/sim cut=100"));
}
