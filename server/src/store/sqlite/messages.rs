//! Messages in SQLite as they are read: whole, with what became of them, also while they still grow.

use std::collections::HashMap;

use app::protocol::{
    Author, Marks, Message, MessageId, Reaction, RoomId, Run, RunFailure, RunStatus, Timestamp, Usage, UserId,
};
use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::rooms::named;
use super::{SqliteStore, post, unsigned};
use crate::store::{Error, Messages, NewMessage, Posted, Result, Texts};

/// A message with the columns of its run, which are null for people's messages.
const SELECT: &str =
    "select messages.id, seq, parent_id, reply_to, author_id, author_name, messages.created_at, edited_at, edited_by,
    deleted_at, pinned_at, text, thinking, status, attempt, model, effort, instead_of, steps, text_length,
    thinking_length, tool, thinking_at, writing_at, ended_at, stopped_by, failure_code, failure_message, prompt_tokens,
    cached_tokens, completion_tokens, reasoning_tokens
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
        thinking: named("effort", row.try_get("effort")?)?,
        instead_of: row.try_get("instead_of")?,
        text_length: unsigned(row.try_get("text_length")?),
        thinking_length: unsigned(row.try_get("thinking_length")?),
        tool: row.try_get("tool")?,
        steps: row.try_get::<String, _>("steps")?.lines().map(str::to_owned).collect(),
        thinking_at: number("thinking_at")?,
        writing_at: number("writing_at")?,
        ended_at: number("ended_at")?,
        stopped_by: row.try_get("stopped_by")?,
        failure: code.zip(message).map(|(code, message)| RunFailure { code, message }),
        usage,
    }))
}

/// A message as its row has it. Its marks have no reactions, and it has no mentions, and a running one no pieces.
fn message(row: &SqliteRow) -> Result<Message> {
    let author_name: String = row.try_get("author_name")?;
    let run = run(row)?;
    let author = match (&run, row.try_get::<Option<Uuid>, _>("author_id")?) {
        (Some(_), _) => Author::Assistant { name: author_name },
        (None, author) => Author::Member { id: UserId(author.unwrap_or_default()), name: author_name },
    };
    let time =
        |column: &str| -> Result<Option<u64>> { Ok(row.try_get::<Option<i64>, _>(column)?.map(unsigned)) };
    Ok(Message {
        id: MessageId(row.try_get("id")?),
        parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(MessageId),
        seq: unsigned(row.try_get("seq")?),
        reply_to: row.try_get::<Option<Uuid>, _>("reply_to")?.map(MessageId),
        author,
        created_at: unsigned(row.try_get("created_at")?),
        text: row.try_get("text")?,
        thinking: row.try_get("thinking")?,
        mentions: Vec::new(),
        marks: Marks {
            edited_at: time("edited_at")?,
            edited_by: row.try_get("edited_by")?,
            deleted_at: time("deleted_at")?,
            pinned_at: time("pinned_at")?,
            reactions: Vec::new(),
        },
        run,
    })
}

/// The rows as whole messages. What lies in other tables is read for all of them at once.
pub(super) async fn messages(connection: &mut SqliteConnection, rows: &[SqliteRow]) -> Result<Vec<Message>> {
    let mut messages = rows.iter().map(message).collect::<Result<Vec<_>>>()?;
    add_pieces(connection, &mut messages).await?;
    if !messages.is_empty() {
        add_reactions(connection, &mut messages).await?;
        add_mentions(connection, &mut messages).await?;
    }
    Ok(messages)
}

/// Few messages of a room run at once.
async fn add_pieces(connection: &mut SqliteConnection, messages: &mut [Message]) -> Result<()> {
    for message in messages {
        let Some(run) = message.run.as_mut().filter(|run| !run.status.has_ended()) else { continue };
        pieces(connection, message.id, &mut message.text, &mut message.thinking).await?;
        run.text_length = message.text.len() as u64;
        run.thinking_length = message.thinking.len() as u64;
    }
    Ok(())
}

async fn add_reactions(connection: &mut SqliteConnection, messages: &mut [Message]) -> Result<()> {
    // In the order of their first use; `group` alone would not keep the order of who came when.
    let rows = of_messages(
        connection,
        "select message_id, emoji, user_id from reactions where message_id in (",
        messages,
        ") order by created_at, emoji, user_id",
    )
    .await?;
    let places = places(messages);
    for row in &rows {
        let Some(message) = message_of(messages, &places, row)? else { continue };
        let (emoji, user): (&str, _) = (row.try_get("emoji")?, UserId(row.try_get("user_id")?));
        let reactions = &mut message.marks.reactions;
        match reactions.iter_mut().find(|reaction| reaction.emoji == emoji) {
            Some(reaction) => reaction.users.push(user),
            None => reactions.push(Reaction { emoji: emoji.to_owned(), users: vec![user] }),
        }
    }
    Ok(())
}

async fn add_mentions(connection: &mut SqliteConnection, messages: &mut [Message]) -> Result<()> {
    let rows = of_messages(
        connection,
        "select message_id, user_id from mentions where message_id in (",
        messages,
        ") order by user_id",
    )
    .await?;
    let places = places(messages);
    for row in &rows {
        let Some(message) = message_of(messages, &places, row)? else { continue };
        message.mentions.push(UserId(row.try_get("user_id")?));
    }
    Ok(())
}

async fn of_messages(
    connection: &mut SqliteConnection,
    before: &'static str,
    messages: &[Message],
    after: &'static str,
) -> Result<Vec<SqliteRow>> {
    let mut query = QueryBuilder::<Sqlite>::new(before);
    let mut ids = query.separated(", ");
    for message in messages {
        ids.push_bind(message.id.0);
    }
    query.push(after);
    Ok(query.build().fetch_all(connection).await?)
}

fn places(messages: &[Message]) -> HashMap<Uuid, usize> {
    messages.iter().enumerate().map(|(place, message)| (message.id.0, place)).collect()
}

fn message_of<'a>(
    messages: &'a mut [Message],
    places: &HashMap<Uuid, usize>,
    row: &SqliteRow,
) -> Result<Option<&'a mut Message>> {
    let id: Uuid = row.try_get("message_id")?;
    Ok(places.get(&id).and_then(|place| messages.get_mut(*place)))
}

/// One message of a room.
pub(super) async fn one(
    connection: &mut SqliteConnection,
    room: RoomId,
    id: MessageId,
) -> Result<Option<Message>> {
    let sql = select_where("where messages.room_id = $1 and messages.id = $2");
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(room.0).bind(id.0).fetch_all(&mut *connection).await?;
    Ok(messages(connection, &rows).await?.pop())
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

/// The common columns with a condition of our own, never of a user's.
pub(super) fn select_where(condition: &'static str) -> String {
    select_with("", condition)
}

/// As above, after tables that the condition speaks of.
pub(super) fn select_with(tables: &'static str, condition: &'static str) -> String {
    format!("{tables}{SELECT} {condition}")
}

#[async_trait]
impl Messages for SqliteStore {
    async fn post(&self, new: NewMessage, user: UserId, now: Timestamp) -> Result<Posted> {
        post::post(self, new, user, now).await
    }

    async fn message(&self, room: RoomId, id: MessageId) -> Result<Option<Message>> {
        one(&mut *self.read.begin().await?, room, id).await
    }

    async fn texts(&self, room: RoomId, id: MessageId) -> Result<Option<Texts>> {
        Ok(self.message(room, id).await?.and_then(|message| {
            let attempt = message.run?.attempt;
            Some(Texts { attempt, text: message.text, thinking: message.thinking })
        }))
    }
}
