//! Which models can be chosen, which answers then, how much it thinks, and that whoever reads it is told the truth.

use std::time::{Duration, Instant};

use app::protocol::{Command, Failure, FailureCode, ModelList, RoomId, RunStatus, Thinking};
use serde_json::{Value, json};

use crate::support::{Answer, Person, Setup, TestServer};

fn choose(room: RoomId, model: Option<&str>, thinking: Option<Thinking>) -> Command {
    let model = model.map(str::to_owned);
    let (topic, kimi, instructions, is_archived) = (None, None, None, None);
    Command::ChangeRoom { room, topic, kimi, model, thinking, instructions, is_archived }
}

async fn get(person: &Person, path: &str) -> Answer {
    person.account.visitor.get(path, &[("cookie", &person.account.cookie)]).await
}

async fn listed(person: &Person) -> ModelList {
    let answer = get(person, "/api/models").await;
    assert_eq!(answer.status, 200);
    answer.json()
}

/// Somebody in a room of their own.
async fn alone(server: &TestServer) -> (Person, RoomId) {
    let mut ana = server.person("Ana").await;
    let room = ana.socket.new_room().await;
    ana.socket.follow(room).await;
    (ana, room)
}

fn refused(answer: Result<app::protocol::Ack, Failure>, words: &str) {
    let failure = answer.unwrap_err();
    assert_eq!(failure.code, FailureCode::BadInput);
    assert!(failure.message.contains(words), "{}", failure.message);
}

#[tokio::test]
async fn the_list_says_what_models_there_are_and_what_they_can() {
    let server = TestServer::start().await;
    assert_eq!(server.visitor().get("/api/models", &[]).await.status, 401);
    let (ana, _) = alone(&server).await;
    let list = listed(&ana).await;
    assert_eq!((list.default.as_str(), list.is_listed, list.models.len()), ("kimi-k3", true, 4));
    let efforts: Vec<_> = list.models.iter().map(|model| model.thinking.clone()).collect();
    assert_eq!(efforts[0], [Thinking::Low, Thinking::High, Thinking::Max]);
    assert!(efforts[1].is_empty());
    assert_eq!(efforts[3], [Thinking::Off]);
    assert_eq!(list.models[0].context_tokens, Some(1_048_576));
    // Kept: read once, for all who want to know.
    listed(&ana).await;
    assert_eq!(server.simulator.requests().len(), 1);
}

/// `PROTOCOL.md` shows an answer; it is that of this server.
#[tokio::test]
async fn the_list_is_as_it_is_documented() {
    let server = Setup::default().argument("--kimi-models", "kimi-k2.6").start().await;
    let (ana, _) = alone(&server).await;
    let answer: Value = get(&ana, "/api/models").await.json();
    let document = include_str!("../../../PROTOCOL.md");
    let (_, example) = document.split_once("```json models\n").unwrap();
    let example: Value = serde_json::from_str(example.split_once("\n```").unwrap().0).unwrap();
    assert_eq!(answer, example);
}

#[tokio::test]
async fn only_what_the_host_allows_can_be_chosen() {
    let server = Setup::default().argument("--kimi-models", " kimi-k2.6, ,other").start().await;
    let (mut ana, room) = alone(&server).await;
    let ids: Vec<_> = listed(&ana).await.models.into_iter().map(|model| model.id).collect();
    assert_eq!(ids, ["kimi-k3", "kimi-k2.6"]);
    for model in ["kimi-k2.7-code", "other", "no model"] {
        refused(ana.does(choose(room, Some(model), None)).await, "not on offer here");
    }
    for model in ["kimi-k2.6", "kimi-k3", ""] {
        ana.does(choose(room, Some(model), None)).await.unwrap();
        ana.hears(room, |room| room.model == model).await;
    }
}

#[tokio::test]
async fn thinking_is_asked_for_in_the_form_of_the_model() {
    let server = TestServer::start().await;
    let (mut ana, room) = alone(&server).await;
    refused(ana.does(choose(room, None, Some(Thinking::Off))).await, "kimi-k3 can't be told");
    refused(ana.does(choose(room, Some("kimi-k2.6"), Some(Thinking::High))).await, "kimi-k2.6 can't be told");
    let none = Value::Null;
    for (model, thinking, effort, object) in [
        ("", Thinking::High, json!("high"), none.clone()),
        ("kimi-k2.6", Thinking::Off, none.clone(), json!({"type": "disabled"})),
        ("kimi-k3", Thinking::Low, json!("low"), none.clone()),
        ("", Thinking::Default, none.clone(), none),
    ] {
        ana.does(choose(room, Some(model), Some(thinking))).await.unwrap();
        ana.hears(room, |room| room.model == model && room.thinking == thinking).await;
        let reply = ana.socket.ask(room, "5 tokens").await;
        let run = ana.socket.finished(reply).await;
        assert_eq!((run.status, run.thinking, run.instead_of), (RunStatus::Done, thinking, None));
        let asked = server.asked().pop().unwrap();
        assert_eq!((&asked.body["reasoning_effort"], &asked.body["thinking"]), (&effort, &object));
        assert_eq!(ana.message(room, reply).await.run.unwrap().thinking, thinking, "it is stored");
    }
    // Another model that does not know the effort begins with its own.
    ana.does(choose(room, Some("kimi-k3"), Some(Thinking::Max))).await.unwrap();
    ana.does(choose(room, Some("kimi-k2.7-code"), None)).await.unwrap();
    ana.hears(room, |room| room.model == "kimi-k2.7-code" && room.thinking == Thinking::Default).await;
}

/// Known by a new list, or only by the answer to the question.
#[tokio::test]
async fn where_a_model_has_gone_the_usual_one_answers_and_it_is_said() {
    for fresh in [Duration::ZERO, Duration::from_hours(1)] {
        let server = Setup::default().policies(|policies| policies.catalogue.fresh = fresh).start().await;
        let (mut ana, room) = alone(&server).await;
        ana.does(choose(room, Some("kimi-k2.6"), Some(Thinking::Off))).await.unwrap();
        let only = |endpoint: &str| json!({"endpoint": endpoint, "models": ["kimi-k3"], "times": 10});
        for endpoint in ["chat", "models"] {
            server.simulator.script(only(endpoint)).unwrap();
        }
        if fresh.is_zero() {
            while listed(&ana).await.models.len() > 1 {}
        }
        let reply = ana.socket.ask(room, "5 tokens").await;
        let run = ana.socket.finished(reply).await;
        assert_eq!((run.status, run.model.as_str()), (RunStatus::Done, "kimi-k3"), "{fresh:?}");
        assert_eq!((run.instead_of.as_deref(), run.thinking), (Some("kimi-k2.6"), Thinking::Default));
        assert_eq!(ana.message(room, reply).await.run.unwrap().instead_of.as_deref(), Some("kimi-k2.6"));
        assert_eq!(ana.listed(room).await.unwrap().model, "kimi-k2.6", "the choice stays");
        let asked: Vec<_> = server.asked().into_iter().map(|asked| asked.model).collect();
        let expected: &[&str] = if fresh.is_zero() { &["kimi-k3"] } else { &["kimi-k2.6", "kimi-k3"] };
        assert_eq!(asked, expected);
    }
}

#[tokio::test]
async fn without_a_list_the_pages_come_and_the_usual_model_answers() {
    for script in [
        json!({"endpoint": "models", "fail": "503", "times": 100}),
        json!({"endpoint": "models", "fail": "404", "times": 100}),
        json!({"endpoint": "models", "garbage_line": "<p>", "times": 100}),
        json!({"endpoint": "models", "first_byte_ms": 3_600_000, "times": 100}),
    ] {
        let server = TestServer::start().await;
        server.simulator.script(script.clone()).unwrap();
        let (mut ana, room) = alone(&server).await;
        let began = Instant::now();
        for path in [format!("/room/{room}/details"), format!("/room/{room}/kimi")] {
            let page = get(&ana, &path).await;
            assert_eq!(page.status, 200);
            assert!(page.body.contains("The list of models could not be read just now"), "{script}");
        }
        assert!(began.elapsed() < Duration::from_secs(5), "{script}");
        let list = listed(&ana).await;
        assert_eq!((list.is_listed, list.models.len()), (false, 1), "{script}");
        refused(ana.does(choose(room, Some("kimi-k2.6"), None)).await, "can't be read at the moment");
        ana.does(choose(room, None, Some(Thinking::Low))).await.unwrap();
        let reply = ana.socket.ask(room, "5 tokens").await;
        assert_eq!(ana.socket.finished(reply).await.model, "kimi-k3", "{script}");
    }
}

#[tokio::test]
async fn the_form_over_the_conversation_is_for_members_and_read_by_those_who_may_not_change_it() {
    let server = TestServer::start().await;
    let (mut ana, budi, citra) =
        (server.person("Ana").await, server.person("Budi").await, server.person("Citra").await);
    let room = ana.group(&["Budi"]).await;
    let instructions = Some("Be </textarea><script>".to_owned());
    let (topic, kimi, model, thinking, is_archived) = (None, None, None, None, None);
    ana.does(Command::ChangeRoom { room, topic, kimi, model, thinking, instructions, is_archived })
        .await
        .unwrap();
    let path = format!("/room/{room}/kimi");
    let form = get(&ana, &path).await;
    assert_eq!(form.status, 200);
    for words in ["value=\"kimi-k2.6\"", "data-thinking=\"low high max\"", "256K tokens", "&lt;/textarea&gt;"]
    {
        assert!(form.body.contains(words), "{words}: {}", form.body);
    }
    let told = get(&budi, &path).await;
    assert!(told.body.contains("The model is kimi-k3.") && !told.body.contains("<form"), "{}", told.body);
    for answer in [&form, &told] {
        assert!(!answer.body.contains("<script"), "{}", answer.body);
    }
    assert_eq!(get(&citra, &path).await.status, 404);
    assert_eq!(server.visitor().get(&path, &[]).await.status, 401);
}
