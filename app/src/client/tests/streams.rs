//! Parts, handles and attempts: the one rule, and what happens when it doesn't hold.

use super::stage::{Stage, commands, message, room, running, said};
use crate::client::*;
use crate::protocol::*;

/// The lengths by which a message is asked for.
fn asked(outputs: &[Output]) -> Vec<(u32, u64, u64)> {
    let resumes = commands(outputs).into_iter().filter_map(|(_, command)| match command {
        Command::Resume { held, .. } => Some((held.attempt, held.text, held.thinking)),
        _ => None,
    });
    resumes.collect()
}

fn ended(attempt: u32, text_length: u64, thinking_length: u64) -> Event {
    let mut run = running(2, "", "").run.unwrap();
    (run.status, run.attempt) = (RunStatus::Done, attempt);
    (run.text_length, run.thinking_length) = (text_length, thinking_length);
    Event::Run { message: message(2), run }
}

#[test]
fn equal_appends_smaller_appends_the_rest_and_larger_asks() {
    for (offset, text, expected, ask) in [
        (4, "efg", "abcdefg", false),
        (2, "cdefg", "abcdefg", false),
        (0, "abcdefg", "abcdefg", false),
        (1, "bc", "abcd", false),
        (0, "abcd", "abcd", false),
        (4, "", "abcd", false),
        (5, "fg", "abcd", true),
        (9, "", "abcd", true),
    ] {
        let mut stage = Stage::live(vec![running(2, "abcd", "")]);
        stage.hear_stream(2, 1, 1, (4, 0));
        let outputs = stage.hear_part(1, offset, text);
        assert_eq!(stage.text(2), expected, "{offset} {text:?}");
        assert_eq!(asked(&outputs), if ask { vec![(1, 4, 0)] } else { vec![] }, "{offset} {text:?}");
    }
}

#[test]
fn offsets_are_bytes_and_never_cut_a_character() {
    let mut stage = Stage::live(vec![running(2, "漢", "")]);
    stage.hear_stream(2, 1, 1, (3, 0));
    stage.hear_part(1, 0, "漢字🦀");
    assert_eq!(stage.text(2), "漢字🦀");
    // An overlap that ends inside a character is of another text: no repair, but an ask.
    let outputs = stage.hear_part(1, 9, "🦀🦀");
    assert_eq!((stage.text(2), asked(&outputs)), ("漢字🦀", vec![(1, 10, 0)]));
    // Inconsistent, and nothing to gain.
    assert_eq!(asked(&stage.hear_part(1, 1, "字")), []);
    stage.hear_stream(2, 1, 3, (10, 0));
    stage.hear_part(3, 10, "🦀!");
    assert_eq!(stage.text(2), "漢字🦀🦀!");
}

#[test]
fn an_ask_is_made_once_and_repeated_until_the_text_is_there() {
    let mut stage = Stage::live(vec![running(2, "", "")]);
    stage.hear_stream(2, 1, 1, (0, 0));
    assert_eq!(asked(&stage.hear_part(1, 3, "d")), [(1, 0, 0)]);
    assert_eq!(asked(&stage.hear_part(1, 4, "e")), []);
    assert_eq!(asked(&stage.wait(4_999)), []);
    assert_eq!(asked(&stage.wait(1)), [(1, 0, 0)]);
    stage.hear_stream(2, 1, 3, (0, 0));
    stage.hear_part(3, 0, "abcde");
    assert_eq!(stage.text(2), "abcde");
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(asked(&stage.wait(30_000)), []);
}

#[test]
fn a_refused_ask_is_given_up_or_made_later() {
    for (code, later) in [(FailureCode::MessageNotFound, false), (FailureCode::RateLimited, true)] {
        let mut stage = Stage::live(vec![running(2, "", "")]);
        stage.hear_stream(2, 1, 1, (0, 0));
        let id = commands(&stage.hear_part(1, 3, "d"))[0].0;
        stage.hear(ServerFrame::Error { id: Some(id), failure: Failure::new(code, "no") });
        assert_eq!(!asked(&stage.wait(30_000)).is_empty(), later, "{code:?}");
    }
}

#[test]
fn an_ended_run_longer_than_the_text_is_asked_for_if_the_rest_does_not_come() {
    let mut stage = Stage::live(vec![running(2, "ab", "t")]);
    stage.hear_stream(2, 1, 1, (2, 1));
    assert_eq!(asked(&stage.hear_event(2, ended(1, 4, 1))), [], "it may be on its way");
    assert_eq!(asked(&stage.wait(250)), [(1, 2, 1)]);

    let mut stage = Stage::live(vec![running(2, "ab", "t")]);
    stage.hear_stream(2, 1, 1, (2, 1));
    stage.hear_event(2, ended(1, 4, 1));
    stage.hear_part(1, 2, "cd");
    assert_eq!(asked(&stage.wait(30_000)), []);
    assert_eq!(stage.text(2), "abcd");
}

#[test]
fn a_higher_attempt_voids_the_thinking_and_keeps_the_text() {
    let mut stage = Stage::live(vec![running(2, "ab", "old")]);
    stage.hear_stream(2, 1, 1, (2, 3));
    stage.hear_stream(2, 2, 3, (2, 0));
    assert_eq!((stage.text(2), stage.thinking(2)), ("ab", ""));
    stage.hear_part(4, 0, "new");
    // Late parts under the old handles: the thinking is void, the text is not.
    stage.hear_part(2, 3, "er");
    stage.hear_part(1, 2, "c");
    assert_eq!((stage.text(2), stage.thinking(2)), ("abc", "new"));
    // The event that says the same comes later, and an older one changes nothing.
    let mut run = running(2, "", "").run.unwrap();
    stage.hear_event(2, Event::Run { message: message(2), run: run.clone() });
    run.attempt = 2;
    stage.hear_event(3, Event::Run { message: message(2), run: run.clone() });
    assert_eq!(stage.thinking(2), "new");
    // By the event alone.
    run.attempt = 3;
    stage.hear_event(4, Event::Run { message: message(2), run });
    assert_eq!((stage.text(2), stage.thinking(2)), ("abc", ""));
    // The old attempt's length says nothing about the new one's.
    stage.hear_event(5, ended(2, 3, 90));
    assert_eq!(asked(&stage.wait(1_000)), []);
}

#[test]
fn nothing_is_lost_when_parts_come_before_their_stream_or_their_message() {
    let mut stage = Stage::live(vec![running(2, "", "")]);
    stage.hear_part(1, 0, "abc");
    assert_eq!(stage.text(2), "");
    let text = ServerFrame::Stream(Stream {
        room: room(1),
        message: message(2),
        attempt: 1,
        text: TextPosition { handle: 1, offset: 0 },
        thinking: TextPosition { handle: 2, offset: 0 },
    });
    assert_eq!(asked(&stage.hear(text)), [(1, 0, 0)]);

    let mut stage = Stage::live(vec![]);
    stage.hear_stream(2, 1, 1, (0, 0));
    stage.hear_part(1, 0, "abc");
    stage.hear_event(2, Event::Message(running(2, "", "")));
    assert_eq!(asked(&stage.wait(250)), [(1, 0, 0)]);

    // The announcement itself is lost: the room's streams are asked for.
    let mut stage = Stage::live(vec![running(2, "", "")]);
    stage.hear_part(1, 0, "abc");
    let sent = commands(&stage.wait(5_000));
    assert!(
        matches!(&sent[..], [(_, Command::Subscribe(position))] if position.messages.len() == 1),
        "{sent:?}"
    );
}

#[test]
fn handles_mean_nothing_on_the_next_connection() {
    let mut stage = Stage::live(vec![running(2, "", "")]);
    stage.hear_stream(2, 1, 1, (0, 0));
    stage.close(1006);
    stage.wait_for_attempt();
    stage.open();
    stage.welcome(Resume::Current);
    stage.hear_part(1, 0, "of another message");
    assert_eq!(stage.text(2), "");
}

#[test]
fn a_message_repeated_by_the_replay_does_not_take_back_what_is_held() {
    let mut stage = Stage::live(vec![said(1, "a"), running(2, "longer than the event", "t")]);
    stage.hear_event(2, Event::Message(running(2, "", "")));
    assert_eq!((stage.text(2), stage.thinking(2)), ("longer than the event", "t"));
}

#[test]
fn the_asks_are_bounded_and_none_is_forgotten() {
    let messages = (0..100).map(|number| running(1_000 + number, "", "")).collect();
    let mut stage = Stage::live(messages);
    let mut asks = 0;
    for number in 0..100_u32 {
        stage.hear_stream(1_000 + u128::from(number), 1, 2 * number + 1, (0, 0));
        asks += asked(&stage.hear_part(2 * number + 1, 1, "b")).len();
    }
    assert_eq!(asks, 64);
    for number in 0..100_u32 {
        asks += asked(&stage.hear_part(2 * number + 1, 0, "ab")).len();
    }
    assert!(asks >= 64 && (0..100).all(|number| stage.text(1_000 + number) == "ab"));
}
