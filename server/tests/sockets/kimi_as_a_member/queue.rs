//! One reply after the other, whoever asks, stops, continues or dies.

use std::time::Duration;

use app::protocol::{Command, FailureCode, Limits, MessageId, RunStatus};
use serde_json::json;

use super::{gated, group, join, told};
use crate::support::{Setup, Socket, eventually, message_of, new_command, soon};

/// How soon something happens that nobody has to wait for.
const AT_ONCE: Duration = Duration::from_millis(500);

/// When a run began and when it ended, as places in the log.
fn span(socket: &Socket, reply: MessageId) -> (u64, u64) {
    let mut states = socket.transcript.events.iter().filter_map(|(_, seq, event)| match event {
        app::protocol::Event::Run { message, run } if *message == reply => Some((*seq, run.status)),
        _ => None,
    });
    let began = states.clone().find(|(_, status)| *status != RunStatus::Queued).unwrap().0;
    (began, states.find(|(_, status)| status.has_ended()).unwrap().0)
}

#[tokio::test]
async fn questions_in_a_row_are_answered_one_after_the_other() {
    let server = gated("door@5").await;
    let mut ana = server.account("Ana").await.connect().await;
    for is_solo in [true, false] {
        server.simulator.reset();
        let room = if is_solo { ana.new_room().await } else { group(&mut ana, &[]).await };
        let first = ana.ask(room, "One").await;
        soon("the gate", server.simulator.until_gate("door")).await;
        let (second, third) = (ana.ask(room, "Two").await, ana.ask(room, "Three").await);
        assert_eq!(server.model_calls(), 1, "the others wait");
        server.simulator.release("door");
        for reply in [first, second, third] {
            assert_eq!(ana.finished(reply).await.status, RunStatus::Done);
        }
        assert!(span(&ana, first).1 < span(&ana, second).0 && span(&ana, second).1 < span(&ana, third).0);
        let answers: Vec<String> =
            [first, second].map(|reply| format!("assistant: {}", ana.transcript.text(reply))).into();
        let mut expected = vec!["user: One", &answers[0], "user: Two", &answers[1], "user: Three"];
        assert_eq!(told(&server, 2)[1..], expected);
        // In a room of people, what was said meanwhile is there, too.
        expected.truncate(3);
        let note = "user: (Now it is your turn to answer this message of Ana: Two)";
        if !is_solo {
            expected.extend(["user: Three", note]);
        }
        assert_eq!(told(&server, 1)[1..], expected);
    }
}

#[tokio::test]
async fn a_queued_run_is_stopped_at_once_and_never_asked() {
    let server = gated("door@5").await;
    let mut ana = server.account("Ana").await.connect().await;
    let budi = server.account("Budi").await;
    let room = group(&mut ana, &["Budi"]).await;
    let mut budi = join(&budi, room).await;
    let first = ana.ask(room, "One").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let (second, third) = (ana.ask(room, "Two").await, ana.ask(room, "Three").await);
    let stop = budi.execute(Command::StopRun { room, message: second });
    tokio::time::timeout(AT_ONCE, stop).await.expect("at once").unwrap();
    let run = ana.finished(second).await;
    assert_eq!((run.status, run.stopped_by.as_deref()), (RunStatus::Stopped, Some("Budi")));
    assert_eq!(ana.transcript.run(third).unwrap().status, RunStatus::Queued);
    // The one that writes: the next has its turn.
    ana.execute(Command::StopRun { room, message: first }).await.unwrap();
    soon("the third", server.simulator.until(|requests| requests.len() == 2)).await;
    server.simulator.release("door");
    assert_eq!(ana.finished(third).await.status, RunStatus::Done);
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn a_continued_reply_waits_behind_those_that_were_asked_for_before() {
    let server = gated("door@5").await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    let first = ana.ask(room, "One").await;
    ana.until_text(first, 1).await;
    ana.execute(Command::StopRun { room, message: first }).await.unwrap();
    ana.finished(first).await;
    let second = ana.ask(room, "Two").await;
    soon("the second", server.simulator.until(|requests| requests.len() == 2)).await;
    let third = ana.ask(room, "Three").await;
    ana.execute(Command::ContinueRun { room, message: first }).await.unwrap();
    ana.until_status(first, RunStatus::Queued).await;
    let fourth = ana.ask(room, "Four").await;
    assert_eq!(server.model_calls(), 2);
    server.simulator.release("door");
    for reply in [second, third, first, fourth] {
        ana.until_status(reply, RunStatus::Done).await;
    }
    let last = server.simulator.requests().into_iter().map(|request| request.partial.is_some());
    assert_eq!(last.collect::<Vec<_>>(), [false, false, false, true, false]);
    assert_eq!(ana.transcript.text(first), server.simulator.reply("One").0);
    let whole = format!("assistant: {}", ana.transcript.text(first));
    assert_eq!(told(&server, 4)[2], whole);
}

#[tokio::test]
async fn rooms_and_branches_do_not_wait_for_each_other_and_waiting_takes_no_place() {
    let server = Setup::default()
        .simulator(json!({"gate": "door@start"}))
        .argument("--runs-at-once", "3")
        .start()
        .await;
    let mut ana = server.account("Ana").await.connect().await;
    let (busy, solo) = (group(&mut ana, &[]).await, ana.new_room().await);
    ana.ask(busy, "One").await;
    soon("the first", server.simulator.until(|requests| requests.len() == 1)).await;
    for text in ["Two", "Three", "Four", "Five"] {
        ana.ask(busy, text).await;
    }
    // Two beginnings of one solo room are two branches.
    ana.ask(solo, "One").await;
    soon("the other room", server.simulator.until(|requests| requests.len() == 2)).await;
    let question = ana.transcript.messages(solo).next().unwrap().id;
    let beside = Command::SendMessage {
        room: solo,
        text: "Beside".to_owned(),
        parent: Some(question),
        reply_to: None,
        beside: None,
    };
    ana.execute(beside).await.unwrap();
    soon("the other branch", server.simulator.until(|requests| requests.len() == 3)).await;
    // This one follows it.
    ana.say(solo, "Behind").await;
    assert_eq!(server.count("select count(*) from runs where ended_at is null").await, 8);
    server.simulator.release("door");
    eventually("all to end", async || {
        (server.count("select count(*) from runs where status = 'done'").await == 8).then_some(())
    })
    .await;
    assert_eq!(server.model_calls(), 8);
}

#[tokio::test]
async fn a_full_queue_refuses_everything_that_asks_for_a_reply() {
    let server = gated("door@5").await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    let stopped = ana.ask(room, "Zero").await;
    ana.until_text(stopped, 1).await;
    ana.execute(Command::StopRun { room, message: stopped }).await.unwrap();
    ana.finished(stopped).await;
    let mut replies = Vec::new();
    let last = new_command();
    for number in 1..Limits::QUEUED_RUNS_PER_ROOM {
        replies.push(ana.ask(room, &format!("Question {number}")).await);
    }
    ana.give_as(last, Command::say(room, "The last")).await;
    let seq = ana.answer(last).await.unwrap().seq;
    replies.push(ana.reply(message_of(last)).await);
    let events = server.count("select count(*) from events").await;
    for command in [
        Command::say(room, "One too many"),
        Command::RetryRun { room, message: stopped },
        Command::ContinueRun { room, message: stopped },
    ] {
        let refused = ana.execute(command).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::LimitReached);
        assert!(refused.message.contains("20 replies"), "{refused:?}");
    }
    assert_eq!(server.count("select count(*) from events").await, events, "nothing is stored");
    // What was accepted stays accepted, and other rooms are other rooms.
    ana.give_as(last, Command::say(room, "The last")).await;
    assert_eq!(ana.answer(last).await.unwrap().seq, seq);
    let other = ana.new_room().await;
    ana.ask(other, "Hello").await;
    let place = replies.pop().unwrap();
    ana.execute(Command::StopRun { room, message: place }).await.unwrap();
    replies.push(ana.ask(room, "Now").await);
    server.simulator.release("door");
    for reply in replies {
        assert_eq!(ana.finished(reply).await.status, RunStatus::Done);
    }
}

#[tokio::test]
async fn a_queue_outlives_its_process() {
    let mut server = gated("door@5").await;
    let account = server.account("Ana").await;
    let mut ana = account.connect().await;
    let room = group(&mut ana, &[]).await;
    let mut replies = Vec::new();
    for text in ["One", "Two", "Three"] {
        replies.push(ana.ask(room, text).await);
    }
    soon("the gate", server.simulator.until_gate("door")).await;
    server.crash().await;
    server.simulator.release("door");
    server.start_again().await;
    let messages = eventually("all to end", async || {
        let messages = account.room(room).await.unwrap().messages;
        let done = messages.iter().filter_map(|message| message.run.as_ref());
        (done.filter(|run| run.status == RunStatus::Done).count() == 3).then_some(messages)
    })
    .await;
    let mut ends: Vec<_> =
        messages.iter().filter_map(|message| Some((message.run.as_ref()?.ended_at?, message.id))).collect();
    ends.sort_unstable();
    assert_eq!(ends.into_iter().map(|(_, id)| id).collect::<Vec<_>>(), replies);
    assert_eq!(server.model_calls(), 4, "only the one that wrote was asked twice");
}

#[tokio::test]
async fn a_run_waits_for_one_of_another_process_and_outlives_that() {
    for is_killed in [false, true] {
        let mut server = gated("door@5").await;
        let other = server.another_node().await;
        let account = server.account("Ana").await;
        let mut here = account.connect().await;
        let room = group(&mut here, &[]).await;
        here.ask(room, "One").await;
        soon("the gate", server.simulator.until_gate("door")).await;
        let elsewhere = account.at(other.address);
        let mut there = elsewhere.connect().await;
        there.follow(room).await;
        let second = there.ask(room, "Two").await;
        if is_killed {
            server.crash().await;
        }
        assert_eq!(server.model_calls(), 1);
        server.simulator.release("door");
        assert_eq!(there.finished(second).await.status, RunStatus::Done);
        let first = elsewhere.room(room).await.unwrap().messages[1].clone();
        assert_eq!(first.run.unwrap().status, RunStatus::Done);
        let last = server.model_calls() - 1;
        assert_eq!(told(&server, last)[2], format!("assistant: {}", first.text));
    }
}
