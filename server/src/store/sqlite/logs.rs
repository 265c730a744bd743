//! Logs and their events in SQLite, and the one function by which every event gets its sequence number.

use std::collections::HashMap;

use app::protocol::{Cursor, Event, Timestamp, UserId};
use async_trait::async_trait;
use futures::TryStreamExt;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::{SqliteStore, signed, unsigned};
use crate::store::{Entry, Error, LogKey, Logs, READ_BYTES, Result};

impl LogKey {
    pub(super) fn id(self) -> Uuid {
        match self {
            Self::Inbox(user) => user.0,
            Self::Room(room) => room.0,
        }
    }
}

/// Begins a log with an epoch of its own, so that a cursor into an older log of the same identifier says nothing.
pub(super) async fn create(connection: &mut SqliteConnection, id: Uuid) -> Result<()> {
    let random = getrandom::u32().map_err(|error| Error::Corrupt(error.to_string()))?;
    sqlx::query("insert into logs (id, epoch, head) values ($1, $2, 0)")
        .bind(id)
        .bind(i64::from(random))
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes the next sequence number of a log.
pub(super) async fn next_seq(connection: &mut SqliteConnection, log: LogKey) -> Result<u64> {
    let seq: Option<i64> = sqlx::query_scalar("update logs set head = head + 1 where id = $1 returning head")
        .bind(log.id())
        .fetch_optional(connection)
        .await?;
    seq.map(unsigned).ok_or(Error::NotFound)
}

/// Writes an event at a number that was taken in the same transaction.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    log: LogKey,
    seq: u64,
    event: &Event,
    now: Timestamp,
) -> Result<Entry> {
    sqlx::query("insert into events (log_id, seq, kind, payload, created_at) values ($1, $2, $3, $4, $5)")
        .bind(log.id())
        .bind(signed(seq))
        .bind(event.kind())
        .bind(event.payload_json())
        .bind(signed(now))
        .execute(connection)
        .await?;
    Ok(Entry::new(log, seq, event))
}

/// Takes a number and writes the event at it.
pub(super) async fn append(
    connection: &mut SqliteConnection,
    log: LogKey,
    event: &Event,
    now: Timestamp,
) -> Result<Entry> {
    let seq = next_seq(connection, log).await?;
    write(connection, log, seq, event, now).await
}

/// Events of an inbox that are kept; a client that has missed more loads everything anew in any case.
const INBOX_EVENTS: u64 = 1_000;
/// Inboxes that one statement writes to; SQLite has a bound on values in one.
const INBOXES: usize = 1_000;

/// Appends an event to each of these inboxes, each named once, and lets go of what lies too far back in them. As few
/// statements for all members of a room as for one.
pub(super) async fn append_to_inboxes(
    connection: &mut SqliteConnection,
    events: &[(UserId, Event)],
    now: Timestamp,
) -> Result<Vec<Entry>> {
    let mut entries = Vec::with_capacity(events.len());
    for events in events.chunks(INBOXES) {
        let mut query = QueryBuilder::<Sqlite>::new("update logs set head = head + 1 where id in (");
        let mut ids = query.separated(", ");
        for (user, _) in events {
            ids.push_bind(user.0);
        }
        query.push(") returning id, head");
        let heads: Vec<(Uuid, i64)> = query.build_query_as().fetch_all(&mut *connection).await?;
        let heads: HashMap<Uuid, u64> = heads.into_iter().map(|(id, head)| (id, unsigned(head))).collect();
        let first = entries.len();
        for (user, event) in events {
            let seq = *heads.get(&user.0).ok_or(Error::NotFound)?;
            entries.push(Entry::new(LogKey::Inbox(*user), seq, event));
        }
        let mut query =
            QueryBuilder::<Sqlite>::new("insert into events (log_id, seq, kind, payload, created_at) ");
        query.push_values(events.iter().zip(&entries[first..]), |mut row, ((user, event), entry)| {
            row.push_bind(user.0)
                .push_bind(signed(entry.seq))
                .push_bind(event.kind())
                .push_bind(event.payload_json())
                .push_bind(signed(now));
        });
        query.build().execute(&mut *connection).await?;
        let old: Vec<&Entry> = entries[first..].iter().filter(|entry| entry.seq > INBOX_EVENTS).collect();
        if !old.is_empty() {
            let mut query = QueryBuilder::<Sqlite>::new("delete from events where (log_id, seq) in (");
            query.push_values(old, |mut row, entry| {
                row.push_bind(entry.log.id()).push_bind(signed(entry.seq - INBOX_EVENTS));
            });
            query.push(")");
            query.build().execute(&mut *connection).await?;
        }
    }
    Ok(entries)
}

pub(super) async fn head(connection: &mut SqliteConnection, log: LogKey) -> Result<Option<Cursor>> {
    let row = sqlx::query("select epoch, head from logs where id = $1")
        .bind(log.id())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let epoch: i64 = row.try_get("epoch")?;
    let epoch = u32::try_from(epoch).map_err(|_| Error::Corrupt("an epoch out of range".to_owned()))?;
    Ok(Some(Cursor { epoch, seq: unsigned(row.try_get("head")?) }))
}

#[async_trait]
impl Logs for SqliteStore {
    async fn head(&self, log: LogKey) -> Result<Option<Cursor>> {
        head(&mut *self.read.acquire().await?, log).await
    }

    async fn gap(&self, log: LogKey, after: u64, head: u64) -> Result<(u64, u64)> {
        let (events, bytes): (i64, i64) = sqlx::query_as(
            "select count(*), coalesce(sum(octet_length(payload)), 0) from events
             where log_id = $1 and seq > $2 and seq <= $3",
        )
        .bind(log.id())
        .bind(signed(after))
        .bind(signed(head))
        .fetch_one(&self.read)
        .await?;
        Ok((unsigned(events), unsigned(bytes)))
    }

    async fn read_log(&self, log: LogKey, after: u64, limit: u64) -> Result<Vec<Entry>> {
        let mut rows = sqlx::query(
            "select seq, kind, payload from events where log_id = $1 and seq > $2 order by seq limit $3",
        )
        .bind(log.id())
        .bind(signed(after))
        .bind(signed(limit))
        .fetch(&self.read);
        let mut entries = Vec::new();
        let mut bytes = 0;
        while bytes < READ_BYTES
            && let Some(row) = rows.try_next().await?
        {
            let seq = unsigned(row.try_get("seq")?);
            let (kind, payload): (&str, &str) = (row.try_get("kind")?, row.try_get("payload")?);
            // The stored payload is the wire's: no need to take it apart and put it together again.
            let frame =
                format!(r#"{{"type":"{kind}","log":"{}","seq":{seq},"payload":{payload}}}"#, log.wire());
            bytes += frame.len();
            entries.push(Entry { log, seq, frame: frame.into() });
        }
        Ok(entries)
    }
}
