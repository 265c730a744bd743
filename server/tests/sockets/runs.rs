//! Runs: stopping, retrying, failing, and outliving whoever asked, up to the server itself.

use std::time::Duration;

use app::protocol::{Command, FailureCode, Log, MessageId, RoomId, RunStatus};
use serde_json::{Value, json};
use server::kimi::simulator::Outcome;

use crate::support::{Setup, Socket, TestServer, eventually, message_of, new_command, soon};

/// How soon a stopped run has closed its request.
const AT_ONCE: Duration = Duration::from_millis(250);

async fn gated(gate: &str) -> TestServer {
    Setup::default().simulator(json!({"gate": gate})).start().await
}

async fn closed_at_once(server: &TestServer) {
    let closed = server
        .simulator
        .until(|requests| requests.iter().all(|request| request.outcome == Outcome::ClosedByClient));
    assert!(tokio::time::timeout(AT_ONCE, closed).await.is_ok(), "the request is still open");
}

async fn stop(socket: &mut Socket, room: RoomId, message: MessageId) {
    socket.execute(Command::StopRun { room, message }).await.unwrap();
}

#[tokio::test]
async fn a_run_stops_before_its_first_token() {
    for gate in ["door@headers", "door@start", "door@thinking:0"] {
        let server = gated(gate).await;
        let mut socket = server.account("Ana").await.connect().await;
        let room = socket.new_room().await;
        let reply = socket.ask(room, "Hello").await;
        soon("the model to be asked", server.simulator.until_gate("door")).await;
        stop(&mut socket, room, reply).await;
        closed_at_once(&server).await;
        let run = socket.finished(reply).await;
        assert_eq!((run.status, run.stopped_by.as_deref()), (RunStatus::Stopped, Some("Ana")), "{gate}");
        assert!(run.ended_at.is_some() && run.failure.is_none());
        assert_eq!(socket.transcript.text(reply), "");
    }
}

#[tokio::test]
async fn a_run_stops_in_the_middle_and_keeps_its_text() {
    let server = gated("door@20").await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let (text, thinking) = server.simulator.reply("Hello");
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 1).await;
    stop(&mut socket, room, reply).await;
    closed_at_once(&server).await;
    let run = socket.finished(reply).await;
    assert_eq!((run.status, run.stopped_by.as_deref()), (RunStatus::Stopped, Some("Ana")));
    let shown = socket.transcript.text(reply).to_owned();
    assert!(text.starts_with(&shown) && shown.len() < text.len());
    assert_eq!(socket.transcript.thinking(reply), thinking);
    assert_eq!(account.room(room).await.unwrap().messages[1].text, shown);
    // Stopping again, and stopping what has ended, changes nothing and is acknowledged.
    let head = account.room(room).await.unwrap().cursor;
    stop(&mut socket, room, reply).await;
    assert_eq!(account.room(room).await.unwrap().cursor, head);
}

#[tokio::test]
async fn a_run_that_waits_for_its_turn_can_be_stopped_and_is_never_asked() {
    let server = Setup::default()
        .simulator(json!({"gate": "door@start"}))
        .argument("--runs-at-once", "1")
        .start()
        .await;
    let mut socket = server.account("Ana").await.connect().await;
    let (first_room, second_room, third_room) =
        (socket.new_room().await, socket.new_room().await, socket.new_room().await);
    let first = socket.ask(first_room, "One").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let second = socket.ask(second_room, "Two").await;
    let third = socket.ask(third_room, "Three").await;
    stop(&mut socket, second_room, second).await;
    assert_eq!(socket.finished(second).await.status, RunStatus::Stopped);
    assert_eq!(socket.transcript.run(third).unwrap().status, RunStatus::Queued);
    server.simulator.release("door");
    assert_eq!(socket.finished(first).await.status, RunStatus::Done);
    assert_eq!(socket.finished(third).await.status, RunStatus::Done);
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn another_member_may_stop_a_run_from_another_socket() {
    let server = gated("door@5").await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let mut asker = ana.connect().await;
    let room = asker.new_room().await;
    server.add_member(room, "Ben", "member").await;
    let mut other = ben.connect().await;
    other.follow(room).await;
    let message = asker.say(room, "Hello").await;
    let reply = other.reply(message).await;
    other.until_status(reply, RunStatus::Writing).await;
    stop(&mut other, room, reply).await;
    closed_at_once(&server).await;
    for socket in [&mut asker, &mut other] {
        let run = socket.finished(reply).await;
        assert_eq!((run.status, run.stopped_by.as_deref()), (RunStatus::Stopped, Some("Ben")));
    }
    assert_eq!(asker.transcript.text(reply), other.transcript.text(reply));
    // A guest may not.
    server.add_member(room, "Ben", "guest").await;
    let refused = other.execute(Command::StopRun { room, message: reply }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Forbidden);
    let refused = asker.execute(Command::StopRun { room, message }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::MessageNotFound, "people's messages have no run");
}

#[tokio::test]
async fn a_retry_is_a_new_branch_once() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let message = socket.say(room, "Hello").await;
    let first = socket.reply(message).await;
    let text = socket.finished(first).await.text_length;
    let id = new_command();
    let retry = Command::RetryRun { room, message: first };
    socket.send_together((0..2).map(|_| retry.encode(id))).await;
    let ack = socket.answer(id).await.unwrap();
    assert_eq!(socket.answer(id).await.unwrap(), ack);
    let second = message_of(id);
    assert_eq!(socket.finished(second).await.text_length, text);
    socket.give_as(id, retry).await;
    assert_eq!(socket.answer(id).await.unwrap(), ack);
    assert_eq!(socket.transcript.replies(message), [first, second]);
    assert_eq!(server.count("select count(*) from messages").await, 3);
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn a_run_that_still_writes_is_not_retried() {
    let server = gated("door@5").await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    let refused = socket.execute(Command::RetryRun { room, message: reply }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::BadState);
    server.simulator.release("door");
    socket.finished(reply).await;
    assert_eq!(server.model_calls(), 1);
}

#[tokio::test]
async fn a_wait_that_the_model_asks_for_is_kept_and_the_reply_comes() {
    let server = TestServer::start().await;
    server.simulator.script(json!([{"fail": "rate", "retry_after": "1"}, {"fail": "overloaded"}])).unwrap();
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
    assert_eq!(socket.transcript.text(reply), server.simulator.reply("Hello").0);
    let requests = server.simulator.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[1].at_ms - requests[0].at_ms >= 990, "{}", requests[1].at_ms - requests[0].at_ms);
}

#[tokio::test]
async fn every_failure_ends_in_its_state_with_a_sentence() {
    use RunStatus::{Done, Failed, Interrupted};
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let cases: [(Value, RunStatus, &str, usize); 16] = [
        (json!({"fail": 401}), Failed, "bad_key", 1),
        (json!({"fail": "quota"}), Failed, "quota_exhausted", 1),
        (json!({"fail": "model"}), Failed, "model_not_found", 1),
        (json!({"fail": "content_filter"}), Failed, "content_filtered", 1),
        (json!({"fail": "token_limit"}), Failed, "context_too_long", 1),
        (json!({"fail": "rate", "retry_after": "3600"}), Failed, "rate_limited", 1),
        (json!({"fail": "unavailable", "times": 4}), Failed, "unavailable", 4),
        (json!({"fail": "gateway", "times": 4}), Failed, "gateway_timeout", 4),
        (json!({"stream_error": "quota"}), Interrupted, "quota_exhausted", 1),
        (json!({"stream_error": "state", "stream_error_at": 0, "times": 3}), Failed, "server_error", 3),
        (json!({"cut_after": 10, "times": 3}), Interrupted, "interrupted", 3),
        (json!({"cut_thinking": 3, "times": 3}), Failed, "interrupted", 3),
        (json!({"garbage": 0, "times": 3}), Failed, "garbled", 3),
        (json!({"empty": true}), Failed, "length", 1),
        (json!({"finish_reason": "length"}), Interrupted, "length", 1),
        (json!({"text": ""}), Failed, "empty", 1),
    ];
    for (script, status, code, calls) in cases {
        server.simulator.reset();
        server.simulator.script(script.clone()).unwrap();
        let room = socket.new_room().await;
        let reply = socket.ask(room, "Hello").await;
        let run = socket.finished(reply).await;
        let failure = run.failure.unwrap_or_else(|| panic!("{script}: {:?}", run.status));
        assert_eq!((run.status, failure.code.as_str()), (status, code), "{script}");
        assert!(failure.message.ends_with('.') && failure.message.len() > 20, "{failure:?}");
        for secret in [server::kimi::simulator::ORGANISATION_ID, server::kimi::simulator::KEY_ID, "sk-test"] {
            assert!(!failure.message.contains(secret), "{failure:?}");
        }
        assert!(run.ended_at.is_some());
        assert_eq!(server.model_calls(), calls, "{script}");
        let text = socket.transcript.text(reply);
        assert!(server.simulator.reply("Hello").0.starts_with(text), "{script}");
        assert_eq!(text.is_empty(), status == Failed, "{script}");
        assert_eq!(account.room(room).await.unwrap().messages[1].text, text);
        // Retried, it goes well.
        let id = new_command();
        socket.give_as(id, Command::RetryRun { room, message: reply }).await;
        assert_eq!(socket.finished(message_of(id)).await.status, Done, "{script}");
    }
}

#[tokio::test]
async fn a_filtered_reply_has_failed() {
    let server = TestServer::start().await;
    server.simulator.script(json!({"finish_reason": "content_filter"})).unwrap();
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    let run = socket.finished(reply).await;
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Failed, "content_filtered"));
}

#[tokio::test]
async fn a_model_that_says_nothing_is_given_up() {
    let server = Setup::default()
        .simulator(json!({"gate": "door@headers"}))
        .policies(|policies| {
            policies.model.first_byte = Duration::from_millis(50);
            policies.runs.tries = 2;
        })
        .start()
        .await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    let run = socket.finished(reply).await;
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Failed, "timeout"));
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn a_run_goes_on_when_everybody_has_left() {
    let server = gated("door@10").await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    socket.cut();
    account.sign_out().await;
    server.simulator.release("door");
    soon("the reply", server.simulator.until(|requests| requests[0].outcome == Outcome::Finished)).await;
    let answer = server.visitor().try_sign_in("ana@example.org", "correct horse battery").await;
    let account = server.visitor().account(&answer.session().unwrap());
    let message = eventually("the end of the run", async || {
        let message = account.room(room).await.unwrap().messages.pop().unwrap();
        message.run.as_ref().unwrap().status.has_ended().then_some(message)
    })
    .await;
    assert_eq!((message.id, message.run.unwrap().status), (reply, RunStatus::Done));
    assert_eq!(message.text, server.simulator.reply("Hello").0);
}

#[tokio::test]
async fn somebody_who_comes_while_it_writes_gets_it_live() {
    // Left by its only follower just when it began: whoever comes later follows it all the same.
    let server = gated("door@10").await;
    let account = server.account("Ana").await;
    for number in 0..20 {
        let prompt = format!("no thinking {number}");
        let mut socket = account.connect().await;
        let room = socket.new_room().await;
        let id = socket.give(Command::say(room, prompt.clone())).await;
        socket.answer(id).await.unwrap();
        socket.cut();
        soon("the gate", server.simulator.until_gate("door")).await;
        let snapshot = account.room(room).await.unwrap();
        let reply = snapshot.messages[1].clone();
        let mut late = account.connect().await;
        late.transcript.hold(reply.id, 1, &reply.text, &reply.thinking);
        late.subscribe(app::protocol::RoomCursor {
            room,
            cursor: Some(snapshot.cursor),
            messages: vec![late.transcript.held(reply.id)],
        })
        .await;
        let command = Command::StopRun { room, message: reply.id };
        late.until_text(reply.id, 1).await;
        late.execute(command).await.unwrap();
        server.simulator.until(|requests| requests.last().unwrap().outcome == Outcome::ClosedByClient).await;
    }
}

#[tokio::test]
async fn nothing_is_shown_that_a_crash_can_lose() {
    for round in 0..4_u32 {
        let mut server = Setup::default().simulator(json!({"rate": 3_000, "tokens": 20_000})).start().await;
        let account = server.account("Ana").await;
        let mut sockets = Vec::new();
        for number in 0..6 {
            let mut socket = account.connect().await;
            let room = socket.new_room().await;
            let reply = socket.ask(room, &format!("no thinking {number}")).await;
            sockets.push((socket, room, reply));
        }
        let enough = 500 * u64::from(round + 1);
        for (socket, _, reply) in &mut sockets {
            socket.until_text(*reply, enough).await;
        }
        server.crash().await;
        for (socket, _, _) in &mut sockets {
            socket.end().await;
        }
        server.start_again().await;
        for (socket, room, reply) in &sockets {
            let shown = socket.transcript.text(*reply);
            let snapshot = account.room(*room).await.unwrap();
            let stored = &snapshot.messages[1];
            assert!(shown.len() as u64 >= enough);
            assert!(
                stored.text.starts_with(shown),
                "{} bytes shown, {} stored",
                shown.len(),
                stored.text.len()
            );
            assert!(!stored.run.as_ref().unwrap().status.has_ended(), "it goes on, or will");
            let seen = socket.transcript.seqs(Log::Room(*room)).last().copied().unwrap();
            assert!(snapshot.cursor.seq >= seen, "every event that was shown is there");
        }
    }
}

/// Nobody runs it, so nothing is said to be used.
#[tokio::test]
async fn a_wish_for_a_tool_that_is_not_offered_is_said() {
    let server = TestServer::start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = ana.new_room().await;
    ana.follow(room).await;
    server.simulator.script(json!({"tool": "get_weather"})).unwrap();
    let reply = ana.ask(room, "Will it rain?").await;
    let run = ana.finished(reply).await;
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Failed, "no_tools"));
}
