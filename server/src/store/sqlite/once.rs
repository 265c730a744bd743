//! Commands have their effect once: each that is not harmless when it is done twice is noted in the transaction of its
//! effect. A member's message needs no note, because it carries the identifier of its command itself.

use app::protocol::{CommandId, RoomId, UserId};
use sqlx::SqliteConnection;

use crate::store::Result;

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
    .execute(connection)
    .await?;
    Ok(())
}
