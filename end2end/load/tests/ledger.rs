//! A ledger that is shown a lost, doubled, reordered or changed thing says so, and says nothing otherwise.

use app::protocol::{
    Ack, Author, ClientFrame, Command, CommandId, ConnectionId, Cursor, Event, Hello, Limits, Log, Message,
    MessageId, Resume, RoomCursor, RoomId, Run, RunStatus, ServerFrame, Subscribed, VERSION, Welcome,
};
use load::{Finding, Ledger};

const EPOCH: u32 = 7;

fn room() -> RoomId {
    RoomId::from_random(1)
}

fn cursor(seq: u64) -> Cursor {
    Cursor { epoch: EPOCH, seq }
}

fn event(seq: u64, title: &str) -> String {
    let message = reply(title, RunStatus::Done, 1);
    ServerFrame::Event { log: Log::Room(room()), seq, event: Box::new(Event::Message(message)) }.encode()
}

fn reply(text: &str, status: RunStatus, attempt: u32) -> Message {
    let author = Author::Assistant { name: "Kimi".to_owned() };
    Message {
        thinking: text.to_uppercase(),
        run: Some(Run { status, attempt, ..Run::queued("kimi-k3".to_owned()) }),
        ..Message::new(MessageId::from_random(2), author, 1, text)
    }
}

/// A connection whose `hello` names `cursor_seq`, and whose `welcome` answers with `resume` and the head.
fn connect(ledger: &mut Ledger, cursor_seq: u64, resume: Resume, head: u64) {
    let rooms = vec![RoomCursor { room: room(), cursor: Some(cursor(cursor_seq)), messages: Vec::new() }];
    let hello = Hello {
        version: VERSION,
        client: "test".to_owned(),
        inbox: None,
        rooms,
        is_away: false,
        previous_close: None,
    };
    ledger.sent(&ClientFrame::Hello(hello).encode());
    let welcome = Welcome {
        connection: ConnectionId::from_random(3),
        now: 1,
        beat_ms: 25_000,
        limits: Limits::default(),
        logs: vec![Subscribed { log: Log::Room(room()), cursor: cursor(head), resume }],
    };
    ledger.received(&ServerFrame::Welcome(welcome).encode());
}

fn following() -> Ledger {
    let mut ledger = Ledger::default();
    connect(&mut ledger, 3, Resume::Replay, 5);
    ledger.received(&event(4, "four"));
    ledger.received(&event(5, "five"));
    assert_eq!(ledger.findings(), []);
    assert_eq!(ledger.events(), 2);
    ledger
}

#[test]
fn a_replay_after_a_cut_goes_on_where_it_was() {
    let mut ledger = following();
    connect(&mut ledger, 5, Resume::Current, 5);
    ledger.received(&event(6, "six"));
    connect(&mut ledger, 6, Resume::Replay, 7);
    ledger.received(&event(7, "seven"));
    assert_eq!(ledger.findings(), []);
    assert_eq!(ledger.events(), 4);
}

#[test]
fn what_was_asked_for_again_may_come_again() {
    let mut ledger = following();
    let id = CommandId::from_random(9);
    let ask = RoomCursor { room: room(), cursor: Some(cursor(4)), messages: Vec::new() };
    ledger.sent(&Command::Subscribe(ask).encode(id));
    let subscribed = Subscribed { log: Log::Room(room()), cursor: cursor(5), resume: Resume::Replay };
    ledger.received(&ServerFrame::Subscribed { id, subscribed }.encode());
    ledger.received(&event(5, "five"));
    assert_eq!(ledger.findings(), []);
    assert_eq!(ledger.events(), 2);
}

#[test]
fn a_lost_event_is_found() {
    let mut ledger = following();
    ledger.received(&event(7, "seven"));
    assert!(matches!(ledger.findings(), [Finding::Lost(_)]));
}

#[test]
fn a_lost_event_before_a_replay_is_found() {
    let mut ledger = following();
    connect(&mut ledger, 5, Resume::Replay, 7);
    ledger.received(&event(7, "seven"));
    assert!(matches!(ledger.findings(), [Finding::Lost(_)]));
}

#[test]
fn a_replay_that_is_not_told_of_is_found() {
    let mut ledger = following();
    connect(&mut ledger, 5, Resume::Current, 7);
    assert!(matches!(ledger.findings(), [Finding::Lost(_)]));
}

#[test]
fn a_doubled_event_is_found() {
    let mut ledger = following();
    ledger.received(&event(5, "five"));
    assert!(matches!(ledger.findings(), [Finding::Doubled(_)]));
    assert_eq!(ledger.events(), 2);
}

#[test]
fn reordered_events_are_found() {
    let mut ledger = following();
    ledger.received(&event(7, "seven"));
    ledger.received(&event(6, "six"));
    assert!(matches!(ledger.findings(), [Finding::Lost(_), Finding::Doubled(_)]));
}

#[test]
fn an_event_that_is_another_the_second_time_is_found() {
    let mut ledger = following();
    connect(&mut ledger, 4, Resume::Replay, 5);
    ledger.received(&event(5, "other"));
    assert!(matches!(ledger.findings(), [Finding::Changed(_)]));
}

#[test]
fn a_client_that_skips_an_event_is_found() {
    let mut ledger = following();
    connect(&mut ledger, 6, Resume::Current, 6);
    assert!(matches!(ledger.findings(), [Finding::Lost(_)]));
}

#[test]
fn other_frames_do_not_matter() {
    let mut ledger = following();
    ledger.received("[1,0,\"text\"]");
    ledger.received("{\"type\":\"area:future\",\"payload\":{}}");
    ledger.received(&ServerFrame::Ack { id: CommandId::from_random(4), ack: Ack::default() }.encode());
    assert_eq!(ledger.findings(), []);
}

#[test]
fn a_text_that_grows_is_fine_to_its_end() {
    let mut ledger = Ledger::default();
    let text = "Größe und Länge – 長さ 🙂 ".repeat(400);
    for (end, _) in text.char_indices() {
        ledger.shows(&reply(&text[..end], RunStatus::Writing, 1));
    }
    let whole = reply(&text, RunStatus::Done, 1);
    ledger.shows(&whole);
    ledger.compare(&whole);
    assert_eq!(ledger.findings(), []);
    assert_eq!(ledger.shown(whole.id), text);
}

#[test]
fn a_text_that_shrinks_is_found() {
    let mut ledger = Ledger::default();
    ledger.shows(&reply("three words here", RunStatus::Writing, 1));
    ledger.shows(&reply("three words", RunStatus::Writing, 1));
    assert!(matches!(ledger.findings(), [Finding::Changed(_)]));
}

#[test]
fn a_byte_that_changes_far_back_is_found_at_the_latest_at_the_end() {
    let mut ledger = Ledger::default();
    let text = "x".repeat(1_000);
    ledger.shows(&reply(&text, RunStatus::Writing, 1));
    let changed = format!("y{}", &text[1..]);
    ledger.shows(&reply(&format!("{changed} and more"), RunStatus::Writing, 1));
    ledger.shows(&reply(&format!("{changed} and more"), RunStatus::Done, 1));
    let finding = ledger.findings().first().unwrap();
    assert!(matches!(finding, Finding::Changed(what) if what.contains("byte 0")), "{finding}");
}

#[test]
fn only_a_new_attempt_may_think_anew() {
    let mut ledger = Ledger::default();
    ledger.shows(&reply("a thought", RunStatus::Thinking, 1));
    let second = |text: &str, attempt| Message {
        thinking: "ANOTHER".to_owned(),
        ..reply(text, RunStatus::Thinking, attempt)
    };
    ledger.shows(&second("a thought", 2));
    assert_eq!(ledger.findings(), []);
    ledger.shows(&Message { thinking: "a third".to_owned(), ..second("a thought", 2) });
    assert!(matches!(ledger.findings(), [Finding::Changed(_)]));
}
