//! The outbox in the browser's storage: one item per command, so that tabs never write over each other's.
//!
//! The key holds a number that orders the commands of one tab, and the command's identifier; the value is its frame.
//! Several tabs may hold and send the same command: the server knows it by its identifier.

use app::client::Millis;
use app::protocol::{ClientFrame, Command, CommandId};

use crate::storage;

/// Commands that are read at the start; as many as the client takes.
const READ_LIMIT: usize = 100;

#[derive(Default)]
pub struct KeptOutbox {
    prefix: String,
    /// The keys of the commands that are stored and that this tab holds.
    keys: Vec<(CommandId, String)>,
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
            match decode(&value) {
                Some((id, command)) if commands.len() < READ_LIMIT => {
                    let number =
                        key[self.prefix.len()..].split(':').next().and_then(|text| text.parse().ok());
                    self.newest = self.newest.max(number.unwrap_or(0));
                    self.keys.push((id, key));
                    commands.push((id, command));
                }
                // Its turn comes at another start.
                Some(_) => {}
                // Of a version that is gone; nobody will ever read it.
                None => storage::remove(&key),
            }
        }
        commands
    }

    /// Makes what is stored equal what this tab holds. What doesn't fit is tried again the next time.
    pub fn keep<'a>(&mut self, entries: impl Iterator<Item = (CommandId, &'a Command)>, now: Millis) {
        let mut gone = std::mem::take(&mut self.keys);
        for (id, command) in entries {
            if let Some(index) = gone.iter().position(|(other, _)| *other == id) {
                self.keys.push(gone.swap_remove(index));
                continue;
            }
            // A time, so that it follows what other tabs have kept before.
            let number = now.max(self.newest + 1);
            let key = format!("{}{number:016}:{id}", self.prefix);
            if storage::set(&key, &command.encode(id)) {
                self.newest = number;
                self.keys.push((id, key));
            }
        }
        for (_, key) in &gone {
            storage::remove(key);
        }
    }

    /// The command of an item that another tab has removed, if this tab holds it.
    pub fn held_under(&self, key: &str) -> Option<CommandId> {
        let id = CommandId::parse(key.strip_prefix(&self.prefix)?.split(':').nth(1)?)?;
        self.keys.iter().any(|(other, _)| *other == id).then_some(id)
    }
}

fn decode(text: &str) -> Option<(CommandId, Command)> {
    match ClientFrame::decode(text).ok()? {
        ClientFrame::Command { id, command } => Some((id, command)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use app::protocol::{MessageId, Notify, RoomId, RoomKind};

    use super::*;

    #[test]
    fn every_command_of_a_user_is_read_as_it_was_kept() {
        let id = CommandId::from_random(1);
        let (room, message) = (RoomId::from_random(2), MessageId::from_random(3));
        let text = "Rain, \"perhaps\" — 雨".to_owned();
        for command in [
            Command::create_solo(room, ""),
            Command::RenameRoom { room, title: text.clone() },
            Command::DeleteRoom { room },
            Command::LeaveRoom { room },
            Command::MarkUnread { room, seq: 7 },
            Command::SetNotify { room, notify: Notify::None },
            Command::CreateRoom {
                room,
                title: text.clone(),
                kind: RoomKind::Group,
                with: vec![text.clone()],
                like: Some(room),
            },
            Command::say(room, text.clone()),
            Command::EditMessage { room, message, text: text.clone() },
            Command::DeleteMessage { room, message },
            Command::React { room, message, emoji: "👍".to_owned(), is_on: false },
            Command::Pin { room, message, is_on: true },
            Command::SendMessage {
                room,
                text,
                parent: Some(message),
                reply_to: Some(message),
                beside: Some(message),
            },
            Command::ShowBranch { room, message },
            Command::StopRun { room, message },
            Command::RetryRun { room, message },
            Command::ContinueRun { room, message },
        ] {
            assert_eq!(decode(&command.encode(id)), Some((id, command)));
        }
        assert_eq!(decode("{}"), None);
    }
}
