//! When Kimi answers in a room, as which model, and by whose instructions.

use app::protocol::{Author, Command, KimiMode, Message, MessageId, RoomId, RunStatus};
use serde_json::json;

use super::{Change, change, group, join, told};
use crate::support::{Setup, Socket, TestServer, message_of};

/// Who said what in a room, in the order of its log.
fn said(socket: &Socket, room: RoomId) -> Vec<String> {
    let text = |message: &Message| match &message.author {
        Author::Member { name, .. } => format!("{name}: {}", message.text),
        Author::Assistant { .. } => "Kimi".to_owned(),
    };
    socket.transcript.messages(room).map(text).collect()
}

#[tokio::test]
async fn kimi_answers_always_when_mentioned_or_never() {
    let server = TestServer::start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let budi = server.account("Budi").await;
    let room = group(&mut ana, &["Budi"]).await;
    let mut budi = join(&budi, room).await;
    for (mode, plain, mention) in
        [(KimiMode::Always, true, true), (KimiMode::Mentioned, false, true), (KimiMode::Silent, false, false)]
    {
        ana.execute(Change { kimi: Some(mode), ..change(room) }.command()).await.unwrap();
        for (text, is_answered) in
            [("Hello", plain), ("Hello @Kimi!", mention), ("mail@kimi.example", plain), ("`@kimi`", plain)]
        {
            let before = said(&ana, room).len();
            if is_answered {
                let reply = budi.ask(room, text).await;
                assert_eq!(budi.finished(reply).await.status, RunStatus::Done);
                ana.finished(reply).await;
            } else {
                budi.say(room, text).await;
                // In the log a reply would stand right behind the message.
                let next = ana.say(room, "Hm `x`").await;
                ana.until_state("the next message", |transcript| {
                    transcript.messages(room).any(|message| message.id == next)
                })
                .await;
            }
            let news = said(&ana, room)[before..].to_vec();
            let question = format!("Budi: {text}");
            let answer = if is_answered { "Kimi" } else { "Ana: Hm `x`" };
            assert_eq!(news, [question.as_str(), answer], "{mode:?}");
        }
    }
    // What was said among people is known to Kimi when it is asked.
    ana.execute(Change { kimi: Some(KimiMode::Mentioned), ..change(room) }.command()).await.unwrap();
    let reply = ana.ask(room, "@kimi?").await;
    ana.finished(reply).await;
    let told = told(&server, server.model_calls() - 1);
    assert_eq!(told.iter().filter(|turn| *turn == "user: Budi: Hello").count(), 3, "{told:?}");
    assert_eq!(told.last().unwrap(), "user: Ana: @kimi?");
}

#[tokio::test]
async fn a_room_has_its_own_model_and_instructions_from_the_next_reply_on() {
    let server = Setup::default().simulator(json!({"gate": "door@5"})).start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    let first = ana.ask(room, "One").await;
    ana.until_text(first, 1).await;
    let change =
        Change { model: Some("kimi-k2.6"), instructions: Some("Be brief."), ..change(room) }.command();
    ana.execute(change).await.unwrap();
    let second = ana.ask(room, "Two").await;
    server.simulator.release("door");
    let model = |socket: &Socket, reply: MessageId| socket.transcript.run(reply).unwrap().model.clone();
    for reply in [first, second] {
        assert_eq!(ana.finished(reply).await.status, RunStatus::Done);
    }
    let asked: Vec<String> = server.asked().into_iter().map(|request| request.model).collect();
    assert_eq!(asked, [model(&ana, first), "kimi-k2.6".to_owned()]);
    assert_eq!(model(&ana, second), "kimi-k2.6");
    assert!(!told(&server, 0)[0].contains("Be brief."));
    assert!(told(&server, 1)[0].ends_with("\nBe brief."));
}

#[tokio::test]
async fn what_a_message_answers_is_told() {
    let server = TestServer::start().await;
    let mut ana = server.account("Ana").await.connect().await;
    let room = group(&mut ana, &[]).await;
    let message = ana.say(room, "Will it\nrain?").await;
    let reply = ana.reply(message).await;
    ana.finished(reply).await;
    let text = "I meant tomorrow".to_owned();
    let id = ana
        .give(Command::SendMessage { room, text, parent: None, reply_to: Some(message), beside: None })
        .await;
    ana.answer(id).await.unwrap();
    let reply = ana.reply(message_of(id)).await;
    ana.finished(reply).await;
    assert_eq!(told(&server, 1).last().unwrap(), "user: > Ana: Will it rain?\n\nI meant tomorrow");
}
