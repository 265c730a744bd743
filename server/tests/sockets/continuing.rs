//! `chat:continue`: a reply that was stopped or interrupted goes on as the same message, once per command.

use app::protocol::{Command, Failure, FailureCode, MessageId, RoomId, RunStatus};
use serde_json::json;

use crate::support::{FullClient, Setup, Socket, TestServer, new_command, soon};

fn go_on(room: RoomId, message: MessageId) -> Command {
    Command::ContinueRun { room, message }
}

/// A reply that was stopped at a gate, which is open afterwards.
async fn stopped(server: &TestServer, socket: &mut Socket) -> (RoomId, MessageId) {
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    socket.execute(Command::StopRun { room, message: reply }).await.unwrap();
    socket.finished(reply).await;
    server.simulator.release("door");
    (room, reply)
}

#[tokio::test]
async fn a_stopped_reply_goes_on_in_place() {
    for gate in ["door@25", "door@thinking:4", "door@headers"] {
        let server = Setup::default().simulator(json!({"gate": gate})).start().await;
        let account = server.account("Ana").await;
        let mut socket = account.connect().await;
        let (room, reply) = stopped(&server, &mut socket).await;
        let shown = socket.transcript.text(reply).to_owned();
        let before = socket.transcript.events.len();
        socket.execute(go_on(room, reply)).await.unwrap();
        socket.until_status(reply, RunStatus::Done).await;
        let run = socket.finished(reply).await;
        assert_eq!(
            (run.status, run.attempt, &run.stopped_by, &run.failure),
            (RunStatus::Done, 2, &None, &None)
        );
        let (text, thinking) = server.simulator.reply("Hello");
        assert!(text.starts_with(&shown));
        assert_eq!(socket.transcript.text(reply), text, "{gate}");
        assert_eq!(socket.transcript.thinking(reply), thinking, "{gate}");
        let states: Vec<_> = socket.transcript.events[before..]
            .iter()
            .filter_map(|(_, _, event)| match event {
                app::protocol::Event::Run { run, .. } => Some(run.status),
                _ => None,
            })
            .collect();
        assert_eq!((states[0], states.last()), (RunStatus::Queued, Some(&RunStatus::Done)), "{gate}");
        assert!(states.contains(&RunStatus::Writing));
        let snapshot = account.room(room).await.unwrap();
        assert_eq!(snapshot.messages.len(), 2);
        assert_eq!((&snapshot.messages[1].text, &snapshot.messages[1].thinking), (&text, &thinking));
    }
}

#[tokio::test]
async fn an_interrupted_reply_heals_and_goes_on_as_often_as_it_is_asked_to() {
    let server = Setup::default().simulator(json!({"cut_after": 10, "tokens": 80})).start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    let whole = server.simulator.reply("Hello").0;
    for round in 1..=2 {
        assert_eq!(socket.finished(reply).await.status, RunStatus::Interrupted);
        assert!(whole.starts_with(socket.transcript.text(reply)));
        assert_eq!(server.model_calls(), 3 * round);
        let id = new_command();
        socket.give_as(id, go_on(room, reply)).await;
        socket.until_status(reply, RunStatus::Queued).await;
    }
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
    assert_eq!(socket.transcript.text(reply), whole);
}

/// `AutoGPT` PR #12788, `elizaOS` PR #15394: a command that came again was a second, paid turn.
#[tokio::test]
async fn the_same_command_has_one_effect() {
    let server = Setup::default()
        .simulator(json!({"gate": "door@25"}))
        .argument("--messages-per-minute", "10000")
        .start()
        .await;
    let account = server.account("Ana").await;
    let (mut here, mut there) = (account.connect().await, account.connect().await);
    let (room, reply) = stopped(&server, &mut here).await;
    let id = new_command();
    let frames = || (0..50).map(|_| go_on(room, reply).encode(id));
    tokio::join!(here.send_together(frames()), there.send_together(frames()));
    for _ in 0..50 {
        here.answer(id).await.unwrap();
        there.answer(id).await.unwrap();
    }
    here.until_status(reply, RunStatus::Done).await;
    assert_eq!(server.model_calls(), 2);
    // Also when it comes again after the reply has ended; a new one is judged by itself.
    here.give_as(id, go_on(room, reply)).await;
    here.answer(id).await.unwrap();
    assert_eq!(here.execute(go_on(room, reply)).await.unwrap_err().code, FailureCode::BadState);
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn only_what_was_stopped_or_interrupted_goes_on() {
    let server = Setup::default().simulator(json!({"gate": "door@25"})).start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let mut socket = ana.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let code = |result: Result<_, Failure>| result.map(|_: app::protocol::Ack| ()).unwrap_err().code;
    assert_eq!(code(socket.execute(go_on(room, reply)).await), FailureCode::BadState, "it writes");
    server.simulator.release("door");
    socket.finished(reply).await;
    assert_eq!(code(socket.execute(go_on(room, reply)).await), FailureCode::BadState, "it is done");
    server.simulator.script(json!({"fail": "quota"})).unwrap();
    let failed = socket.ask(room, "More").await;
    assert_eq!(socket.finished(failed).await.status, RunStatus::Failed);
    assert_eq!(code(socket.execute(go_on(room, failed)).await), FailureCode::BadState, "it has failed");
    let message = socket.say(room, "Thanks").await;
    assert_eq!(code(socket.execute(go_on(room, message)).await), FailureCode::MessageNotFound);
    let mut other = ben.connect().await;
    assert_eq!(code(other.execute(go_on(room, reply)).await), FailureCode::RoomNotFound);
    server.add_member(room, "Ben", "guest").await;
    assert_eq!(code(other.execute(go_on(room, reply)).await), FailureCode::Forbidden);
}

#[tokio::test]
async fn continuing_counts_as_a_message() {
    let server = Setup::default()
        .simulator(json!({"gate": "door@25"}))
        .argument("--messages-per-minute", "1")
        .start()
        .await;
    let mut socket = server.account("Ana").await.connect().await;
    let (room, reply) = stopped(&server, &mut socket).await;
    let refused = socket.execute(go_on(room, reply)).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::RateLimited);
    assert_eq!(server.model_calls(), 1);
}

#[tokio::test]
async fn who_continues_is_another_command_than_who_else_continues() {
    let server = Setup::default().simulator(json!({"gate": "door@25"})).start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let (room, reply) = stopped(&server, &mut ana).await;
    let account = server.account("Ben").await;
    server.add_member(room, "Ben", "member").await;
    let mut ben = account.connect().await;
    let id = new_command();
    ana.give_as(id, go_on(room, reply)).await;
    ana.answer(id).await.unwrap();
    ana.until_status(reply, RunStatus::Done).await;
    // The same identifier from somebody else is judged by itself.
    ben.give_as(id, go_on(room, reply)).await;
    assert_eq!(ben.answer(id).await.unwrap_err().code, FailureCode::BadState);
}

#[tokio::test]
async fn a_continued_reply_survives_a_crash_too() {
    let mut server = Setup::default().simulator(json!({"gate": "door@25"})).start().await;
    let account = server.account("Ana").await;
    let mut client = FullClient::start(&account).await;
    let room = client.create_room();
    let message = client.say(room, "Hello");
    client
        .until("some text", |client| client.reply(room, message).is_some_and(|reply| reply.text.len() > 20))
        .await;
    let reply = client.reply(room, message).unwrap().id;
    client.give(Command::StopRun { room, message: reply });
    client.until("the end", |client| client.has_whole_reply(room, message)).await;
    let kept = client.reply(room, message).unwrap().text.clone();
    server.simulator.release("door");
    server.simulator.defaults(json!({"gate": "second@40", "rate": 0})).unwrap();
    client.give(go_on(room, reply));
    soon("the second gate", server.simulator.until_gate("second")).await;
    client.until("more text", |client| client.message(room, reply).unwrap().text.len() > kept.len()).await;
    server.crash().await;
    server.simulator.release("second");
    server.start_again().await;
    client
        .until("the whole reply", |client| {
            client.has_whole_reply(room, message)
                && client.message(room, reply).unwrap().run.as_ref().unwrap().status == RunStatus::Done
        })
        .await;
    let (text, thinking) = server.simulator.reply("Hello");
    let held = client.message(room, reply).unwrap();
    assert_eq!((&held.text, &held.thinking), (&text, &thinking));
    assert_eq!(account.room(room).await.unwrap().messages[1], *held);
}
