//! What a room is called and how it is set, and how far its members have read it.

use app::protocol::{Event, Fold, Limits, Notify, Thinking, UserId, UserSettings};
use uuid::Uuid;

use super::{Work, rows};
use crate::store::sqlite::{logs, signed, unsigned};
use crate::store::{Error, LogKey, Result, Settings};

pub(super) async fn rename(work: &mut Work<'_>, title: &str) -> Result<()> {
    let changed = sqlx::query("update rooms set title = $2 where id = $1 and title <> $2")
        .bind(work.room.0)
        .bind(title)
        .execute(&mut *work.connection)
        .await?;
    if changed.rows_affected() > 0 { work.announce().await } else { Ok(()) }
}

pub(super) async fn name(work: &mut Work<'_>, title: &str, instead_of: &str) -> Result<()> {
    let changed = sqlx::query("update rooms set title = $2 where id = $1 and title = $3 and title <> $2")
        .bind(work.room.0)
        .bind(title)
        .bind(instead_of)
        .execute(&mut *work.connection)
        .await?;
    if changed.rows_affected() > 0 { work.announce().await } else { Ok(()) }
}

pub(super) async fn settings(work: &mut Work<'_>, wanted: Settings) -> Result<()> {
    let Settings { topic, kimi, model, thinking, instructions, is_archived } = wanted;
    // What only the room's own pages show is nothing to tell.
    sqlx::query("update rooms set instructions = coalesce($2, instructions) where id = $1")
        .bind(work.room.0)
        .bind(instructions)
        .execute(&mut *work.connection)
        .await?;
    let changed = sqlx::query(
        "update rooms set topic = coalesce($2, topic), kimi = coalesce($3, kimi),
         is_archived = coalesce($4, is_archived), model = coalesce($5, model), thinking = coalesce($6, thinking)
         where id = $1
         and (topic <> coalesce($2, topic) or kimi <> coalesce($3, kimi)
              or is_archived <> coalesce($4, is_archived) or model <> coalesce($5, model)
              or thinking <> coalesce($6, thinking))",
    )
    .bind(work.room.0)
    .bind(topic)
    .bind(kimi.map(rows::kimi_name))
    .bind(is_archived)
    .bind(model)
    .bind(thinking.map(Thinking::name))
    .execute(&mut *work.connection)
    .await?;
    if changed.rows_affected() > 0 { work.announce().await } else { Ok(()) }
}

/// Deletes the room with everything in it.
pub(super) async fn delete(work: &mut Work<'_>) -> Result<()> {
    let members: Vec<Uuid> = sqlx::query_scalar("select user_id from members where room_id = $1")
        .bind(work.room.0)
        .fetch_all(&mut *work.connection)
        .await?;
    let left: Vec<_> =
        members.into_iter().map(|user| (UserId(user), Event::RoomLeft { room: work.room })).collect();
    let entries = logs::append_to_inboxes(work.connection, &left, work.now).await?;
    work.changed.entries.extend(entries);
    sqlx::query("delete from rooms where id = $1").bind(work.room.0).execute(&mut *work.connection).await?;
    sqlx::query("delete from logs where id = $1").bind(work.room.0).execute(&mut *work.connection).await?;
    work.changed.is_deleted = true;
    Ok(())
}

pub(super) async fn read(work: &mut Work<'_>, seq: u64) -> Result<()> {
    let (read, head) = place(work).await?;
    let seq = seq.min(head);
    if seq > read { set_read(work, seq).await } else { Ok(()) }
}

pub(super) async fn unread(work: &mut Work<'_>, seq: u64) -> Result<()> {
    let (read, _) = place(work).await?;
    if seq < read { set_read(work, seq).await } else { Ok(()) }
}

/// How far they have read, and the end of the log.
async fn place(work: &mut Work<'_>) -> Result<(u64, u64)> {
    let read: Option<i64> =
        sqlx::query_scalar("select read_seq from members where room_id = $1 and user_id = $2")
            .bind(work.room.0)
            .bind(work.user.0)
            .fetch_optional(&mut *work.connection)
            .await?;
    let head = logs::head(work.connection, LogKey::Room(work.room)).await?;
    let (read, head) = read.zip(head).ok_or(Error::NotFound)?;
    Ok((unsigned(read), head.seq))
}

/// Only what people said is unread: a reply of the AI belongs to its question.
async fn set_read(work: &mut Work<'_>, seq: u64) -> Result<()> {
    sqlx::query(
        "update members set read_seq = $3,
         unread = (select count(*) from (select 1 from messages where room_id = $1 and seq > $3
                   and author_id is not null and author_id <> $2 and deleted_at is null limit $4))
         where room_id = $1 and user_id = $2",
    )
    .bind(work.room.0)
    .bind(work.user.0)
    .bind(signed(seq))
    .bind(Limits::UNREAD)
    .execute(&mut *work.connection)
    .await?;
    recount_mentions(work, work.user).await?;
    work.changed.read = Some((work.user, seq));
    work.announce_to(&[work.user]).await
}

/// Counts anew which of the unread messages of others mention somebody.
pub(super) async fn recount_mentions(work: &mut Work<'_>, user: UserId) -> Result<()> {
    sqlx::query(
        "update members set mentions = (select count(*) from (
             select 1 from mentions join messages on messages.id = mentions.message_id
             where mentions.user_id = $2 and mentions.room_id = $1 and mentions.seq > members.read_seq
             and messages.author_id <> $2 limit $3))
         where room_id = $1 and user_id = $2",
    )
    .bind(work.room.0)
    .bind(user.0)
    .bind(Limits::UNREAD)
    .execute(&mut *work.connection)
    .await?;
    Ok(())
}

pub(super) async fn notify(work: &mut Work<'_>, notify: Notify) -> Result<()> {
    let changed =
        sqlx::query("update members set notify = $3 where room_id = $1 and user_id = $2 and notify <> $3")
            .bind(work.room.0)
            .bind(work.user.0)
            .bind(rows::notify_name(notify))
            .execute(&mut *work.connection)
            .await?;
    if changed.rows_affected() > 0 { work.announce_to(&[work.user]).await } else { Ok(()) }
}

pub(super) async fn pin(work: &mut Work<'_>, is_on: bool) -> Result<()> {
    let changed = sqlx::query(
        "update members set is_pinned = $3 where room_id = $1 and user_id = $2 and is_pinned <> $3",
    )
    .bind(work.room.0)
    .bind(work.user.0)
    .bind(is_on)
    .execute(&mut *work.connection)
    .await?;
    if changed.rows_affected() > 0 { work.announce_to(&[work.user]).await } else { Ok(()) }
}

/// What a user chooses for themselves, wherever they are.
pub(super) async fn set_thinking(work: &mut Work<'_>, thinking: Fold) -> Result<()> {
    let changed = sqlx::query("update users set thinking_fold = $2 where id = $1 and thinking_fold <> $2")
        .bind(work.user.0)
        .bind(thinking.name())
        .execute(&mut *work.connection)
        .await?;
    if changed.rows_affected() > 0 {
        work.tell(work.user, Event::UserChanged(UserSettings { thinking })).await?;
    }
    Ok(())
}
