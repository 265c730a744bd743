//! Everything at once: many clients, many replies, random cuts; each text byte for byte. `SITESPARK_STRESS_SECONDS`
//! makes it longer.

use std::time::{Duration, Instant};

use app::protocol::RunStatus;
use serde_json::json;

use crate::support::{Account, FullClient, Setup, TestServer};

const CLIENTS: usize = 50;

fn random(below: u32) -> u32 {
    uuid::Uuid::new_v4().as_fields().0 % below
}

/// One client: asks, is cut, reloads, and compares, until the time is over. Returns how many replies it compared.
async fn live(server: &TestServer, account: &Account, until: Instant) -> u32 {
    let mut client = FullClient::start(account).await;
    let mut replies = 0;
    while Instant::now() < until {
        let room = client.create_room();
        let prompt = format!("Question {}", random(1_000_000));
        let message = client.say(room, &prompt);
        for _ in 0..random(6) {
            let wanted = random(1_500) as usize;
            client
                .until("some text", |client| {
                    client.has_whole_reply(room, message)
                        || client.reply(room, message).is_some_and(|reply| reply.text.len() >= wanted)
                })
                .await;
            if random(4) == 0 {
                client = FullClient::start_in(account, Some(room)).await;
            } else {
                client.cut();
            }
        }
        client.until("the whole reply", |client| client.has_whole_reply(room, message)).await;
        let (text, thinking) = server.simulator.reply(&prompt);
        let reply = client.reply(room, message).unwrap();
        assert_eq!(
            (reply.text.as_str(), reply.thinking.as_str()),
            (text.as_str(), thinking.as_str()),
            "{prompt}"
        );
        assert_eq!(client.client.room(room).unwrap().messages().count(), 2);
        replies += 1;
    }
    replies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_that_are_cut_at_random_end_with_exact_texts() {
    let seconds =
        std::env::var("SITESPARK_STRESS_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let server = Setup::default()
        .simulator(json!({"rate": 1_500, "thinking_rate": 1_500}))
        .argument("--messages-per-minute", "100000")
        .argument("--runs-at-once", "1000")
        .start()
        .await;
    let mut accounts = Vec::new();
    for number in 0..CLIENTS / 5 {
        accounts.push(server.account(&format!("User{number}")).await);
    }
    let until = Instant::now() + Duration::from_secs(seconds);
    let clients = (0..CLIENTS).map(|number| live(&server, &accounts[number % accounts.len()], until));
    let replies: u32 = futures_util::future::join_all(clients).await.into_iter().sum();
    assert!(replies >= u32::try_from(CLIENTS).unwrap());
    let stored = server.count("select count(*) from messages").await;
    assert_eq!(stored, i64::from(replies) * 2);
    assert_eq!(server.model_calls().min(1_000), usize::try_from(replies).unwrap().min(1_000));
    assert_eq!(server.count("select count(*) from pieces").await, 0);
}

/// One client: asks and is cut until the time is over. Returns what each question ended with.
async fn ask(account: &Account, until: Instant) -> Vec<(String, RunStatus, String)> {
    let mut client = FullClient::start(account).await;
    let mut replies = Vec::new();
    while Instant::now() < until {
        let room = client.create_room();
        let prompt = format!("Question {}", random(1_000_000));
        let message = client.say(room, &prompt);
        let wanted = random(1_500) as usize;
        client
            .until("some text", |client| {
                client.has_whole_reply(room, message)
                    || client.reply(room, message).is_some_and(|reply| reply.text.len() >= wanted)
            })
            .await;
        let shown = client.reply(room, message).unwrap().text.clone();
        client.cut();
        client.until("the end of the reply", |client| client.has_whole_reply(room, message)).await;
        let reply = client.reply(room, message).unwrap();
        assert!(reply.text.starts_with(&shown), "what was shown stays: {prompt}");
        replies.push((prompt, reply.run.as_ref().unwrap().status, reply.text.clone()));
    }
    replies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_crashes_again_and_again_loses_and_doubles_nothing() {
    let until = Instant::now() + Duration::from_secs(3);
    let mut server = Setup::default()
        .simulator(json!({"rate": 1_500, "thinking_rate": 1_500}))
        .argument("--messages-per-minute", "100000")
        .start()
        .await;
    let accounts = [server.account("Ana").await, server.account("Ben").await, server.account("Cleo").await];
    let clients = futures_util::future::join_all((0..12).map(|number| ask(&accounts[number % 3], until)));
    let crashes = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            server.crash().await;
            server.start_again().await;
        }
    };
    let (replies, ()) = tokio::join!(clients, crashes);
    let replies: Vec<_> = replies.into_iter().flatten().collect();
    for (prompt, status, text) in &replies {
        assert_eq!((*status, text), (RunStatus::Done, &server.simulator.reply(prompt).0), "{prompt}");
    }
    assert!(server.count("select count(*) from runs where take_overs > 0").await > 0);
    assert_eq!(
        server.count("select count(*) from messages").await,
        i64::try_from(replies.len()).unwrap() * 2
    );
}
