//! What is written and not sent, per room, in the browser's storage.
//!
//! Written at most twice a second, and when the page is left. A draft is the text of its room's field and nothing
//! more: two tabs that write in the same room overwrite each other's.

use std::cell::RefCell;

use app::chat::DraftOf;
use app::client::Millis;
use gloo_timers::callback::Timeout;

use crate::storage;

/// Milliseconds in which one write follows another at the earliest.
const WRITE_PAUSE: u32 = 500;
/// Bytes that are kept of one draft; as many as a message may have.
const DRAFT_BYTES: usize = 32 * 1024;
/// Drafts that are kept; the one that was touched longest ago goes first.
const DRAFTS: usize = 100;

#[derive(Default)]
pub struct Drafts {
    prefix: String,
    /// The newest text, until it is written.
    unwritten: RefCell<Option<(String, String)>>,
    timer: RefCell<Option<Timeout>>,
}

impl Drafts {
    pub fn new(user: &str) -> Self {
        Self { prefix: format!("{}draft:{user}:", storage::PREFIX), ..Self::default() }
    }

    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    fn key(&self, of: DraftOf) -> String {
        let prefix = &self.prefix;
        match of {
            DraftOf::Message(None) => format!("{prefix}new"),
            DraftOf::Message(Some(room)) => format!("{prefix}{room}"),
            DraftOf::Edit(message) => format!("{prefix}edit:{message}"),
        }
    }

    pub fn read(&self, of: DraftOf, now: Millis) -> String {
        self.write(now);
        let value = storage::get(&self.key(of)).unwrap_or_default();
        value.split_once(' ').map(|(_, text)| text.to_owned()).unwrap_or_default()
    }

    /// Keeps a text, soon; `write` is called when it is due. An empty one is forgotten at once: it may have been sent.
    pub fn keep(&self, of: DraftOf, text: &str, now: Millis, write: impl FnOnce() + 'static) {
        let key = self.key(of);
        if self.unwritten.borrow().as_ref().is_some_and(|(other, _)| *other != key) {
            self.write(now);
        }
        let text = &text[..text.floor_char_boundary(DRAFT_BYTES)];
        self.unwritten.replace(Some((key, text.to_owned())));
        if text.is_empty() {
            self.write(now);
        } else {
            self.timer.borrow_mut().get_or_insert_with(|| Timeout::new(WRITE_PAUSE, write));
        }
    }

    /// Writes what is not written yet.
    pub fn write(&self, now: Millis) {
        self.timer.take();
        let Some((key, text)) = self.unwritten.take() else { return };
        if text.is_empty() {
            return storage::remove(&key);
        }
        if storage::get(&key).is_none() {
            self.make_room();
        }
        // The time first, to know which is the oldest.
        storage::set(&key, &format!("{now:016} {text}"));
    }

    fn make_room(&self) {
        let mut keys = storage::keys(&self.prefix);
        while keys.len() >= DRAFTS {
            let oldest = (0..keys.len()).min_by_key(|index| storage::get(&keys[*index]));
            storage::remove(&keys.swap_remove(oldest.unwrap_or(0)));
        }
    }
}
