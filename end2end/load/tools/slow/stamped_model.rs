//! A model whose every token says when it was sent, so that a viewer knows how old it is. It speaks just enough of the
//! API for our server: one stream per connection, for as many seconds as the question asks.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use load::Result;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Tokens are large, so that a slow reader falls behind at once.
const TOKEN_BYTES: usize = 1_024;
const TOKENS_PER_SECOND: usize = 40;
pub(super) const BYTES_PER_SECOND: usize = TOKEN_BYTES * TOKENS_PER_SECOND;
/// Seconds, when the question names none.
const LENGTH: u64 = 10;

#[derive(Debug)]
pub(super) struct StampedModel {
    pub(super) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for StampedModel {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Microseconds since 1970.
pub(super) fn now() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
}

/// When a line was sent.
pub(super) fn stamp(line: &str) -> Option<u64> {
    line.split(' ').next()?.parse().ok()
}

impl StampedModel {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One that is broken off is our server's decision.
                tokio::spawn(answer(stream));
            }
        });
        Ok(Self { address, task })
    }
}

async fn answer(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let seconds = seconds(&serde_json::from_slice(&body)?).unwrap_or(LENGTH);
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let count = usize::try_from(seconds)? * TOKENS_PER_SECOND;
    let mut clock = tokio::time::interval(Duration::from_secs(1) / u32::try_from(TOKENS_PER_SECOND)?);
    for _ in 0..count {
        clock.tick().await;
        let token = format!("{:.<width$}\n", format!("{} ", now()), width = TOKEN_BYTES - 1);
        stream.write_all(chunk(&serde_json::json!({"content": token}), None).as_bytes()).await?;
    }
    stream.write_all(chunk(&serde_json::json!({}), Some("stop")).as_bytes()).await?;
    stream.write_all(b"data: [DONE]\n\n").await?;
    stream.shutdown().await?;
    Ok(())
}

/// The first number in the last question.
fn seconds(body: &serde_json::Value) -> Option<u64> {
    let question = body["messages"].as_array()?.last()?["content"].as_str()?;
    question.split_whitespace().find_map(|word| word.parse().ok())
}

fn chunk(delta: &serde_json::Value, finish: Option<&str>) -> String {
    let chunk = serde_json::json!({
        "id": "stamped", "object": "chat.completion.chunk", "created": 1, "model": "kimi-k3",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    });
    format!("data: {chunk}\n\n")
}
