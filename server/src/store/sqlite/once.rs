//! Commands have their effect once: each that is not harmless when it is done twice is noted in the transaction of its
//! effect. A member's message needs no note, because it carries the identifier of its command itself.

use app::protocol::{CommandId, RoomId, UserId};
use sqlx::SqliteConnection;

use crate::store::Result;

/// For how long a command can come again: 30 days.
const KEPT_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// Whether the command had its effect before.
pub(super) async fn has_effect(
    connection: &mut SqliteConnection,
    user: UserId,
    room: RoomId,
    command: CommandId,
) -> Result<bool> {
    let found = sqlx::query("select 1 from noted_commands where user_id = $1 and room_id = $2 and id = $3")
        .bind(user.0)
        .bind(room.0)
        .bind(command.0)
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

pub(super) async fn note(
    connection: &mut SqliteConnection,
    user: UserId,
    room: RoomId,
    command: CommandId,
) -> Result<()> {
    sqlx::query(concat!(
        "insert into noted_commands (user_id, room_id, id, created_at) values ($1, $2, $3, ",
        clock!(),
        ")"
    ))
    .bind(user.0)
    .bind(room.0)
    .bind(command.0)
    .execute(&mut *connection)
    .await?;
    // Two for each that is added, so that they never pile up, and nothing has to remember to do it.
    sqlx::query(concat!(
        "delete from noted_commands where (user_id, room_id, id) in
         (select user_id, room_id, id from noted_commands where created_at < ",
        clock!(),
        " - $1 order by created_at limit 2)"
    ))
    .bind(KEPT_MS)
    .execute(connection)
    .await?;
    Ok(())
}
