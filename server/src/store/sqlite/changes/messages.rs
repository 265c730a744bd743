//! What becomes of a message after it was said. What it said before stays in `revisions`.

use app::protocol::{Author, Event, Limits, Message, MessageChange, MessageId, UserId};
use uuid::Uuid;

use super::Work;
use super::rooms::recount_mentions;
use crate::store::sqlite::{messages, post, signed, unsigned};
use crate::store::{Error, Refusal, Result};

/// Former texts of one message that are kept; the oldest go first.
const REVISIONS: u32 = 100;

fn refused<T>(refusal: Refusal) -> Result<T> {
    Err(Error::Refused(refusal))
}

/// A message that is still there.
async fn present(work: &mut Work<'_>, id: MessageId) -> Result<Message> {
    let found = messages::one(work.connection, work.room, id).await?;
    match found {
        None => refused(Refusal::NoMessage),
        Some(message) if message.marks.deleted_at.is_some() => refused(Refusal::Deleted),
        Some(message) => Ok(message),
    }
}

/// Writes how the message is now; with its text if that changed.
async fn log_change(work: &mut Work<'_>, id: MessageId, has_text: bool) -> Result<()> {
    let message = messages::one(work.connection, work.room, id).await?.ok_or(Error::NotFound)?;
    let (text, mentions) = if has_text { (Some(message.text), message.mentions) } else { (None, Vec::new()) };
    let change = MessageChange { message: id, text, mentions, marks: message.marks };
    work.log(&Event::MessageChanged(change)).await?;
    Ok(())
}

/// Keeps what a message says until now.
async fn keep(work: &mut Work<'_>, message: &Message) -> Result<()> {
    // Two changes in one millisecond are two changes.
    sqlx::query(
        "insert into revisions (message_id, until, text) values ($1,
         max($2, coalesce((select max(until) + 1 from revisions where message_id = $1), 0)), $3)",
    )
    .bind(message.id.0)
    .bind(signed(work.now))
    .bind(&message.text)
    .execute(&mut *work.connection)
    .await?;
    sqlx::query(
        "delete from revisions where message_id = $1 and until <= (select until from revisions
         where message_id = $1 order by until desc limit 1 offset $2)",
    )
    .bind(message.id.0)
    .bind(REVISIONS)
    .execute(&mut *work.connection)
    .await?;
    Ok(())
}

pub(super) async fn edit(work: &mut Work<'_>, id: MessageId, text: &str, mentions: &[UserId]) -> Result<()> {
    let message = present(work, id).await?;
    if message.text == text {
        return Ok(());
    }
    keep(work, &message).await?;
    let is_own = matches!(message.author, Author::Member { id, .. } if id == work.user);
    let editor = if is_own { None } else { Some(work.name_of(work.user).await?) };
    sqlx::query("update messages set text = $2, edited_at = $3, edited_by = $4 where id = $1")
        .bind(id.0)
        .bind(text)
        .bind(signed(work.now))
        .bind(editor)
        .execute(&mut *work.connection)
        .await?;
    set_mentions(work, &message, mentions).await?;
    log_change(work, id, true).await?;
    // Whom only one of the two texts mentions, and who has not read it.
    let came = mentions.iter().filter(|user| !message.mentions.contains(user));
    let went = message.mentions.iter().filter(|user| !mentions.contains(user));
    let meant: Vec<UserId> = came.chain(went).copied().collect();
    let mut told = Vec::new();
    for user in meant {
        if has_unread(work, user, &message).await? {
            recount_mentions(work, user).await?;
            told.push(user);
        }
    }
    work.announce_to(&told).await
}

async fn has_unread(work: &mut Work<'_>, user: UserId, message: &Message) -> Result<bool> {
    let found = sqlx::query("select 1 from members where room_id = $1 and user_id = $2 and read_seq < $3")
        .bind(work.room.0)
        .bind(user.0)
        .bind(signed(message.seq))
        .fetch_optional(&mut *work.connection)
        .await?;
    Ok(found.is_some())
}

async fn set_mentions(work: &mut Work<'_>, message: &Message, mentions: &[UserId]) -> Result<()> {
    sqlx::query("delete from mentions where message_id = $1")
        .bind(message.id.0)
        .execute(&mut *work.connection)
        .await?;
    post::mention(work.connection, work.room, message.id, message.seq, mentions).await
}

/// Empties a message. Deleting it again changes nothing.
pub(super) async fn delete(work: &mut Work<'_>, id: MessageId) -> Result<()> {
    let message = match present(work, id).await {
        Err(Error::Refused(Refusal::Deleted)) => return Ok(()),
        found => found?,
    };
    if message.run.as_ref().is_some_and(|run| !run.status.has_ended()) {
        return refused(Refusal::Running);
    }
    keep(work, &message).await?;
    sqlx::query(
        "update messages set text = '', thinking = '', edited_at = null, edited_by = null, pinned_at = null,
         deleted_at = $2 where id = $1",
    )
    .bind(id.0)
    .bind(signed(work.now))
    .execute(&mut *work.connection)
    .await?;
    sqlx::query("delete from reactions where message_id = $1")
        .bind(id.0)
        .execute(&mut *work.connection)
        .await?;
    set_mentions(work, &message, &[]).await?;
    log_change(work, id, true).await?;
    let Author::Member { id: author, .. } = message.author else { return Ok(()) };
    // It is unread by nobody any more.
    let told: Vec<Uuid> = sqlx::query_scalar(
        "update members set unread = max(unread - 1, 0)
         where room_id = $1 and user_id <> $2 and read_seq < $3 returning user_id",
    )
    .bind(work.room.0)
    .bind(author.0)
    .bind(signed(message.seq))
    .fetch_all(&mut *work.connection)
    .await?;
    let told: Vec<UserId> = told.into_iter().map(UserId).collect();
    for user in message.mentions {
        recount_mentions(work, user).await?;
    }
    work.announce_to(&told).await
}

pub(super) async fn react(work: &mut Work<'_>, id: MessageId, emoji: &str, is_on: bool) -> Result<()> {
    let message = present(work, id).await?;
    let reactions = &message.marks.reactions;
    let is_new = !reactions.iter().any(|reaction| reaction.emoji == emoji);
    if is_on && is_new && reactions.len() >= Limits::REACTIONS_PER_MESSAGE {
        return refused(Refusal::TooManyReactions);
    }
    let query = if is_on {
        sqlx::query(
            "insert into reactions (message_id, emoji, user_id, created_at) values ($1, $2, $3, $4)
             on conflict do nothing",
        )
        .bind(id.0)
        .bind(emoji)
        .bind(work.user.0)
        .bind(signed(work.now))
    } else {
        sqlx::query("delete from reactions where message_id = $1 and emoji = $2 and user_id = $3")
            .bind(id.0)
            .bind(emoji)
            .bind(work.user.0)
    };
    let changed = query.execute(&mut *work.connection).await?;
    if changed.rows_affected() > 0 { log_change(work, id, false).await } else { Ok(()) }
}

pub(super) async fn pin(work: &mut Work<'_>, id: MessageId, is_on: bool) -> Result<()> {
    let message = present(work, id).await?;
    if message.marks.pinned_at.is_some() == is_on {
        return Ok(());
    }
    let pinned: i64 =
        sqlx::query_scalar("select count(*) from messages where room_id = $1 and pinned_at is not null")
            .bind(work.room.0)
            .fetch_one(&mut *work.connection)
            .await?;
    if is_on && unsigned(pinned) >= Limits::PINS_PER_ROOM as u64 {
        return refused(Refusal::TooManyPins);
    }
    sqlx::query("update messages set pinned_at = $2 where id = $1")
        .bind(id.0)
        .bind(is_on.then(|| signed(work.now)))
        .execute(&mut *work.connection)
        .await?;
    log_change(work, id, false).await
}
