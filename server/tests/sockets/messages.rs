//! Messages: what may be said, what the log shows of it, and the reply as it streams.

use std::time::{Duration, Instant};

use app::protocol::{Author, Command, Event, FailureCode, Log, MessageId, RoomId, RunStatus};
use serde_json::json;
use server::kimi::simulator::Outcome;

use crate::support::{Setup, Socket, TestServer, eventually, hello, message_of, new_command, soon};

fn send(room: RoomId, text: &str) -> Command {
    Command::say(room, text)
}

#[tokio::test]
async fn what_may_not_be_said_is_refused_and_not_stored() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    for (text, code) in [
        (String::new(), FailureCode::MessageEmpty),
        (" \n\t".to_owned(), FailureCode::MessageEmpty),
        ("\u{200b}\u{2800}".to_owned(), FailureCode::MessageEmpty),
        ("x".repeat(32 * 1024 + 1), FailureCode::MessageTooLong),
        ("é".repeat(16 * 1024) + "x", FailureCode::MessageTooLong),
    ] {
        let refused = socket.execute(send(room, &text)).await.unwrap_err();
        assert_eq!((refused.code, refused.room), (code, Some(room)), "{text:.20}");
        assert!(refused.message.ends_with('.'));
    }
    let parent = Some(MessageId(new_command().0));
    let refused = socket
        .execute(Command::SendMessage {
            room,
            text: "Hello".to_owned(),
            parent,
            reply_to: None,
            beside: None,
        })
        .await
        .unwrap_err();
    assert_eq!(refused.code, FailureCode::MessageNotFound);
    assert_eq!(server.count("select count(*) from messages").await, 0);
    assert_eq!(server.model_calls(), 0);
    socket.say(room, &"x".repeat(32 * 1024)).await;
}

#[tokio::test]
async fn a_reply_streams_and_is_the_models_byte_for_byte() {
    let server = Setup::default().simulator(json!({"rate": 2_000})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    for prompt in ["Show me a table, code and many languages", "no thinking, split=1 unicode"] {
        let (text, thinking) = server.simulator.reply(prompt);
        let reply = socket.ask(room, prompt).await;
        let run = socket.finished(reply).await;
        assert_eq!((run.status, run.failure), (RunStatus::Done, None));
        assert_eq!(socket.transcript.text(reply), text);
        assert_eq!(socket.transcript.thinking(reply), thinking);
        assert!(socket.transcript.parts[&reply] > 3, "it came in parts");
        let usage = run.usage.unwrap();
        assert!(usage.prompt_tokens > 0 && usage.completion_tokens > 0);
        let snapshot = account.room(room).await.unwrap();
        let stored = snapshot.messages.last().unwrap();
        assert_eq!((stored.id, &stored.text, &stored.thinking), (reply, &text, &thinking));
        assert_eq!(stored.author, Author::Assistant { name: "Kimi".to_owned() });
    }
    assert_eq!(server.count("select count(*) from pieces").await, 0, "compacted");
}

#[tokio::test]
async fn the_log_tells_a_run_from_its_beginning_to_its_end() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let message = socket.say(room, "Hello").await;
    let reply = socket.reply(message).await;
    socket.finished(reply).await;
    let told: Vec<String> = socket
        .transcript
        .events
        .iter()
        .filter(|(log, ..)| *log == Log::Room(room))
        .map(|(_, _, event)| match event {
            Event::Message(said) if said.id == message => "message".to_owned(),
            Event::Message(said) if said.id == reply => {
                assert_eq!(said.parent, Some(message));
                format!("reply {}", said.run.as_ref().unwrap().status.name())
            }
            Event::Run { run, .. } => run.status.name().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["message", "reply queued", "thinking", "writing", "done"]);
    assert_eq!(socket.transcript.seqs(Log::Room(room)), [1, 2, 3, 4, 5]);
    let again = socket.ask(room, "And then?").await;
    socket.finished(again).await;
    let said = socket.transcript.messages(room).find(|said| said.text == "And then?").unwrap();
    assert_eq!(said.parent, Some(reply), "it follows the newest message");
    let asked = server.simulator.requests();
    let turns = asked[1].body["messages"].as_array().unwrap();
    let roles: Vec<_> = turns.iter().map(|turn| turn["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
}

#[tokio::test]
async fn a_command_that_comes_again_has_one_effect() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let (mut here, mut there) = (account.connect().await, account.connect().await);
    let room = here.new_room().await;
    let id = new_command();
    // On one connection, on another at the same time, and once more after the reply has ended.
    here.send_together((0..3).map(|_| send(room, "Hello").encode(id))).await;
    there.give_as(id, send(room, "Hello")).await;
    let first = here.answer(id).await.unwrap();
    assert_eq!(first.seq, Some(1));
    assert_eq!(here.answer(id).await.unwrap(), first);
    assert_eq!(here.answer(id).await.unwrap(), first);
    assert_eq!(there.answer(id).await.unwrap(), first);
    let reply = here.reply(message_of(id)).await;
    here.finished(reply).await;
    here.give_as(id, send(room, "Something else")).await;
    assert_eq!(here.answer(id).await.unwrap(), first);
    let last = here.ask(room, "no thinking").await;
    here.finished(last).await;
    assert_eq!(here.transcript.replies(message_of(id)).len(), 1);
    assert_eq!(server.count("select count(*) from messages").await, 4);
    assert_eq!(server.model_calls(), 2);
}

#[tokio::test]
async fn messages_have_a_limit_that_says_when_to_go_on() {
    let server = Setup::default().argument("--messages-per-minute", "2").start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    socket.say(room, "One").await;
    socket.say(room, "Two").await;
    let refused = socket.execute(send(room, "Three")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::RateLimited);
    assert!((1..=30_000).contains(&refused.retry_after_ms.unwrap()), "{refused:?}");
    assert_eq!(server.count("select count(*) from messages").await, 4);
    // Other commands, and other people, go on.
    socket.execute(Command::RenameRoom { room, title: "Plans".to_owned() }).await.unwrap();
    let mut other = server.account("Ben").await.connect().await;
    let place = other.new_room().await;
    other.say(place, "One").await;
}

#[tokio::test]
async fn whoever_leaves_at_once_is_answered_all_the_same() {
    let server = Setup::default()
        .simulator(json!({"text": "Yes.", "no_thinking": true}))
        .argument("--connections-per-user", "1")
        .argument("--messages-per-minute", "1000")
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    for number in 0..100 {
        let ticket = account.ticket().await;
        socket.give(send(room, "Are you there?")).await;
        // A new connection closes the one before it, sooner or later while its command is being done.
        let later = Instant::now() + Duration::from_micros(30 * number);
        while Instant::now() < later {
            tokio::task::yield_now().await;
        }
        let mut next = Socket::open(server.address, &ticket).await.unwrap();
        next.hello(&hello()).await;
        socket.cut();
        socket = next;
    }
    eventually("all runs to end", async || {
        let sql = "select count(*) from runs where ended_at is null";
        (server.count(sql).await == 0).then_some(())
    })
    .await;
    assert!(server.count("select count(*) from messages").await > 0);
}

#[tokio::test]
async fn another_program_that_locks_the_database_for_a_moment_only_delays() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let lock = server.locked().await;
    let id = socket.give(send(room, "Hello")).await;
    // Reading goes on.
    for _ in 0..20 {
        assert!(account.room(room).await.unwrap().messages.is_empty());
    }
    sqlx::Connection::close(lock).await.unwrap();
    socket.answer(id).await.unwrap();
    let reply = socket.reply(message_of(id)).await;
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
}

#[tokio::test]
async fn what_can_not_be_stored_is_not_shown_and_the_run_goes_on_when_it_can() {
    let server =
        Setup::default().simulator(json!({"rate": 100, "tokens": 5_000, "no_thinking": true})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    // Longer than the server waits for another writer.
    let lock = server.locked().await;
    let given_up = server.simulator.until(|requests| requests[0].outcome != Outcome::Streaming);
    soon("the run to be given up", given_up).await;
    server.simulator.defaults(json!({"rate": 0, "tokens": 5_000, "no_thinking": true})).unwrap();
    sqlx::Connection::close(lock).await.unwrap();
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
    assert_eq!(account.room(room).await.unwrap().messages[1].text, socket.transcript.text(reply));
    assert_eq!(socket.transcript.text(reply), server.simulator.reply("Hello").0);
    assert_eq!(server.model_calls(), 2);
    let again = socket.ask(room, "no thinking, 20 tokens").await;
    socket.finished(again).await;
}

#[tokio::test]
async fn a_run_whose_state_can_not_be_stored_goes_on_when_it_can() {
    let slow = json!({"gate": "door@start", "no_thinking": true, "rate": 50, "tokens": 5_000});
    let server = Setup::default().simulator(slow).start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let lock = server.locked().await;
    let log = server.count("select count(*) from events").await;
    server.simulator.release("door");
    let given_up = server.simulator.until(|requests| requests[0].outcome == Outcome::ClosedByClient);
    soon("the run to be given up", given_up).await;
    server.simulator.defaults(json!({"rate": 0, "tokens": 500, "no_thinking": true})).unwrap();
    sqlx::Connection::close(lock).await.unwrap();
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
    assert_eq!(socket.transcript.text(reply), server.simulator.reply("Hello").0);
    assert_eq!(server.count("select count(*) from events").await, log + 2, "writing, and done");
}

#[tokio::test]
async fn markup_travels_as_it_was_written() {
    let server = Setup::default()
        .simulator(json!({"text": "<script>alert(1)</script>\u{0} & \"quotes\"\r\n"}))
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let text = "<img src=x onerror=alert(1)> \u{0} \\ \u{2028} 👩‍👩‍👧";
    let message = socket.say(room, text).await;
    let reply = socket.reply(message).await;
    socket.finished(reply).await;
    assert_eq!(socket.transcript.messages(room).next().unwrap().text, text);
    assert_eq!(socket.transcript.text(reply), "<script>alert(1)</script>\u{0} & \"quotes\"\r\n");
    let snapshot = account.room(room).await.unwrap();
    assert_eq!(snapshot.messages[0].text, text);
    assert_eq!(snapshot.messages[1].text, socket.transcript.text(reply));
}
