//! Kimi among people: one reply after the other, each told what everybody said before, and by whom.

#[path = "kimi_as_a_member/context.rs"]
mod context;
#[path = "kimi_as_a_member/modes.rs"]
mod modes;
#[path = "kimi_as_a_member/queue.rs"]
mod queue;

use app::protocol::{Command, KimiMode, RoomId, RoomKind, Thinking};
use serde_json::{Value, json};

use crate::support::{Account, Setup, Socket, TestServer, new_room};

async fn gated(gate: &str) -> TestServer {
    Setup::default().simulator(json!({"gate": gate})).start().await
}

/// A room of these people, made and followed by the first of them, in which Kimi always answers.
async fn group(owner: &mut Socket, others: &[&str]) -> RoomId {
    let room = new_room();
    let (title, with) = (String::new(), others.iter().map(|name| (*name).to_owned()).collect());
    owner
        .execute(Command::CreateRoom { room, title, kind: RoomKind::Group, with, like: None })
        .await
        .unwrap();
    owner.execute(Change { kimi: Some(KimiMode::Always), ..change(room) }.command()).await.unwrap();
    owner.follow(room).await;
    room
}

fn change(room: RoomId) -> Change {
    Change { room, kimi: None, model: None, thinking: None, instructions: None }
}

/// What a test changes of a room.
struct Change {
    room: RoomId,
    kimi: Option<KimiMode>,
    model: Option<&'static str>,
    thinking: Option<Thinking>,
    instructions: Option<&'static str>,
}

impl Change {
    fn command(self) -> Command {
        Command::ChangeRoom {
            room: self.room,
            topic: None,
            kimi: self.kimi,
            model: self.model.map(str::to_owned),
            thinking: self.thinking,
            instructions: self.instructions.map(str::to_owned),
            is_archived: None,
        }
    }
}

/// The turns that the model was told in a request, as `role: text`.
fn told(server: &TestServer, request: usize) -> Vec<String> {
    let requests = server.asked();
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
