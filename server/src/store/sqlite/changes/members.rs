//! Who is in a room, and as what. Everybody in the room hears of it from its log, whoever it is about from their inbox.

use app::protocol::{Event, Membership, Role, RoomKind, UserId};

use super::rooms::delete;
use super::{Work, rows, summaries};
use crate::store::sqlite::unsigned;
use crate::store::{Error, Refusal, Result};

async fn role_of(work: &mut Work<'_>, user: UserId) -> Result<Role> {
    let role = rows::role_of(work.connection, work.room, user).await?;
    role.ok_or(Error::Refused(Refusal::NotMember))
}

async fn count(work: &mut Work<'_>) -> Result<u64> {
    let count: i64 = sqlx::query_scalar("select count(*) from members where room_id = $1")
        .bind(work.room.0)
        .fetch_one(&mut *work.connection)
        .await?;
    Ok(unsigned(count))
}

/// Writes how somebody stands in the room now, and at which place.
async fn log_member(work: &mut Work<'_>, user: UserId, role: Option<Role>) -> Result<u64> {
    let name = work.name_of(user).await?;
    work.log(&Event::Member(Membership { id: user, name, role })).await
}

pub(super) async fn add(work: &mut Work<'_>, user: UserId, role: Role, limit: usize) -> Result<()> {
    if rows::role_of(work.connection, work.room, user).await?.is_some() {
        return Err(Error::Refused(Refusal::AlreadyMember));
    }
    enter(work, user, role, limit).await
}

/// Makes somebody a member who has read all that was said before.
pub(super) async fn enter(work: &mut Work<'_>, user: UserId, role: Role, limit: usize) -> Result<()> {
    if count(work).await? >= limit as u64 {
        return Err(Error::Refused(Refusal::RoomFull));
    }
    let seq = log_member(work, user, Some(role)).await?;
    rows::insert_member(work.connection, work.room, user, role, seq, work.now).await?;
    work.changed.joined = Some(user);
    work.changed.read = Some((user, seq));
    let summary = summaries::of(work.connection, work.room, user).await?.ok_or(Error::NotFound)?;
    work.tell(user, Event::RoomJoined(summary)).await?;
    work.announce_if(|other| other != user).await
}

pub(super) async fn remove(work: &mut Work<'_>, user: UserId, below: Role) -> Result<()> {
    if role_of(work, user).await? >= below {
        return Err(Error::Refused(Refusal::NotBelow));
    }
    go(work, user).await
}

pub(super) async fn leave(work: &mut Work<'_>) -> Result<()> {
    if role_of(work, work.user).await? == Role::Owner {
        return Err(Error::Refused(Refusal::Owner));
    }
    if count(work).await? == 1 {
        work.changed.gone = Some(work.user);
        return delete(work).await;
    }
    // The two may begin anew; who stays keeps the name of who was there.
    let name = work.name_of(work.user).await?;
    sqlx::query("update rooms set pair = null, title = $2 where id = $1 and kind = $3")
        .bind(work.room.0)
        .bind(name)
        .bind(rows::kind_name(RoomKind::Direct))
        .execute(&mut *work.connection)
        .await?;
    go(work, work.user).await
}

async fn go(work: &mut Work<'_>, user: UserId) -> Result<()> {
    sqlx::query("delete from members where room_id = $1 and user_id = $2")
        .bind(work.room.0)
        .bind(user.0)
        .execute(&mut *work.connection)
        .await?;
    log_member(work, user, None).await?;
    work.tell(user, Event::RoomLeft { room: work.room }).await?;
    work.changed.gone = Some(user);
    work.announce().await
}

pub(super) async fn set_role(work: &mut Work<'_>, user: UserId, role: Role, below: Role) -> Result<()> {
    let before = role_of(work, user).await?;
    if before >= below {
        return Err(Error::Refused(Refusal::NotBelow));
    }
    if before == role {
        return Ok(());
    }
    give_role(work, user, role).await?;
    work.announce_to(&[user]).await
}

/// The one who wishes it is the owner, as the transaction has made sure.
pub(super) async fn transfer(work: &mut Work<'_>, user: UserId) -> Result<()> {
    if role_of(work, user).await? == Role::Owner {
        return Ok(());
    }
    give_role(work, work.user, Role::Admin).await?;
    give_role(work, user, Role::Owner).await?;
    work.announce_to(&[work.user, user]).await
}

async fn give_role(work: &mut Work<'_>, user: UserId, role: Role) -> Result<()> {
    sqlx::query("update members set role = $3 where room_id = $1 and user_id = $2")
        .bind(work.room.0)
        .bind(user.0)
        .bind(role.name())
        .execute(&mut *work.connection)
        .await?;
    log_member(work, user, Some(role)).await?;
    Ok(())
}
