//! What each command does once the chain has let it through: check what it says, store it, publish what came of it.
//!
//! A new command is one row in `rules`, one arm here, and one function in the file of its theme.

mod members;
mod messages;
mod replies;
mod rooms;

use app::protocol::{Ack, Command, CommandId, Failure};

use rooms::Wanted;

use super::Chat;
use super::chain::Order;
use super::refusals::{bad_state, refused, room_not_found};
use crate::bus::Publication;
use crate::clock;
use crate::hub::Caller;
use crate::store::{RoomChange, Settings, Wish};
use messages::Place;

impl Chat {
    /// What needs no membership.
    pub(super) async fn perform_for_anybody(
        &self,
        caller: &Caller,
        id: CommandId,
        command: Command,
    ) -> Result<Ack, Failure> {
        match command {
            Command::CreateRoom { room, title, kind, with, like } => {
                self.create_room(caller, id, Wanted { room, title, kind, with, like }).await
            }
            Command::Join { room, invite } => self.join(caller, id, room, invite).await,
            // These concern the connection alone; the hub answers them before they get here.
            Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. } => {
                Ok(Ack::default())
            }
            _ => Err(room_not_found()),
        }
    }

    pub(super) async fn perform(&self, order: Order<'_>, command: Command) -> Result<Ack, Failure> {
        match command {
            Command::RenameRoom { title, .. } => self.rename_room(&order, &title).await,
            Command::ChangeRoom { topic, kimi, model, thinking, instructions, is_archived, .. } => {
                let settings = Settings { topic, kimi, model, thinking, instructions, is_archived };
                self.change_room(&order, settings).await
            }
            Command::DeleteRoom { .. } => self.delete_room(&order).await,
            Command::MarkRead { seq, .. } => self.change(order.wish(RoomChange::Read { seq })).await,
            Command::MarkUnread { seq, .. } => self.change(order.wish(RoomChange::Unread { seq })).await,
            Command::SetNotify { notify, .. } => {
                self.change(order.wish(RoomChange::SetNotify { notify })).await
            }
            Command::PinRoom { is_on, .. } => self.change(order.wish(RoomChange::PinRoom { is_on })).await,
            Command::ChangeUser { thinking, .. } => {
                self.change(order.wish(RoomChange::SetThinking { thinking })).await
            }
            Command::LeaveRoom { .. } => self.change(order.wish(RoomChange::Leave)).await,
            Command::AddMember { who, role, .. } => self.add_member(&order, &who, role).await,
            Command::RemoveMember { user, .. } => self.remove_member(&order, user).await,
            Command::SetRole { user, role, .. } => self.set_role(&order, user, role).await,
            Command::Invite { role, lifetime_ms, uses, .. } => {
                self.invite(&order, role, lifetime_ms, uses).await
            }
            Command::RevokeInvite { invite, .. } => {
                self.change(order.wish(RoomChange::Revoke { invite })).await
            }
            Command::SendMessage { text, parent, reply_to, beside, .. } => {
                self.send_message(&order, text, Place { parent, reply_to, beside }).await
            }
            Command::ShowBranch { message, .. } => {
                self.change(order.wish(RoomChange::ShowBranch { message })).await
            }
            Command::EditMessage { message, text, .. } => self.edit_message(&order, message, text).await,
            Command::DeleteMessage { message, .. } => {
                self.change(order.wish(RoomChange::DeleteMessage { message })).await
            }
            Command::React { message, emoji, is_on, .. } => self.react(&order, message, emoji, is_on).await,
            Command::Pin { message, is_on, .. } => {
                self.change(order.wish(RoomChange::Pin { message, is_on })).await
            }
            Command::StopRun { message, .. } => self.stop(&order, message).await,
            Command::RetryRun { .. } => self.retry(&order).await,
            Command::ContinueRun { message, .. } => self.continue_run(&order, message).await,
            Command::CreateRoom { .. }
            | Command::Join { .. }
            | Command::Subscribe(_)
            | Command::Unsubscribe { .. }
            | Command::Resume { .. } => Err(bad_state("This needs no room to be in.")),
        }
    }

    /// Stores a change and publishes what came of it. Whoever is gone is cut off first, so that they hear of it from
    /// their inbox alone.
    async fn change(&self, wish: Wish) -> Result<Ack, Failure> {
        let room = wish.room;
        let changed = self.store.change(wish, clock::now()).await.map_err(refused)?;
        if let Some(user) = changed.gone {
            self.bus.publish(Publication::MemberGone { room, user });
        }
        self.publish(changed.entries);
        if let Some(user) = changed.joined {
            self.bus.publish(Publication::MemberJoined { room, user });
        }
        if let Some((user, seq)) = changed.read {
            self.bus.publish(Publication::Read { room, user, seq });
        }
        if changed.is_deleted {
            self.bus.publish(Publication::RoomDeleted { room });
        }
        Ok(Ack::default())
    }
}
