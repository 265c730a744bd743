//! `PROTOCOL.md` is true: every example decodes, encodes to the same JSON again, and nothing is left out.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::collections::BTreeSet;

use app::protocol::{
    ClientFrame, CloseCode, Command, FailureCode, ModelList, RichText, ServerFrame, from_json, to_json,
};
use serde_json::Value;

const DOCUMENT: &str = include_str!("../../PROTOCOL.md");

/// The lines of all blocks fenced with this info string.
fn examples(info: &str) -> Vec<&'static str> {
    let mut lines = Vec::new();
    let mut is_inside = false;
    for line in DOCUMENT.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            is_inside = fence == info;
        } else if is_inside {
            lines.push(line);
        }
    }
    assert!(!lines.is_empty(), "no examples of `{info}`");
    lines
}

fn kinds(examples: &[&str]) -> BTreeSet<String> {
    examples
        .iter()
        .filter_map(|example| {
            serde_json::from_str::<Value>(example).unwrap()["type"].as_str().map(str::to_owned)
        })
        .collect()
}

fn same_json(example: &str, encoded: &str) {
    let (example, encoded): (Value, Value) =
        (serde_json::from_str(example).unwrap(), serde_json::from_str(encoded).unwrap());
    assert_eq!(example, encoded);
}

#[test]
fn every_frame_of_a_client_is_shown_and_reads_back() {
    let examples = examples("json client");
    for example in &examples {
        let frame = ClientFrame::decode(example).unwrap_or_else(|error| panic!("{error:?}: {example}"));
        same_json(example, &frame.encode());
    }
    let others = ["session:hello", "presence:set", "chat:typing"];
    let expected = Command::KINDS.iter().chain(&others).map(|kind| (*kind).to_owned()).collect();
    assert_eq!(kinds(&examples), expected);
}

#[test]
fn every_frame_of_the_server_is_shown_and_reads_back() {
    let examples = examples("json server");
    for example in &examples {
        let frame = ServerFrame::decode(example).unwrap_or_else(|error| panic!("{error:?}: {example}"));
        same_json(example, &frame.encode());
    }
    let expected = [
        "session:welcome",
        "session:beat",
        "session:bye",
        "room:subscribed",
        "ack",
        "error",
        "chat:message",
        "chat:run",
        "chat:changed",
        "chat:branch",
        "room:member",
        "presence:room",
        "chat:typing",
        "room:joined",
        "room:changed",
        "room:left",
        "user:changed",
        "chat:stream",
    ];
    assert_eq!(kinds(&examples), expected.map(str::to_owned).into());
    assert!(examples.iter().any(|example| example.starts_with('[')), "a part");
}

/// What it is answered is compared with the document by the server's tests.
#[test]
fn the_text_to_be_drawn_reads_back() {
    for example in examples("json rich") {
        let text: RichText = from_json(example).unwrap();
        same_json(example, &to_json(&text));
    }
}

/// As above.
#[test]
fn the_list_of_models_reads_back() {
    for example in examples("json models") {
        let list: ModelList = from_json(example).unwrap();
        same_json(example, &to_json(&list));
    }
}

#[test]
fn the_tables_have_every_code() {
    for code in CloseCode::ALL {
        let row = format!("| {} | {} |", code.code(), code.meaning());
        assert!(DOCUMENT.contains(&row), "{row}");
    }
    for code in FailureCode::ALL {
        let row = format!("| `{}` | ", code.name());
        assert!(DOCUMENT.contains(&row), "{row}");
    }
}
