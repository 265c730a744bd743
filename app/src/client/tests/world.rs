//! A client, the model server, and everything between them that can go wrong: one simulated world with one clock.
//! After every single input it checks what must hold at every moment; `settle` checks what must hold in the end.

mod checks;

use std::collections::{BTreeMap, BTreeSet};

use super::http_network::{Blocked, Poll};
use super::model_server::{Record, Room, Server};
use crate::client::entry::Entry;
use crate::client::random::Random;
use crate::client::*;
use crate::protocol::*;

#[derive(Debug)]
pub(super) enum Happening {
    ToClient(Input),
    /// A frame to the client; only of a connection that still stands.
    Frame {
        attempt: u64,
        text: String,
    },
    ToServer {
        attempt: u64,
        text: String,
    },
    /// The driver's fetch reaches the server: the cursor is read, and the data some time after it.
    ReadCursor(Option<(RoomId, Page)>),
    ReadData {
        room: Option<(RoomId, Page)>,
        cursor: Cursor,
    },
    Ticket {
        attempt: u64,
    },
    /// A socket, or with a `hello` a stream.
    Connect {
        attempt: u64,
        hello: Option<String>,
    },
    PollArrives {
        key: u64,
        hello: String,
        wait: Option<Millis>,
    },
    PollEnds {
        key: u64,
    },
    PollAnswer {
        attempt: u64,
        frames: Vec<String>,
        end: Option<Input>,
    },
    Post {
        attempt: u64,
        text: String,
    },
    Beat {
        attempt: u64,
    },
    Flush,
}

/// What the network does to frames.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Faults {
    pub(super) reorders: bool,
    pub(super) doubles: bool,
    /// One frame in so many is lost without a trace; 0 is none.
    pub(super) drops: u64,
}

pub(super) struct World {
    pub(super) client: Client,
    pub(super) server: Server,
    pub(super) now: Millis,
    pub(super) random: Random,
    faults: Faults,
    /// Nothing is lost without a trace, and nothing is overtaken.
    is_exact: bool,
    happenings: BTreeMap<(Millis, u64), Happening>,
    count: u64,
    /// The socket or stream that the client has; `false` when nothing passes through it any more.
    socket: Option<(u64, bool)>,
    pub(super) poll: Option<Poll>,
    pub(super) polls: u64,
    /// What the client has opened last and not closed, and whether it is not a WebSocket.
    pub(super) wanted: Option<u64>,
    is_http: bool,
    pub(super) blocked: Blocked,
    pub(super) failing_polls: u32,
    pub(super) failing_posts: u32,
    /// Added to the numbers of the client's attempts, because every page begins at 1.
    base: u64,
    newest: u64,
    /// When the last frame of a broken connection came through.
    ends: BTreeMap<u64, Millis>,
    /// Frames of one direction don't overtake each other unless they are reordered.
    last_frame: [Millis; 2],
    pub(super) delay: u64,
    pub(super) failing_tickets: u32,
    pub(super) failing_fetches: u32,
    /// The page is frozen until then.
    asleep_until: Millis,
    /// What was seen of each text, to see that none shrinks.
    seen: BTreeMap<(RoomId, u32, MessageId, u32), (u64, u64)>,
    cursors: BTreeMap<RoomId, Cursor>,
    /// How far the reader has read, as far as that is to be told.
    pub(super) read: BTreeMap<RoomId, u64>,
    /// Rooms that were marked as unread at some time, or whose places mean something else now.
    pub(super) left: BTreeSet<RoomId>,
    pub(super) given: Vec<(CommandId, &'static str)>,
    /// Commands that the user took back, and those that a page before has told about.
    pub(super) cancelled: BTreeSet<CommandId>,
    told: BTreeSet<CommandId>,
    /// The texts that were seen with a revision.
    shown: BTreeMap<(MessageId, u32), (String, String)>,
    idle_ticks: u32,
    pub(super) inputs: u64,
    outputs: u64,
}

const START: Millis = 1_000_000_000;

impl World {
    pub(super) fn new(seed: u64, faults: Faults) -> Self {
        let policy = Policy { kept_rooms: 4, messages_per_room: 20, ..Policy::default() };
        let mut world = Self {
            client: Client::new(policy, seed),
            server: Server::new(seed ^ 1),
            now: START,
            random: Random::new(seed ^ 2),
            faults,
            is_exact: !faults.reorders && faults.drops == 0,
            happenings: BTreeMap::new(),
            count: 0,
            socket: None,
            poll: None,
            polls: 0,
            wanted: None,
            is_http: false,
            blocked: Blocked::default(),
            failing_polls: 0,
            failing_posts: 0,
            base: 0,
            newest: 0,
            cancelled: BTreeSet::new(),
            told: BTreeSet::new(),
            shown: BTreeMap::new(),
            ends: BTreeMap::new(),
            last_frame: [0; 2],
            delay: 40,
            failing_tickets: 0,
            failing_fetches: 0,
            asleep_until: 0,
            seen: BTreeMap::new(),
            cursors: BTreeMap::new(),
            read: BTreeMap::new(),
            left: BTreeSet::new(),
            given: Vec::new(),
            idle_ticks: 0,
            inputs: 0,
            outputs: 0,
        };
        world.server.now = START;
        world
    }

    pub(super) fn later(&mut self, delay: u64, happening: Happening) {
        self.at(self.now + delay, happening);
    }

    fn at(&mut self, time: Millis, happening: Happening) {
        self.count += 1;
        self.happenings.insert((time, self.count), happening);
    }

    pub(super) fn latency(&mut self) -> u64 {
        self.random.between(1, self.delay)
    }

    /// Puts a frame on its way, in direction 0 to the client or 1 to the server.
    fn send(&mut self, direction: usize, frame: impl Fn() -> Happening) {
        let faults = self.faults;
        if faults.drops > 0 && self.random.between(1, faults.drops) == 1 {
            return;
        }
        let copies = if faults.doubles && self.random.between(0, 9) == 0 { 2 } else { 1 };
        for _ in 0..copies {
            let mut time = self.now + self.latency();
            if faults.reorders && self.random.between(0, 4) == 0 {
                time += self.random.between(0, 400);
            } else {
                time = time.max(self.last_frame[direction]);
                self.last_frame[direction] = time;
            }
            self.at(time, frame());
        }
    }

    pub(super) fn input(&mut self, mut input: Input) {
        if let Some(attempt) = attempt_mut(&mut input) {
            // What belongs to a page before has nobody to hear it.
            let Some(of_page) = attempt.checked_sub(self.base) else { return };
            *attempt = of_page;
        }
        self.inputs += 1;
        self.client.handle(self.now, input);
        while let Some(output) = self.client.poll() {
            self.output(output);
        }
        self.check();
    }

    fn output(&mut self, output: Output) {
        self.outputs += u64::from(!matches!(output, Output::Changed(_)));
        match output {
            Output::FetchTicket { attempt } => {
                let attempt = self.base + attempt;
                self.newest = attempt;
                let delay = self.latency();
                self.later(delay, Happening::Ticket { attempt });
            }
            Output::Open { attempt, opening, .. } => self.open(self.base + attempt, opening),
            Output::Send { attempt, text } => {
                let attempt = self.base + attempt;
                assert!(!self.is_http || self.wanted == Some(attempt), "posted without a connection");
                if self.is_http {
                    let delay = self.latency();
                    self.later(delay, Happening::Post { attempt, text });
                } else if self.socket == Some((attempt, true)) {
                    self.send(1, || Happening::ToServer { attempt, text: text.clone() });
                }
            }
            Output::Close { attempt } => {
                let attempt = self.base + attempt;
                if self.wanted == Some(attempt) {
                    self.wanted = None;
                }
                self.end_poll();
                if self.socket.is_some_and(|(of, _)| of == attempt) {
                    self.cut(false);
                }
            }
            Output::FetchSnapshot { room, page } => {
                let delay = self.latency();
                self.later(delay, Happening::ReadCursor(Some((room, page))));
            }
            Output::FetchPage => {
                let delay = self.latency();
                self.later(delay, Happening::ReadCursor(None));
            }
            Output::Changed(_) => {}
        }
    }

    fn open(&mut self, attempt: u64, opening: Opening) {
        self.wanted = Some(attempt);
        self.is_http = opening != Opening::WebSocket;
        let (hello, is_blocked) = match opening {
            Opening::LongPoll { hello, wait } => return self.open_poll(attempt, hello, wait),
            Opening::WebSocket => (None, self.blocked.sockets),
            // Kept back: only silence, like the loss of whatever would have come.
            Opening::EventStream { .. } if self.blocked.streams && !self.blocked.is_noticed => return,
            Opening::EventStream { hello } => (Some(hello), self.blocked.streams),
        };
        self.cut(false);
        let delay = self.latency();
        if !is_blocked {
            self.later(delay, Happening::Connect { attempt, hello });
        } else if self.blocked.is_noticed {
            self.later(delay, Happening::ToClient(Input::Closed { attempt, code: None }));
        }
    }

    /// Ends the connection; the client learns of it soon, or by nothing but silence.
    pub(super) fn cut(&mut self, is_noticed: bool) {
        if let Some(attempt) = self.end_poll()
            && is_noticed
        {
            let delay = self.latency();
            self.later(delay, Happening::ToClient(Input::Closed { attempt, code: None }));
        }
        let Some((attempt, _)) = self.socket else { return };
        let end = self.now + self.latency();
        self.ends.entry(attempt).or_insert(end);
        if is_noticed {
            self.socket = None;
            self.at(end + 1, Happening::ToClient(Input::Closed { attempt, code: Some(1006) }));
        } else {
            self.socket = Some((attempt, false));
        }
        // The server may find out later than the client; what is on its way to it may still arrive.
        if self.random.between(0, 1) == 0 {
            self.server.closed(attempt);
        }
        self.server_done();
    }

    pub(super) fn bye(&mut self, code: u16, retry_after_ms: Option<u64>) {
        let Some((attempt, true)) = self.socket else { return };
        let bye = Bye { code, message: String::new(), retry_after_ms };
        self.server.out.push((attempt, ServerFrame::Bye(bye)));
        self.server_done();
        self.server.closed(attempt);
    }

    pub(super) fn sleep(&mut self, duration: u64) {
        self.asleep_until = self.asleep_until.max(self.now + duration);
    }

    /// Sends what the server has said.
    pub(super) fn server_done(&mut self) {
        for (attempt, frame) in std::mem::take(&mut self.server.out) {
            let text = frame.encode();
            if attempt >> 32 != 0 {
                let is_news =
                    matches!(frame, ServerFrame::Event { .. } | ServerFrame::Part(_) | ServerFrame::Bye(_));
                self.say_to_poll(attempt, text, is_news);
                continue;
            }
            self.send(0, || Happening::Frame { attempt, text: text.clone() });
        }
        // A server that closed connections (restored from a backup) is noticed.
        if let Some((attempt, true)) = self.socket
            && !self.server.is_open(attempt)
        {
            self.socket = None;
            let end = self.now.max(self.last_frame[0]) + 1;
            let code = (!self.is_http).then_some(4003);
            self.at(end, Happening::ToClient(Input::Closed { attempt, code }));
        }
        self.drop_lost_poll();
    }

    /// What the server keeps back for a fuller part goes out after its window.
    pub(super) fn flush_later(&mut self) {
        self.later(100, Happening::Flush);
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, duration: u64) {
        let end = self.now + duration;
        loop {
            let happening = self.happenings.first_key_value().map(|((time, _), _)| *time);
            let timeout = self.client.next_timeout().map(|time| time.max(self.asleep_until));
            let next = happening.into_iter().chain(timeout).min().unwrap_or(end).max(self.now);
            if next > end {
                break;
            }
            if next > self.now {
                self.idle_ticks = 0;
            }
            self.now = next;
            self.server.now = next;
            // A timer fires before frames that waited as long.
            if timeout.is_some_and(|time| time <= next) {
                // A delay of nothing may have been drawn; a client that is due for ever would spin.
                self.idle_ticks += 1;
                assert!(self.idle_ticks < 10, "the client spins: {:?}", self.client);
                self.input(Input::Tick);
            } else if let Some((_, happening)) = self.happenings.pop_first() {
                self.happen(happening);
            } else {
                break;
            }
        }
        self.now = end;
        self.server.now = end;
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::ToClient(_) | Happening::Frame { .. } | Happening::PollAnswer { .. }
                if self.now < self.asleep_until =>
            {
                self.at(self.asleep_until, happening);
            }
            Happening::ToClient(input) => self.input(input),
            Happening::Frame { attempt, text } => {
                if self.ends.get(&attempt).is_none_or(|end| self.now <= *end) {
                    self.input(Input::Received { attempt, text });
                }
            }
            Happening::ToServer { attempt, text } => {
                self.server.received(attempt, &text);
                self.server_done();
                self.later(100, Happening::Flush);
            }
            Happening::Flush => {
                self.server.flush();
                self.server_done();
            }
            Happening::Ticket { attempt } => {
                let failure = match self.random.between(0, 3) {
                    _ if self.failing_tickets == 0 => None,
                    0 => Some(TicketFailure::SignedOut),
                    1 => Some(TicketFailure::Busy { retry_after_ms: Some(1_500) }),
                    _ => Some(TicketFailure::Unreachable),
                };
                self.failing_tickets = self.failing_tickets.saturating_sub(1);
                self.input(match failure {
                    Some(failure) => Input::TicketFailed { attempt, failure },
                    None => Input::TicketReady { attempt, ticket: "t".to_owned() },
                });
            }
            Happening::Connect { attempt, .. } if self.wanted != Some(attempt) => {}
            Happening::Connect { attempt, hello } => {
                self.server.opened(attempt, hello.is_some());
                self.socket = Some((attempt, true));
                self.later(25_000, Happening::Beat { attempt });
                match hello {
                    Some(hello) => {
                        self.server.received(attempt, &hello);
                        self.server_done();
                    }
                    None => self.input(Input::Opened { attempt }),
                }
            }
            Happening::PollArrives { key, hello, wait } => self.poll_arrives(key, &hello, wait),
            Happening::PollEnds { key } => self.poll_ends(key),
            Happening::PollAnswer { attempt, frames, end } => self.read_answer(attempt, frames, end),
            Happening::Post { attempt, text } => self.post(attempt, &text),
            Happening::Beat { attempt } => {
                if self.server.is_open(attempt) {
                    self.server.beat(attempt);
                    self.server_done();
                    self.later(25_000, Happening::Beat { attempt });
                }
            }
            Happening::ReadCursor(room) => {
                let cursor = match room {
                    Some((room, _)) => self.server.rooms.get(&room).map(Room::head),
                    None => Some(self.server.inbox_cursor()),
                };
                let delay = self.latency();
                let cursor = cursor.unwrap_or(Cursor { epoch: 1, seq: 0 });
                self.later(delay, Happening::ReadData { room, cursor });
            }
            Happening::ReadData { room, cursor } => self.read_data(room, cursor),
        }
    }

    fn read_data(&mut self, room: Option<(RoomId, Page)>, cursor: Cursor) {
        let has_failed = self.failing_fetches > 0;
        self.failing_fetches = self.failing_fetches.saturating_sub(1);
        // A database answers from one epoch.
        let epoch = match room {
            Some((room, _)) => self.server.rooms.get(&room).map_or(cursor.epoch, |room| room.epoch),
            None => self.server.inbox_epoch,
        };
        let has_failed = has_failed || epoch != cursor.epoch;
        let input = match room {
            None if has_failed => Input::PageFailed,
            None => Input::Load(Box::new(self.server.page(cursor))),
            Some((room, page)) if has_failed => {
                Input::SnapshotFailed { room, page, failure: SnapshotFailure::Unreachable }
            }
            Some((room, page)) => match self.server.snapshot(room, cursor, page) {
                Some(snapshot) => Input::SnapshotLoaded { room, page, snapshot: Box::new(snapshot) },
                None => Input::SnapshotFailed { room, page, failure: SnapshotFailure::NotFound },
            },
        };
        let delay = self.latency();
        self.later(delay, Happening::ToClient(input));
    }

    pub(super) fn give(&mut self, command: Command) -> CommandId {
        let id = CommandId(self.server.uuid());
        self.given.push((id, command.kind()));
        self.input(Input::Do { id, command });
        id
    }

    /// The page is loaded anew: a new client gets the outbox of the one before, in any order with the rest.
    pub(super) fn reload(&mut self, order: u8) {
        self.told.extend(self.client.notices().iter().map(|notice| notice.id));
        let given: Vec<(CommandId, Command)> =
            self.client.outbox().map(|(id, command)| (id, command.clone())).collect();
        let open: Vec<RoomId> =
            self.server.rooms.keys().copied().filter(|room| self.client.room(*room).is_some()).collect();
        self.cut(false);
        (self.wanted, self.base) = (None, self.newest + 1);
        self.newest = self.base;
        self.client = Client::new(self.client.context.policy.clone(), self.now);
        // Nobody hears what the page before has fetched.
        self.happenings.retain(|_, happening| match happening {
            Happening::ReadCursor(_) | Happening::ReadData { .. } => false,
            Happening::ToClient(input) => attempt_mut(input).is_some(),
            _ => true,
        });
        self.seen.clear();
        self.shown.clear();
        self.cursors.clear();
        self.read.clear();
        let mut parts = [0, 1, 2, 3];
        parts.rotate_left(usize::from(order % 4));
        if order & 4 != 0 {
            parts.swap(0, 2);
        }
        for part in parts {
            match part {
                0 => {
                    let page = self.server.page(self.server.inbox_cursor());
                    self.input(Input::Load(Box::new(page)));
                }
                1 => {
                    for (id, command) in &given {
                        self.input(Input::Do { id: *id, command: command.clone() });
                        self.input(Input::Do { id: *id, command: command.clone() });
                    }
                }
                2 => self.input(Input::Start),
                _ => open.iter().for_each(|room| self.input(Input::OpenRoom(*room))),
            }
        }
    }

    /// The user takes a command back.
    pub(super) fn discard(&mut self, which: u8) {
        let before: BTreeSet<CommandId> = self.client.outbox().map(|(id, _)| id).collect();
        let Some(id) = before.iter().nth(usize::from(which) % before.len().max(1)).copied() else { return };
        self.input(Input::Discard(id));
        let after: BTreeSet<CommandId> = self.client.outbox().map(|(id, _)| id).collect();
        self.cancelled.extend(before.difference(&after));
    }

    /// Ends all faults and gives the client a bounded time to become exact.
    pub(super) fn settle(&mut self) {
        // What is lost at the very end, without a trace, shows with the next event.
        let is_lossy = self.faults.drops > 0;
        self.faults = Faults::default();
        if is_lossy {
            self.server.stir();
            self.server_done();
        }
        (self.delay, self.failing_tickets, self.failing_fetches) = (40, 0, 0);
        (self.failing_polls, self.failing_posts) = (0, 0);
        self.server.refuses_until = 0;
        // What was said before, such as a goodbye, still arrives.
        self.pass(self.asleep_until.saturating_sub(self.now) + 5_000);
        self.input(Input::Visible);
        self.input(Input::Active);
        self.input(Input::Online);
        if matches!(self.client.connection(), Connection::Stopped(_)) {
            self.input(Input::RetryNow);
        }
        self.pass(240_000);
        self.check_end();
        // And it stays so, at rest.
        let (inputs, outputs) = (self.inputs, self.outputs);
        self.pass(60_000);
        self.check_end();
        let (inputs, outputs) = (self.inputs - inputs, self.outputs - outputs);
        // Polls, and perhaps one try of a WebSocket.
        assert!(outputs < 12, "{outputs} outputs in a minute of rest");
        // A poll brings the handles of every running message again.
        let is_poll = self.client.transport() == Transport::LongPoll;
        assert!(is_poll || inputs < 12, "{inputs} inputs in a minute of rest");
    }
}

fn attempt_mut(input: &mut Input) -> Option<&mut u64> {
    match input {
        Input::TicketReady { attempt, .. }
        | Input::TicketFailed { attempt, .. }
        | Input::Opened { attempt }
        | Input::Received { attempt, .. }
        | Input::Closed { attempt, .. }
        | Input::Answered { attempt, .. }
        | Input::Buffered { attempt, .. } => Some(attempt),
        _ => None,
    }
}
