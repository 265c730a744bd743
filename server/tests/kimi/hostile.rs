//! Servers that even the simulator is too polite for: they must cost a bounded amount, and never a panic.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use server::kimi::{Model, Timeouts};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::support::{Reply, ask, client_of, request};

/// A server that answers its first request with `head`, then with `piece` again and again.
async fn server(head: &'static str, piece: Vec<u8>, times: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let piece = piece.clone();
            tokio::spawn(async move {
                if read_request(&mut stream).await.is_none()
                    || stream.write_all(head.as_bytes()).await.is_err()
                {
                    return;
                }
                for _ in 0..times {
                    if stream.write_all(&piece).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    format!("http://{address}")
}

/// Reads head and body: a body left unread would turn the close into a reset.
async fn read_request(stream: &mut TcpStream) -> Option<()> {
    let mut seen = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(());
            }
        }
        let mut buffer = [0; 4_096];
        let length = stream.read(&mut buffer).await.ok().filter(|length| *length > 0)?;
        seen.extend_from_slice(&buffer[..length]);
    }
}

const STREAM: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";

async fn ask_server(head: &'static str, piece: &[u8], times: usize) -> Reply {
    let base_url = server(head, piece.to_vec(), times).await;
    let timeouts = Timeouts { idle: Duration::from_secs(2), ..Timeouts::default() };
    ask(&client_of(&base_url, timeouts), request("x")).await
}

#[tokio::test]
async fn a_line_without_end_is_too_large() {
    let reply = ask_server(STREAM, &vec![b'x'; 64 * 1024], 1_000_000).await;
    assert_eq!(reply.error.expect("an error").code(), "too_large");
}

#[tokio::test]
async fn a_reply_without_end_is_too_large() {
    let chunk = format!(r#"data: {{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#, "x".repeat(100_000));
    let reply = ask_server(STREAM, format!("{chunk}\n\n").as_bytes(), 1_000_000).await;
    assert_eq!(reply.error.expect("an error").code(), "too_large");
    assert!(reply.text.len() <= 16 * 1024 * 1024);
}

#[tokio::test]
async fn an_error_without_end_is_cut_short() {
    let head = "HTTP/1.1 500 Oh\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n";
    let began = Instant::now();
    let reply = ask_server(head, &vec![b'<'; 64 * 1024], 1_000_000).await;
    let error = reply.error.expect("an error");
    assert_eq!(error.code(), "server_error");
    assert!(format!("{error:?}").len() < 1_000 && began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn pages_redirects_and_nothing_are_no_streams() {
    for (head, body, code) in [
        (
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nconnection: close\r\n\r\n",
            "<p>hello",
            "wrong_address",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
            "",
            "wrong_address",
        ),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\n", "nope", "wrong_address"),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 2\r\n\r\n", "{}", "unavailable"),
        (
            "HTTP/1.1 400 Bad\r\ncontent-length: 33\r\n\r\n",
            r#"{"message":"maximum context length"}"#,
            "bad_request",
        ),
        (
            "HTTP/1.1 400 Bad\r\nconnection: close\r\n\r\n",
            r#"{"object":"error","message":"maximum context length","code":400}"#,
            "context_too_long",
        ),
        (STREAM, "", "interrupted"),
        (STREAM, "data: {\"error\":{\"message\":\"x\",\"type\":\"engine_overloaded_error\"}}", "overloaded"),
        (STREAM, "data: {\"choices\":[{\"del", "interrupted"),
        (STREAM, "data: \u{0}\n\n", "garbled"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", "data: {}\n\n", "interrupted"),
        ("nonsense\r\n\r\n", "", "unreachable"),
    ] {
        let reply = ask_server(head, body.as_bytes(), 1).await;
        let error = reply.error.expect(code);
        assert_eq!(error.code(), code, "{head}{body}: {error}");
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_garbled() {
    let reply = ask_server(STREAM, b"data: {\"choices\":[]}\n\ndata: \xff\xfe\n\n", 1).await;
    assert_eq!(reply.error.expect("an error").code(), "garbled");
}

#[tokio::test]
async fn a_list_of_models_that_is_none_is_an_error() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    for body in ["", "{}", r#"{"data":[]}"#, r#"{"data":[{"no":"id"}]}"#, "\u{0}"] {
        let base_url = server(head, body.as_bytes().to_vec(), 1).await;
        let error = client_of(&base_url, Timeouts::default()).models().await.unwrap_err();
        assert_eq!(error.code(), "garbled", "{body}");
    }
}

#[tokio::test]
async fn the_end_after_done_is_not_waited_for() {
    // The server keeps its connection open after `[DONE]`, for much longer than the test may take.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read_request(&mut stream).await.unwrap();
        stream.write_all(format!("{STREAM}data: [DONE]\n\n").as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    let began = Instant::now();
    let reply = ask(&client_of(&format!("http://{address}"), Timeouts::default()), request("x")).await;
    assert_eq!(reply.error, None);
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn usage_at_the_top_wins() {
    let chunks = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"usage\":{\"prompt_tokens\":1}}]}\n\n\
                  data: {\"choices\":[],\"usage\":{\"prompt_tokens\":2}}\n\n\
                  data: {\"choices\":[{\"usage\":{\"prompt_tokens\":3}}],\"usage\":null}\n\ndata: [DONE]\n\n";
    let reply = ask_server(STREAM, chunks.as_bytes(), 1).await;
    assert_eq!(reply.error, None);
    assert_eq!(reply.usages[0].prompt_tokens, 2);
}

#[tokio::test]
async fn a_connection_is_used_again_after_done() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                while read_request(&mut stream).await.is_some() {
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                    stream.write_all(format!("{head}e\r\ndata: [DONE]\n\n\r\n").as_bytes()).await.unwrap();
                    // The end of the body comes in a packet of its own.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    stream.write_all(b"0\r\n\r\n").await.unwrap();
                }
            });
        }
    });
    let client = client_of(&format!("http://{address}"), Timeouts::default());
    for _ in 0..4 {
        assert_eq!(ask(&client, request("x")).await.error, None);
    }
    // One, unless the machine is so busy that the end came late; four without reading the end.
    assert!(connections.load(Ordering::SeqCst) < 4);
}
