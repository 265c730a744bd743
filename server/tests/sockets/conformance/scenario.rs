//! What a scenario is made of. Its words are explained in `tests/conformance/README.md`.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scenario {
    pub(super) name: String,
    /// The failure of another product that this is about.
    #[serde(default, rename = "known_failure")]
    _known_failure: Option<String>,
    #[serde(default)]
    pub(super) server: ServerSetup,
    pub(super) steps: Vec<Step>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ServerSetup {
    pub(super) simulator: Option<Value>,
    pub(super) arguments: Vec<String>,
    pub(super) ticket_lifetime_ms: Option<u64>,
    pub(super) beat_ms: Option<u64>,
    pub(super) drain_ms: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Step {
    Open {
        client: String,
        #[serde(default)]
        user: Option<String>,
        #[serde(default)]
        hello: Option<Value>,
        #[serde(default)]
        ticket: TicketKind,
        /// Of the welcome.
        #[serde(default)]
        logs: Option<Value>,
        /// The code that it ends with instead.
        #[serde(default)]
        ends: Option<u16>,
    },
    Do {
        client: String,
        frame: Value,
        answer: Value,
        /// Sent so often, at once.
        #[serde(default = "once")]
        times: usize,
    },
    /// The same frame from several clients at once.
    DoTogether {
        clients: Vec<String>,
        frame: Value,
        answer: Value,
    },
    /// What a connection of bytes brings that no client sends.
    Raw {
        client: String,
        text: String,
        answer: Value,
    },
    Follow {
        client: String,
        room: String,
        #[serde(default)]
        cursor: Option<Value>,
        #[serde(default)]
        messages: Vec<Value>,
        resume: String,
    },
    Holds {
        client: String,
        room: String,
        message: String,
        attempt: u32,
        reply_to: String,
        #[serde(default)]
        text: usize,
        #[serde(default)]
        thinking: usize,
    },
    /// The next events of a log, exactly these.
    Events {
        client: String,
        log: String,
        are: Vec<Value>,
    },
    /// So many events of a log have come.
    Count {
        client: String,
        log: String,
        events: usize,
    },
    /// All of a message is there, and its text is this.
    Finished {
        client: String,
        message: String,
        run: Value,
        #[serde(default)]
        reply_to: Option<String>,
        #[serde(default)]
        text: Option<String>,
    },
    /// So many replies of a room are there whole, and are what the model says to their questions.
    Whole {
        client: String,
        log: String,
        replies: usize,
    },
    UntilText {
        client: String,
        message: String,
        bytes: usize,
    },
    /// The text so far is a beginning of the reply.
    Begins {
        client: String,
        message: String,
        reply_to: String,
    },
    Snapshot {
        client: String,
        #[serde(default)]
        room: Option<String>,
        #[serde(default)]
        cursor: Option<String>,
        #[serde(default)]
        messages: Option<Value>,
    },
    Cut {
        client: String,
    },
    CutAfter {
        client: String,
        bytes: usize,
    },
    /// Sends a command whose answer nobody gets, and breaks the connection once the server has done it.
    LoseAnswer {
        client: String,
        frame: Value,
        sql: String,
        equals: i64,
    },
    Ended {
        client: String,
        /// Absent: without a word.
        #[serde(default)]
        code: Option<u16>,
        #[serde(default)]
        has_hint: bool,
    },
    Gate(String),
    Release(String),
    Script(Value),
    Change(String),
    Rows {
        sql: String,
        equals: i64,
    },
    ModelCalls(usize),
    SignOut {
        client: String,
    },
    Stop,
    Crash,
    Start,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TicketKind {
    #[default]
    Good,
    Used,
    Invented,
}

fn once() -> usize {
    1
}
