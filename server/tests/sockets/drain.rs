//! Going away: one by one, with a hint for each, and not waiting for anybody for ever.

use std::time::{Duration, Instant};

use app::client::TicketFailure;
use app::protocol::{
    COMMAND_PATH, ClientFrame, CloseCode, Command, Failure, POLL_PATH, STREAM_PATH, TICKET_HEADER,
};
use serde_json::json;

use crate::support::{Setup, TestServer, eventually, hello, new_command, new_room, soon};

const WINDOW: Duration = Duration::from_millis(1_200);

/// LibreChat and others after a deploy; coder/coder #24096, firezone #11493: all tabs leave and return together.
#[tokio::test]
async fn connections_leave_one_by_one_and_come_back_apart() {
    let mut server = Setup::default()
        .argument("--connections-per-user", "60")
        .policies(|policies| {
            policies.drain.window = WINDOW;
            policies.drain.restart = Duration::from_millis(500);
        })
        .start()
        .await;
    let account = server.account("Ana").await;
    let mut sockets = Vec::new();
    for _ in 0..40 {
        sockets.push(account.connect().await);
    }
    let began = Instant::now();
    let stopping = server.begin_stop();
    let ends = sockets.into_iter().map(|mut socket| async move {
        socket.ends_with(CloseCode::Drain).await;
        let left = began.elapsed();
        let hint = Duration::from_millis(socket.bye.unwrap().retry_after_ms.unwrap());
        (left, left + hint)
    });
    let ends = futures_util::future::join_all(ends).await;
    stopping.await.unwrap();
    let spread =
        |times: Vec<Duration>| times.iter().max().unwrap().saturating_sub(*times.iter().min().unwrap());
    assert!(spread(ends.iter().map(|(left, _)| *left).collect()) > WINDOW / 2, "{ends:?}");
    assert!(spread(ends.iter().map(|(_, back)| *back).collect()) > Duration::from_millis(600), "{ends:?}");
    // Nobody comes before the restart, by the clock of whoever was told.
    for (_, back) in &ends {
        assert!(*back + Duration::from_millis(100) > WINDOW + Duration::from_millis(500), "{ends:?}");
    }
}

#[tokio::test]
async fn while_it_drains_nothing_new_begins_and_what_is_there_goes_on() {
    let mut server =
        Setup::default().simulator(json!({"gate": "door@10"})).argument("--drain-seconds", "2").start().await;
    let account = server.account("Ana").await;
    let mut sockets = [account.connect().await, account.connect().await, account.connect().await];
    let room = sockets[0].new_room().await;
    sockets[0].ask(room, "Hello").await;
    let stopping = server.begin_stop();
    let visitor = server.visitor();
    let ready = eventually("a refusal", async || {
        let answer = visitor.get("/ready", &[]).await;
        (answer.status == 503).then_some(answer)
    });
    ready.await;
    assert_eq!(visitor.get("/health", &[]).await.status, 200);
    match account.try_ticket().await {
        Err(TicketFailure::Busy { retry_after_ms: Some(wait) }) => assert!((1_000..=10_000).contains(&wait)),
        other => panic!("{other:?}"),
    }
    let answer = reqwest::Client::new()
        .post(format!("http://{}{COMMAND_PATH}", server.address))
        .header("cookie", &account.cookie)
        .header("content-type", "application/json")
        .body(Command::create_solo(new_room(), "").encode(new_command()))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert!(answer.json::<Failure>().await.unwrap().retry_after_ms.unwrap() > 0);
    server.simulator.release("door");
    for socket in &mut sockets {
        socket.ends_with(CloseCode::Drain).await;
    }
    soon("the end", stopping).await.unwrap();
}

/// axum #3003: a graceful end forgets upgraded sockets; axum #2673: an event stream keeps it from ending for ever.
#[tokio::test]
async fn open_sockets_streams_and_polls_are_told_and_do_not_keep_it_from_ending() {
    let mut server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let open = async |path: &str, wait: &str| {
        reqwest::Client::new()
            .post(format!("http://{}{path}", account.visitor.address))
            .header(TICKET_HEADER, account.ticket().await)
            .header("prefer", wait)
            .body(ClientFrame::Hello(hello()).encode())
            .send()
            .await
    };
    let mut stream = open(STREAM_PATH, "").await.unwrap();
    soon("the welcome", stream.chunk()).await.unwrap();
    let stop = async {
        // The poll is there once its ticket is used up, which its place tells: three connections.
        eventually("the poll", async || (server.connections() == 3).then_some(())).await;
        let began = Instant::now();
        server.stop().await;
        began.elapsed()
    };
    let (poll, took) = tokio::join!(open(POLL_PATH, "wait=25"), stop);
    assert!(took < Duration::from_secs(4), "{took:?}");
    for text in [soon("the poll", poll.unwrap().text()).await, soon("the stream", stream.text()).await] {
        assert!(text.unwrap().contains("\"code\":4100"));
    }
    socket.ends_with(CloseCode::Drain).await;
}
