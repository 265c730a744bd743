//! What Kimi is told: everything that was said before, and by whom.

use app::protocol::{Command, RunStatus};
use serde_json::json;

use super::{Change, change, gated, group, join, told};
use crate::support::{Setup, TestServer, message_of, new_command, soon};

#[tokio::test]
async fn several_people_are_told_by_name_also_what_they_said_meanwhile() {
    let server = gated("door@5").await;
    let mut ana = server.account("Ana").await.connect().await;
    let budi = server.account("Budi").await;
    let room = group(&mut ana, &["Budi"]).await;
    let command = Change { instructions: Some("Be brief."), ..change(room) }.command();
    ana.execute(command).await.unwrap();
    let mut budi = join(&budi, room).await;
    let first = ana.ask(room, "Will it rain?").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let second = budi.ask(room, "And tomorrow?\nIn Jakarta?").await;
    server.simulator.release("door");
    budi.finished(first).await;
    budi.finished(second).await;
    let (first_told, second_told) = (told(&server, 0), told(&server, 1));
    assert!(first_told[0].starts_with("system: You are Kimi"));
    assert!(first_told[0].contains("Several people") && first_told[0].ends_with("\nBe brief."));
    assert_eq!(first_told[1..], ["user: Ana: Will it rain?"]);
    assert_eq!(first_told[0], second_told[0]);
    let answer = format!("assistant: {}", budi.transcript.text(first));
    assert_eq!(
        second_told[1..],
        ["user: Ana: Will it rain?", &answer, "user: Budi: And tomorrow?\nIn Jakarta?"]
    );
    // Everybody holds the same.
    for reply in [first, second] {
        ana.finished(reply).await;
        assert_eq!(ana.transcript.text(reply), budi.transcript.text(reply));
    }
}

#[tokio::test]
async fn a_try_again_asks_the_same_whatever_was_said_meanwhile() {
    let server = Setup::default().simulator(json!({"gate": "door@5", "cut": 10})).start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    let first = ana.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let second = ana.ask(room, "no thinking").await;
    server.simulator.release("door");
    ana.finished(first).await;
    ana.finished(second).await;
    let (before, after) = (told(&server, 0), told(&server, 1));
    assert_eq!(before[..], after[..before.len()], "the whole question");
    assert_eq!(after.len(), before.len() + 1, "and the beginning of the answer");
    assert_eq!(ana.transcript.text(first), server.simulator.reply("Hello").0);
}

#[tokio::test]
async fn a_retried_reply_is_told_nothing_of_what_came_after_the_question() {
    let server = TestServer::start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    let first = ana.ask(room, "One").await;
    ana.finished(first).await;
    let second = ana.ask(room, "Two").await;
    ana.finished(second).await;
    let id = new_command();
    ana.give_as(id, Command::RetryRun { room, message: first }).await;
    assert_eq!(ana.finished(message_of(id)).await.status, RunStatus::Done);
    assert_eq!(told(&server, 2)[1..], ["user: One"]);
    assert_eq!(ana.transcript.text(message_of(id)), ana.transcript.text(first));
}

#[tokio::test]
async fn a_question_that_is_deleted_while_its_reply_waits_is_not_asked() {
    let server = gated("door@5").await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    ana.ask(room, "One").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let second = ana.ask(room, "Two").await;
    server.execute("update messages set deleted_at = 1, text = '' where text = 'Two'").await;
    server.simulator.release("door");
    let run = ana.finished(second).await;
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Failed, "question_deleted"));
    assert_eq!(server.model_calls(), 1);
}
