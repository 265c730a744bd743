//! Every change of a room besides posting, in SQLite: one transaction, in which it is checked that it was not done
//! before and is still allowed, and in which it is noted. What each change does is in the files below, by theme.

mod invites;
mod members;
mod messages;
mod rooms;

use std::collections::HashSet;

use app::protocol::{CommandId, Event, RoomId, Timestamp, UserId};
use sqlx::SqliteConnection;

use super::{SqliteStore, branches, logs, once, rooms as rows, summaries};
use crate::store::{Changed, Error, LogKey, Refusal, Result, RoomChange, Wish};

/// A change at work, within its transaction.
pub(super) struct Work<'a> {
    pub(super) connection: &'a mut SqliteConnection,
    pub(super) room: RoomId,
    user: UserId,
    command: CommandId,
    now: Timestamp,
    changed: Changed,
}

pub(super) async fn apply(store: &SqliteStore, wish: Wish, now: Timestamp) -> Result<Changed> {
    let Wish { room, user, command, role, change } = wish;
    let mut transaction = store.begin().await?;
    if once::has_effect(&mut transaction, user, room, command).await? {
        return Ok(Changed::default());
    }
    if let Some(role) = role {
        let now = rows::role_of(&mut transaction, room, user).await?.ok_or(Error::NotFound)?;
        if now < role {
            return Err(Error::Refused(Refusal::RoleLost));
        }
    }
    // It never goes back, so twice is once; and it is by far the most frequent.
    let is_harmless = matches!(change, RoomChange::Read { .. });
    let changed = Changed::default();
    let mut work = Work { connection: &mut transaction, room, user, command, now, changed };
    work.apply(change).await?;
    let changed = work.changed;
    if is_harmless && changed.entries.is_empty() {
        return Ok(changed);
    }
    if !is_harmless {
        once::note(&mut transaction, user, room, command).await?;
    }
    transaction.commit().await?;
    Ok(changed)
}

impl Work<'_> {
    async fn apply(&mut self, change: RoomChange) -> Result<()> {
        match change {
            RoomChange::Rename { title } => rooms::rename(self, &title).await,
            RoomChange::Name { title, instead_of } => rooms::name(self, &title, &instead_of).await,
            RoomChange::Settings(settings) => rooms::settings(self, settings).await,
            RoomChange::Delete => rooms::delete(self).await,
            RoomChange::Read { seq } => rooms::read(self, seq).await,
            RoomChange::Unread { seq } => rooms::unread(self, seq).await,
            RoomChange::SetNotify { notify } => rooms::notify(self, notify).await,
            RoomChange::PinRoom { is_on } => rooms::pin(self, is_on).await,
            RoomChange::SetThinking { thinking } => rooms::set_thinking(self, thinking).await,
            RoomChange::Add { user, role, limit } => members::add(self, user, role, limit).await,
            RoomChange::Remove { user, below } => members::remove(self, user, below).await,
            RoomChange::SetRole { user, role, below } => members::set_role(self, user, role, below).await,
            RoomChange::Transfer { user } => members::transfer(self, user).await,
            RoomChange::Leave => members::leave(self).await,
            RoomChange::Invite { role, expires_at, uses } => {
                invites::invite(self, role, expires_at, uses).await
            }
            RoomChange::Revoke { invite } => invites::revoke(self, invite).await,
            RoomChange::Join { invite, limit } => invites::join(self, invite, limit).await,
            RoomChange::Edit { message, text, mentions } => {
                messages::edit(self, message, &text, &mentions).await
            }
            RoomChange::DeleteMessage { message } => messages::delete(self, message).await,
            RoomChange::React { message, emoji, is_on } => {
                messages::react(self, message, &emoji, is_on).await
            }
            RoomChange::Pin { message, is_on } => messages::pin(self, message, is_on).await,
            RoomChange::ShowBranch { message } => branches::show(self, message).await,
        }
    }

    /// Writes an event into the room's log, and says at which place.
    pub(super) async fn log(&mut self, event: &Event) -> Result<u64> {
        let entry = logs::append(self.connection, LogKey::Room(self.room), event, self.now).await?;
        let seq = entry.seq;
        self.changed.entries.push(entry);
        Ok(seq)
    }

    async fn tell(&mut self, user: UserId, event: Event) -> Result<()> {
        let entries = logs::append_to_inboxes(self.connection, &[(user, event)], self.now).await?;
        self.changed.entries.extend(entries);
        Ok(())
    }

    /// Tells every member how the room looks to them now.
    async fn announce(&mut self) -> Result<()> {
        self.announce_if(|_| true).await
    }

    async fn announce_if(&mut self, is_told: impl Fn(UserId) -> bool + Send) -> Result<()> {
        let entries = summaries::announce(self.connection, self.room, self.now, is_told).await?;
        self.changed.entries.extend(entries);
        Ok(())
    }

    async fn announce_to(&mut self, users: &[UserId]) -> Result<()> {
        match users {
            [] => Ok(()),
            // By far the most frequent: somebody has read.
            [user] => {
                let summary = summaries::of(self.connection, self.room, *user).await?;
                match summary {
                    Some(summary) => self.tell(*user, Event::RoomChanged(summary)).await,
                    None => Ok(()),
                }
            }
            users => {
                let users: HashSet<UserId> = users.iter().copied().collect();
                self.announce_if(|user| users.contains(&user)).await
            }
        }
    }

    async fn name_of(&mut self, user: UserId) -> Result<String> {
        let name = sqlx::query_scalar("select name from users where id = $1")
            .bind(user.0)
            .fetch_optional(&mut *self.connection)
            .await?;
        name.ok_or(Error::Refused(Refusal::NotMember))
    }
}
