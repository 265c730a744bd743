//! What the pages about a room show, in SQLite.

use app::details::{History, Invitation, Invite, Pinned, Revision, RoomDetails};
use app::protocol::{InviteId, Limits, MessageId, RoomId, Timestamp, UserId};
use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::{SqliteStore, rooms, signed, summaries, unsigned};
use crate::store::{Details, Result};

/// Characters of a pinned message that are shown.
const EXCERPT_CHARACTERS: usize = 200;
/// Earlier texts of one message that are shown; each may be as long as a message.
const REVISIONS: usize = 50;

/// What a text begins with, on one line.
fn excerpt(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(EXCERPT_CHARACTERS) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

async fn pinned(connection: &mut SqliteConnection, room: RoomId) -> Result<Vec<Pinned>> {
    let rows = sqlx::query(
        // As many characters again, for the white space that an excerpt leaves out.
        "select id, author_name, created_at, substr(text, 1, 400) as beginning from messages
         where room_id = $1 and pinned_at is not null and deleted_at is null order by pinned_at desc limit $2",
    )
    .bind(room.0)
    .bind(signed(Limits::PINS_PER_ROOM as u64))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Pinned {
                message: MessageId(row.try_get("id")?),
                author: row.try_get("author_name")?,
                created_at: unsigned(row.try_get("created_at")?),
                excerpt: excerpt(row.try_get("beginning")?),
            })
        })
        .collect()
}

fn invite(row: &SqliteRow) -> Result<Invite> {
    Ok(Invite {
        id: InviteId(row.try_get("id")?),
        role: rooms::role(row.try_get("role")?)?,
        created_by: row.try_get("created_by")?,
        expires_at: unsigned(row.try_get("expires_at")?),
        uses_left: row.try_get("uses_left")?,
    })
}

async fn revisions(connection: &mut SqliteConnection, message: MessageId) -> Result<Vec<Revision>> {
    let rows =
        sqlx::query("select until, text from revisions where message_id = $1 order by until desc limit $2")
            .bind(message.0)
            .bind(signed(REVISIONS as u64 + 1))
            .fetch_all(connection)
            .await?;
    rows.iter()
        .map(|row| Ok(Revision { until: unsigned(row.try_get("until")?), text: row.try_get("text")? }))
        .collect()
}

#[async_trait]
impl Details for SqliteStore {
    async fn details(&self, room: RoomId, user: UserId) -> Result<Option<RoomDetails>> {
        let mut connection = self.read.begin().await?;
        let Some(summary) = summaries::of(&mut connection, room, user).await? else { return Ok(None) };
        let row = sqlx::query("select created_at, instructions from rooms where id = $1")
            .bind(room.0)
            .fetch_one(&mut *connection)
            .await?;
        Ok(Some(RoomDetails {
            room: summary,
            created_at: unsigned(row.try_get("created_at")?),
            instructions: row.try_get("instructions")?,
            members: rooms::members(&mut connection, room).await?,
            invites: Vec::new(),
            pinned: pinned(&mut connection, room).await?,
        }))
    }

    async fn invites(&self, room: RoomId, now: Timestamp) -> Result<Vec<Invite>> {
        let rows = sqlx::query(
            "select id, role, created_by, expires_at, uses_left from invites
             where room_id = $1 and expires_at > $2 and coalesce(uses_left, 1) > 0
             order by created_at desc, id limit $3",
        )
        .bind(room.0)
        .bind(signed(now))
        .bind(signed(Limits::INVITES_PER_ROOM as u64))
        .fetch_all(&self.read)
        .await?;
        rows.iter().map(invite).collect()
    }

    async fn invitation(&self, room: RoomId, secret: InviteId, now: Timestamp) -> Result<Option<Invitation>> {
        let row = sqlx::query(
            "select invites.*, title, topic,
                 (select count(*) from members where members.room_id = rooms.id) as people
             from invites join rooms on rooms.id = room_id
             where invites.id = $1 and room_id = $2 and expires_at > $3 and coalesce(uses_left, 1) > 0",
        )
        .bind(secret.0)
        .bind(room.0)
        .bind(signed(now))
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let Invite { id, role, created_by, expires_at, .. } = invite(&row)?;
        let title = row.try_get("title")?;
        let topic = row.try_get("topic")?;
        let members = row.try_get("people")?;
        Ok(Some(Invitation { room, invite: id, title, topic, members, role, created_by, expires_at }))
    }

    async fn history(&self, room: RoomId, message: MessageId) -> Result<Option<History>> {
        let mut connection = self.read.begin().await?;
        let row = sqlx::query(
            "select author_name, created_at, deleted_at, edited_at, edited_by, text from messages
             where id = $1 and room_id = $2",
        )
        .bind(message.0)
        .bind(room.0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut revisions = revisions(&mut connection, message).await?;
        let has_earlier = revisions.len() > REVISIONS;
        revisions.truncate(REVISIONS);
        let time = |column: &str| -> Result<Option<Timestamp>> {
            Ok(row.try_get::<Option<i64>, _>(column)?.map(unsigned))
        };
        Ok(Some(History {
            room,
            message,
            author: row.try_get("author_name")?,
            created_at: unsigned(row.try_get("created_at")?),
            deleted_at: time("deleted_at")?,
            edited_at: time("edited_at")?,
            edited_by: row.try_get("edited_by")?,
            text: row.try_get("text")?,
            revisions,
            has_earlier,
            is_withheld: false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_one_short_line() {
        assert_eq!(excerpt("  a\n\n b\tc "), "a b c");
        assert_eq!(excerpt(&"é".repeat(EXCERPT_CHARACTERS)).chars().count(), EXCERPT_CHARACTERS);
        let long = excerpt(&"é ".repeat(EXCERPT_CHARACTERS));
        assert!(long.ends_with("é…"), "{long}");
    }
}
