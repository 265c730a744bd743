//! No state is only in a pushed message: whatever happened, what a client made of the events equals what a page that is
//! loaded now shows.

use app::client::Input;
use app::protocol::{Command, Message, MessageId, RoomId, RoomSummary, RunStatus};
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
    assert_eq!(held(&fresh, room), held(client, room), "{what}");
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
    for client in [&mut client, &mut other] {
        client
            .until("the news", |client| {
                let rooms = client.client.rooms();
                rooms.len() == 1 && rooms[0].title == "Plans"
            })
            .await;
        let page = account.page(None).await.unwrap();
        assert_eq!(page.rooms, client.client.rooms());
        client.input(Input::OpenRoom(kept));
    }
    assert_equal(&mut client, &account, kept, "renamed").await;
    assert_eq!(server.count("select count(*) from runs").await, 0, "a run of a deleted room is no more");
}
