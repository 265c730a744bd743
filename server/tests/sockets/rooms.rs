//! Rooms: made, named and deleted by commands, and seen by their members only.

use app::protocol::{
    Ack, Command, Event, FailureCode, Log, Resume, RoomCursor, RoomId, RoomSummary, ServerFrame,
};

use crate::support::{Socket, TestServer, hello, new_command, new_room};

/// The next event of the inbox.
async fn inbox(socket: &mut Socket) -> Event {
    socket
        .until("an event of the inbox", |_, frame| match frame {
            ServerFrame::Event { log: Log::Inbox, event, .. } => Some((**event).clone()),
            _ => None,
        })
        .await
}

/// A socket that follows the inbox from now on.
async fn follower(account: &crate::support::Account) -> Socket {
    let cursor = account.page(None).await.unwrap().inbox;
    let mut socket = account.open().await;
    let welcome = socket.hello(&app::protocol::Hello { inbox: Some(cursor), ..hello() }).await;
    assert_eq!(welcome.logs[0].resume, Resume::Current);
    socket
}

fn create(room: RoomId, title: &str) -> Command {
    Command::create_solo(room, title)
}

fn titles(rooms: &[RoomSummary]) -> Vec<&str> {
    rooms.iter().map(|room| room.title.as_str()).collect()
}

#[tokio::test]
async fn creating_twice_is_creating_once() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = follower(&account).await;
    let (id, room) = (new_command(), new_room());
    for _ in 0..2 {
        socket.give_as(id, create(room, "Plans")).await;
        assert_eq!(socket.answer(id).await, Ok(Ack::default()));
    }
    // Also by another command: the room's identifier is what counts.
    assert_eq!(socket.execute(create(room, "Other")).await, Ok(Ack::default()));
    socket.execute(create(new_room(), "Second")).await.unwrap();
    socket.until_state("both rooms", |transcript| transcript.seqs(Log::Inbox).len() >= 2).await;
    let page = account.page(None).await.unwrap();
    assert_eq!(page.inbox.seq, 2, "one event for each room");
    let mut found = titles(&page.rooms);
    found.sort_unstable();
    assert_eq!(found, ["Plans", "Second"]);
}

#[tokio::test]
async fn every_device_of_a_member_sees_a_room_come_change_and_go() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let mut watcher = follower(&account).await;
    let room = new_room();
    socket.execute(create(room, "")).await.unwrap();
    assert!(
        matches!(inbox(&mut watcher).await, Event::RoomJoined(summary) if summary.id == room && summary.title.is_empty())
    );
    socket.execute(Command::RenameRoom { room, title: "  Plans\u{7} ".to_owned() }).await.unwrap();
    assert!(matches!(inbox(&mut watcher).await, Event::RoomChanged(summary) if summary.title == "Plans"));
    socket.execute(Command::DeleteRoom { room }).await.unwrap();
    assert_eq!(inbox(&mut watcher).await, Event::RoomLeft { room });
    assert!(account.page(None).await.unwrap().rooms.is_empty());
    assert_eq!(account.room(room).await, Err(app::client::SnapshotFailure::NotFound));
    for count in ["rooms", "messages", "members", "events where kind like 'chat:%'"] {
        let sql: String = format!("select count(*) from {count}");
        assert_eq!(server.count(sql.leak()).await, 0, "{count}");
    }
}

#[tokio::test]
async fn a_title_has_at_least_one_visible_character_and_at_most_120() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = new_room();
    let long = "é".repeat(121);
    for title in [" ", "\u{200b}", &long] {
        assert_eq!(
            socket.execute(create(room, title)).await.unwrap_err().code,
            FailureCode::BadTitle,
            "{title:?}"
        );
    }
    assert!(account.page(None).await.unwrap().rooms.is_empty());
    socket.execute(create(room, "Plans")).await.unwrap();
    for title in ["", " ", "\u{200b}", &long] {
        let refused =
            socket.execute(Command::RenameRoom { room, title: title.to_owned() }).await.unwrap_err();
        assert_eq!((refused.code, refused.room), (FailureCode::BadTitle, Some(room)), "{title:?}");
    }
    assert_eq!(titles(&account.page(None).await.unwrap().rooms), ["Plans"]);
    let longest = "é".repeat(120);
    socket.execute(Command::RenameRoom { room, title: longest.clone() }).await.unwrap();
    assert_eq!(titles(&account.page(None).await.unwrap().rooms), [longest]);
}

#[tokio::test]
async fn the_first_message_names_an_unnamed_room_and_only_that() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let unnamed = socket.new_room().await;
    socket.say(unnamed, "# Where to   go in May?\nSomewhere warm.").await;
    socket.say(unnamed, "Or June?").await;
    let named = new_room();
    socket.execute(create(named, "Plans")).await.unwrap();
    socket.say(named, "Where to go in May?").await;
    assert_eq!(titles(&account.page(None).await.unwrap().rooms), ["Plans", "Where to go in May?"]);
}

#[tokio::test]
async fn a_room_of_somebody_else_looks_like_none() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let mut own = ana.connect().await;
    let room = own.new_room().await;
    let message = own.say(room, "A secret").await;
    let reply = own.reply(message).await;
    own.finished(reply).await;

    let mut other = ben.connect().await;
    for command in [
        Command::RenameRoom { room, title: "Mine".to_owned() },
        Command::DeleteRoom { room },
        Command::say(room, "Hello"),
        Command::SendMessage {
            room,
            text: "Hello".to_owned(),
            parent: Some(message),
            reply_to: None,
            beside: None,
        },
        Command::StopRun { room, message: reply },
        Command::RetryRun { room, message: reply },
    ] {
        let refused = other.execute(command.clone()).await.unwrap_err();
        assert_eq!((refused.code, refused.room), (FailureCode::RoomNotFound, Some(room)), "{command:?}");
    }
    let held = app::protocol::Held { message: reply, attempt: 1, text: 0, thinking: 0 };
    let refused = other.execute(Command::Resume { room, held }).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::MessageNotFound);
    let refused = other.execute(create(room, "Mine")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::BadState);
    for cursor in [None, Some(own.transcript.seqs(Log::Room(room)))] {
        let cursor = cursor.map(|_| app::protocol::Cursor { epoch: 0, seq: 0 });
        let subscribed = other.subscribe(RoomCursor { room, cursor, messages: Vec::new() }).await;
        assert_eq!((subscribed.resume, subscribed.cursor.seq), (Resume::Gone, 0));
    }
    assert_eq!(ben.room(room).await, Err(app::client::SnapshotFailure::NotFound));
    assert_eq!(ben.page(Some(room)).await.unwrap().room, None);

    // Nothing of a message that is said meanwhile reaches the other.
    own.say(room, "Another secret").await;
    let mine = other.new_room().await;
    other.ask(mine, "Hello").await;
    assert!(other.transcript.messages(room).next().is_none());
    assert_eq!(titles(&ana.page(None).await.unwrap().rooms), ["A secret"]);
}

#[tokio::test]
async fn identifiers_of_other_things_do_not_become_rooms_or_messages() {
    let server = TestServer::start().await;
    let (ana, ben) = (server.account("Ana").await, server.account("Ben").await);
    let (mut own, mut other) = (ana.connect().await, ben.connect().await);
    let user = ana.page(None).await.unwrap().user.id;
    let refused = own.execute(create(RoomId(user.0), "Inbox")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::BadState);

    let room = own.new_room().await;
    let message = own.say(room, "Mine").await;
    let reply = own.reply(message).await;
    own.finished(reply).await;
    let place = other.new_room().await;
    for taken in [message, reply] {
        let id = app::protocol::CommandId(taken.0);
        other.give_as(id, Command::say(place, "Yours")).await;
        assert_eq!(other.answer(id).await.unwrap_err().code, FailureCode::BadState);
    }
    // Not even of an answer in the same room.
    let id = app::protocol::CommandId(reply.0);
    own.give_as(id, Command::say(room, "Again")).await;
    assert_eq!(own.answer(id).await.unwrap_err().code, FailureCode::BadState);
    assert_eq!(server.count("select count(*) from messages").await, 2);
}

#[tokio::test]
async fn deleting_a_room_ends_its_run_and_everybodys_subscription() {
    let server =
        crate::support::Setup::default().simulator(serde_json::json!({"gate": "middle@5"})).start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let mut watcher = follower(&account).await;
    let room = socket.new_room().await;
    watcher.follow(room).await;
    let reply = socket.ask(room, "Hello").await;
    socket.until_state("some text", |transcript| !transcript.text(reply).is_empty()).await;
    socket.execute(Command::DeleteRoom { room }).await.unwrap();
    crate::support::soon(
        "the model's request to be closed",
        server.simulator.until(|requests| {
            requests.iter().all(|request| request.outcome == server::kimi::simulator::Outcome::ClosedByClient)
        }),
    )
    .await;
    watcher
        .until("the room to be left", |_, frame| {
            matches!(frame, ServerFrame::Event { event, .. } if **event == Event::RoomLeft { room })
                .then_some(())
        })
        .await;
    for socket in [&mut socket, &mut watcher] {
        let subscribed = socket.subscribe(RoomCursor { room, cursor: None, messages: Vec::new() }).await;
        assert_eq!(subscribed.resume, Resume::Gone);
        let held = app::protocol::Held { message: reply, attempt: 1, text: 0, thinking: 0 };
        assert_eq!(
            socket.execute(Command::Resume { room, held }).await.unwrap_err().code,
            FailureCode::MessageNotFound
        );
    }
    // The same identifier may begin again, with a log of its own.
    socket.execute(create(room, "Again")).await.unwrap();
    let cursor = socket.follow(room).await;
    assert_eq!(cursor.seq, 0);
    let reply = socket.ask(room, "no thinking").await;
    server.simulator.release("middle");
    socket.finished(reply).await;
}

#[tokio::test]
async fn rooms_without_javascript_are_the_same_commands() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let answer = account.post("/forms/message", &[], &[("text", "First line\r\nSecond line")]).await;
    assert_eq!(answer.status, 303);
    let page = account.page(None).await.unwrap();
    let room = page.rooms[0].id;
    assert_eq!(answer.location(), Some(format!("/room/{room}#end").as_str()));
    let snapshot = account.room(room).await.unwrap();
    assert_eq!(snapshot.messages[0].text, "First line\nSecond line");
    // What is refused leads back to where it was written, and is told there.
    let (foreign, own) = (new_room().to_string(), room.to_string());
    let long = "x".repeat(32 * 1024 + 1);
    for (room, text, says) in [
        (Some(&foreign), "Hello", "There is no such conversation. It may have been deleted."),
        (Some(&own), " ", "The message is empty. Write something first."),
        // Also in a new room, which then is not made.
        (None, " ", "The message is empty. Write something first."),
        (None, long.as_str(), "The message is too long: at most 32 KiB. Shorten it or send it in parts."),
    ] {
        let mut form = vec![("text", text)];
        form.extend(room.map(|room| ("room", room.as_str())));
        let answer = account.post("/forms/message", &[], &form).await;
        assert_eq!(answer.status, 303, "{says}");
        let address = room.map_or_else(|| "/".to_owned(), |room| format!("/room/{room}"));
        assert_eq!(answer.location(), Some(address.as_str()), "{says}");
        assert_eq!(answer.refusal().as_deref(), Some(says));
    }
    assert_eq!(account.room(room).await.unwrap().messages.len(), snapshot.messages.len());
    assert_eq!(account.page(None).await.unwrap().rooms.len(), 1);
}
