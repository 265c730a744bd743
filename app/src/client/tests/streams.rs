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

/// coder/coder #22838, xum #2165, LibreChat PR #12225, socket.io #5419: what is sent again is not shown twice.
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

/// vercel/resumable-stream PR #47, open-webui #26315, LibreChat PR #15050: an end is no end of the text before it is whole.
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

/// open-webui #20286, coder/coder #25145: late parts of an attempt that is over are not mixed into the next.
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

/// coder/coder #22571, open-webui #29596: a text never begins in the middle.
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

    // Nor when the announcement is doubled by whatever lies between.
    let mut stage = Stage::live(vec![]);
    for _ in 0..2 {
        stage.hear_stream(2, 1, 1, (0, 0));
        stage.hear_part(1, 0, "abc");
        stage.hear_stream(2, 1, 1, (0, 0));
    }
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

/// vercel/ai #18457: a resumed stream wrote into another message.
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

fn goes_on(attempt: u32, status: RunStatus) -> Event {
    let mut run = running(2, "", "").run.unwrap();
    (run.status, run.attempt) = (status, attempt);
    Event::Run { message: message(2), run }
}

fn revision(stage: &Stage) -> u32 {
    stage.client.room(room(1)).unwrap().revision(message(2))
}

/// vercel/ai #18457, #18458: a reply that goes on is the same message, and its text is neither begun anew nor doubled.
#[test]
fn a_run_that_had_ended_goes_on_in_place() {
    let mut stage = Stage::live(vec![running(2, "ab", "why")]);
    stage.hear_event(2, ended(1, 2, 3));
    let before = revision(&stage);
    stage.hear_event(3, goes_on(2, RunStatus::Queued));
    assert_eq!((stage.text(2), stage.thinking(2)), ("ab", ""));
    assert_ne!(revision(&stage), before, "the thinking is void");
    stage.hear_stream(2, 2, 1, (2, 0));
    stage.hear_part(2, 0, "why");
    stage.hear_part(1, 2, "cd");
    let before = revision(&stage);
    stage.hear_event(4, ended(2, 4, 3));
    assert_eq!((stage.text(2), stage.thinking(2)), ("abcd", "why"));
    assert_eq!(revision(&stage), before, "it has only grown");
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(asked(&stage.wait(30_000)), []);
}

#[test]
fn the_lengths_of_an_earlier_end_neither_stop_the_asks_nor_repeat_them() {
    // Ended while behind, and then it goes on: the rest comes by the new stream.
    let mut stage = Stage::live(vec![running(2, "ab", "t")]);
    stage.hear_event(2, ended(1, 6, 9));
    assert_eq!(asked(&stage.wait(250)), [(1, 2, 1)]);
    stage.hear_event(3, goes_on(2, RunStatus::Writing));
    stage.hear_stream(2, 2, 1, (2, 0));
    stage.hear_part(1, 2, "cdefgh");
    assert_eq!(stage.text(2), "abcdefgh");
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(asked(&stage.wait(30_000)), [], "the length of the thinking was that of the attempt before");
    // It is named in the next `hello`, although it had ended once.
    stage.close(1006);
    stage.wait_for_attempt();
    let held = Held { message: message(2), attempt: 2, text: 8, thinking: 0 };
    assert_eq!(stage.open().rooms[0].messages, [held]);
    // The second end is missed while away; what it adds is asked for.
    stage.welcome(Resume::Current);
    stage.hear_event(4, ended(2, 10, 4));
    assert_eq!(asked(&stage.wait(250)), [(2, 8, 0)]);
}

#[test]
fn a_revision_never_comes_back_with_another_text() {
    let mut stage = Stage::live(vec![running(2, "ab", "t")]);
    let mut seen = vec![revision(&stage)];
    stage.hear_stream(2, 1, 1, (2, 1));
    stage.hear_part(1, 2, "cd");
    let same = super::stage::snapshot(room(1), super::stage::at(2), vec![running(2, "abcdef", "th")]);
    stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot: same });
    assert_eq!(revision(&stage), seen[0], "a longer one is growth, too");
    for epoch in 2..5 {
        let cursor = Cursor { epoch, seq: 1 };
        let text = format!("restored {epoch}");
        let snapshot = *super::stage::snapshot(room(1), super::stage::at(0), vec![running(2, &text, "")]);
        let snapshot = Box::new(RoomSnapshot { cursor, ..snapshot });
        stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot });
        assert!(!seen.contains(&revision(&stage)));
        seen.push(revision(&stage));
    }
}
