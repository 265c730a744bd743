//! Messages in SQLite: posting, branches, and the texts of messages that still grow.

use app::protocol::{
    Author, CommandId, Event, Message, MessageId, RoomId, Run, RunFailure, RunStatus, Timestamp, Usage,
    UserId,
};
use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{SqliteStore, logs, milliseconds, once, rooms, runs, signed, unsigned};
use crate::store::{Entry, Error, Lease, LogKey, Messages, NewMessage, Posted, Result, Texts};

/// A message with the columns of its run, which are null for people's messages.
const SELECT: &str =
    "select messages.id, seq, parent_id, author_id, author_name, messages.created_at, text, thinking,
    status, attempt, model, text_length, thinking_length, thinking_at, writing_at, ended_at, stopped_by, tool,
    failure_code, failure_message, prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens
    from messages left join runs on runs.message_id = messages.id";

pub(super) fn run(row: &SqliteRow) -> Result<Option<Run>> {
    let Some(status) = row.try_get::<Option<&str>, _>("status")? else { return Ok(None) };
    let number =
        |column: &str| -> Result<Option<u64>> { Ok(row.try_get::<Option<i64>, _>(column)?.map(unsigned)) };
    let code: Option<String> = row.try_get("failure_code")?;
    let message: Option<String> = row.try_get("failure_message")?;
    let usage = match number("prompt_tokens")? {
        None => None,
        Some(prompt_tokens) => Some(Usage {
            prompt_tokens,
            cached_tokens: number("cached_tokens")?.unwrap_or(0),
            completion_tokens: number("completion_tokens")?.unwrap_or(0),
            reasoning_tokens: number("reasoning_tokens")?.unwrap_or(0),
        }),
    };
    Ok(Some(Run {
        status: RunStatus::from_name(status)
            .ok_or_else(|| Error::Corrupt(format!("run status `{status}`")))?,
        attempt: row.try_get("attempt")?,
        model: row.try_get("model")?,
        text_length: unsigned(row.try_get("text_length")?),
        thinking_length: unsigned(row.try_get("thinking_length")?),
        tool: row.try_get("tool")?,
        thinking_at: number("thinking_at")?,
        writing_at: number("writing_at")?,
        ended_at: number("ended_at")?,
        stopped_by: row.try_get("stopped_by")?,
        failure: code.zip(message).map(|(code, message)| RunFailure { code, message }),
        usage,
    }))
}

async fn message(connection: &mut SqliteConnection, row: &SqliteRow) -> Result<Message> {
    let author_name: String = row.try_get("author_name")?;
    let run = run(row)?;
    let author = match (&run, row.try_get::<Option<Uuid>, _>("author_id")?) {
        (Some(_), _) => Author::Assistant { name: author_name },
        (None, author) => Author::Member { id: UserId(author.unwrap_or_default()), name: author_name },
    };
    let (id, created_at) = (MessageId(row.try_get("id")?), unsigned(row.try_get("created_at")?));
    let mut message = Message {
        parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(MessageId),
        thinking: row.try_get("thinking")?,
        run,
        ..Message::new(id, author, created_at, row.try_get::<String, _>("text")?)
    };
    if let Some(run) = message.run.as_mut().filter(|run| !run.status.has_ended()) {
        let id = message.id;
        pieces(connection, id, &mut message.text, &mut message.thinking).await?;
        run.text_length = message.text.len() as u64;
        run.thinking_length = message.thinking.len() as u64;
    }
    Ok(message)
}

/// Appends the stored pieces of a running message to its texts.
pub(super) async fn pieces(
    connection: &mut SqliteConnection,
    message: MessageId,
    text: &mut String,
    thinking: &mut String,
) -> Result<()> {
    let rows =
        sqlx::query("select is_thinking, text from pieces where message_id = $1 order by is_thinking, start")
            .bind(message.0)
            .fetch_all(connection)
            .await?;
    for row in &rows {
        let piece: &str = row.try_get("text")?;
        let is_thinking: bool = row.try_get("is_thinking")?;
        if is_thinking { thinking.push_str(piece) } else { text.push_str(piece) }
    }
    Ok(())
}

async fn messages(connection: &mut SqliteConnection, rows: Vec<SqliteRow>) -> Result<Vec<Message>> {
    let mut messages = Vec::with_capacity(rows.len());
    for row in &rows {
        messages.push(message(&mut *connection, row).await?);
    }
    Ok(messages)
}

/// At most `limit` messages of a room, the newest ones before `before`, oldest first.
pub(super) async fn newest(
    connection: &mut SqliteConnection,
    room: RoomId,
    before: Option<MessageId>,
    limit: usize,
) -> Result<Vec<Message>> {
    let sql = select_where(
        "where room_id = $1 and seq < coalesce((select seq from messages where id = $2 and room_id = $1), $3)
         order by seq desc limit $4",
    );
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(room.0)
        .bind(before.map(|message| message.0))
        .bind(i64::MAX)
        .bind(signed(limit as u64))
        .fetch_all(&mut *connection)
        .await?;
    let mut messages = messages(connection, rows).await?;
    messages.reverse();
    Ok(messages)
}

/// The common columns with a condition of our own, never of a user's.
fn select_where(condition: &'static str) -> String {
    format!("{SELECT} {condition}")
}

async fn insert(
    connection: &mut SqliteConnection,
    room: RoomId,
    seq: u64,
    message: &Message,
    lease: Lease,
) -> Result<()> {
    let (author_id, author_name) = match &message.author {
        Author::Member { id, name } => (Some(id.0), name),
        Author::Assistant { name } => (None, name),
    };
    sqlx::query(
        "insert into messages (id, room_id, seq, parent_id, author_id, author_name, created_at, text, thinking)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(message.id.0)
    .bind(room.0)
    .bind(signed(seq))
    .bind(message.parent.map(|parent| parent.0))
    .bind(author_id)
    .bind(author_name)
    .bind(signed(message.created_at))
    .bind(&message.text)
    .bind(&message.thinking)
    .execute(&mut *connection)
    .await?;
    if let Some(run) = &message.run {
        sqlx::query(concat!(
            "insert into runs (message_id, status, attempt, model, text_length, thinking_length, node, lease,
             lease_until, room_id, queued_seq) values ($1, $2, $3, $4, 0, 0, $5, $6, ",
            clock!(),
            " + $7, $8, $9)"
        ))
        .bind(message.id.0)
        .bind(run.status.name())
        .bind(run.attempt)
        .bind(&run.model)
        .bind(signed(lease.node))
        .bind(signed(lease.token))
        .bind(milliseconds(lease.duration))
        .bind(room.0)
        .bind(signed(seq))
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Inserts a message and its event.
async fn post_one(
    connection: &mut SqliteConnection,
    room: RoomId,
    message: Message,
    lease: Lease,
    now: Timestamp,
) -> Result<Entry> {
    let log = LogKey::Room(room);
    let seq = logs::next_seq(connection, log).await?;
    insert(connection, room, seq, &message, lease).await?;
    logs::write(connection, log, seq, &Event::Message(message), now).await
}

/// The place of a message that has this identifier already.
async fn place(
    connection: &mut SqliteConnection,
    room: RoomId,
    message: MessageId,
) -> Result<Option<(u64, Option<Uuid>)>> {
    let row = sqlx::query("select room_id, seq, author_id from messages where id = $1")
        .bind(message.0)
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    if row.try_get::<Uuid, _>("room_id")? != room.0 {
        return Err(Error::IdentifierTaken);
    }
    Ok(Some((unsigned(row.try_get("seq")?), row.try_get("author_id")?)))
}

#[async_trait]
impl Messages for SqliteStore {
    async fn post(&self, new: NewMessage, user: UserId, now: Timestamp) -> Result<Posted> {
        let mut transaction = self.begin().await?;
        let first = new.message.as_ref().or(new.reply.as_ref()).ok_or(Error::NotFound)?.id;
        let is_retry = new.message.is_none();
        if let Some((seq, author)) = place(&mut transaction, new.room, first).await? {
            // The same command again, or an identifier of somebody else's message or of the other kind. Nothing is
            // told of what it names.
            let is_same = if is_retry {
                once::has_effect(&mut transaction, user, new.room, CommandId(first.0)).await?
            } else {
                author == Some(user.0)
            };
            return if is_same {
                Ok(Posted { seq, is_new: false, entries: Vec::new() })
            } else {
                Err(Error::IdentifierTaken)
            };
        }
        if new.reply.is_some() {
            runs::queue::check(&mut transaction, new.room).await?;
        }
        let mut entries = Vec::with_capacity(3);
        for message in new.message.into_iter().chain(new.reply) {
            entries.push(post_one(&mut transaction, new.room, message, new.lease, now).await?);
        }
        if is_retry {
            runs::fix_at_question(&mut transaction, first).await?;
            once::note(&mut transaction, user, new.room, CommandId(first.0)).await?;
        }
        sqlx::query("update rooms set active_at = $2, title = case title when '' then $3 else title end where id = $1")
            .bind(new.room.0)
            .bind(signed(now))
            .bind(new.title.unwrap_or_default())
            .execute(&mut *transaction)
            .await?;
        let seq = entries.first().map_or(0, |entry| entry.seq);
        entries.extend(rooms::announce_change(&mut transaction, new.room, now).await?);
        transaction.commit().await?;
        Ok(Posted { seq, is_new: true, entries })
    }

    async fn message(&self, room: RoomId, id: MessageId) -> Result<Option<Message>> {
        let mut transaction = self.read.begin().await?;
        let sql = select_where("where room_id = $1 and messages.id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(room.0)
            .bind(id.0)
            .fetch_optional(&mut *transaction)
            .await?;
        match row {
            None => Ok(None),
            Some(row) => Ok(Some(message(&mut transaction, &row).await?)),
        }
    }

    async fn branch(&self, room: RoomId, last: MessageId, limit: usize) -> Result<Vec<Message>> {
        let mut transaction = self.read.begin().await?;
        let sql = format!(
            "with recursive branch (id, depth) as (
                 select id, 0 from messages where id = $2 and room_id = $1
                 union all
                 select messages.parent_id, depth + 1 from branch join messages on messages.id = branch.id
                 where messages.parent_id is not null and depth + 1 < $3
             )
             {SELECT} join branch on branch.id = messages.id where room_id = $1 order by depth desc"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(room.0)
            .bind(last.0)
            .bind(signed(limit as u64))
            .fetch_all(&mut *transaction)
            .await?;
        messages(&mut transaction, rows).await
    }

    async fn newest(&self, room: RoomId) -> Result<Option<MessageId>> {
        let id: Option<Uuid> =
            sqlx::query_scalar("select id from messages where room_id = $1 order by seq desc limit 1")
                .bind(room.0)
                .fetch_optional(&self.read)
                .await?;
        Ok(id.map(MessageId))
    }

    async fn texts(&self, room: RoomId, id: MessageId) -> Result<Option<Texts>> {
        Ok(self.message(room, id).await?.and_then(|message| {
            let attempt = message.run?.attempt;
            Some(Texts { attempt, text: message.text, thinking: message.thinking })
        }))
    }
}
