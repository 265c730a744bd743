//! What one viewer was sent and shown, checked as it comes: every event once and in order, and no text that was
//! shown ever shrinks or changes.
//!
//! It reads the frames and snapshots that the client reads and follows the rules of `PROTOCOL.md` by itself, so a
//! mistake of the client and one of the server are both seen. It repairs nothing and never tells the client.

mod log;
mod text;

use std::collections::{BTreeMap, HashMap};

use app::protocol::{
    ClientFrame, Command, CommandId, Cursor, Log, Message, MessageId, PageData, RoomSnapshot, ServerFrame,
    Subscribed,
};

use log::LogLedger;
use text::ShownTexts;

/// Findings that are kept; one bug can make thousands.
const KEPT: usize = 50;

/// Something that must never happen, with the place where it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An event or a text did not come, or is gone.
    Lost(String),
    /// An event came again without being asked for.
    Doubled(String),
    /// An event or a text that was shown is another now.
    Changed(String),
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lost(what) => write!(formatter, "lost: {what}"),
            Self::Doubled(what) => write!(formatter, "doubled: {what}"),
            Self::Changed(what) => write!(formatter, "changed: {what}"),
        }
    }
}

#[derive(Debug, Default)]
pub struct Ledger {
    logs: BTreeMap<Log, LogLedger>,
    /// What this connection asked for, and from where on.
    asked: HashMap<CommandId, (Log, Option<Cursor>)>,
    greeted: HashMap<Log, Option<Cursor>>,
    texts: HashMap<MessageId, ShownTexts>,
    findings: Vec<Finding>,
    /// The next page replaces what the client held.
    is_reloading: bool,
}

impl Ledger {
    /// What went wrong so far; the first 50 of it.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Takes the findings out.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Events that were applied, each counted once.
    pub fn events(&self) -> u64 {
        self.logs.values().map(LogLedger::applied_events).sum()
    }

    /// A frame that the client sends.
    pub fn sent(&mut self, text: &str) {
        match ClientFrame::decode(text) {
            Ok(ClientFrame::Hello(hello)) => {
                self.asked.clear();
                self.greeted.clear();
                self.greeted.insert(Log::Inbox, hello.inbox);
                self.greeted.extend(hello.rooms.iter().map(|room| (Log::Room(room.room), room.cursor)));
                for (log, cursor) in &self.greeted {
                    let found = self.logs.entry(*log).or_default().names(*cursor);
                    note(&mut self.findings, *log, found);
                }
            }
            Ok(ClientFrame::Command { id, command: Command::Subscribe(room) }) => {
                self.asked.insert(id, (Log::Room(room.room), room.cursor));
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// A frame that the client receives.
    pub fn received(&mut self, text: &str) {
        // Parts are checked by what the client makes of them.
        if text.starts_with('[') {
            return;
        }
        match ServerFrame::decode(text) {
            Ok(ServerFrame::Welcome(welcome)) => {
                self.logs.values_mut().for_each(LogLedger::disconnected);
                for answer in &welcome.logs {
                    let cursor = self.greeted.get(&answer.log).copied().flatten();
                    self.answered(cursor, answer);
                }
            }
            Ok(ServerFrame::Subscribed { id, subscribed }) => {
                if let Some((_, cursor)) = self.asked.remove(&id) {
                    self.answered(cursor, &subscribed);
                }
            }
            Ok(ServerFrame::Event { log, seq, event }) => {
                let found = self.logs.entry(log).or_default().event(seq, &event);
                note(&mut self.findings, log, found);
            }
            _ => {}
        }
    }

    fn answered(&mut self, cursor: Option<Cursor>, answer: &Subscribed) {
        let found = self.logs.entry(answer.log).or_default().answered(cursor, answer);
        note(&mut self.findings, answer.log, found);
    }

    /// The client is about to be made anew; what was shown must stay true.
    pub fn reloads(&mut self) {
        self.is_reloading = true;
    }

    pub fn page_loaded(&mut self, page: &PageData) {
        let is_fresh = std::mem::take(&mut self.is_reloading);
        if is_fresh {
            self.logs.values_mut().for_each(LogLedger::disconnected);
        }
        self.loaded(Log::Inbox, page.inbox, is_fresh);
        if let Some(room) = &page.room {
            self.loaded(Log::Room(room.room.id), room.cursor, is_fresh);
        }
    }

    pub fn room_loaded(&mut self, room: &RoomSnapshot) {
        self.loaded(Log::Room(room.room.id), room.cursor, false);
    }

    fn loaded(&mut self, log: Log, cursor: Cursor, is_fresh: bool) {
        let found = self.logs.entry(log).or_default().loaded(cursor, is_fresh, log == Log::Inbox);
        note(&mut self.findings, log, found);
    }

    /// What the page shows of a message now.
    pub fn shows(&mut self, message: &Message) {
        let found = self.texts.entry(message.id).or_default().shows(message);
        if let Some(what) = found {
            push(&mut self.findings, Finding::Changed(format!("message {}: {what}", message.id)));
        }
    }

    /// Compares every byte that was shown of a message with what it is now.
    pub fn compare(&mut self, message: &Message) {
        let found = self.texts.entry(message.id).or_default().compare(message);
        if let Some(what) = found {
            push(&mut self.findings, Finding::Changed(format!("message {}: {what}", message.id)));
        }
    }

    /// Bytes of a message's text that were shown so far.
    pub fn shown(&self, message: MessageId) -> &str {
        self.texts.get(&message).map_or("", ShownTexts::text)
    }
}

fn note(findings: &mut Vec<Finding>, log: Log, found: Option<Finding>) {
    let name = |what: String| format!("log {log}: {what}");
    match found {
        Some(Finding::Lost(what)) => push(findings, Finding::Lost(name(what))),
        Some(Finding::Doubled(what)) => push(findings, Finding::Doubled(name(what))),
        Some(Finding::Changed(what)) => push(findings, Finding::Changed(name(what))),
        None => {}
    }
}

fn push(findings: &mut Vec<Finding>, finding: Finding) {
    if findings.len() < KEPT {
        findings.push(finding);
    }
}
