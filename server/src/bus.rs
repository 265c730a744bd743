//! Between nodes: what one node stored or generated reaches the hubs of all.
//!
//! In-process for now: a publication goes straight to this node's hub. Live traffic only; what matters is in the
//! store before it is published, so a publication that never arrives is made up for from there.

use std::sync::Arc;

use app::protocol::{MessageId, RoomId, UserId};

use crate::hub::Hub;
use crate::store::Entry;

/// Something that connections may want to know.
#[derive(Clone, Debug)]
pub enum Publication {
    /// Entries that were committed.
    Entries(Vec<Entry>),
    /// A run begins to write, or goes on with what it has: these are its stored texts.
    StreamOpened { room: RoomId, message: MessageId, attempt: u32, text: String, thinking: String },
    /// A committed piece of a running message.
    Part { room: RoomId, message: MessageId, is_thinking: bool, start: u64, text: String },
    /// The run has ended and its last entry is published, or it will go on elsewhere.
    StreamEnded { room: RoomId, message: MessageId },
    /// The room is gone: nobody is subscribed to it any more.
    RoomDeleted { room: RoomId },
    /// Somebody has become a member.
    MemberJoined { room: RoomId, user: UserId },
    /// Somebody is no member any more: nothing more of the room goes to them.
    MemberGone { room: RoomId, user: UserId },
    /// A member has read up to there, or marked what is beyond it as unread.
    Read { room: RoomId, user: UserId, seq: u64 },
}

pub trait Bus: Send + Sync {
    /// Never waits: a bus that has to, queues within a bound.
    fn publish(&self, publication: Publication);
}

/// The bus of a single node.
#[derive(Debug)]
pub struct LocalBus {
    hub: Arc<Hub>,
}

impl LocalBus {
    pub fn new(hub: Arc<Hub>) -> Self {
        Self { hub }
    }
}

impl Bus for LocalBus {
    fn publish(&self, publication: Publication) {
        self.hub.deliver(publication);
    }
}
