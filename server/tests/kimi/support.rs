//! A simulator, a client for it, and a reply gathered from its deltas.

use std::time::Duration;

use futures::StreamExt;
use serde_json::{Value, json};
use server::kimi::{
    Client, Config, Delta, DeltaStream, Error, FinishReason, Model, Request, Timeouts, ToolCall, ToolCalls,
    Turn, Usage,
    simulator::{self, Handle, Simulator},
};

pub(crate) const KEY: &str = "sk-t0p5ecret0123456789";

/// A simulator with these switches on every request, as fast as possible.
pub(crate) async fn simulator(defaults: Value) -> Handle {
    let mut layer = json!({"rate": 0}).as_object().unwrap().clone();
    layer.extend(defaults.as_object().unwrap().clone());
    Simulator::start(simulator::Config { defaults: layer, ..simulator::Config::default() }).await.unwrap()
}

pub(crate) fn client(simulator: &Handle) -> Client {
    client_of(&simulator.base_url(), Timeouts::default())
}

pub(crate) fn client_of(base_url: &str, timeouts: Timeouts) -> Client {
    let key = Some(KEY.to_owned());
    Client::new(Config { base_url: base_url.to_owned(), key, timeouts, ..Config::default() }).unwrap()
}

/// Timeouts that a test can wait for.
pub(crate) fn short(first_byte: u64, idle: u64) -> Timeouts {
    Timeouts {
        first_byte: Duration::from_millis(first_byte),
        idle: Duration::from_millis(idle),
        ..Timeouts::default()
    }
}

pub(crate) fn request(prompt: &str) -> Request {
    conversation(vec![Turn::user(prompt)])
}

pub(crate) fn conversation(messages: Vec<Turn>) -> Request {
    Request { model: "kimi-k3".to_owned(), messages, ..Request::default() }
}

/// All that came of one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reply {
    pub(crate) thinking: String,
    pub(crate) text: String,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) finishes: Vec<FinishReason>,
    pub(crate) usages: Vec<Usage>,
    pub(crate) error: Option<Error>,
}

pub(crate) async fn ask(client: &Client, request: Request) -> Reply {
    match client.stream(request).await {
        Ok(stream) => gather(stream).await,
        Err(error) => Reply { error: Some(error), ..Reply::default() },
    }
}

/// Reads a stream to its end, and checks what every stream must keep to.
pub(crate) async fn gather(mut stream: DeltaStream) -> Reply {
    let mut reply = Reply::default();
    let mut calls = ToolCalls::default();
    while let Some(delta) = stream.next().await {
        assert_eq!(reply.error, None, "nothing comes after an error");
        match delta {
            Ok(Delta::Thinking(text)) => {
                assert!(!text.is_empty());
                reply.thinking.push_str(&text);
            }
            Ok(Delta::Text(text)) => {
                assert!(!text.is_empty());
                reply.text.push_str(&text);
            }
            Ok(Delta::ToolCall(call)) => calls.push(call),
            Ok(Delta::Finish(reason)) => reply.finishes.push(reason),
            Ok(Delta::Usage(usage)) => reply.usages.push(usage),
            Err(error) => reply.error = Some(error),
        }
    }
    assert!(stream.next().await.is_none(), "the stream is fused");
    assert!(reply.usages.len() <= 1, "usage is counted once");
    assert!(reply.finishes.len() <= 1);
    reply.calls = calls.finish();
    reply
}

/// The reply as it must be when nothing goes wrong.
#[track_caller]
pub(crate) fn assert_whole(reply: &Reply, simulator: &Handle, prompt: &str) {
    let (text, thinking) = simulator.reply(prompt);
    assert_eq!(reply.error, None);
    assert_eq!((&reply.text, &reply.thinking), (&text, &thinking));
    assert_eq!(reply.finishes, [FinishReason::Stop]);
    assert_eq!(reply.usages.len(), 1);
}
