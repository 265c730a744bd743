//! Rooms, members and snapshots in SQLite.

use app::protocol::{
    Cursor, Event, Member, MessageId, Role, RoomId, RoomKind, RoomSnapshot, RoomSummary, Timestamp, UserId,
};
use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{SqliteStore, logs, messages, signed, unsigned};
use crate::store::{Entry, Error, LogKey, Result, Rooms};

pub(super) fn kind(name: &str) -> Result<RoomKind> {
    match name {
        "solo" => Ok(RoomKind::Solo),
        "group" => Ok(RoomKind::Group),
        "direct" => Ok(RoomKind::Direct),
        _ => Err(Error::Corrupt(format!("room kind `{name}`"))),
    }
}

pub(super) fn role(name: &str) -> Result<Role> {
    match name {
        "owner" => Ok(Role::Owner),
        "admin" => Ok(Role::Admin),
        "member" => Ok(Role::Member),
        "guest" => Ok(Role::Guest),
        _ => Err(Error::Corrupt(format!("role `{name}`"))),
    }
}

fn summary(row: &SqliteRow) -> Result<RoomSummary> {
    Ok(RoomSummary::new(
        RoomId(row.try_get("id")?),
        kind(row.try_get("kind")?)?,
        row.try_get::<String, _>("title")?,
        role(row.try_get("role")?)?,
        unsigned(row.try_get("active_at")?),
    ))
}

/// All members of a room, by name. As many as a room may have, which is few enough to be read at once.
pub(super) async fn members(connection: &mut SqliteConnection, room: RoomId) -> Result<Vec<Member>> {
    let rows = sqlx::query(
        "select users.id, users.name, users.seen_at, role, read_seq from members
         join users on users.id = members.user_id where room_id = $1
         order by lower(users.name), users.id",
    )
    .bind(room.0)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Member {
                id: UserId(row.try_get("id")?),
                name: row.try_get("name")?,
                role: role(row.try_get("role")?)?,
                read: unsigned(row.try_get("read_seq")?),
                seen_at: row.try_get::<Option<i64>, _>("seen_at")?.map(unsigned),
            })
        })
        .collect()
}

/// Tells every member, in their inboxes, how the room looks now.
pub(super) async fn announce_change(
    connection: &mut SqliteConnection,
    room: RoomId,
    now: Timestamp,
) -> Result<Vec<Entry>> {
    let rows = sqlx::query(
        "select rooms.id, kind, title, active_at, role, user_id from rooms
         join members on members.room_id = rooms.id where rooms.id = $1",
    )
    .bind(room.0)
    .fetch_all(&mut *connection)
    .await?;
    let mut entries = Vec::with_capacity(rows.len());
    for row in &rows {
        let inbox = LogKey::Inbox(UserId(row.try_get("user_id")?));
        entries.push(logs::append(connection, inbox, &Event::RoomChanged(summary(row)?), now).await?);
    }
    Ok(entries)
}

#[async_trait]
impl Rooms for SqliteStore {
    async fn create_room(
        &self,
        room: RoomId,
        owner: UserId,
        title: &str,
        now: Timestamp,
    ) -> Result<Vec<Entry>> {
        let mut transaction = self.begin().await?;
        let owner_of_existing: Option<Uuid> =
            sqlx::query_scalar("select user_id from members where room_id = $1 and role = 'owner'")
                .bind(room.0)
                .fetch_optional(&mut *transaction)
                .await?;
        match owner_of_existing {
            Some(existing) if existing == owner.0 => return Ok(Vec::new()),
            Some(_) => return Err(Error::IdentifierTaken),
            None => {}
        }
        // An identifier that is a user's inbox, say, must not become a room.
        if logs::head(&mut transaction, LogKey::Room(room)).await?.is_some() {
            return Err(Error::IdentifierTaken);
        }
        logs::create(&mut transaction, room.0).await?;
        sqlx::query(
            "insert into rooms (id, kind, title, created_at, active_at) values ($1, 'solo', $2, $3, $3)",
        )
        .bind(room.0)
        .bind(title)
        .bind(signed(now))
        .execute(&mut *transaction)
        .await?;
        sqlx::query("insert into members (room_id, user_id, role, joined_at) values ($1, $2, 'owner', $3)")
            .bind(room.0)
            .bind(owner.0)
            .bind(signed(now))
            .execute(&mut *transaction)
            .await?;
        let summary = RoomSummary::new(room, RoomKind::Solo, title, Role::Owner, now);
        let joined = Event::RoomJoined(summary);
        let entry = logs::append(&mut transaction, LogKey::Inbox(owner), &joined, now).await?;
        transaction.commit().await?;
        Ok(vec![entry])
    }

    async fn rename_room(&self, room: RoomId, title: &str, now: Timestamp) -> Result<Vec<Entry>> {
        let mut transaction = self.begin().await?;
        sqlx::query("update rooms set title = $2 where id = $1")
            .bind(room.0)
            .bind(title)
            .execute(&mut *transaction)
            .await?;
        let entries = announce_change(&mut transaction, room, now).await?;
        transaction.commit().await?;
        Ok(entries)
    }

    async fn delete_room(&self, room: RoomId, now: Timestamp) -> Result<Vec<Entry>> {
        let mut transaction = self.begin().await?;
        let members: Vec<Uuid> = sqlx::query_scalar("select user_id from members where room_id = $1")
            .bind(room.0)
            .fetch_all(&mut *transaction)
            .await?;
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            let inbox = LogKey::Inbox(UserId(member));
            entries.push(logs::append(&mut transaction, inbox, &Event::RoomLeft { room }, now).await?);
        }
        sqlx::query("delete from rooms where id = $1").bind(room.0).execute(&mut *transaction).await?;
        sqlx::query("delete from logs where id = $1").bind(room.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(entries)
    }

    async fn role(&self, room: RoomId, user: UserId) -> Result<Option<Role>> {
        let name: Option<String> =
            sqlx::query_scalar("select role from members where room_id = $1 and user_id = $2")
                .bind(room.0)
                .bind(user.0)
                .fetch_optional(&self.read)
                .await?;
        name.as_deref().map(role).transpose()
    }

    async fn owned_rooms(&self, user: UserId) -> Result<u64> {
        let count: i64 =
            sqlx::query_scalar("select count(*) from members where user_id = $1 and role = 'owner'")
                .bind(user.0)
                .fetch_one(&self.read)
                .await?;
        Ok(unsigned(count))
    }

    async fn room_ids(&self, user: UserId) -> Result<Vec<RoomId>> {
        let ids: Vec<Uuid> = sqlx::query_scalar("select room_id from members where user_id = $1")
            .bind(user.0)
            .fetch_all(&self.read)
            .await?;
        Ok(ids.into_iter().map(RoomId).collect())
    }

    async fn members(&self, room: RoomId) -> Result<Vec<Member>> {
        members(&mut *self.read.acquire().await?, room).await
    }

    async fn set_seen(&self, user: UserId, at: Timestamp) -> Result<()> {
        sqlx::query("update users set seen_at = $2 where id = $1")
            .bind(user.0)
            .bind(signed(at))
            .execute(&self.write)
            .await?;
        Ok(())
    }

    async fn rooms_of(&self, user: UserId) -> Result<(Cursor, Vec<RoomSummary>)> {
        let mut connection = self.read.acquire().await?;
        let cursor = logs::head(&mut connection, LogKey::Inbox(user)).await?.ok_or(Error::NotFound)?;
        let rows = sqlx::query(
            "select rooms.id, kind, title, active_at, role from members
             join rooms on rooms.id = members.room_id where user_id = $1 order by active_at desc",
        )
        .bind(user.0)
        .fetch_all(&mut *connection)
        .await?;
        Ok((cursor, rows.iter().map(summary).collect::<Result<_>>()?))
    }

    async fn snapshot(
        &self,
        room: RoomId,
        user: UserId,
        before: Option<MessageId>,
        limit: usize,
    ) -> Result<Option<RoomSnapshot>> {
        // A transaction, so that a run that ends meanwhile is seen before or after, never between.
        let mut connection = self.read.begin().await?;
        let Some(cursor) = logs::head(&mut connection, LogKey::Room(room)).await? else { return Ok(None) };
        let row = sqlx::query(
            "select rooms.id, kind, title, active_at, role from rooms
             join members on members.room_id = rooms.id where rooms.id = $1 and user_id = $2",
        )
        .bind(room.0)
        .bind(user.0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let mut messages = messages::newest(&mut connection, room, before, limit + 1).await?;
        let has_earlier = messages.len() > limit;
        if has_earlier {
            messages.remove(0);
        }
        Ok(Some(RoomSnapshot {
            room: summary(&row)?,
            cursor,
            messages,
            has_earlier,
            has_later: false,
            members: Vec::new(),
        }))
    }
}
