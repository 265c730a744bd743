//! Stretches of a room's messages in SQLite: how a long room is read page by page, both ways.

use app::protocol::{Limits, Message, MessageId, RoomId, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::branches::branch;
use super::{messages, signed};
use crate::store::{Page, Result};

/// Messages, oldest first, and whether there are more on either side.
pub(super) struct Stretch {
    pub(super) messages: Vec<Message>,
    pub(super) has_earlier: bool,
    pub(super) has_later: bool,
}

/// Where a stretch lies, by places of the room's log.
enum Extent {
    Before(i64),
    From(i64),
    Around(i64),
}

const NEWEST: Extent = Extent::Before(i64::MAX);

/// Of the whole room; with a `tip`, of the branch that ends with it.
pub(super) async fn read(
    connection: &mut SqliteConnection,
    room: RoomId,
    tip: Option<MessageId>,
    page: Page,
) -> Result<Stretch> {
    const LIMIT: usize = Limits::SNAPSHOT_MESSAGES;
    let extent = extent(connection, room, page).await?;
    let source = Source { room, tip };
    let (rows, has_earlier, has_later) = match extent {
        Extent::Before(seq) => {
            let (rows, has_earlier) = source.before(connection, seq, LIMIT).await?;
            (rows, has_earlier, seq < i64::MAX)
        }
        Extent::From(seq) => {
            let (rows, has_later) = source.from(connection, seq, LIMIT).await?;
            (rows, true, has_later)
        }
        Extent::Around(seq) => {
            let (later, has_later) = source.from(connection, seq, LIMIT / 2).await?;
            // Near the end, or beyond it, there is more to show of what was before.
            let (mut rows, has_earlier) = source.before(connection, seq, LIMIT - later.len()).await?;
            rows.extend(later);
            (rows, has_earlier, has_later)
        }
    };
    Ok(Stretch { messages: messages::messages(connection, &rows).await?, has_earlier, has_later })
}

async fn extent(connection: &mut SqliteConnection, room: RoomId, page: Page) -> Result<Extent> {
    let extent = match page {
        Page::Newest => None,
        Page::Before(message) => place(connection, room, message).await?.map(Extent::Before),
        Page::After(message) => place(connection, room, message).await?.map(|seq| Extent::From(seq + 1)),
        Page::Around(message) => place(connection, room, message).await?.map(Extent::Around),
        Page::Beyond(seq) => Some(Extent::Around(signed(seq).saturating_add(1))),
        Page::Date(date) => first_from(connection, room, date).await?.map(Extent::Around),
    };
    Ok(extent.unwrap_or(NEWEST))
}

async fn place(connection: &mut SqliteConnection, room: RoomId, message: MessageId) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("select seq from messages where id = $1 and room_id = $2")
        .bind(message.0)
        .bind(room.0)
        .fetch_optional(connection)
        .await?)
}

async fn first_from(connection: &mut SqliteConnection, room: RoomId, date: Timestamp) -> Result<Option<i64>> {
    let sql =
        "select seq from messages where room_id = $1 and created_at >= $2 order by created_at, seq limit 1";
    Ok(sqlx::query_scalar(sql).bind(room.0).bind(signed(date)).fetch_optional(connection).await?)
}

/// What is read from.
struct Source {
    room: RoomId,
    tip: Option<MessageId>,
}

impl Source {
    /// The last messages before a place, oldest first, and whether there are more.
    async fn before(
        &self,
        connection: &mut SqliteConnection,
        seq: i64,
        limit: usize,
    ) -> Result<(Vec<SqliteRow>, bool)> {
        // A branch is walked from its end, and no further than there are messages wanted.
        let sql = match self.tip {
            None => {
                messages::select_where("where messages.room_id = $1 and seq < $2 order by seq desc limit $3")
            }
            Some(_) => messages::select_with(
                branch!(""),
                "where messages.id in (select id from branch where seq < $3 limit $4) order by seq desc",
            ),
        };
        let (mut rows, has_more) = self.read(connection, sql, seq, limit, 0).await?;
        rows.reverse();
        Ok((rows, has_more))
    }

    /// The first messages from a place on, and whether there are more.
    async fn from(
        &self,
        connection: &mut SqliteConnection,
        seq: i64,
        limit: usize,
    ) -> Result<(Vec<SqliteRow>, bool)> {
        let sql = match self.tip {
            None => messages::select_where("where messages.room_id = $1 and seq >= $2 order by seq limit $3"),
            Some(_) => messages::select_with(
                branch!(""),
                "where messages.id in (select id from branch where seq >= $3 order by seq limit $4) order by seq",
            ),
        };
        self.read(connection, sql, seq, limit, seq).await
    }

    async fn read(
        &self,
        connection: &mut SqliteConnection,
        sql: String,
        seq: i64,
        limit: usize,
        back_to: i64,
    ) -> Result<(Vec<SqliteRow>, bool)> {
        let query = sqlx::query(AssertSqlSafe(sql));
        let query = match self.tip {
            None => query.bind(self.room.0),
            Some(tip) => query.bind(tip.0).bind(back_to),
        };
        let query = query.bind(seq).bind(signed(limit as u64 + 1));
        let mut rows = query.fetch_all(connection).await?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, has_more))
    }
}
