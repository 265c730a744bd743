//! Members, presence, typing, and what the client tells of its own reader.

use super::stage::{
    Stage, answer, at, command, commands, frames, message, page, room, said, snapshot, summary,
};
use crate::client::*;
use crate::protocol::*;

fn person(number: u8) -> UserId {
    UserId(uuid::Uuid::from_u128(number.into()))
}

fn member(number: u8, name: &str, role: Role) -> Member {
    Member { id: person(number), name: name.to_owned(), role, read: 0, seen_at: None }
}

fn membership(number: u8, name: &str, role: Option<Role>) -> Event {
    Event::Member(Membership { id: person(number), name: name.to_owned(), role })
}

/// Live in a room of Ada (1), budi (2) and Citra (3).
fn stage() -> Stage {
    let mut group = *snapshot(room(1), at(1), vec![said(9, "hello")]);
    group.room.kind = RoomKind::Group;
    group.members =
        vec![member(1, "Ada", Role::Owner), member(2, "budi", Role::Member), member(3, "Citra", Role::Guest)];
    let mut stage = Stage::new();
    stage.tell(page(at(0), vec![summary(room(1), 1)], Some(group)));
    stage.tell(Input::OpenRoom(room(1)));
    stage.tell(Input::Start);
    stage.open();
    stage.welcome(Resume::Current);
    stage
}

fn timeline(stage: &Stage) -> Timeline<'_> {
    stage.client.room(room(1)).unwrap()
}

fn names(stage: &Stage) -> Vec<&str> {
    timeline(stage).members().iter().map(|member| &*member.name).collect()
}

fn presence(stage: &mut Stage, is_full: bool, people: Vec<Presence>) {
    stage.hear(ServerFrame::Presence(RoomPresence { room: room(1), is_full, present: 2, people }));
}

fn is(number: u8, state: PresenceState, read: Option<u64>) -> Presence {
    let seen_at = (state == PresenceState::Offline).then_some(77);
    Presence { user: person(number), state, seen_at, read }
}

fn typing(stage: &mut Stage, count: u32, people: &[(u8, u64)], for_ms: u64) {
    let people =
        people.iter().map(|(number, for_ms)| Typist { user: person(*number), for_ms: *for_ms }).collect();
    stage.hear(ServerFrame::Typing(RoomTyping { room: room(1), count, people, for_ms }));
}

#[test]
fn members_come_go_and_change_their_role_by_the_log() {
    let mut stage = stage();
    stage.changes.clear();
    stage.hear_event(2, membership(4, "Bima", Some(Role::Member)));
    assert_eq!(stage.changes, [Change::Members(room(1))]);
    assert_eq!(names(&stage), ["Ada", "Bima", "budi", "Citra"], "by name, without regard to case");
    stage.hear_event(3, membership(2, "budi", Some(Role::Admin)));
    assert_eq!(timeline(&stage).members()[2], member(2, "budi", Role::Admin));
    stage.hear_event(4, membership(3, "Citra", None));
    assert_eq!(names(&stage), ["Ada", "Bima", "budi"]);
    // Where nobody is listed, one alone would be a lie; and more than may be listed are not.
    let mut stage = Stage::live(vec![]);
    stage.hear_event(2, membership(4, "Bima", Some(Role::Member)));
    assert!(names(&stage).is_empty());
    let mut large = *snapshot(room(1), at(9), vec![]);
    large.members = (0..200).map(|number| member(number, "x", Role::Member)).collect();
    stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot: Box::new(large) });
    let subscribed = answer(Log::Room(room(1)), at(9), Resume::Current);
    stage.hear(ServerFrame::Subscribed { id: command(0), subscribed });
    assert_eq!(names(&stage).len(), 200);
    stage.hear_event(10, membership(7, "x", Some(Role::Guest)));
    assert_eq!(names(&stage).len(), 200);
    stage.hear_event(11, membership(201, "x", Some(Role::Guest)));
    assert!(names(&stage).is_empty());
}

#[test]
fn the_latest_presence_holds_also_through_a_loss() {
    use PresenceState::{Away, Offline, Online};
    let mut stage = stage();
    presence(&mut stage, true, vec![is(1, Online, Some(4)), is(2, Away, None)]);
    assert_eq!(timeline(&stage).presence(person(1)), (Online, None));
    assert_eq!(timeline(&stage).presence(person(2)), (Away, None));
    assert_eq!(timeline(&stage).presence(person(3)), (Offline, None));
    assert_eq!((timeline(&stage).present(), timeline(&stage).members()[0].read), (2, 4));
    presence(&mut stage, false, vec![is(2, Offline, Some(3))]);
    assert_eq!(timeline(&stage).presence(person(2)), (Offline, Some(77)));
    assert_eq!(timeline(&stage).members()[1].read, 3);
    presence(&mut stage, false, vec![is(1, Away, None)]);
    assert_eq!((timeline(&stage).presence(person(1)).0, timeline(&stage).members()[0].read), (Away, 4));
    // What is not known is shown as it was, until it is told anew.
    stage.close(1006);
    assert_eq!(timeline(&stage).presence(person(1)).0, Away);
    presence(&mut stage, true, vec![]);
    assert_eq!(timeline(&stage).presence(person(1)).0, Away, "nothing of a closed connection counts");
    stage.wait_for_attempt();
    stage.open();
    stage.welcome(Resume::Current);
    presence(&mut stage, true, vec![is(3, Online, None)]);
    assert_eq!([1, 3].map(|number| timeline(&stage).presence(person(number)).0), [Offline, Online]);
    // Told of before they are known as a member.
    presence(&mut stage, false, vec![is(4, Online, Some(9))]);
    stage.hear_event(2, membership(4, "Dewi", Some(Role::Member)));
    assert_eq!(timeline(&stage).members()[3].read, 9);
}

#[test]
fn typing_ends_by_time_by_a_message_by_leaving_and_with_the_connection() {
    let mut stage = stage();
    let shown = |stage: &Stage| timeline(stage).typing();
    typing(&mut stage, 4, &[(2, 2_000), (3, 6_000)], 6_000);
    assert_eq!(shown(&stage), (vec![person(2), person(3)], 4));
    stage.wait(1_999);
    stage.changes.clear();
    assert_eq!(shown(&stage).1, 4);
    stage.wait(1);
    assert_eq!((shown(&stage), &stage.changes[..]), ((vec![person(3)], 3), &[Change::Typing(room(1))][..]));
    let author = Author::Member { id: person(3), name: "Citra".to_owned() };
    stage.hear_event(2, Event::Message(Message::new(message(10), author, 0, "said")));
    assert_eq!(shown(&stage), (vec![], 2));
    stage.wait(4_000);
    assert_eq!(shown(&stage), (vec![], 0));
    // It replaces what was told before, and no server can make it last.
    typing(&mut stage, 9, &[(2, 6_000), (3, 6_000)], 6_000);
    typing(&mut stage, 1, &[(2, u64::MAX)], u64::MAX);
    assert_eq!(shown(&stage), (vec![person(2)], 1));
    stage.hear_event(3, membership(2, "budi", None));
    assert_eq!(shown(&stage), (vec![], 0));
    typing(&mut stage, 0, &[(1, 1); 9], 3_000);
    assert_eq!(shown(&stage).0.len(), 5);
    stage.changes.clear();
    stage.close(1006);
    assert_eq!(shown(&stage), (vec![], 0));
    assert!(stage.changes.contains(&Change::Typing(room(1))));
}

#[test]
fn the_readers_typing_is_told_every_three_seconds_at_most_and_never_kept() {
    let mut stage = stage();
    let told = [ClientFrame::Typing { room: room(1) }];
    let mut count = 0;
    for _ in 0..60 {
        stage.wait(100);
        count += frames(&stage.tell(Input::Typed { room: room(1) })).len();
    }
    assert_eq!(count, 2);
    stage.wait(100);
    assert_eq!(frames(&stage.tell(Input::Typed { room: room(1) })), told);
    assert_eq!(stage.client.outbox().count(), 0);
    assert_eq!(stage.tell(Input::Typed { room: room(2) }), [], "nobody follows it");
    stage.close(1006);
    stage.wait(3_000);
    stage.tell(Input::Typed { room: room(1) });
    stage.wait_for_attempt();
    stage.open();
    assert!(!frames(&stage.welcome(Resume::Current)).contains(&told[0]), "it is over by then");
    // The answer of a server to such a request has nothing in it.
    assert_eq!(stage.hear_text(String::new()), []);
}

#[test]
fn whether_somebody_looks_is_told_when_it_changes() {
    let mut stage = stage();
    let told = |outputs: &[Output]| -> Vec<PresenceState> {
        let states = frames(outputs).into_iter().filter_map(|frame| match frame {
            ClientFrame::Presence(told) => Some(told.state),
            _ => None,
        });
        states.collect()
    };
    for (input, expected) in [
        (Input::Active, vec![]),
        (Input::Hidden, vec![PresenceState::Away]),
        (Input::Idle, vec![]),
        (Input::Visible, vec![]),
        (Input::Active, vec![PresenceState::Online]),
        (Input::Idle, vec![PresenceState::Away]),
    ] {
        assert_eq!(told(&stage.tell(input.clone())), expected, "{input:?}");
    }
    stage.close(1006);
    stage.wait_for_attempt();
    assert!(stage.open().is_away);
    // What changes before the answer is told after it.
    stage.tell(Input::Active);
    assert_eq!(told(&stage.welcome(Resume::Current)), [PresenceState::Online]);
}

fn marks(outputs: &[Output]) -> Vec<u64> {
    let marks = commands(outputs).into_iter().filter_map(|(_, command)| match command {
        Command::MarkRead { room: of, seq } if of == room(1) => Some(seq),
        _ => None,
    });
    marks.collect()
}

fn see(stage: &mut Stage, seq: u64) -> Vec<u64> {
    marks(&stage.tell(Input::Seen { room: room(1), seq }))
}

#[test]
fn what_is_read_is_told_once_a_second_and_only_the_newest() {
    let mut stage = stage();
    assert_eq!(see(&mut stage, 5), [5]);
    assert_eq!(see(&mut stage, 5), [0; 0]);
    assert_eq!(see(&mut stage, 4), [0; 0]);
    for seq in 6..=20 {
        assert_eq!(see(&mut stage, seq), [0; 0]);
    }
    assert_eq!(marks(&stage.wait(999)), [0; 0]);
    assert_eq!(marks(&stage.wait(1)), [20]);
    // It holds nothing up, is not kept, and takes no place.
    assert_eq!(stage.client.outbox().count(), 0);
    assert_eq!(commands(&stage.tell(super::stage::send(1, "a"))).len(), 1);
    // Without an answer it is sent again, the newest only, also on another connection.
    stage.wait(1_000);
    see(&mut stage, 30);
    stage.close(1006);
    see(&mut stage, 31);
    stage.wait_for_attempt();
    stage.open();
    let mut outputs = stage.welcome(Resume::Current);
    outputs.extend(stage.wait(1_000));
    assert_eq!(marks(&outputs), [31]);
    // The server knows it already.
    let mut read = summary(room(1), 1);
    read.read = 40;
    let event = Box::new(Event::RoomChanged(read));
    stage.hear(ServerFrame::Event { log: Log::Inbox, seq: 1, event });
    stage.wait(1_000);
    assert_eq!(see(&mut stage, 39), [0; 0]);
    assert_eq!(see(&mut stage, 41), [41]);
}

/// Found by the random worlds: of a room that was let go, what waited to be told was replaced by less.
#[test]
fn what_was_read_before_a_room_was_let_go_is_told_all_the_same() {
    let mut stage = stage();
    stage.close(1006);
    see(&mut stage, 31);
    for number in 2..40 {
        stage.tell(Input::OpenRoom(room(number)));
    }
    assert!(stage.client.room(room(1)).is_none());
    stage.tell(Input::OpenRoom(room(1)));
    let snapshot = snapshot(room(1), at(31), vec![said(9, "hello")]);
    stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot });
    see(&mut stage, 2);
    stage.wait_for_attempt();
    stage.open();
    let mut outputs = stage.welcome_with(vec![answer(Log::Inbox, at(0), Resume::Current)]);
    outputs.extend(stage.wait(1_000));
    assert_eq!(marks(&outputs), [31]);
}

#[test]
fn a_mark_that_is_refused_is_nobodys_concern() {
    let mut stage = stage();
    let sent = commands(&stage.tell(Input::Seen { room: room(1), seq: 5 }));
    let failure = Failure::new(FailureCode::Internal, "no");
    stage.hear(ServerFrame::Error { id: Some(sent[0].0), failure });
    assert_eq!(stage.client.notices(), []);
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(stage.wait(30_000), []);
    assert_eq!(see(&mut stage, 6), [6]);
}

#[test]
fn a_room_that_is_marked_as_unread_stays_so_until_it_is_opened() {
    let mut stage = stage();
    see(&mut stage, 5);
    assert_eq!(see(&mut stage, 7), [0; 0]);
    let unread = Command::MarkUnread { room: room(1), seq: 2 };
    let sent = commands(&stage.tell(Input::Do { id: command(1), command: unread.clone() }));
    assert_eq!(sent, [(command(1), unread)]);
    assert_eq!(see(&mut stage, 9), [0; 0]);
    stage.hear(ServerFrame::Ack { id: command(1), ack: Ack::default() });
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(marks(&stage.wait(20_000)), [0; 0], "nor what was seen before");
    stage.tell(Input::OpenRoom(room(1)));
    assert_eq!(see(&mut stage, 5), [5]);
}

#[test]
fn a_new_room_of_several_is_loaded_to_know_who_is_in_it() {
    let mut stage = stage();
    let (kind, with) = (RoomKind::Group, vec!["budi".to_owned()]);
    let create = Command::CreateRoom { room: room(5), title: String::new(), kind, with, like: None };
    stage.tell(Input::Do { id: command(1), command: create });
    stage.hear(ServerFrame::Ack { id: command(1), ack: Ack::default() });
    let subscribed = answer(Log::Room(room(5)), at(0), Resume::Reset);
    let outputs = stage.hear(ServerFrame::Subscribed { id: command(0), subscribed });
    assert_eq!(outputs, [Output::FetchSnapshot { room: room(5), page: Page::Newest }]);
}

#[test]
fn a_command_whose_effect_is_seen_needs_no_ack() {
    let mut stage = stage();
    let give = |stage: &mut Stage, number, command_| {
        stage.tell(Input::Do { id: command(number), command: command_ })
    };
    let pin = Command::Pin { room: room(1), message: message(9), is_on: true };
    assert_eq!(commands(&give(&mut stage, 1, pin)).len(), 1);
    let edit = Command::EditMessage { room: room(1), message: message(9), text: "other".to_owned() };
    assert_eq!(give(&mut stage, 2, edit), [], "after the one before");
    let leave = Command::LeaveRoom { room: room(1) };
    give(&mut stage, 3, leave);
    assert_eq!(commands(&stage.hear(ServerFrame::Ack { id: command(1), ack: Ack::default() })).len(), 1);
    stage.hear(ServerFrame::Ack { id: command(2), ack: Ack { seq: Some(2) } });
    let event = Box::new(Event::RoomLeft { room: room(1) });
    stage.hear(ServerFrame::Event { log: Log::Inbox, seq: 1, event });
    assert_eq!(stage.client.outbox().count(), 0);
    // Too much for the server: it is not sent, and nothing of it is lost.
    let text = "x".repeat(32 * 1024 + 1);
    let edit = Command::EditMessage { room: room(3), message: message(9), text };
    assert_eq!(give(&mut stage, 4, edit.clone()), []);
    assert_eq!(stage.client.notices()[0].command, edit);
}
