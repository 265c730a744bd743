//! The outbox in the browser's storage: one item per command, so that tabs never write over each other's.
//!
//! The key holds a number that orders the commands of one tab, and the command's identifier; the value is its frame.
//! Several tabs may hold and send the same command: the server knows it by its identifier.

use std::collections::BTreeMap;

use app::client::Millis;
use app::protocol::{ClientFrame, Command, CommandId};

use crate::storage;

/// Commands that are read at the start; as many as the client takes.
const READ_LIMIT: usize = 100;

#[derive(Default)]
pub struct KeptOutbox {
    prefix: String,
    /// The keys of the commands that are stored and that this tab holds.
    keys: BTreeMap<CommandId, String>,
    /// The number of the newest key.
    newest: u64,
}

impl KeptOutbox {
    /// `user` is whose commands are kept.
    pub fn new(user: &str) -> Self {
        Self { prefix: format!("{}outbox:{user}:", storage::PREFIX), ..Self::default() }
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What was kept, oldest first.
    pub fn read(&mut self) -> Vec<(CommandId, Command)> {
        let mut commands = Vec::new();
        for key in storage::keys(&self.prefix) {
            let value = storage::get(&key).unwrap_or_default();
            match ClientFrame::decode(&value) {
                Ok(ClientFrame::Command { id, command }) if commands.len() < READ_LIMIT => {
                    let number =
                        key[self.prefix.len()..].split(':').next().and_then(|text| text.parse().ok());
                    self.newest = self.newest.max(number.unwrap_or(0));
                    self.keys.insert(id, key);
                    commands.push((id, command));
                }
                // Its turn comes at another start.
                Ok(ClientFrame::Command { .. }) => {}
                // Of a version that is gone; nobody will ever read it.
                Ok(ClientFrame::Hello(_)) | Err(_) => storage::remove(&key),
            }
        }
        commands
    }

    /// Makes what is stored equal what this tab holds. What doesn't fit is tried again the next time.
    pub fn keep<'a>(&mut self, entries: impl Iterator<Item = (CommandId, &'a Command)>, now: Millis) {
        let mut gone = std::mem::take(&mut self.keys);
        for (id, command) in entries {
            let key = gone.remove(&id).or_else(|| {
                // A time, so that it follows what other tabs have kept before.
                let number = now.max(self.newest + 1);
                let key = format!("{}{number:016}:{id}", self.prefix);
                storage::set(&key, &command.encode(id)).then(|| {
                    self.newest = number;
                    key
                })
            });
            if let Some(key) = key {
                self.keys.insert(id, key);
            }
        }
        for key in gone.values() {
            storage::remove(key);
        }
    }

    /// The command of an item that another tab has removed, if this tab holds it.
    pub fn held_under(&self, key: &str) -> Option<CommandId> {
        let id = CommandId::parse(key.strip_prefix(&self.prefix)?.split(':').nth(1)?)?;
        self.keys.contains_key(&id).then_some(id)
    }
}
