//! The native client: `app::client`, the same state machine as in the browser, driven over real sockets and HTTP.
//!
//! It does what its [`Client`] asks for and keeps a [`Ledger`] of what came. It runs only while somebody polls it
//! ([`NativeClient::until`], [`NativeClient::run_for`]), as a page only lives while its tab does.

use std::time::Duration;

use app::client::{Change, Client, Connection, Input, Opening, Output, Policy, Transport};
use app::protocol::{Command, CommandId, Message, MessageId, RoomId};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

use crate::line::{Line, Reading};
use crate::{Account, Ledger, Random, now};

/// Inputs that may wait for the client; a transport that brings more is not read meanwhile.
const INPUTS: usize = 256;

/// How a native client differs from a browser's.
#[derive(Clone, Debug)]
pub struct Options {
    pub policy: Policy,
    pub seed: u64,
    /// The best transport that gets through; better ones fail at once, as behind a proxy that knows only HTTP.
    pub transport: Transport,
    /// Bytes that the kernel takes in while the client does not read.
    pub receive_buffer: Option<u32>,
    /// Bytes that it reads in a second at most, over a WebSocket.
    pub read_rate: Option<u32>,
}

impl Options {
    /// As the browser's, in everything.
    pub fn real(seed: u64) -> Self {
        Self {
            policy: Policy { client: "load".to_owned(), ..Policy::default() },
            seed,
            transport: Transport::WebSocket,
            receive_buffer: None,
            read_rate: None,
        }
    }

    /// With delays between attempts that a test can wait for. Deadlines of live connections stay as they are.
    pub fn hasty(seed: u64) -> Self {
        let real = Self::real(seed);
        let policy = Policy {
            ticket_wait: 3_000,
            open_wait: 3_000,
            welcome_wait: 3_000,
            backoff_base: 10,
            backoff_cap: 200,
            degraded_after: 10_000,
            ask_again: 1_000,
            answer_wait: 3_000,
            fetch_wait: 3_000,
            ..real.policy
        };
        Self { policy, ..real }
    }

    #[must_use]
    pub fn transport(self, transport: Transport) -> Self {
        Self { transport, ..self }
    }
}

/// What was waited for in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimedOut {
    pub what: String,
    pub connection: Connection,
}

impl std::fmt::Display for TimedOut {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "waited for {} in vain; the connection is {:?}", self.what, self.connection)
    }
}

impl std::error::Error for TimedOut {}

#[derive(Debug)]
pub struct NativeClient {
    pub client: Client,
    pub ledger: Ledger,
    account: Account,
    options: Options,
    random: Random,
    inputs: Receiver<Input>,
    happened: Sender<Input>,
    line: Option<Line>,
    /// Attempts that asked for a ticket.
    attempts: u64,
}

impl NativeClient {
    /// Loads the page, as a first visit does, and connects. The page is asked for until it is there.
    pub async fn start(account: &Account, options: Options) -> Self {
        Self::start_in(account, options, None).await
    }

    /// The same on the page of a room.
    pub async fn start_in(account: &Account, options: Options, room: Option<RoomId>) -> Self {
        let (happened, inputs) = channel(INPUTS);
        let mut random = Random::new(options.seed);
        let mut this = Self {
            // Not of the same seed: the user's and the client's own identifiers would be the same.
            client: Client::new(options.policy.clone(), random.bits()),
            ledger: Ledger::default(),
            account: account.clone(),
            random,
            options,
            inputs,
            happened,
            line: None,
            attempts: 0,
        };
        this.load(room).await;
        this
    }

    /// A reload of the page of a room: everything is new but what the browser keeps, the outbox.
    pub async fn reload(&mut self, room: Option<RoomId>) {
        let kept: Vec<(CommandId, Command)> =
            self.client.outbox().map(|(id, command)| (id, command.clone())).collect();
        self.line = None;
        (self.happened, self.inputs) = channel(INPUTS);
        self.client = Client::new(self.options.policy.clone(), self.random.bits());
        self.ledger.reloads();
        self.load(room).await;
        for (id, command) in kept {
            self.input(Input::Do { id, command });
        }
    }

    async fn load(&mut self, room: Option<RoomId>) {
        let page = loop {
            match self.account.page(room).await {
                Ok(page) => break page,
                Err(_) => tokio::time::sleep(self.random.millis(50, 200)).await,
            }
        };
        self.input(Input::Load(Box::new(page)));
        if let Some(room) = room {
            self.input(Input::OpenRoom(room));
        }
        self.input(Input::Start);
    }

    pub fn input(&mut self, input: Input) {
        match &input {
            Input::Received { attempt, text } if self.is_of_line(*attempt) => self.ledger.received(text),
            Input::Load(page) => self.ledger.page_loaded(page),
            Input::SnapshotLoaded { snapshot, .. } => self.ledger.room_loaded(snapshot),
            // Whatever else it brings does not count.
            Input::Closed { attempt, .. } if self.is_of_line(*attempt) => self.line = None,
            _ => {}
        }
        self.client.handle(now(), input);
        while let Some(output) = self.client.poll() {
            self.perform(output);
        }
    }

    /// What a user does, under a new identifier.
    pub fn give(&mut self, command: Command) -> CommandId {
        let id = CommandId::from_random(self.random.wide_bits());
        self.input(Input::Do { id, command });
        id
    }

    /// A new room, opened.
    pub fn create_room(&mut self) -> RoomId {
        let room = RoomId::from_random(self.random.wide_bits());
        self.give(Command::create_solo(room, ""));
        self.input(Input::OpenRoom(room));
        room
    }

    /// The message has the identifier of its command.
    pub fn say(&mut self, room: RoomId, text: &str) -> MessageId {
        MessageId(self.give(Command::say(room, text)).0)
    }

    pub fn message(&self, room: RoomId, message: MessageId) -> Option<&Message> {
        self.client.room(room)?.message(message)
    }

    /// The newest answer to a message.
    pub fn reply(&self, room: RoomId, message: MessageId) -> Option<&Message> {
        self.client.room(room)?.messages().rfind(|reply| reply.parent == Some(message) && reply.run.is_some())
    }

    /// The answer has ended and is here with all of its text.
    pub fn has_whole_reply(&self, room: RoomId, message: MessageId) -> bool {
        self.reply(room, message).is_some_and(is_whole)
    }

    pub fn is_live(&self) -> bool {
        *self.client.connection() == Connection::Live
    }

    /// Connection attempts so far, each with a ticket of its own.
    pub fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Drops the connection without telling the client before it reads: what was on its way is lost.
    pub fn cut(&mut self) {
        if let Some(line) = self.line.take() {
            self.input(Input::Closed { attempt: line.attempt, code: None });
        }
    }

    /// Lives until the client is as wanted.
    pub async fn until(
        &mut self,
        what: &str,
        patience: Duration,
        wanted: impl Fn(&Self) -> bool,
    ) -> Result<(), TimedOut> {
        let deadline = Instant::now() + patience;
        while !wanted(self) {
            if !self.step(deadline).await {
                return Err(TimedOut { what: what.to_owned(), connection: self.client.connection().clone() });
            }
        }
        Ok(())
    }

    /// Lives for a while.
    pub async fn run_for(&mut self, time: Duration) {
        let deadline = Instant::now() + time;
        while self.step(deadline).await {}
    }

    /// Lives for one moment: takes what happens next, or a timer. False when it is the deadline's time instead.
    pub async fn step(&mut self, deadline: Instant) -> bool {
        // A connection that never pauses must not keep the deadline from coming.
        if deadline <= Instant::now() {
            return false;
        }
        let due = self.client.next_timeout().map(|time| {
            let wait = Duration::from_millis(time.saturating_sub(now()));
            Instant::now() + wait
        });
        tokio::select! {
            input = self.inputs.recv() => {
                // There is always a sender: our own.
                if let Some(input) = input {
                    self.input(input);
                }
            }
            () = tokio::time::sleep_until(due.unwrap_or(deadline).min(deadline)) => self.input(Input::Tick),
        }
        true
    }

    fn is_of_line(&self, attempt: u64) -> bool {
        self.line.as_ref().is_some_and(|line| line.attempt == attempt)
    }

    fn perform(&mut self, output: Output) {
        let account = self.account.clone();
        match output {
            Output::FetchTicket { attempt } => {
                self.attempts += 1;
                self.spawn(async move {
                    match account.ticket().await {
                        Ok(ticket) => Input::TicketReady { attempt, ticket },
                        Err(failure) => Input::TicketFailed { attempt, failure },
                    }
                });
            }
            Output::Open { attempt, ticket, opening } => self.open(attempt, ticket, opening),
            Output::Send { attempt, text } => {
                if self.is_of_line(attempt) {
                    self.ledger.sent(&text);
                    let is_sent = self.line.as_ref().is_some_and(|line| line.send(text));
                    // Behind what has come and is not read yet.
                    if !is_sent {
                        self.spawn(async move { Input::Closed { attempt, code: None } });
                    }
                }
            }
            Output::Close { attempt } => {
                if self.is_of_line(attempt) {
                    self.line = None;
                }
            }
            Output::FetchSnapshot { room, page } => self.spawn(async move {
                match account.stretch(room, page).await {
                    Ok(snapshot) => Input::SnapshotLoaded { room, page, snapshot: Box::new(snapshot) },
                    Err(failure) => Input::SnapshotFailed { room, page, failure },
                }
            }),
            Output::FetchPage => self.spawn(async move {
                match account.page(None).await {
                    Ok(page) => Input::Load(Box::new(page)),
                    Err(_) => Input::PageFailed,
                }
            }),
            Output::Changed(change) => self.changed(change),
        }
    }

    fn open(&mut self, attempt: u64, ticket: String, opening: Opening) {
        let transport = match &opening {
            Opening::WebSocket => Transport::WebSocket,
            Opening::EventStream { .. } => Transport::EventStream,
            Opening::LongPoll { .. } => Transport::LongPoll,
        };
        if transport < self.options.transport {
            self.line = None;
            return self.spawn(async move { Input::Closed { attempt, code: None } });
        }
        match &opening {
            Opening::WebSocket => {}
            Opening::EventStream { hello } | Opening::LongPoll { hello, .. } => self.ledger.sent(hello),
        }
        match &mut self.line {
            Some(line) if line.attempt == attempt => {
                line.open_again(&self.account, ticket, opening, &self.happened);
            }
            _ => {
                let reading =
                    Reading { receive_buffer: self.options.receive_buffer, rate: self.options.read_rate };
                let line = Line::open(&self.account, attempt, ticket, opening, reading, &self.happened);
                self.line = Some(line);
            }
        }
    }

    fn changed(&mut self, change: Change) {
        match change {
            Change::Text { room, message } | Change::Message { room, message } => {
                if let Some(message) = self.client.room(room).and_then(|timeline| timeline.message(message)) {
                    self.ledger.shows(message);
                }
            }
            Change::Room(room) => {
                if let Some(timeline) = self.client.room(room) {
                    timeline.messages().for_each(|message| self.ledger.shows(message));
                }
            }
            // More than can be listed: what has ended is looked at when it is compared.
            Change::Everything
            | Change::Connection
            | Change::Rooms
            | Change::Members(_)
            | Change::Typing(_)
            | Change::Outbox
            | Change::Notices
            | Change::Account => {}
        }
    }

    fn spawn(&self, answer: impl Future<Output = Input> + Send + 'static) {
        let happened = self.happened.clone();
        tokio::spawn(async move { _ = happened.send(answer.await).await });
    }
}

/// An ended message with as much text as its run says.
pub fn is_whole(message: &Message) -> bool {
    message.run.as_ref().is_some_and(|run| {
        run.status.has_ended()
            && run.text_length == message.text.len() as u64
            && run.thinking_length == message.thinking.len() as u64
    })
}
