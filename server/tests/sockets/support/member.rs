//! A client that speaks the protocol on any of the three transports, as `PROTOCOL.md` tells one to: whoever uses it can
//! not tell which.

use std::collections::BTreeSet;

use app::protocol::{
    Ack, Bye, COMMAND_PATH, ClientFrame, Command, CommandId, ConnectionId, Failure, Hello, Log, MessageId,
    OwnPresence, POLL_PATH, PresenceState, RoomCursor, RoomId, STREAM_PATH, SUBPROTOCOL, ServerFrame,
    TICKET_HEADER, TICKET_PROTOCOL_PREFIX, Welcome,
};
use futures_util::{SinkExt, StreamExt};
use reqwest::Response;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Account, Proxy, Transcript, hello, soon};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    WebSocket,
    EventStream,
    LongPoll,
}

pub(crate) struct Member {
    pub(crate) transport: Transport,
    pub(crate) account: Account,
    pub(crate) proxy: Proxy,
    pub(crate) transcript: Transcript,
    /// Answers to commands, and errors about frames, that nobody has looked at.
    pub(crate) answers: Vec<ServerFrame>,
    /// Nobody looks at its page.
    pub(crate) is_away: bool,
    /// How the last connection ended.
    pub(crate) end: Option<Ending>,
    welcome: Option<Welcome>,
    connection: Option<ConnectionId>,
    /// The connection was opened, or the server was silent.
    owes_sign: Option<ConnectionId>,
    /// Messages whose texts were asked for on this connection.
    asked: BTreeSet<MessageId>,
    /// The rooms that are followed, whatever became of the connection.
    followed: Vec<RoomId>,
    line: Option<Line>,
    http: reqwest::Client,
    /// Answers that came by HTTP.
    posted: UnboundedReceiver<String>,
    post: UnboundedSender<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Said(Bye),
    Broken,
}

enum Line {
    Socket(Box<WebSocketStream<TcpStream>>),
    Stream { response: Response, buffer: Vec<u8> },
    Poll(JoinHandle<Option<Polled>>),
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Self::Poll(polling) = self {
            polling.abort();
        }
    }
}

/// The answer to a poll, read to its end.
struct Polled {
    ticket: Option<String>,
    body: Vec<u8>,
}

/// Some frames, and the ticket for more if they were the answer to a poll.
type Came = (Vec<String>, Option<String>);

/// Takes the events that are complete.
fn events(buffer: &mut Vec<u8>) -> Vec<String> {
    let mut frames = Vec::new();
    while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
        let event: Vec<u8> = buffer.drain(..end + 2).collect();
        let event = String::from_utf8(event).unwrap();
        frames.extend(event.lines().filter_map(|line| line.strip_prefix("data: ")).map(str::to_owned));
    }
    frames
}

impl Line {
    async fn read(&mut self) -> Option<Came> {
        match self {
            Self::Socket(socket) => loop {
                match socket.next().await? {
                    Ok(Frame::Text(text)) => return Some((vec![text.as_str().to_owned()], None)),
                    Ok(_) => {}
                    Err(_) => return None,
                }
            },
            Self::Stream { response, buffer } => {
                buffer.extend_from_slice(&response.chunk().await.ok()??);
                Some((events(buffer), None))
            }
            Self::Poll(polling) => {
                let mut polled = polling.await.unwrap()?;
                let frames = events(&mut polled.body);
                assert!(polled.body.is_empty(), "a poll answers with whole events");
                Some((frames, polled.ticket))
            }
        }
    }
}

impl Member {
    pub(crate) async fn new(transport: Transport, account: Account) -> Self {
        let (post, posted) = unbounded_channel();
        Self {
            transport,
            proxy: Proxy::start(account.visitor.address).await,
            account,
            transcript: Transcript::default(),
            answers: Vec::new(),
            is_away: false,
            end: None,
            welcome: None,
            connection: None,
            owes_sign: None,
            asked: BTreeSet::new(),
            followed: Vec::new(),
            line: None,
            // A request on a connection that was cut meanwhile would not be this server's failure.
            http: reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap(),
            posted,
            post,
        }
    }

    /// The `hello` of a client that comes back: everything that it holds.
    pub(crate) fn question(&self) -> Hello {
        let rooms = self.followed.iter().map(|room| RoomCursor {
            room: *room,
            cursor: self.transcript.cursor(Log::Room(*room)),
            messages: self.transcript.unfinished(*room),
        });
        let (inbox, is_away) = (self.transcript.cursor(Log::Inbox), self.is_away);
        Hello { inbox, is_away, rooms: rooms.collect(), ..hello() }
    }

    /// Opens a connection; the error is how it ended instead.
    pub(crate) async fn open(&mut self, hello: &Hello, ticket: &str) -> Result<Welcome, Ending> {
        self.proxy.mend();
        self.line = None;
        self.end = None;
        self.welcome = None;
        self.followed = hello.rooms.iter().map(|wanted| wanted.room).collect();
        self.asks(hello);
        self.connect(hello, ticket).await;
        soon("a welcome", async {
            loop {
                if let Some(welcome) = self.welcome.take() {
                    return Ok(welcome);
                }
                if let Some(end) = &self.end {
                    return Err(end.clone());
                }
                self.advance().await;
            }
        })
        .await
    }

    fn asks(&mut self, hello: &Hello) {
        self.transcript.reconnected();
        self.transcript.asks_inbox(hello.inbox);
        self.asked.clear();
        for wanted in &hello.rooms {
            self.transcript.asks(wanted);
            self.asked.extend(wanted.messages.iter().map(|held| held.message));
        }
    }

    async fn connect(&mut self, hello: &Hello, ticket: &str) {
        let text = ClientFrame::Hello(hello.clone()).encode();
        self.line = Some(match self.transport {
            Transport::WebSocket => {
                let mut request = format!("ws://{}/ws", self.proxy.address).into_client_request().unwrap();
                let protocols = format!("{SUBPROTOCOL}, {TICKET_PROTOCOL_PREFIX}{ticket}");
                request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
                let stream = TcpStream::connect(self.proxy.address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                let (mut socket, _) = client_async(request, stream).await.unwrap();
                // One that is refused may be closed already.
                _ = socket.send(Frame::text(text)).await;
                Line::Socket(Box::new(socket))
            }
            Transport::EventStream => {
                let url = format!("http://{}{STREAM_PATH}", self.proxy.address);
                let request = self.http.post(url).header(TICKET_HEADER, ticket).body(text);
                let response = request.send().await.unwrap();
                assert_eq!(response.status(), 200);
                Line::Stream { response, buffer: Vec::new() }
            }
            Transport::LongPoll => Line::Poll(self.poll(text, ticket, false)),
        });
    }

    /// Polls in the background, as a page does while its script waits.
    fn poll(&self, text: String, ticket: &str, waits: bool) -> JoinHandle<Option<Polled>> {
        let url = format!("http://{}{POLL_PATH}", self.proxy.address);
        let mut request = self.http.post(url).header(TICKET_HEADER, ticket).body(text);
        if waits {
            request = request.header("prefer", "wait=5");
        }
        tokio::spawn(async move {
            let response = request.send().await.ok()?;
            assert_eq!(response.status(), 200);
            assert!(response.content_length().is_some(), "a proxy may hold back what has no length");
            let ticket = response.headers().get(TICKET_HEADER);
            let ticket = ticket.map(|ticket| ticket.to_str().unwrap().to_owned());
            Some(Polled { ticket, body: response.bytes().await.ok()?.to_vec() })
        })
    }

    /// Takes what comes next. A poll is asked again at once, from where its answer led.
    pub(crate) async fn advance(&mut self) {
        let read = async {
            match &mut self.line {
                Some(line) => line.read().await,
                None => std::future::pending().await,
            }
        };
        let came = tokio::select! {
            came = read => came,
            text = self.posted.recv() => return self.take(&text.unwrap()),
        };
        let Some((frames, ticket)) = came else {
            self.line = None;
            self.end.get_or_insert(Ending::Broken);
            return;
        };
        for text in &frames {
            self.take(text);
        }
        self.give_sign_of_life().await;
        self.ask_for_what_is_missing().await;
        if let Some(ticket) = ticket {
            let question = self.question();
            self.asks(&question);
            self.line = Some(Line::Poll(self.poll(ClientFrame::Hello(question).encode(), &ticket, true)));
        }
    }

    /// The server of an event stream knows its reader only from what is posted.
    async fn give_sign_of_life(&mut self) {
        let Some(connection) = self.owes_sign.take().filter(|_| self.transport == Transport::EventStream)
        else {
            return;
        };
        let state = if self.is_away { PresenceState::Away } else { PresenceState::Online };
        let own = OwnPresence { state, connection: Some(connection) };
        self.give(ClientFrame::Presence(own).encode()).await;
    }

    /// A message that came and ended while nobody was here has brought no text. A poll asks again anyway.
    async fn ask_for_what_is_missing(&mut self) {
        let mut missing = Vec::new();
        for room in &self.followed {
            let unfinished = self.transcript.unfinished(*room).into_iter();
            let ended = unfinished.filter(|held| {
                self.transcript.run(held.message).is_some_and(|run| run.status.has_ended())
                    && !self.transcript.is_announced(held.message)
                    && !self.asked.contains(&held.message)
            });
            missing.extend(ended.map(|held| (*room, held)));
        }
        if missing.is_empty() || self.line.is_none() {
            return;
        }
        match self.transport {
            Transport::WebSocket => {
                for (room, held) in missing {
                    self.asked.insert(held.message);
                    self.give(Command::Resume { room, held }.encode(super::new_command())).await;
                }
            }
            Transport::EventStream => {
                let question = self.question();
                let ticket = self.account.ticket().await;
                self.line = None;
                self.asks(&question);
                self.connect(&question, &ticket).await;
            }
            Transport::LongPoll => {}
        }
    }

    fn take(&mut self, text: &str) {
        let frame = ServerFrame::decode(text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
        self.transcript.apply(&frame);
        match frame {
            ServerFrame::Welcome(welcome) => {
                (self.connection, self.owes_sign) = (Some(welcome.connection), Some(welcome.connection));
                self.welcome = Some(welcome);
            }
            ServerFrame::Beat(_) => self.owes_sign = self.connection,
            ServerFrame::Bye(bye) => self.end = Some(Ending::Said(bye)),
            ServerFrame::Ack { .. } | ServerFrame::Error { .. } | ServerFrame::Subscribed { .. } => {
                self.answers.push(frame);
            }
            _ => {}
        }
    }

    /// Waits until this client is as wanted, which it may be already.
    pub(crate) async fn until<T>(&mut self, what: &str, mut wanted: impl FnMut(&mut Self) -> Option<T>) -> T {
        soon(what, async {
            loop {
                if let Some(found) = wanted(self) {
                    return found;
                }
                self.advance().await;
            }
        })
        .await
    }

    /// Sends a frame, in whichever way it goes.
    pub(crate) async fn give(&mut self, text: String) {
        if self.transport == Transport::WebSocket {
            let Some(Line::Socket(socket)) = &mut self.line else { panic!("not connected") };
            _ = socket.send(Frame::text(text)).await;
            return;
        }
        let request = self
            .http
            .post(format!("http://{}{COMMAND_PATH}", self.proxy.address))
            .header("cookie", &self.account.cookie)
            .header("content-type", "application/json")
            .body(text);
        let post = self.post.clone();
        tokio::spawn(async move {
            // Without an answer the client does not know what became of its command.
            let Ok(response) = request.send().await else { return };
            if response.status() == 204 {
                return;
            }
            assert_eq!(response.status(), 200);
            let Ok(text) = response.text().await else { return };
            _ = post.send(text);
        });
    }

    /// The answer to a command; without one, to a frame that could not be read.
    pub(crate) async fn answer(&mut self, to: Option<CommandId>) -> Result<Ack, Failure> {
        self.until("an answer", |member| {
            let place = member.answers.iter().position(|answer| match answer {
                ServerFrame::Ack { id, .. } | ServerFrame::Subscribed { id, .. } => Some(*id) == to,
                ServerFrame::Error { id, .. } => *id == to,
                _ => false,
            })?;
            match member.answers.remove(place) {
                ServerFrame::Ack { ack, .. } => Some(Ok(ack)),
                ServerFrame::Error { failure, .. } => Some(Err(failure)),
                other => panic!("{other:?}"),
            }
        })
        .await
    }

    /// Follows a room from a cursor on. Where there is no lasting connection, by a new question.
    pub(crate) async fn follow(&mut self, wanted: RoomCursor) -> app::protocol::Subscribed {
        self.followed.retain(|room| *room != wanted.room);
        self.followed.push(wanted.room);
        if self.transport == Transport::WebSocket {
            self.transcript.asks(&wanted);
            let to = super::new_command();
            self.give(Command::Subscribe(wanted).encode(to)).await;
            return self
                .until("`room:subscribed`", |member| {
                    let place = member.answers.iter().position(
                        |answer| matches!(answer, ServerFrame::Subscribed { id, .. } if *id == to),
                    )?;
                    match member.answers.remove(place) {
                        ServerFrame::Subscribed { subscribed, .. } => Some(subscribed),
                        _ => None,
                    }
                })
                .await;
        }
        let log = Log::Room(wanted.room);
        let mut question = self.question();
        question.rooms.retain(|known| known.room != wanted.room);
        question.rooms.push(wanted);
        let ticket = self.account.ticket().await;
        let welcome = self.open(&question, &ticket).await.unwrap();
        welcome.logs.into_iter().find(|answered| answered.log == log).unwrap()
    }

    /// Names a room no more in its questions.
    pub(crate) fn forget(&mut self, room: RoomId) {
        self.followed.retain(|known| *known != room);
    }

    /// Breaks the connection without a word.
    pub(crate) fn cut(&mut self) {
        self.proxy.cut();
        self.line = None;
    }
}
