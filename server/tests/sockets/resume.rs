//! Coming back: what a cursor gets, how the race between history and live is closed, and texts from any offset.

use app::client::Input;
use app::protocol::{
    Command, Cursor, Event, FailureCode, Held, Hello, Log, MessageId, Resume, RoomCursor, RoomId, RunStatus,
    ServerFrame,
};
use serde_json::json;

use crate::support::{Account, FullClient, Setup, Socket, TestServer, hello, message_of, new_room, soon};

fn position(room: RoomId, epoch: u32, seq: u64) -> RoomCursor {
    RoomCursor { room, cursor: Some(Cursor { epoch, seq }), messages: Vec::new() }
}

/// A small random number; which one does not matter to whether a test passes.
fn random(below: usize) -> usize {
    usize::try_from(uuid::Uuid::new_v4().as_fields().0).unwrap() % below
}

/// What `hello` with this position of the inbox is answered.
async fn inbox_answer(account: &Account, inbox: Option<Cursor>) -> (Resume, Socket) {
    let mut socket = account.open().await;
    let welcome = socket.hello(&Hello { inbox, ..hello() }).await;
    assert_eq!(welcome.logs[0].log, Log::Inbox);
    (welcome.logs[0].resume, socket)
}

#[tokio::test]
async fn a_cursor_gets_nothing_a_replay_or_a_reset() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    for number in 0..4 {
        socket.execute(Command::RenameRoom { room, title: format!("Title {number}") }).await.unwrap();
    }
    let head = account.page(None).await.unwrap().inbox;
    assert_eq!(head.seq, 5);
    for (cursor, expected) in [
        (None, Resume::Reset),
        (Some(head), Resume::Current),
        (Some(Cursor { seq: 4, ..head }), Resume::Replay),
        (Some(Cursor { seq: 0, ..head }), Resume::Replay),
        (Some(Cursor { seq: 6, ..head }), Resume::Reset),
        (Some(Cursor { seq: u64::MAX, ..head }), Resume::Reset),
        (Some(Cursor { epoch: head.epoch.wrapping_add(1), ..head }), Resume::Reset),
    ] {
        let (resume, mut socket) = inbox_answer(&account, cursor).await;
        assert_eq!(resume, expected, "{cursor:?}");
        if expected == Resume::Replay {
            let missed = (cursor.unwrap().seq + 1..=5).collect::<Vec<_>>();
            socket.until_state("the replay", |transcript| transcript.seqs(Log::Inbox) == missed).await;
        }
    }
}

#[tokio::test]
async fn a_replay_has_at_most_300_events_and_is_never_partial() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    for number in 0..299 {
        let title = format!("Plans {number}");
        socket.execute(Command::RenameRoom { room, title }).await.unwrap();
    }
    let head = account.page(None).await.unwrap().inbox;
    assert_eq!(head.seq, 300);
    let (resume, mut late) = inbox_answer(&account, Some(Cursor { seq: 0, ..head })).await;
    assert_eq!(resume, Resume::Replay);
    late.until_state("all 300", |transcript| transcript.seqs(Log::Inbox).len() == 300).await;
    socket.execute(Command::RenameRoom { room, title: "More".to_owned() }).await.unwrap();
    // What was replayed goes on live.
    late.until_state("the next", |transcript| transcript.seqs(Log::Inbox).len() == 301).await;
    assert_eq!(inbox_answer(&account, Some(Cursor { seq: 0, ..head })).await.0, Resume::Reset);
    assert_eq!(inbox_answer(&account, Some(Cursor { seq: 1, ..head })).await.0, Resume::Replay);
}

#[tokio::test]
async fn a_replay_has_at_most_256_kib() {
    let server = Setup::default().simulator(json!({"text": "Yes.", "no_thinking": true})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    for _ in 0..9 {
        let reply = socket.ask(room, &"x".repeat(32 * 1024)).await;
        socket.finished(reply).await;
    }
    let epoch = account.room(room).await.unwrap().cursor.epoch;
    let mut late = account.connect().await;
    assert_eq!(late.subscribe(position(room, epoch, 0)).await.resume, Resume::Reset);
    // Without the first two it fits.
    assert_eq!(late.subscribe(position(room, epoch, 8)).await.resume, Resume::Replay);
    let head = account.room(room).await.unwrap().cursor.seq;
    late.until_state("the replay", |transcript| transcript.seqs(Log::Room(room)).last() == Some(&head)).await;
}

#[tokio::test]
async fn events_that_are_committed_while_somebody_subscribes_come_once_and_in_order() {
    let server = Setup::default().simulator(json!({"text": "Yes, I am.", "no_thinking": true})).start().await;
    let account = server.account("Ana").await;
    let mut writer = account.connect().await;
    let room = writer.new_room().await;
    let epoch = account.room(room).await.unwrap().cursor.epoch;
    let talk = async {
        let mut parent = None;
        for _ in 0..4 {
            // Branches that do not wait for each other, and no more than one room may have at once.
            for number in 0..15 {
                let text = format!("Are you there? {number}");
                let id = writer
                    .give(Command::SendMessage { room, text, parent, reply_to: None, beside: None })
                    .await;
                writer.answer(id).await.unwrap();
                parent.get_or_insert(message_of(id));
            }
            let newest = writer.transcript.messages(room).map(|message| message.id).collect::<Vec<_>>();
            for message in newest {
                if writer.transcript.run(message).is_some() {
                    writer.finished(message).await;
                }
            }
        }
    };
    let come_and_go = async {
        let mut seen = 0;
        let mut visits = 0;
        while seen < 240 {
            // Also two at once, and again on the same connection.
            let (mut first, mut second) = (account.connect().await, account.connect().await);
            first.subscribe(position(room, epoch, 0)).await;
            second.subscribe(position(room, epoch, seen)).await;
            second.subscribe(position(room, epoch, 0)).await;
            let head = account.room(room).await.unwrap().cursor.seq;
            for socket in [&mut first, &mut second] {
                socket
                    .until_state("the newest event", |transcript| {
                        head == 0 || transcript.seqs(Log::Room(room)).last().is_some_and(|last| *last >= head)
                    })
                    .await;
            }
            seen = head;
            visits += 1;
        }
        visits
    };
    let ((), visits) = tokio::join!(talk, come_and_go);
    assert!(visits > 3, "{visits} visits");
}

#[tokio::test]
async fn parts_begin_where_the_client_holds_the_text() {
    let server = Setup::default()
        .simulator(json!({"gate": "door@60", "unicode": true}))
        .argument("--connections-per-user", "20")
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let (text, thinking) = server.simulator.reply("Hello");
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    socket.until_text(reply, 100).await;
    let cursor = account.room(room).await.unwrap().cursor;
    let mut late = Vec::new();
    for held in [0, 1, 7, 50, 80, 90, 91, 92, 93, 94, 95, 99, 1_000_000] {
        let mut other = account.connect().await;
        // What it claims to hold may end inside of a character: the server then begins before it.
        let usable = if held > text.len() { 0 } else { text.floor_char_boundary(held) };
        other.transcript.hold(reply, 1, &text[..usable], &thinking);
        let claim = Held { message: reply, attempt: 1, text: held as u64, thinking: thinking.len() as u64 };
        other.subscribe(RoomCursor { room, cursor: Some(cursor), messages: vec![claim] }).await;
        let stream = other
            .until("`chat:stream`", |_, frame| match frame {
                ServerFrame::Stream(stream) => Some(*stream),
                _ => None,
            })
            .await;
        assert_eq!(
            (stream.text.offset, stream.thinking.offset),
            (usable as u64, thinking.len() as u64),
            "{held}"
        );
        late.push(other);
    }
    server.simulator.release("door");
    late.push(socket);
    for socket in &mut late {
        socket.finished(reply).await;
        assert_eq!(socket.transcript.text(reply), text);
        assert_eq!(socket.transcript.thinking(reply), thinking);
    }
}

#[tokio::test]
async fn thinking_of_another_attempt_is_not_continued() {
    let server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let reply = socket.ask(room, "Hello").await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let cursor = account.room(room).await.unwrap().cursor;
    let mut other = account.connect().await;
    let claim = Held { message: reply, attempt: 7, text: 3, thinking: 3 };
    other.transcript.hold(reply, 1, "", "");
    other.subscribe(RoomCursor { room, cursor: Some(cursor), messages: vec![claim] }).await;
    server.simulator.release("door");
    other.finished(reply).await;
    assert_eq!(other.transcript.text(reply), server.simulator.reply("Hello").0);
}

#[tokio::test]
async fn texts_can_be_asked_for_again_from_any_offset_running_or_ended() {
    let server = Setup::default().simulator(json!({"gate": "door@60", "unicode": true})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let message = socket.say(room, "Hello").await;
    let reply = socket.reply(message).await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let (text, thinking) = server.simulator.reply("Hello");
    let offsets = [0, 1, 3, 40, 41, 42, 43, 99, u64::MAX];
    for has_ended in [false, true] {
        if has_ended {
            server.simulator.release("door");
            socket.finished(reply).await;
        } else {
            socket.until_text(reply, 100).await;
        }
        for offset in offsets {
            for attempt in [1, 2] {
                let held = Held { message: reply, attempt, text: offset, thinking: offset };
                let id = socket.give(Command::Resume { room, held }).await;
                let stream = socket
                    .until("`chat:stream`", |_, frame| match frame {
                        ServerFrame::Stream(stream) => Some(*stream),
                        _ => None,
                    })
                    .await;
                let from = |whole: &str| match usize::try_from(offset) {
                    Ok(offset) if offset <= whole.len() && attempt == 1 => {
                        whole.floor_char_boundary(offset) as u64
                    }
                    _ => 0,
                };
                assert_eq!(
                    (stream.text.offset, stream.thinking.offset),
                    (from(&text), from(&thinking)),
                    "{id:?} {held:?}"
                );
            }
        }
    }
    assert_eq!(socket.transcript.text(reply), text);
    for unknown in [message, MessageId(uuid::Uuid::nil())] {
        let held = Held { message: unknown, attempt: 1, text: 0, thinking: 0 };
        let refused = socket.execute(Command::Resume { room, held }).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::MessageNotFound);
    }
    // Only of rooms that are followed.
    socket.execute(Command::Unsubscribe { room }).await.unwrap();
    let held = Held { message: reply, attempt: 1, text: 0, thinking: 0 };
    assert_eq!(
        socket.execute(Command::Resume { room, held }).await.unwrap_err().code,
        FailureCode::MessageNotFound
    );
}

#[tokio::test]
async fn a_room_that_is_not_followed_any_more_is_silent() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let (mut here, mut there) = (account.connect().await, account.connect().await);
    let room = here.new_room().await;
    there.follow(room).await;
    there.execute(Command::Unsubscribe { room }).await.unwrap();
    let reply = here.ask(room, "Hello").await;
    here.finished(reply).await;
    let place = there.new_room().await;
    let mine = there.ask(place, "Hello").await;
    there.finished(mine).await;
    assert!(there.transcript.seqs(Log::Room(room)).is_empty());
    let cursor = there.follow(room).await;
    assert_eq!(cursor.seq, 5);
}

#[tokio::test]
async fn a_connection_follows_as_many_rooms_as_it_may() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = new_room();
    let welcome = {
        let rooms =
            (0..501).map(|_| RoomCursor { room: new_room(), cursor: None, messages: Vec::new() }).collect();
        let mut other = account.open().await;
        other.send(&app::protocol::ClientFrame::Hello(Hello { rooms, ..hello() }).encode()).await;
        other.end().await
    };
    assert_eq!(welcome, crate::support::End::Closed(app::protocol::CloseCode::BadProtocol.code()));
    // Rooms that are not there are answered, and take no place.
    for _ in 0..20 {
        let gone = socket.subscribe(RoomCursor { room, cursor: None, messages: Vec::new() }).await;
        assert_eq!(gone.resume, Resume::Gone);
    }
    socket.new_room().await;
}

/// Cuts a client again and again while replies stream, and compares what it ends with.
async fn cut_again_and_again(server: &TestServer, account: &Account, cuts: usize) {
    let mut client = FullClient::start(account).await;
    let room = client.create_room();
    let prompt = format!("Tell me about number {}", random(1_000));
    let message = client.say(room, &prompt);
    let (text, thinking) = server.simulator.reply(&prompt);
    let step = text.len() / (cuts + 1);
    for cut in 0..cuts {
        let wanted = step * cut + random(step.max(1));
        client
            .until("some text", |client| {
                client.has_whole_reply(room, message)
                    || client.reply(room, message).is_some_and(|reply| reply.text.len() >= wanted)
            })
            .await;
        if random(4) == 0 {
            // Another page on the same room, in the middle of it: a reload.
            client = FullClient::start_in(account, Some(room)).await;
        } else {
            client.cut();
        }
    }
    client.until("the whole reply", |client| client.has_whole_reply(room, message)).await;
    let reply = client.reply(room, message).unwrap();
    assert_eq!((reply.text.as_str(), reply.thinking.as_str()), (text.as_str(), thinking.as_str()));
    assert_eq!(reply.run.as_ref().unwrap().status, RunStatus::Done);
    assert_eq!(client.client.room(room).unwrap().messages().count(), 2, "each message once");
}

#[tokio::test]
async fn a_client_that_is_cut_again_and_again_ends_with_the_exact_text() {
    let server = Setup::default().simulator(json!({"rate": 400, "thinking_rate": 400})).start().await;
    let account = server.account("Ana").await;
    let other = server.account("Ben").await;
    tokio::join!(
        cut_again_and_again(&server, &account, 15),
        cut_again_and_again(&server, &account, 3),
        cut_again_and_again(&server, &other, 25),
    );
}

#[tokio::test]
async fn two_clients_see_the_same() {
    let server = Setup::default().simulator(json!({"rate": 1_000})).start().await;
    let account = server.account("Ana").await;
    let (mut here, mut there) = (FullClient::start(&account).await, FullClient::start(&account).await);
    let room = here.create_room();
    let message = here.say(room, "Hello");
    let watch = async {
        there.until("the room", |client| client.client.rooms().iter().any(|known| known.id == room)).await;
        there.input(Input::OpenRoom(room));
        there.until("the reply", |client| client.has_whole_reply(room, message)).await;
        there
    };
    let ask = async {
        here.until("the reply", |client| client.has_whole_reply(room, message)).await;
        here
    };
    let (there, here) = tokio::join!(watch, ask);
    let told =
        |client: &FullClient| client.client.room(room).unwrap().messages().cloned().collect::<Vec<_>>();
    assert_eq!(told(&here), told(&there));
    assert_eq!(here.message(room, message).unwrap().text, "Hello");
    assert_eq!(here.client.rooms(), there.client.rooms());
}

#[tokio::test]
async fn clients_live_through_a_restart_and_their_messages_are_sent_once() {
    let mut server = Setup::default().simulator(json!({"gate": "door@10"})).start().await;
    let account = server.account("Ana").await;
    let mut client = FullClient::start(&account).await;
    let room = client.create_room();
    let first = client.say(room, "One");
    client
        .until("some text", |client| client.reply(room, first).is_some_and(|reply| reply.text.len() > 3))
        .await;
    let shown = client.reply(room, first).unwrap().text.clone();
    server.crash().await;
    // Said while nobody is there to hear it.
    let second = client.say(room, "Two");
    server.simulator.release("door");
    server.start_again().await;
    client.until("the second reply", |client| client.has_whole_reply(room, second)).await;
    client.until("the end of the first", |client| client.has_whole_reply(room, first)).await;
    let reply = client.reply(room, first).unwrap();
    assert_eq!(reply.run.as_ref().unwrap().status, RunStatus::Done);
    assert!(reply.text.starts_with(&shown));
    assert_eq!(reply.text, server.simulator.reply("One").0);
    assert_eq!(client.reply(room, second).unwrap().text, server.simulator.reply("Two").0);
    assert_eq!(server.count("select count(*) from messages").await, 4);
}

#[tokio::test]
async fn what_was_said_on_one_connection_is_acknowledged_on_the_next() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    let command = Command::say(room, "Hello");
    let id = socket.give(command.clone()).await;
    socket.cut();
    let mut again = account.connect().await;
    again.give_as(id, command).await;
    assert_eq!(again.answer(id).await.unwrap().seq, Some(1));
    again.subscribe(position(room, account.room(room).await.unwrap().cursor.epoch, 0)).await;
    let reply = again.reply(message_of(id)).await;
    again.finished(reply).await;
    let events = again.transcript.events.iter().filter(|(_, _, event)| matches!(event, Event::Message(_)));
    assert_eq!(events.count(), 2);
    assert_eq!(server.model_calls(), 1);
}
