//! Rooms, how their members see them, and snapshots in SQLite. How rooms change is in `changes`.

use app::protocol::{
    CommandId, Cursor, Event, KimiMode, Limits, Member, Notify, Role, RoomId, RoomKind, RoomSnapshot,
    RoomSummary, Timestamp, UserId, UserSettings,
};
use async_trait::async_trait;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::{SqliteStore, branches, changes, logs, once, pages, signed, summaries, unsigned};
use crate::store::{Changed, Entry, Error, LogKey, NewRoom, Page, Refusal, Result, Rooms, Standing, Wish};

/// Reads a name that the database's checks allow.
pub(super) fn named<T: serde::de::DeserializeOwned>(what: &str, name: &str) -> Result<T> {
    use serde::de::IntoDeserializer;
    let name_of: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = name.into_deserializer();
    T::deserialize(name_of).map_err(|_| Error::Corrupt(format!("{what} `{name}`")))
}

pub(super) fn role(name: &str) -> Result<Role> {
    named("role", name)
}

pub(super) fn kind(name: &str) -> Result<RoomKind> {
    named("room kind", name)
}

pub(super) fn kind_name(kind: RoomKind) -> &'static str {
    match kind {
        RoomKind::Solo => "solo",
        RoomKind::Group => "group",
        RoomKind::Direct => "direct",
    }
}

pub(super) fn kimi_name(mode: KimiMode) -> &'static str {
    match mode {
        KimiMode::Always => "always",
        KimiMode::Mentioned => "mentioned",
        KimiMode::Silent => "silent",
    }
}

pub(super) fn notify_name(notify: Notify) -> &'static str {
    match notify {
        Notify::All => "all",
        Notify::Mentions => "mentions",
        Notify::None => "none",
    }
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

/// `None`: not a member.
pub(super) async fn role_of(
    connection: &mut SqliteConnection,
    room: RoomId,
    user: UserId,
) -> Result<Option<Role>> {
    let name: Option<String> =
        sqlx::query_scalar("select role from members where room_id = $1 and user_id = $2")
            .bind(room.0)
            .bind(user.0)
            .fetch_optional(connection)
            .await?;
    name.as_deref().map(role).transpose()
}

pub(super) async fn insert_member(
    connection: &mut SqliteConnection,
    room: RoomId,
    user: UserId,
    role: Role,
    read: u64,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "insert into members (room_id, user_id, role, joined_at, read_seq) values ($1, $2, $3, $4, $5)",
    )
    .bind(room.0)
    .bind(user.0)
    .bind(role.name())
    .bind(signed(now))
    .bind(signed(read))
    .execute(connection)
    .await?;
    Ok(())
}

/// Both people of a direct room, the smaller identifier first.
fn pair(one: UserId, other: UserId) -> Vec<u8> {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    [first.0.into_bytes(), second.0.into_bytes()].concat()
}

/// Whether the room is there already, by the same person; anything else in its place is refused.
async fn is_there(connection: &mut SqliteConnection, new: &NewRoom) -> Result<bool> {
    let kind: Option<String> = sqlx::query_scalar("select kind from rooms where id = $1")
        .bind(new.room.0)
        .fetch_optional(&mut *connection)
        .await?;
    let Some(kind) = kind else {
        // An identifier that is a user's inbox, say, must not become a room.
        let is_taken = logs::head(connection, LogKey::Room(new.room)).await?.is_some();
        return if is_taken { Err(Error::IdentifierTaken) } else { Ok(false) };
    };
    let role = role_of(connection, new.room, new.creator).await?;
    let is_own = role == Some(Role::Owner) || role.is_some() && kind == kind_name(RoomKind::Direct);
    if is_own { Ok(true) } else { Err(Error::IdentifierTaken) }
}

/// Sets a new room as another one of its creator is. Instructions are only for those who may set them there.
async fn begin_like(connection: &mut SqliteConnection, new: &NewRoom, like: RoomId) -> Result<()> {
    sqlx::query(
        "update rooms set model = source.model, thinking = source.thinking, instructions = source.instructions
         from (
             select model, thinking, case when role in ('owner', 'admin') then instructions else '' end as instructions
             from rooms join members on members.room_id = rooms.id
             where rooms.id = $2 and members.user_id = $3) as source
         where id = $1",
    )
    .bind(new.room.0)
    .bind(like.0)
    .bind(new.creator.0)
    .execute(connection)
    .await?;
    Ok(())
}

#[async_trait]
impl Rooms for SqliteStore {
    async fn create_room(&self, new: NewRoom, command: CommandId, now: Timestamp) -> Result<Vec<Entry>> {
        let mut transaction = self.begin().await?;
        if once::has_effect(&mut transaction, new.creator, new.room, command).await?
            || is_there(&mut transaction, &new).await?
        {
            return Ok(Vec::new());
        }
        let pair = match (new.kind, new.others.as_slice()) {
            (RoomKind::Direct, [other]) => Some(pair(new.creator, *other)),
            _ => None,
        };
        if let Some(pair) = &pair {
            let first: Option<Uuid> = sqlx::query_scalar("select id from rooms where pair = $1")
                .bind(pair)
                .fetch_optional(&mut *transaction)
                .await?;
            if let Some(first) = first {
                return Err(Error::Refused(Refusal::Pair(RoomId(first))));
            }
        }
        logs::create(&mut transaction, new.room.0).await?;
        sqlx::query(
            "insert into rooms (id, kind, title, kimi, pair, created_at, active_at)
             values ($1, $2, $3, $4, $5, $6, $6)",
        )
        .bind(new.room.0)
        .bind(kind_name(new.kind))
        .bind(&new.title)
        .bind(kimi_name(new.kimi))
        .bind(pair)
        .bind(signed(now))
        .execute(&mut *transaction)
        .await?;
        if let Some(like) = new.like {
            begin_like(&mut transaction, &new, like).await?;
        }
        let (creator, other) = match new.kind {
            RoomKind::Direct => (Role::Admin, Role::Admin),
            RoomKind::Solo | RoomKind::Group => (Role::Owner, Role::Member),
        };
        insert_member(&mut transaction, new.room, new.creator, creator, 0, now).await?;
        for user in &new.others {
            insert_member(&mut transaction, new.room, *user, other, 0, now).await?;
        }
        let joined = summaries::all(&mut transaction, new.room, |_| true).await?;
        let joined: Vec<_> =
            joined.into_iter().map(|(user, summary)| (user, Event::RoomJoined(summary))).collect();
        let entries = logs::append_to_inboxes(&mut transaction, &joined, now).await?;
        once::note(&mut transaction, new.creator, new.room, command).await?;
        transaction.commit().await?;
        Ok(entries)
    }

    async fn change(&self, wish: Wish, now: Timestamp) -> Result<Changed> {
        changes::apply(self, wish, now).await
    }

    async fn was_done(&self, user: UserId, room: RoomId, command: CommandId) -> Result<bool> {
        once::has_effect(&mut *self.read.acquire().await?, user, room, command).await
    }

    async fn standing(&self, room: RoomId, user: UserId) -> Result<Option<Standing>> {
        let row = sqlx::query(
            "select role, kind, title, kimi, model, thinking, is_archived from members
             join rooms on rooms.id = members.room_id where room_id = $1 and user_id = $2",
        )
        .bind(room.0)
        .bind(user.0)
        .fetch_optional(&self.read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Standing {
            role: role(row.try_get("role")?)?,
            kind: kind(row.try_get("kind")?)?,
            title: row.try_get("title")?,
            kimi: named("mode", row.try_get("kimi")?)?,
            model: row.try_get("model")?,
            thinking: named("thinking", row.try_get("thinking")?)?,
            is_archived: row.try_get("is_archived")?,
        }))
    }

    async fn role(&self, room: RoomId, user: UserId) -> Result<Option<Role>> {
        role_of(&mut *self.read.acquire().await?, room, user).await
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

    async fn set_seen(&self, seen: &[(UserId, Timestamp)]) -> Result<()> {
        let mut transaction = self.begin().await?;
        for (user, at) in seen {
            sqlx::query("update users set seen_at = $2 where id = $1")
                .bind(user.0)
                .bind(signed(*at))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn rooms_of(&self, user: UserId) -> Result<(Cursor, Vec<RoomSummary>, UserSettings)> {
        let mut connection = self.read.begin().await?;
        let cursor = logs::head(&mut connection, LogKey::Inbox(user)).await?.ok_or(Error::NotFound)?;
        let rows = sqlx::query(summaries::select(
            summaries::PEOPLE_OF_EACH,
            "where members.user_id = $1 order by active_at desc",
        ))
        .bind(user.0)
        .fetch_all(&mut *connection)
        .await?;
        let fold: String = sqlx::query_scalar("select thinking_fold from users where id = $1")
            .bind(user.0)
            .fetch_one(&mut *connection)
            .await?;
        let settings = UserSettings { thinking: named("fold", &fold)? };
        Ok((cursor, rows.iter().map(summaries::summary).collect::<Result<_>>()?, settings))
    }

    async fn snapshot(
        &self,
        room: RoomId,
        user: UserId,
        page: Page,
        only_shown: bool,
    ) -> Result<Option<RoomSnapshot>> {
        // A transaction, so that a run that ends meanwhile is seen before or after, never between.
        let mut connection = self.read.begin().await?;
        let Some(cursor) = logs::head(&mut connection, LogKey::Room(room)).await? else { return Ok(None) };
        let Some(summary) = summaries::of(&mut connection, room, user).await? else { return Ok(None) };
        let people = summary.members as usize;
        let mut members =
            if people <= Limits::LISTED_MEMBERS { members(&mut connection, room).await? } else { Vec::new() };
        if people > Limits::READ_MARKERS {
            for member in &mut members {
                member.read = 0;
            }
        }
        let is_solo = summary.kind == RoomKind::Solo;
        let tip = if is_solo && only_shown { branches::tip(&mut connection, room).await? } else { None };
        let stretch = pages::read(&mut connection, room, tip, page).await?;
        let (versions, chosen) = if is_solo {
            let versions = branches::versions(&mut connection, room, &stretch.messages).await?;
            (versions, branches::chosen(&mut connection, room).await?)
        } else {
            (Vec::new(), None)
        };
        Ok(Some(RoomSnapshot {
            room: summary,
            cursor,
            messages: stretch.messages,
            has_earlier: stretch.has_earlier,
            has_later: stretch.has_later,
            members,
            versions,
            chosen,
        }))
    }
}
