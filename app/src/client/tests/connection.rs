//! From one connection to the next: tickets, deadlines, closes, backoff, life signs.

use super::stage::{Stage, room};
use crate::client::*;
use crate::protocol::*;

fn is_stopped(stage: &Stage, reason: StopReason) -> bool {
    stage.client.connection() == &Connection::Stopped(reason)
}

#[test]
fn connects_and_says_so() {
    let mut stage = Stage::new();
    assert_eq!(stage.client.connection(), &Connection::Idle);
    assert_eq!(stage.tell(Input::Start), [Output::FetchTicket { attempt: 1 }]);
    assert_eq!(stage.client.connection(), &Connection::Connecting);
    let hello = stage.open();
    assert_eq!((hello.version, hello.inbox, hello.previous_close), (VERSION, None, None));
    stage.welcome(Resume::Current);
    assert_eq!(stage.client.connection(), &Connection::Live);
    assert_eq!(stage.client.server_now(stage.now + 100), stage.now + 5_100);
    assert!(stage.changes.contains(&Change::Connection));
}

#[test]
fn each_stage_of_an_attempt_has_its_deadline() {
    for stages in 0..3 {
        let mut stage = Stage::new();
        stage.tell(Input::Start);
        if stages > 0 {
            stage.tell(Input::TicketReady { attempt: 1, ticket: "t".to_owned() });
        }
        if stages > 1 {
            stage.tell(Input::Opened { attempt: 1 });
        }
        stage.wait(9_999);
        assert_eq!(stage.client.connection(), &Connection::Connecting);
        let outputs = stage.wait(1);
        assert_eq!(
            outputs.contains(&Output::Close { attempt: 1 }),
            stages > 0,
            "a socket is dropped, a fetch not"
        );
        assert!(stage.wait_for_attempt() <= 500);
    }
}

#[test]
fn what_belongs_to_an_older_attempt_is_ignored() {
    let mut stage = Stage::live(vec![]);
    stage.close(1006);
    stage.wait_for_attempt();
    for input in [
        Input::Closed { attempt: 1, code: Some(4526) },
        Input::TicketReady { attempt: 1, ticket: "t".to_owned() },
        Input::TicketFailed { attempt: 1, failure: TicketFailure::Forbidden(String::new()) },
        Input::Opened { attempt: 1 },
        Input::Received { attempt: 1, text: ServerFrame::Beat(Beat { now: 0 }).encode() },
    ] {
        assert_eq!(stage.tell(input), []);
        assert_eq!(stage.client.connection(), &Connection::Connecting);
    }
    // Also when a newer one is live.
    stage.open();
    stage.welcome(Resume::Current);
    let bye = Bye { code: 4526, message: String::new(), retry_after_ms: None };
    stage.tell(Input::Received { attempt: 1, text: ServerFrame::Bye(bye).encode() });
    stage.tell(Input::Closed { attempt: 1, code: Some(4526) });
    assert_eq!(stage.client.connection(), &Connection::Live);
}

#[test]
fn a_second_401_ends_it_and_a_403_at_once() {
    let mut stage = Stage::new();
    stage.tell(Input::Start);
    assert_eq!(stage.fail_ticket(TicketFailure::SignedOut), [Output::FetchTicket { attempt: 2 }]);
    assert_eq!(stage.fail_ticket(TicketFailure::SignedOut), []);
    assert!(is_stopped(&stage, StopReason::SignedOut));
    assert_eq!(stage.client.next_timeout(), None);
    // Only a click leaves it.
    for input in [Input::Online, Input::Visible, Input::Woken, Input::Tick] {
        assert_eq!(stage.tell(input), []);
    }
    assert_eq!(stage.tell(Input::RetryNow), [Output::FetchTicket { attempt: 3 }]);
    stage.fail_ticket(TicketFailure::Forbidden("no".to_owned()));
    assert!(is_stopped(&stage, StopReason::Forbidden("no".to_owned())));
}

#[test]
fn the_servers_hint_wins() {
    let mut stage = Stage::new();
    stage.tell(Input::Start);
    stage.fail_ticket(TicketFailure::Busy { retry_after_ms: Some(20_000) });
    // A click may come earlier; hope alone may not.
    stage.tell(Input::Visible);
    stage.tell(Input::Online);
    assert!((20_000..=20_500).contains(&stage.wait_for_attempt()));
    stage.fail_ticket(TicketFailure::Busy { retry_after_ms: Some(20_000) });
    assert!(stage.tell(Input::RetryNow).is_empty());
    assert_eq!(stage.wait_for_attempt(), 1_000);

    let mut stage = Stage::live(vec![]);
    let bye = Bye { code: 4100, message: String::new(), retry_after_ms: Some(3_000) };
    assert_eq!(stage.hear(ServerFrame::Bye(bye)), [Output::Close { attempt: 1 }]);
    stage.close(1006);
    assert!((3_000..=3_500).contains(&stage.wait_for_attempt()));
    assert_eq!(stage.open().previous_close, Some(4100));
}

#[test]
fn the_close_code_decides() {
    for (code, reason) in [
        (4500, StopReason::BadProtocol),
        (4509, StopReason::TooManyConnections),
        (4526, StopReason::OldVersion),
        (4777, StopReason::Closed(4777)),
    ] {
        let mut stage = Stage::live(vec![]);
        stage.close(code);
        assert!(is_stopped(&stage, reason), "{code}");
    }
    for code in [1000, 1006, 1011, 4000, 4008, 4100, 4399] {
        let mut stage = Stage::live(vec![]);
        stage.close(code);
        assert!(matches!(stage.client.connection(), Connection::Waiting { attempts: 1, .. }), "{code}");
    }
    // A new ticket at once, once; then it waits like the others.
    let mut stage = Stage::live(vec![]);
    assert_eq!(stage.close(4400), [Output::FetchTicket { attempt: 2 }]);
    stage.open();
    assert_eq!(stage.close(4400), []);
    assert!(matches!(stage.client.connection(), Connection::Waiting { .. }));
}

#[test]
fn delays_are_spread_over_the_whole_of_a_doubling_range() {
    let mut sums = [0; 11];
    let seeds = 400;
    for seed in 0..seeds {
        let mut stage = Stage::seeded(seed);
        stage.tell(Input::Start);
        for (n, sum) in sums.iter_mut().enumerate() {
            stage.fail_ticket(TicketFailure::Unreachable);
            let delay = stage.wait_for_attempt();
            assert!(delay <= 12_000.min(500 << n));
            *sum += delay;
        }
    }
    for (n, sum) in sums.iter().enumerate() {
        let (mean, half) = (sum / seeds, 12_000.min(500 << n) / 2);
        assert!(mean > half * 8 / 10 && mean < half * 12 / 10, "try {n}: {mean} is far from {half}");
    }
}

#[test]
fn the_range_begins_anew_only_after_ten_seconds_at_the_heads() {
    let longest_after = |lasting: u64, resume: Resume| {
        let delays = (0..40).map(|seed| {
            let mut stage = Stage::live(vec![]);
            stage.client.context.random = random::Random::new(seed);
            for _ in 0..5 {
                stage.close(1006);
                stage.wait_for_attempt();
                stage.open();
                let head = super::stage::at(if resume == Resume::Replay { 5 } else { 1 });
                let inbox = super::stage::answer(Log::Inbox, super::stage::at(0), Resume::Current);
                stage.welcome_with(vec![inbox, super::stage::answer(Log::Room(room(1)), head, resume)]);
                stage.wait(lasting);
            }
            stage.close(1006);
            stage.wait_for_attempt()
        });
        delays.max().unwrap()
    };
    assert!(longest_after(10_000, Resume::Current) <= 500);
    assert!(longest_after(9_999, Resume::Current) > 4_000, "it was not up for long enough");
    assert!(longest_after(20_000, Resume::Replay) > 4_000, "it never caught up");
}

#[test]
fn many_failures_degrade_and_any_hope_is_tried_at_once() {
    let mut stage = Stage::new();
    stage.tell(Input::Start);
    for _ in 0..11 {
        stage.fail_ticket(TicketFailure::Unreachable);
        assert!(matches!(stage.client.connection(), Connection::Waiting { .. }));
        stage.wait_for_attempt();
    }
    for _ in 0..20 {
        stage.fail_ticket(TicketFailure::Unreachable);
        assert!(matches!(stage.client.connection(), Connection::Degraded { .. }));
        assert!((30_000..=60_000).contains(&stage.wait_for_attempt()));
    }
    for input in [Input::Online, Input::Visible, Input::Woken] {
        stage.fail_ticket(TicketFailure::Unreachable);
        stage.wait(5_000);
        stage.tell(input);
        assert!(stage.wait_for_attempt() <= 500);
    }
    stage.fail_ticket(TicketFailure::Unreachable);
    stage.wait(5_000);
    assert_eq!(stage.tell(Input::RetryNow).len(), 1);
}

#[test]
fn attempts_never_follow_closer_than_a_second_however_often_the_page_is_shown() {
    let mut stage = Stage::new();
    stage.tell(Input::Start);
    for _ in 0..20 {
        stage.fail_ticket(TicketFailure::Unreachable);
        let began = stage.now;
        let attempt = stage.attempt;
        for _ in 0..10 {
            stage.tell(Input::Hidden);
            stage.tell(Input::Visible);
            stage.tell(Input::RetryNow);
        }
        assert_eq!(stage.attempt, attempt);
        stage.wait_for_attempt();
        assert!(stage.now - began <= 1_000);
    }
    assert!(stage.now >= super::stage::START + 5_000);
}

#[test]
fn offline_is_shown_and_tried_slowly_because_it_may_not_be_true() {
    let mut stage = Stage::live(vec![]);
    stage.tell(Input::Offline);
    assert_eq!(stage.client.connection(), &Connection::Live, "it may be a server on this machine");
    stage.close(1006);
    assert_eq!(stage.client.connection(), &Connection::Offline);
    assert!((30_000..=60_000).contains(&stage.wait_for_attempt()));
    stage.fail_ticket(TicketFailure::Unreachable);
    stage.wait(3_000);
    stage.tell(Input::Online);
    assert!(matches!(stage.client.connection(), Connection::Waiting { .. }));
    assert!(stage.wait_for_attempt() <= 500);
    // The word comes while it waits.
    stage.fail_ticket(TicketFailure::Unreachable);
    stage.tell(Input::Offline);
    assert_eq!(stage.client.connection(), &Connection::Offline);
    assert!(stage.wait_for_attempt() >= 30_000);
}

#[test]
fn silence_ends_a_connection_after_35_seconds_or_75_when_hidden() {
    let mut stage = Stage::live(vec![]);
    stage.wait(30_000);
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    stage.wait(34_999);
    assert_eq!(stage.client.connection(), &Connection::Live);
    assert_eq!(stage.wait(1)[0], Output::Close { attempt: 1 });

    let mut stage = Stage::live(vec![]);
    stage.tell(Input::Hidden);
    stage.wait(74_999);
    assert_eq!(stage.client.connection(), &Connection::Live);
    assert_eq!(stage.wait(1)[0], Output::Close { attempt: 1 });
}

#[test]
fn a_late_tick_lets_queued_frames_speak_first_but_only_once() {
    for waking in [Input::Tick, Input::Visible, Input::Online, Input::Woken] {
        let mut stage = Stage::live(vec![]);
        stage.tell(Input::Hidden);
        stage.now += 3_600_000;
        stage.tell(waking.clone());
        assert_eq!(stage.client.connection(), &Connection::Live, "{waking:?}");
        stage.hear(ServerFrame::Beat(Beat { now: 0 }));
        stage.wait(20_000);
        assert_eq!(stage.client.connection(), &Connection::Live, "{waking:?}");

        let mut stage = Stage::live(vec![]);
        stage.now += 3_600_000;
        stage.tell(waking.clone());
        stage.wait(4_999);
        assert_eq!(stage.client.connection(), &Connection::Live, "{waking:?}");
        assert_eq!(stage.wait(1)[0], Output::Close { attempt: 1 }, "{waking:?}");
    }
    // A hidden page whose every tick is late still gives a dead connection up.
    let mut stage = Stage::live(vec![]);
    stage.tell(Input::Hidden);
    let mut minutes = 0;
    while stage.client.connection() == &Connection::Live && minutes < 10 {
        stage.now += 60_000;
        stage.tell(Input::Tick);
        minutes += 1;
    }
    assert_eq!(minutes, 3);
}

#[test]
fn a_return_of_the_network_asks_for_a_sign_of_life() {
    let mut stage = Stage::live(vec![]);
    stage.wait(6_000);
    let outputs = stage.tell(Input::Online);
    assert!(matches!(super::stage::commands(&outputs)[..], [(_, Command::Subscribe(_))]), "{outputs:?}");
    let outputs = stage.wait(10_000);
    assert!(outputs.contains(&Output::Close { attempt: 1 }));

    let mut stage = Stage::live(vec![]);
    stage.wait(6_000);
    stage.tell(Input::Online);
    stage.hear(ServerFrame::Beat(Beat { now: 0 }));
    stage.wait(10_000);
    assert_eq!(stage.client.connection(), &Connection::Live);
}

#[test]
fn a_clock_that_is_set_back_delays_nothing() {
    let mut stage = Stage::live(vec![]);
    stage.now -= 900_000;
    stage.tell(Input::Tick);
    stage.wait(35_000);
    assert_ne!(stage.client.connection(), &Connection::Live);
}

#[test]
fn another_user_in_the_same_browser_ends_it() {
    let mut stage = Stage::live(vec![]);
    let Input::Load(mut page) = super::stage::page(super::stage::at(9), vec![], None) else { panic!() };
    page.user.id = UserId::from_random(5);
    assert_eq!(stage.tell(Input::Load(page)), [Output::Close { attempt: 1 }]);
    assert!(is_stopped(&stage, StopReason::OtherUser));
    assert_eq!(stage.client.rooms().len(), 1);
}
