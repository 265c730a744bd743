//! The reads for the pages about a room: what it is, who is in it, and what the reader may do about it.

use app::details::{History, Invitation, MemberOffers, Offer, Offers, RoomDetails};
use app::protocol::{Command, Failure, InviteId, Member, MessageId, Role, RoomId, RoomKind, UserId};

use super::{Chat, internal, rules};
use crate::clock;
use crate::store::Standing;

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
        let Some(standing) = self.store.standing(room, user).await.map_err(internal)? else {
            return Ok(None);
        };
        let offers = offers(user, &standing, &details);
        if offers.has(Offer::Invite) {
            details.invites = self.store.invites(room, clock::now()).await.map_err(internal)?;
        }
        Ok(Some((details, offers)))
    }

    /// What an invitation says, to whoever has its secret. `None`: it can't be used.
    pub async fn invitation(&self, room: RoomId, invite: InviteId) -> Result<Option<Invitation>, Failure> {
        self.store.invitation(room, invite, clock::now()).await.map_err(internal)
    }

    /// What a message said before. `None`: no such message, or not a member of its room.
    pub async fn history(
        &self,
        user: UserId,
        room: RoomId,
        message: MessageId,
    ) -> Result<Option<History>, Failure> {
        let Some(standing) = self.store.standing(room, user).await.map_err(internal)? else {
            return Ok(None);
        };
        let Some(mut history) = self.store.history(room, message).await.map_err(internal)? else {
            return Ok(None);
        };
        // Somebody took it back: only those who look after the room see what it was. Of two people, nobody does.
        let is_admin = standing.role >= Role::Admin && standing.kind != RoomKind::Direct;
        if history.deleted_at.is_some() && !is_admin {
            history.text.clear();
            history.revisions.clear();
            history.is_withheld = true;
        }
        Ok(Some(history))
    }

    pub fn title_characters(&self) -> usize {
        self.settings.limits.title_characters
    }
}

/// What the rules allow the reader. They alone know: each offer is tried with a command of its kind.
fn offers(reader: UserId, standing: &Standing, details: &RoomDetails) -> Offers {
    let room = details.room.id;
    let (message, user) = (MessageId(room.0), reader);
    let archive = Command::ChangeRoom {
        room,
        topic: None,
        kimi: None,
        model: None,
        thinking: None,
        instructions: None,
        is_archived: Some(!standing.is_archived),
    };
    let change = Command::ChangeRoom {
        room,
        topic: Some(String::new()),
        kimi: None,
        model: None,
        thinking: None,
        instructions: None,
        is_archived: None,
    };
    let tries = [
        (Offer::Rename, Command::RenameRoom { room, title: String::new() }),
        (Offer::Change, change),
        (Offer::Archive, archive),
        (Offer::Add, Command::AddMember { room, who: String::new(), role: Role::Member }),
        (Offer::Invite, Command::Invite { room, role: Role::Member, lifetime_ms: None, uses: None }),
        (Offer::Unpin, Command::Pin { room, message, is_on: false }),
        (Offer::Delete, Command::DeleteRoom { room }),
    ];
    let may = |command: &Command| {
        rules::of(command).is_some_and(|rule| {
            rule.fits(standing, command).is_ok() && rule.allows(standing.role, false).is_ok()
        })
    };
    let mut offered: Vec<Offer> =
        tries.iter().filter(|(_, command)| may(command)).map(|(offer, _)| *offer).collect();
    // The store refuses an owner who would leave.
    if standing.role < Role::Owner && may(&Command::LeaveRoom { room }) {
        offered.push(Offer::Leave);
    }
    let roles: Vec<Role> =
        Role::ALL.into_iter().filter(|role| rules::may_give(standing.role, *role).is_ok()).collect();
    let may_remove = may(&Command::RemoveMember { room, user });
    let may_set = may(&Command::SetRole { room, user, role: Role::Member });
    let about = |member: &Member| {
        let is_below = rules::may_give(standing.role, member.role).is_ok();
        MemberOffers {
            roles: if is_below && may_set { roles.clone() } else { Vec::new() },
            remove: is_below && may_remove,
            hand_over: standing.role == Role::Owner && may_set && member.id != reader,
        }
    };
    Offers { members: details.members.iter().map(about).collect(), room: offered, roles }
}
