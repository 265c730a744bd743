//! A client that does not read: it costs a bounded amount, nobody else notices, and it gets the exact text when it
//! reads again.

use std::time::Duration;

use app::protocol::{
    ClientFrame, Hello, MessageId, POLL_PATH, RoomCursor, RoomId, STREAM_PATH, TICKET_HEADER,
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep};

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

/// Bytes that the kernel took from the server for this client, and that the client's kernel has not got.
fn held_by_the_kernel(client: &TcpStream) -> usize {
    let port = |address: std::net::SocketAddr| format!(":{:04X}", address.port());
    let (client, server) = (port(client.local_addr().unwrap()), port(client.peer_addr().unwrap()));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.into_iter().find(|row| row[1].ends_with(&server) && row[2].ends_with(&client));
    row.map_or(0, |row| usize::from_str_radix(row[4].split(':').next().unwrap(), 16).unwrap())
}

/// Opens one of the transports over HTTP, following these rooms, and leaves the answer unread.
async fn open_narrow(account: &Account, path: &str, rooms: &[RoomId]) -> TcpStream {
    let mut wanted = Vec::new();
    for room in rooms {
        let cursor = Some(account.room(*room).await.unwrap().cursor);
        wanted.push(RoomCursor { room: *room, cursor, messages: Vec::new() });
    }
    let body = ClientFrame::Hello(Hello { rooms: wanted, ..hello() }).encode();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4 * 1024).unwrap();
    let mut stream = socket.connect(account.visitor.address).await.unwrap();
    let ticket = account.ticket().await;
    let length = body.len();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\n{TICKET_HEADER}: {ticket}\r\nprefer: wait=25\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// `AnythingLLM` #6202, taskplane PR #664: a client that reads slowly, and a server that keeps all of it for it.
async fn reads_slowly(path: Option<&str>) {
    // As if by 1 KB a second for a minute and a half, only faster.
    let pause = Duration::from_millis(25);
    let stall = Duration::from_secs(2);
    let server = server(stall).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let rooms = rooms(&mut reader).await;
    let mut slow = match path {
        None => narrow(&account, &rooms).await.into_tcp(),
        Some(path) => open_narrow(&account, path, &rooms).await,
    };
    let began = Instant::now();
    let mut most = 0;
    let mut total = 0;
    let read = async {
        let mut buffer = [0; 512];
        while began.elapsed() < stall * 3 {
            match slow.read(&mut buffer).await {
                Ok(bytes @ 1..) => total += bytes,
                end => panic!("cut after {total} bytes: {end:?}"),
            }
            most = most.max(held_by_the_kernel(&slow));
            sleep(pause).await;
        }
    };
    let (replies, ()) = tokio::join!(much(&mut reader, &rooms), read);
    assert_eq!(replies.len(), REPLIES);
    assert!(total > 40 * 1024, "{total} bytes were read");
    // Without a bound the kernel would have taken megabytes of the 6 that were written.
    assert!((1..=64 * 1024).contains(&most), "the kernel held {most} bytes");
}

#[tokio::test]
async fn a_socket_that_reads_slowly_is_not_cut_and_costs_little() {
    reads_slowly(None).await;
}

#[tokio::test]
async fn an_event_stream_that_is_read_slowly_is_not_cut_and_costs_little() {
    reads_slowly(Some(STREAM_PATH)).await;
}

#[tokio::test]
async fn a_poll_that_is_read_slowly_is_not_cut_and_costs_little() {
    reads_slowly(Some(POLL_PATH)).await;
}

#[tokio::test]
async fn an_event_stream_that_is_never_read_is_given_up() {
    let server = server(Duration::from_millis(300)).await;
    let account = server.account("Ana").await;
    let mut reader = account.connect().await;
    let rooms = rooms(&mut reader).await;
    let slow = open_narrow(&account, STREAM_PATH, &rooms).await;
    crate::support::eventually("both", async || (server.connections() == 2).then_some(())).await;
    much(&mut reader, &rooms).await;
    crate::support::eventually("its place", async || (server.connections() == 1).then_some(())).await;
    drop(slow);
    reader.ask(rooms[0], "Hello").await;
}
