//! Stop at any moment: nothing sticks, what was written is kept, and everybody holds the same.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use app::protocol::{Command, RunStatus};
use serde_json::json;

use crate::support::{Account, Setup, TestServer, new_command};

/// How soon a stopped run has closed its request.
const AT_ONCE_MS: u64 = 250;

fn now_ms() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// Asks and stops `count` times, each time after another while. Returns what was asked and when it was stopped.
async fn stop_at_random(
    server: &TestServer,
    account: &Account,
    name: &str,
    count: u32,
) -> Vec<(String, u64)> {
    let (mut asker, mut viewer) = (account.connect().await, account.connect().await);
    let mut stops = Vec::new();
    for number in 0..count {
        let room = asker.new_room().await;
        viewer.follow(room).await;
        let prompt = format!("Question {number} of {name}");
        let message = asker.say(room, &prompt).await;
        let reply = asker.reply(message).await;
        let random = u64::from(new_command().0.as_fields().0);
        tokio::time::sleep(Duration::from_millis(random % 120)).await;
        let stopped_at = now_ms();
        // From another device of the same person.
        viewer.execute(Command::StopRun { room, message: reply }).await.unwrap();
        let run = asker.finished(reply).await;
        assert_eq!(viewer.finished(reply).await, run, "{prompt}");
        let (text, thinking) = server.simulator.reply(&prompt);
        let stored = account.room(room).await.unwrap().messages.pop().unwrap();
        assert_eq!(stored.run, Some(run.clone()), "{prompt}");
        for socket in [&asker, &viewer] {
            assert_eq!(socket.transcript.text(reply), stored.text, "{prompt}");
            assert_eq!(socket.transcript.thinking(reply), stored.thinking, "{prompt}");
        }
        match run.status {
            RunStatus::Stopped => {
                assert!(text.starts_with(&stored.text) && thinking.starts_with(&stored.thinking), "{prompt}");
                assert_eq!(run.stopped_by.as_deref(), Some(name));
            }
            RunStatus::Done => assert_eq!((stored.text, stored.thinking), (text, thinking), "{prompt}"),
            other => panic!("{prompt}: {other:?}"),
        }
        stops.push((prompt, stopped_at));
    }
    stops
}

/// chat-ui PR #2334, lobehub #17723, open-webui #26779: Stop does nothing, or leaves a spinner for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_stops_at_random_moments_leave_nothing_stuck() {
    let server = Setup::default()
        .simulator(json!({"rate": 2_000, "thinking_rate": 1_000, "first_byte_ms": 20, "unicode": true}))
        .argument("--messages-per-minute", "10000")
        .start()
        .await;
    let mut accounts = Vec::new();
    for number in 0..8 {
        let name = format!("User{number}");
        accounts.push((server.account(&name).await, name));
    }
    let all = accounts.iter().map(|(account, name)| stop_at_random(&server, account, name, 25));
    let stops: Vec<_> = futures_util::future::join_all(all).await.into_iter().flatten().collect();
    assert_eq!(stops.len(), 200);
    assert_eq!(server.count("select count(*) from runs where ended_at is null").await, 0);
    assert_eq!(server.count("select count(*) from pieces").await, 0);
    assert!(server.count("select count(*) from runs where status = 'stopped'").await > 100);
    let requests = server.simulator.requests();
    for (prompt, stopped_at) in stops {
        for request in requests.iter().filter(|request| request.prompt == prompt) {
            let ended = request.at_ms + request.ended_ms.expect("no request is left open");
            assert!(ended <= stopped_at + AT_ONCE_MS, "{prompt}: open for {} ms", ended - stopped_at);
        }
    }
}
