//! A client that does not read: it costs a bounded amount, nobody else notices, and it gets the exact text when it
//! reads again.

use std::time::Duration;

use app::protocol::{MessageId, RoomId};
use serde_json::json;

use crate::support::{Account, End, Setup, Socket, TestServer, hello};

/// Replies that together are far larger than all buffers on the way: a kernel takes in megabytes.
const REPLIES: usize = 24;
const REPLY_BYTES: usize = 256 * 1024;

async fn server(stall: Duration) -> TestServer {
    Setup::default()
        .simulator(json!({"text_pieces": [text()], "no_thinking": true}))
        .policies(|policies| policies.tcp.stall = stall)
        .start()
        .await
}

/// A text whose places are all different.
fn text() -> String {
    let mut text: String = (0..).map(|number| format!("{number} ")).take(REPLY_BYTES / 6).collect();
    text.truncate(REPLY_BYTES);
    text
}

/// A socket into which the kernel takes little while nobody reads.
async fn narrow(account: &Account, rooms: &[RoomId]) -> Socket {
    let ticket = format!("ticket.{}", account.ticket().await);
    let mut socket =
        Socket::open_with(account.visitor.address, &[&ticket], &[], Some(4 * 1024)).await.unwrap();
    socket.hello(&hello()).await;
    for room in rooms {
        socket.follow(*room).await;
    }
    socket
}

/// Rooms of their own, so that no reply is part of the next question.
async fn rooms(socket: &mut Socket) -> Vec<RoomId> {
    let mut rooms = Vec::new();
    for _ in 0..REPLIES {
        rooms.push(socket.new_room().await);
    }
    rooms
}

/// Has the model write a lot, and reads all of it on this socket.
async fn much(socket: &mut Socket, rooms: &[RoomId]) -> Vec<MessageId> {
    let mut replies = Vec::new();
    for room in rooms {
        let reply = socket.ask(*room, "Count for me").await;
        socket.finished(reply).await;
        replies.push(reply);
    }
    replies
}

#[tokio::test]
async fn a_reader_that_pauses_gets_the_exact_text_in_fewer_parts() {
    let server = server(Duration::from_mins(1)).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let rooms = rooms(&mut reader).await;
    let mut slow = narrow(&account, &rooms).await;
    let replies = much(&mut reader, &rooms).await;
    // Nothing of this one fits on the way any more.
    server.simulator.script(json!({"text_pieces": null, "tokens": 300, "rate": 1_000})).unwrap();
    let last = reader.ask(rooms[0], "The last question").await;
    reader.finished(last).await;
    for reply in replies.into_iter().chain([last]) {
        slow.finished(reply).await;
        assert!(slow.transcript.text(reply) == reader.transcript.text(reply), "{reply}");
    }
    let parts = |socket: &Socket| socket.transcript.parts[&last];
    assert!(parts(&slow) <= 2 && parts(&reader) >= 4, "{} and {} parts", parts(&slow), parts(&reader));
    // It is a connection like any other again.
    let place = slow.new_room().await;
    slow.say(place, "Hello").await;
}

#[tokio::test]
async fn a_reader_that_never_reads_is_closed_and_nobody_else_notices() {
    let server = server(Duration::from_millis(300)).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let rooms = rooms(&mut reader).await;
    let mut slow = narrow(&account, &rooms).await;
    let replies = much(&mut reader, &rooms).await;
    // What was on its way still comes, and then the end: not the rest of the text.
    assert!(matches!(slow.end().await, End::Broken | End::Closed(4008)));
    assert!(!slow.transcript.has_all_of(*replies.last().unwrap()));
    reader.ask(rooms[0], "Hello").await;
}
