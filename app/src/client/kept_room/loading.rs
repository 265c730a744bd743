//! The snapshot from which a room's log is followed.

use super::{KeptRoom, Stage, Subscription};
use crate::client::branch::Branch;
use crate::client::context::Context;
use crate::client::messages::{Messages, Stretch};
use crate::client::{Change, Page, SnapshotFailure};
use crate::protocol::RoomSnapshot;

/// What came of a snapshot.
#[derive(Clone, Copy, Debug)]
pub(in crate::client) enum Loaded {
    SameLog,
    /// Nothing was held. Whatever was said before may have been said to another log.
    First,
    /// The log has begun anew: its places are others, and what was acknowledged before may be lost.
    NewLog,
}

impl KeptRoom {
    /// Takes in the snapshot from which the log is followed. `None`: it is older than what is held, or was not asked
    /// for.
    pub(in crate::client) fn load(
        &mut self,
        context: &mut Context,
        page: Page,
        snapshot: RoomSnapshot,
    ) -> Option<Loaded> {
        let held = self.cursor();
        let is_lost = matches!(self.subscription, Subscription::Lost);
        // A late one of them must not take the reader away.
        let is_settled = held.is_some() && !is_lost && self.fetch.is_unneeded() && self.messages.has_later;
        if page != self.base || is_settled {
            return None;
        }
        self.fetch.done();
        let has_same_epoch = held.is_none_or(|held| held.epoch == snapshot.cursor.epoch);
        let is_older = held.is_some_and(|held| held.seq > snapshot.cursor.seq);
        if has_same_epoch && is_older && !is_lost {
            return None;
        }
        if !has_same_epoch {
            self.messages = Messages::default();
            self.reading.reset();
        }
        let RoomSnapshot { room, cursor, messages, has_earlier, has_later, members, versions, chosen } =
            snapshot;
        self.kind = room.kind;
        self.messages.replace(context, Stretch { messages, has_earlier, has_later, versions }, true);
        if let Some(chosen) = chosen {
            // Where the stretch has other branches, too.
            self.messages.show(chosen);
        }
        self.branch = Branch::new(chosen.is_some(), self.messages.tip());
        self.messages.forget_later(cursor.seq);
        self.people.load(members, self.is_on());
        context.changed(Change::Members(self.id));
        self.stage = Stage::Loaded(cursor);
        (self.base, self.is_place_gone) = (Page::Newest, false);
        self.page_anew(context);
        // Events are applied from a position that was agreed upon with the server; this is another one, unless
        // it lies ahead on the log that is being followed.
        if !self.is_on() || !has_same_epoch {
            self.subscription = Subscription::Off;
        }
        self.rest_when_caught_up();
        Some(match held {
            None => Loaded::First,
            Some(_) if has_same_epoch => Loaded::SameLog,
            Some(_) => Loaded::NewLog,
        })
    }

    pub(in crate::client) fn load_failed(
        &mut self,
        context: &mut Context,
        page: Page,
        failure: SnapshotFailure,
    ) {
        if page != self.base {
            return;
        }
        // Not the room but the message is missing, which a restored backup may have lost.
        if failure == SnapshotFailure::NotFound && page != Page::Newest {
            self.is_place_gone = true;
            return self.fetch.failed(context);
        }
        match (&mut self.stage, failure) {
            (Stage::Creating | Stage::Gone, _) => return self.fetch.done(),
            (_, SnapshotFailure::NotFound) => return self.lose(),
            (Stage::Missing { failure: last }, failure) => *last = Some(failure),
            (Stage::Created | Stage::Loaded(_), _) => {}
        }
        // Nothing changes about a session by asking again; signing in or a click does.
        if failure == SnapshotFailure::SignedOut { self.fetch.done() } else { self.fetch.failed(context) }
    }

    /// There is reason to hope: what is missing is fetched now.
    pub(in crate::client) fn hasten(&mut self, context: &Context) {
        let is_missing = matches!(self.stage, Stage::Missing { .. });
        if is_missing || matches!(self.subscription, Subscription::Lost) {
            self.fetch.want(context.now);
        }
    }
}
