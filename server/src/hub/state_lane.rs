//! What a connection sends besides its logs and texts: presence, which is *state*, and typing, which is a *hint*.
//!
//! Nothing of it waits here. When everything durable of a batch has gone, what is newest is looked up in the room.

use app::protocol::{ServerFrame, UserId};
use tokio::time::Instant;

use super::connection::{BATCH_BYTES, Frames, State};
use super::lock;
use super::typing::Told;
use crate::store::LogKey;

/// How far a connection was told about the people of a room.
#[derive(Debug, Default)]
pub(super) struct PeopleTold {
    /// `None`: nothing yet; the whole comes first.
    presence: Option<u64>,
    typing: Told,
}

impl State {
    /// Adds what is new about the people of the rooms in question, as much as the batch has room for.
    ///
    /// For the answer to a poll, a change is news. The whole, which each poll gets first, is news only when something
    /// changed since the answer before, so that it ends no poll that the client has nothing from.
    pub(super) fn send_people(&mut self, reader: UserId, frames: &mut Frames) {
        let now = Instant::now();
        let mut bytes: usize = frames.texts.iter().map(String::len).sum();
        let mut left = std::mem::take(&mut self.stirred);
        while bytes < BATCH_BYTES
            && let Some(log) = left.pop_first()
        {
            let LogKey::Room(room) = log else { continue };
            let Some(position) = self.logs.get_mut(&log).filter(|position| position.sent.is_some()) else {
                continue;
            };
            let told = &mut position.people;
            let members = lock(&position.live.members);
            let is_first = told.presence.is_none();
            let since = self.told_at;
            let is_news = |lane: &super::lane::Lane| {
                !is_first || since.is_some_and(|since| lane.has_changed_since(since))
            };
            if let Some((presence, version)) = members.news(room, told.presence) {
                frames.is_news |= is_news(&members.lane);
                told.presence = Some(version);
                let frame = ServerFrame::Presence(presence).encode();
                bytes += frame.len();
                frames.texts.push(frame);
            }
            let (typing, typing_told) =
                members.typing.news(room, reader, members.is_listed(), told.typing, now);
            told.typing = typing_told;
            if let Some(typing) = typing {
                frames.is_news |= is_news(&members.typing.lane);
                let frame = ServerFrame::Typing(typing).encode();
                bytes += frame.len();
                frames.texts.push(frame);
            }
        }
        self.stirred = left;
        if self.stirred.is_empty() {
            self.told_at = Some(now);
        }
    }
}
