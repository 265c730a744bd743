//! A connection that only listens and counts: far cheaper than a client, for tools that watch what thousands are sent.
//!
//! It follows one room from the page's cursors on, and answers pings. It loses its place with the connection.

use std::collections::BTreeMap;
use std::time::Instant;

use app::protocol::{ClientFrame, Hello, RoomCursor, RoomId, VERSION};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message as Frame;

use crate::line::open_socket;
use crate::{Account, Result};

/// Frames by their types; a ping is `ping`, a part is `part`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameCounts(pub BTreeMap<String, u64>);

impl FrameCounts {
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.0 {
            *self.0.entry(kind.clone()).or_default() += count;
        }
    }

    pub fn of(&self, kind: &str) -> u64 {
        self.0.get(kind).copied().unwrap_or(0)
    }
}

#[derive(Debug)]
pub struct Listener {
    socket: WebSocketStream<TcpStream>,
    pub counts: FrameCounts,
    /// When the newest frame of each type came.
    pub newest: BTreeMap<String, Instant>,
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
}

impl Listener {
    /// Opens a connection that follows the inbox and a room, and waits for its welcome.
    pub async fn open(account: &Account, room: RoomId) -> Result<Self> {
        let page = account.page(Some(room)).await.map_err(|failure| format!("no page: {failure:?}"))?;
        let ticket = account.ticket().await.map_err(|failure| format!("no ticket: {failure:?}"))?;
        let cursor = page.room.map(|room| room.cursor);
        let hello = Hello {
            version: VERSION,
            client: "listener".to_owned(),
            inbox: Some(page.inbox),
            rooms: vec![RoomCursor { room, cursor, messages: Vec::new() }],
            is_away: false,
            previous_close: None,
        };
        let mut listener = Self {
            socket: open_socket(account, &ticket, None).await?,
            counts: FrameCounts::default(),
            newest: BTreeMap::new(),
        };
        listener.send(&ClientFrame::Hello(hello)).await?;
        while listener.counts.of("session:welcome") == 0 {
            listener.next().await?;
        }
        Ok(listener)
    }

    pub async fn send(&mut self, frame: &ClientFrame) -> Result<()> {
        Ok(self.socket.send(Frame::text(frame.encode())).await?)
    }

    /// Counts the next frame; an error once the connection has ended.
    pub async fn next(&mut self) -> Result<()> {
        let kind = match self.socket.next().await.ok_or("the connection has ended")?? {
            Frame::Text(text) if text.as_str().starts_with('[') => "part".to_owned(),
            Frame::Text(text) => serde_json::from_str::<Head<'_>>(text.as_str())?.kind.into_owned(),
            Frame::Ping(_) => "ping".to_owned(),
            Frame::Close(_) => return Err("the server closed the connection".into()),
            _ => "other".to_owned(),
        };
        *self.counts.0.entry(kind.clone()).or_default() += 1;
        self.newest.insert(kind, Instant::now());
        Ok(())
    }
}
