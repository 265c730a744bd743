//! Accounts over HTTP, as a browser without JavaScript has them: forms in, a session's cookie out, kept by hand.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use app::client::{Page, SnapshotFailure, TicketFailure};
use app::protocol::{COMMAND_PATH, Command, CommandId, PageData, RoomId, RoomSnapshot, ServerFrame};
use reqwest::header::{CONTENT_TYPE, COOKIE, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, redirect};
use serde::de::DeserializeOwned;

use crate::Result;

/// Of every account that is made here.
pub const PASSWORD: &str = "correct horse battery";
const SESSION: &str = "sitespark_session";
/// For requests that are answered at once. The client asks again long before, on a connection of its own.
const SHORT_REQUEST: Duration = Duration::from_secs(30);
/// Connections kept for the next request; thousands of clients share a visitor.
const IDLE_CONNECTIONS: usize = 4;

/// Somebody without an account, so far, at an address of the server or of a proxy before it.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub(crate) address: SocketAddr,
    /// Where connections come from; any address of 127.0.0.0/8 is this machine.
    pub(crate) source: Option<IpAddr>,
    http: Client,
}

impl Visitor {
    pub fn new(address: SocketAddr) -> Result<Self> {
        Self::from(address, None)
    }

    /// With a source address of its own, because the server counts connections by it.
    pub fn from(address: SocketAddr, source: Option<IpAddr>) -> Result<Self> {
        // The HTTP client wants one, although nothing is encrypted; somebody may have installed one before.
        _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .local_address(source)
            .tcp_nodelay(true)
            .no_proxy()
            .build()?;
        Ok(Self { address, source, http })
    }

    /// A new account `<name>@example.org`, signed in.
    pub async fn register(&self, name: &str) -> Result<Account> {
        let email = format!("{}@example.org", name.to_lowercase());
        self.account("/account/register", &[("name", name), ("email", &email), ("password", PASSWORD)]).await
    }

    pub async fn sign_in(&self, email: &str, password: &str) -> Result<Account> {
        self.account("/account/sign-in", &[("email", email), ("password", password)]).await
    }

    async fn account(&self, path: &str, form: &[(&str, &str)]) -> Result<Account> {
        let request = self
            .http
            .post(self.url(path))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .timeout(SHORT_REQUEST)
            .body(encoded(form));
        let answer = request.send().await?;
        let session = answer
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='))
            .find(|(name, secret)| *name == SESSION && !secret.is_empty());
        let Some((_, secret)) = session else {
            return Err(format!("{path} gave no session, but status {}", answer.status()).into());
        };
        Ok(self.with_cookie(format!("{SESSION}={secret}")))
    }

    /// Whoever has this cookie.
    pub fn with_cookie(&self, cookie: String) -> Account {
        Account { visitor: self.clone(), cookie }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) visitor: Visitor,
    cookie: String,
}

impl Account {
    /// The same session by another way: through a proxy, or from another address.
    #[must_use]
    pub fn by(&self, visitor: &Visitor) -> Self {
        visitor.with_cookie(self.cookie.clone())
    }

    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// A ticket, or why there is none, as the browser's driver reads the answers.
    pub async fn ticket(&self) -> std::result::Result<String, TicketFailure> {
        let request = self.post("/api/ticket").timeout(SHORT_REQUEST);
        let answer = request.send().await.map_err(|_| TicketFailure::Unreachable)?;
        match answer.status().as_u16() {
            200 => {
                let ticket: Ticket = json(answer).await.ok_or(TicketFailure::Unreachable)?;
                Ok(ticket.ticket)
            }
            401 => Err(TicketFailure::SignedOut),
            403 => Err(TicketFailure::Forbidden(answer.text().await.unwrap_or_default())),
            429 | 503 => Err(TicketFailure::Busy { retry_after_ms: retry_after(&answer) }),
            _ => Err(TicketFailure::Unreachable),
        }
    }

    pub async fn page(&self, room: Option<RoomId>) -> std::result::Result<PageData, SnapshotFailure> {
        let query = room.map_or_else(String::new, |room| format!("?room={room}&shown=true"));
        self.read(&format!("/api/page{query}")).await
    }

    /// The newest messages of a room, as the server has them now.
    pub async fn room(&self, room: RoomId) -> std::result::Result<RoomSnapshot, SnapshotFailure> {
        self.stretch(room, Page::Newest).await
    }

    /// A stretch of a room.
    pub async fn stretch(
        &self,
        room: RoomId,
        page: Page,
    ) -> std::result::Result<RoomSnapshot, SnapshotFailure> {
        self.read(&page.address(room)).await
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> std::result::Result<T, SnapshotFailure> {
        let request = self.visitor.http.get(self.visitor.url(path)).header(COOKIE, &self.cookie);
        let answer = request.timeout(SHORT_REQUEST).send().await.map_err(|_| SnapshotFailure::Unreachable)?;
        match answer.status().as_u16() {
            200 => json(answer).await.ok_or(SnapshotFailure::Unreachable),
            401 => Err(SnapshotFailure::SignedOut),
            404 => Err(SnapshotFailure::NotFound),
            _ => Err(SnapshotFailure::Unreachable),
        }
    }

    /// Does one command and waits for its `ack`.
    pub async fn execute(&self, id: CommandId, command: Command) -> Result<()> {
        let answer = self.command(command.encode(id)).await.ok_or("a command could not be posted")?;
        match ServerFrame::decode(&answer) {
            Ok(ServerFrame::Ack { .. }) => Ok(()),
            _ => Err(format!("`{}` was answered {answer}", command.kind()).into()),
        }
    }

    /// Posts one command; the answer's body is its `ack` or `error`. Nothing: the transport failed.
    pub(crate) async fn command(&self, frame: String) -> Option<String> {
        let request = self.post(COMMAND_PATH).header(CONTENT_TYPE, "application/json").body(frame);
        let answer = request.timeout(SHORT_REQUEST).send().await.ok()?;
        if answer.status().is_server_error() {
            return None;
        }
        answer.text().await.ok()
    }

    /// A request with the session's cookie, without a limit on its time.
    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.visitor.http.post(self.visitor.url(path)).header(COOKIE, &self.cookie)
    }
}

#[derive(serde::Deserialize)]
struct Ticket {
    ticket: String,
}

async fn json<T: DeserializeOwned>(answer: Response) -> Option<T> {
    answer.json().await.ok()
}

fn retry_after(answer: &Response) -> Option<u64> {
    let seconds: u64 = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(seconds * 1_000)
}

pub(crate) fn encoded(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    let pairs = form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value)));
    pairs.collect::<Vec<_>>().join("&")
}
