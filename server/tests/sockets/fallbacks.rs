//! Event streams, polls and single commands: what is theirs alone. What all transports have in common is in
//! `conformance`.

use std::time::{Duration, Instant};

use app::protocol::{
    COMMAND_PATH, ClientFrame, CloseCode, Command, Failure, FailureCode, Hello, POLL_PATH, RoomCursor,
    RoomId, STREAM_PATH, ServerFrame, TICKET_HEADER,
};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::json;

use crate::support::{Account, Setup, TestServer, eventually, hello, new_command, new_room, soon};

fn request(account: &Account, path: &str) -> RequestBuilder {
    Client::new().post(format!("http://{}{path}", account.visitor.address))
}

fn opening(account: &Account, path: &str, ticket: &str, hello: &Hello) -> RequestBuilder {
    request(account, path).header(TICKET_HEADER, ticket).body(ClientFrame::Hello(hello.clone()).encode())
}

async fn open(account: &Account, path: &str, wait: Option<u32>) -> Response {
    let mut request = opening(account, path, &account.ticket().await, &hello());
    if let Some(wait) = wait {
        request = request.header("prefer", format!("wait={wait}"));
    }
    soon("an answer", request.send()).await.unwrap()
}

fn frames(body: &str) -> Vec<ServerFrame> {
    assert!(body.is_empty() || body.ends_with("\n\n"), "{body}");
    let events = body.split_terminator("\n\n").map(|event| event.strip_prefix("data: ").unwrap());
    events.map(|frame| ServerFrame::decode(frame).unwrap()).collect()
}

async fn rest(response: Response) -> Vec<ServerFrame> {
    frames(&soon("the end of an answer", response.text()).await.unwrap())
}

fn bye(frames: &[ServerFrame]) -> Option<u16> {
    match frames.last() {
        Some(ServerFrame::Bye(bye)) => Some(bye.code),
        _ => None,
    }
}

async fn command(account: &Account, text: String) -> Response {
    let request = request(account, COMMAND_PATH).header("cookie", &account.cookie);
    soon("an answer", request.header("content-type", "application/json").body(text).send()).await.unwrap()
}

async fn create_room(account: &Account) -> RoomId {
    let room = new_room();
    let answer = command(account, Command::create_solo(room, "").encode(new_command())).await;
    assert!(answer.text().await.unwrap().contains("ack"));
    room
}

/// Behind a proxy that buffers or compresses it, an event stream arrives at its end.
#[tokio::test]
async fn nothing_on_the_way_may_keep_change_or_hold_back_an_answer() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    for path in [STREAM_PATH, POLL_PATH] {
        let ticket = account.ticket().await;
        let request = opening(&account, path, &ticket, &hello()).header("accept-encoding", "gzip, br");
        let response = soon("an answer", request.send()).await.unwrap();
        let headers = response.headers();
        assert_eq!(headers["content-type"], "text/event-stream");
        assert_eq!(headers["cache-control"], "no-store, no-transform");
        assert_eq!(headers["x-accel-buffering"], "no");
        assert!(!headers.contains_key("content-encoding"), "{path}");
        assert_eq!(headers.contains_key("content-length"), path == POLL_PATH, "{path}");
        assert_eq!(headers.contains_key(TICKET_HEADER), path == POLL_PATH, "{path}");
    }
}

#[tokio::test]
async fn a_poll_answers_at_once_or_with_the_next_news_or_when_its_time_is_over() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let began = Instant::now();
    let first = rest(open(&account, POLL_PATH, None).await).await;
    assert!(matches!(first[..], [ServerFrame::Welcome(_)]), "{first:?}");
    let idle = rest(open(&account, POLL_PATH, Some(1)).await).await;
    assert!(matches!(idle[..], [ServerFrame::Welcome(_)]), "{idle:?}");
    assert!((1..9).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());

    // Whether the room comes before the poll or while it is held, it is news to this cursor.
    let inbox = Some(account.page(None).await.unwrap().inbox);
    let ticket = account.ticket().await;
    let held =
        opening(&account, POLL_PATH, &ticket, &Hello { inbox, ..hello() }).header("prefer", "wait=25").send();
    let began = Instant::now();
    let (held, room) = tokio::join!(soon("an answer", held), create_room(&account));
    let held = rest(held.unwrap()).await;
    assert!(began.elapsed() < Duration::from_secs(10));
    let [ServerFrame::Welcome(_), ServerFrame::Event { event, .. }] = &held[..] else { panic!("{held:?}") };
    assert!(matches!(&**event, app::protocol::Event::RoomJoined(joined) if joined.id == room));
}

#[tokio::test]
async fn the_ticket_of_an_answer_opens_the_next_poll_once() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let answer = open(&account, POLL_PATH, None).await;
    let ticket = answer.headers()[TICKET_HEADER].to_str().unwrap().to_owned();
    let next = opening(&account, POLL_PATH, &ticket, &hello()).send().await.unwrap();
    assert_eq!(bye(&rest(next).await), None);
    let again = opening(&account, POLL_PATH, &ticket, &hello()).send().await.unwrap();
    assert!(!again.headers().contains_key(TICKET_HEADER));
    assert_eq!(bye(&rest(again).await), Some(CloseCode::BadTicket.code()));
}

#[tokio::test]
async fn an_answer_to_a_poll_is_bounded_and_the_rest_comes_with_the_next() {
    let server = Setup::default()
        .simulator(json!({"text_pieces": ["x".repeat(100 * 1024)], "no_thinking": true}))
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let mut rooms = Vec::new();
    for _ in 0..4 {
        let room = socket.new_room().await;
        let cursor = account.room(room).await.unwrap().cursor;
        let reply = socket.ask(room, "Hello").await;
        socket.finished(reply).await;
        let cursor = app::protocol::Cursor { seq: cursor.seq + 2, ..cursor };
        let held = app::protocol::Held { message: reply, attempt: 1, text: 0, thinking: 0 };
        rooms.push(RoomCursor { room, cursor: Some(cursor), messages: vec![held] });
    }
    let hello = Hello { rooms, ..hello() };
    let answer = opening(&account, POLL_PATH, &account.ticket().await, &hello).send().await.unwrap();
    let length = answer.content_length().unwrap();
    assert!((128 * 1024..256 * 1024).contains(&length), "{length}");
    assert!(answer.headers().contains_key(TICKET_HEADER));
}

#[tokio::test]
async fn a_silence_of_an_event_stream_is_filled_with_beats() {
    let beat = Duration::from_millis(30);
    let server = Setup::default().policies(|policies| policies.sockets.ping_interval = beat).start().await;
    let account = server.account("Ana").await;
    let mut response = open(&account, STREAM_PATH, None).await;
    let mut body = Vec::new();
    soon("beats", async {
        while String::from_utf8_lossy(&body).matches("session:beat").count() < 5 {
            body.extend_from_slice(&response.chunk().await.unwrap().unwrap());
        }
    })
    .await;
}

/// LibreChat #13391, taskplane PR #664: subscribers that are gone and never removed.
#[tokio::test]
async fn who_leaves_gives_its_place_back() {
    let server = Setup::default().argument("--connections-per-address", "1").start().await;
    let account = server.account("Ana").await;
    let mut stream = open(&account, STREAM_PATH, None).await;
    soon("the welcome", stream.chunk()).await.unwrap();
    assert!(account.try_ticket().await.is_err());
    drop(stream);
    let ticket = eventually("a free place", async || account.try_ticket().await.ok()).await;
    let held = opening(&account, POLL_PATH, &ticket, &hello()).header("prefer", "wait=25").send();
    let held = tokio::spawn(held);
    eventually("the poll's place", async || account.try_ticket().await.is_err().then_some(())).await;
    held.abort();
    eventually("a free place", async || account.try_ticket().await.ok()).await;
}

#[tokio::test]
async fn a_first_frame_that_is_no_hello_ends_the_connection() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let oversized = format!("{}{}", ClientFrame::Hello(hello()).encode(), " ".repeat(64 * 1024));
    for (body, error) in [
        ("not JSON".to_owned(), Some(FailureCode::BadFrame)),
        (String::new(), Some(FailureCode::BadFrame)),
        (oversized, Some(FailureCode::FrameTooLarge)),
        (Command::DeleteRoom { room: new_room() }.encode(new_command()), None),
    ] {
        for path in [STREAM_PATH, POLL_PATH] {
            let ticket = account.ticket().await;
            let request = request(&account, path).header(TICKET_HEADER, ticket).body(body.clone());
            let answer = rest(soon("an answer", request.send()).await.unwrap()).await;
            let refused = answer.iter().find_map(|frame| match frame {
                ServerFrame::Error { failure, .. } => Some(failure.code),
                _ => None,
            });
            assert_eq!((refused, bye(&answer)), (error, Some(CloseCode::BadProtocol.code())), "{body:.60}");
        }
    }
    let request = request(&account, POLL_PATH).header(TICKET_HEADER, account.ticket().await);
    let answer = request.body("x".repeat(256 * 1024 + 1)).send().await.unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.json::<Failure>().await.unwrap().code, FailureCode::FrameTooLarge);
}

#[tokio::test]
async fn a_hello_that_does_not_come_is_not_waited_for() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let short =
        |policies: &mut server::server::Policies| policies.sockets.hello_timeout = Duration::from_millis(100);
    let server = Setup::default().policies(short).start().await;
    let ticket = server.account("Ana").await.ticket().await;
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    let head = format!(
        "POST {STREAM_PATH} HTTP/1.1\r\nhost: x\r\n{TICKET_HEADER}: {ticket}\r\ncontent-length: 99\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("the goodbye", async {
        while !answer.contains("session:bye") {
            let mut buffer = [0; 1024];
            let read = stream.read(&mut buffer).await.unwrap();
            assert!(read > 0, "{answer}");
            answer.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
    })
    .await;
    assert!(answer.contains("4013"), "{answer}");
}

#[tokio::test]
async fn foreign_pages_are_refused_and_cost_no_ticket() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let ticket = account.ticket().await;
    let room = new_room();
    let text = Command::create_solo(room, "").encode(new_command());
    for (name, value) in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        for path in [STREAM_PATH, POLL_PATH] {
            let request = opening(&account, path, &ticket, &hello()).header(name, value);
            assert_eq!(request.send().await.unwrap().status(), 403, "{path} {value}");
        }
        let request = request(&account, COMMAND_PATH).header("cookie", &account.cookie).header(name, value);
        let answer =
            request.header("content-type", "application/json").body(text.clone()).send().await.unwrap();
        assert_eq!(answer.status(), 403);
        assert_eq!(answer.json::<Failure>().await.unwrap().code, FailureCode::BadOrigin);
    }
    assert_eq!(server.count("select count(*) from rooms").await, 0);
    let own = format!("http://{}", server.address);
    let request = opening(&account, POLL_PATH, &ticket, &hello()).header("origin", own);
    assert_eq!(bye(&rest(request.send().await.unwrap()).await), None);
}

#[tokio::test]
async fn a_command_needs_a_session_its_type_and_a_frame_of_its_size() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let room = new_room();
    let text = Command::create_solo(room, "").encode(new_command());
    let status = async |cookie: &str, kind: Option<&str>, body: String| {
        let mut request = request(&account, COMMAND_PATH).header("cookie", cookie).body(body);
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let answer = soon("an answer", request.send()).await.unwrap();
        let status = answer.status().as_u16();
        if status != 200 {
            assert!(answer.json::<Failure>().await.unwrap().message.ends_with('.'));
        }
        status
    };
    let json = Some("application/json");
    assert_eq!(status("", json, text.clone()).await, 401);
    assert_eq!(status("sitespark_session=invented", json, text.clone()).await, 401);
    // What a form of another site could send without being asked.
    for kind in [None, Some("text/plain"), Some("application/x-www-form-urlencoded")] {
        assert_eq!(status(&account.cookie, kind, text.clone()).await, 415, "{kind:?}");
    }
    assert_eq!(status(&account.cookie, json, "x".repeat(256 * 1024 + 1)).await, 413);
    assert_eq!(server.count("select count(*) from rooms").await, 0);
    assert_eq!(status(&account.cookie, Some("Application/JSON; charset=utf-8"), text).await, 200);
    assert_eq!(server.count("select count(*) from rooms").await, 1);
}

#[tokio::test]
async fn what_concerns_a_connection_is_no_command_of_its_own() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let room = create_room(&account).await;
    let held =
        app::protocol::Held { message: app::protocol::MessageId(room.0), attempt: 1, text: 0, thinking: 0 };
    for wanted in [
        Command::Subscribe(RoomCursor { room, cursor: None, messages: Vec::new() }),
        Command::Unsubscribe { room },
        Command::Resume { room, held },
    ] {
        let to = new_command();
        let answer = command(&account, wanted.encode(to)).await.text().await.unwrap();
        match ServerFrame::decode(&answer).unwrap() {
            ServerFrame::Error { id, failure } => {
                assert_eq!((id, failure.code, failure.room), (Some(to), FailureCode::BadState, Some(room)));
            }
            other => panic!("{other:?}"),
        }
    }
    let answer = command(&account, ClientFrame::Hello(hello()).encode()).await.text().await.unwrap();
    assert!(answer.contains("bad_state"), "{answer}");
}
