//! How a room's log is followed: by this connection, from a position that was agreed upon, without a gap.

use super::{KeptRoom, Stage, Subscription};
use crate::client::context::Context;
use crate::client::repeat::Repeat;
use crate::client::{Change, Millis};
use crate::protocol::{Command, CommandId, Resume, RoomKind, Subscribed};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::client) enum Arrival {
    /// It is the next one: to be applied, and the cursor stands on it.
    Next,
    /// Known, or not to be judged yet.
    Ignored,
}

impl KeptRoom {
    /// `hello` is sent. True when it is to name the room.
    pub(in crate::client) fn greet(&mut self) -> bool {
        self.seen = 0;
        let is_followable = matches!(self.stage, Stage::Loaded(_) | Stage::Created);
        let is_caught_up = self.is_caught_up();
        let repeat = match self.subscription {
            // Its position can't be served; the snapshot brings another.
            Subscription::Lost => return false,
            Subscription::Off => None,
            Subscription::Asked(repeat) => Some(repeat),
            Subscription::Greeted { repeat, .. } | Subscription::On { repeat, .. } => repeat,
        };
        if is_followable {
            self.is_doubted = false;
            self.subscription = Subscription::Greeted { repeat, is_caught_up };
        }
        is_followable
    }

    pub(super) fn subscribe_as(&self, context: &mut Context, id: CommandId) {
        let command = Command::Subscribe(self.position(context.policy.held_per_room));
        context.send(id, &command);
    }

    /// Asks where the log stands although nothing of it is known to be missing: the answer is a sign of life, says
    /// whether the room is still there, and announces its streams again. False when the room isn't followed.
    pub(in crate::client) fn ask_anew(&mut self, now: Millis) -> bool {
        match &mut self.subscription {
            // It will be asked anyway.
            Subscription::Off | Subscription::Lost => return false,
            Subscription::Asked(repeat) => *repeat = Repeat::first_at(now),
            Subscription::Greeted { repeat, .. } | Subscription::On { repeat, .. } => {
                *repeat = Some(Repeat::first_at(now));
            }
        }
        self.is_doubted = true;
        self.is_on()
    }

    /// The server's answer to `hello` or `room:subscribe`.
    pub(in crate::client) fn answered(
        &mut self,
        context: &mut Context,
        id: Option<CommandId>,
        answer: &Subscribed,
    ) {
        let later = Repeat::first_at(context.now + context.policy.ask_again);
        let (head, repeat) = match &self.subscription {
            // An answer to an ask that no longer matters.
            Subscription::Off | Subscription::Lost => return,
            Subscription::Greeted { .. } if self.is_doubted => (0, Repeat::first_at(context.now)),
            Subscription::Greeted { repeat, .. } => (0, repeat.unwrap_or(later)),
            Subscription::Asked(repeat) => (0, *repeat),
            Subscription::On { head, repeat } => (*head, repeat.unwrap_or(later)),
        };
        if id.is_some() && repeat.id == id {
            self.is_doubted = false;
        }
        // Who else is in it is in a snapshot.
        let is_empty =
            matches!(self.stage, Stage::Created) && answer.cursor.seq == 0 && self.kind == RoomKind::Solo;
        match answer.resume {
            Resume::Gone => return self.lose(),
            Resume::Reset | Resume::Current | Resume::Replay if is_empty => {
                self.stage = Stage::Loaded(answer.cursor);
            }
            Resume::Current | Resume::Replay
                if self.cursor().is_some_and(|cursor| cursor.epoch == answer.cursor.epoch) => {}
            Resume::Reset | Resume::Current | Resume::Replay => return self.reset(context),
        }
        let head = head.max(answer.cursor.seq).max(self.seen);
        self.subscription = Subscription::On { head, repeat: Some(repeat) };
        self.rest_when_caught_up();
    }

    /// What belonged to the connection is void.
    pub(in crate::client) fn disconnected(&mut self, context: &mut Context) {
        if self.people.nobody_types() {
            context.changed(Change::Typing(self.id));
        }
        self.subscription = Subscription::Off;
        self.seen = 0;
        self.is_doubted = false;
    }

    pub(super) fn reset(&mut self, context: &mut Context) {
        self.subscription = Subscription::Lost;
        self.is_doubted = false;
        if self.resets == 0 {
            self.fetch.want(context.now);
        } else {
            self.fetch.want_after(context, self.resets);
        }
        self.resets = self.resets.saturating_add(1);
    }

    pub(super) fn rest_when_caught_up(&mut self) {
        if self.is_doubted {
            return;
        }
        if let (Stage::Loaded(cursor), Subscription::On { head, repeat }) =
            (&self.stage, &mut self.subscription)
            && cursor.seq >= *head
        {
            *repeat = None;
            self.resets = 0;
        }
    }

    /// Judges an event by its number alone.
    pub(in crate::client) fn arrived(&mut self, context: &Context, seq: u64) -> Arrival {
        self.seen = self.seen.max(seq);
        // Without an answer on this connection it isn't known which epoch the number belongs to.
        let (Stage::Loaded(cursor), Subscription::On { head, repeat }) =
            (&mut self.stage, &mut self.subscription)
        else {
            return Arrival::Ignored;
        };
        if seq <= cursor.seq {
            return Arrival::Ignored;
        }
        let was_behind = cursor.seq < *head;
        *head = seq.max(*head);
        if seq != cursor.seq + 1 {
            repeat.get_or_insert(Repeat::first_at(context.now));
            return Arrival::Ignored;
        }
        cursor.seq = seq;
        if let Some(repeat) = repeat.as_mut().filter(|_| was_behind && !self.is_doubted) {
            repeat.progressed(context);
        }
        self.rest_when_caught_up();
        Arrival::Next
    }
}
