//! No state is only in a pushed message: whatever happened, what a client made of the events equals what a page that is
//! loaded now shows.

use app::client::Input;
use app::protocol::{
    Command, Fold, KimiMode, Member, Message, MessageId, Notify, Role, RoomId, RoomSummary, RunStatus,
    Thinking, UserId,
};
use serde_json::{Value, json};

use crate::support::{Account, FullClient, Setup, TestServer, soon};

fn held(client: &FullClient, room: RoomId) -> Vec<Message> {
    client.client.room(room).unwrap().messages().cloned().collect()
}

async fn assert_equal(client: &mut FullClient, account: &Account, room: RoomId, what: &str) {
    let snapshot = account.room(room).await.unwrap();
    client
        .until("everything that is there", |client| {
            client.client.room(room).unwrap().is_caught_up() && held(client, room) == snapshot.messages
        })
        .await;
    let page = account.page(Some(room)).await.unwrap();
    let rooms: Vec<RoomSummary> = client.client.rooms().to_vec();
    assert_eq!(sorted(page.rooms), sorted(rooms), "{what}");
    // And so does a client that has only just come.
    let fresh = FullClient::start_in(account, Some(room)).await;
    assert_eq!(shown(&fresh, room), shown(client, room), "{what}");
}

/// What is shown, and which versions there are of each message.
fn shown(client: &FullClient, room: RoomId) -> Vec<(Message, Vec<MessageId>)> {
    let timeline = client.client.room(room).unwrap();
    let path = timeline.path().into_iter();
    path.map(|message| (message.clone(), timeline.versions(message.id).to_vec())).collect()
}

/// One keeps a branch in memory that another never saw.
#[tokio::test]
async fn every_change_of_what_is_shown_is_the_same_in_the_events_and_in_a_new_page() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut client = FullClient::start(&account).await;
    let room = client.create_room();
    let question = client.say(room, "no thinking, 5 tokens");
    let reply = ended(&mut client, room, question, RunStatus::Done).await;
    let second = client.say(room, "no thinking, 5 tokens more");
    ended(&mut client, room, second, RunStatus::Done).await;
    assert_equal(&mut client, &account, room, "said").await;
    let text = "no thinking, 6 tokens".to_owned();
    let instead =
        client.give(Command::SendMessage { room, text, parent: None, reply_to: None, beside: Some(second) });
    ended(&mut client, room, MessageId(instead.0), RunStatus::Done).await;
    assert_equal(&mut client, &account, room, "said instead").await;
    client.give(Command::RetryRun { room, message: reply });
    client.until("another reply", |client| shown(client, room).len() == 2).await;
    ended(&mut client, room, question, RunStatus::Done).await;
    assert_equal(&mut client, &account, room, "asked again").await;
    for message in [second, question, MessageId(instead.0), reply] {
        let before = client.client.outbox().count();
        client.give(Command::ShowBranch { room, message });
        client.until("an answer", |client| client.client.outbox().count() == before).await;
        client.until("it", |client| shown(client, room).iter().any(|(shown, _)| shown.id == message)).await;
        assert_equal(&mut client, &account, room, "chosen").await;
    }
    client.give(Command::DeleteMessage { room, message: second });
    assert_equal(&mut client, &account, room, "deleted").await;
}

fn sorted(mut rooms: Vec<RoomSummary>) -> Vec<RoomSummary> {
    rooms.sort_by_key(|room| room.id);
    rooms
}

async fn ended(client: &mut FullClient, room: RoomId, message: MessageId, status: RunStatus) -> MessageId {
    client
        .until(status.name(), |client| {
            client.has_whole_reply(room, message)
                && client.reply(room, message).unwrap().run.as_ref().unwrap().status == status
        })
        .await;
    client.reply(room, message).unwrap().id
}

/// open-webui #26315, LibreChat #2640: the end was only pushed, and a refresh showed another truth.
#[tokio::test]
async fn every_end_of_a_run_is_the_same_in_the_events_and_in_a_new_page() {
    let server = TestServer::start().await;
    let account = server.account("Ana").await;
    let mut client = FullClient::start(&account).await;
    let cases: [(Value, RunStatus); 6] = [
        (json!({}), RunStatus::Done),
        (json!({"fail": "quota"}), RunStatus::Failed),
        (json!({"cut_after": 9, "times": 3}), RunStatus::Interrupted),
        (json!({"finish_reason": "length"}), RunStatus::Interrupted),
        (json!({"cut_after": 9}), RunStatus::Done),
        (json!({"cut_thinking": 3}), RunStatus::Done),
    ];
    for (script, status) in cases {
        server.simulator.script(script.clone()).unwrap();
        let room = client.create_room();
        let message = client.say(room, "Hello");
        let reply = ended(&mut client, room, message, status).await;
        assert_equal(&mut client, &account, room, &script.to_string()).await;
        match status {
            RunStatus::Interrupted => {
                client.give(Command::ContinueRun { room, message: reply });
                ended(&mut client, room, message, RunStatus::Done).await;
                assert_equal(&mut client, &account, room, "continued").await;
            }
            RunStatus::Failed => {
                client.give(Command::RetryRun { room, message: reply });
                ended(&mut client, room, message, RunStatus::Done).await;
                assert_equal(&mut client, &account, room, "retried").await;
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_stopped_and_a_taken_over_run_are_the_same_in_the_events_and_in_a_new_page() {
    let mut server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let account = server.account("Ana").await;
    let mut client = FullClient::start(&account).await;
    let room = client.create_room();
    let message = client.say(room, "Hello");
    client
        .until("some text", |client| client.reply(room, message).is_some_and(|reply| reply.text.len() > 20))
        .await;
    let reply = client.reply(room, message).unwrap().id;
    client.give(Command::StopRun { room, message: reply });
    ended(&mut client, room, message, RunStatus::Stopped).await;
    assert_equal(&mut client, &account, room, "stopped").await;
    let second = client.say(room, "Again");
    client
        .until("some text", |client| client.reply(room, second).is_some_and(|reply| reply.text.len() > 20))
        .await;
    server.crash().await;
    server.simulator.release("door");
    server.start_again().await;
    ended(&mut client, room, second, RunStatus::Done).await;
    assert_equal(&mut client, &account, room, "taken over").await;
}

/// lobehub #16732: another device goes on showing what is no more.
#[tokio::test]
async fn every_event_of_the_inbox_is_the_same_in_the_events_and_in_a_new_page() {
    let server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let account = server.account("Ana").await;
    let (mut client, mut other) = (FullClient::start(&account).await, FullClient::start(&account).await);
    let (kept, gone) = (client.create_room(), client.create_room());
    let message = client.say(gone, "Hello");
    client
        .until("some text", |client| client.reply(gone, message).is_some_and(|reply| reply.text.len() > 20))
        .await;
    soon("the gate", server.simulator.until_gate("door")).await;
    client.give(Command::RenameRoom { room: kept, title: "Plans".to_owned() });
    client.give(Command::DeleteRoom { room: gone });
    client.give(Command::ChangeUser { room: kept, thinking: Fold::Open });
    for client in [&mut client, &mut other] {
        client
            .until("the news", |client| {
                let rooms = client.client.rooms();
                let fold = client.client.settings().thinking;
                rooms.len() == 1 && rooms[0].title == "Plans" && fold == Fold::Open
            })
            .await;
        let page = account.page(None).await.unwrap();
        assert_eq!(page.user.settings, client.client.settings());
        assert_eq!(page.rooms, client.client.rooms());
        client.input(Input::OpenRoom(kept));
    }
    assert_equal(&mut client, &account, kept, "renamed").await;
    assert_eq!(server.count("select count(*) from runs").await, 0, "a run of a deleted room is no more");
}

/// Who is in a room, as what, and how far they have read. Who is there now is in no log.
fn people(members: &[Member]) -> Vec<(UserId, String, Role, u64)> {
    members.iter().map(|member| (member.id, member.name.clone(), member.role, member.read)).collect()
}

/// What these clients made of the events is what a page that they would load now shows.
async fn assert_all_equal(watchers: &mut [(FullClient, Account)], room: RoomId, what: &str) {
    for (client, account) in watchers {
        let (page, snapshot) = (account.page(None).await.unwrap(), account.room(room).await.unwrap());
        let rooms = sorted(page.rooms);
        client
            .until(what, |client| {
                let shown = client.client.room(room).unwrap();
                held(client, room) == snapshot.messages
                    && people(shown.members()) == people(&snapshot.members)
                    && sorted(client.client.rooms().to_vec()) == rooms
            })
            .await;
    }
}

/// Every kind of event that a room of people has, by every command that makes one.
#[tokio::test]
async fn every_change_of_a_room_of_people_is_the_same_in_the_events_and_in_a_new_page() {
    let server = TestServer::start().await;
    let (mut ana, mut budi, mut citra) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Citra").await);
    let room = ana.group(&["Budi"]).await;
    let mut watchers = Vec::new();
    for account in [&ana.account, &budi.account] {
        watchers.push((FullClient::start_in(account, Some(room)).await, account.clone()));
    }
    let mut stranger = FullClient::start(&citra.account).await;
    ana.socket.follow(room).await;
    let question = ana.says(room, "@kimi and @Budi: no thinking, 5 tokens").await;
    let reply = ana.socket.reply(question).await;
    ana.socket.finished(reply).await;
    assert_all_equal(&mut watchers, room, "said").await;
    let message = budi.says(room, "And @Ana?").await;
    let text = |text: &str| text.to_owned();
    let change = |topic: Option<&str>, is_archived| Command::ChangeRoom {
        room,
        topic: topic.map(str::to_owned),
        kimi: Some(KimiMode::Silent),
        model: topic.map(|_| text("kimi-k2.6")),
        thinking: topic.map(|_| Thinking::Off),
        instructions: None,
        is_archived,
    };
    let react = |emoji: &str, is_on| Command::React { room, message, emoji: emoji.to_owned(), is_on };
    let answer =
        Command::SendMessage { room, text: text("Me"), parent: None, reply_to: Some(question), beside: None };
    let steps = [
        Command::EditMessage { room, message, text: text("And @Budi himself?") },
        react("👍", true),
        react("🎉", true),
        react("👍", false),
        Command::Pin { room, message, is_on: true },
        Command::MarkRead { room, seq: u64::MAX },
        Command::MarkUnread { room, seq: 1 },
        answer,
        Command::DeleteMessage { room, message },
        Command::SetNotify { room, notify: Notify::All },
        Command::PinRoom { room, is_on: true },
        Command::RenameRoom { room, title: text("Rain") },
        change(Some("What falls, and when"), None),
        Command::SetRole { room, user: budi.id, role: Role::Guest },
        Command::AddMember { room, who: text("Citra"), role: Role::Member },
        Command::SetRole { room, user: citra.id, role: Role::Owner },
        change(None, Some(true)),
    ];
    for step in steps {
        let what = format!("{step:?}");
        ana.does(step).await.unwrap_or_else(|refused| panic!("{what}: {refused:?}"));
        assert_all_equal(&mut watchers, room, &what).await;
    }
    let listed = citra.listed(room).await;
    stranger.until("to be in the room", |client| client.client.rooms().first() == listed.as_ref()).await;
    // Whoever goes: their list is without the room, and those who stay see them no more.
    citra.does(change(None, Some(false))).await.unwrap();
    citra.does(Command::RemoveMember { room, user: budi.id }).await.unwrap();
    let (mut gone, _) = watchers.pop().unwrap();
    gone.until("the room to be gone", |client| client.client.rooms().is_empty()).await;
    assert_all_equal(&mut watchers, room, "one was removed").await;
    ana.does(Command::LeaveRoom { room }).await.unwrap();
    watchers[0].0.until("the room to be gone", |client| client.client.rooms().is_empty()).await;
    let mut last = [(stranger, citra.account.clone())];
    last[0].0.input(Input::OpenRoom(room));
    assert_all_equal(&mut last, room, "one is left").await;
}
