//! Rooms get their names from the model, once, and never against somebody who named them.

use app::protocol::{Command, RoomId, RunStatus};
use serde_json::json;

use crate::support::{Account, Setup, Socket, TestServer, eventually};

const QUESTION: &str = "When does it rain in Java, and how do I know?";

async fn start() -> TestServer {
    Setup::default().argument("--kimi-titles", "true").start().await
}

/// What the simulator answers when it is asked for a name.
fn names(server: &TestServer, mut answer: serde_json::Value) {
    answer["match"] = json!("Name this conversation");
    server.simulator.script(answer).unwrap();
}

async fn title(account: &Account, room: RoomId) -> String {
    let rooms = account.page(None).await.unwrap().rooms;
    rooms.into_iter().find(|found| found.id == room).unwrap().title
}

async fn becomes(account: &Account, room: RoomId, expected: &str) {
    eventually(expected, async || (title(account, room).await == expected).then_some(())).await;
}

async fn asks(socket: &mut Socket, room: RoomId, text: &str) {
    let reply = socket.ask(room, text).await;
    assert_eq!(socket.finished(reply).await.status, RunStatus::Done);
}

#[tokio::test]
async fn the_first_exchange_names_a_room_once() {
    let server = start().await;
    names(&server, json!({"text": "\n**\"Rain in Java.\"**\n\nI hope this helps!"}));
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    asks(&mut socket, room, QUESTION).await;
    becomes(&account, room, "Rain in Java").await;
    let asked = server.simulator.requests().pop().unwrap();
    assert!(asked.body["messages"][1]["content"].as_str().unwrap().contains(QUESTION));
    names(&server, json!({"text": "Something else"}));
    asks(&mut socket, room, "And in Bali?").await;
    socket.settle().await;
    assert_eq!((title(&account, room).await.as_str(), server.model_calls()), ("Rain in Java", 3));
}

#[tokio::test]
async fn a_name_that_somebody_gave_stays() {
    let server = start().await;
    names(&server, json!({"text": "Rain in Java", "gate": "naming@start"}));
    let account = server.account("Ana").await;
    let mut socket = account.connect().await;
    let room = socket.new_room().await;
    asks(&mut socket, room, QUESTION).await;
    server.simulator.until_gate("naming").await;
    socket.execute(Command::RenameRoom { room, title: "Weather".to_owned() }).await.unwrap();
    server.simulator.release("naming");
    // The next reply is not even asked for a name.
    asks(&mut socket, room, "And in Bali?").await;
    socket.settle().await;
    assert_eq!((title(&account, room).await.as_str(), server.model_calls()), ("Weather", 3));
}

#[tokio::test]
async fn without_a_name_from_the_model_the_first_words_stay() {
    for answer in [json!({"fail": "quota"}), json!({"text": "\"\""}), json!({"text": "x ".repeat(2_000)})] {
        let server = start().await;
        names(&server, answer);
        let account = server.account("Ana").await;
        let mut socket = account.connect().await;
        let room = socket.new_room().await;
        asks(&mut socket, room, QUESTION).await;
        server.simulator.until(|requests| requests.len() == 2).await;
        socket.settle().await;
        assert_eq!(title(&account, room).await, QUESTION);
    }
}
