//! A raw socket: sends what it is told, reads frame by frame, and keeps a [`Transcript`] of what came.

use std::net::SocketAddr;

use app::protocol::{
    Ack, ClientFrame, Command, CommandId, Cursor, Failure, Hello, MessageId, Resume, RoomCursor, RoomId, Run,
    RunStatus, SUBPROTOCOL, ServerFrame, Subscribed, TICKET_PROTOCOL_PREFIX, Welcome,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{Transcript, new_command, soon};

pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    pub(crate) transcript: Transcript,
    /// The last `session:bye`.
    pub(crate) bye: Option<app::protocol::Bye>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed(u16),
    /// Without a close frame.
    Broken,
}

impl Socket {
    /// The error is the status of the refused upgrade.
    pub(crate) async fn open(address: SocketAddr, ticket: &str) -> Result<Self, u16> {
        Self::open_with(address, &[&format!("{TICKET_PROTOCOL_PREFIX}{ticket}")], &[], None).await
    }

    /// `receive_buffer`: bytes that the kernel takes in while nobody reads.
    pub(crate) async fn open_with(
        address: SocketAddr,
        protocols: &[&str],
        headers: &[(&'static str, &str)],
        receive_buffer: Option<u32>,
    ) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        let protocols =
            std::iter::once(SUBPROTOCOL).chain(protocols.iter().copied()).collect::<Vec<_>>().join(", ");
        request.headers_mut().insert("sec-websocket-protocol", protocols.parse().unwrap());
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let socket = TcpSocket::new_v4().unwrap();
        if let Some(bytes) = receive_buffer {
            socket.set_recv_buffer_size(bytes).unwrap();
        }
        let stream = soon("a TCP connection", socket.connect(address)).await.map_err(|_| 0_u16)?;
        stream.set_nodelay(true).unwrap();
        match soon("the upgrade", client_async(request, stream)).await {
            Ok((stream, response)) => {
                assert_eq!(response.headers()["sec-websocket-protocol"], SUBPROTOCOL);
                Ok(Self { stream, transcript: Transcript::default(), bye: None })
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.send_raw(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn send_raw(&mut self, message: Message) -> Result<(), Error> {
        soon("a write", self.stream.send(message)).await
    }

    /// Puts frames into one write.
    pub(crate) async fn send_together(&mut self, texts: impl IntoIterator<Item = String>) {
        for text in texts {
            self.stream.feed(Message::text(text)).await.unwrap();
        }
        soon("a write", self.stream.flush()).await.unwrap();
    }

    /// Breaks the connection without a word.
    pub(crate) fn cut(self) {
        // Makes the kernel send a reset.
        self.stream.get_ref().set_zero_linger().unwrap();
    }

    pub(crate) async fn next(&mut self) -> Result<ServerFrame, End> {
        loop {
            let message = soon("a frame", self.stream.next()).await;
            match message {
                Some(Ok(Message::Text(text))) => {
                    let frame =
                        ServerFrame::decode(&text).unwrap_or_else(|error| panic!("{error:?}: {text}"));
                    self.transcript.apply(&frame);
                    if let ServerFrame::Bye(bye) = &frame {
                        self.bye = Some(bye.clone());
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(close)))) => return Err(End::Closed(close.code.into())),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(message)) => panic!("{message:?}"),
                Some(Err(_)) | None => return Err(End::Broken),
            }
        }
    }

    pub(crate) async fn until<T>(
        &mut self,
        what: &str,
        mut wanted: impl FnMut(&Transcript, &ServerFrame) -> Option<T>,
    ) -> T {
        let search = async {
            loop {
                let frame =
                    self.next().await.unwrap_or_else(|end| panic!("{end:?} while waiting for {what}"));
                if let Some(found) = wanted(&self.transcript, &frame) {
                    return found;
                }
            }
        };
        soon(what, search).await
    }

    /// Waits until the transcript is as wanted, which it may be already.
    pub(crate) async fn until_state(&mut self, what: &str, wanted: impl Fn(&Transcript) -> bool) {
        if !wanted(&self.transcript) {
            self.until(what, |transcript, _| wanted(transcript).then_some(())).await;
        }
    }

    /// The bytes alone, from now on: answers no ping.
    pub(crate) fn into_tcp(self) -> TcpStream {
        self.stream.into_inner()
    }

    /// Everything that came since the last frame, as bytes, until the connection ends: answers no ping.
    pub(crate) async fn raw_rest(mut self) -> String {
        let mut bytes = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(self.stream.get_mut(), &mut bytes);
        _ = soon("the end of the connection", read).await;
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Reads until the connection ends.
    pub(crate) async fn end(&mut self) -> End {
        let search = async {
            loop {
                if let Err(end) = self.next().await {
                    return end;
                }
            }
        };
        soon("the end of the connection", search).await
    }

    /// Ends with this code, said as a frame and as the socket's own close.
    pub(crate) async fn ends_with(&mut self, code: app::protocol::CloseCode) {
        assert_eq!(self.end().await, End::Closed(code.code()));
        assert_eq!(self.bye.as_ref().map(|bye| bye.code), Some(code.code()));
    }

    pub(crate) async fn hello(&mut self, hello: &Hello) -> Welcome {
        self.transcript.asks_inbox(hello.inbox);
        for wanted in &hello.rooms {
            self.transcript.asks(wanted);
        }
        self.send(&ClientFrame::Hello(hello.clone()).encode()).await;
        self.until("a welcome", |_, frame| match frame {
            ServerFrame::Welcome(welcome) => Some(welcome.clone()),
            _ => None,
        })
        .await
    }

    /// Says whether somebody looks at the page.
    pub(crate) async fn is(&mut self, state: app::protocol::PresenceState) {
        let own = app::protocol::OwnPresence { state, connection: None };
        self.send(&ClientFrame::Presence(own).encode()).await;
    }

    /// Waits until everything that the server had for this socket has come.
    pub(crate) async fn settle(&mut self) {
        // An answer may go before other things of its batch, but not before those of the batch before.
        for _ in 0..2 {
            self.execute(Command::Unsubscribe { room: super::new_room() }).await.unwrap();
        }
    }

    /// Sends a command under an identifier of its own.
    pub(crate) async fn give(&mut self, command: Command) -> CommandId {
        let id = new_command();
        self.give_as(id, command).await;
        id
    }

    pub(crate) async fn give_as(&mut self, id: CommandId, command: Command) {
        if let Command::Subscribe(wanted) = &command {
            self.transcript.asks(wanted);
        }
        self.send(&command.encode(id)).await;
    }

    pub(crate) async fn answer(&mut self, to: CommandId) -> Result<Ack, Failure> {
        self.until("an answer", |_, frame| match frame {
            ServerFrame::Ack { id, ack } if *id == to => Some(Ok(*ack)),
            ServerFrame::Error { id: Some(id), failure } if *id == to => Some(Err(failure.clone())),
            _ => None,
        })
        .await
    }

    pub(crate) async fn execute(&mut self, command: Command) -> Result<Ack, Failure> {
        let id = self.give(command).await;
        self.answer(id).await
    }

    pub(crate) async fn subscribe(&mut self, wanted: RoomCursor) -> Subscribed {
        let to = self.give(Command::Subscribe(wanted)).await;
        self.until("`room:subscribed`", |_, frame| match frame {
            ServerFrame::Subscribed { id, subscribed } if *id == to => Some(subscribed.clone()),
            _ => None,
        })
        .await
    }

    /// Follows a room from now on.
    pub(crate) async fn follow(&mut self, room: RoomId) -> Cursor {
        let subscribed = self.subscribe(RoomCursor { room, cursor: None, messages: Vec::new() }).await;
        assert_eq!(subscribed.resume, Resume::Reset);
        let cursor = Some(subscribed.cursor);
        self.subscribe(RoomCursor { room, cursor, messages: Vec::new() }).await;
        subscribed.cursor
    }

    /// A new room, followed.
    pub(crate) async fn new_room(&mut self) -> RoomId {
        let room = super::new_room();
        self.execute(Command::create_solo(room, "")).await.unwrap();
        self.follow(room).await;
        room
    }

    pub(crate) async fn say(&mut self, room: RoomId, text: &str) -> MessageId {
        let command = Command::say(room, text);
        let id = self.give(command).await;
        self.answer(id).await.unwrap();
        super::message_of(id)
    }

    /// The AI's answer to a message, from the log.
    pub(crate) async fn reply(&mut self, message: MessageId) -> MessageId {
        self.until_state("the reply", |transcript| !transcript.replies(message).is_empty()).await;
        self.transcript.replies(message)[0]
    }

    /// Says something, and names the reply.
    pub(crate) async fn ask(&mut self, room: RoomId, text: &str) -> MessageId {
        let message = self.say(room, text).await;
        self.reply(message).await
    }

    /// Waits until a run has ended and all of its text has come.
    pub(crate) async fn finished(&mut self, reply: MessageId) -> Run {
        self.until_state("the end of a run", |transcript| transcript.has_all_of(reply)).await;
        self.transcript.run(reply).unwrap().clone()
    }

    /// Waits for so many bytes of a text.
    pub(crate) async fn until_text(&mut self, reply: MessageId, bytes: u64) {
        self.until_state("some text", |transcript| transcript.text(reply).len() as u64 >= bytes).await;
    }

    pub(crate) async fn until_status(&mut self, reply: MessageId, status: RunStatus) {
        self.until_state(status.name(), |transcript| {
            transcript.run(reply).is_some_and(|run| run.status == status)
        })
        .await;
    }
}
