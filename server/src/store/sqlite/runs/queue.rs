//! The queue of a room in SQLite: which run comes before which, and how many there may be.

use app::protocol::{Limits, MessageId, RoomId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::store::{Error, Result};

/// Of the runs that were queued before `$1` in the room `$2`, the nearest. Messages are followed upwards no further than
/// to the first message that is still written, because a message lies behind what it follows.
pub(super) const BEFORE: &str = "with recursive followed (id) as (
        select parent_id from messages where id = $1
        union all
        select messages.parent_id from followed join messages on messages.id = followed.id
        where messages.seq > (
            select min(written.seq) from runs join messages as written on written.id = runs.message_id
            where runs.room_id = $2 and runs.ended_at is null
        )
    )
    select message_id from runs where room_id = $2 and ended_at is null
    and queued_seq < (select queued_seq from runs where message_id = $1)
    and ((select kind from rooms where id = $2) <> 'solo' or message_id in (select id from followed))
    order by queued_seq desc limit 1";

pub(super) async fn run_before(
    connection: &mut SqliteConnection,
    room: RoomId,
    message: MessageId,
) -> Result<Option<MessageId>> {
    let before: Option<Uuid> =
        sqlx::query_scalar(BEFORE).bind(message.0).bind(room.0).fetch_optional(connection).await?;
    Ok(before.map(MessageId))
}

/// Whether one more reply may be asked for in the room.
pub(in crate::store::sqlite) async fn check(connection: &mut SqliteConnection, room: RoomId) -> Result<()> {
    let unended: i64 =
        sqlx::query_scalar("select count(*) from runs where room_id = $1 and ended_at is null")
            .bind(room.0)
            .fetch_one(connection)
            .await?;
    let is_full = usize::try_from(unended).is_ok_and(|unended| unended >= Limits::QUEUED_RUNS_PER_ROOM);
    if is_full { Err(Error::QueueFull) } else { Ok(()) }
}
