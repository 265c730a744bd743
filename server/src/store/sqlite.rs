//! The store on SQLite: one file in write-ahead-log mode, one writing connection and a few reading ones.

/// The clock of the database, in milliseconds since 1970 UTC: leases of all processes are measured by it.
macro_rules! clock {
    () => {
        "cast(unixepoch('subsec') * 1000 as integer)"
    };
}

mod accounts;
mod branches;
mod changes;
mod details;
mod logs;
mod messages;
mod once;
mod pages;
mod post;
mod rooms;
mod runs;
mod summaries;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::Result;

/// Reading connections; more do not help on the few cores such a server has.
const READERS: u32 = 4;
/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub struct SqliteStore {
    /// SQLite has one writer at a time; one connection makes the others wait here instead of failing as busy.
    write: SqlitePool,
    read: SqlitePool,
}

impl SqliteStore {
    /// Opens or creates the database file and brings it to the newest schema.
    pub async fn open(file: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was shown must also survive a power cut; see DESIGN §5 for what it costs.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let write = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&write).await?;
        let read =
            SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { write, read })
    }

    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        // Immediate: a transaction that reads first and writes later could otherwise fail half-way as busy.
        Ok(self.write.begin_with("begin immediate").await?)
    }
}

/// Milliseconds and lengths fit 63 bits; SQLite knows no unsigned numbers.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}
