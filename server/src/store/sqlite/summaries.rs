//! How rooms look to their members in SQLite: what the list shows of them, and how members are told that it changed.

use app::protocol::{Event, RoomId, RoomSummary, Timestamp, UserId};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use super::rooms::{kind, named, role};
use super::{logs, unsigned};
use crate::store::{Entry, Result};

/// What the list shows of rooms, one row for each of their members. The title of a direct room is the other's name; it
/// keeps the name of one who has left.
pub(super) fn select(people: &'static str, condition: &'static str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "select rooms.id, kind, topic, active_at, kimi, model, thinking, is_archived, members.user_id, role, read_seq, unread, mentions,
         notify, is_pinned, ({people}) as people,
         case kind when 'direct' then coalesce(
             (select users.name from members as other join users on users.id = other.user_id
              where other.room_id = rooms.id and other.user_id <> members.user_id), title)
         else title end as title
         from members join rooms on rooms.id = members.room_id {condition}"
    ))
}

/// Of one room, `$1`: counted once, not for each member.
const PEOPLE: &str = "select count(*) from members as other where other.room_id = $1";
pub(super) const PEOPLE_OF_EACH: &str =
    "select count(*) from members as other where other.room_id = rooms.id";

pub(super) fn summary(row: &SqliteRow) -> Result<RoomSummary> {
    Ok(RoomSummary {
        id: RoomId(row.try_get("id")?),
        kind: kind(row.try_get("kind")?)?,
        title: row.try_get("title")?,
        topic: row.try_get("topic")?,
        role: role(row.try_get("role")?)?,
        active_at: unsigned(row.try_get("active_at")?),
        members: row.try_get("people")?,
        kimi: named("mode", row.try_get("kimi")?)?,
        model: row.try_get("model")?,
        thinking: named("thinking", row.try_get("thinking")?)?,
        is_archived: row.try_get("is_archived")?,
        read: unsigned(row.try_get("read_seq")?),
        unread: row.try_get("unread")?,
        mentions: row.try_get("mentions")?,
        notify: named("notify", row.try_get("notify")?)?,
        is_pinned: row.try_get("is_pinned")?,
    })
}

/// How the room looks to one of its members.
pub(super) async fn of(
    connection: &mut SqliteConnection,
    room: RoomId,
    user: UserId,
) -> Result<Option<RoomSummary>> {
    let row = sqlx::query(select(PEOPLE, "where rooms.id = $1 and members.user_id = $2"))
        .bind(room.0)
        .bind(user.0)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(summary).transpose()
}

/// The room as those members see it who are meant.
pub(super) async fn all(
    connection: &mut SqliteConnection,
    room: RoomId,
    is_meant: impl Fn(UserId) -> bool + Send,
) -> Result<Vec<(UserId, RoomSummary)>> {
    let rows =
        sqlx::query(select(PEOPLE, "where rooms.id = $1")).bind(room.0).fetch_all(&mut *connection).await?;
    let mut summaries = Vec::with_capacity(rows.len());
    for row in &rows {
        let user = UserId(row.try_get("user_id")?);
        if is_meant(user) {
            summaries.push((user, summary(row)?));
        }
    }
    Ok(summaries)
}

/// Tells members, in their inboxes, how the room looks to them now.
pub(super) async fn announce(
    connection: &mut SqliteConnection,
    room: RoomId,
    now: Timestamp,
    is_told: impl Fn(UserId) -> bool + Send,
) -> Result<Vec<Entry>> {
    let told = all(connection, room, is_told).await?;
    let events: Vec<_> =
        told.into_iter().map(|(user, summary)| (user, Event::RoomChanged(summary))).collect();
    logs::append_to_inboxes(connection, &events, now).await
}
