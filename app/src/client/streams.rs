//! The handles of one connection: which text a part belongs to.
//!
//! No order is assumed between a part and the `chat:stream` that explains it, nor between two of the latter; a part
//! that can't be placed leaves a trace, so that the gap it makes is noticed at once.

use std::collections::VecDeque;

use super::entry::Which;
use super::{Millis, Policy};
use crate::protocol::{Handle, MessageId, Part, RoomId, Stream, TextPosition};

/// What a handle stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Binding {
    pub(super) room: RoomId,
    pub(super) message: MessageId,
    pub(super) which: Which,
    pub(super) attempt: u32,
    /// The greatest length that the server is known to have.
    pub(super) known: u64,
}

/// Handles kept of one message: those of the newest `chat:stream` and of the one before, whose last parts may still
/// be on their way.
const HANDLES_PER_MESSAGE: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Streams {
    /// In the order of their handles.
    bindings: Vec<(Handle, Binding)>,
    /// Parts of unknown handles: where they ended.
    strays: VecDeque<(Handle, u64)>,
    /// When the first of them came.
    stray_since: Option<Millis>,
}

impl Streams {
    pub(super) fn clear(&mut self) {
        self.bindings.clear();
        self.forget_strays();
    }

    fn forget_strays(&mut self) {
        self.strays.clear();
        self.stray_since = None;
    }

    /// When parts will have waited in vain for their `chat:stream`: it was lost.
    pub(super) fn lost_at(&self, policy: &Policy) -> Option<Millis> {
        self.stray_since.map(|since| since + policy.ask_again)
    }

    /// True once when that time has come. New streams are to be asked for.
    pub(super) fn has_lost(&mut self, policy: &Policy, now: Millis) -> bool {
        let has_lost = self.lost_at(policy).is_some_and(|at| at <= now);
        if has_lost {
            self.forget_strays();
        }
        has_lost
    }

    pub(super) fn bind(&mut self, policy: &Policy, stream: &Stream) {
        self.bind_text(stream, Which::Text, stream.text);
        self.bind_text(stream, Which::Thinking, stream.thinking);
        let of_message = self
            .bindings
            .iter()
            .filter(|(_, binding)| binding.message == stream.message)
            .map(|(handle, _)| *handle);
        let of_message: Vec<Handle> = of_message.collect();
        for handle in of_message.iter().rev().skip(HANDLES_PER_MESSAGE) {
            self.bindings.retain(|(other, _)| other != handle);
        }
        let too_many = self.bindings.len().saturating_sub(policy.handles);
        self.bindings.drain(..too_many);
    }

    fn bind_text(&mut self, stream: &Stream, which: Which, position: TextPosition) {
        let strays = self.strays.iter().filter(|(handle, _)| *handle == position.handle).map(|(_, end)| *end);
        let known = strays.max().unwrap_or(0).max(position.offset);
        self.strays.retain(|(handle, _)| *handle != position.handle);
        if self.strays.is_empty() {
            self.stray_since = None;
        }
        let Stream { room, message, attempt, .. } = *stream;
        let mut binding = Binding { room, message, which, attempt, known };
        // One that is said twice forgets nothing.
        match self.place(position.handle) {
            Ok(place) => {
                let before = &mut self.bindings[place].1;
                if (before.message, before.attempt) == (message, attempt) {
                    binding.known = before.known.max(known);
                }
                *before = binding;
            }
            Err(place) => self.bindings.insert(place, (position.handle, binding)),
        }
    }

    /// The text a part belongs to.
    pub(super) fn find(&mut self, policy: &Policy, now: Millis, part: &Part) -> Option<Binding> {
        let end = part.offset.saturating_add(part.text.len() as u64);
        if let Ok(place) = self.place(part.handle) {
            let binding = &mut self.bindings[place].1;
            binding.known = binding.known.max(end);
            return Some(*binding);
        }
        if let Some(stray) = self.strays.iter_mut().find(|(handle, _)| *handle == part.handle) {
            stray.1 = stray.1.max(end);
        } else {
            if self.strays.len() >= policy.strays {
                self.strays.pop_front();
            }
            self.strays.push_back((part.handle, end));
            self.stray_since.get_or_insert(now);
        }
        None
    }

    /// What is announced of a room's messages.
    pub(super) fn of_room(&self, room: RoomId) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().map(|(_, binding)| binding).filter(move |binding| binding.room == room)
    }

    fn place(&self, handle: Handle) -> Result<usize, usize> {
        self.bindings.binary_search_by_key(&handle, |(other, _)| *other)
    }
}
