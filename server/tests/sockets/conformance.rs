//! One suite for all transports, in data: every scenario of `tests/conformance` runs unchanged over a WebSocket, an event
//! stream and long polls, on a server of its own. `tests/conformance/README.md` says how scenarios are written.

#[path = "conformance/pattern.rs"]
mod pattern;
#[path = "conformance/runner.rs"]
mod runner;
#[path = "conformance/scenario.rs"]
mod scenario;

use std::path::PathBuf;

use futures_util::StreamExt;

use crate::support::Transport;
use runner::Runner;
use scenario::Scenario;

/// Servers at the same time.
const AT_ONCE: usize = 4;

fn scenarios() -> Vec<Scenario> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let read = |file: &PathBuf| -> Vec<Scenario> {
        let text = std::fs::read_to_string(file).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().flat_map(read).collect()
}

/// Runs all scenarios, and says of every failure where it was.
async fn conform(transport: Transport) {
    // One of them, by a part of its name.
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let wanted = scenarios().into_iter().filter(|scenario| scenario.name.contains(&only));
    let results: Vec<_> = futures_util::stream::iter(wanted)
        .map(|scenario| async move {
            let name = scenario.name.clone();
            (name, tokio::spawn(Runner::run(scenario, transport)).await)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let failed: Vec<_> = results.iter().filter(|(_, result)| result.is_err()).map(|(name, _)| name).collect();
    assert!(failed.is_empty(), "{transport:?}: {} of {} failed: {failed:#?}", failed.len(), results.len());
}

#[test]
fn every_scenario_has_a_name_of_its_own() {
    let mut names: Vec<_> = scenarios().into_iter().map(|scenario| scenario.name).collect();
    assert!(names.len() >= 25, "{}", names.len());
    names.sort();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[tokio::test]
async fn a_web_socket_conforms() {
    conform(Transport::WebSocket).await;
}

#[tokio::test]
async fn an_event_stream_conforms() {
    conform(Transport::EventStream).await;
}

#[tokio::test]
async fn long_polls_conform() {
    conform(Transport::LongPoll).await;
}
