//! Posting in SQLite: a message, its reply, their events, and what it is to everybody else in the room, in one
//! transaction.

use app::protocol::{
    Author, CommandId, Event, Limits, Message, MessageId, RoomId, RoomKind, Timestamp, UserId,
};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{SqliteStore, branches, logs, milliseconds, once, rooms, runs, signed, summaries, unsigned};
use crate::store::{Error, Lease, LogKey, NewMessage, Posted, Result};

pub(super) async fn post(
    store: &SqliteStore,
    mut new: NewMessage,
    user: UserId,
    now: Timestamp,
) -> Result<Posted> {
    let mut transaction = store.begin().await?;
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
    // Removed while the message was on its way.
    rooms::role_of(&mut transaction, new.room, user).await?.ok_or(Error::NotFound)?;
    if new.reply.is_some() {
        runs::queue::check(&mut transaction, new.room).await?;
    }
    match (&mut new.message, &new.reply) {
        (Some(message), _) => {
            if new.follows_shown {
                message.parent = branches::tip(&mut transaction, new.room).await?;
            }
            branches::check(&mut transaction, new.room, message.parent).await?;
        }
        (None, Some(reply)) => branches::check(&mut transaction, new.room, reply.parent).await?,
        (None, None) => {}
    }
    let mut entries = Vec::with_capacity(3);
    for mut message in new.message.into_iter().chain(new.reply) {
        let log = LogKey::Room(new.room);
        message.seq = logs::next_seq(&mut transaction, log).await?;
        insert(&mut transaction, new.room, &message, new.lease).await?;
        if matches!(message.author, Author::Member { .. }) {
            count(&mut transaction, new.room, &message, user).await?;
        }
        let seq = message.seq;
        entries.push(logs::write(&mut transaction, log, seq, &Event::Message(message), now).await?);
    }
    if is_retry {
        runs::fix_at_question(&mut transaction, first).await?;
        once::note(&mut transaction, user, new.room, CommandId(first.0)).await?;
    }
    sqlx::query(
        "update rooms set active_at = $2, title = case when title = '' and kind <> $4 then $3 else title end
         where id = $1",
    )
    .bind(new.room.0)
    .bind(signed(now))
    .bind(new.title.unwrap_or_default())
    .bind(rooms::kind_name(RoomKind::Direct))
    .execute(&mut *transaction)
    .await?;
    let seq = entries.first().map_or(0, |entry| entry.seq);
    entries.extend(summaries::announce(&mut transaction, new.room, now, |_| true).await?);
    transaction.commit().await?;
    Ok(Posted { seq, is_new: true, entries })
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

async fn insert(
    connection: &mut SqliteConnection,
    room: RoomId,
    message: &Message,
    lease: Lease,
) -> Result<()> {
    let (author_id, author_name) = match &message.author {
        Author::Member { id, name } => (Some(id.0), name),
        Author::Assistant { name } => (None, name),
    };
    sqlx::query(
        "insert into messages (id, room_id, seq, parent_id, reply_to, author_id, author_name, created_at, text,
         thinking) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(message.id.0)
    .bind(room.0)
    .bind(signed(message.seq))
    .bind(message.parent.map(|parent| parent.0))
    .bind(message.reply_to.map(|answered| answered.0))
    .bind(author_id)
    .bind(author_name)
    .bind(signed(message.created_at))
    .bind(&message.text)
    .bind(&message.thinking)
    .execute(&mut *connection)
    .await?;
    mention(connection, room, message.id, message.seq, &message.mentions).await?;
    if let Some(run) = &message.run {
        sqlx::query(concat!(
            "insert into runs (message_id, status, attempt, model, text_length, thinking_length, node, lease,
             lease_until, room_id, queued_seq, effort, instead_of) values ($1, $2, $3, $4, 0, 0, $5, $6, ",
            clock!(),
            " + $7, $8, $9, $10, $11)"
        ))
        .bind(message.id.0)
        .bind(run.status.name())
        .bind(run.attempt)
        .bind(&run.model)
        .bind(signed(lease.node))
        .bind(signed(lease.token))
        .bind(milliseconds(lease.duration))
        .bind(room.0)
        .bind(signed(message.seq))
        .bind(run.thinking.name())
        .bind(&run.instead_of)
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Notes whom a message mentions.
pub(super) async fn mention(
    connection: &mut SqliteConnection,
    room: RoomId,
    message: MessageId,
    seq: u64,
    users: &[UserId],
) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    let mut query = QueryBuilder::<Sqlite>::new("insert into mentions (user_id, room_id, seq, message_id) ");
    query.push_values(users, |mut row, user| {
        row.push_bind(user.0).push_bind(room.0).push_bind(signed(seq)).push_bind(message.0);
    });
    query.build().execute(connection).await?;
    Ok(())
}

/// A message is unread by everybody else, and its author has read up to it.
async fn count(
    connection: &mut SqliteConnection,
    room: RoomId,
    message: &Message,
    author: UserId,
) -> Result<()> {
    sqlx::query("update members set unread = min(unread + 1, $3) where room_id = $1 and user_id <> $2")
        .bind(room.0)
        .bind(author.0)
        .bind(Limits::UNREAD)
        .execute(&mut *connection)
        .await?;
    // Also to its author, who has read it.
    for mentioned in &message.mentions {
        sqlx::query(
            "update members set mentions = min(mentions + 1, $3) where room_id = $1 and user_id = $2",
        )
        .bind(room.0)
        .bind(mentioned.0)
        .bind(Limits::UNREAD)
        .execute(&mut *connection)
        .await?;
    }
    sqlx::query(
        "update members set read_seq = $3, unread = 0, mentions = 0 where room_id = $1 and user_id = $2",
    )
    .bind(room.0)
    .bind(author.0)
    .bind(signed(message.seq))
    .execute(connection)
    .await?;
    Ok(())
}
