//! The outbox: order, repetition, refusals, and what the page sees of it.

use super::stage::{
    Stage, answer, at, command, commands, ids, message, page, room, running, said, send, snapshot, summary,
};
use crate::client::*;
use crate::protocol::*;

fn ack(stage: &mut Stage, number: u128, seq: Option<u64>) -> Vec<Output> {
    stage.hear(ServerFrame::Ack { id: command(number), ack: Ack { seq } })
}

fn refuse(stage: &mut Stage, number: u128, code: FailureCode, retry_after_ms: Option<u64>) -> Vec<Output> {
    let failure = Failure { code, message: "no".to_owned(), retry_after_ms, room: None };
    stage.hear(ServerFrame::Error { id: Some(command(number)), failure })
}

/// chat-ui PR #2334: a stop works at any moment, and drops no message behind it.
#[test]
fn one_command_of_a_room_at_a_time_in_the_order_given() {
    let mut stage = Stage::live(vec![]);
    assert_eq!(ids(&stage.tell(send(1, "a"))), [command(1)]);
    assert_eq!(stage.tell(send(2, "b")), []);
    let other = Command::RenameRoom { room: room(2), title: String::new() };
    assert_eq!(ids(&stage.tell(Input::Do { id: command(3), command: other })), [command(3)]);
    let stop = Command::StopRun { room: room(1), message: message(50) };
    assert_eq!(
        ids(&stage.tell(Input::Do { id: command(4), command: stop })),
        [command(4)],
        "a stop waits for nobody"
    );
    assert_eq!(stage.pending(), [(command(1), PendingState::Sent), (command(2), PendingState::Waiting)]);
    assert_eq!(ids(&ack(&mut stage, 1, Some(2))), [command(2)]);
    // The same again changes nothing.
    assert_eq!(stage.tell(send(2, "b")), []);
    assert_eq!(ack(&mut stage, 1, Some(2)), []);
}

/// AnythingLLM #2640, open-webui #7287: a message never vanishes between the send and the log.
#[test]
fn an_acknowledged_message_stays_until_its_room_shows_it() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "a"));
    ack(&mut stage, 1, Some(2));
    assert_eq!(stage.pending(), [(command(1), PendingState::Sent)]);
    assert_eq!(stage.client.outbox().count(), 0, "it is safe at the server");
    stage.hear_event(2, Event::Message(said(1, "a")));
    assert_eq!(stage.pending(), []);
    assert_eq!(stage.text(1), "a");
}

/// Found by `make chaos`: an `ack` that was meant for something else must not make a message disappear.
#[test]
fn an_ack_without_a_place_is_no_answer_to_a_message() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "a"));
    ack(&mut stage, 1, None);
    assert_eq!(stage.pending(), [(command(1), PendingState::Sent)]);
    assert_eq!(stage.client.outbox().count(), 1);
}

#[test]
fn an_event_is_as_good_as_an_ack_and_a_snapshot_too() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "a"));
    stage.hear_event(2, Event::Message(said(1, "a")));
    assert_eq!((stage.pending(), stage.client.outbox().count()), (vec![], 0));
    stage.tell(send(2, "b"));
    stage.close(1006);
    let messages = vec![said(1, "a"), said(2, "b")];
    stage.tell(Input::SnapshotLoaded {
        room: room(1),
        page: Page::Newest,
        snapshot: snapshot(room(1), at(3), messages),
    });
    assert_eq!((stage.pending(), stage.client.outbox().count()), (vec![], 0));
}

/// AutoGPT PR #12788, elizaOS PR #15394: what is sent again has the identifier that it had, so it is one question.
#[test]
fn what_has_no_answer_is_sent_again_after_the_reconnect_in_order_or_after_a_while() {
    let mut stage = Stage::new();
    stage.tell(page(at(0), vec![], Some(*snapshot(room(1), at(1), vec![]))));
    for number in 1..=3 {
        stage.tell(send(number, "x"));
    }
    stage.tell(Input::Start);
    stage.open();
    let mut outputs = stage.welcome(Resume::Current);
    assert_eq!(ids(&outputs), [command(1)]);
    stage.close(1006);
    assert!(stage.pending().iter().all(|(_, state)| *state == PendingState::Waiting));
    stage.wait_for_attempt();
    stage.open();
    outputs = stage.welcome(Resume::Current);
    assert_eq!(ids(&outputs), [command(1)]);
    assert_eq!(ids(&ack(&mut stage, 1, Some(2))), [command(2)]);
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(ids(&stage.wait(15_000)).last(), Some(&command(2)));
}

#[test]
fn a_rate_limit_pauses_and_keeps_the_order() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "a"));
    stage.tell(send(2, "b"));
    assert_eq!(refuse(&mut stage, 1, FailureCode::RateLimited, Some(3_000)), []);
    assert_eq!(ids(&stage.wait(2_999)), []);
    assert_eq!(ids(&stage.wait(1)), [command(1)]);
    assert_eq!(ids(&ack(&mut stage, 1, Some(2))), [command(2)]);
}

#[test]
fn a_refused_message_is_kept_for_the_user_and_holds_nobody_up() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "a"));
    stage.tell(send(2, "b"));
    assert_eq!(ids(&refuse(&mut stage, 1, FailureCode::Internal, None)), [command(2)]);
    assert!(
        matches!(stage.pending()[0], (_, PendingState::Failed(failure)) if failure.code == FailureCode::Internal)
    );
    ack(&mut stage, 2, Some(2));
    stage.hear_event(2, Event::Message(said(2, "b")));
    assert_eq!(ids(&stage.tell(Input::Again(command(1)))), [command(1)]);
    refuse(&mut stage, 1, FailureCode::Internal, None);
    stage.tell(Input::Discard(command(1)));
    assert_eq!((stage.pending(), stage.client.outbox().count()), (vec![], 0));
}

#[test]
fn a_refused_command_is_a_notice_until_it_is_read() {
    let mut stage = Stage::live(vec![]);
    let rename = Command::RenameRoom { room: room(1), title: "x".to_owned() };
    stage.tell(Input::Do { id: command(1), command: rename.clone() });
    refuse(&mut stage, 1, FailureCode::BadTitle, None);
    assert!(stage.changes.contains(&Change::Notices));
    assert_eq!(stage.client.notices()[0].command, rename);
    stage.tell(Input::Discard(command(1)));
    assert_eq!(stage.client.notices(), []);
}

#[test]
fn a_full_outbox_refuses_with_a_notice_that_keeps_the_text() {
    let mut stage = Stage::new();
    for number in 0..100 {
        assert!(stage.client.can_accept());
        stage.tell(send(number, "x"));
    }
    assert!(!stage.client.can_accept());
    for number in 100..120 {
        stage.tell(send(number, "too much"));
    }
    assert_eq!(stage.client.outbox().count(), 100);
    assert_eq!(stage.client.notices().len(), 8);
    assert_eq!(stage.client.notices()[7].id, command(119));
}

#[test]
fn what_the_server_would_close_for_is_not_sent() {
    let mut stage = Stage::live(vec![]);
    assert_eq!(stage.tell(send(1, &"x".repeat(32 * 1024 + 1))), []);
    // Every character of it is longer on the wire.
    assert_eq!(stage.tell(send(2, &"\u{1}".repeat(20_000))), []);
    assert!(stage.pending().iter().all(|(_, state)| matches!(state, PendingState::Failed(_))));
    let resume = Command::Unsubscribe { room: room(1) };
    assert_eq!(stage.tell(Input::Do { id: command(3), command: resume }), [], "the client's own business");
}

#[test]
fn a_message_given_again_after_a_reload_that_is_already_there_is_not_sent() {
    let mut stage = Stage::live(vec![said(1, "a")]);
    assert_eq!(stage.tell(send(1, "a")), []);
    assert_eq!(stage.pending(), []);
}

fn create() -> Input {
    Input::Do { id: command(90), command: Command::create_solo(room(5), "") }
}

fn say_in_new_room(number: u128) -> Input {
    let command_ = Command::say(room(5), "x");
    Input::Do { id: command(number), command: command_ }
}

#[test]
fn a_new_room_is_ready_at_once_and_followed_without_a_snapshot() {
    let mut stage = Stage::live(vec![]);
    assert_eq!(ids(&stage.tell(create())), [command(90)]);
    stage.tell(Input::OpenRoom(room(5)));
    stage.tell(say_in_new_room(91));
    let timeline = stage.client.room(room(5)).unwrap();
    assert_eq!((timeline.state(), timeline.pending().count()), (TimelineState::Ready, 1));
    let sent = commands(&ack(&mut stage, 90, None));
    assert!(matches!(&sent[0].1, Command::Subscribe(position) if position.cursor.is_none()), "{sent:?}");
    assert_eq!(sent[1].0, command(91), "after the subscription that will show it");
    let empty = answer(Log::Room(room(5)), at(0), Resume::Reset);
    assert_eq!(stage.hear(ServerFrame::Subscribed { id: sent[0].0, subscribed: empty }), []);
    let event = Box::new(Event::Message(said(91, "x")));
    stage.hear(ServerFrame::Event { log: Log::Room(room(5)), seq: 1, event });
    assert_eq!(stage.client.room(room(5)).unwrap().messages().count(), 1);
}

#[test]
fn a_new_room_that_others_have_written_into_is_loaded() {
    let mut stage = Stage::live(vec![]);
    stage.tell(create());
    stage.hear(ServerFrame::Event {
        log: Log::Inbox,
        seq: 1,
        event: Box::new(Event::RoomJoined(summary(room(5), 2))),
    });
    let head = answer(Log::Room(room(5)), at(2), Resume::Reset);
    let outputs = stage.hear(ServerFrame::Subscribed { id: command(0), subscribed: head });
    assert_eq!(outputs, [Output::FetchSnapshot { room: room(5), page: Page::Newest }]);
}

#[test]
fn a_room_that_cannot_be_created_fails_with_its_messages_and_comes_back_with_them() {
    let mut stage = Stage::live(vec![]);
    stage.tell(create());
    stage.tell(say_in_new_room(91));
    stage.tell(say_in_new_room(92));
    assert_eq!(refuse(&mut stage, 90, FailureCode::LimitReached, None), []);
    let states = |stage: &Stage| {
        let timeline = stage.client.room(room(5)).unwrap();
        timeline.pending().filter(|pending| matches!(pending.state, PendingState::Failed(_))).count()
    };
    assert_eq!(states(&stage), 2);
    assert_eq!(ids(&stage.tell(Input::Again(command(92)))), [command(90)], "the room first");
    refuse(&mut stage, 90, FailureCode::LimitReached, None);
    assert_eq!(ids(&stage.tell(say_in_new_room(93))), [command(90)], "writing on is trying again");
    refuse(&mut stage, 90, FailureCode::LimitReached, None);
    for number in 91..=93 {
        stage.tell(Input::Discard(command(number)));
    }
    assert_eq!(stage.client.outbox().count(), 0);
    assert_eq!(stage.client.room(room(5)).unwrap().state(), TimelineState::Gone);
}

#[test]
fn what_was_acknowledged_in_a_log_that_is_lost_is_said_again() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "a"));
    ack(&mut stage, 1, Some(2));
    let restored =
        Box::new(RoomSnapshot { cursor: Cursor { epoch: 2, seq: 0 }, ..*snapshot(room(1), at(0), vec![]) });
    let outputs = stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot: restored });
    assert_eq!(ids(&outputs).last(), Some(&command(1)));
}

/// open-webui: a prompt written offline was gone, or could not be taken back.
#[test]
fn what_waits_can_be_cancelled_and_what_is_on_its_way_cannot() {
    let mut stage = Stage::live(vec![]);
    stage.tell(send(1, "on its way"));
    stage.tell(send(2, "waits its turn"));
    let rename = Command::RenameRoom { room: room(1), title: "x".to_owned() };
    stage.tell(Input::Do { id: command(3), command: rename });
    for number in 1..=3 {
        stage.tell(Input::Discard(command(number)));
    }
    assert_eq!(stage.pending(), [(command(1), PendingState::Sent)]);
    assert_eq!(stage.client.outbox().count(), 1);
    // The connection is lost, and with it what is known of the command: the log will show whether it came through.
    stage.close(1006);
    assert_eq!(stage.pending(), [(command(1), PendingState::Waiting)]);
    stage.changes.clear();
    stage.tell(Input::Discard(command(1)));
    assert_eq!((stage.pending(), stage.client.outbox().count()), (vec![], 0));
    assert!(stage.changes.contains(&Change::Outbox));
    stage.wait_for_attempt();
    stage.open();
    assert_eq!(ids(&stage.welcome(Resume::Current)), []);
    stage.hear_event(2, Event::Message(said(1, "on its way")));
    assert_eq!(stage.text(1), "on its way");
}

#[test]
fn a_room_that_is_not_wanted_any_more_takes_what_waits_for_it_along() {
    let mut stage = Stage::new();
    stage.tell(create());
    stage.tell(say_in_new_room(91));
    stage.tell(send(1, "elsewhere"));
    stage.tell(Input::Discard(command(90)));
    assert_eq!(stage.client.outbox().map(|(id, _)| id).collect::<Vec<_>>(), [command(1)]);
    assert_eq!(stage.client.room(room(5)).unwrap().state(), TimelineState::Gone);
}

/// undici #5503, oh-my-pi #4248: what a slow network does not take piles up in the browser.
#[test]
fn sends_pause_while_too_much_is_buffered() {
    let mut stage = Stage::live(vec![]);
    stage.wait(1_000);
    stage.tell(Input::Buffered { attempt: 1, bytes: 64 * 1024 + 1 });
    assert_eq!(stage.tell(send(1, "a")), []);
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    assert_eq!(stage.wait(30_000), []);
    assert!(stage.client.next_timeout().unwrap() > stage.now, "no timer for what can't be done");
    assert_eq!(ids(&stage.tell(Input::Buffered { attempt: 1, bytes: 64 * 1024 })), [command(1)]);
    // It was a matter of that connection.
    stage.tell(Input::Buffered { attempt: 1, bytes: 1 << 20 });
    stage.close(1006);
    stage.wait_for_attempt();
    stage.tell(Input::Buffered { attempt: 1, bytes: 1 << 20 });
    stage.open();
    assert_eq!(ids(&stage.welcome(Resume::Current)), [command(1)]);
}

/// AnythingLLM #1212, #824: a prompt was lost with its page. In whatever order the new one learns of things, each
/// command is sent once, and those of a room in their order.
#[test]
fn the_outbox_of_the_page_before_is_sent_once_and_in_order() {
    let load = || page(at(0), vec![summary(room(1), 1)], Some(*snapshot(room(1), at(2), vec![said(1, "a")])));
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut stage = Stage::new();
        for part in order {
            match part {
                0 => drop(stage.tell(load())),
                1 => {
                    // The first had its effect before its `ack` was lost with the page.
                    for number in [1, 2, 3, 2, 3] {
                        stage.tell(send(number, "a"));
                    }
                }
                _ => drop(stage.tell(Input::Start)),
            }
        }
        stage.open();
        let inbox = answer(Log::Inbox, at(0), Resume::Current);
        let log = answer(Log::Room(room(1)), at(2), Resume::Current);
        assert_eq!(ids(&stage.welcome_with(vec![inbox, log])), [command(2)], "{order:?}");
        assert_eq!(ids(&ack(&mut stage, 2, Some(3))), [command(3)], "{order:?}");
    }
    // A room that was created all the same is not made again, nor shown as empty.
    let mut stage = Stage::new();
    stage.tell(page(at(0), vec![summary(room(5), 1)], None));
    stage.tell(create());
    assert_eq!(stage.client.outbox().count(), 0);
    let mut stage = Stage::new();
    stage.tell(create());
    stage.tell(page(at(0), vec![summary(room(5), 1)], None));
    assert_eq!(stage.client.outbox().count(), 0);
}

fn run_event(status: RunStatus, attempt: u32) -> Event {
    let mut run = running(50, "", "").run.unwrap();
    (run.status, run.attempt) = (status, attempt);
    Event::Run { message: message(50), run }
}

#[test]
fn a_run_that_goes_on_is_the_effect_of_continue_and_a_stop_waits_for_it() {
    let mut stage = Stage::live(vec![running(50, "so far", "")]);
    let with = |number: u128, command_: Command| Input::Do { id: command(number), command: command_ };
    let resume = Command::ContinueRun { room: room(1), message: message(50) };
    // That it still ran was said before.
    stage.tell(with(1, resume.clone()));
    stage.hear_event(2, run_event(RunStatus::Writing, 1));
    assert_eq!(stage.client.outbox().count(), 1);
    stage.hear_event(3, run_event(RunStatus::Interrupted, 1));
    assert_eq!(stage.client.outbox().count(), 1);
    // What the user wants last must also be last at the server.
    let stop = Command::StopRun { room: room(1), message: message(50) };
    assert_eq!(stage.tell(with(2, stop.clone())), []);
    let other = Command::StopRun { room: room(1), message: message(51) };
    assert_eq!(ids(&stage.tell(with(3, other))), [command(3)]);
    // The `ack` is lost; the event says the same.
    assert_eq!(ids(&stage.hear_event(4, run_event(RunStatus::Queued, 2))), [command(2)]);
    assert_eq!(stage.tell(with(4, resume)), []);
}
