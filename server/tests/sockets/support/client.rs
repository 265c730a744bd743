//! The whole client, as the browser runs it: the same state machine, driven over native sockets and HTTP.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use app::client::{Client, Input, Millis, Output, Policy};
use app::protocol::{Command, CommandId, Message, MessageId, RoomId, SUBPROTOCOL, TICKET_PROTOCOL_PREFIX};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::{Account, PATIENCE, new_command};

pub(crate) struct FullClient {
    pub(crate) client: Client,
    account: Account,
    inputs: UnboundedReceiver<Input>,
    happened: UnboundedSender<Input>,
    socket: Option<Socket>,
}

struct Socket {
    attempt: u64,
    outgoing: UnboundedSender<String>,
    task: JoinHandle<()>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn now() -> Millis {
    Millis::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// As the browser's, with delays that a test can wait for.
fn policy() -> Policy {
    Policy {
        client: "tests".to_owned(),
        backoff_base: 10,
        backoff_cap: 100,
        degraded_after: 1_000,
        // It has WebSockets only.
        transport_tries: 1_000,
        ..Policy::default()
    }
}

impl FullClient {
    /// Loads the page, as the first visit does, and connects.
    pub(crate) async fn start(account: &Account) -> Self {
        Self::start_in(account, None).await
    }

    /// The same on the page of a room.
    pub(crate) async fn start_in(account: &Account, room: Option<RoomId>) -> Self {
        let (happened, inputs) = unbounded_channel();
        let seed = u64::from(uuid::Uuid::new_v4().as_fields().0);
        let client = Client::new(policy(), seed);
        let mut this = Self { client, account: account.clone(), inputs, happened, socket: None };
        let page = account.page(room).await.unwrap();
        this.input(Input::Load(Box::new(page)));
        if let Some(room) = room {
            this.input(Input::OpenRoom(room));
        }
        this.input(Input::Start);
        this
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.client.handle(now(), input);
        while let Some(output) = self.client.poll() {
            self.perform(output);
        }
    }

    pub(crate) fn give(&mut self, command: Command) -> CommandId {
        let id = new_command();
        self.input(Input::Do { id, command });
        id
    }

    pub(crate) fn create_room(&mut self) -> RoomId {
        let room = super::new_room();
        self.give(Command::create_solo(room, ""));
        self.input(Input::OpenRoom(room));
        room
    }

    pub(crate) fn say(&mut self, room: RoomId, text: &str) -> MessageId {
        super::message_of(self.give(Command::say(room, text)))
    }

    pub(crate) fn message(&self, room: RoomId, message: MessageId) -> Option<&Message> {
        self.client.room(room)?.message(message)
    }

    /// The newest answer to a message.
    pub(crate) fn reply(&self, room: RoomId, message: MessageId) -> Option<&Message> {
        self.client.room(room)?.messages().rfind(|reply| reply.parent == Some(message) && reply.run.is_some())
    }

    /// The answer has ended and is here with all of its text.
    pub(crate) fn has_whole_reply(&self, room: RoomId, message: MessageId) -> bool {
        self.reply(room, message).is_some_and(is_whole)
    }

    /// Drops the socket without telling the client before it reads: what was on its way is lost.
    pub(crate) fn cut(&mut self) {
        if let Some(socket) = self.socket.take() {
            _ = self.happened.send(Input::Closed { attempt: socket.attempt, code: None });
        }
    }

    /// Lives until the client is as wanted.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Self) -> bool) {
        let deadline = tokio::time::Instant::now() + PATIENCE * 2;
        while !wanted(self) {
            let wait = self
                .client
                .next_timeout()
                .map_or(PATIENCE, |time| Duration::from_millis(time.saturating_sub(now())));
            tokio::select! {
                input = self.inputs.recv() => self.input(input.unwrap()),
                () = tokio::time::sleep(wait) => self.input(Input::Tick),
                () = tokio::time::sleep_until(deadline) => {
                    panic!("waited for {what}; the connection is {:?}", self.client.connection())
                }
            }
        }
    }

    fn perform(&mut self, output: Output) {
        let (account, happened) = (self.account.clone(), self.happened.clone());
        match output {
            Output::FetchTicket { attempt } => spawn(happened, async move {
                match account.try_ticket().await {
                    Ok(ticket) => Input::TicketReady { attempt, ticket },
                    Err(failure) => Input::TicketFailed { attempt, failure },
                }
            }),
            Output::Open { attempt, ticket, .. } => {
                let (outgoing, frames) = unbounded_channel();
                let task = tokio::spawn(live(account, attempt, ticket, happened, frames));
                self.socket = Some(Socket { attempt, outgoing, task });
            }
            Output::Send { attempt, text } => {
                if let Some(socket) = self.socket.as_ref().filter(|socket| socket.attempt == attempt) {
                    _ = socket.outgoing.send(text);
                }
            }
            Output::Close { attempt } => {
                if self.socket.as_ref().is_some_and(|socket| socket.attempt == attempt) {
                    self.socket = None;
                }
            }
            Output::FetchSnapshot { room, page } => spawn(happened, async move {
                match account.stretch(room, page).await {
                    Ok(snapshot) => Input::SnapshotLoaded { room, page, snapshot: Box::new(snapshot) },
                    Err(failure) => Input::SnapshotFailed { room, page, failure },
                }
            }),
            Output::FetchPage => spawn(happened, async move {
                match account.page(None).await {
                    Ok(page) => Input::Load(Box::new(page)),
                    Err(_) => Input::PageFailed,
                }
            }),
            Output::Changed(_) => {}
        }
    }
}

/// An ended message with as much text as its run says.
pub(crate) fn is_whole(message: &Message) -> bool {
    message.run.as_ref().is_some_and(|run| {
        run.status.has_ended()
            && run.text_length == message.text.len() as u64
            && run.thinking_length == message.thinking.len() as u64
    })
}

fn spawn(happened: UnboundedSender<Input>, answer: impl Future<Output = Input> + Send + 'static) {
    tokio::spawn(async move { _ = happened.send(answer.await) });
}

/// One socket from its opening to its end.
async fn live(
    account: Account,
    attempt: u64,
    ticket: String,
    happened: UnboundedSender<Input>,
    mut frames: UnboundedReceiver<String>,
) {
    let mut code = None;
    if let Ok(mut socket) = open(&account, &ticket).await {
        _ = happened.send(Input::Opened { attempt });
        loop {
            tokio::select! {
                frame = frames.recv() => {
                    let Some(text) = frame else { return };
                    if socket.send(Frame::text(text)).await.is_err() {
                        break;
                    }
                }
                message = socket.next() => match message {
                    Some(Ok(Frame::Text(text))) => {
                        _ = happened.send(Input::Received { attempt, text: text.as_str().to_owned() });
                    }
                    Some(Ok(Frame::Close(close))) => code = close.map(|close| close.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break,
                },
            }
        }
    }
    _ = happened.send(Input::Closed { attempt, code });
}

async fn open(
    account: &Account,
    ticket: &str,
) -> Result<tokio_tungstenite::WebSocketStream<TcpStream>, tokio_tungstenite::tungstenite::Error> {
    let address = account.visitor.address;
    let mut request = format!("ws://{address}/ws").into_client_request()?;
    let protocols = format!("{SUBPROTOCOL}, {TICKET_PROTOCOL_PREFIX}{ticket}");
    request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(client_async(request, stream).await?.0)
}
