//! Invitations: links by which people come into a room.

use app::protocol::{InviteId, Limits, Role, Timestamp};
use sqlx::Row;

use super::{Work, members, rows};
use crate::store::sqlite::{signed, unsigned};
use crate::store::{Error, Refusal, Result};

pub(super) async fn invite(
    work: &mut Work<'_>,
    role: Role,
    expires_at: Timestamp,
    uses: Option<u32>,
) -> Result<()> {
    // Those that are good no more make room.
    sqlx::query("delete from invites where room_id = $1 and (expires_at <= $2 or uses_left = 0)")
        .bind(work.room.0)
        .bind(signed(work.now))
        .execute(&mut *work.connection)
        .await?;
    let count: i64 = sqlx::query_scalar("select count(*) from invites where room_id = $1")
        .bind(work.room.0)
        .fetch_one(&mut *work.connection)
        .await?;
    if unsigned(count) >= Limits::INVITES_PER_ROOM as u64 {
        return Err(Error::Refused(Refusal::TooManyInvites));
    }
    let by = work.name_of(work.user).await?;
    let written = sqlx::query(
        "insert into invites (id, room_id, role, created_by, created_at, expires_at, uses_left)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
    )
    .bind(work.command.0)
    .bind(work.room.0)
    .bind(role.name())
    .bind(by)
    .bind(signed(work.now))
    .bind(signed(expires_at))
    .bind(uses)
    .execute(&mut *work.connection)
    .await?;
    if written.rows_affected() == 0 { Err(Error::IdentifierTaken) } else { Ok(()) }
}

/// One that is good no more stays so.
pub(super) async fn revoke(work: &mut Work<'_>, invite: InviteId) -> Result<()> {
    sqlx::query("delete from invites where id = $1 and room_id = $2")
        .bind(invite.0)
        .bind(work.room.0)
        .execute(&mut *work.connection)
        .await?;
    Ok(())
}

/// Whoever is in the room already uses nothing up.
pub(super) async fn join(work: &mut Work<'_>, invite: InviteId, limit: usize) -> Result<()> {
    if rows::role_of(work.connection, work.room, work.user).await?.is_some() {
        return Ok(());
    }
    let row = sqlx::query(
        "update invites set uses_left = uses_left - 1 where id = $1 and room_id = $2 and expires_at > $3
         and coalesce(uses_left, 1) > 0
         returning role, (select is_archived from rooms where id = $2) as is_archived",
    )
    .bind(invite.0)
    .bind(work.room.0)
    .bind(signed(work.now))
    .fetch_optional(&mut *work.connection)
    .await?;
    let row = row.ok_or(Error::Refused(Refusal::BadInvite))?;
    if row.try_get("is_archived")? {
        return Err(Error::Refused(Refusal::Archived));
    }
    let role = rows::role(row.try_get("role")?)?;
    members::enter(work, work.user, role, limit).await
}
