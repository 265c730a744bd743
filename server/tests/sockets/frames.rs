//! Frames that no correct client sends: each is answered to its sender, and changes nothing.

use std::time::Duration;

use app::protocol::{
    ClientFrame, CloseCode, Command, CommandId, Failure, FailureCode, Hello, RoomId, ServerFrame,
};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{End, Setup, Socket, TestServer, hello, new_command, new_room};

/// The next error, with the command that it is about.
async fn error(socket: &mut Socket) -> (Option<CommandId>, Failure) {
    socket
        .until("an error", |_, frame| match frame {
            ServerFrame::Error { id, failure } => Some((*id, failure.clone())),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn what_can_not_be_read_is_answered_and_the_connection_goes_on() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let id = new_command();
    let room = new_room();
    for (text, expected_id, code) in [
        ("hello".to_owned(), None, FailureCode::BadFrame),
        (String::new(), None, FailureCode::BadFrame),
        ("{}".to_owned(), None, FailureCode::BadFrame),
        ("[1,0,\"text\"]".to_owned(), None, FailureCode::BadFrame),
        ("\u{0}".to_owned(), None, FailureCode::BadFrame),
        (json!({"type": "chat:shout", "id": id}).to_string(), Some(id), FailureCode::UnknownType),
        (json!({"type": "chat:shout"}).to_string(), None, FailureCode::UnknownType),
        (json!({"type": "ack", "id": id, "payload": {}}).to_string(), Some(id), FailureCode::UnknownType),
        (json!({"type": "chat:message", "id": id}).to_string(), Some(id), FailureCode::BadFrame),
        (
            json!({"type": "chat:message", "id": id, "payload": {"room": room}}).to_string(),
            Some(id),
            FailureCode::BadFrame,
        ),
        (
            json!({"type": "chat:message", "id": id, "payload": {"room": 7, "text": "x"}}).to_string(),
            Some(id),
            FailureCode::BadFrame,
        ),
        (json!({"type": "room:create", "payload": {"room": room}}).to_string(), None, FailureCode::BadFrame),
        (
            json!({"type": "room:create", "id": "1", "payload": {"room": room}}).to_string(),
            None,
            FailureCode::BadFrame,
        ),
        ("[".repeat(30_000), None, FailureCode::BadFrame),
    ] {
        socket.send(&text).await;
        let (answered, failure) = error(&mut socket).await;
        assert_eq!((answered, failure.code), (expected_id, code), "{text:.100}");
        assert!(failure.message.ends_with('.'), "{failure:?}");
    }
    assert_eq!(server.count("select count(*) from rooms").await, 0);
    socket.new_room().await;
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let (id, room) = (new_command(), new_room());
    let frame = json!({"type": "room:create", "id": id, "later": 1, "payload": {"room": room, "title": "Plans", "colour": "red"}});
    socket.send(&frame.to_string()).await;
    socket.answer(id).await.unwrap();
}

#[tokio::test]
async fn a_frame_over_the_limit_is_answered_with_the_identifier_of_its_command() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let room = socket.new_room().await;
    // A message within its own limit can be over the frame's, because JSON escapes it.
    let text = "\u{1b}".repeat(32 * 1024);
    let id = socket.give(Command::say(room, text)).await;
    let (answered, failure) = error(&mut socket).await;
    assert_eq!((answered, failure.code), (Some(id), FailureCode::FrameTooLarge));
    socket.send(&"x".repeat(64 * 1024 + 1)).await;
    let (answered, failure) = error(&mut socket).await;
    assert_eq!((answered, failure.code), (None, FailureCode::FrameTooLarge));
    assert_eq!(server.count("select count(*) from messages").await, 0);
    socket.say(room, "Hello").await;
}

#[tokio::test]
async fn a_frame_far_over_the_limit_ends_the_connection_as_too_big() {
    let server = TestServer::start().await;
    for size in [256 * 1024 + 1, 8 * 1024 * 1024] {
        let mut socket = server.account(&format!("Ana{size}")).await.connect().await;
        // The server may stop reading before the end of it.
        _ = socket.send_raw(Message::text("x".repeat(size))).await;
        assert_eq!(socket.end().await, End::Closed(1009), "{size} bytes");
    }
}

#[tokio::test]
async fn bytes_instead_of_text_break_the_protocol() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    socket.send_raw(Message::binary(vec![1, 2, 3])).await.unwrap();
    socket.ends_with(CloseCode::BadProtocol).await;
}

#[tokio::test]
async fn hello_comes_first_and_once() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut twice = account.connect().await;
    twice.send(&ClientFrame::Hello(hello()).encode()).await;
    twice.ends_with(CloseCode::BadProtocol).await;

    let mut never = account.open().await;
    let room = new_room();
    never.give(Command::create_solo(room, "")).await;
    never.ends_with(CloseCode::BadProtocol).await;
    assert_eq!(server.count("select count(*) from rooms").await, 0);
}

#[tokio::test]
async fn a_connection_that_never_says_hello_is_closed_also_when_it_says_other_things() {
    let short =
        |policies: &mut server::server::Policies| policies.sockets.hello_timeout = Duration::from_millis(100);
    let server = Setup::default().policies(short).start().await;
    let account = server.account("Ana").await;
    account.open().await.ends_with(CloseCode::NoHello).await;
    let mut noisy = account.open().await;
    noisy.send("not JSON").await;
    noisy.ends_with(CloseCode::NoHello).await;
}

#[tokio::test]
async fn another_version_is_told_to_reload() {
    let server = TestServer::start().await;
    for version in [0, 2] {
        let mut socket = server.account(&format!("Ana{version}")).await.open().await;
        socket.send(&ClientFrame::Hello(Hello { version, ..hello() }).encode()).await;
        socket.ends_with(CloseCode::OldVersion).await;
    }
}

#[tokio::test]
async fn fifty_frames_that_can_not_be_read_are_enough() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    for _ in 0..50 {
        socket.send("not JSON").await;
    }
    socket.ends_with(CloseCode::BadProtocol).await;
    assert!(socket.transcript.errors.len() >= 49);
}

#[tokio::test]
async fn commands_have_a_limit_that_says_when_to_go_on_and_is_the_users_own() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let mut other = server.account("Ben").await.connect().await;
    let room = socket.new_room().await;
    let refused = 'found: {
        for _ in 0..13 {
            let ids: Vec<CommandId> = (0..100).map(|_| new_command()).collect();
            let nowhere = RoomId(uuid::Uuid::nil());
            let command = Command::RenameRoom { room: nowhere, title: "Plans".to_owned() };
            socket.send_together(ids.iter().map(|id| command.encode(*id))).await;
            for id in ids {
                let failure = socket.answer(id).await.unwrap_err();
                if failure.code == FailureCode::RateLimited {
                    break 'found failure;
                }
                assert_eq!(failure.code, FailureCode::RoomNotFound);
            }
        }
        panic!("1,300 commands in a row");
    };
    assert!((1..=60_000).contains(&refused.retry_after_ms.unwrap()));
    assert!(refused.message.ends_with('.'));
    // Also those that only the connection is concerned with.
    let held = app::protocol::Held {
        message: app::protocol::MessageId(uuid::Uuid::nil()),
        attempt: 1,
        text: 0,
        thinking: 0,
    };
    let mut codes = Vec::new();
    for _ in 0..100 {
        codes.push(socket.execute(Command::Resume { room, held }).await.unwrap_err().code);
    }
    assert!(codes.contains(&FailureCode::RateLimited), "{codes:?}");
    other.new_room().await;
}

#[tokio::test]
async fn a_burst_of_cheap_commands_is_answered_and_not_taken_for_a_slow_client() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let ids: Vec<CommandId> = (0..1_000).map(|_| new_command()).collect();
    let room = new_room();
    socket.send_together(ids.iter().map(|id| Command::Unsubscribe { room }.encode(*id))).await;
    for id in ids {
        socket.answer(id).await.unwrap();
    }
}

#[tokio::test]
async fn a_client_that_does_not_answer_pings_is_closed() {
    let server = Setup::default()
        .policies(|policies| {
            policies.sockets.ping_interval = Duration::from_millis(50);
            policies.sockets.pong_timeout = Duration::from_millis(100);
        })
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut alive = account.connect().await;
    let dead = account.connect().await;
    // One reads and so answers, the other does not, for longer than that may take.
    for _ in 0..20 {
        alive.until("a beat", |_, frame| matches!(frame, ServerFrame::Beat(_)).then_some(())).await;
    }
    let goodbye = dead.raw_rest().await;
    assert!(goodbye.contains("session:bye") && goodbye.contains("4012"), "{goodbye}");
    alive.new_room().await;
}

#[tokio::test]
async fn who_goes_on_when_told_to_wait_is_sent_away_for_a_while() {
    let server = TestServer::start().await;
    let mut socket = server.account("Ana").await.connect().await;
    let mut other = server.account("Ben").await.connect().await;
    let nowhere = RoomId(uuid::Uuid::nil());
    let command = Command::RenameRoom { room: nowhere, title: "Plans".to_owned() };
    for _ in 0..20 {
        socket.send_together((0..100).map(|_| command.encode(new_command()))).await;
        for _ in 0..100 {
            if socket.next().await.is_err() {
                break;
            }
        }
        if socket.bye.is_some() {
            break;
        }
    }
    let bye = socket.bye.unwrap();
    assert_eq!(bye.code, CloseCode::RateLimited.code());
    assert!(bye.retry_after_ms.unwrap() > 0);
    other.new_room().await;
}
