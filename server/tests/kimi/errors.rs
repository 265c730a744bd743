//! Every row of §5.2, over HTTP and in mid-stream, in every dialect: type, retry rule, and no ids anywhere.

use std::{collections::BTreeSet, time::Duration};

use serde_json::json;
use server::kimi::{
    Client, Config, Error, Model, Retry, Timeouts,
    simulator::{KEY_ID, ORGANISATION_ID, fault_names},
};

use super::support::{KEY, ask, client, request, simulator};

const WAIT: Retry = Retry::After(Duration::from_secs(1));

const ROWS: &[(&str, &str, Retry)] = &[
    ("invalid_request", "bad_request", Retry::Never),
    ("content_filter", "content_filtered", Retry::Never),
    ("input_too_long", "context_too_long", Retry::Never),
    ("token_limit", "context_too_long", Retry::Never),
    ("token_limit_code", "context_too_long", Retry::Never),
    ("message_size", "context_too_long", Retry::Never),
    ("temperature", "bad_request", Retry::Never),
    ("top_p", "bad_request", Retry::Never),
    ("n", "bad_request", Retry::Never),
    ("thinking", "bad_request", Retry::Never),
    ("tool_choice", "bad_request", Retry::Never),
    ("tool_choice_specified", "bad_request", Retry::Never),
    ("reasoning_missing", "bad_request", Retry::Never),
    ("empty_assistant", "bad_request", Retry::Never),
    ("tool_type", "bad_request", Retry::Never),
    ("stop_array", "bad_request", Retry::Never),
    ("both_thinking", "bad_request", Retry::Never),
    ("purpose", "bad_request", Retry::Never),
    ("file_size", "bad_request", Retry::Never),
    ("file_zero", "bad_request", Retry::Never),
    ("file_count", "bad_request", Retry::Never),
    ("authentication", "bad_key", Retry::Never),
    ("no_key", "bad_key", Retry::Never),
    ("not_open", "permission_denied", Retry::Never),
    ("other_user", "permission_denied", Retry::Never),
    ("ip", "permission_denied", Retry::Never),
    ("model", "model_not_found", Retry::Never),
    ("overloaded", "overloaded", Retry::Backoff),
    ("quota", "quota_exhausted", Retry::Never),
    ("quota_tokens", "quota_exhausted", Retry::Never),
    ("balance", "quota_exhausted", Retry::Never),
    ("rate", "rate_limited", WAIT),
    ("concurrency", "rate_limited", WAIT),
    ("tpm", "rate_limited", Retry::Backoff),
    ("tpd", "rate_limited", Retry::Backoff),
    ("organization", "rate_limited", WAIT),
    ("closed", "closed_on_the_way", Retry::Backoff),
    ("state", "server_error", Retry::Backoff),
    ("extract", "server_error", Retry::Backoff),
    ("unavailable", "unavailable", Retry::Backoff),
    ("gateway", "gateway_timeout", Retry::Backoff),
];

/// Nothing that identifies an account may be in anything that is shown or logged.
#[track_caller]
fn assert_no_ids(error: &Error) {
    let everything = format!("{error} {error:?} {error:#?} {}", error.user_message());
    for secret in [ORGANISATION_ID, KEY_ID, KEY, "f0rb1dden", "5ca1ab1e", "t0p5ecret", "<", "\\u003c"] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
}

#[track_caller]
fn assert_fit_for_a_user(error: &Error) {
    let message = error.user_message();
    assert!(
        message.ends_with('.') && message.matches(['.', '!', '?']).count() == 1,
        "one sentence: {message}"
    );
    assert!(message.len() < 140, "short: {message}");
    assert!(!message.contains(char::is_numeric) && !message.contains('_'), "plain: {message}");
}

#[tokio::test]
async fn every_row_has_its_type_its_rule_and_a_plain_text() {
    assert_eq!(ROWS.iter().map(|(name, ..)| *name).collect::<BTreeSet<_>>(), fault_names().collect());
    for dialect in ["moonshot", "ollama", "llama.cpp", "vllm", "openrouter"] {
        let simulator = simulator(json!({"dialect": dialect})).await;
        let client = client(&simulator);
        for (fault, code, retry) in ROWS {
            simulator.script(json!({"fail": fault})).unwrap();
            let error = ask(&client, request("x")).await.error.expect("an error");
            assert_eq!((error.code(), error.retry()), (*code, *retry), "{dialect} {fault}: {error}");
            assert_no_ids(&error);
            assert_fit_for_a_user(&error);
        }
        assert_eq!(simulator.requests().len(), ROWS.len(), "the client never tries again by itself");
    }
}

#[tokio::test]
async fn the_same_errors_in_mid_stream_keep_the_text() {
    for dialect in ["moonshot", "llama.cpp", "vllm", "openrouter"] {
        let simulator = simulator(json!({"dialect": dialect})).await;
        let client = client(&simulator);
        for (fault, code, retry) in ROWS.iter().filter(|(fault, ..)| *fault != "gateway") {
            simulator.script(json!({"stream_error": fault, "stream_error_at": 4})).unwrap();
            let reply = ask(&client, request("/sim tokens=9")).await;
            let error = reply.error.expect("an error");
            // Headers were sent before anybody knew, so there is nothing to wait for.
            let retry = if *retry == WAIT { Retry::Backoff } else { *retry };
            assert_eq!((error.code(), error.retry()), (*code, retry), "{dialect} {fault}: {error}");
            assert_eq!(reply.text, simulator.reply("/sim tokens=4").0);
            assert_no_ids(&error);
        }
    }
}

#[tokio::test]
async fn an_unwrapped_error_of_ollama_is_an_error_too() {
    let simulator = simulator(json!({"dialect": "ollama"})).await;
    for (fault, code) in [("extract", "server_error"), ("token_limit", "context_too_long")] {
        simulator.script(json!({"stream_error": fault, "stream_error_at": 4})).unwrap();
        let reply = ask(&client(&simulator), request("/sim tokens=9")).await;
        assert_eq!(reply.error.expect("an error").code(), code);
        assert_eq!(reply.text, simulator.reply("/sim tokens=4").0);
    }
}

#[tokio::test]
async fn the_wait_is_what_the_server_says() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    for (fault, after, retry) in [
        ("rate", "7", Retry::After(Duration::from_secs(7))),
        ("rate", "none", Retry::Backoff),
        ("overloaded", "3", Retry::After(Duration::from_secs(3))),
        ("unavailable", "2", Retry::After(Duration::from_secs(2))),
        ("rate", "999999999", Retry::After(Duration::from_hours(1))),
        // However long the wait, there will be no money.
        ("quota", "5", Retry::Never),
    ] {
        simulator.script(json!({"fail": fault, "retry_after": after})).unwrap();
        let error = ask(&client, request("x")).await.error.expect("an error");
        assert_eq!(error.retry(), retry, "{fault} {after}");
    }
}

#[tokio::test]
async fn keys_are_needed_and_refused_as_on_the_platform() {
    let simulator = simulator(json!({})).await;
    for (key, fault) in [(None, "no_key"), (Some(""), "no_key"), (Some("another-key"), "authentication")] {
        let key = key.map(str::to_owned);
        let config = Config { base_url: simulator.base_url(), key, ..Config::default() };
        let client = Client::new(config).unwrap();
        let error = ask(&client, request("x")).await.error.expect("an error");
        assert_eq!(error.code(), "bad_key");
        assert_eq!(simulator.requests().pop().unwrap().fault.as_deref(), Some(fault));
        assert_eq!(client.models().await.unwrap_err().code(), "bad_key");
        assert_no_ids(&error);
    }
}

#[tokio::test]
async fn an_address_without_the_api_is_told_apart_from_a_missing_model() {
    let simulator = simulator(json!({})).await;
    let client =
        super::support::client_of(&format!("{}/elsewhere", simulator.base_url()), Timeouts::default());
    let error = ask(&client, request("x")).await.error.expect("an error");
    assert_eq!((error.code(), error.retry()), ("wrong_address", Retry::Never));
    let mut other = request("x");
    other.model = "kimi-k2.5".to_owned();
    let error = ask(&super::support::client(&simulator), other).await.error.expect("an error");
    assert_eq!(error.code(), "model_not_found");
}
