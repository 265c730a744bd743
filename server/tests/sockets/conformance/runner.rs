//! Runs one scenario over one transport.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use app::protocol::{CommandId, Event, Hello, Log, MessageId, RoomCursor, RoomId, VERSION};
use futures_util::FutureExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::pattern::Variables;
use super::scenario::{Scenario, Step, TicketKind};
use crate::support::{Account, Ending, Member, Setup, TestServer, Transport, eventually, soon};

pub(super) struct Runner {
    transport: Transport,
    server: TestServer,
    accounts: BTreeMap<String, Account>,
    members: BTreeMap<String, Member>,
    /// How many events of each log were looked at.
    seen: BTreeMap<(String, Log), usize>,
    variables: Variables,
    stopping: Option<tokio::task::JoinHandle<()>>,
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

impl Runner {
    /// Panics where the server does not conform, and says at which step.
    pub(super) async fn run(scenario: Scenario, transport: Transport) {
        let mut setup = Setup::default().simulator(scenario.server.simulator.unwrap_or(json!({})));
        setup.arguments.extend(scenario.server.arguments);
        let milliseconds = |time: Option<u64>| time.map(Duration::from_millis);
        let policies = &mut setup.policies;
        if let Some(lifetime) = milliseconds(scenario.server.ticket_lifetime_ms) {
            policies.ticket_lifetime = lifetime;
        }
        if let Some(beat) = milliseconds(scenario.server.beat_ms) {
            policies.sockets.ping_interval = beat;
        }
        if let Some(window) = milliseconds(scenario.server.drain_ms) {
            policies.drain.window = window;
        }
        let mut runner = Self {
            transport,
            server: setup.start().await,
            accounts: BTreeMap::new(),
            members: BTreeMap::new(),
            seen: BTreeMap::new(),
            variables: Variables::default(),
            stopping: None,
        };
        for (place, step) in (1..).zip(scenario.steps) {
            let said = format!("{step:?}");
            if let Err(panic) = AssertUnwindSafe(runner.step(step)).catch_unwind().await {
                #[expect(clippy::print_stderr, reason = "belongs to the message of the panic")]
                {
                    eprintln!("{transport:?}, `{}`, step {place}: {said:.300}", scenario.name);
                }
                std::panic::resume_unwind(panic);
            }
        }
    }

    fn member(&mut self, name: &str) -> &mut Member {
        self.members.get_mut(name).unwrap_or_else(|| panic!("nobody is called `{name}`"))
    }

    fn id<T: DeserializeOwned>(&mut self, name: &str) -> T {
        read(self.variables.fill(&Value::String(name.to_owned())))
    }

    fn log(&mut self, name: &str) -> Log {
        if name == "inbox" { Log::Inbox } else { Log::Room(self.id(name)) }
    }

    fn matches(&mut self, pattern: &Value, value: &Value) {
        self.variables.matches(pattern, value).unwrap_or_else(|error| panic!("{error}"));
    }

    /// The frame with its variables filled in, and its identifier.
    fn frame(&mut self, frame: &Value) -> (String, Option<CommandId>) {
        let frame = self.variables.fill(frame);
        (frame.to_string(), frame.get("id").map(|id| read(id.clone())))
    }

    async fn answered(&mut self, client: &str, to: Option<CommandId>, pattern: &Value) {
        let answer = match self.member(client).answer(to).await {
            Ok(ack) => json!({"ack": ack}),
            Err(failure) => json!({"error": failure}),
        };
        self.matches(pattern, &answer);
    }

    async fn account(&mut self, user: &str) -> Account {
        if !self.accounts.contains_key(user) {
            self.accounts.insert(user.to_owned(), self.server.account(user).await);
        }
        self.accounts[user].clone()
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Open { client, user, hello, ticket, logs, ends } => {
                self.open(&client, user, hello, ticket, logs, ends).await;
            }
            Step::Do { client, frame, answer, times } => {
                let (text, id) = self.frame(&frame);
                for _ in 0..times {
                    self.member(&client).give(text.clone()).await;
                }
                for _ in 0..times {
                    self.answered(&client, id, &answer).await;
                }
            }
            Step::DoTogether { clients, frame, answer } => {
                let (text, id) = self.frame(&frame);
                for client in &clients {
                    self.member(client).give(text.clone()).await;
                }
                for client in &clients {
                    self.answered(client, id, &answer).await;
                }
            }
            Step::Raw { client, text, answer } => {
                self.member(&client).give(text).await;
                self.answered(&client, None, &answer).await;
            }
            Step::Follow { client, room, cursor, messages, resume } => {
                let room: RoomId = self.id(&room);
                let cursor = cursor.map(|cursor| read(self.variables.fill(&cursor)));
                let messages =
                    messages.iter().map(|held| read(self.variables.fill(held))).collect::<Vec<_>>();
                let subscribed = self.member(&client).follow(RoomCursor { room, cursor, messages }).await;
                assert_eq!(json!(subscribed.resume), json!(resume));
            }
            Step::Holds { client, room, message, attempt, reply_to, text, thinking } => {
                let (room, message): (RoomId, MessageId) = (self.id(&room), self.id(&message));
                let whole = self.server.simulator.reply(&reply_to);
                // A client holds whole characters, whatever it claims.
                let begin = |whole: &str, bytes| whole[..whole.floor_char_boundary(bytes)].to_owned();
                let held = (begin(&whole.0, text), begin(&whole.1, thinking));
                self.member(&client).transcript.hold_in(room, message, attempt, &held.0, &held.1);
            }
            Step::Gate(name) => soon("the gate", self.server.simulator.until_gate(&name)).await,
            Step::Release(name) => self.server.simulator.release(&name),
            Step::Script(script) => _ = self.server.simulator.script(script).unwrap(),
            Step::Change(sql) => {
                let sql = self.variables.fill_sql(&sql);
                assert!(self.server.change(sql).await > 0, "nothing was changed");
            }
            Step::Cut { .. } | Step::CutAfter { .. } | Step::LoseAnswer { .. } | Step::Ended { .. } => {
                self.break_or_end(step).await;
            }
            Step::SignOut { client } => {
                let account = self.member(&client).account.clone();
                assert_eq!(account.sign_out().await.status, 303);
            }
            Step::Stop => self.stopping = Some(self.server.begin_stop()),
            Step::Crash => self.server.crash().await,
            Step::Start => {
                if let Some(stopping) = self.stopping.take() {
                    stopping.await.unwrap();
                    self.server.crash().await;
                }
                self.server.start_again().await;
            }
            look => self.look(look).await,
        }
    }

    /// Compares what is there with what should be.
    async fn look(&mut self, step: Step) {
        match step {
            Step::Events { client, log, are } => self.events(&client, &log, &are).await,
            Step::Count { client, log, events } => {
                let log = self.log(&log);
                let counts = |member: &mut Member| {
                    (member.transcript.seqs(log).len() >= events).then(|| member.transcript.seqs(log).len())
                };
                assert_eq!(self.member(&client).until("the events", counts).await, events);
            }
            Step::Finished { client, message, run, reply_to, text } => {
                let id: MessageId = self.id(&message);
                let member = self.member(&client);
                member
                    .until("a whole message", |member| member.transcript.has_all_of(id).then_some(()))
                    .await;
                let found = member.transcript.text(id).to_owned();
                let thinking = member.transcript.thinking(id).to_owned();
                let state = json!(member.transcript.run(id));
                self.matches(&run, &state);
                if let Some(prompt) = reply_to {
                    assert_eq!((found, thinking), self.server.simulator.reply(&prompt));
                } else if let Some(text) = text {
                    assert_eq!(found, text);
                }
            }
            Step::Whole { client, log, replies } => self.whole(&client, &log, replies).await,
            Step::UntilText { client, message, bytes } => {
                let id: MessageId = self.id(&message);
                let has = |member: &mut Member| (member.transcript.text(id).len() >= bytes).then_some(());
                self.member(&client).until("some text", has).await;
            }
            Step::Begins { client, message, reply_to } => {
                let id: MessageId = self.id(&message);
                let whole = self.server.simulator.reply(&reply_to).0;
                let text = self.member(&client).transcript.text(id).to_owned();
                assert!(!text.is_empty() && whole.starts_with(&text) && text != whole, "{text}");
            }
            Step::Snapshot { client, room, cursor, messages } => {
                let account = self.member(&client).account.clone();
                let room: Option<RoomId> = room.map(|room| self.id(&room));
                let page = account.page(room).await.unwrap();
                let found = room.map_or(page.inbox, |_| page.room.as_ref().unwrap().cursor);
                if let Some(name) = cursor {
                    self.variables.set(&name, json!(found));
                }
                if let Some(pattern) = messages {
                    self.matches(&pattern, &json!(page.room.unwrap().messages));
                }
            }
            Step::Rows { sql, equals } => self.rows(&sql, equals).await,
            Step::ModelCalls(count) => assert_eq!(self.server.model_calls(), count),
            other => unreachable!("{other:?}"),
        }
    }

    async fn open(
        &mut self,
        client: &str,
        user: Option<String>,
        hello: Option<Value>,
        ticket: TicketKind,
        logs: Option<Value>,
        ends: Option<u16>,
    ) {
        if !self.members.contains_key(client) {
            let account = self.account(user.as_deref().unwrap_or("Ana")).await;
            self.members.insert(client.to_owned(), Member::new(self.transport, account).await);
        }
        let hello: Hello = match hello {
            Some(hello) => {
                let mut all = json!({"version": VERSION, "client": "conformance"});
                let filled = self.variables.fill(&hello);
                all.as_object_mut().unwrap().extend(filled.as_object().unwrap().clone());
                read(all)
            }
            None => self.member(client).question(),
        };
        let member = self.members.get_mut(client).unwrap();
        let ticket = match ticket {
            TicketKind::Good => member.account.ticket().await,
            TicketKind::Invented => "invented".to_owned(),
            TicketKind::Used => {
                let ticket = member.account.ticket().await;
                member.open(&hello, &ticket).await.unwrap();
                ticket
            }
        };
        match (member.open(&hello, &ticket).await, ends) {
            (Ok(welcome), None) => {
                if let Some(pattern) = logs {
                    self.matches(&pattern, &json!(welcome.logs));
                }
            }
            (Err(Ending::Said(bye)), Some(code)) => assert_eq!(bye.code, code),
            (other, ends) => panic!("{other:?}, and expected {ends:?}"),
        }
    }

    async fn events(&mut self, client: &str, log: &str, are: &[Value]) {
        let log = self.log(log);
        let seen = self.seen.entry((client.to_owned(), log)).or_default();
        let from = *seen;
        *seen += are.len();
        let until = *seen;
        let take = |member: &mut Member| {
            let of_log = member.transcript.events.iter().filter(|(of, ..)| *of == log);
            let events: Vec<_> = of_log.skip(from).take(are.len()).cloned().collect();
            (events.len() == are.len()).then_some(events)
        };
        let found = self.member(client).until("the next events", take).await;
        for (pattern, (log, seq, event)) in are.iter().zip(found) {
            let frame: Value = serde_json::from_str(&Event::encode(&event, log, seq)).unwrap();
            self.matches(pattern, &frame);
        }
        let count = self.member(client).transcript.seqs(log).len();
        assert!(count >= until);
    }

    async fn whole(&mut self, client: &str, room: &str, replies: usize) {
        let room: RoomId = self.id(room);
        let member = self.members.get_mut(client).unwrap();
        let whole = |member: &mut Member| {
            let transcript = &member.transcript;
            let all = transcript.messages(room).filter(|message| message.run.is_some());
            (all.filter(|message| transcript.has_all_of(message.id)).count() == replies).then_some(())
        };
        member.until("whole replies", whole).await;
        for reply in member.transcript.messages(room).filter(|message| message.run.is_some()) {
            let question = member.transcript.messages(room).find(|message| Some(message.id) == reply.parent);
            let expected = self.server.simulator.reply(&question.unwrap().text).0;
            assert_eq!(member.transcript.text(reply.id), expected);
        }
    }

    async fn rows(&mut self, sql: &str, equals: i64) {
        let sql = self.variables.fill_sql(sql);
        let server = &self.server;
        eventually(&sql, async || (server.number(sql.clone()).await == equals).then_some(())).await;
    }

    async fn break_or_end(&mut self, step: Step) {
        match step {
            Step::Cut { client } => self.member(&client).cut(),
            Step::CutAfter { client, bytes } => self.member(&client).proxy.cut_after(bytes),
            Step::LoseAnswer { client, frame, sql, equals } => {
                let (text, _) = self.frame(&frame);
                let member = self.member(&client);
                member.proxy.lose_answers();
                member.give(text).await;
                self.rows(&sql, equals).await;
                self.member(&client).cut();
            }
            Step::Ended { client, code, has_hint } => {
                let end = self.member(&client).until("the end", |member| member.end.clone()).await;
                match (end, code) {
                    (Ending::Said(bye), Some(code)) => {
                        assert_eq!((bye.code, bye.retry_after_ms.is_some()), (code, has_hint), "{bye:?}");
                    }
                    (Ending::Broken, None) => {}
                    (end, code) => panic!("{end:?}, and expected {code:?}"),
                }
            }
            other => unreachable!("{other:?}"),
        }
    }
}
