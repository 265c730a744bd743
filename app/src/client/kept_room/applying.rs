//! What each event does to a room.

use super::KeptRoom;
use crate::client::Change;
use crate::client::branch::Branch;
use crate::client::context::Context;
use crate::client::messages::Put;
use crate::protocol::{Author, Event, MessageId};

/// What an event did to a room.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) enum Applied {
    Nothing,
    /// Other messages are shown.
    Shown,
    /// Something was said, and is held or counted.
    Message {
        id: MessageId,
        is_held: bool,
    },
    /// A message that is held is another; `is_replaced`: so is one of its texts.
    Change {
        id: MessageId,
        is_replaced: bool,
    },
}

impl KeptRoom {
    /// Applies the event at this place; what it means to the page is said by the caller.
    pub(in crate::client) fn apply(&mut self, context: &mut Context, seq: u64, event: Event) -> Applied {
        match event {
            Event::Message(mut message) => {
                let id = message.id;
                if message.seq == 0 {
                    message.seq = seq;
                }
                if let Author::Member { id, .. } = message.author
                    && self.people.has_stopped_typing(id)
                {
                    context.changed(Change::Typing(self.id));
                }
                let (parent, was_tip) = (message.parent, self.messages.tip());
                let is_reading_back = self.is_reading_back();
                let put = self.messages.put(context, message, is_reading_back);
                if self.has_branches() {
                    self.branch.is_chosen = false;
                    // Whoever reads elsewhere stays there, and finds it at the end.
                    // One that a stretch has brought came with its versions.
                    let is_known = self.messages.learn_version(id, parent) || put == Put::Known;
                    let is_known = is_known && !self.messages.is_torn();
                    let is_known = is_known || put == Put::Counted;
                    if parent != self.branch.end {
                        self.has_forked(context, seq, is_known);
                    }
                    self.branch.end = Some(id);
                }
                match put {
                    Put::Known if self.messages.tip() == was_tip => Applied::Nothing,
                    Put::Known => Applied::Shown,
                    put => Applied::Message { id, is_held: put == Put::Appended },
                }
            }
            Event::Branch { message } => {
                self.branch = Branch { is_chosen: true, end: Some(message), ..self.branch };
                let is_whole = self.messages.show(message);
                self.has_forked(context, seq, is_whole);
                Applied::Shown
            }
            Event::Run { message: id, run } => match self.messages.get_mut(id) {
                Some(entry) => Applied::Change { id, is_replaced: entry.set_run(context, run) },
                None => self.has_missed(id, seq),
            },
            Event::MessageChanged(change) => match self.messages.get_mut(change.message) {
                Some(entry) => {
                    Applied::Change { id: change.message, is_replaced: entry.change(context, change) }
                }
                None => self.has_missed(change.message, seq),
            },
            Event::Member(member) => {
                self.people.changed(member);
                context.changed(Change::Members(self.id));
                Applied::Nothing
            }
            Event::RoomJoined(_) | Event::RoomChanged(_) | Event::RoomLeft { .. } | Event::UserChanged(_) => {
                Applied::Nothing
            }
        }
    }

    pub(super) fn has_missed(&mut self, message: MessageId, seq: u64) -> Applied {
        if let Some(paging) = &mut self.paging {
            paging.has_missed(message, seq);
        }
        Applied::Nothing
    }
}
