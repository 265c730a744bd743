//! One log as one viewer gets it: the numbers on the wire, connection by connection, and the events that count.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use app::protocol::{Cursor, Event, Resume, Subscribed};

use super::Finding;

#[derive(Debug, Default)]
pub(super) struct LogLedger {
    /// How far the log was applied.
    applied: Option<Cursor>,
    /// The last number on this connection, once the server has said from where on events come.
    wire: Option<u64>,
    /// Events of this connection count: they follow what was applied.
    is_following: bool,
    /// What each event was, by its number.
    seen: HashMap<u64, u64>,
    applied_events: u64,
}

impl LogLedger {
    pub(super) fn applied_events(&self) -> u64 {
        self.applied_events
    }

    pub(super) fn disconnected(&mut self) {
        self.wire = None;
        self.is_following = false;
    }

    /// The client says in `hello` how far it is.
    pub(super) fn names(&self, cursor: Option<Cursor>) -> Option<Finding> {
        let (named, applied) = (cursor?, self.applied?);
        (named.epoch == applied.epoch && named.seq > applied.seq).then(|| {
            Finding::Lost(format!("the client counts event {} as applied; {} came", named.seq, applied.seq))
        })
    }

    /// The server says what follows the cursor that the client named.
    pub(super) fn answered(&mut self, named: Option<Cursor>, answer: &Subscribed) -> Option<Finding> {
        let head = answer.cursor;
        match (answer.resume, named) {
            (Resume::Current | Resume::Replay, Some(named)) => {
                self.wire = Some(named.seq);
                self.is_following = true;
                self.applied = Some(self.applied.filter(|held| held.epoch == named.epoch).unwrap_or(named));
                let is_short = answer.resume == Resume::Current && head.seq != named.seq;
                if named.epoch != head.epoch || is_short {
                    return Some(Finding::Lost(format!("{named:?} was answered by {answer:?}")));
                }
            }
            (Resume::Current | Resume::Replay, None) => {
                return Some(Finding::Lost(format!("no cursor was answered by {answer:?}")));
            }
            (Resume::Reset, _) => {
                self.wire = Some(head.seq);
                // Of a log without an event, there is nothing to load.
                self.is_following = head.seq == 0;
                if self.is_following {
                    self.applied = Some(head);
                }
            }
            (Resume::Gone, _) => self.disconnected(),
        }
        None
    }

    pub(super) fn event(&mut self, seq: u64, event: &Event) -> Option<Finding> {
        // Of a log that the client does not follow (any more).
        let before = self.wire?;
        self.wire = Some(before.max(seq));
        if seq <= before {
            return Some(Finding::Doubled(format!("event {seq} after {before}")));
        }
        if seq > before + 1 {
            return Some(Finding::Lost(format!("event {seq} after {before}")));
        }
        let mut hasher = DefaultHasher::new();
        format!("{event:?}").hash(&mut hasher);
        let digest = hasher.finish();
        if *self.seen.entry(seq).or_insert(digest) != digest {
            return Some(Finding::Changed(format!("event {seq} is another than before: {event:?}")));
        }
        if let Some(applied) = &mut self.applied
            && self.is_following
            && seq == applied.seq + 1
        {
            applied.seq = seq;
            self.applied_events += 1;
        }
        None
    }

    /// A snapshot stands for all events up to its cursor. `is_fresh`: the client holds nothing else.
    pub(super) fn loaded(&mut self, cursor: Cursor, is_fresh: bool, is_inbox: bool) -> Option<Finding> {
        let mut finding = None;
        let held = self.applied.filter(|held| held.epoch == cursor.epoch);
        if let Some(held) = self.applied {
            if held.epoch != cursor.epoch {
                finding = Some(Finding::Lost(format!("the log of {held:?} began anew: {cursor:?}")));
                self.seen.clear();
            } else if is_fresh && cursor.seq < held.seq {
                finding =
                    Some(Finding::Lost(format!("{} came, and the log ends at {}", held.seq, cursor.seq)));
            }
        }
        self.applied = match held {
            Some(held) if !is_fresh && held.seq > cursor.seq => Some(held),
            _ => Some(cursor),
        };
        // A room is followed anew from its snapshot; the inbox goes on, with the events that came meanwhile.
        if is_inbox
            && !self.is_following
            && let (Some(wire), Some(applied)) = (self.wire, &mut self.applied)
        {
            self.is_following = true;
            applied.seq = applied.seq.max(wire);
        }
        finding
    }
}
