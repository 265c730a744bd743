//! One client under a simulated clock, and short words for what a driver and a server say to it.

use uuid::Uuid;

use super::model_server::user;
use crate::client::*;
use crate::protocol::*;

pub(super) const START: Millis = 1_000_000;

pub(super) struct Stage {
    pub(super) client: Client,
    pub(super) now: Millis,
    pub(super) attempt: u64,
    pub(super) changes: Vec<Change>,
}

pub(super) fn room(number: u128) -> RoomId {
    RoomId(Uuid::from_u128(1_000 + number))
}

pub(super) fn message(number: u128) -> MessageId {
    MessageId(Uuid::from_u128(number))
}

pub(super) fn command(number: u128) -> CommandId {
    CommandId(Uuid::from_u128(number))
}

pub(super) fn at(seq: u64) -> Cursor {
    Cursor { epoch: 1, seq }
}

pub(super) fn said(number: u128, text: &str) -> Message {
    let author = Author::Member { id: user().id, name: user().name };
    Message::new(message(number), author, 0, text)
}

pub(super) fn running(number: u128, text: &str, thinking: &str) -> Message {
    let author = Author::Assistant { name: "Kimi".to_owned() };
    let mut run = Run::queued("k".to_owned());
    run.status = RunStatus::Writing;
    let thinking = thinking.to_owned();
    Message { thinking, run: Some(run), ..Message::new(message(number), author, 0, text) }
}

pub(super) fn summary(id: RoomId, active_at: u64) -> RoomSummary {
    RoomSummary::new(id, RoomKind::Solo, "", Role::Owner, active_at)
}

pub(super) fn snapshot(id: RoomId, cursor: Cursor, messages: Vec<Message>) -> Box<RoomSnapshot> {
    let (room, members) = (summary(id, 1), Vec::new());
    let (has_earlier, has_later, versions, chosen) = (false, false, Vec::new(), None);
    Box::new(RoomSnapshot { room, cursor, messages, has_earlier, has_later, members, versions, chosen })
}

pub(super) fn page(inbox: Cursor, rooms: Vec<RoomSummary>, room: Option<RoomSnapshot>) -> Input {
    Input::Load(Box::new(PageData {
        user: user(),
        inbox,
        rooms,
        room,
        message: None,
        is_practice_model: false,
        model: String::new(),
        limits: Limits::default(),
        refusal: None,
        now: START,
    }))
}

pub(super) fn answer(log: Log, cursor: Cursor, resume: Resume) -> Subscribed {
    Subscribed { log, cursor, resume }
}

pub(super) fn send(number: u128, text: &str) -> Input {
    let command_ = Command::say(room(1), text);
    Input::Do { id: command(number), command: command_ }
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::seeded(7)
    }

    pub(super) fn seeded(seed: u64) -> Self {
        let client = Client::new(Policy::default(), seed);
        Self { client, now: START, attempt: 0, changes: Vec::new() }
    }

    /// Live, with room 1 loaded up to event 1 and followed.
    pub(super) fn live(messages: Vec<Message>) -> Self {
        let mut stage = Self::new();
        stage.tell(page(at(0), vec![summary(room(1), 1)], Some(*snapshot(room(1), at(1), messages))));
        stage.tell(Input::OpenRoom(room(1)));
        stage.tell(Input::Start);
        stage.open();
        stage.welcome(Resume::Current);
        stage
    }

    /// What the client wants done. Changes are collected apart.
    pub(super) fn tell(&mut self, input: Input) -> Vec<Output> {
        self.client.handle(self.now, input);
        let mut outputs = Vec::new();
        while let Some(output) = self.client.poll() {
            match output {
                Output::Changed(change) => self.changes.push(change),
                output => {
                    if let Output::FetchTicket { attempt } = output {
                        self.attempt = attempt;
                    }
                    outputs.push(output);
                }
            }
        }
        outputs
    }

    /// Lets time pass with all ticks on time.
    pub(super) fn wait(&mut self, duration: u64) -> Vec<Output> {
        let end = self.now + duration;
        let mut outputs = Vec::new();
        while let Some(time) = self.client.next_timeout().filter(|time| *time <= end) {
            assert!(time >= self.now, "due in the past");
            self.now = time;
            outputs.extend(self.tell(Input::Tick));
        }
        self.now = end;
        outputs
    }

    /// Waits until the next attempt begins; how long that took.
    pub(super) fn wait_for_attempt(&mut self) -> u64 {
        let (began, attempt) = (self.now, self.attempt);
        while self.attempt == attempt {
            self.now = self.client.next_timeout().expect("nothing is going to happen");
            self.tell(Input::Tick);
        }
        self.now - began
    }

    /// Ticket and socket; the `hello`.
    pub(super) fn open(&mut self) -> Hello {
        let attempt = self.attempt;
        self.tell(Input::TicketReady { attempt, ticket: "t".to_owned() });
        let frames = frames(&self.tell(Input::Opened { attempt }));
        let [ClientFrame::Hello(hello)] = &frames[..] else { panic!("{frames:?}") };
        hello.clone()
    }

    pub(super) fn welcome(&mut self, resume: Resume) -> Vec<Output> {
        let inbox = answer(Log::Inbox, at(0), Resume::Current);
        self.welcome_with(vec![inbox, answer(Log::Room(room(1)), at(1), resume)])
    }

    pub(super) fn welcome_with(&mut self, logs: Vec<Subscribed>) -> Vec<Output> {
        let connection = ConnectionId(Uuid::from_u128(9));
        let now = self.now + 5_000;
        let limits = Limits::default();
        self.hear(ServerFrame::Welcome(Welcome { connection, now, beat_ms: 25_000, limits, logs }))
    }

    pub(super) fn hear(&mut self, frame: ServerFrame) -> Vec<Output> {
        self.hear_text(frame.encode())
    }

    pub(super) fn hear_text(&mut self, text: String) -> Vec<Output> {
        let attempt = self.attempt;
        self.tell(Input::Received { attempt, text })
    }

    pub(super) fn hear_event(&mut self, seq: u64, event: Event) -> Vec<Output> {
        self.hear(ServerFrame::Event { log: Log::Room(room(1)), seq, event: Box::new(event) })
    }

    pub(super) fn hear_part(&mut self, handle: Handle, offset: u64, text: &str) -> Vec<Output> {
        self.hear(ServerFrame::Part(Part { handle, offset, text: text.to_owned() }))
    }

    /// Handle `handle` is the text's, and the next is the thinking's.
    pub(super) fn hear_stream(&mut self, number: u128, attempt: u32, handle: Handle, offsets: (u64, u64)) {
        self.hear(ServerFrame::Stream(Stream {
            room: room(1),
            message: message(number),
            attempt,
            text: TextPosition { handle, offset: offsets.0 },
            thinking: TextPosition { handle: handle + 1, offset: offsets.1 },
        }));
    }

    pub(super) fn close(&mut self, code: u16) -> Vec<Output> {
        let attempt = self.attempt;
        self.tell(Input::Closed { attempt, code: Some(code) })
    }

    pub(super) fn fail_ticket(&mut self, failure: TicketFailure) -> Vec<Output> {
        let attempt = self.attempt;
        self.tell(Input::TicketFailed { attempt, failure })
    }

    pub(super) fn text(&self, number: u128) -> &str {
        &self.client.room(room(1)).unwrap().message(message(number)).unwrap().text
    }

    pub(super) fn thinking(&self, number: u128) -> &str {
        &self.client.room(room(1)).unwrap().message(message(number)).unwrap().thinking
    }

    pub(super) fn pending(&self) -> Vec<(CommandId, PendingState<'_>)> {
        self.client.room(room(1)).unwrap().pending().map(|pending| (pending.id, pending.state)).collect()
    }
}

pub(super) fn frames(outputs: &[Output]) -> Vec<ClientFrame> {
    let texts = outputs.iter().filter_map(|output| match output {
        Output::Send { text, .. } => Some(text),
        _ => None,
    });
    texts.map(|text| ClientFrame::decode(text).unwrap()).collect()
}

/// The commands sent, with their identifiers.
pub(super) fn commands(outputs: &[Output]) -> Vec<(CommandId, Command)> {
    let commands = frames(outputs).into_iter().filter_map(|frame| match frame {
        ClientFrame::Command { id, command } => Some((id, command)),
        _ => None,
    });
    commands.collect()
}

pub(super) fn ids(outputs: &[Output]) -> Vec<CommandId> {
    commands(outputs).into_iter().map(|(id, _)| id).collect()
}
