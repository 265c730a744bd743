//! Versions of messages, the branches that they begin, and which of them is shown.

use app::client::Page;
use app::protocol::{
    Command, Event, FailureCode, Limits, Log, Message, MessageId, RoomId, RoomSnapshot, RunStatus,
};
use serde_json::json;

use crate::support::{FullClient, Person, Setup, message_of, soon};

fn beside(room: RoomId, message: MessageId, text: &str) -> Command {
    let (parent, reply_to, beside) = (None, None, Some(message));
    Command::SendMessage { room, text: text.to_owned(), parent, reply_to, beside }
}

async fn quick() -> (crate::support::TestServer, Person, RoomId) {
    let script = json!({"text": "Yes.", "no_thinking": true});
    let setup = Setup::default().simulator(script).argument("--messages-per-minute", "10000");
    let server = setup.start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.socket.new_room().await;
    ana.socket.follow(room).await;
    (server, ana, room)
}

/// Says something, and waits for the reply.
async fn ask(ana: &mut Person, command: Command) -> (MessageId, MessageId) {
    let question = message_of(ana.socket.give(command).await);
    let reply = ana.socket.reply(question).await;
    ana.socket.finished(reply).await;
    (question, reply)
}

async fn shown(ana: &Person, room: RoomId, page: Page) -> RoomSnapshot {
    ana.account.stretch(room, page).await.unwrap()
}

fn ids(messages: &[Message]) -> Vec<MessageId> {
    messages.iter().map(|message| message.id).collect()
}

#[tokio::test]
async fn another_version_is_a_branch_of_its_own_and_the_model_is_told_nothing_else() {
    let (server, mut ana, room) = quick().await;
    let (first, yes) = ask(&mut ana, Command::say(room, "One")).await;
    let (second, more) = ask(&mut ana, Command::say(room, "Two")).await;
    let (instead, other) = ask(&mut ana, beside(room, second, "Two, instead")).await;
    let now = shown(&ana, room, Page::Newest).await;
    assert_eq!(ids(&now.messages), [first, yes, instead, other]);
    assert_eq!((now.versions, now.chosen), (vec![vec![second, instead]], None));
    // All that was said is still there.
    assert_eq!(ids(&ana.snapshot(room).await.messages), [first, yes, second, more, instead, other]);
    // Also of the very first message.
    let (begun, answer) = ask(&mut ana, beside(room, first, "One, instead")).await;
    let now = shown(&ana, room, Page::Newest).await;
    assert_eq!(ids(&now.messages), [begun, answer]);
    assert_eq!(now.versions, [[first, begun]]);
    assert_eq!(ana.message(room, begun).await.parent, None);
    let told = "select count(*) from messages where parent_id is null";
    assert_eq!(server.count(told).await, 2);
}

#[tokio::test]
async fn what_was_chosen_is_shown_everywhere_until_something_is_said() {
    let (_server, mut ana, room) = quick().await;
    let mut elsewhere = FullClient::start_in(&ana.account, Some(room)).await;
    let (first, yes) = ask(&mut ana, Command::say(room, "One")).await;
    let (instead, other) = ask(&mut ana, beside(room, first, "Another")).await;
    let paths = |client: &FullClient| -> Vec<MessageId> {
        client.client.room(room).unwrap().path().iter().map(|message| message.id).collect()
    };
    elsewhere.until("the newest", |client| paths(client) == [instead, other]).await;
    ana.does_twice(Command::ShowBranch { room, message: first }).await;
    elsewhere.until("the choice", |client| paths(client) == [first, yes]).await;
    let now = shown(&ana, room, Page::Newest).await;
    assert_eq!((ids(&now.messages), now.chosen), (vec![first, yes], Some(yes)));
    // What is shown needs no choice, and a choice of it takes nothing back.
    ana.does(Command::ShowBranch { room, message: first }).await.unwrap();
    ana.does(Command::ShowBranch { room, message: yes }).await.unwrap();
    let choices = |ana: &Person| {
        let events = ana.socket.transcript.events.iter();
        events
            .filter(|(log, _, event)| *log == Log::Room(room) && matches!(event, Event::Branch { .. }))
            .count()
    };
    ana.catches_up().await;
    assert_eq!(choices(&ana), 1);
    let (next, last) = ask(&mut ana, Command::say(room, "On")).await;
    let now = shown(&ana, room, Page::Newest).await;
    assert_eq!((ids(&now.messages), now.chosen), (vec![first, yes, next, last], None));
    elsewhere.until("what was said", |client| paths(client) == [first, yes, next, last]).await;
    // A reply beside another is shown, too.
    let retry = ana.socket.give(Command::RetryRun { room, message: yes }).await;
    ana.socket.answer(retry).await.unwrap();
    assert_eq!(ids(&shown(&ana, room, Page::Newest).await.messages), [first, message_of(retry)]);
    // Whatever is deleted keeps its place, and its branch can be shown.
    ana.does(Command::DeleteMessage { room, message: next }).await.unwrap();
    ana.does(Command::ShowBranch { room, message: next }).await.unwrap();
    elsewhere.until("what is left", |client| paths(client) == [first, yes, next, last]).await;
}

#[tokio::test]
async fn versions_are_refused_where_there_are_none() {
    let (server, mut ana, room) = quick().await;
    let (question, reply) = ask(&mut ana, Command::say(room, "One")).await;
    let _budi = server.person("Budi").await;
    let group = ana.group(&["Budi"]).await;
    let said = ana.says(group, "Hello").await;
    let both = Command::SendMessage {
        room,
        text: "Both".to_owned(),
        parent: Some(reply),
        reply_to: None,
        beside: Some(question),
    };
    for (command, code) in [
        (beside(group, said, "Instead"), FailureCode::BadState),
        (Command::ShowBranch { room: group, message: said }, FailureCode::BadState),
        (both, FailureCode::BadInput),
        (beside(room, reply, "Instead"), FailureCode::Forbidden),
        (beside(room, said, "Instead"), FailureCode::MessageNotFound),
        (Command::ShowBranch { room, message: said }, FailureCode::MessageNotFound),
    ] {
        let refused = ana.does(command.clone()).await.unwrap_err();
        assert_eq!(refused.code, code, "{command:?}");
    }
    assert_eq!(ids(&ana.snapshot(room).await.messages), [question, reply]);
}

#[tokio::test]
async fn there_are_so_many_versions_and_no_more() {
    let (server, mut ana, room) = quick().await;
    let (question, reply) = ask(&mut ana, Command::say(room, "One")).await;
    let copies = Limits::VERSIONS - 1;
    let copy = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < {copies})
         insert into messages (id, room_id, seq, parent_id, author_id, author_name, created_at, text, thinking)
         select randomblob(16), room_id, -i, parent_id, author_id, author_name, created_at, text, thinking
         from messages, n where parent_id is null"
    );
    server.change(copy).await;
    let refused = ana.does(beside(room, question, "One more")).await.unwrap_err();
    assert_eq!(refused.code, FailureCode::LimitReached);
    let parent = Some(reply);
    let text = "On".to_owned();
    ana.does(Command::SendMessage { room, text, parent, reply_to: None, beside: None }).await.unwrap();
    let now = shown(&ana, room, Page::Newest).await;
    assert_eq!(now.versions[0].len(), Limits::VERSIONS);
}

/// Both branches of a fork at the beginning of a long room are read from end to end, and each without the other.
#[tokio::test]
async fn a_long_branch_is_read_as_if_there_were_no_other() {
    let (_server, mut ana, room) = quick().await;
    let kimi_off = Command::ChangeRoom {
        room,
        topic: None,
        kimi: Some(app::protocol::KimiMode::Silent),
        model: None,
        thinking: None,
        instructions: None,
        is_archived: None,
    };
    ana.does(kimi_off).await.unwrap();
    let mut one = Vec::new();
    for number in 0..100 {
        one.push(ana.says(room, &format!("one {number}")).await);
    }
    let fork = ana.socket.give(beside(room, one[1], "instead")).await;
    ana.socket.answer(fork).await.unwrap();
    let mut other = vec![one[0], message_of(fork)];
    for number in 0..100 {
        other.push(ana.says(room, &format!("other {number}")).await);
    }
    for branch in [&other, &one] {
        let choice = Command::ShowBranch { room, message: branch[1] };
        ana.does(choice).await.unwrap();
        let size = Limits::SNAPSHOT_MESSAGES;
        let newest = shown(&ana, room, Page::Newest).await;
        assert_eq!(ids(&newest.messages), branch[branch.len() - size..]);
        assert_eq!((newest.has_earlier, newest.has_later), (true, false));
        let mut back = ids(&newest.messages);
        loop {
            let before = shown(&ana, room, Page::Before(back[0])).await;
            back.splice(0..0, ids(&before.messages));
            if !before.has_earlier {
                assert_eq!(before.versions, [[one[1], other[1]]]);
                break;
            }
        }
        assert_eq!(back, *branch);
        let mut forth = vec![back[0]];
        loop {
            let after = shown(&ana, room, Page::After(forth[forth.len() - 1])).await;
            forth.extend(ids(&after.messages));
            if !after.has_later {
                break;
            }
        }
        assert_eq!(forth, *branch);
        let around = shown(&ana, room, Page::Around(branch[50])).await;
        assert!(around.has_earlier || around.has_later);
        let place = ids(&around.messages).iter().position(|id| *id == branch[50]).unwrap();
        assert_eq!(ids(&around.messages)[place - 20..], branch[30..][..around.messages.len() - place + 20]);
    }
    // A client that held the end of one branch shows the other, and reads on in it.
    let mut client = FullClient::start_in(&ana.account, Some(room)).await;
    let end = |client: &FullClient| client.client.room(room).unwrap().path().last().map(|message| message.id);
    client.until("its end", |client| end(client) == one.last().copied()).await;
    client.give(Command::ShowBranch { room, message: other[1] });
    client.until("the end of the other", |client| end(client) == other.last().copied()).await;
    let next = client.say(room, "on");
    client.until("what was said", |client| end(client) == Some(next)).await;
    let parent = client.client.room(room).unwrap().message(next).unwrap().parent;
    assert_eq!(parent, other.last().copied());
}

/// Stopped and asked anew at once: nothing waits for the stopped reply, and what it had is kept.
#[tokio::test]
async fn a_reply_is_stopped_and_something_else_sent_in_its_place() {
    let server = Setup::default().simulator(json!({"gate": "door@20"})).start().await;
    let mut ana = server.person("Ana").await;
    let room = ana.socket.new_room().await;
    ana.socket.follow(room).await;
    let question = ana.says(room, "A long story").await;
    let reply = ana.socket.reply(question).await;
    soon("the gate", server.simulator.until_gate("door")).await;
    let stop = ana.socket.give(Command::StopRun { room, message: reply }).await;
    let instead = ana.socket.give(Command::say(room, "A short one")).await;
    ana.socket.answer(stop).await.unwrap();
    ana.socket.answer(instead).await.unwrap();
    assert_eq!(ana.socket.finished(reply).await.status, RunStatus::Stopped);
    let next = ana.socket.reply(message_of(instead)).await;
    server.simulator.release("door");
    assert_eq!(ana.socket.finished(next).await.status, RunStatus::Done);
    let messages = ana.snapshot(room).await.messages;
    assert_eq!(messages[2].parent, Some(reply));
    assert!(messages[1].text.len() + messages[1].thinking.len() > 0);
    // A stop that comes too late is no reason not to say it.
    let late = ana.socket.give(Command::StopRun { room, message: next }).await;
    let more = ana.socket.give(Command::say(room, "More")).await;
    ana.socket.answer(late).await.unwrap();
    ana.socket.answer(more).await.unwrap();
}
