//! Tools that a model uses while it answers: what it is told then, and what those who follow the room see of it.

use app::protocol::{RoomId, RunStatus};
use serde_json::{Value, json};

use crate::support::{Setup, Socket, TestServer, eventually, soon};

const SEARCH: &str = "$web_search";
/// Kept to the byte: the search is hidden in it.
const ARGUMENTS: &str = r#"{"search_result": {"search_id":"x"},  "usage":{"total_tokens":13046}}"#;

fn searching() -> Setup {
    Setup { arguments: vec!["--kimi-web-search".to_owned()], ..Setup::default() }
}

async fn alone(server: &TestServer) -> (Socket, RoomId) {
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    socket.follow(room).await;
    (socket, room)
}

/// What each request of the model is to be like, in order.
fn script(server: &TestServer, switches: impl IntoIterator<Item = Value>) {
    for switches in switches {
        server.simulator.script(switches).unwrap();
    }
}

fn search() -> Value {
    json!({"tool": SEARCH, "tool_arguments": ARGUMENTS, "tool_fragments": 5, "thinking_tokens": 5})
}

fn last(body: &Value) -> &Value {
    body["messages"].as_array().unwrap().last().unwrap()
}

#[tokio::test]
async fn a_search_is_seen_and_the_model_goes_on_with_it() {
    let server = searching().start().await;
    let (mut ana, room) = alone(&server).await;
    script(&server, [search(), json!({"gate": "found@headers", "thinking_tokens": 5, "tokens": 5})]);
    let reply = ana.ask(room, "Will it rain?").await;
    soon("the model to be asked again", server.simulator.until_gate("found")).await;
    ana.until_status(reply, RunStatus::Tool).await;
    let run = ana.transcript.run(reply).unwrap().clone();
    assert_eq!((run.tool.as_deref(), run.steps.as_slice()), (Some(SEARCH), [SEARCH.to_owned()].as_slice()));
    server.simulator.release("found");
    let run = ana.finished(reply).await;
    assert_eq!((run.status, run.tool, run.attempt), (RunStatus::Done, None, 1));
    assert_eq!(run.steps, [SEARCH], "it stays");

    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    let offered = json!([{"type": "builtin_function", "function": {"name": SEARCH}}]);
    assert!(asked.iter().all(|asked| asked.body["tools"] == offered));
    let messages = asked[1].body["messages"].as_array().unwrap();
    let [.., call, result] = messages.as_slice() else { panic!("{messages:?}") };
    assert_eq!(call["tool_calls"][0]["function"], json!({"name": SEARCH, "arguments": ARGUMENTS}));
    assert_eq!(result["content"], ARGUMENTS);
    assert_eq!(result["tool_call_id"], call["tool_calls"][0]["id"]);
    let thought = call["reasoning_content"].as_str().unwrap();
    let thinking = ana.transcript.thinking(reply);
    assert!(!thought.is_empty() && thinking.starts_with(&format!("{thought}\n\n")), "{thinking:?}");
}

#[tokio::test]
async fn a_reply_that_breaks_before_its_text_searches_anew_and_says_only_what_it_used() {
    let server = searching().start().await;
    let (mut ana, room) = alone(&server).await;
    script(&server, [search(), json!({"cut_thinking": 2, "thinking_tokens": 5}), json!({"tokens": 5})]);
    let reply = ana.ask(room, "Will it rain?").await;
    let run = ana.finished(reply).await;
    assert_eq!((run.status, run.attempt, run.steps.len()), (RunStatus::Done, 2, 0));
    let asked = server.asked();
    assert_eq!(last(&asked[2].body)["role"], "user", "nothing of the search is told");
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_reply_that_breaks_in_its_text_is_written_on_without_another_search() {
    let server = searching().start().await;
    let (mut ana, room) = alone(&server).await;
    script(
        &server,
        [search(), json!({"cut_after": 3, "tokens": 9, "no_thinking": true}), json!({"tokens": 9})],
    );
    let reply = ana.ask(room, "Will it rain?").await;
    let run = ana.finished(reply).await;
    assert_eq!(
        (run.status, run.attempt, run.steps.as_slice()),
        (RunStatus::Done, 1, [SEARCH.to_owned()].as_slice())
    );
    let asked = server.asked();
    let body = &asked.last().unwrap().body;
    assert_eq!((asked.len(), &last(body)["partial"], &body["tools"]), (3, &json!(true), &Value::Null));
    assert!(ana.transcript.text(reply).starts_with(last(body)["content"].as_str().unwrap()));
}

/// By a server that died while it was used.
#[tokio::test]
async fn a_run_that_is_taken_over_searches_anew() {
    let mut server = searching().start().await;
    let account = server.account("Ana").await;
    let mut ana = account.connect().await;
    let room = ana.new_room().await;
    ana.follow(room).await;
    script(&server, [search(), json!({"gate": "found@headers"}), json!({"tokens": 5})]);
    let reply = ana.ask(room, "Will it rain?").await;
    soon("the model to be asked again", server.simulator.until_gate("found")).await;
    ana.until_status(reply, RunStatus::Tool).await;
    server.crash().await;
    server.simulator.release("found");
    server.start_again().await;
    let reply = eventually("the end", async || {
        let reply = account.room(room).await.unwrap().messages.pop().unwrap();
        reply.run.as_ref().unwrap().status.has_ended().then_some(reply)
    })
    .await;
    let run = reply.run.unwrap();
    assert_eq!((run.status, run.attempt, run.steps.len()), (RunStatus::Done, 2, 0));
    assert_eq!(run.thinking_length, reply.thinking.len() as u64);
}

#[tokio::test]
async fn a_model_that_never_comes_to_an_answer_is_stopped() {
    let server = searching().policies(|policies| policies.runs.tool_rounds = 2).start().await;
    let (mut ana, room) = alone(&server).await;
    script(&server, (0..9).map(|_| json!({"tool": SEARCH, "tool_always": true})));
    let reply = ana.ask(room, "Will it rain?").await;
    let run = ana.finished(reply).await;
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Failed, "tool_rounds"));
    assert_eq!((server.asked().len(), run.steps.len()), (3, 2));
}

#[tokio::test]
async fn a_tool_that_does_not_exist_is_no_step() {
    let server = searching().start().await;
    let (mut ana, room) = alone(&server).await;
    script(&server, [json!({"tool": "get_weather,$web_search"}), json!({"tokens": 5})]);
    let reply = ana.ask(room, "Will it rain?").await;
    let run = ana.finished(reply).await;
    assert_eq!((run.status, run.steps.as_slice()), (RunStatus::Done, [SEARCH.to_owned()].as_slice()));
    let body = &server.asked()[1].body;
    let results: Vec<&Value> = body["messages"].as_array().unwrap().iter().rev().take(2).collect();
    assert_eq!(results[1]["content"], "There is no such tool.");
    assert_eq!(results[0]["content"], r#"{"city": "Paris"}"#);
}
