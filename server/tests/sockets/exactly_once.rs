//! A command that comes twice has its effect once; one identifier belongs to who used it first, and says nothing to
//! anybody else.

use app::protocol::{Command, FailureCode, RunStatus};

use crate::support::{Setup, TestServer, message_of, new_command};

/// `AutoGPT` PR #12788: a question was saved three times and answered three times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_doubles_at_once_are_a_hundred_messages_and_model_calls() {
    let server = Setup::default().argument("--messages-per-minute", "10000").start().await;
    let account = server.account("Ana").await;
    let (mut here, mut there) = (account.connect().await, account.connect().await);
    let mut sends = Vec::new();
    for _ in 0..10 {
        // As many as may wait in one room, and less.
        let room = here.new_room().await;
        sends.extend((0..10).map(|number| {
            let text = format!("no thinking, 5 tokens {number}");
            (new_command(), Command::say(room, text))
        }));
    }
    let frames = || sends.iter().map(|(id, send)| send.encode(*id)).collect::<Vec<_>>();
    tokio::join!(here.send_together(frames()), there.send_together(frames()));
    for (id, _) in &sends {
        let (one, other) = (here.answer(*id).await.unwrap(), there.answer(*id).await.unwrap());
        assert_eq!(one, other, "both are told the same place");
    }
    for (id, _) in &sends {
        let reply = here.reply(message_of(*id)).await;
        assert_eq!(here.finished(reply).await.status, RunStatus::Done);
    }
    assert_eq!(server.count("select count(*) from messages where author_id is not null").await, 100);
    assert_eq!(server.count("select count(*) from messages where author_id is null").await, 100);
    assert_eq!(server.model_calls(), 100);
}

#[tokio::test]
async fn commands_of_long_ago_are_forgotten_a_few_with_each_new_one() {
    let server = TestServer::start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.group(&[]).await;
    let notes = "select count(*) from noted_commands";
    let month = 30 * 24 * 3_600 * 1_000_i64;
    for age in [month - 60_000, month + 60_000] {
        server
            .change(format!(
                "with recursive numbers (value) as (select 1 union all select value + 1 from numbers where value < 5)
                 insert into noted_commands select (select id from users), randomblob(16), randomblob(16),
                 cast(unixepoch('subsec') * 1000 as integer) - {age} from numbers"
            ))
            .await;
    }
    assert_eq!(server.count(notes).await, 11, "to make the room is one");
    for (title, left) in [("One", 10), ("Two", 9), ("Three", 9), ("Four", 10)] {
        ana.does(Command::RenameRoom { room, title: title.to_owned() }).await.unwrap();
        assert_eq!(server.count(notes).await, left, "{title}");
    }
}

#[tokio::test]
async fn an_identifier_of_somebody_else_is_refused_and_tells_nothing() {
    let server = TestServer::start().await;
    let (mut ana, mut ben) =
        (server.account("Ana").await.connect().await, server.account("Ben").await.connect().await);
    let (room, other_room) = (ana.new_room().await, ben.new_room().await);
    server.add_member(room, "Ben", "member").await;
    let send = |room, text: &str| Command::say(room, text);
    let id = new_command();
    ana.give_as(id, send(room, "Hello")).await;
    ana.answer(id).await.unwrap();
    let reply = ana.reply(message_of(id)).await;
    ana.finished(reply).await;
    let retry = Command::RetryRun { room, message: reply };
    let retried = new_command();
    ana.give_as(retried, retry.clone()).await;
    ana.answer(retried).await.unwrap();
    ana.finished(message_of(retried)).await;
    // In the same room, in another room, as a retry, and a retry under the identifier of one.
    let mut refusals = Vec::new();
    for (id, command) in [
        (id, send(room, "Mine")),
        (id, send(other_room, "Mine")),
        (id, retry.clone()),
        (retried, retry.clone()),
        (retried, send(room, "Mine")),
    ] {
        ben.give_as(id, command).await;
        refusals.push(ben.answer(id).await.unwrap_err());
    }
    for refusal in refusals {
        assert_eq!(refusal.code, FailureCode::BadState, "{refusal:?}");
        assert!(refusal.message.starts_with("This identifier is in use."), "{refusal:?}");
    }
    // To its author it is what it was.
    ana.give_as(retried, retry).await;
    ana.answer(retried).await.unwrap();
    assert_eq!(server.count("select count(*) from messages").await, 3);
    assert_eq!(server.model_calls(), 2);
}
