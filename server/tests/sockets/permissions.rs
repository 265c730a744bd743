//! Who may do what: every cell of the table in `PROTOCOL.md`, tried on a real server.

use std::collections::BTreeMap;

use app::protocol::{
    Ack, Command, CommandId, Failure, FailureCode, Fold, Held, InviteId, KimiMode, MessageId, Notify, Resume,
    Role, RoomCursor, RoomId, UserId,
};
use serde_json::json;

use crate::support::{Person, Setup, TestServer, new_command, new_room};

const DOCUMENT: &str = include_str!("../../../PROTOCOL.md");

/// The cells of the table by command and column.
fn table() -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    let cells = |line: &'static str| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
    let section = DOCUMENT.split("### Who may do what").nth(1).unwrap();
    let mut lines = section.lines().skip_while(|line| !line.starts_with('|'));
    let columns = cells(lines.next().unwrap());
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(|line| {
        let cells = cells(line);
        let row = columns.iter().copied().zip(cells.iter().copied()).skip(1).collect();
        (cells[0].trim_matches('`'), row)
    });
    rows.collect()
}

/// Everybody that the table is about, and those on whom it is tried.
struct World {
    server: TestServer,
    owner: Person,
    admin: Person,
    member: Person,
    guest: Person,
    outsider: Person,
    /// Another admin, and another member.
    equal: Person,
    other: Person,
}

impl World {
    async fn new() -> Self {
        // Replies end at once, in a way in which they can go on.
        let script = json!({"text": "Yes.", "no_thinking": true, "finish_reason": "length"});
        let setup = Setup::default().simulator(script).argument("--messages-per-minute", "10000");
        let server = setup.start().await;
        Self {
            owner: server.person("Olga").await,
            admin: server.person("Adam").await,
            member: server.person("Mona").await,
            guest: server.person("Gus").await,
            outsider: server.person("Ulli").await,
            equal: server.person("Eva").await,
            other: server.person("Otto").await,
            server,
        }
    }

    fn person(&mut self, column: &str) -> &mut Person {
        match column {
            "guest" => &mut self.guest,
            "member" => &mut self.member,
            "admin" => &mut self.admin,
            "owner" => &mut self.owner,
            "outsider" => &mut self.outsider,
            _ => panic!("{column}"),
        }
    }

    /// A new group of all but the outsider.
    async fn group(&mut self) -> RoomId {
        let room = self.owner.group(&["Adam", "Mona", "Gus", "Eva", "Otto"]).await;
        for (user, role) in
            [(self.admin.id, Role::Admin), (self.equal.id, Role::Admin), (self.guest.id, Role::Guest)]
        {
            self.owner.gives(room, user, role).await.unwrap();
        }
        room
    }
}

/// What a command is tried on.
struct Things {
    room: RoomId,
    said: MessageId,
    reply: MessageId,
    invite: InviteId,
    target: UserId,
    role: Role,
}

const NOTHING: MessageId = MessageId(uuid::Uuid::nil());

impl Things {
    fn new(room: RoomId, target: UserId) -> Self {
        let invite = InviteId(uuid::Uuid::nil());
        Self { room, said: NOTHING, reply: NOTHING, invite, target, role: Role::Guest }
    }

    /// The commands of this type, by which somebody who may would change something.
    fn command(&self, kind: &str) -> Command {
        let Self { room, said, reply, invite, target: user, role } = *self;
        let (seq, text) = (1, "Other words".to_owned());
        let held = Held { message: reply, attempt: 1, text: 0, thinking: 0 };
        match kind {
            "room:subscribe" => Command::Subscribe(RoomCursor { room, cursor: None, messages: Vec::new() }),
            "room:unsubscribe" => Command::Unsubscribe { room },
            "chat:resume" => Command::Resume { room, held },
            "room:create" => Command::create_solo(new_room(), "Mine"),
            "room:rename" => Command::RenameRoom { room, title: "Another name".to_owned() },
            "room:change" => change(room, None),
            "room:delete" => Command::DeleteRoom { room },
            "room:leave" => Command::LeaveRoom { room },
            "room:add" => Command::AddMember { room, who: "newcomer@example.org".to_owned(), role },
            "room:remove" => Command::RemoveMember { room, user },
            "room:role" => Command::SetRole { room, user, role },
            "room:invite" => Command::Invite { room, role, lifetime_ms: None, uses: None },
            "room:revoke" => Command::RevokeInvite { room, invite },
            "room:join" => Command::Join { room, invite },
            "room:read" => Command::MarkRead { room, seq },
            "room:unread" => Command::MarkUnread { room, seq },
            "room:notify" => Command::SetNotify { room, notify: Notify::All },
            "room:pin" => Command::PinRoom { room, is_on: true },
            "user:change" => Command::ChangeUser { room, thinking: Fold::Open },
            "chat:message" => Command::say(room, "Hello"),
            "chat:branch" => Command::ShowBranch { room, message: said },
            "chat:edit" => Command::EditMessage { room, message: said, text },
            "chat:delete" => Command::DeleteMessage { room, message: said },
            "chat:react" => Command::React { room, message: said, emoji: "👍".to_owned(), is_on: true },
            "chat:pin" => Command::Pin { room, message: said, is_on: true },
            "chat:stop" => Command::StopRun { room, message: reply },
            "chat:retry" => Command::RetryRun { room, message: reply },
            "chat:continue" => Command::ContinueRun { room, message: reply },
            _ => panic!("no command for `{kind}`"),
        }
    }
}

fn change(room: RoomId, is_archived: Option<bool>) -> Command {
    let (topic, kimi) = (Some("Another topic".to_owned()), Some(KimiMode::Silent));
    Command::ChangeRoom { room, topic, kimi, model: None, thinking: None, instructions: None, is_archived }
}

/// A message and a reply to it, asked for by one person.
async fn ask(asker: &mut Person, things: &mut Things) {
    asker.socket.follow(things.room).await;
    things.said = asker.says(things.room, "@kimi why?").await;
    things.reply = asker.socket.reply(things.said).await;
    asker.socket.finished(things.reply).await;
    asker.does(Command::Unsubscribe { room: things.room }).await.unwrap();
}

/// Whether somebody was let do it; otherwise with which code they were refused.
async fn attempt(person: &mut Person, things: &Things, kind: &str) -> Result<(), FailureCode> {
    let command = things.command(kind);
    let result: Result<Ack, Failure> = match (kind, command) {
        ("room:subscribe", Command::Subscribe(wanted)) => {
            let subscribed = person.socket.subscribe(wanted).await;
            if subscribed.resume == Resume::Gone {
                return Err(FailureCode::RoomNotFound);
            }
            return Ok(());
        }
        ("chat:resume", command) => {
            let wanted = RoomCursor { room: things.room, cursor: None, messages: Vec::new() };
            if person.socket.subscribe(wanted).await.resume == Resume::Gone {
                let refused = person.does(command).await.unwrap_err();
                assert_eq!(refused.code, FailureCode::MessageNotFound);
                return Err(FailureCode::RoomNotFound);
            }
            person.does(command).await
        }
        (_, command) => person.does(command).await,
    };
    result.map(|_| ()).map_err(|failure| failure.code)
}

fn is_about_message(kind: &str) -> bool {
    kind.starts_with("chat:") && kind != "chat:message"
}

#[tokio::test]
async fn nobody_may_do_more_or_less_than_the_table_says() {
    let mut world = World::new().await;
    let newcomer = world.server.account("Newcomer").await;
    drop(newcomer);
    let table = table();
    let mut tried = 0;
    for kind in Command::KINDS {
        let row = table.get(kind).unwrap_or_else(|| panic!("`{kind}` is missing in the table"));
        for column in ["guest", "member", "admin", "owner", "outsider"] {
            let cell = row[column];
            // With one's own, or with people of lower roles; then with others'.
            for is_favourable in [true, false] {
                if !is_favourable && !matches!(cell, "own" | "lower") && !is_about_message(kind) {
                    continue;
                }
                let expected = match cell {
                    "yes" => Ok(()),
                    "own" | "lower" if is_favourable => Ok(()),
                    "own" | "lower" => Err(FailureCode::Forbidden),
                    "no" if column == "outsider" => Err(FailureCode::RoomNotFound),
                    // An owner who leaves.
                    "no" if *kind == "room:leave" => Err(FailureCode::BadState),
                    // Nobody but an owner is in a room that has branches.
                    "no" if *kind == "chat:branch" => Err(FailureCode::BadState),
                    "no" => Err(FailureCode::Forbidden),
                    other => panic!("`{kind}` has a cell `{other}`"),
                };
                let room = match (*kind, column) {
                    ("chat:branch", "owner") => world.owner.socket.new_room().await,
                    _ => world.group().await,
                };
                let things = things(&mut world, room, kind, column, is_favourable).await;
                let found = attempt(world.person(column), &things, kind).await;
                assert_eq!(found, expected, "`{kind}` by {column}, favourable: {is_favourable}");
                tried += 1;
            }
        }
    }
    assert_eq!(table.len(), Command::KINDS.len(), "a row for each command, and no other");
    assert!(tried > Command::KINDS.len() * 5, "{tried}");
}

async fn things(world: &mut World, room: RoomId, kind: &str, column: &str, is_favourable: bool) -> Things {
    // Of a role that is lower than an admin's, or the same as theirs; of an owner's nobody else has one.
    let target = if is_favourable { world.other.id } else { world.equal.id };
    let mut things = Things::new(room, target);
    things.role = if is_favourable { Role::Guest } else { Role::Admin };
    if column == "owner" && !is_favourable {
        // The only one whose role is not lower, and the only role.
        things.target = world.owner.id;
        things.role = if kind == "room:role" { Role::Admin } else { Role::Owner };
    }
    if is_about_message(kind) {
        let asker = match column {
            "outsider" => &mut world.other,
            _ if is_favourable || kind == "chat:branch" => world.person(column),
            _ => &mut world.other,
        };
        ask(asker, &mut things).await;
    }
    if matches!(kind, "room:revoke" | "room:join") {
        let id = new_command();
        let command = Command::Invite { room, role: Role::Member, lifetime_ms: None, uses: None };
        world.owner.socket.give_as(id, command).await;
        world.owner.socket.answer(id).await.unwrap();
        things.invite = InviteId(id.0);
    }
    things
}

#[tokio::test]
async fn some_rooms_allow_less_as_the_table_says() {
    let mut world = World::new().await;
    world.server.account("Newcomer").await;
    let table = table();
    for kind in Command::KINDS {
        for column in ["solo", "direct", "archived"] {
            let cell = table[kind][column];
            let (room, target) = match column {
                "archived" if *kind == "chat:branch" => (world.owner.socket.new_room().await, world.owner.id),
                "solo" => (world.owner.socket.new_room().await, world.owner.id),
                "direct" => (world.owner.direct("Adam").await.unwrap(), world.admin.id),
                _ => (world.group().await, world.guest.id),
            };
            let mut things = Things::new(room, target);
            ask(&mut world.owner, &mut things).await;
            if column == "archived" && *kind == "chat:branch" {
                world.owner.does(change(room, Some(true))).await.unwrap();
            } else if column == "archived" {
                let id = new_command();
                let invite = Command::Invite { room, role: Role::Member, lifetime_ms: None, uses: None };
                world.owner.socket.give_as(id, invite).await;
                world.owner.socket.answer(id).await.unwrap();
                things.invite = InviteId(id.0);
                world.owner.does(change(room, Some(true))).await.unwrap();
            }
            // Where an owner can't, whoever else may do most.
            let person = match (*kind, column) {
                ("room:leave", "archived") => &mut world.member,
                ("room:join", _) => &mut world.outsider,
                _ => &mut world.owner,
            };
            let found = attempt(person, &things, kind).await;
            let no = match (*kind, column) {
                // Nobody can make an invitation there.
                ("room:join", "solo" | "direct") => FailureCode::BadInvite,
                _ => FailureCode::BadState,
            };
            let expected = if cell == "yes" { Ok(()) } else { Err(no) };
            assert_eq!(found, expected, "`{kind}` in {column}");
            if cell == "back" {
                world.owner.does(change(room, Some(false))).await.unwrap();
                world.owner.says(room, "Here again").await;
            }
            if column == "direct" && *kind != "room:leave" {
                world.admin.does(Command::LeaveRoom { room }).await.unwrap();
                world.owner.does(Command::LeaveRoom { room }).await.unwrap();
            }
            if column == "direct" && *kind == "room:leave" {
                world.admin.does(Command::LeaveRoom { room }).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn what_kimi_wrote_is_deleted_by_who_asked_and_edited_by_nobody() {
    let mut world = World::new().await;
    let room = world.group().await;
    let mut things = Things::new(room, world.other.id);
    ask(&mut world.guest, &mut things).await;
    let edit = Command::EditMessage { room, message: things.reply, text: "No.".to_owned() };
    for column in ["guest", "member", "admin", "owner"] {
        let refused = world.person(column).does(edit.clone()).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::Forbidden, "{column}");
    }
    let delete = Command::DeleteMessage { room, message: things.reply };
    let refused = world.member.does(delete.clone()).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::Forbidden);
    world.guest.does(delete).await.unwrap();
    let reply = world.guest.message(room, things.reply).await;
    assert!(reply.text.is_empty() && reply.marks.deleted_at.is_some(), "{reply:?}");
    for command in [
        Command::RetryRun { room, message: things.reply },
        Command::ContinueRun { room, message: things.reply },
    ] {
        assert_eq!(world.guest.does(command).await.unwrap_err().code, FailureCode::BadState);
    }
}

#[tokio::test]
async fn roles_are_given_only_below_ones_own_before_and_after() {
    let mut world = World::new().await;
    let room = world.group().await;
    let (member, guest, equal, owner) = (world.member.id, world.guest.id, world.equal.id, world.owner.id);
    for (user, role) in [
        (member, Role::Admin),
        (member, Role::Owner),
        (guest, Role::Admin),
        (equal, Role::Member),
        (owner, Role::Member),
    ] {
        let refused = world.admin.gives(room, user, role).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::Forbidden, "{user} {role:?}");
    }
    for user in [equal, owner, world.admin.id] {
        let refused = world.admin.does(Command::RemoveMember { room, user }).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::Forbidden);
    }
    for command in [
        Command::AddMember { room, who: "Ulli".to_owned(), role: Role::Admin },
        Command::Invite { room, role: Role::Admin, lifetime_ms: None, uses: None },
    ] {
        assert_eq!(world.admin.does(command).await.unwrap_err().code, FailureCode::Forbidden);
    }
    for role in [Role::Guest, Role::Member] {
        world.admin.gives(room, member, role).await.unwrap();
    }
    let nobody = UserId(CommandId(uuid::Uuid::new_v4()).0);
    let refused = world.admin.gives(room, nobody, Role::Guest).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::PersonNotFound);
}
