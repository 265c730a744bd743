//! The fence, the leases, and that no piece can leave a hole.

mod context;
mod queue;

use app::protocol::{Author, CommandId, KimiMode, Message, RoomKind, UserId};
use tempfile::TempDir;

use super::*;
use crate::store::{Account, Accounts, Logs, Messages, NewMessage, NewRoom, READ_BYTES, Rooms};

const LONG: Duration = Duration::from_mins(1);

struct World {
    store: SqliteStore,
    user: UserId,
    room: RoomId,
    _folder: TempDir,
}

fn lease(node: u64, token: u64, duration: Duration) -> Lease {
    Lease { node, token, duration }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&folder.path().join("test.db")).await.unwrap();
        let user = UserId(Uuid::now_v7());
        let account = Account {
            id: user,
            email: "ana@example.org".to_owned(),
            name: "Ana".to_owned(),
            password_hash: String::new(),
            is_admin: true,
            language: None,
        };
        store.create_account(&account, 0).await.unwrap();
        let room = RoomId(Uuid::now_v7());
        let new = NewRoom {
            room,
            kind: RoomKind::Solo,
            title: String::new(),
            kimi: KimiMode::Always,
            creator: user,
            others: Vec::new(),
            like: None,
        };
        store.create_room(new, CommandId(Uuid::now_v7()), 0).await.unwrap();
        Self { store, user, room, _folder: folder }
    }

    /// A room of several people instead of a solo one.
    async fn group() -> Self {
        let world = Self::new().await;
        sqlx::query("update rooms set kind = 'group'").execute(&world.store.write).await.unwrap();
        world
    }

    /// A queued reply under this lease.
    async fn reply(&self, lease: Lease) -> MessageId {
        self.reply_to(None, lease).await.unwrap()
    }

    async fn reply_to(&self, parent: Option<MessageId>, lease: Lease) -> Result<MessageId> {
        let id = MessageId(Uuid::now_v7());
        let author = Author::Assistant { name: "Kimi".to_owned() };
        let run = Some(Run::queued("kimi-k3".to_owned()));
        let reply = Message { parent, run, ..Message::new(id, author, 0, "") };
        let new = NewMessage {
            room: self.room,
            message: None,
            follows_shown: false,
            reply: Some(reply),
            title: None,
            lease,
        };
        self.store.post(new, self.user, 0).await?;
        Ok(id)
    }

    /// Somebody's message that nobody replies to.
    async fn say(&self, parent: Option<MessageId>, text: &str) -> MessageId {
        let id = MessageId(Uuid::now_v7());
        let author = Author::Member { id: self.user, name: "Ana".to_owned() };
        let message = Message { parent, ..Message::new(id, author, 0, text) };
        let (message, lease) = (Some(message), lease(1, 7, LONG));
        let new =
            NewMessage { room: self.room, message, follows_shown: false, reply: None, title: None, lease };
        self.store.post(new, self.user, 0).await.unwrap();
        id
    }

    async fn go_on(&self, message: MessageId, lease: Lease) -> Result<Continued> {
        let command = CommandId(Uuid::now_v7());
        let wish = Continuation { room: self.room, message, user: self.user, command };
        self.store.continue_run(wish, lease, 0).await
    }

    async fn append(
        &self,
        message: MessageId,
        token: u64,
        is_thinking: bool,
        start: u64,
        text: &str,
    ) -> bool {
        let piece = Piece { message, token, is_thinking, start, text: text.to_owned() };
        self.store.append(&[piece]).await.unwrap()[0]
    }

    async fn texts(&self, message: MessageId) -> (String, String) {
        let message = self.store.message(self.room, message).await.unwrap().unwrap();
        (message.text, message.thinking)
    }

    async fn end(&self, message: MessageId, token: u64, status: RunStatus) -> Option<Entry> {
        let mut run = self.store.message(self.room, message).await.unwrap().unwrap().run.unwrap();
        run.status = status;
        run.ended_at = Some(1);
        self.store.set_run(self.room, message, token, &run, 1).await.unwrap()
    }
}

#[tokio::test]
async fn a_piece_is_stored_by_the_holder_and_exactly_at_the_end() {
    let world = World::new().await;
    let reply = world.reply(lease(1, 7, LONG)).await;
    assert!(!world.append(reply, 7, false, 1, "b").await, "a hole at the start");
    assert!(world.append(reply, 7, false, 0, "Kä\u{0}se").await);
    assert!(!world.append(reply, 7, false, 0, "again").await, "what is there stays");
    assert!(!world.append(reply, 7, false, 5, "inside").await);
    assert!(!world.append(reply, 7, false, 7, "a hole").await);
    assert!(!world.append(reply, 8, false, 6, "a stranger").await);
    assert!(world.append(reply, 7, false, 6, "!").await, "bytes count, not characters");
    assert!(world.append(reply, 7, true, 0, "hm").await, "the thinking has places of its own");
    // Taken: the old holder is out, the new one goes on at the same place.
    world.store.take_lease(reply, lease(2, 9, LONG)).await.unwrap().unwrap();
    assert!(!world.append(reply, 7, false, 7, "late").await);
    assert!(world.end(reply, 7, RunStatus::Done).await.is_none());
    assert!(world.append(reply, 9, false, 7, "?").await);
    assert_eq!(world.texts(reply).await, ("Kä\u{0}se!?".to_owned(), "hm".to_owned()));
    // After an end the pieces are the message's text, and a continuation begins behind them.
    assert!(world.end(reply, 9, RunStatus::Stopped).await.is_some());
    assert!(!world.append(reply, 9, false, 8, "after the end").await);
    let wish = Continuation {
        room: world.room,
        message: reply,
        user: world.user,
        command: CommandId(Uuid::now_v7()),
    };
    let continued = world.store.continue_run(wish, lease(3, 11, LONG), 2).await.unwrap();
    assert!(matches!(continued, Continued::Now(_)));
    let again = world.store.continue_run(wish, lease(4, 12, LONG), 2).await.unwrap();
    assert!(matches!(again, Continued::Before));
    assert!(!world.append(reply, 11, false, 0, "from the start").await);
    assert!(world.append(reply, 11, false, 8, " More.").await);
    assert!(world.end(reply, 11, RunStatus::Done).await.is_some());
    assert_eq!(world.texts(reply).await, ("Kä\u{0}se!? More.".to_owned(), "hm".to_owned()));
    let other = Continuation { command: CommandId(Uuid::now_v7()), ..wish };
    let refused = world.store.continue_run(other, lease(3, 13, LONG), 3).await.unwrap();
    assert!(matches!(refused, Continued::Refused), "it is done");
}

#[tokio::test]
async fn thinking_that_begins_anew_leaves_nothing_of_the_old() {
    let world = World::new().await;
    let reply = world.reply(lease(1, 7, LONG)).await;
    assert!(world.append(reply, 7, true, 0, "first thoughts").await);
    let mut run = world.store.message(world.room, reply).await.unwrap().unwrap().run.unwrap();
    run.attempt = 2;
    assert!(world.store.begin_anew(world.room, reply, 8, &run, 0).await.unwrap().is_none());
    assert_eq!(world.texts(reply).await.1, "first thoughts", "a stranger changes nothing");
    assert!(world.store.begin_anew(world.room, reply, 7, &run, 0).await.unwrap().is_some());
    assert_eq!(world.texts(reply).await.1, "");
    assert!(!world.append(reply, 7, true, 14, " and more").await);
    assert!(world.append(reply, 7, true, 0, "second").await);
    assert_eq!(world.texts(reply).await.1, "second");
}

#[tokio::test]
async fn leases_are_renewed_by_node_and_taken_when_they_have_expired() {
    let world = World::new().await;
    let (held, expired) =
        (world.reply(lease(1, 7, LONG)).await, world.reply(lease(2, 8, Duration::ZERO)).await);
    assert_eq!(world.store.expired_runs(10).await.unwrap(), [(world.room, expired)]);
    let taken = world.store.take_over(&[held, expired], lease(3, 9, LONG)).await.unwrap();
    assert_eq!(taken, [(expired, 1)], "what is held is not taken");
    assert!(world.store.take_over(&[held, expired], lease(4, 10, LONG)).await.unwrap().is_empty());
    assert_eq!(world.store.renew_leases(3, LONG).await.unwrap(), [expired]);
    assert_eq!(world.store.count_heal(expired, 9).await.unwrap(), Some(1));
    assert_eq!(world.store.count_heal(expired, 9).await.unwrap(), Some(2));
    assert_eq!(world.store.count_heal(expired, 8).await.unwrap(), None, "only the holder heals");
    // Released, it is free at once, and its holder writes nothing more.
    world.store.release_leases(3, Some(expired)).await.unwrap();
    assert!(!world.append(expired, 9, false, 0, "late").await);
    assert_eq!(world.store.expired_runs(10).await.unwrap(), [(world.room, expired)]);
    world.store.release_leases(1, None).await.unwrap();
    assert_eq!(world.store.expired_runs(1).await.unwrap().len(), 1, "as many as were asked for");
    assert_eq!(world.store.expired_runs(10).await.unwrap().len(), 2);
    // What has ended is nobody's concern.
    world.store.take_lease(held, lease(5, 11, Duration::ZERO)).await.unwrap();
    world.end(held, 11, RunStatus::Done).await.unwrap();
    assert_eq!(world.store.expired_runs(10).await.unwrap(), [(world.room, expired)]);
    assert!(world.store.take_lease(held, lease(5, 12, LONG)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_log_is_read_in_bounded_bites_and_never_in_none() {
    let world = World::new().await;
    let log = LogKey::Room(world.room);
    for size in [10, READ_BYTES * 2, 10, 10, READ_BYTES, 10] {
        let author = Author::Member { id: world.user, name: "Ana".to_owned() };
        let message = Message::new(MessageId(Uuid::now_v7()), author, 0, "x".repeat(size));
        let new = NewMessage {
            room: world.room,
            message: Some(message),
            follows_shown: false,
            reply: None,
            title: None,
            lease: lease(1, 7, LONG),
        };
        world.store.post(new, world.user, 0).await.unwrap();
    }
    let mut bites = Vec::new();
    let mut after = 0;
    loop {
        let entries = world.store.read_log(log, after, 100).await.unwrap();
        let Some(last) = entries.last() else { break };
        assert_eq!(entries[0].seq, after + 1);
        after = last.seq;
        bites.push(entries.len());
    }
    assert_eq!(bites, [2, 3, 1]);
    assert_eq!(world.store.read_log(log, 2, 2).await.unwrap().len(), 2);
}

#[tokio::test]
async fn every_look_for_runs_goes_through_an_index() {
    let world = World::new().await;
    for (sql, index) in [
        (
            "select message_id from runs where ended_at is null and lease_until <= 5 order by lease_until",
            "runs_lease_until_idx",
        ),
        ("update runs set heals = 0 where node = 5 and ended_at is null", "runs_node_idx"),
        (
            "select start from pieces where message_id = x'00' and is_thinking = 1 order by start desc limit 1",
            "pieces",
        ),
    ] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("explain query plan {sql}")))
            .fetch_all(&world.store.write)
            .await
            .unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        assert!(plan.iter().all(|step| step.contains("SEARCH") && step.contains(index)), "{plan:?}");
    }
}
