//! Runs outlive the process that writes them: after a crash, on another node, handed over when a server stops. Every
//! text ends byte for byte as if nothing had happened.

use std::time::{Duration, Instant};

use app::protocol::{Command, Hello, RoomCursor, RoomId, RunStatus, ServerFrame, Stream};
use serde_json::json;
use server::kimi::simulator::Outcome;

use crate::support::{Account, FullClient, Setup, Socket, eventually, hello, soon};

/// Comes back with what another connection held of a reply, and from where its log is known.
async fn come_back(account: &Account, room: RoomId, reply: app::protocol::MessageId, old: &Socket) -> Socket {
    let cursor = account.room(room).await.unwrap().cursor;
    let mut socket = account.open().await;
    let held = old.transcript.held(reply);
    socket.transcript.hold(reply, held.attempt, old.transcript.text(reply), old.transcript.thinking(reply));
    let rooms = vec![RoomCursor { room, cursor: Some(cursor), messages: vec![held] }];
    socket.hello(&Hello { rooms, ..hello() }).await;
    socket
}

async fn next_stream(socket: &mut Socket) -> Stream {
    socket
        .until("`chat:stream`", |_, frame| match frame {
            ServerFrame::Stream(stream) => Some(*stream),
            _ => None,
        })
        .await
}

/// LibreChat #1548, and open-webui after a `kill -9`: an answer that was being written is lost, or empty without an
/// error.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_replies_go_on_to_their_ends_after_a_crash() {
    let mut server = Setup::default()
        .simulator(json!({"rate": 300, "thinking_rate": 300, "unicode": true, "tokens": 900}))
        .start()
        .await;
    let mut clients = Vec::new();
    for number in 0..20 {
        let account = server.account(&format!("User{number}")).await;
        let mut client = FullClient::start(&account).await;
        let room = client.create_room();
        let prompt = format!("Question {number}");
        let message = client.say(room, &prompt);
        clients.push((client, account, room, prompt, message));
    }
    let mut shown = Vec::new();
    for (number, (client, _, room, _, message)) in clients.iter_mut().enumerate() {
        // Some still think, some write.
        let wanted = if number % 4 == 0 { 0 } else { 40 * number };
        client
            .until("some text", |client| {
                client
                    .reply(*room, *message)
                    .is_some_and(|reply| !reply.thinking.is_empty() && reply.text.len() >= wanted)
            })
            .await;
        shown.push(client.reply(*room, *message).unwrap().text.clone());
    }
    server.crash().await;
    assert!(server.count("select count(*) from runs where ended_at is null").await > 0);
    server.start_again().await;
    let started = Instant::now();
    for ((client, account, room, prompt, message), shown) in clients.iter_mut().zip(&shown) {
        client.until("the whole reply", |client| client.has_whole_reply(*room, *message)).await;
        let reply = client.reply(*room, *message).unwrap();
        let (text, thinking) = server.simulator.reply(prompt);
        assert!(reply.text.starts_with(shown.as_str()), "what was shown stays: {prompt}");
        assert_eq!(reply.run.as_ref().unwrap().status, RunStatus::Done, "{prompt}");
        assert_eq!((&reply.text, &reply.thinking), (&text, &thinking), "{prompt}");
        let snapshot = account.room(*room).await.unwrap();
        let seen: Vec<_> = client.client.room(*room).unwrap().messages().cloned().collect();
        assert_eq!(snapshot.messages, seen, "{prompt}");
    }
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert!(server.count("select count(*) from runs where take_overs = 1").await > 0);
    assert_eq!(server.count("select count(*) from pieces").await, 0);
}

/// LibreChat PR #12225: on resume the text came twice. Who holds a part gets the rest, who holds nothing gets all.
#[tokio::test]
async fn after_a_take_over_each_viewer_gets_exactly_what_it_lacks() {
    let mut server = Setup::default().simulator(json!({"gate": "door@30"})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 60).await;
    server.crash().await;
    socket.end().await;
    server.start_again().await;
    let mut holder = come_back(&account, room, reply, &socket).await;
    let mut newcomer = account.connect().await;
    let cursor = account.room(room).await.unwrap().cursor;
    newcomer.transcript.hold(reply, 1, "", "");
    newcomer.subscribe(RoomCursor { room, cursor: Some(cursor), messages: Vec::new() }).await;
    let held = socket.transcript.held(reply);
    let (rest, all) = (next_stream(&mut holder).await, next_stream(&mut newcomer).await);
    assert_eq!((rest.attempt, rest.text.offset, rest.thinking.offset), (1, held.text, held.thinking));
    assert_eq!((all.attempt, all.text.offset, all.thinking.offset), (1, 0, 0));
    server.simulator.release("door");
    let (text, thinking) = server.simulator.reply("Hello");
    for socket in [&mut holder, &mut newcomer] {
        assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
        assert_eq!(socket.transcript.text(reply), text);
        assert_eq!(socket.transcript.thinking(reply), thinking);
    }
    // It was asked for the rest of exactly what was stored.
    let requests = server.simulator.requests();
    let beginning = requests.last().unwrap().partial.clone().unwrap();
    assert!(text.starts_with(&beginning) && beginning.len() as u64 >= held.text);
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn thinking_that_a_crash_cut_begins_anew_as_a_whole() {
    let mut server = Setup::default().simulator(json!({"gate": "door@thinking:8"})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_state("some thinking", |transcript| transcript.thinking(reply).len() > 20).await;
    server.crash().await;
    socket.end().await;
    server.start_again().await;
    let mut again = come_back(&account, room, reply, &socket).await;
    again
        .until_state("the new attempt", |transcript| {
            transcript.run(reply).is_some_and(|run| run.attempt == 2)
        })
        .await;
    server.simulator.release("door");
    let run = again.finished(reply).await;
    assert_eq!((run.status, run.attempt), (RunStatus::Done, 2));
    let (text, thinking) = server.simulator.reply("Hello");
    assert_eq!((again.transcript.text(reply), again.transcript.thinking(reply)), (&*text, &*thinking));
    assert_eq!(account.room(room).await.unwrap().messages[1].thinking, thinking);
}

#[tokio::test]
async fn runs_that_waited_for_their_turn_simply_run_after_a_crash() {
    let mut server = Setup::default()
        .simulator(json!({"gate": "door@start"}))
        .argument("--runs-at-once", "1")
        .policies(|policies| policies.runs.sweep = 3)
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let mut asked = Vec::new();
    for number in 0..8 {
        let room = socket.new_room().await;
        asked.push((room, socket.ask(room, &format!("Question {number}")).await));
    }
    soon("the gate", server.simulator.until_gate("door")).await;
    server.crash().await;
    server.simulator.release("door");
    server.start_again().await;
    for (number, (room, reply)) in asked.into_iter().enumerate() {
        let message = ended(&account, room).await;
        assert_eq!(message.id, reply);
        let run = message.run.unwrap();
        assert_eq!((run.status, run.attempt), (RunStatus::Done, 1));
        assert_eq!(message.text, server.simulator.reply(&format!("Question {number}")).0);
    }
    assert_eq!(server.model_calls(), 9, "only the one that had its turn was asked twice");
}

async fn ended(account: &Account, room: RoomId) -> app::protocol::Message {
    eventually("the end of the run", async || {
        let message = account.room(room).await.unwrap().messages.pop().unwrap();
        message.run.as_ref().unwrap().status.has_ended().then_some(message)
    })
    .await
}

/// open-webui #15162, LibreChat #13117: with a second replica, chunks reach the wrong one and are dropped.
#[tokio::test]
async fn another_node_goes_on_with_the_runs_of_a_dead_one() {
    let mut server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let other = server.another_node().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    let mut elsewhere = account.at(other.address);
    assert_eq!(server.count("select count(*) from runs where take_overs > 0").await, 0);
    server.crash().await;
    server.simulator.release("door");
    let message = ended(&elsewhere, room).await;
    assert_eq!((message.id, message.run.unwrap().status), (reply, RunStatus::Done));
    assert_eq!(message.text, server.simulator.reply("Hello").0);
    elsewhere = account.at(other.address);
    let mut socket = elsewhere.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Again").await;
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
}

#[tokio::test]
async fn a_run_of_another_node_is_stopped_and_leaves_it() {
    let server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let other = server.another_node().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    let mut elsewhere = account.at(other.address).connect().await;
    elsewhere.execute(Command::StopRun { room, message: reply }).await.unwrap();
    let message = account.room(room).await.unwrap().messages.pop().unwrap();
    let run = message.run.unwrap();
    assert_eq!((run.status, run.stopped_by.as_deref()), (RunStatus::Stopped, Some("Ana")));
    assert!(message.text.starts_with(socket.transcript.text(reply)));
    let closed = server.simulator.until(|requests| requests[0].outcome == Outcome::ClosedByClient);
    soon("the request to be closed", closed).await;
}

/// A node that slept for longer than its lease: the other one writes, and nothing of the sleeper is stored.
#[tokio::test]
async fn who_lost_the_lease_writes_nothing_and_leaves() {
    let server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    // Somebody else takes it, writes a little, and dies.
    server.execute("update runs set node = 1, lease = 1, lease_until = 0").await;
    let left = server.simulator.until(|requests| requests[0].outcome == Outcome::ClosedByClient);
    soon("the sleeper to leave", left).await;
    server.simulator.release("door");
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
    assert_eq!(socket.transcript.text(reply), server.simulator.reply("Hello").0);
    assert_eq!(server.count("select take_overs from runs").await, 1);
}

#[tokio::test]
async fn a_server_that_stops_hands_its_runs_over() {
    let mut server = Setup::default()
        .simulator(json!({"gate": "door@20"}))
        .argument("--runs-at-once", "1")
        // Long enough that only a lease that was given back explains what follows.
        .policies(|policies| policies.runs.lease = Duration::from_mins(10))
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let (room, waiting) = (socket.new_room().await, socket.new_room().await);
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    let queued = socket.ask(waiting, "Later").await;
    server.stop().await;
    assert_eq!(server.count("select count(*) from runs where ended_at is null and lease_until = 0").await, 2);
    server.simulator.release("door");
    server.start_again().await;
    for (room, reply, prompt) in [(room, reply, "Hello"), (waiting, queued, "Later")] {
        let message = ended(&account, room).await;
        assert_eq!((message.id, message.run.unwrap().status), (reply, RunStatus::Done));
        assert_eq!(message.text, server.simulator.reply(prompt).0);
    }
    assert_eq!(server.model_calls(), 3);
}

#[tokio::test]
async fn a_run_may_finish_while_the_server_stops() {
    let mut server = Setup::default()
        .simulator(json!({"rate": 200, "tokens": 100, "no_thinking": true}))
        .policies(|policies| policies.run_grace = Duration::from_secs(10))
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    server.stop().await;
    assert_eq!(server.count("select count(*) from runs where status = 'done'").await, 1);
    assert_eq!(server.model_calls(), 1);
}

#[tokio::test]
async fn a_run_that_ends_every_process_it_is_in_does_not_go_round_for_ever() {
    let mut server = Setup::default()
        .simulator(json!({"gate": "door@20"}))
        .policies(|policies| policies.runs.take_overs = 1)
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    for call in 2..4 {
        server.crash().await;
        server.start_again().await;
        if call == 2 {
            soon("the second call", server.simulator.until(|requests| requests.len() == 2)).await;
        }
    }
    let message = ended(&account, room).await;
    let run = message.run.unwrap();
    assert_eq!((run.status, run.failure.unwrap().code.as_str()), (RunStatus::Interrupted, "restarted"));
    assert!(message.text.starts_with(socket.transcript.text(reply)));
}

/// chat-ui PR #2334: a stopped chat comes back as generating.
#[tokio::test]
async fn a_run_that_nobody_holds_is_stopped_and_not_revived() {
    let mut server = Setup::default()
        .simulator(json!({"gate": "door@20"}))
        .policies(|policies| policies.runs.lease = Duration::from_secs(2))
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_text(reply, 20).await;
    let shown = socket.transcript.text(reply).to_owned();
    server.crash().await;
    server.start_again().await;
    let mut socket = account.connect().await;
    socket.execute(Command::StopRun { room, message: reply }).await.unwrap();
    let stopped = account.room(room).await.unwrap();
    assert_eq!(stopped.messages[1].run.as_ref().unwrap().status, RunStatus::Stopped);
    assert!(stopped.messages[1].text.starts_with(&shown));
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(account.room(room).await.unwrap(), stopped, "it stays so after its old lease has expired");
    assert_eq!(server.model_calls(), 1);
}
