//! Replays what fuzzing found interesting: a line of JSON per input, of which each character is one byte.

fn replay(corpus: &str, check: impl Fn(&[u8])) {
    let inputs: Vec<String> =
        corpus.lines().map(|line| serde_json::from_str(line).expect("a JSON string")).collect();
    assert!(inputs.len() > 20, "the corpus is there");
    for input in inputs {
        let bytes: Vec<u8> = input.chars().map(|byte| u8::try_from(byte).expect("a byte")).collect();
        check(&bytes);
    }
}

/// Those that are not UTF-8 can't arrive as text.
fn replay_text(corpus: &str, check: impl Fn(&str)) {
    replay(corpus, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            check(text);
        }
    });
}

#[test]
fn client_frames() {
    replay_text(include_str!("../corpus/client_frame.jsonl"), fuzz::client_frame);
}

#[test]
fn server_frames() {
    replay_text(include_str!("../corpus/server_frame.jsonl"), fuzz::server_frame);
}

#[test]
fn clients() {
    replay_text(include_str!("../corpus/client.jsonl"), fuzz::client);
}

#[test]
fn model_streams() {
    replay(include_str!("../corpus/model_stream.jsonl"), fuzz::model_stream);
}
