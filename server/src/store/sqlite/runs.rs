//! Runs in SQLite: leases, the group commit of pieces, and the compaction at the end.
//!
//! Every statement that writes a run names the token of its lease. That is the fence: who lost the lease, even while
//! asleep, writes nothing.

mod context;
pub(super) mod queue;
#[cfg(test)]
mod tests;

use std::time::Duration;

use app::protocol::{Event, MessageId, RoomId, Run, RunStatus, Timestamp};
use async_trait::async_trait;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{SqliteStore, logs, messages, milliseconds, once, signed};
use crate::store::{
    Context, ContextLimits, Continuation, Continued, Entry, Error, Lease, LogKey, Piece, Result, Runs,
};

pub(super) use context::fix_at_question;

/// False: the lease was lost, or the run has ended before.
async fn write(connection: &mut SqliteConnection, message: MessageId, token: u64, run: &Run) -> Result<bool> {
    let usage = run.usage.as_ref();
    let changed = sqlx::query(
        "update runs set status = $3, attempt = $4, model = $5, text_length = $6, thinking_length = $7,
         thinking_at = $8, writing_at = $9, ended_at = $10, stopped_by = $11, failure_code = $12,
         failure_message = $13, prompt_tokens = $14, cached_tokens = $15, completion_tokens = $16,
         reasoning_tokens = $17, tool = $18, effort = $19, instead_of = $20, steps = $21
         where message_id = $1 and lease = $2 and ended_at is null",
    )
    .bind(message.0)
    .bind(signed(token))
    .bind(run.status.name())
    .bind(run.attempt)
    .bind(&run.model)
    .bind(signed(run.text_length))
    .bind(signed(run.thinking_length))
    .bind(run.thinking_at.map(signed))
    .bind(run.writing_at.map(signed))
    .bind(run.ended_at.map(signed))
    .bind(&run.stopped_by)
    .bind(run.failure.as_ref().map(|failure| &failure.code))
    .bind(run.failure.as_ref().map(|failure| &failure.message))
    .bind(usage.map(|usage| signed(usage.prompt_tokens)))
    .bind(usage.map(|usage| signed(usage.cached_tokens)))
    .bind(usage.map(|usage| signed(usage.completion_tokens)))
    .bind(usage.map(|usage| signed(usage.reasoning_tokens)))
    .bind(&run.tool)
    .bind(run.thinking.name())
    .bind(&run.instead_of)
    .bind(run.steps.join("\n"))
    .execute(connection)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Makes the pieces of an ended run part of its message, and the run's lengths those of the texts: they are what
/// clients compare theirs with.
async fn compact(connection: &mut SqliteConnection, message: MessageId, run: &mut Run) -> Result<()> {
    // A reply that went on after an end has text from before.
    let (mut text, mut thinking): (String, String) =
        sqlx::query_as("select text, thinking from messages where id = $1")
            .bind(message.0)
            .fetch_one(&mut *connection)
            .await?;
    messages::pieces(connection, message, &mut text, &mut thinking).await?;
    run.text_length = text.len() as u64;
    run.thinking_length = thinking.len() as u64;
    sqlx::query("update messages set text = $2, thinking = $3 where id = $1")
        .bind(message.0)
        .bind(text)
        .bind(thinking)
        .execute(&mut *connection)
        .await?;
    sqlx::query("update runs set text_length = $2, thinking_length = $3 where message_id = $1")
        .bind(message.0)
        .bind(signed(run.text_length))
        .bind(signed(run.thinking_length))
        .execute(&mut *connection)
        .await?;
    sqlx::query("delete from pieces where message_id = $1").bind(message.0).execute(connection).await?;
    Ok(())
}

async fn forget_thinking(connection: &mut SqliteConnection, message: MessageId) -> Result<()> {
    sqlx::query("delete from pieces where message_id = $1 and is_thinking = 1")
        .bind(message.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query("update messages set thinking = '' where id = $1")
        .bind(message.0)
        .execute(connection)
        .await?;
    Ok(())
}

#[async_trait]
impl Runs for SqliteStore {
    async fn run_before(&self, room: RoomId, message: MessageId) -> Result<Option<MessageId>> {
        queue::run_before(&mut *self.read.acquire().await?, room, message).await
    }

    async fn context(
        &self,
        room: RoomId,
        message: MessageId,
        token: u64,
        limits: ContextLimits,
    ) -> Result<Option<Context>> {
        context::read(self, room, message, token, limits).await
    }

    async fn take_lease(&self, message: MessageId, lease: Lease) -> Result<Option<Run>> {
        let row = sqlx::query(concat!(
            "update runs set node = $2, lease = $3, lease_until = ",
            clock!(),
            " + $4 where message_id = $1 and ended_at is null returning *"
        ))
        .bind(message.0)
        .bind(signed(lease.node))
        .bind(signed(lease.token))
        .bind(milliseconds(lease.duration))
        .fetch_optional(&self.write)
        .await?;
        match row {
            None => Ok(None),
            Some(row) => messages::run(&row),
        }
    }

    async fn renew_leases(&self, node: u64, duration: Duration) -> Result<Vec<MessageId>> {
        let held: Vec<Uuid> = sqlx::query_scalar(concat!(
            "update runs set lease_until = ",
            clock!(),
            " + $2 where node = $1 and ended_at is null returning message_id"
        ))
        .bind(signed(node))
        .bind(milliseconds(duration))
        .fetch_all(&self.write)
        .await?;
        Ok(held.into_iter().map(MessageId).collect())
    }

    async fn release_leases(&self, node: u64, only: Option<MessageId>) -> Result<()> {
        sqlx::query(
            "update runs set node = 0, lease = 0, lease_until = 0
             where node = $1 and ended_at is null and message_id = coalesce($2, message_id)",
        )
        .bind(signed(node))
        .bind(only.map(|message| message.0))
        .execute(&self.write)
        .await?;
        Ok(())
    }

    async fn expired_runs(&self, limit: usize) -> Result<Vec<(RoomId, MessageId)>> {
        let expired: Vec<(Uuid, Uuid)> = sqlx::query_as(concat!(
            "select messages.room_id, message_id from runs join messages on messages.id = message_id
             where ended_at is null and lease_until <= ",
            clock!(),
            " order by lease_until limit $1"
        ))
        .bind(signed(limit as u64))
        .fetch_all(&self.read)
        .await?;
        Ok(expired.into_iter().map(|(room, message)| (RoomId(room), MessageId(message))).collect())
    }

    async fn take_over(&self, runs: &[MessageId], lease: Lease) -> Result<Vec<(MessageId, u32)>> {
        let mut transaction = self.begin().await?;
        let mut taken = Vec::with_capacity(runs.len());
        for message in runs {
            let count: Option<u32> = sqlx::query_scalar(concat!(
                "update runs set node = $2, lease = $3, take_overs = take_overs + 1, lease_until = ",
                clock!(),
                " + $4 where message_id = $1 and ended_at is null and lease_until <= ",
                clock!(),
                " returning take_overs"
            ))
            .bind(message.0)
            .bind(signed(lease.node))
            .bind(signed(lease.token))
            .bind(milliseconds(lease.duration))
            .fetch_optional(&mut *transaction)
            .await?;
            taken.extend(count.map(|count| (*message, count)));
        }
        transaction.commit().await?;
        Ok(taken)
    }

    async fn count_heal(&self, message: MessageId, token: u64) -> Result<Option<u32>> {
        let count = sqlx::query_scalar(
            "update runs set heals = heals + 1 where message_id = $1 and lease = $2 and ended_at is null
             returning heals",
        )
        .bind(message.0)
        .bind(signed(token))
        .fetch_optional(&self.write)
        .await?;
        Ok(count)
    }

    async fn append(&self, pieces: &[Piece]) -> Result<Vec<bool>> {
        let mut transaction = self.begin().await?;
        let mut stored = Vec::with_capacity(pieces.len());
        for piece in pieces {
            // Besides the fence: a piece that does not begin where the text ends would leave a hole. The end is
            // found in the index; the texts themselves are not read.
            let written = sqlx::query(
                "insert into pieces (message_id, is_thinking, start, text)
                 select $1, $2, $3, $4 from runs where message_id = $1 and lease = $5 and ended_at is null
                 and $3 = coalesce(
                     (select start + octet_length(text) from pieces
                      where message_id = $1 and is_thinking = $2 order by start desc limit 1),
                     (select case when $2 then octet_length(thinking) else octet_length(text) end
                      from messages where id = $1))",
            )
            .bind(piece.message.0)
            .bind(piece.is_thinking)
            .bind(signed(piece.start))
            .bind(&piece.text)
            .bind(signed(piece.token))
            .execute(&mut *transaction)
            .await?;
            stored.push(written.rows_affected() == 1);
        }
        transaction.commit().await?;
        Ok(stored)
    }

    async fn set_run(
        &self,
        room: RoomId,
        message: MessageId,
        token: u64,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        let mut transaction = self.begin().await?;
        if !write(&mut transaction, message, token, run).await? {
            return Ok(None);
        }
        let mut run = run.clone();
        if run.status.has_ended() {
            compact(&mut transaction, message, &mut run).await?;
        }
        let event = Event::Run { message, run };
        let entry = logs::append(&mut transaction, LogKey::Room(room), &event, now).await?;
        transaction.commit().await?;
        Ok(Some(entry))
    }

    async fn begin_anew(
        &self,
        room: RoomId,
        message: MessageId,
        token: u64,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        let mut transaction = self.begin().await?;
        if !write(&mut transaction, message, token, run).await? {
            return Ok(None);
        }
        forget_thinking(&mut transaction, message).await?;
        let event = Event::Run { message, run: run.clone() };
        let entry = logs::append(&mut transaction, LogKey::Room(room), &event, now).await?;
        transaction.commit().await?;
        Ok(Some(entry))
    }

    async fn continue_run(&self, wish: Continuation, lease: Lease, now: Timestamp) -> Result<Continued> {
        let Continuation { room, message, user, command } = wish;
        let mut transaction = self.begin().await?;
        if once::has_effect(&mut transaction, user, room, command).await? {
            return Ok(Continued::Before);
        }
        let row = sqlx::query(
            "select runs.*, octet_length(messages.text) as length from runs
             join messages on messages.id = message_id where message_id = $1 and messages.room_id = $2",
        )
        .bind(message.0)
        .bind(room.0)
        .fetch_optional(&mut *transaction)
        .await?;
        let row = row.ok_or(Error::NotFound)?;
        let Some(mut run) = messages::run(&row)? else { return Err(Error::NotFound) };
        if !matches!(run.status, RunStatus::Stopped | RunStatus::Interrupted) {
            return Ok(Continued::Refused);
        }
        queue::check(&mut transaction, room).await?;
        run.status = RunStatus::Queued;
        run.attempt += 1;
        (run.ended_at, run.stopped_by, run.failure) = (None, None, None);
        if row.try_get::<i64, _>("length")? == 0 {
            (run.thinking_at, run.writing_at, run.thinking_length) = (None, None, 0);
            run.steps.clear();
            forget_thinking(&mut transaction, message).await?;
        }
        let log = LogKey::Room(room);
        let seq = logs::next_seq(&mut transaction, log).await?;
        sqlx::query(concat!(
            "update runs set node = $2, lease = $3, ended_at = null, heals = 0, take_overs = 0, queued_seq = $5,
             lease_until = ",
            clock!(),
            " + $4 where message_id = $1"
        ))
        .bind(message.0)
        .bind(signed(lease.node))
        .bind(signed(lease.token))
        .bind(milliseconds(lease.duration))
        .bind(signed(seq))
        .execute(&mut *transaction)
        .await?;
        write(&mut transaction, message, lease.token, &run).await?;
        once::note(&mut transaction, user, room, command).await?;
        let entry = logs::write(&mut transaction, log, seq, &Event::Run { message, run }, now).await?;
        transaction.commit().await?;
        Ok(Continued::Now(entry))
    }
}
