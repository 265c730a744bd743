//! Members: added, invited, of another role, and gone.

use app::account::EMAIL_BYTES;
use app::protocol::{Ack, CommandId, Failure, FailureCode, InviteId, Limits, Role, RoomId, UserId};
use app::texts;

use crate::chat::chain::Order;
use crate::chat::refusals::bad_input;
use crate::chat::{Chat, internal, rules, titles};
use crate::clock;
use crate::hub::Caller;
use crate::store::{RoomChange, Wish};

/// How long an invitation can be used without a wish, in milliseconds.
const INVITE_LIFETIME_MS: u64 = 7 * 24 * 3_600 * 1_000;

impl Chat {
    pub(super) async fn add_member(&self, order: &Order<'_>, who: &str, role: Role) -> Result<Ack, Failure> {
        rules::may_give(order.standing.role, role)?;
        let user = self.person(who).await?;
        let limit = self.settings.limits.members_per_room;
        self.change(order.wish(RoomChange::Add { user, role, limit })).await
    }

    pub(super) async fn remove_member(&self, order: &Order<'_>, user: UserId) -> Result<Ack, Failure> {
        self.change(order.wish(RoomChange::Remove { user, below: order.standing.role })).await
    }

    pub(super) async fn set_role(&self, order: &Order<'_>, user: UserId, role: Role) -> Result<Ack, Failure> {
        let below = order.standing.role;
        if role == Role::Owner && below == Role::Owner {
            return self.change(order.wish(RoomChange::Transfer { user })).await;
        }
        rules::may_give(below, role)?;
        self.change(order.wish(RoomChange::SetRole { user, role, below })).await
    }

    pub(super) async fn invite(
        &self,
        order: &Order<'_>,
        role: Role,
        lifetime_ms: Option<u64>,
        uses: Option<u32>,
    ) -> Result<Ack, Failure> {
        rules::may_give(order.standing.role, role)?;
        let lifetime = lifetime_ms.unwrap_or(INVITE_LIFETIME_MS);
        if lifetime == 0 || lifetime > Limits::INVITE_LIFETIME_MS {
            let days = Limits::INVITE_LIFETIME_MS / (24 * 3_600 * 1_000);
            return Err(bad_input(texts::server::invite_days(days)));
        }
        if uses == Some(0) {
            return Err(bad_input(texts::server::invite_uses()));
        }
        let expires_at = clock::now() + lifetime;
        self.change(order.wish(RoomChange::Invite { role, expires_at, uses })).await
    }

    pub(super) async fn join(
        &self,
        caller: &Caller,
        command: CommandId,
        room: RoomId,
        invite: InviteId,
    ) -> Result<Ack, Failure> {
        let change = RoomChange::Join { invite, limit: self.settings.limits.members_per_room };
        self.change(Wish { room, user: caller.user, command, role: None, change }).await
    }

    /// Whoever is called so, by name or e-mail address.
    pub(super) async fn person(&self, who: &str) -> Result<UserId, Failure> {
        let who = who.trim();
        let who = who.strip_prefix('@').unwrap_or(who);
        if !titles::is_visible(who) || who.len() > EMAIL_BYTES {
            return Err(bad_input(texts::server::who()));
        }
        let found = self.store.people_called(who).await.map_err(internal)?;
        let not_found = |message| Err(Failure::new(FailureCode::PersonNotFound, message));
        match found.as_slice() {
            [user] => Ok(*user),
            [] => not_found(texts::server::nobody_called(who)),
            _ => not_found(texts::server::several_called(who)),
        }
    }
}
