//! A person with one connection: what tests about several people in a room are written with.

use app::protocol::{
    Ack, Command, CommandId, Event, Failure, Log, Message, MessageId, Role, RoomId, RoomKind, RoomSnapshot,
    RoomSummary, ServerFrame, UserId,
};

use super::{Account, Socket, TestServer, message_of, new_command, new_room};

pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) id: UserId,
    pub(crate) account: Account,
    pub(crate) socket: Socket,
}

impl TestServer {
    /// A new account with a connection that follows its inbox.
    pub(crate) async fn person(&self, name: &str) -> Person {
        let account = self.account(name).await;
        let page = account.page(None).await.unwrap();
        let socket = account.connect().await;
        Person { name: name.to_owned(), id: page.user.id, account, socket }
    }
}

impl Person {
    pub(crate) async fn does(&mut self, command: Command) -> Result<Ack, Failure> {
        self.socket.execute(command).await
    }

    /// Does a command twice under one identifier; both are answered alike.
    pub(crate) async fn does_twice(&mut self, command: Command) -> CommandId {
        let id = new_command();
        for _ in 0..2 {
            self.socket.give_as(id, command.clone()).await;
            self.socket.answer(id).await.unwrap();
        }
        id
    }

    /// A group with these people as members.
    pub(crate) async fn group(&mut self, with: &[&str]) -> RoomId {
        let room = new_room();
        let with = with.iter().map(|name| (*name).to_owned()).collect();
        let command = Command::CreateRoom {
            room,
            title: "Harvest".to_owned(),
            kind: RoomKind::Group,
            with,
            like: None,
        };
        self.does(command).await.unwrap();
        room
    }

    pub(crate) async fn direct(&mut self, with: &str) -> Result<RoomId, Failure> {
        let (room, with) = (new_room(), vec![with.to_owned()]);
        let command =
            Command::CreateRoom { room, title: String::new(), kind: RoomKind::Direct, with, like: None };
        self.does(command).await.map(|_| room)
    }

    pub(crate) async fn gives(&mut self, room: RoomId, user: UserId, role: Role) -> Result<Ack, Failure> {
        self.does(Command::SetRole { room, user, role }).await
    }

    pub(crate) async fn says(&mut self, room: RoomId, text: &str) -> MessageId {
        let id = self.socket.give(Command::say(room, text)).await;
        self.socket.answer(id).await.unwrap();
        message_of(id)
    }

    pub(crate) async fn snapshot(&self, room: RoomId) -> RoomSnapshot {
        self.account.room(room).await.unwrap()
    }

    pub(crate) async fn message(&self, room: RoomId, message: MessageId) -> Message {
        let snapshot = self.snapshot(room).await;
        snapshot.messages.into_iter().find(|found| found.id == message).unwrap()
    }

    /// How a new page shows a room.
    pub(crate) async fn listed(&self, room: RoomId) -> Option<RoomSummary> {
        let page = self.account.page(None).await.unwrap();
        page.rooms.into_iter().find(|listed| listed.id == room)
    }

    /// Waits until the inbox has told that a room is as wanted, which it may be already. What it told last is what a new
    /// page shows.
    pub(crate) async fn hears(&mut self, room: RoomId, wanted: impl Fn(&RoomSummary) -> bool) -> RoomSummary {
        let what = format!("{} to hear of the room", self.name);
        self.socket.until_state(&what, |transcript| told(transcript, room).is_some_and(&wanted)).await;
        let listed = self.listed(room).await;
        let what = "what a new page shows";
        self.socket.until_state(what, |transcript| told(transcript, room) == listed.as_ref()).await;
        listed.filter(|listed| wanted(listed)).expect("it stays so")
    }

    pub(crate) async fn hears_of_the_end(&mut self, room: RoomId) {
        let left = Event::RoomLeft { room };
        let has_left = |log: &Log, event: &Event| *log == Log::Inbox && *event == left;
        self.socket
            .until_state("the room to be left", |transcript| {
                transcript.events.iter().any(|(log, _, event)| has_left(log, event))
            })
            .await;
    }

    /// Whatever was sent before this was received.
    pub(crate) async fn catches_up(&mut self) {
        let room = new_room();
        let id = self.socket.give(Command::Unsubscribe { room }).await;
        self.socket
            .until("an answer", |_, frame| {
                matches!(frame, ServerFrame::Ack { id: of, .. } if *of == id).then_some(())
            })
            .await;
    }
}

fn told(transcript: &super::Transcript, room: RoomId) -> Option<&RoomSummary> {
    let last = transcript.events.iter().rev().find_map(|(_, _, event)| match event {
        Event::RoomJoined(summary) | Event::RoomChanged(summary) if summary.id == room => Some(Some(summary)),
        Event::RoomLeft { room: left } if *left == room => Some(None),
        _ => None,
    });
    last.flatten()
}
