//! The model's own stream breaks: the server asks for the rest, and viewers see one seamless reply.

use std::time::{Duration, Instant};

use app::protocol::{Command, RunStatus};
use serde_json::{Value, json};
use server::kimi::simulator::Outcome;

use crate::support::{Setup, Socket, TestServer, soon};

/// Asks, reads to the end, and returns how it ended.
async fn ask(socket: &mut Socket, prompt: &str) -> (RunStatus, u32, Option<String>, String, String) {
    let room = socket.new_room().await;
    let reply = socket.ask(room, prompt).await;
    let run = socket.finished(reply).await;
    let (text, thinking) = (socket.transcript.text(reply), socket.transcript.thinking(reply));
    (run.status, run.attempt, run.failure.map(|failure| failure.code), text.to_owned(), thinking.to_owned())
}

/// codegraff #132, kosong #60: a stream that ends without `[DONE]` was taken for a whole reply.
#[tokio::test]
async fn a_reply_that_breaks_anywhere_twice_is_whole_in_the_end() {
    let server = Setup::default().simulator(json!({"unicode": true})).start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let (text, thinking) = server.simulator.reply("Hello");
    let breaks: [Value; 7] = [
        json!({"cut_after": 1, "times": 2}),
        json!({"cut_after": 37, "times": 2}),
        json!({"cut": 50, "clean_cut": true}),
        json!({"stream_error": "overloaded"}),
        json!({"garbage": 13}),
        json!({"cut_before_finish": true, "times": 2}),
        json!({"cut": 0}),
    ];
    for script in breaks {
        server.simulator.script(script.clone()).unwrap();
        let before = server.model_calls();
        let expected = (RunStatus::Done, 1, None, text.clone(), thinking.clone());
        // Cut before its first word of text, it thinks once more.
        let expected = if script == json!({"cut": 0}) {
            (RunStatus::Done, 2, None, expected.3, expected.4)
        } else {
            expected
        };
        assert_eq!(ask(&mut socket, "Hello").await, expected, "{script}");
        let calls = script["times"].as_u64().unwrap_or(1) + 1;
        assert_eq!((server.model_calls() - before) as u64, calls, "{script}");
        server.simulator.reset();
    }
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_taken_up_again() {
    let server =
        Setup::default().policies(|policies| policies.model.idle = Duration::from_millis(100)).start().await;
    server.simulator.script(json!({"gate": "door@25"})).unwrap();
    let mut socket = server.account("Ana").await.connect().await;
    let (text, thinking) = server.simulator.reply("Hello");
    assert_eq!(ask(&mut socket, "Hello").await, (RunStatus::Done, 1, None, text, thinking));
    assert_eq!(server.model_calls(), 2);
}

/// open-webui #20286: replies of thinking models were doubled.
#[tokio::test]
async fn thinking_that_breaks_begins_anew_as_a_whole() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let (text, thinking) = server.simulator.reply("Hello");
    server.simulator.script(json!({"cut_thinking": 4, "times": 2})).unwrap();
    assert_eq!(ask(&mut socket, "Hello").await, (RunStatus::Done, 3, None, text, thinking));
}

#[tokio::test]
async fn a_run_heals_twice_in_all_whoever_writes_it() {
    let mut server = Setup::default().start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    server
        .simulator
        .script(json!([{"cut_after": 5, "times": 1}, {"gate": "door@12"}, {"cut_after": 5, "times": 2}]))
        .unwrap();
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    server.crash().await;
    server.simulator.release("door");
    server.start_again().await;
    let run = crate::support::eventually("the end", async || {
        let run = account.room(room).await.unwrap().messages.pop().unwrap().run.unwrap();
        run.status.has_ended().then_some(run)
    })
    .await;
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Interrupted, "interrupted"));
    assert_eq!(server.model_calls(), 4);
    assert!(account.room(room).await.unwrap().messages[1].text.starts_with(socket.transcript.text(reply)));
}

#[tokio::test]
async fn a_server_without_partial_mode_doubles_nothing() {
    let vllm = json!({"dialect": "vllm", "partial": "ignore"});
    let server = Setup::default().simulator(vllm).start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let (text, thinking) = server.simulator.reply("Hello");
    // It begins again with the same words: they are dropped.
    server.simulator.script(json!([{"cut_after": 30}])).unwrap();
    assert_eq!(ask(&mut socket, "Hello").await, (RunStatus::Done, 1, None, text.clone(), thinking.clone()));
    // It begins again with other words: the text so far is all there is.
    server.simulator.script(json!([{"cut_after": 30}, {"text": "Something else."}])).unwrap();
    let (status, _, failure, kept, _) = ask(&mut socket, "Hello").await;
    assert_eq!((status, failure.as_deref()), (RunStatus::Interrupted, Some("no_partial_mode")));
    assert!(text.starts_with(&kept) && !kept.is_empty());
    // It refuses.
    server.simulator.script(json!([{"cut_after": 30}, {"partial": "refuse"}])).unwrap();
    let (status, _, failure, kept, _) = ask(&mut socket, "Hello").await;
    assert_eq!((status, failure.as_deref()), (RunStatus::Interrupted, Some("bad_request")));
    assert!(text.starts_with(&kept) && !kept.is_empty());
    // It continues, which looks like other words to who does not know.
    server.simulator.script(json!([{"cut_after": 30}, {"partial": "continue"}])).unwrap();
    let (status, _, failure, _, _) = ask(&mut socket, "Hello").await;
    assert_eq!((status, failure.as_deref()), (RunStatus::Interrupted, Some("no_partial_mode")));
}

#[tokio::test]
async fn another_server_is_believed_to_continue_where_that_is_configured() {
    let mut setup = Setup::default().simulator(json!({"dialect": "ollama", "cut": 30}));
    setup.arguments.push("--kimi-partial".to_owned());
    let server = setup.start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let (text, thinking) = server.simulator.reply("Hello");
    assert_eq!(ask(&mut socket, "Hello").await, (RunStatus::Done, 1, None, text, thinking));
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn a_run_that_is_about_to_heal_stops_at_once() {
    let server = Setup::default()
        .simulator(json!({"cut_after": 10}))
        .policies(|policies| policies.runs.backoff = Duration::from_hours(1))
        .start()
        .await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon(
        "the cut",
        server.simulator.until(|requests| requests.iter().any(|request| request.outcome == Outcome::Cut)),
    )
    .await;
    socket.until_text(reply, 10).await;
    let asked = Instant::now();
    socket.execute(Command::StopRun { room, message: reply }).await.unwrap();
    assert_eq!(socket.finished(reply).await.status, RunStatus::Stopped);
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert!(server.simulator.reply("Hello").0.starts_with(socket.transcript.text(reply)));
}
