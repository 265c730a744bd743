//! A client that does not read: it costs a bounded amount, nobody else notices, and it gets the exact text when it
//! reads again.

use std::time::Duration;

use app::protocol::{MessageId, RoomId};
use serde_json::json;

use crate::support::{Account, End, Setup, Socket, TestServer, hello};

/// Replies that together are far larger than all buffers on the way.
const REPLIES: usize = 12;

async fn server(write_timeout: Duration) -> TestServer {
    Setup::default()
        .simulator(json!({"tokens": 20_000, "no_thinking": true}))
        .policies(|policies| policies.sockets.write_timeout = write_timeout)
        .start()
        .await
}

/// A socket into which the kernel takes little while nobody reads.
async fn narrow(account: &Account, room: RoomId) -> Socket {
    let ticket = format!("ticket.{}", account.ticket().await);
    let mut socket = Socket::open_with(account.visitor.address, &[&ticket], &[], Some(4 * 1024)).await.unwrap();
    socket.hello(&hello()).await;
    socket.follow(room).await;
    socket
}

/// Has the model write a lot, and reads all of it on another socket.
async fn much(socket: &mut Socket, room: RoomId) -> Vec<MessageId> {
    let mut replies = Vec::new();
    for number in 0..REPLIES {
        let reply = socket.ask(room, &format!("Question {number}")).await;
        socket.finished(reply).await;
        replies.push(reply);
    }
    replies
}

#[tokio::test]
async fn a_reader_that_pauses_gets_the_exact_text_in_fewer_parts() {
    let server = server(Duration::from_secs(60)).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let room = reader.new_room().await;
    let mut slow = narrow(&account, room).await;
    let replies = much(&mut reader, room).await;
    for reply in replies {
        slow.finished(reply).await;
        assert_eq!(slow.transcript.text(reply), reader.transcript.text(reply));
    }
    assert!(slow.transcript.parts < reader.transcript.parts, "{} {}", slow.transcript.parts, reader.transcript.parts);
    // It is a connection like any other again.
    let place = slow.new_room().await;
    slow.say(place, "Hello").await;
}

#[tokio::test]
async fn a_reader_that_never_reads_is_closed_and_nobody_else_notices() {
    let server = server(Duration::from_millis(300)).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let room = reader.new_room().await;
    let mut slow = narrow(&account, room).await;
    let replies = much(&mut reader, room).await;
    // What was on its way still comes, and then the end: not the rest of the text.
    assert!(matches!(slow.end().await, End::Broken | End::Closed(4008)));
    assert!(!slow.transcript.has_all_of(*replies.last().unwrap()));
    reader.ask(room, "Hello").await;
}

#[tokio::test]
async fn commands_of_a_client_that_reads_no_answers_are_read_no_further() {
    let server = server(Duration::from_secs(60)).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let room = reader.new_room().await;
    let mut slow = narrow(&account, room).await;
    // Far more answers than the control lane and the kernel hold; all of them are there when it reads again.
    let commands: Vec<_> = (0..20_000).map(|_| crate::support::new_command()).collect();
    let frames = commands.iter().map(|id| app::protocol::Command::Unsubscribe { room }.encode(*id));
    let last = *commands.last().unwrap();
    let mut frames = frames.peekable();
    let mut sent = 0;
    // Writes until the server's side of the connection is full as well.
    while frames.peek().is_some() {
        let some: Vec<_> = frames.by_ref().take(100).collect();
        let count = some.len();
        if !slow.try_send_together(some).await {
            break;
        }
        sent += count;
    }
    assert!(sent < commands.len(), "all {sent} commands were taken in unanswered");
    assert_ne!(commands[sent], last);
    reader.ask(room, "Hello").await;
    slow.answer(commands[sent - 1]).await.unwrap();
}
