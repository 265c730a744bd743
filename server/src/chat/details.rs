//! The reads for the pages about a room: what it is, who is in it, and what the reader may do about it.

use app::details::{History, Invitation, MemberOffers, Offer, Offers, RoomDetails};
use app::protocol::{Failure, InviteId, Member, MessageId, Role, RoomId, RoomKind, RoomSummary, UserId};

use super::{Chat, internal};
use crate::clock;

impl Chat {
    /// `None`: no such room, or not a member of it.
    pub async fn details(
        &self,
        user: UserId,
        room: RoomId,
    ) -> Result<Option<(RoomDetails, Offers)>, Failure> {
        let Some(mut details) = self.store.details(room, user).await.map_err(internal)? else {
            return Ok(None);
        };
        let offers = offers(user, &details.room, &details.members);
        if offers.has(Offer::Invite) {
            details.invites = self.store.invites(room, clock::now()).await.map_err(internal)?;
        }
        Ok(Some((details, offers)))
    }

    /// What an invitation says, to whoever has its secret. `None`: it can't be used.
    pub async fn invitation(&self, room: RoomId, invite: InviteId) -> Result<Option<Invitation>, Failure> {
        self.store.invitation(room, invite, clock::now()).await.map_err(internal)
    }

    pub async fn is_member(&self, user: UserId, room: RoomId) -> Result<bool, Failure> {
        Ok(self.store.role(room, user).await.map_err(internal)?.is_some())
    }

    /// What a message said before. `None`: no such message, or not a member of its room.
    pub async fn history(
        &self,
        user: UserId,
        room: RoomId,
        message: MessageId,
    ) -> Result<Option<History>, Failure> {
        let Some(role) = self.store.role(room, user).await.map_err(internal)? else { return Ok(None) };
        let Some(mut history) = self.store.history(room, message).await.map_err(internal)? else {
            return Ok(None);
        };
        // Somebody took it back: only those who look after the room see what it was.
        if history.deleted_at.is_some() && role < Role::Admin {
            history.text.clear();
            history.revisions.clear();
            history.is_withheld = true;
        }
        Ok(Some(history))
    }

    /// The model that answers in rooms without a choice of their own.
    pub fn model(&self) -> &str {
        &self.settings.model
    }

    pub fn title_characters(&self) -> usize {
        self.settings.limits.title_characters
    }
}

/// Every offer with its command.
const OFFERS: [(Offer, &str); 8] = [
    (Offer::Rename, "room:rename"),
    (Offer::Change, "room:change"),
    (Offer::Archive, "room:archive"),
    (Offer::Add, "room:add"),
    (Offer::Invite, "room:invite"),
    (Offer::Unpin, "chat:pin"),
    (Offer::Leave, "room:leave"),
    (Offer::Delete, "room:delete"),
];

fn offers(user: UserId, room: &RoomSummary, members: &[Member]) -> Offers {
    Offers {
        room: OFFERS.iter().filter(|(_, kind)| allowed(room, kind)).map(|(offer, _)| *offer).collect(),
        roles: below(room.role),
        members: members.iter().map(|member| about(user, room, member)).collect(),
    }
}

fn about(user: UserId, room: &RoomSummary, member: &Member) -> MemberOffers {
    if member.id == user {
        return MemberOffers::default();
    }
    let is_lower = member.role < room.role;
    MemberOffers {
        roles: if is_lower && allowed(room, "room:role") { below(room.role) } else { Vec::new() },
        remove: is_lower && allowed(room, "room:remove"),
        hand_over: room.role == Role::Owner && allowed(room, "room:role"),
    }
}

fn below(role: Role) -> Vec<Role> {
    Role::ALL.into_iter().filter(|other| *other < role).collect()
}

fn allowed(room: &RoomSummary, command: &str) -> bool {
    let is_group = room.kind == RoomKind::Group;
    match command {
        "room:archive" => room.role >= Role::Admin,
        _ if room.is_archived && command != "room:leave" && command != "room:delete" => false,
        "room:rename" | "room:delete" if room.kind == RoomKind::Direct => false,
        "room:change" | "room:rename" => room.role >= Role::Admin,
        "room:add" | "room:invite" | "room:role" | "room:remove" => is_group && room.role >= Role::Admin,
        "chat:pin" => room.role >= Role::Member,
        "room:leave" => room.kind != RoomKind::Solo && room.role < Role::Owner,
        "room:delete" => room.role == Role::Owner,
        _ => false,
    }
}
