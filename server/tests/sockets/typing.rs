//! Typing over real connections: it reaches the others of the room, exactly them, and nobody for longer than it holds.

use std::time::{Duration, Instant};

use app::protocol::{COMMAND_PATH, ClientFrame, Hello, RoomCursor, RoomId, ServerFrame};

use crate::support::{Account, Member, Socket, TestServer, Transport, hello, new_room, soon};

const ALL: [Transport; 3] = [Transport::WebSocket, Transport::EventStream, Transport::LongPoll];

async fn follower(account: &Account, room: RoomId) -> Socket {
    let mut socket = account.connect().await;
    socket.follow(room).await;
    socket
}

fn hint(room: RoomId) -> String {
    ClientFrame::Typing { room }.encode()
}

async fn member(account: &Account, transport: Transport, room: RoomId) -> Member {
    let mut member = Member::new(transport, account.clone()).await;
    let rooms = vec![RoomCursor {
        room,
        cursor: Some(account.room(room).await.unwrap().cursor),
        messages: Vec::new(),
    }];
    let ticket = account.ticket().await;
    let inbox = Some(account.page(None).await.unwrap().inbox);
    member.open(&Hello { rooms, inbox, ..hello() }, &ticket).await.unwrap();
    member
}

/// From each transport to each, and to nobody else.
#[tokio::test]
async fn a_hint_reaches_exactly_the_others_of_the_room_on_every_transport() {
    let server = TestServer::start().await;
    let (ana, budi, citra) =
        (server.account("Ana").await, server.account("Budi").await, server.account("Citra").await);
    let other = server.room_of(&[&citra, &budi]).await;
    let mut stranger = follower(&citra, other).await;
    for from in ALL {
        for to in ALL {
            let room = server.room_of(&[&ana, &budi]).await;
            let mut typist = member(&ana, from, room).await;
            let mut tab = follower(&ana, room).await;
            let mut reader = member(&budi, to, room).await;
            let began = Instant::now();
            typist.give(hint(room)).await;
            let typing = reader.until("typing", |reader| reader.transcript.typings.first().cloned()).await;
            eprintln!("from {from:?} to {to:?} after {} ms", began.elapsed().as_millis());
            assert_eq!((typing.room, typing.count, typing.people.len()), (room, 1, 1));
            assert_eq!(typing.people[0].user, ana.user().await);
            assert!((5_000..=6_000).contains(&typing.for_ms), "{typing:?}");
            tab.settle().await;
            assert!(tab.transcript.typings.is_empty() && typist.transcript.typings.is_empty());
        }
    }
    stranger.settle().await;
    assert!(stranger.transcript.typings.is_empty());
}

#[tokio::test]
async fn hints_come_once_a_second_at_most_and_end_with_a_message() {
    let server = TestServer::start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let (mut typist, mut reader) = (follower(&ana, room).await, follower(&budi, room).await);
    typist.send_together((0..100).map(|_| hint(room))).await;
    typist.settle().await;
    reader.until_state("typing", |transcript| !transcript.typings.is_empty()).await;
    reader.settle().await;
    assert_eq!(reader.transcript.typings.len(), 1);
    // Who comes now is told, and who comes after the message is not.
    let mut late = follower(&budi, room).await;
    late.settle().await;
    assert!(!late.transcript.typings.is_empty());
    typist.say(room, "Hello").await;
    let mut later = follower(&budi, room).await;
    later.settle().await;
    assert!(later.transcript.typings.is_empty(), "{:?}", later.transcript.typings);
    reader.settle().await;
    assert_eq!(reader.transcript.typings.len(), 1);
}

#[tokio::test]
async fn two_who_type_are_told_of_each_other_and_not_of_themselves() {
    let server = TestServer::start().await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let (mut first, mut second) = (follower(&ana, room).await, follower(&budi, room).await);
    first.send(&hint(room)).await;
    second.until_state("typing", |transcript| !transcript.typings.is_empty()).await;
    second.send(&hint(room)).await;
    first.until_state("typing", |transcript| !transcript.typings.is_empty()).await;
    for (socket, other) in [(&mut first, &budi), (&mut second, &ana)] {
        socket.settle().await;
        let typings = &socket.transcript.typings;
        assert_eq!((typings.len(), typings[0].count, typings[0].people[0].user), (1, 1, other.user().await));
    }
}

#[tokio::test]
async fn hints_without_a_right_to_them_have_no_effect_and_no_answer() {
    let server = TestServer::start().await;
    let (ana, budi, citra) =
        (server.account("Ana").await, server.account("Budi").await, server.account("Citra").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let mut reader = follower(&ana, room).await;
    // Not followed; of others; of nobody.
    let mut idle = budi.connect().await;
    let mut stranger = citra.connect().await;
    for socket in [&mut idle, &mut stranger] {
        socket.send_together([hint(room), hint(new_room())]).await;
        socket.settle().await;
        assert!(socket.transcript.errors.is_empty());
    }
    let post = async |account: &Account, room: RoomId| {
        let request = reqwest::Client::new()
            .post(format!("http://{}{COMMAND_PATH}", account.visitor.address))
            .header("cookie", &account.cookie)
            .header("content-type", "application/json")
            .body(hint(room));
        let answer = soon("an answer", request.send()).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    for (account, room) in [(&citra, room), (&citra, new_room()), (&budi, new_room())] {
        assert_eq!(post(account, room).await, (204, String::new()));
    }
    reader.settle().await;
    assert!(reader.transcript.typings.is_empty());
    // With the right, one that polls and has no connection now is heard.
    assert_eq!(post(&budi, room).await, (204, String::new()));
    reader.until("typing", |_, frame| matches!(frame, ServerFrame::Typing(_)).then_some(())).await;
}

/// The promise to those who look: within 150 ms, of which this is the server's share.
#[tokio::test]
async fn typing_is_told_at_once_also_while_kimi_writes() {
    let server = crate::support::Setup::default()
        .simulator(serde_json::json!({"tokens": 3_000, "rate": 1_000, "no_thinking": true}))
        .start()
        .await;
    let (ana, budi) = (server.account("Ana").await, server.account("Budi").await);
    let room = server.room_of(&[&ana, &budi]).await;
    let (mut typist, mut reader) = (follower(&ana, room).await, follower(&budi, room).await);
    let reply = typist.ask(room, "Hello").await;
    reader.until_text(reply, 100).await;
    let began = Instant::now();
    typist.send(&hint(room)).await;
    reader.until_state("typing", |transcript| !transcript.typings.is_empty()).await;
    let delay = began.elapsed();
    eprintln!("typing is told after {} ms while Kimi writes", delay.as_millis());
    assert!(!reader.transcript.has_all_of(reply) && delay < Duration::from_secs(1), "{delay:?}");
}
