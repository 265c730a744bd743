//! Kimi among people: one reply after the other, each told what everybody said before, and by whom.

#[path = "kimi_as_a_member/context.rs"]
mod context;
#[path = "kimi_as_a_member/queue.rs"]
mod queue;

use app::protocol::RoomId;
use serde_json::{Value, json};

use crate::support::{Account, Setup, Socket, TestServer};

async fn gated(gate: &str) -> TestServer {
    Setup::default().simulator(json!({"gate": gate})).start().await
}

/// A room of these people, made by the first of them.
async fn group(server: &TestServer, owner: &mut Socket, others: &[&str]) -> RoomId {
    let room = owner.new_room().await;
    server.change(format!("update rooms set kind = 'group' where id = x'{}'", room.0.simple())).await;
    for name in others {
        server.add_member(room, name, "member").await;
    }
    room
}

/// The turns that the model was told in a request, as `role: text`.
fn told(server: &TestServer, request: usize) -> Vec<String> {
    let requests = server.simulator.requests();
    let turns = requests[request].body["messages"].as_array().unwrap();
    let text = |turn: &Value, key: &str| turn[key].as_str().unwrap_or_default().to_owned();
    turns.iter().map(|turn| format!("{}: {}", text(turn, "role"), text(turn, "content"))).collect()
}

/// Follows a room with a socket of another person.
async fn join(account: &Account, room: RoomId) -> Socket {
    let mut socket = account.connect().await;
    socket.follow(room).await;
    socket
}
