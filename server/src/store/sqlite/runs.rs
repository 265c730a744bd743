//! Runs in SQLite: leases, the group commit of pieces, and the compaction at the end.

use app::protocol::{Event, MessageId, RoomId, Run, Timestamp};
use async_trait::async_trait;
use sqlx::Row;

use super::{SqliteStore, logs, messages, signed};
use crate::store::{Entry, LogKey, Piece, Result, Runs};

#[async_trait]
impl Runs for SqliteStore {
    async fn take_lease(&self, message: MessageId, lease: u64) -> Result<Option<Run>> {
        let row =
            sqlx::query("update runs set lease = $2 where message_id = $1 and ended_at is null returning *")
                .bind(message.0)
                .bind(signed(lease))
                .fetch_optional(&self.write)
                .await?;
        match row {
            None => Ok(None),
            Some(row) => messages::run(&row),
        }
    }

    async fn append(&self, pieces: &[Piece]) -> Result<Vec<bool>> {
        let mut transaction = self.begin().await?;
        let mut held = Vec::with_capacity(pieces.len());
        for piece in pieces {
            // The condition is the fence: whoever lost the lease, even while asleep, writes nothing.
            let written = sqlx::query(
                "insert into pieces (message_id, is_thinking, start, text)
                 select $1, $2, $3, $4 from runs where message_id = $1 and lease = $5 and ended_at is null",
            )
            .bind(piece.message.0)
            .bind(piece.is_thinking)
            .bind(signed(piece.start))
            .bind(&piece.text)
            .bind(signed(piece.lease))
            .execute(&mut *transaction)
            .await?;
            held.push(written.rows_affected() == 1);
        }
        transaction.commit().await?;
        Ok(held)
    }

    async fn set_run(
        &self,
        room: RoomId,
        message: MessageId,
        lease: u64,
        run: &Run,
        now: Timestamp,
    ) -> Result<Option<Entry>> {
        let mut transaction = self.begin().await?;
        let usage = run.usage.as_ref();
        let changed = sqlx::query(
            "update runs set status = $3, attempt = $4, model = $5, text_length = $6, thinking_length = $7,
             thinking_at = $8, writing_at = $9, ended_at = $10, stopped_by = $11, failure_code = $12,
             failure_message = $13, prompt_tokens = $14, cached_tokens = $15, completion_tokens = $16,
             reasoning_tokens = $17 where message_id = $1 and lease = $2 and ended_at is null",
        )
        .bind(message.0)
        .bind(signed(lease))
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
        .execute(&mut *transaction)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        let mut run = run.clone();
        if run.status.has_ended() {
            let (mut text, mut thinking) = (String::new(), String::new());
            messages::pieces(&mut transaction, message, &mut text, &mut thinking).await?;
            // The stored lengths are the truth that clients compare their texts with.
            run.text_length = text.len() as u64;
            run.thinking_length = thinking.len() as u64;
            sqlx::query("update messages set text = $2, thinking = $3 where id = $1")
                .bind(message.0)
                .bind(text)
                .bind(thinking)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("update runs set text_length = $2, thinking_length = $3 where message_id = $1")
                .bind(message.0)
                .bind(signed(run.text_length))
                .bind(signed(run.thinking_length))
                .execute(&mut *transaction)
                .await?;
            sqlx::query("delete from pieces where message_id = $1")
                .bind(message.0)
                .execute(&mut *transaction)
                .await?;
        }
        let event = Event::Run { message, run };
        let entry = logs::append(&mut transaction, LogKey::Room(room), &event, now).await?;
        transaction.commit().await?;
        Ok(Some(entry))
    }

    async fn unfinished_runs(&self) -> Result<Vec<(RoomId, MessageId, Run)>> {
        let rows = sqlx::query(
            "select messages.room_id, runs.* from runs join messages on messages.id = runs.message_id
             where ended_at is null",
        )
        .fetch_all(&self.read)
        .await?;
        let mut runs = Vec::with_capacity(rows.len());
        for row in &rows {
            let ids = (RoomId(row.try_get("room_id")?), MessageId(row.try_get("message_id")?));
            if let Some(run) = messages::run(row)? {
                runs.push((ids.0, ids.1, run));
            }
        }
        Ok(runs)
    }
}
