//! Logs: snapshots, subscriptions, gaps, resets, epochs, the list of rooms.

use super::stage::{
    Stage, answer, at, command, commands, frames, message, page, room, running, said, send, snapshot, summary,
};
use crate::client::*;
use crate::protocol::*;

fn texts(stage: &Stage, id: RoomId) -> Vec<&str> {
    stage.client.room(id).unwrap().messages().map(|message| &*message.text).collect()
}

fn subscribed(stage: &mut Stage, id: RoomId, cursor: Cursor, resume: Resume) -> Vec<Output> {
    let subscribed = answer(Log::Room(id), cursor, resume);
    stage.hear(ServerFrame::Subscribed { id: command(0), subscribed })
}

#[test]
fn hello_names_what_is_held() {
    let mut stage = Stage::live(vec![said(1, "a"), running(2, "漢", "hm"), running(3, "", "")]);
    let mut ended = running(3, "", "").run.unwrap();
    ended.status = RunStatus::Done;
    stage.hear_event(2, Event::Run { message: message(3), run: ended });
    stage.tell(Input::OpenRoom(room(8)));
    stage.close(1006);
    stage.wait_for_attempt();
    let hello = stage.open();
    assert_eq!(hello.inbox, Some(at(0)));
    assert_eq!(hello.previous_close, Some(1006));
    let held = Held { message: message(2), attempt: 1, text: 3, thinking: 2 };
    // Neither what has ended nor what is not loaded.
    assert_eq!(hello.rooms, [RoomCursor { room: room(1), cursor: Some(at(2)), messages: vec![held] }]);
}

/// upstash/realtime #23, LibreChat #13335: between a snapshot and the live events nothing is lost.
#[test]
fn a_room_opened_live_is_loaded_and_followed_from_its_snapshot() {
    let mut stage = Stage::live(vec![]);
    assert_eq!(
        stage.tell(Input::OpenRoom(room(2))),
        [Output::FetchSnapshot { room: room(2), page: Page::Newest }]
    );
    assert_eq!(stage.client.room(room(2)).unwrap().state(), TimelineState::Loading);
    let snapshot = snapshot(room(2), at(4), vec![said(1, "a")]);
    let sent = commands(&stage.tell(Input::SnapshotLoaded { room: room(2), page: Page::Newest, snapshot }));
    assert!(matches!(&sent[..], [(_, Command::Subscribe(position))] if position.cursor == Some(at(4))));
    // Nothing counts before the answer, which says what the numbers mean.
    let event = |seq, number| ServerFrame::Event {
        log: Log::Room(room(2)),
        seq,
        event: Box::new(Event::Message(said(number, "b"))),
    };
    stage.hear(event(5, 2));
    assert_eq!(texts(&stage, room(2)), ["a"]);
    subscribed(&mut stage, room(2), at(5), Resume::Replay);
    assert!(!stage.client.room(room(2)).unwrap().is_caught_up());
    stage.hear(event(5, 2));
    assert_eq!(stage.hear(event(5, 2)), [], "known: neither applied nor asked about");
    assert_eq!(texts(&stage, room(2)), ["a", "b"]);
    assert!(stage.client.room(room(2)).unwrap().is_caught_up());
}

/// azure socket.io-servicebus #28: a gap stalls nothing for ever.
#[test]
fn a_gap_is_asked_for_once_and_again_only_after_a_while() {
    let mut stage = Stage::live(vec![]);
    let sent = commands(&stage.hear_event(4, Event::Message(said(4, "d"))));
    assert!(
        matches!(&sent[..], [(_, Command::Subscribe(position))] if position.cursor == Some(at(1))),
        "{sent:?}"
    );
    assert_eq!(stage.hear_event(5, Event::Message(said(5, "e"))), []);
    assert_eq!(stage.wait(4_999), []);
    assert_eq!(commands(&stage.wait(1)).len(), 1);
    assert_eq!(stage.wait(9_999), [], "with more patience");
    assert_eq!(commands(&stage.wait(1)).len(), 1);
    subscribed(&mut stage, room(1), at(5), Resume::Replay);
    for seq in 2..=5 {
        stage.hear_event(seq, Event::Message(said(u128::from(seq), "x")));
    }
    assert_eq!(texts(&stage, room(1)).len(), 4);
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(stage.wait(34_000), []);
}

#[test]
fn an_event_of_a_newer_server_takes_its_place_in_the_log() {
    let mut stage = Stage::live(vec![]);
    let text = format!(r#"{{"type":"chat:pinned","log":"{}","seq":2,"payload":{{"any":1}}}}"#, room(1));
    stage.hear_text(text);
    assert_eq!(stage.hear_event(3, Event::Message(said(3, "c"))), []);
    assert_eq!(texts(&stage, room(1)), ["c"]);
    for nonsense in ["", "[", "{}", r#"{"type":"later","payload":1}"#, r#"{"type":"chat:run","payload":1}"#] {
        assert_eq!(stage.hear_text(nonsense.to_owned()), []);
    }
}

/// LibreChat PR #12225: a snapshot and the parts beside it hold the same text; it is shown once.
#[test]
fn a_reset_loads_a_snapshot_and_keeps_the_longer_texts() {
    let mut stage = Stage::live(vec![said(1, "a"), running(2, "held longer", "t")]);
    let outputs = subscribed(&mut stage, room(1), at(900), Resume::Reset);
    assert_eq!(outputs, [Output::FetchSnapshot { room: room(1), page: Page::Newest }]);
    assert_eq!(texts(&stage, room(1)), ["a", "held longer"], "it stays in view meanwhile");
    let newer = snapshot(room(1), at(900), vec![running(2, "held", "thinks on"), said(7, "g")]);
    let sent =
        commands(&stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot: newer }));
    assert!(matches!(&sent[..], [(_, Command::Subscribe(position))] if position.cursor == Some(at(900))));
    assert_eq!(texts(&stage, room(1)), ["held longer", "g"]);
    assert_eq!(stage.thinking(2), "thinks on");
}

/// LibreChat PR #13117: numbers that begin anew are of another epoch, and not old ones.
#[test]
fn another_epoch_replaces_everything() {
    let mut stage = Stage::live(vec![said(1, "a"), running(2, "of a lost world", "")]);
    let began = Cursor { epoch: 2, seq: 1 };
    stage.close(4003);
    stage.wait_for_attempt();
    stage.open();
    let inbox = answer(Log::Inbox, at(0), Resume::Current);
    // A confused server that says `current` about another epoch is not believed.
    let outputs = stage.welcome_with(vec![inbox, answer(Log::Room(room(1)), began, Resume::Current)]);
    assert_eq!(outputs, [Output::FetchSnapshot { room: room(1), page: Page::Newest }]);
    stage.hear_event(2, Event::Message(said(9, "not yet")));
    let restored = RoomSnapshot { cursor: began, ..*snapshot(room(1), at(0), vec![running(2, "of", "")]) };
    stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot: Box::new(restored) });
    assert_eq!(texts(&stage, room(1)), ["of"]);
}

/// mattermost #30388: a reset that helps nothing must not become a loop.
#[test]
fn resets_without_end_are_answered_ever_more_slowly() {
    let mut stage = Stage::live(vec![]);
    let began = stage.now;
    for _ in 0..12 {
        let mut outputs = subscribed(&mut stage, room(1), at(50), Resume::Reset);
        while !outputs.contains(&Output::FetchSnapshot { room: room(1), page: Page::Newest }) {
            stage.hear(ServerFrame::Beat(Beat { now: 0 }));
            outputs = stage.wait(1_000);
        }
        let snapshot = snapshot(room(1), at(40), vec![]);
        stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot });
    }
    assert!(stage.now - began > 60_000);
}

#[test]
fn a_snapshot_that_fails_says_why_and_is_tried_again() {
    let mut stage = Stage::live(vec![]);
    let shown = |stage: &Stage| stage.client.room(room(2)).unwrap().state();
    stage.tell(Input::OpenRoom(room(2)));
    stage.tell(Input::SnapshotFailed {
        room: room(2),
        page: Page::Newest,
        failure: SnapshotFailure::Unreachable,
    });
    assert_eq!(shown(&stage), TimelineState::Failed(SnapshotFailure::Unreachable));
    assert_eq!(stage.wait(1_000), [Output::FetchSnapshot { room: room(2), page: Page::Newest }]);
    stage.tell(Input::SnapshotFailed {
        room: room(2),
        page: Page::Newest,
        failure: SnapshotFailure::SignedOut,
    });
    assert_eq!(stage.wait(20_000), []);
    assert_eq!(
        stage.tell(Input::OpenRoom(room(2))),
        [Output::FetchSnapshot { room: room(2), page: Page::Newest }]
    );
    assert_eq!(shown(&stage), TimelineState::Loading);
    stage.tell(Input::SnapshotFailed {
        room: room(2),
        page: Page::Newest,
        failure: SnapshotFailure::NotFound,
    });
    assert_eq!(shown(&stage), TimelineState::Gone);
    // A driver that never answers is asked again.
    stage.tell(Input::OpenRoom(room(3)));
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(stage.wait(30_000), [Output::FetchSnapshot { room: room(3), page: Page::Newest }]);
}

#[test]
fn gone_is_gone() {
    let mut stage = Stage::live(vec![said(1, "a")]);
    subscribed(&mut stage, room(1), at(0), Resume::Gone);
    assert_eq!(stage.client.room(room(1)).unwrap().state(), TimelineState::Gone);
    let mut stage = Stage::live(vec![said(1, "a")]);
    let event = Box::new(Event::RoomLeft { room: room(1) });
    stage.hear(ServerFrame::Event { log: Log::Inbox, seq: 1, event });
    assert_eq!(stage.client.room(room(1)).unwrap().state(), TimelineState::Gone);
    assert!(stage.client.rooms().is_empty());
}

#[test]
fn the_list_is_ordered_by_activity_and_an_inbox_gap_is_filled_by_the_page() {
    let mut stage = Stage::live(vec![]);
    let hear = |stage: &mut Stage, seq, event| {
        stage.hear(ServerFrame::Event { log: Log::Inbox, seq, event: Box::new(event) })
    };
    hear(&mut stage, 1, Event::RoomJoined(summary(room(2), 20)));
    hear(&mut stage, 2, Event::RoomJoined(summary(room(3), 10)));
    hear(&mut stage, 3, Event::RoomChanged(summary(room(1), 15)));
    let listed = |stage: &Stage| stage.client.rooms().iter().map(|room| room.id).collect::<Vec<_>>();
    assert_eq!(listed(&stage), [room(2), room(1), room(3)]);
    // Out of order, and then with a gap that stays.
    hear(&mut stage, 5, Event::RoomChanged(summary(room(3), 40)));
    hear(&mut stage, 4, Event::RoomChanged(summary(room(3), 30)));
    assert_eq!(stage.client.rooms()[0].active_at, 40);
    hear(&mut stage, 7, Event::RoomChanged(summary(room(1), 60)));
    assert_eq!(listed(&stage)[0], room(3));
    assert_eq!(stage.wait(5_000), [Output::FetchPage]);
    stage.tell(Input::PageFailed);
    assert_eq!(stage.wait(1_000), [Output::FetchPage]);
    hear(&mut stage, 8, Event::RoomChanged(summary(room(2), 70)));
    stage.tell(page(at(6), vec![summary(room(3), 40), summary(room(2), 20), summary(room(1), 15)], None));
    assert_eq!(listed(&stage), [room(2), room(1), room(3)], "what came meanwhile is applied to it");
    assert_eq!(stage.client.connection(), &Connection::Live, "and nothing else was disturbed");
}

#[test]
fn a_room_that_the_new_list_does_not_have_is_asked_about() {
    let mut stage = Stage::live(vec![]);
    let sent = commands(&stage.tell(page(at(9), vec![], None)));
    assert!(matches!(&sent[..], [(_, Command::Subscribe(_))]), "{sent:?}");
}

#[test]
fn rooms_are_held_within_the_limit_except_the_open_and_the_needed() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "unanswered"));
    let mut outputs = Vec::new();
    for number in 2..=22 {
        outputs.extend(stage.tell(Input::OpenRoom(room(number))));
        let snapshot = snapshot(room(number), at(0), vec![]);
        outputs.extend(stage.tell(Input::SnapshotLoaded {
            room: room(number),
            page: Page::Newest,
            snapshot,
        }));
        outputs.extend(subscribed(&mut stage, room(number), at(0), Resume::Current));
    }
    assert!(stage.client.room(room(1)).is_some(), "something is pending in it");
    assert!(stage.client.room(room(2)).is_none() && stage.client.room(room(4)).is_some());
    let sent = frames(&outputs);
    let is_left = |frame: &ClientFrame| matches!(frame, ClientFrame::Command { command: Command::Unsubscribe { room: id }, .. } if *id == room(2));
    assert!(sent.iter().any(is_left), "{sent:?}");
}

#[test]
fn the_path_follows_the_newest_branch_and_never_goes_round() {
    let with_parent = |number, parent: u128| Message { parent: Some(message(parent)), ..said(number, "x") };
    let stage = Stage::live(vec![
        with_parent(1, 99),
        with_parent(2, 1),
        with_parent(3, 2),
        with_parent(4, 1),
        with_parent(5, 4),
    ]);
    let path: Vec<MessageId> = stage.client.room(room(1)).unwrap().path().iter().map(|on| on.id).collect();
    assert_eq!(path, [message(1), message(4), message(5)]);
    let stage = Stage::live(vec![with_parent(1, 2), with_parent(2, 1)]);
    assert_eq!(stage.client.room(room(1)).unwrap().path().len(), 2);
}

#[test]
fn old_messages_make_room_for_new_ones() {
    let mut stage = Stage::live(vec![]);
    stage.client.context.policy.messages_per_room = 8;
    for seq in 2..40 {
        stage.hear_event(seq, Event::Message(said(u128::from(seq), "x")));
    }
    let timeline = stage.client.room(room(1)).unwrap();
    assert!(timeline.messages().len() <= 10 && timeline.has_earlier());
    assert!(timeline.message(message(39)).is_some() && timeline.message(message(2)).is_none());
}

#[test]
fn changes_are_told_once_however_often_they_happen() {
    let mut stage = Stage::live(vec![running(2, "", "")]);
    stage.hear_stream(2, 1, 1, (0, 0));
    stage.changes.clear();
    for offset in 0..50 {
        let text = ServerFrame::Part(Part { handle: 1, offset, text: "x".to_owned() }).encode();
        stage.client.handle(stage.now, Input::Received { attempt: 1, text });
    }
    let told: Vec<Output> = std::iter::from_fn(|| stage.client.poll()).collect();
    assert_eq!(told, [Output::Changed(Change::Text { room: room(1), message: message(2) })]);
}
