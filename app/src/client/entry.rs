//! One message as the client holds it: its two texts, how they grow, and how far the server is known to be ahead.
//!
//! An AI's text only ever grows; its thinking begins anew with a higher attempt. An edit replaces the text of a member's
//! message, and deleting takes the texts away for good. There is no other way to change them.

use std::cmp::Ordering;

use super::context::Context;
use crate::protocol::{Held, Message, MessageChange, Run};

/// Which of a message's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Text,
    Thinking,
}

#[derive(Debug)]
pub(super) struct Entry {
    pub(super) message: Message,
    /// Of the thinking held; may be ahead of the run's, which comes through the log.
    attempt: u32,
    /// The greatest lengths that the server is known to have, of the texts held.
    known_text: u64,
    known_thinking: u64,
    /// Another one whenever a text was replaced instead of grown.
    pub(super) revision: u32,
}

impl Entry {
    pub(super) fn new(context: &mut Context, message: Message) -> Self {
        let attempt = message.run.as_ref().map_or(0, |run| run.attempt);
        let revision = context.next_revision();
        let mut entry = Self { message, attempt, known_text: 0, known_thinking: 0, revision };
        entry.learn_final_lengths();
        entry
    }

    pub(super) fn held(&self) -> Held {
        Held {
            message: self.message.id,
            attempt: self.attempt,
            text: length(&self.message.text),
            thinking: length(&self.message.thinking),
        }
    }

    fn is_deleted(&self) -> bool {
        self.message.marks.deleted_at.is_some()
    }

    /// The server has more than what is held.
    pub(super) fn is_behind(&self) -> bool {
        self.known_text > length(&self.message.text) || self.known_thinking > length(&self.message.thinking)
    }

    /// Nobody writes it.
    pub(super) fn has_ended(&self) -> bool {
        self.is_deleted() || self.message.run.as_ref().is_none_or(|run| run.status.has_ended())
    }

    pub(super) fn may_grow(&self) -> bool {
        !self.has_ended() || self.is_behind()
    }

    /// The same message from a snapshot, which knows of all events that are applied. It may be older than the parts
    /// that came since.
    pub(super) fn merge(&mut self, context: &mut Context, other: Message) {
        let attempt = other.run.as_ref().map_or(0, |run| run.attempt);
        let held = std::mem::replace(&mut self.message, other);
        if self.message.run.is_none() || self.is_deleted() {
            self.give_up();
            if self.message.text != held.text || self.message.thinking != held.thinking {
                self.revision = context.next_revision();
            }
            return;
        }
        let mut is_kept = keep_longer(&mut self.message.text, held.text);
        match attempt.cmp(&self.attempt) {
            Ordering::Less => self.message.thinking = held.thinking,
            Ordering::Equal => is_kept &= keep_longer(&mut self.message.thinking, held.thinking),
            Ordering::Greater => {
                is_kept &= held.thinking.is_empty();
                self.attempt = attempt;
                self.known_thinking = 0;
            }
        }
        if !is_kept {
            self.revision = context.next_revision();
        }
        self.learn_final_lengths();
    }

    /// It was edited, deleted, pinned or reacted to. True when a text was replaced.
    pub(super) fn change(&mut self, context: &mut Context, change: MessageChange) -> bool {
        self.message.marks = change.marks;
        let mut is_replaced = false;
        if self.is_deleted() {
            is_replaced = !self.message.text.is_empty() || !self.message.thinking.is_empty();
            self.message.text.clear();
            self.message.thinking.clear();
            self.message.mentions.clear();
            self.give_up();
        } else if let Some(text) = change.text {
            is_replaced = text != self.message.text;
            self.message.text = text;
            self.message.mentions = change.mentions;
        }
        if is_replaced {
            self.revision = context.next_revision();
        }
        is_replaced
    }

    /// A new state of the run. True when that made the thinking held void.
    pub(super) fn set_run(&mut self, context: &mut Context, run: Run) -> bool {
        let is_void = self.raise_attempt(context, run.attempt);
        self.message.run = Some(run);
        self.learn_final_lengths();
        is_void
    }

    /// The server writes at this attempt: it sends the thinking that holds from its beginning, and the text goes on.
    /// True when that made the thinking held void.
    pub(super) fn raise_attempt(&mut self, context: &mut Context, attempt: u32) -> bool {
        if attempt <= self.attempt {
            return false;
        }
        self.attempt = attempt;
        self.known_thinking = 0;
        let had_thinking = !self.message.thinking.is_empty();
        self.message.thinking.clear();
        if had_thinking {
            self.revision = context.next_revision();
        }
        had_thinking
    }

    /// The server has this much of a text at this attempt.
    pub(super) fn learn(&mut self, which: Which, attempt: u32, known: u64) {
        match which {
            _ if self.is_deleted() => {}
            Which::Text => self.known_text = self.known_text.max(known),
            Which::Thinking if attempt == self.attempt => {
                self.known_thinking = self.known_thinking.max(known);
            }
            Which::Thinking => {}
        }
    }

    /// Appends what lies beyond the text held; true when it grew. A gap, or an overlap that ends inside of
    /// a character, is not repaired here: the entry stays behind what it knows, and is asked for.
    pub(super) fn add_part(&mut self, which: Which, attempt: u32, offset: u64, text: &str) -> bool {
        if self.is_deleted() || (which == Which::Thinking && attempt != self.attempt) {
            return false;
        }
        self.learn(which, attempt, offset.saturating_add(length(text)));
        let held = match which {
            Which::Text => &mut self.message.text,
            Which::Thinking => &mut self.message.thinking,
        };
        let beyond = length(held)
            .checked_sub(offset)
            .and_then(|overlap| usize::try_from(overlap).ok())
            .and_then(|overlap| text.get(overlap..))
            .unwrap_or_default();
        held.push_str(beyond);
        !beyond.is_empty()
    }

    /// The server will not say more about this message: what was known of it is not to be had.
    pub(super) fn give_up(&mut self) {
        self.known_text = 0;
        self.known_thinking = 0;
    }

    /// While a run writes, its lengths are behind the parts. Once it has ended they are all there will be, unless it is
    /// let go on, which keeps them true: the text only grows, and the thinking counts anew with the attempt.
    fn learn_final_lengths(&mut self) {
        if let Some(run) = self.message.run.as_ref().filter(|run| run.status.has_ended()) {
            let (attempt, text, thinking) = (run.attempt, run.text_length, run.thinking_length);
            self.learn(Which::Text, attempt, text);
            self.learn(Which::Thinking, attempt, thinking);
        }
    }
}

fn length(text: &str) -> u64 {
    text.len() as u64
}

/// True when what was held is still the beginning.
fn keep_longer(text: &mut String, held: String) -> bool {
    if held.len() > text.len() {
        *text = held;
        return true;
    }
    text.starts_with(&held)
}
