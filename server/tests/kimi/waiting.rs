//! Time: the three timeouts, leaving early, and gates instead of sleeps.

use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::json;
use server::kimi::{
    Delta, Error, Model, Retry, Stage, Timeouts,
    simulator::{Handle, Outcome},
};

use super::support::{ask, assert_whole, client, client_of, gather, request, short, simulator};

/// How long the upstream request may outlive its stream.
const SOON: Duration = Duration::from_millis(250);

/// The first request must have been left by its client, soon after `left`.
async fn assert_closed(simulator: &Handle, left: Instant) {
    simulator.until(|records| records[0].outcome == Outcome::ClosedByClient).await;
    assert!(left.elapsed() < SOON, "{:?}", left.elapsed());
    assert!(simulator.requests()[0].ended_ms.is_some());
}

#[tokio::test]
async fn no_head_and_no_first_byte_are_one_timeout() {
    for place in ["headers", "start"] {
        let simulator = simulator(json!({"gate": format!("here@{place}")})).await;
        let began = Instant::now();
        let reply = ask(&client_of(&simulator.base_url(), short(120, 20_000)), request("x")).await;
        assert!((120..3_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
        let error = reply.error.expect("a timeout");
        assert_eq!(error, Error::Timeout { stage: Stage::FirstByte });
        assert_eq!((error.code(), error.retry()), ("timeout", Retry::Backoff));
        assert_closed(&simulator, Instant::now()).await;
    }
}

#[tokio::test]
async fn silence_in_the_middle_is_an_idle_timeout_and_keeps_the_text() {
    for (place, text) in
        [("thinking:3", ""), ("5", "/sim tokens=5"), ("finish", "/sim tokens=9"), ("done", "/sim tokens=9")]
    {
        let simulator = simulator(json!({"gate": format!("here@{place}"), "include_usage": false})).await;
        let began = Instant::now();
        let reply =
            ask(&client_of(&simulator.base_url(), short(20_000, 120)), request("/sim tokens=9")).await;
        assert!((120..3_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
        assert_eq!(reply.error, Some(Error::Timeout { stage: Stage::Idle }), "{place}");
        let expected = if text.is_empty() { String::new() } else { simulator.reply(text).0 };
        assert_eq!(reply.text, expected, "{place}");
        assert!(!reply.thinking.is_empty());
        assert_eq!(reply.usages.len(), usize::from(place == "done"), "what is known is told");
        assert_closed(&simulator, Instant::now()).await;
    }
}

#[tokio::test]
async fn slow_is_not_silent() {
    let simulator = simulator(json!({"rate": 100, "thinking_rate": 100})).await;
    let prompt = "/sim tokens=40 thinking_tokens=10";
    let reply = ask(&client_of(&simulator.base_url(), short(300, 300)), request(prompt)).await;
    assert_whole(&reply, &simulator, prompt);
}

#[tokio::test]
async fn a_slow_reader_is_no_idle_server() {
    let simulator = simulator(json!({})).await;
    let prompt = "/sim tokens=2000 gate=here@1000";
    let mut stream =
        client_of(&simulator.base_url(), short(5_000, 150)).stream(request(prompt)).await.unwrap();
    let first = stream.next().await.unwrap().unwrap();
    // The server waits at its gate for twice the idle timeout while nobody reads. (This is the time that passes, not
    // a hope that something has happened by then.)
    simulator.until_gate("here").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    simulator.release("here");
    let Delta::Thinking(first) = first else { panic!("{first:?}") };
    let mut reply = gather(stream).await;
    reply.thinking.insert_str(0, &first);
    assert_whole(&reply, &simulator, prompt);
}

#[tokio::test]
async fn dropping_the_stream_closes_the_upstream_request() {
    let simulator = simulator(json!({})).await;
    let mut stream = client(&simulator).stream(request("/sim tokens=50 gate=here@20")).await.unwrap();
    simulator.until_gate("here").await;
    while let Some(Ok(delta)) = stream.next().await {
        if matches!(delta, Delta::Text(_)) {
            break;
        }
    }
    drop(stream);
    assert_closed(&simulator, Instant::now()).await;
    let record = simulator.requests().pop().unwrap();
    assert_eq!((record.text_tokens, simulator.gate("here").waiting), (20, 0));
}

#[tokio::test]
async fn dropping_the_call_before_the_head_closes_the_upstream_request() {
    let simulator = simulator(json!({"gate": "here@headers"})).await;
    let client = client(&simulator);
    let call = tokio::spawn(async move { client.stream(request("x")).await.map(|_| ()) });
    simulator.until_gate("here").await;
    call.abort();
    assert_closed(&simulator, Instant::now()).await;
    assert_eq!(simulator.requests()[0].status, None);
}

#[tokio::test]
async fn a_released_gate_lets_the_reply_go_on() {
    let simulator = simulator(json!({})).await;
    let prompt = "/sim tokens=30 gate=a@thinking:2,b@10,c@done";
    let stream = client(&simulator).stream(request(prompt)).await.unwrap();
    let reply = tokio::spawn(gather(stream));
    for gate in ["a", "b", "c"] {
        simulator.until_gate(gate).await;
        simulator.release(gate);
    }
    assert_whole(&reply.await.unwrap(), &simulator, prompt);
    assert_eq!(simulator.requests()[0].outcome, Outcome::Finished);
}

#[tokio::test]
async fn nobody_at_the_address_is_unreachable() {
    let simulator = simulator(json!({})).await;
    let base_url = simulator.base_url();
    // A port that was free a moment ago, and that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base_url = base_url.replace(&simulator.address().to_string(), &free.to_string());
    let client = client_of(&base_url, Timeouts::default());
    let error = ask(&client, request("x")).await.error.expect("an error");
    assert_eq!((error.code(), error.retry()), ("unreachable", Retry::Backoff));
    assert!(!format!("{error:?}").contains(&free.to_string()));
    assert_eq!(client.models().await.unwrap_err().code(), "unreachable");
}

#[tokio::test]
async fn the_pace_is_what_was_asked_for() {
    let simulator = simulator(json!({})).await;
    let began = Instant::now();
    let prompt = "/sim rate=200 tokens=100 no_thinking";
    let reply = ask(&client(&simulator), request(prompt)).await;
    assert_whole(&reply, &simulator, prompt);
    assert!((450..3_000).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_stopped_simulator_ends_its_replies() {
    let simulator = simulator(json!({"gate": "here@5"})).await;
    let stream = client(&simulator).stream(request("x")).await.unwrap();
    simulator.until_gate("here").await;
    let address = simulator.address();
    drop(simulator);
    assert_eq!(gather(stream).await.error.expect("a cut").code(), "interrupted");
    assert!(
        tokio::net::TcpListener::bind(address).await.is_ok()
            || std::net::TcpStream::connect(address).is_err()
    );
}

#[tokio::test]
async fn a_host_that_swallows_packets_is_a_connect_timeout() {
    let timeouts = Timeouts { connect: Duration::from_millis(80), ..short(20_000, 20_000) };
    let began = Instant::now();
    // RFC 5737: nobody has this address. Where the machine has no route at all it is unreachable at once.
    let reply = ask(&client_of("http://192.0.2.1:9", timeouts), request("x")).await;
    let error = reply.error.expect("an error");
    assert!(matches!(error, Error::Timeout { stage: Stage::Connect } | Error::Unreachable { .. }), "{error}");
    assert_eq!(error.retry(), Retry::Backoff);
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}
