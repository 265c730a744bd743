//! The branches of a room in SQLite: which one is shown, where it leads, and which messages are versions of each other.
//!
//! What is shown ends with the newest message, or with the end of the branch that was chosen since. A parent always has a
//! lower place in the log than its children, so that no walk goes round.

use std::collections::BTreeMap;

use app::protocol::{Event, Limits, Message, MessageId, RoomId};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::changes::Work;
use super::signed;
use crate::store::{Error, Refusal, Result};

/// The messages of the branch that ends with `$1`, from its end back to the place `$2` or beyond.
macro_rules! branch {
    ($rest:literal) => {
        concat!(
            "with recursive branch (id, parent_id, seq) as (
                 select id, parent_id, seq from messages where id = $1
                 union all
                 select messages.id, messages.parent_id, messages.seq
                 from branch join messages on messages.id = branch.parent_id where branch.seq > $2
             ) ",
            $rest
        )
    };
}
pub(super) use branch;

/// The branch that was chosen, by its last message; none once something was said since.
pub(super) async fn chosen(connection: &mut SqliteConnection, room: RoomId) -> Result<Option<MessageId>> {
    let id: Option<Option<Uuid>> = sqlx::query_scalar(
        "select branch_id from rooms where id = $1
         and branch_seq > coalesce((select max(seq) from messages where room_id = $1), 0)",
    )
    .bind(room.0)
    .fetch_optional(connection)
    .await?;
    Ok(id.flatten().map(MessageId))
}

/// The last message of what is shown.
pub(super) async fn tip(connection: &mut SqliteConnection, room: RoomId) -> Result<Option<MessageId>> {
    if let Some(chosen) = chosen(connection, room).await? {
        return Ok(Some(chosen));
    }
    let newest: Option<Uuid> =
        sqlx::query_scalar("select id from messages where room_id = $1 order by seq desc limit 1")
            .bind(room.0)
            .fetch_optional(connection)
            .await?;
    Ok(newest.map(MessageId))
}

/// Whether one more message may follow this one, in a room that has branches.
pub(super) async fn check(
    connection: &mut SqliteConnection,
    room: RoomId,
    parent: Option<MessageId>,
) -> Result<()> {
    let count: i64 = sqlx::query_scalar(
        "select count(*) from messages where room_id = $1 and parent_id is $2
         and (select kind from rooms where id = $1) = 'solo'",
    )
    .bind(room.0)
    .bind(parent.map(|parent| parent.0))
    .fetch_one(connection)
    .await?;
    let is_full = usize::try_from(count).is_ok_and(|count| count >= Limits::VERSIONS);
    if is_full { Err(Error::Refused(Refusal::TooManyVersions)) } else { Ok(()) }
}

/// Shows the branch that goes through a message, as far as it goes: where there are several ways on, to the newest. What
/// is shown already stays as it is.
pub(super) async fn show(work: &mut Work<'_>, message: MessageId) -> Result<()> {
    let found: Option<i64> = sqlx::query_scalar("select seq from messages where id = $1 and room_id = $2")
        .bind(message.0)
        .bind(work.room.0)
        .fetch_optional(&mut *work.connection)
        .await?;
    let seq = found.ok_or(Error::Refused(Refusal::NoMessage))?;
    let shown = tip(work.connection, work.room).await?;
    let is_shown: bool = sqlx::query_scalar(branch!("select exists (select 1 from branch where id = $3)"))
        .bind(shown.map(|shown| shown.0))
        .bind(seq)
        .bind(message.0)
        .fetch_one(&mut *work.connection)
        .await?;
    if is_shown {
        return Ok(());
    }
    let end: Uuid = sqlx::query_scalar(
        "with recursive below (id, seq) as (
             select id, seq from messages where id = $1
             union all
             select messages.id, messages.seq from below
             join messages on messages.room_id = $2 and messages.parent_id = below.id
         )
         select id from below order by seq desc limit 1",
    )
    .bind(message.0)
    .bind(work.room.0)
    .fetch_one(&mut *work.connection)
    .await?;
    let seq = work.log(&Event::Branch { message: MessageId(end) }).await?;
    sqlx::query("update rooms set branch_id = $2, branch_seq = $3 where id = $1")
        .bind(work.room.0)
        .bind(end)
        .bind(signed(seq))
        .execute(&mut *work.connection)
        .await?;
    Ok(())
}

/// Of each of these messages that has others beside it: all that follow the same, oldest first.
pub(super) async fn versions(
    connection: &mut SqliteConnection,
    room: RoomId,
    messages: &[Message],
) -> Result<Vec<Vec<MessageId>>> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Sqlite>::new("select parent_id, id from messages where room_id = ");
    query.push_bind(room.0).push(" and (parent_id in (");
    let mut parents = query.separated(", ");
    for parent in messages.iter().filter_map(|message| message.parent) {
        parents.push_bind(parent.0);
    }
    query.push(")");
    if messages.iter().any(|message| message.parent.is_none()) {
        query.push(" or parent_id is null");
    }
    query.push(") order by seq");
    let rows = query.build().fetch_all(connection).await?;
    let mut groups: BTreeMap<Option<Uuid>, Vec<MessageId>> = BTreeMap::new();
    for row in &rows {
        groups.entry(row.try_get("parent_id")?).or_default().push(MessageId(row.try_get("id")?));
    }
    groups.retain(|_, group| group.len() > 1);
    let mut versions = Vec::new();
    // In the order of the messages, so that the same is always told in the same way.
    for message in messages {
        versions.extend(groups.remove(&message.parent.map(|parent| parent.0)));
    }
    Ok(versions)
}
