//! The window of a room: pages at both ends, jumps, what comes meanwhile, and pages that were read too early.

use super::stage::{Stage, at, message, room, running, said, snapshot};
use crate::client::*;
use crate::protocol::*;

/// A message that is its own place in the log, and follows the one before it.
fn numbered(number: u64) -> Message {
    let parent = (number > 1).then(|| message(u128::from(number) - 1));
    Message { seq: number, parent, ..said(number.into(), "x") }
}

fn stretch(from: u64, to: u64, end: u64, cursor: u64) -> Box<RoomSnapshot> {
    let messages = (from..=to).map(numbered).collect();
    let stretch = *snapshot(room(1), at(cursor), messages);
    Box::new(RoomSnapshot { has_earlier: from > 1, has_later: to < end, ..stretch })
}

/// Live, with the last 60 of 200 messages.
fn stage() -> Stage {
    let mut stage = Stage::live(vec![]);
    stage.client.context.policy.messages_per_room = 100;
    stage.load(Page::Newest, stretch(141, 200, 200, 200));
    let answer = Subscribed { log: Log::Room(room(1)), cursor: at(200), resume: Resume::Current };
    stage.hear(ServerFrame::Subscribed { id: CommandId::from_random(0), subscribed: answer });
    stage
}

impl Stage {
    fn load(&mut self, page: Page, snapshot: Box<RoomSnapshot>) -> Vec<Output> {
        self.tell(Input::SnapshotLoaded { room: room(1), page, snapshot })
    }

    fn turn(&mut self, page: Page) -> Vec<Output> {
        self.tell(Input::LoadPage { room: room(1), page })
    }

    fn timeline(&self) -> Timeline<'_> {
        self.client.room(room(1)).unwrap()
    }

    /// The first and the last message that are held.
    fn window(&self) -> (u64, u64) {
        let held: Vec<u64> = self.timeline().messages().map(|message| message.seq).collect();
        assert!(held.windows(2).all(|two| two[0] + 1 == two[1]), "{held:?}");
        (held[0], held[held.len() - 1])
    }
}

fn fetch(page: Page) -> [Output; 1] {
    [Output::FetchSnapshot { room: room(1), page }]
}

fn edit(number: u128, text: &str) -> Event {
    let marks = Marks { edited_at: Some(9), ..Marks::default() };
    let text = Some(text.to_owned());
    Event::MessageChanged(MessageChange { message: message(number), text, mentions: Vec::new(), marks })
}

#[test]
fn the_address_of_a_page_is_the_servers() {
    let (id, message) = (room(1), message(2));
    for (page, rest) in [
        (Page::Newest, String::new()),
        (Page::Before(message), format!("&before={message}")),
        (Page::After(message), format!("&after={message}")),
        (Page::Around(message), format!("&around={message}")),
        (Page::Beyond(7), "&seq=7".to_owned()),
        (Page::Date(9), "&date=9".to_owned()),
    ] {
        assert_eq!(page.address(id), format!("/api/room?room={id}&shown=true{rest}"));
    }
}

#[test]
fn pages_move_the_window_within_its_limit() {
    let mut stage = stage();
    // Whatever message is named, it is the window's end that counts.
    assert_eq!(stage.turn(Page::Before(message(3))), fetch(Page::Before(message(141))));
    assert!(stage.timeline().is_loading(true) && !stage.timeline().is_loading(false));
    assert_eq!(stage.turn(Page::Before(message(141))), [], "it is on its way");
    stage.load(Page::Before(message(141)), stretch(81, 140, 200, 200));
    assert_eq!(stage.window(), (81, 180));
    assert!(stage.timeline().has_earlier() && stage.timeline().has_later());
    assert!(!stage.timeline().is_loading(true));
    // What is said is counted, and what lies beyond the window stays beyond.
    stage.hear_event(201, Event::Message(numbered(201)));
    assert_eq!((stage.window(), stage.timeline().newer()), ((81, 180), 1));
    assert_eq!(stage.turn(Page::After(message(1))), fetch(Page::After(message(180))));
    stage.load(Page::After(message(180)), stretch(181, 201, 201, 201));
    assert_eq!((stage.window(), stage.timeline().newer()), ((102, 201), 0));
    assert!(!stage.timeline().has_later());
    stage.hear_event(202, Event::Message(numbered(202)));
    assert_eq!(stage.window(), (103, 202));
    assert_eq!(stage.turn(Page::After(message(202))), [], "there is nothing after");
}

#[test]
fn a_jump_takes_the_windows_place_and_the_newest_brings_back() {
    let mut stage = stage();
    assert_eq!(stage.turn(Page::Around(message(150))), [], "it is held");
    assert_eq!(stage.turn(Page::Beyond(40)), fetch(Page::Beyond(40)));
    assert!(stage.timeline().is_loading(true) && stage.timeline().is_loading(false));
    assert_eq!(stage.turn(Page::Before(message(141))), [], "the reader is about to be elsewhere");
    stage.load(Page::Beyond(40), stretch(11, 70, 200, 200));
    assert_eq!(stage.window(), (11, 70));
    assert_eq!(stage.client.room(room(1)).unwrap().kept.cursor(), Some(at(200)));
    stage.hear_event(201, Event::Message(numbered(201)));
    assert_eq!(stage.turn(Page::Newest), fetch(Page::Newest));
    // Both changed their mind: the answer to what was wanted before is not taken.
    assert_eq!(stage.turn(Page::Date(5)), fetch(Page::Date(5)));
    stage.load(Page::Newest, stretch(142, 201, 201, 201));
    assert_eq!(stage.window(), (11, 70));
    stage.turn(Page::Newest);
    stage.load(Page::Newest, stretch(142, 201, 201, 201));
    assert_eq!((stage.window(), stage.timeline().has_later()), ((142, 201), false));
}

#[test]
fn both_ends_are_loaded_one_after_the_other() {
    let mut stage = stage();
    stage.turn(Page::Beyond(40));
    stage.load(Page::Beyond(40), stretch(41, 70, 200, 200));
    assert_eq!(stage.turn(Page::Before(message(41))), fetch(Page::Before(message(41))));
    assert_eq!(stage.turn(Page::After(message(70))), []);
    assert!(stage.timeline().is_loading(true) && stage.timeline().is_loading(false));
    let outputs = stage.load(Page::Before(message(41)), stretch(11, 40, 200, 200));
    assert_eq!(outputs, fetch(Page::After(message(70))));
    stage.load(Page::After(message(70)), stretch(71, 110, 200, 200));
    assert_eq!(stage.window(), (11, 110));
}

/// The race of paging: what changed a message after the page was read, and before it was held, would never be seen.
#[test]
fn a_page_that_was_read_before_a_change_of_its_messages_is_fetched_again() {
    let mut stage = stage();
    stage.turn(Page::Before(message(141)));
    stage.hear_event(201, edit(100, "edited"));
    assert_eq!(stage.load(Page::Before(message(141)), stretch(81, 140, 200, 200)), []);
    assert_eq!(stage.window(), (141, 200));
    assert!(stage.timeline().is_loading(true));
    assert_eq!(stage.wait(1_000), fetch(Page::Before(message(141))));
    stage.load(Page::Before(message(141)), stretch(81, 140, 200, 201));
    assert_eq!(stage.window(), (81, 180));
    // Of a message that is not in the page, it is no matter; nor of one that is held.
    stage.turn(Page::Before(message(81)));
    stage.hear_event(202, edit(3, "edited"));
    stage.hear_event(203, edit(82, "edited"));
    stage.load(Page::Before(message(81)), stretch(21, 80, 200, 201));
    assert_eq!(stage.window(), (21, 120));
    assert_eq!(stage.text(82), "edited");
}

#[test]
fn a_page_that_is_older_than_the_question_is_not_believed() {
    let mut stage = stage();
    stage.hear_event(201, edit(100, "edited"));
    stage.turn(Page::Before(message(141)));
    stage.load(Page::Before(message(141)), stretch(81, 140, 200, 200));
    assert_eq!(stage.window(), (141, 200));
    // So many changes that not all are remembered.
    for seq in 202..=320 {
        stage.hear_event(seq, edit(1, "edited"));
    }
    stage.load(Page::Before(message(141)), stretch(81, 140, 200, 210));
    assert_eq!(stage.window(), (141, 200));
    // Pages that never get newer are asked for ever more slowly.
    let mut asked = 0;
    for _ in 0..60 {
        stage.hear(ServerFrame::Beat(Beat { now: 0 }));
        for _ in stage.wait(1_000) {
            asked += 1;
            stage.load(Page::Before(message(141)), stretch(81, 140, 200, 210));
        }
    }
    assert!((4..20).contains(&asked), "{asked}");
    stage.load(Page::Before(message(141)), stretch(81, 140, 200, 320));
    assert_eq!(stage.window(), (81, 180));
}

#[test]
fn what_is_said_while_the_end_is_fetched_is_fetched_too() {
    let mut stage = stage();
    stage.turn(Page::Beyond(40));
    stage.load(Page::Beyond(40), stretch(11, 70, 200, 200));
    stage.turn(Page::Newest);
    stage.hear_event(201, Event::Message(numbered(201)));
    let outputs = stage.load(Page::Newest, stretch(141, 200, 200, 200));
    assert_eq!(outputs, fetch(Page::After(message(200))));
    assert_eq!((stage.timeline().has_later(), stage.timeline().newer()), (true, 1));
    stage.load(Page::After(message(200)), stretch(201, 201, 201, 201));
    assert_eq!((stage.window(), stage.timeline().has_later()), ((141, 201), false));
}

/// The window was at the end when it was asked for, and the page was read before the end moved.
#[test]
fn what_is_said_while_another_stretch_near_the_end_is_fetched_is_not_forgotten() {
    let mut stage = stage();
    stage.turn(Page::Date(5));
    stage.hear_event(201, Event::Message(numbered(201)));
    assert_eq!(stage.window(), (141, 201));
    stage.load(Page::Date(5), stretch(171, 200, 200, 200));
    assert_eq!((stage.window(), stage.timeline().has_later()), ((171, 200), true));
    // Of what is held, the page that is older knows nothing.
    stage.turn(Page::Date(4));
    stage.hear_event(202, edit(180, "edited"));
    stage.load(Page::Date(4), stretch(161, 190, 200, 201));
    assert_eq!((stage.window(), stage.text(180)), ((161, 190), "edited"));
}

/// A page may be far ahead of a log that was not followed for a while.
#[test]
fn events_from_before_a_page_put_nothing_at_its_end() {
    let mut stage = stage();
    stage.turn(Page::Beyond(40));
    stage.load(Page::Beyond(40), stretch(11, 70, 200, 200));
    stage.turn(Page::Newest);
    stage.load(Page::Newest, stretch(241, 300, 300, 300));
    for seq in 201..=300 {
        stage.hear_event(seq, Event::Message(numbered(seq)));
    }
    stage.hear_event(301, Event::Message(numbered(301)));
    assert_eq!(stage.window(), (241, 301));
    assert!(stage.timeline().has_earlier() && !stage.timeline().has_later());
}

#[test]
fn a_window_that_is_read_from_its_beginning_does_not_lose_it() {
    let mut stage = stage();
    stage.client.context.policy.messages_per_room = 60;
    stage.turn(Page::Before(message(141)));
    stage.hear_event(201, Event::Message(numbered(201)));
    assert_eq!((stage.window(), stage.timeline().newer()), ((141, 200), 1));
    stage.load(Page::Before(message(141)), stretch(101, 140, 201, 201));
    assert_eq!(stage.window(), (101, 160));
}

#[test]
fn a_page_that_cannot_be_had_is_given_up_or_tried_again() {
    let mut stage = stage();
    let fail = |stage: &mut Stage, page, failure| {
        stage.tell(Input::SnapshotFailed { room: room(1), page, failure });
    };
    stage.turn(Page::Around(message(3)));
    fail(&mut stage, Page::Around(message(3)), SnapshotFailure::Unreachable);
    assert_eq!(stage.wait(1_000), fetch(Page::Around(message(3))));
    fail(&mut stage, Page::Around(message(3)), SnapshotFailure::NotFound);
    assert!(!stage.timeline().is_loading(true));
    assert_eq!(stage.timeline().state(), TimelineState::Ready, "it is not the room that is missing");
    stage.turn(Page::Beyond(900));
    stage.load(Page::Beyond(900), stretch(1, 0, 0, 200));
    assert_eq!(stage.window(), (141, 200), "there is nothing there");
}

/// After a long loss, whoever reads an old stretch goes on reading there.
#[test]
fn a_reset_does_not_take_the_reader_away() {
    let mut stage = stage();
    stage.turn(Page::Beyond(40));
    stage.load(Page::Beyond(40), stretch(11, 70, 200, 200));
    let reset = Subscribed { log: Log::Room(room(1)), cursor: at(900), resume: Resume::Reset };
    let outputs = stage.hear(ServerFrame::Subscribed { id: CommandId::from_random(0), subscribed: reset });
    assert_eq!(outputs, fetch(Page::Around(message(41))));
    stage.load(Page::Around(message(41)), stretch(11, 70, 800, 900));
    assert_eq!(stage.window(), (11, 70));
    assert_eq!(stage.timeline().kept.cursor(), Some(at(900)));
    // Without that message, the end is as good as any.
    let reset = Subscribed { log: Log::Room(room(1)), cursor: at(990), resume: Resume::Reset };
    stage.hear(ServerFrame::Subscribed { id: CommandId::from_random(0), subscribed: reset });
    let mut outputs = stage.wait(2_000);
    assert_eq!(outputs.pop(), Some(Output::FetchSnapshot { room: room(1), page: Page::Around(message(41)) }));
    let (page, failure) = (Page::Around(message(41)), SnapshotFailure::NotFound);
    stage.tell(Input::SnapshotFailed { room: room(1), page, failure });
    assert_eq!(stage.wait(2_000), fetch(Page::Newest));
}

#[test]
fn an_edit_replaces_the_text_and_a_deletion_takes_it() {
    let mut stage = Stage::live(vec![said(1, "a long text"), running(2, "half", "hm")]);
    let revision = stage.timeline().revision(message(1));
    stage.changes.clear();
    stage.hear_event(2, edit(1, "short"));
    assert_eq!(stage.text(1), "short");
    assert_ne!(stage.timeline().revision(message(1)), revision);
    let (room, changed) = (room(1), message(1));
    assert_eq!(
        stage.changes,
        [Change::Message { room, message: changed }, Change::Text { room, message: changed }]
    );
    // Marks alone leave the text, and what is drawn of it.
    let revision = stage.timeline().revision(message(1));
    let reaction = Reaction { emoji: "👍".to_owned(), users: vec![] };
    let marks = Marks { reactions: vec![reaction], ..Marks::default() };
    let change =
        MessageChange { message: message(1), text: None, mentions: Vec::new(), marks: marks.clone() };
    stage.hear_event(3, Event::MessageChanged(change));
    assert_eq!(stage.timeline().message(message(1)).unwrap().marks, marks);
    assert_eq!((stage.text(1), stage.timeline().revision(message(1))), ("short", revision));
    // A snapshot may tell of an edit as well.
    let newer = Message { marks, ..said(1, "shorter") };
    stage.load(Page::Newest, snapshot(room, at(3), vec![newer, running(2, "half", "hm")]));
    assert_eq!(stage.text(1), "shorter");
    let subscribed = Subscribed { log: Log::Room(room), cursor: at(3), resume: Resume::Current };
    stage.hear(ServerFrame::Subscribed { id: CommandId::from_random(0), subscribed });

    stage.hear_stream(2, 1, 1, (4, 2));
    let marks = Marks { deleted_at: Some(9), ..Marks::default() };
    let change =
        MessageChange { message: message(2), text: Some(String::new()), mentions: Vec::new(), marks };
    stage.hear_event(4, Event::MessageChanged(change));
    stage.hear_part(1, 4, "more");
    stage.hear_part(1, 900, "far more");
    let mut run = running(2, "", "").run.unwrap();
    (run.status, run.text_length) = (RunStatus::Done, 904);
    stage.hear_event(5, Event::Run { message: message(2), run });
    assert_eq!((stage.text(2), stage.thinking(2)), ("", ""));
    assert_eq!(stage.wait(20_000), [], "nothing of it is asked for");
}

#[test]
fn a_room_of_people_is_one_line_and_a_solo_one_a_branch() {
    let messages = || vec![numbered(1), numbered(2), Message { parent: None, ..numbered(3) }];
    for (kind, shown) in [(RoomKind::Solo, 1), (RoomKind::Group, 3), (RoomKind::Direct, 3)] {
        let mut stage = Stage::live(vec![]);
        let mut room_of_kind = *snapshot(room(1), at(3), messages());
        room_of_kind.room.kind = kind;
        stage.load(Page::Newest, Box::new(room_of_kind));
        assert_eq!(stage.timeline().path().len(), shown, "{kind:?}");
    }
}

#[test]
fn a_queued_reply_knows_how_many_runs_are_before_it() {
    let with = |number: u64, parent: Option<u128>, status: RunStatus| {
        let mut said = Message { seq: number, parent: parent.map(message), ..running(number.into(), "", "") };
        said.run.as_mut().unwrap().status = status;
        said
    };
    for (kind, places) in
        [(RoomKind::Group, [None, None, Some(1), Some(2)]), (RoomKind::Solo, [None, None, Some(0), Some(1)])]
    {
        let mut stage = Stage::live(vec![]);
        let mut queued = *snapshot(
            room(1),
            at(4),
            vec![
                with(1, None, RunStatus::Done),
                with(2, Some(1), RunStatus::Writing),
                with(3, Some(1), RunStatus::Queued),
                with(4, Some(3), RunStatus::Queued),
            ],
        );
        queued.room.kind = kind;
        stage.load(Page::Newest, Box::new(queued));
        let found = [1, 2, 3, 4].map(|number| stage.timeline().queue_place(message(number)));
        assert_eq!(found, places, "{kind:?}");
    }
}
