//! The server's HTTP side as a browser without JavaScript would use it, with cookies kept by hand.

use std::net::SocketAddr;

use app::account::FormState;
use app::client::TicketFailure;
use app::client::{Page, SnapshotFailure};
use app::protocol::{COMMAND_PATH, Command, Hello, PageData, RoomId, RoomSnapshot, UserId, VERSION};
use base64::Engine;
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Response, redirect};
use serde::de::DeserializeOwned;

use super::socket::Socket;

pub(crate) const PASSWORD: &str = "correct horse battery";
const SESSION: &str = "sitespark_session";
const FORM: &str = "sitespark_form";

/// Somebody without an account, so far.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) address: SocketAddr,
    http: Client,
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.text().await.unwrap() }
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.headers.get("location").map(|location| location.to_str().unwrap())
    }

    /// The whole `Set-Cookie` of a name.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        let cookies = self.headers.get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
        cookies.into_iter().find(|cookie| cookie.split_once('=').is_some_and(|(found, _)| found == name))
    }

    fn cookie(&self, name: &str) -> Option<String> {
        let (_, rest) = self.set_cookie(name)?.split_once('=')?;
        Some(rest.split(';').next().unwrap().to_owned())
    }

    /// The secret that a sign-in leaves in the browser.
    pub(crate) fn session(&self) -> Option<String> {
        self.cookie(SESSION).filter(|secret| !secret.is_empty())
    }

    /// What a refused form leaves for the next page.
    pub(crate) fn form_state(&self) -> Option<FormState> {
        let cookie = self.cookie(FORM)?;
        let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cookie).unwrap();
        Some(serde_json::from_slice(&json).unwrap())
    }

    /// Why a form of the chat was refused, for the next page.
    pub(crate) fn refusal(&self) -> Option<String> {
        let cookie = self.cookie("sitespark_refusal")?;
        let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(cookie).unwrap();
        Some(serde_json::from_slice(&json).unwrap())
    }

    pub(crate) fn retry_after(&self) -> Option<u64> {
        self.headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()
    }
}

impl Visitor {
    pub(crate) fn new(address: SocketAddr) -> Self {
        super::server::prepare_process();
        Self { address, http: Client::builder().redirect(redirect::Policy::none()).build().unwrap() }
    }

    pub(crate) async fn get(&self, path: &str, headers: &[(&'static str, &str)]) -> Answer {
        self.try_get(path, headers).await.unwrap()
    }

    async fn try_get(&self, path: &str, headers: &[(&'static str, &str)]) -> reqwest::Result<Answer> {
        let request = self.http.get(format!("http://{}{path}", self.address)).headers(map(headers));
        Ok(Answer::of(request.send().await?).await)
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        self.try_post(path, headers, form).await.unwrap()
    }

    async fn try_post(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        form: &[(&str, &str)],
    ) -> reqwest::Result<Answer> {
        let request = self
            .http
            .post(format!("http://{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded")
            .headers(map(headers))
            .body(encoded(form));
        Ok(Answer::of(request.send().await?).await)
    }

    pub(crate) async fn try_register(&self, name: &str, email: &str, password: &str) -> Answer {
        self.post("/account/register", &[], &[("name", name), ("email", email), ("password", password)]).await
    }

    pub(crate) async fn try_sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/account/sign-in", &[], &[("email", email), ("password", password)]).await
    }

    /// A new account `<name>@example.org`, signed in.
    pub(crate) async fn register(&self, name: &str) -> Account {
        let answer = self.try_register(name, &format!("{}@example.org", name.to_lowercase()), PASSWORD).await;
        self.account(&answer.session().expect("a session"))
    }

    /// Whoever has this session.
    pub(crate) fn account(&self, session: &str) -> Account {
        Account { visitor: self.clone(), cookie: format!("{SESSION}={session}") }
    }
}

/// Somebody who is signed in, in one browser.
#[derive(Clone)]
pub(crate) struct Account {
    pub(crate) visitor: Visitor,
    pub(crate) cookie: String,
}

impl Account {
    pub(crate) async fn post(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let mut headers = headers.to_vec();
        headers.push(("cookie", &self.cookie));
        self.visitor.post(path, &headers, form).await
    }

    /// The same session at another node.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self { visitor: Visitor::new(address), cookie: self.cookie.clone() }
    }

    pub(crate) async fn ticket(&self) -> String {
        self.try_ticket().await.unwrap()
    }

    /// As the browser's driver reads the answers.
    pub(crate) async fn try_ticket(&self) -> Result<String, TicketFailure> {
        let answer = self.visitor.try_post("/api/ticket", &[("cookie", &self.cookie)], &[]).await;
        let answer = answer.map_err(|_| TicketFailure::Unreachable)?;
        match answer.status {
            200 => Ok(answer.json::<serde_json::Value>()["ticket"].as_str().unwrap().to_owned()),
            401 => Err(TicketFailure::SignedOut),
            403 => Err(TicketFailure::Forbidden(answer.body)),
            429 | 503 => {
                Err(TicketFailure::Busy { retry_after_ms: answer.retry_after().map(|wait| wait * 1_000) })
            }
            _ => Err(TicketFailure::Unreachable),
        }
    }

    /// A socket that has said nothing yet.
    pub(crate) async fn open(&self) -> Socket {
        Socket::open(self.visitor.address, &self.ticket().await).await.unwrap()
    }

    /// A socket that was welcomed, and knows nothing.
    pub(crate) async fn connect(&self) -> Socket {
        let mut socket = self.open().await;
        socket.hello(&hello()).await;
        socket
    }

    /// Has a command done without a connection.
    pub(crate) async fn command(&self, command: &Command) {
        let request = self
            .visitor
            .http
            .post(format!("http://{}{COMMAND_PATH}", self.visitor.address))
            .header("cookie", &self.cookie)
            .header("content-type", "application/json")
            .body(command.encode(super::new_command()));
        let answer = request.send().await.unwrap().text().await.unwrap();
        assert!(answer.contains("\"ack\""), "{answer}");
    }

    pub(crate) async fn user(&self) -> UserId {
        self.page(None).await.unwrap().user.id
    }

    pub(crate) async fn page(&self, room: Option<RoomId>) -> Result<PageData, SnapshotFailure> {
        let query = room.map_or_else(String::new, |room| format!("?room={room}&shown=true"));
        self.read(&format!("/api/page{query}")).await
    }

    /// All branches of it.
    pub(crate) async fn room(&self, room: RoomId) -> Result<RoomSnapshot, SnapshotFailure> {
        self.read(&format!("/api/room?room={room}")).await
    }

    /// A stretch of a room.
    pub(crate) async fn stretch(&self, room: RoomId, page: Page) -> Result<RoomSnapshot, SnapshotFailure> {
        self.read(&page.address(room)).await
    }

    /// As the browser's driver reads the answers.
    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, SnapshotFailure> {
        let answer = self.visitor.try_get(path, &[("cookie", &self.cookie)]).await;
        let answer = answer.map_err(|_| SnapshotFailure::Unreachable)?;
        match answer.status {
            200 => Ok(answer.json()),
            401 => Err(SnapshotFailure::SignedOut),
            404 => Err(SnapshotFailure::NotFound),
            _ => Err(SnapshotFailure::Unreachable),
        }
    }

    pub(crate) async fn sign_out(&self) -> Answer {
        self.post("/account/sign-out", &[], &[]).await
    }
}

/// The `hello` of a client that holds nothing.
pub(crate) fn hello() -> Hello {
    Hello {
        is_away: false,
        version: VERSION,
        client: "tests".to_owned(),
        inbox: None,
        rooms: Vec::new(),
        previous_close: None,
    }
}

fn map(headers: &[(&'static str, &str)]) -> HeaderMap {
    headers
        .iter()
        .map(|(name, value)| ((*name).parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn encoded(form: &[(&str, &str)]) -> String {
    let escape = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
                byte => format!("%{byte:02X}"),
            })
            .collect()
    };
    form.iter()
        .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
        .collect::<Vec<_>>()
        .join("&")
}
