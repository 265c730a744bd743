//! Every shape of a stream: framings that must not show, cuts that must, usage in either place, odd chunks.

use serde_json::{Value, json};
use server::kimi::{Error, FinishReason, Retry, Turn, Usage};

use super::support::{Reply, ask, assert_whole, client, conversation, request, simulator};

const PROMPT: &str = "Plan my week in many languages";

/// The reply to [`PROMPT`] under these switches must be whole and exact.
async fn check_whole(script: Value) {
    check_reply(PROMPT, script, "🏳").await;
}

async fn check_reply(prompt: &str, script: Value, part: &str) {
    let simulator = simulator(json!({})).await;
    simulator.script(script.clone()).unwrap();
    let reply = ask(&client(&simulator), request(prompt)).await;
    assert_whole(&reply, &simulator, prompt);
    assert!(reply.text.contains(part), "{script}");
}

#[tokio::test]
async fn framings_do_not_show() {
    for script in [
        json!({}),
        json!({"no_space": true}),
        json!({"crlf": true}),
        json!({"bom": true}),
        json!({"comments": 1}),
        json!({"no_empty_lines": true}),
        json!({"bare_done": true}),
        json!({"charset": true}),
        json!({"null_content": true}),
        json!({"empty_choices_first": true}),
        json!({"usage_null": true}),
        json!({"continuous_usage": true}),
        json!({"no_space": true, "crlf": true, "comments": 3, "bom": true, "split": 5}),
    ] {
        check_whole(script).await;
    }
}

#[tokio::test]
async fn writes_of_any_length_do_not_show() {
    // A short reply: a hundred thousand writes would prove no more.
    let prompt = "In many languages /sim tokens=200 thinking_tokens=5";
    for length in [1, 2, 3, 7, 100, 4_000] {
        check_reply(prompt, json!({"split": length}), "漢").await;
        check_reply(prompt, json!({"split": length, "crlf": true}), "漢").await;
    }
}

#[tokio::test]
async fn one_event_may_be_cut_at_every_byte() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let text = "é漢🙂e\u{301}👩\u{200d}💻\"\\\n";
    let script = |at: usize| json!({"text_pieces": ["a", text, "b"], "split_at": at, "split_token": 1});
    // The whole event has some 230 bytes; a cut behind its end changes nothing.
    for at in 1..300 {
        simulator.script(script(at)).unwrap();
        let reply = ask(&client, request("x")).await;
        assert_eq!(
            (reply.text.as_str(), reply.error),
            (format!("a{text}b").as_str(), None),
            "cut at byte {at}"
        );
    }
}

#[tokio::test]
async fn usage_is_found_in_both_places_and_counted_once() {
    let usage =
        json!({"prompt_tokens": 100, "completion_tokens": 20, "cached_tokens": 40, "reasoning_tokens": 5});
    let expected =
        Usage { prompt_tokens: 100, cached_tokens: 40, completion_tokens: 20, reasoning_tokens: 5 };
    for (script, usages) in [
        (json!({}), vec![expected]),
        (json!({"include_usage": false}), vec![expected]),
        (json!({"no_choice_usage": true}), vec![expected]),
        (json!({"continuous_usage": true}), vec![expected]),
        (json!({"no_choice_usage": true, "include_usage": false}), vec![]),
        // After the finish chunk, so it is known what was paid for.
        (json!({"cut_before_done": true, "include_usage": false}), vec![expected]),
        (json!({"cut_before_done": true, "clean_cut": true}), vec![expected]),
        (json!({"cut_before_finish": true}), vec![]),
    ] {
        let simulator = simulator(json!({"usage": usage})).await;
        simulator.script(script.clone()).unwrap();
        let reply = ask(&client(&simulator), request("x")).await;
        assert_eq!(reply.usages, usages, "{script}");
    }
}

#[tokio::test]
async fn impossible_counts_do_no_harm() {
    let simulator = simulator(json!({})).await;
    let usage =
        json!({"prompt_tokens": 10, "completion_tokens": -3, "cached_tokens": 50, "reasoning_tokens": -1});
    simulator.script(json!({"usage": usage})).unwrap();
    let reply = ask(&client(&simulator), request("x")).await;
    let expected = Usage { prompt_tokens: 10, cached_tokens: 50, completion_tokens: 0, reasoning_tokens: 0 };
    assert_eq!(reply.usages, [expected]);
    assert_eq!(expected.uncached_tokens(), 0);
}

/// A cut stream is `Interrupted` with the text so far, whether the body ended well or broke.
async fn check_cut(mut script: Value, thinking: usize, text: usize, finish: Option<FinishReason>) {
    for clean in [true, false] {
        let simulator = simulator(json!({"tokens": 60, "thinking_tokens": 30})).await;
        script["clean_cut"] = json!(clean);
        simulator.script(script.clone()).unwrap();
        let Reply { thinking: thought, text: said, error, finishes, .. } =
            ask(&client(&simulator), request("x")).await;
        let record = simulator.requests().pop().unwrap();
        assert_eq!((record.thinking_tokens, record.text_tokens), (thinking as u64, text as u64), "{script}");
        let (whole, whole_thinking) = simulator.reply("x");
        assert!(whole_thinking.starts_with(&thought) && whole.starts_with(&said));
        assert_eq!(thought.is_empty(), thinking == 0);
        assert_eq!(said.is_empty(), text == 0);
        assert_eq!(said == whole, text == 60);
        let Some(Error::Interrupted { finish: seen, .. }) = error else { panic!("{script}: {error:?}") };
        assert_eq!((seen, finishes.first().copied()), (finish, finish), "{script}");
    }
}

#[tokio::test]
async fn a_stream_without_done_is_interrupted_and_keeps_its_text() {
    check_cut(json!({"cut_thinking": 0}), 0, 0, None).await;
    check_cut(json!({"cut_thinking": 7}), 7, 0, None).await;
    check_cut(json!({"cut_thinking": 1_000}), 30, 0, None).await;
    check_cut(json!({"cut": 0}), 30, 0, None).await;
    check_cut(json!({"cut": 1}), 30, 1, None).await;
    check_cut(json!({"cut": 59}), 30, 59, None).await;
    check_cut(json!({"cut_before_finish": true}), 30, 60, None).await;
    check_cut(json!({"cut_before_done": true}), 30, 60, Some(FinishReason::Stop)).await;
}

#[tokio::test]
async fn an_interrupted_reply_can_be_asked_for_again() {
    let error = Error::Interrupted { finish: None, detail: server::kimi::Clean::new("", None) };
    assert_eq!((error.code(), error.retry()), ("interrupted", Retry::Backoff));
}

#[tokio::test]
async fn garbage_ends_the_stream_and_keeps_the_text_before_it() {
    for line in [
        r#"data: {"id":"chatcmpl-jQugNdata:{"choices":[{"index":0,"delta":{"content":"x"}}]}"#,
        "data: <html>502 Bad Gateway</html>",
        "data: {\"choices\":5}",
        "data: null]",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\\ud83d\"}}]}",
    ] {
        let simulator = simulator(json!({})).await;
        simulator.script(json!({"tokens": 20, "garbage": 7, "garbage_line": line})).unwrap();
        let reply = ask(&client(&simulator), request("/sim tokens=20")).await;
        let Some(error @ Error::Garbled { .. }) = &reply.error else { panic!("{line}: {:?}", reply.error) };
        assert_eq!((error.code(), error.retry()), ("garbled", Retry::Backoff));
        assert_eq!(reply.text, simulator.reply("/sim tokens=7").0, "{line}");
    }
}

#[tokio::test]
async fn lines_that_mean_nothing_are_passed_over() {
    for line in [
        ": comment",
        "event: message",
        "retry: 10",
        "data:",
        "data: {}",
        "data: {\"choices\":null}",
        "nonsense",
    ] {
        check_whole(json!({"garbage": 7, "garbage_line": line})).await;
    }
}

#[tokio::test]
async fn thinking_alone_can_use_up_the_budget() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let mut small = request("x");
    small.max_completion_tokens = Some(16);
    let reply = ask(&client, small).await;
    assert_eq!((reply.text.as_str(), reply.finishes, reply.error), ("", vec![FinishReason::Length], None));
    assert_eq!((reply.usages[0].reasoning_tokens, reply.usages[0].completion_tokens), (16, 16));

    simulator.script(json!({"empty": true})).unwrap();
    let reply = ask(&client, request("x")).await;
    assert_eq!((reply.text.as_str(), reply.finishes), ("", vec![FinishReason::Length]));
    assert!(!reply.thinking.is_empty());
}

#[tokio::test]
async fn every_finish_reason_is_told() {
    for (word, reason) in [
        ("stop", FinishReason::Stop),
        ("length", FinishReason::Length),
        ("tool_calls", FinishReason::ToolCalls),
        ("content_filter", FinishReason::ContentFilter),
        ("eos", FinishReason::Other),
    ] {
        let simulator = simulator(json!({})).await;
        simulator.script(json!({"finish_reason": word})).unwrap();
        let reply = ask(&client(&simulator), request("x")).await;
        assert_eq!((reply.finishes, reply.error), (vec![reason], None));
    }
}

#[tokio::test]
async fn a_partial_beginning_is_continued_exactly() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let prompt = "in many languages /sim tokens=200";
    let (whole, thinking) = simulator.reply(prompt);
    let positions: Vec<usize> =
        whole.char_indices().map(|(position, _)| position).filter(|position| *position > 0).collect();
    for position in positions {
        let partial = Turn::partial(&whole[..position], Some(thinking.clone()));
        let reply = ask(&client, conversation(vec![Turn::user(prompt), partial])).await;
        assert_eq!(
            (reply.text.as_str(), reply.thinking.as_str()),
            (&whole[position..], ""),
            "from {position}"
        );
        assert_eq!((reply.finishes, reply.error), (vec![FinishReason::Stop], None));
    }
}

#[tokio::test]
async fn a_cut_reply_heals_by_continuing_it() {
    let simulator = simulator(json!({})).await;
    let client = client(&simulator);
    let prompt = "in many languages /sim cut=50 tokens=120";
    let first = ask(&client, request(prompt)).await;
    assert_eq!(first.error.unwrap().code(), "interrupted");
    let partial = Turn::partial(&first.text, Some(first.thinking));
    let second = ask(&client, conversation(vec![Turn::user(prompt), partial])).await;
    assert_eq!(second.error, None);
    assert_eq!(first.text + &second.text, simulator.reply(prompt).0);
    assert_eq!(simulator.requests().len(), 2);
}

#[tokio::test]
async fn tool_calls_arrive_whole_however_they_are_cut() {
    let arguments = r#"{"city": "Paris — 東京 🙂", "days": 3}"#;
    for (script, ids) in [
        (json!({}), ["get_weather_0", "search_1"]),
        (json!({"tool_fragments": 1}), ["get_weather_0", "search_1"]),
        (
            json!({"tool_whole": true, "tool_id": "functions.{name}:{index}"}),
            ["functions.get_weather:0", "functions.search:1"],
        ),
        (
            json!({"tool_id": "{name}:{index}", "tool_fragments": 3, "split": 1}),
            ["get_weather:0", "search:1"],
        ),
        (json!({"dialect": "ollama"}), ["get_weather_0", "search_1"]),
    ] {
        let simulator = simulator(json!({"tool": "get_weather,search", "tool_arguments": arguments})).await;
        simulator.script(script.clone()).unwrap();
        let reply = ask(&client(&simulator), request("x")).await;
        assert_eq!((reply.finishes, reply.error), (vec![FinishReason::ToolCalls], None));
        let got: Vec<_> = reply.calls.iter().map(|call| (call.id.as_str(), call.name.as_str())).collect();
        assert_eq!(got, [(ids[0], "get_weather"), (ids[1], "search")], "{script}");
        assert!(reply.calls.iter().all(|call| call.arguments == arguments), "{script}");
    }
}

#[tokio::test]
async fn a_fragment_without_index_belongs_to_its_position() {
    let simulator = simulator(json!({})).await;
    simulator.script(json!({"tool": "get_weather", "tool_no_index": true, "tool_fragments": 2})).unwrap();
    let reply = ask(&client(&simulator), request("x")).await;
    assert_eq!(reply.calls.len(), 1);
    assert_eq!(reply.calls[0].arguments, r#"{"city": "Paris"}"#);
}
