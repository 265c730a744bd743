//! What a run is told, read from SQLite: of a solo room the branch that leads to the question, of others all that was
//! said up to a place in the log that is fixed when the run first asks.

use app::protocol::{MessageId, RoomId};
use futures::TryStreamExt;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use crate::store::sqlite::{SqliteStore, signed, unsigned};
use crate::store::{Context, ContextLimits, Quote, Result, Said};

/// What was said of messages `said`: not what was deleted, and not replies that are still written. `$1` is the room.
macro_rules! said {
    ($from:literal, $condition:literal) => {
        concat!(
            "select said.id, said.author_name, said.text, said.thinking, runs.message_id is not null as is_reply,
             quoted.author_name as quoted_name, substr(quoted.text, 1, 500) as quoted_text from ",
            $from,
            " left join runs on runs.message_id = said.id
             left join messages as quoted on quoted.id = said.reply_to and quoted.room_id = $1
             and quoted.deleted_at is null
             where said.room_id = $1 and said.deleted_at is null
             and (runs.message_id is null or runs.ended_at is not null) and ",
            $condition
        )
    };
}

/// The branch that ends with `$2`, newest first, at most `$3` messages.
pub(super) const BRANCH: &str = concat!(
    "with recursive branch (id, depth) as (
         select id, 0 from messages where id = $2 and room_id = $1
         union all
         select messages.parent_id, depth + 1 from branch join messages on messages.id = branch.id
         where messages.parent_id is not null and depth + 1 < $3
     ) ",
    said!("branch join messages as said on said.id = branch.id", "true order by depth")
);

/// What was said up to the place `$2`, newest first, at most `$3` messages.
pub(super) const LINE: &str = said!("messages as said", "said.seq <= $2 order by said.seq desc limit $3");

/// A retried reply is told what the first one could be: nothing that was said after the question.
pub(in crate::store::sqlite) async fn fix_at_question(
    connection: &mut SqliteConnection,
    reply: MessageId,
) -> Result<()> {
    sqlx::query(
        "update runs set context_seq = (select question.seq from messages as reply
         join messages as question on question.id = reply.parent_id where reply.id = $1) where message_id = $1",
    )
    .bind(reply.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// Up to where the run is told what was said: the end of the log now, unless it was fixed before.
async fn fix(store: &SqliteStore, room: RoomId, message: MessageId, token: u64) -> Result<Option<i64>> {
    let seq = sqlx::query_scalar(
        "update runs set context_seq = coalesce(context_seq, (select head from logs where id = $3))
         where message_id = $1 and lease = $2 and ended_at is null returning context_seq",
    )
    .bind(message.0)
    .bind(signed(token))
    .bind(room.0)
    .fetch_optional(&store.write)
    .await?;
    Ok(seq)
}

pub(super) async fn read(
    store: &SqliteStore,
    room: RoomId,
    message: MessageId,
    token: u64,
    limits: ContextLimits,
) -> Result<Option<Context>> {
    let row = sqlx::query(
        "select kind, instructions, (select count(*) from members where room_id = rooms.id) as people,
         question.id as question, question.author_name, substr(question.text, 1, 500) as text, reply.parent_id
         from rooms join messages as reply on reply.room_id = rooms.id and reply.id = $2
         left join messages as question on question.id = reply.parent_id and question.deleted_at is null
         where rooms.id = $1",
    )
    .bind(room.0)
    .bind(message.0)
    .fetch_optional(&store.read)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let is_solo = row.try_get::<&str, _>("kind")? == "solo";
    let question = row.try_get::<Option<Uuid>, _>("question")?.map(MessageId);
    let said = if is_solo {
        let end: Option<Uuid> = row.try_get("parent_id")?;
        let mut connection = store.read.acquire().await?;
        bounded(sqlx::query(BRANCH).bind(room.0).bind(end), limits, &mut connection).await?
    } else {
        let Some(end) = fix(store, room, message, token).await? else { return Ok(None) };
        let mut connection = store.read.acquire().await?;
        bounded(sqlx::query(LINE).bind(room.0).bind(end), limits, &mut connection).await?
    };
    let question = match question {
        None => None,
        Some(question) => {
            Some((question, Quote { by: row.try_get("author_name")?, text: row.try_get("text")? }))
        }
    };
    let (people, instructions) = (unsigned(row.try_get("people")?), row.try_get("instructions")?);
    Ok(Some(Context { is_solo, people, instructions, said, question }))
}

type Query = sqlx::query::Query<'static, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Reads from the newest message back as far as the limits allow, and turns the order round. The newest itself is read
/// however long it is.
async fn bounded(
    query: Query,
    limits: ContextLimits,
    connection: &mut SqliteConnection,
) -> Result<Vec<Said>> {
    let mut rows = query.bind(signed(limits.messages as u64)).fetch(connection);
    let mut said = Vec::new();
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await? {
        let one = self::said(&row)?;
        bytes += one.text.len() + one.thinking.len();
        if bytes > limits.bytes && !said.is_empty() {
            break;
        }
        said.push(one);
    }
    said.reverse();
    Ok(said)
}

fn said(row: &SqliteRow) -> Result<Said> {
    let is_reply: bool = row.try_get("is_reply")?;
    let by: String = row.try_get("author_name")?;
    let quoted: Option<String> = row.try_get("quoted_name")?;
    let quote = match quoted {
        None => None,
        Some(by) => Some(Quote { by, text: row.try_get("quoted_text")? }),
    };
    Ok(Said {
        id: MessageId(row.try_get("id")?),
        by: Some(by).filter(|_| !is_reply),
        text: row.try_get("text")?,
        thinking: row.try_get("thinking")?,
        quote,
    })
}
