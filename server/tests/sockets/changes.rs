//! What becomes of messages: edited, deleted, reacted to and pinned, each once, with its history, and the same in the
//! events and in a new page.

use app::protocol::{Command, Event, FailureCode, Limits, Log, Marks, MessageChange, MessageId, RoomId};
use serde_json::json;
use sqlx::Row;

use crate::support::{Person, Setup, TestServer};

/// The last that the log told of a message is how a new page shows it.
async fn equal(person: &mut Person, room: RoomId, message: MessageId) -> MessageChange {
    person.catches_up().await;
    let events = person.socket.transcript.events.iter().rev();
    let change = events.clone().find_map(|(_, _, event)| match event {
        Event::MessageChanged(change) if change.message == message => Some(change.clone()),
        _ => None,
    });
    let change = change.expect("a change");
    let shown = person.message(room, message).await;
    assert_eq!(shown.marks, change.marks);
    if let Some(text) = &change.text {
        assert_eq!((&shown.text, &shown.mentions), (text, &change.mentions));
    }
    change
}

fn changes(person: &Person, room: RoomId) -> usize {
    let events = person.socket.transcript.events.iter();
    events
        .filter(|(log, _, event)| *log == Log::Room(room) && matches!(event, Event::MessageChanged(_)))
        .count()
}

fn edit(room: RoomId, message: MessageId, text: &str) -> Command {
    Command::EditMessage { room, message, text: text.to_owned() }
}

fn react(room: RoomId, message: MessageId, emoji: &str, is_on: bool) -> Command {
    Command::React { room, message, emoji: emoji.to_owned(), is_on }
}

async fn world() -> (TestServer, Person, Person, RoomId) {
    let server = Setup::default().argument("--messages-per-minute", "10000").start().await;
    let (mut ana, mut budi) = (server.person("Ana").await, server.person("Budi").await);
    let room = ana.group(&["Budi"]).await;
    ana.socket.follow(room).await;
    budi.socket.follow(room).await;
    (server, ana, budi, room)
}

#[tokio::test]
async fn an_edit_has_its_effect_once_and_keeps_what_was() {
    let (server, mut ana, mut budi, room) = world().await;
    let message = budi.says(room, "Frist").await;
    let id = budi.does_twice(edit(room, message, "First, @Ana")).await;
    let change = equal(&mut ana, room, message).await;
    assert_eq!(change.mentions, [ana.id]);
    assert!(change.marks.edited_at.is_some() && change.marks.edited_by.is_none());
    // By somebody else, who is named.
    ana.does(edit(room, message, "Second")).await.unwrap();
    let change = equal(&mut budi, room, message).await;
    assert_eq!(change.marks.edited_by.as_deref(), Some("Ana"));
    // The first edit once more: it had its effect.
    budi.socket.give_as(id, edit(room, message, "First, @Ana")).await;
    budi.socket.answer(id).await.unwrap();
    assert_eq!(budi.message(room, message).await.text, "Second");
    // And one that changes nothing.
    budi.does(edit(room, message, "Second")).await.unwrap();
    budi.catches_up().await;
    assert_eq!(changes(&budi, room), 2);
    let rows = server.rows("select text from revisions order by until").await;
    let texts: Vec<String> = rows.iter().map(|row| row.get("text")).collect();
    assert_eq!(texts, ["Frist", "First, @Ana"]);
    for (text, code) in
        [(" ", FailureCode::MessageEmpty), (&"x".repeat(32 * 1024 + 1), FailureCode::MessageTooLong)]
    {
        assert_eq!(budi.does(edit(room, message, text)).await.unwrap_err().code, code);
    }
    // However often it is edited, a bounded number of texts is kept.
    for number in 0..110 {
        budi.does(edit(room, message, &format!("{number}"))).await.unwrap();
    }
    assert_eq!(server.count("select count(*) from revisions").await, 100);
    assert_eq!(server.count("select count(*) from revisions where text = '108'").await, 1);
}

#[tokio::test]
async fn a_deleted_message_is_empty_and_nothing_more_can_be_done_with_it() {
    let (server, mut ana, mut budi, room) = world().await;
    let message = budi.says(room, "A secret for @Ana").await;
    ana.does(react(room, message, "👍", true)).await.unwrap();
    ana.does(Command::Pin { room, message, is_on: true }).await.unwrap();
    budi.does(edit(room, message, "A secret of @Ana")).await.unwrap();
    budi.does_twice(Command::DeleteMessage { room, message }).await;
    ana.does(Command::DeleteMessage { room, message }).await.unwrap();
    let change = equal(&mut ana, room, message).await;
    assert_eq!((change.text.as_deref(), change.mentions.len()), (Some(""), 0));
    let deleted = Marks { deleted_at: change.marks.deleted_at, ..Marks::default() };
    assert_eq!(change.marks, deleted, "it has no other marks");
    assert_eq!(changes(&ana, room), 4);
    assert_eq!(server.count("select count(*) from revisions").await, 2);
    for command in [
        edit(room, message, "Again"),
        react(room, message, "👍", true),
        Command::Pin { room, message, is_on: true },
        Command::SendMessage {
            room,
            text: "Yes".to_owned(),
            parent: None,
            reply_to: Some(message),
            beside: None,
        },
    ] {
        let refused = ana.does(command).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::BadState, "{refused:?}");
    }
    let unknown = MessageId(uuid::Uuid::new_v4());
    for command in [
        edit(room, unknown, "Again"),
        react(room, unknown, "👍", true),
        Command::Pin { room, message: unknown, is_on: true },
        Command::DeleteMessage { room, message: unknown },
    ] {
        assert_eq!(ana.does(command).await.unwrap_err().code, FailureCode::MessageNotFound);
    }
}

#[tokio::test]
async fn a_reply_can_be_deleted_once_it_has_ended() {
    let server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.socket.new_room().await;
    let reply = ana.socket.ask(room, "Hello").await;
    ana.socket.until_text(reply, 20).await;
    let delete = Command::DeleteMessage { room, message: reply };
    assert_eq!(ana.does(delete.clone()).await.unwrap_err().code, FailureCode::BadState);
    ana.does(Command::StopRun { room, message: reply }).await.unwrap();
    ana.does(delete).await.unwrap();
    equal(&mut ana, room, reply).await;
    let shown = ana.message(room, reply).await;
    assert!(shown.text.is_empty() && shown.thinking.is_empty());
}

#[tokio::test]
async fn reactions_are_counted_per_person_in_the_order_of_their_first_use() {
    let (_server, mut ana, mut budi, room) = world().await;
    let message = budi.says(room, "Shall we?").await;
    ana.does_twice(react(room, message, "👍", true)).await;
    budi.does(react(room, message, "🎉", true)).await.unwrap();
    budi.does(react(room, message, "👍", true)).await.unwrap();
    let change = equal(&mut ana, room, message).await;
    let reactions: Vec<_> = change
        .marks
        .reactions
        .iter()
        .map(|reaction| (reaction.emoji.as_str(), reaction.users.clone()))
        .collect();
    assert_eq!(reactions, [("👍", vec![ana.id, budi.id]), ("🎉", vec![budi.id])]);
    assert_eq!(change.text, None, "the text is as it was");
    ana.does_twice(react(room, message, "👍", false)).await;
    ana.does(react(room, message, "🎉", false)).await.unwrap();
    equal(&mut budi, room, message).await;
    assert_eq!(changes(&budi, room), 4, "what changes nothing is not told");
    for emoji in ["", "ok", " ", "👍👍", "\u{200d}"] {
        let refused = ana.does(react(room, message, emoji, true)).await.unwrap_err();
        assert_eq!(refused.code, FailureCode::BadInput, "{emoji:?}");
    }
    let animals = (0..20).map(|number| char::from_u32(0x1f400 + number).unwrap());
    let mut codes = Vec::new();
    for animal in animals {
        codes.push(
            ana.does(react(room, message, &animal.to_string(), true)).await.map_err(|failure| failure.code),
        );
    }
    assert_eq!(codes.iter().filter(|code| code.is_err()).count(), 2, "two were there already");
    assert_eq!(codes.last(), Some(&Err(FailureCode::LimitReached)));
    ana.does(react(room, message, "👍", true)).await.unwrap();
}

#[tokio::test]
async fn pins_are_bounded() {
    let (server, mut ana, mut budi, room) = world().await;
    let message = budi.says(room, "Remember").await;
    budi.does_twice(Command::Pin { room, message, is_on: true }).await;
    let change = equal(&mut ana, room, message).await;
    assert!(change.marks.pinned_at.is_some());
    assert_eq!(changes(&ana, room), 1);
    let mut last = message;
    for _ in 1..Limits::PINS_PER_ROOM {
        last = budi.says(room, "And this").await;
    }
    server.change("update messages set pinned_at = 1".to_owned()).await;
    let more = budi.says(room, "One more").await;
    let pin = Command::Pin { room, message: more, is_on: true };
    assert_eq!(budi.does(pin.clone()).await.unwrap_err().code, FailureCode::LimitReached);
    budi.does(Command::Pin { room, message: last, is_on: false }).await.unwrap();
    budi.does(pin).await.unwrap();
}

#[tokio::test]
async fn a_message_answers_another_in_its_room() {
    let (_server, mut ana, mut budi, room) = world().await;
    let other = ana.group(&[]).await;
    let elsewhere = ana.says(other, "Elsewhere").await;
    let question = ana.says(room, "Who comes?").await;
    let answer =
        |reply_to| Command::SendMessage { room, text: "Me".to_owned(), parent: None, reply_to, beside: None };
    budi.does(answer(Some(question))).await.unwrap();
    assert_eq!(ana.snapshot(room).await.messages[1].reply_to, Some(question));
    let refused = ana.does(answer(Some(elsewhere))).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::MessageNotFound);
    // What was told is what a new page shows.
    budi.catches_up().await;
    let told: Vec<_> = budi.socket.transcript.messages(room).cloned().collect();
    assert_eq!(told, budi.snapshot(room).await.messages);
}
