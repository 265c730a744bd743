//! The three ways to connect: which is taken when, what is different over HTTP, and the way back.

use super::stage::{Stage, answer, at, commands, frames, ids, message, room, running, said, send, snapshot};
use crate::client::*;
use crate::protocol::*;

/// What was opened, with the `hello` of it.
fn opened(outputs: &[Output]) -> Option<(u64, Option<Hello>, Option<Millis>)> {
    let read = |text: &str| match ClientFrame::decode(text).unwrap() {
        ClientFrame::Hello(hello) => hello,
        _ => panic!("{text}"),
    };
    outputs.iter().find_map(|output| match output {
        Output::Open { attempt, opening, .. } => Some(match opening {
            Opening::WebSocket => (*attempt, None, None),
            Opening::EventStream { hello } => (*attempt, Some(read(hello)), None),
            Opening::LongPoll { hello, wait } => (*attempt, Some(read(hello)), *wait),
        }),
        _ => None,
    })
}

impl Stage {
    fn ticket(&mut self) -> Vec<Output> {
        let attempt = self.attempt;
        self.tell(Input::TicketReady { attempt, ticket: "t".to_owned() })
    }

    fn answered(&mut self, ticket: Option<&str>) -> Vec<Output> {
        let attempt = self.attempt;
        self.tell(Input::Answered { attempt, ticket: ticket.map(str::to_owned) })
    }

    /// Where only this way gets through: opened, and not yet welcomed.
    fn opened_by(transport: Transport, messages: Vec<Message>) -> Self {
        let mut stage = Self::new();
        let page = super::stage::page(
            at(0),
            vec![super::stage::summary(room(1), 1)],
            Some(*snapshot(room(1), at(1), messages)),
        );
        stage.tell(page);
        stage.tell(Input::OpenRoom(room(1)));
        stage.tell(Input::Start);
        while stage.client.transport() < transport {
            stage.ticket();
            stage.close(1006);
            stage.wait_for_attempt();
        }
        stage.ticket();
        stage
    }

    fn live_by(transport: Transport, messages: Vec<Message>) -> Self {
        let mut stage = Self::opened_by(transport, messages);
        stage.welcome(Resume::Current);
        if transport == Transport::LongPoll {
            let next = opened(&stage.answered(Some("next")));
            assert!(matches!(next, Some((_, Some(_), Some(25_000)))), "{next:?}");
        }
        assert_eq!(stage.client.connection(), &Connection::Live);
        stage
    }

    fn is_live(&self) -> bool {
        self.client.connection() == &Connection::Live
    }
}

#[test]
fn two_attempts_without_a_welcome_lead_to_the_next_way_and_at_last_to_the_first_again() {
    let mut stage = Stage::new();
    stage.tell(Input::Start);
    for transport in [Transport::WebSocket, Transport::EventStream, Transport::LongPoll, Transport::WebSocket]
    {
        for _ in 0..2 {
            assert_eq!(stage.client.transport(), transport);
            let outputs = stage.ticket();
            let way = match &outputs[..] {
                [Output::Open { opening: Opening::WebSocket, .. }] => Transport::WebSocket,
                [Output::Open { opening: Opening::EventStream { .. }, .. }] => Transport::EventStream,
                [Output::Open { opening: Opening::LongPoll { wait: None, .. }, .. }] => Transport::LongPoll,
                _ => panic!("{outputs:?}"),
            };
            assert_eq!(way, transport);
            stage.close(1006);
            stage.wait_for_attempt();
        }
    }
}

#[test]
fn what_is_not_the_fault_of_the_way_does_not_count() {
    // No ticket: nobody was reached at all. A code of the server: it was reached.
    let mut stage = Stage::new();
    stage.tell(Input::Start);
    for code in [4000, 4008, 4029, 4100, 4400, 4400] {
        stage.fail_ticket(TicketFailure::Unreachable);
        stage.wait_for_attempt();
        let attempt = stage.attempt;
        stage.ticket();
        stage.close(code);
        if stage.attempt == attempt {
            stage.wait_for_attempt();
        }
        assert_eq!(stage.client.transport(), Transport::WebSocket, "{code}");
    }
    // A `welcome` between two failures.
    for _ in 0..4 {
        stage.ticket();
        stage.close(1006);
        stage.wait_for_attempt();
        stage.open();
        stage.welcome(Resume::Current);
        stage.close(1006);
        stage.wait_for_attempt();
        assert_eq!(stage.client.transport(), Transport::WebSocket);
    }
    // The server says that the first frame did not come through.
    for _ in 0..2 {
        stage.ticket();
        stage.close(4013);
        stage.wait_for_attempt();
    }
    assert_eq!(stage.client.transport(), Transport::EventStream);
}

/// open-webui docs #515, chat-ui PR #2589: a proxy that keeps the stream back looks like a model that says nothing.
#[test]
fn a_stream_that_a_proxy_keeps_back_is_given_up_for_polls() {
    let mut stage = Stage::opened_by(Transport::EventStream, vec![]);
    for _ in 0..2 {
        assert_eq!(stage.client.connection(), &Connection::Connecting);
        assert!(stage.wait(10_000).contains(&Output::Close { attempt: stage.attempt }) || stage.attempt > 3);
        if matches!(stage.client.connection(), Connection::Waiting { .. }) {
            stage.wait_for_attempt();
        }
        stage.ticket();
    }
    assert_eq!(stage.client.transport(), Transport::LongPoll);
}

/// open-webui #15162, LibreChat PR #13117: a poll may be answered by any server, so each says where the client stands.
#[test]
fn every_poll_says_what_is_held_by_then() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![running(2, "", "")]);
    let attempt = stage.attempt;
    stage.changes.clear();
    for round in 0..5 {
        let log = answer(Log::Room(room(1)), at(round + 1), Resume::Current);
        stage.welcome_with(vec![answer(Log::Inbox, at(0), Resume::Current), log]);
        // Handles are of one answer; these would be of other texts in the next.
        let handle = u32::try_from(round % 2).unwrap() + 1;
        stage.hear_stream(2, 1, handle, (2 * round, 0));
        stage.hear_part(handle, 2 * round, "ab");
        stage.hear_event(round + 2, Event::Message(said(10 + u128::from(round), "x")));
        let next = opened(&stage.answered(Some("next")));
        let Some((of, Some(hello), Some(25_000))) = next else { panic!("{next:?}") };
        assert_eq!(of, attempt);
        let held = Held { message: message(2), attempt: 1, text: 2 * (round + 1), thinking: 0 };
        let position = RoomCursor { room: room(1), cursor: Some(at(round + 2)), messages: vec![held] };
        assert_eq!((hello.rooms, hello.previous_close), (vec![position], None));
        assert!(stage.is_live() && stage.client.room(room(1)).unwrap().is_caught_up());
    }
    assert_eq!(stage.text(2), "ababababab");
    assert!(!stage.changes.contains(&Change::Connection), "nothing of this is seen");
}

#[test]
fn a_poll_that_is_answered_too_soon_or_without_a_ticket_makes_no_loop() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    let mut polls = 0;
    let began = stage.now;
    while stage.now < began + 20_000 {
        stage.welcome(Resume::Current);
        assert_eq!(opened(&stage.answered(if polls % 2 == 0 { Some("next") } else { None })), None);
        stage.wait_for_attempt();
        assert!(matches!(opened(&stage.ticket()), Some((_, Some(_), Some(_)))));
        assert!(stage.is_live());
        polls += 1;
    }
    assert!(polls <= 21, "{polls} polls in 20 s");
    // With something to say, the next follows at once.
    stage.welcome(Resume::Current);
    stage.hear_event(2, Event::Message(said(2, "x")));
    assert_eq!(stage.answered(None).last(), Some(&Output::FetchTicket { attempt: stage.attempt }));
}

/// Otherwise typing would be seen late by whoever polls, and in pauses that grow.
#[test]
fn a_poll_that_told_of_people_is_followed_at_once_and_one_that_repeats_it_is_not() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    let user = UserId(uuid::Uuid::from_u128(7));
    let mut next_is_at_once = |frame: ServerFrame| {
        stage.welcome(Resume::Current);
        stage.hear(frame);
        let is_at_once = opened(&stage.answered(Some("next"))).is_some();
        if !is_at_once {
            stage.wait_for_attempt();
            stage.ticket();
        }
        is_at_once
    };
    let typing = |for_ms| {
        let people = vec![Typist { user, for_ms }];
        ServerFrame::Typing(RoomTyping { room: room(1), count: 1, people, for_ms })
    };
    let presence = |is_full, state| {
        let people = vec![Presence { user, state, seen_at: None, read: Some(3) }];
        ServerFrame::Presence(RoomPresence { room: room(1), is_full, present: 1, people })
    };
    assert!(next_is_at_once(presence(true, PresenceState::Online)));
    assert!(!next_is_at_once(presence(true, PresenceState::Online)));
    assert!(next_is_at_once(presence(false, PresenceState::Away)));
    assert!(next_is_at_once(typing(3_000)));
    assert!(!next_is_at_once(typing(2_900)));
    assert!(next_is_at_once(typing(6_000)), "they go on");
    assert!(next_is_at_once(ServerFrame::Typing(RoomTyping {
        room: room(1),
        count: 0,
        people: Vec::new(),
        for_ms: 0
    })));
}

/// jazz #965: a captive portal answers everything, and is not the server.
#[test]
fn an_answer_without_a_welcome_is_a_lost_connection() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    stage.answered(Some("next"));
    assert!(matches!(stage.client.connection(), Connection::Waiting { .. }));
}

#[test]
fn a_silent_poll_is_given_up_ten_seconds_after_its_time() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    stage.wait(34_999);
    assert!(stage.is_live());
    assert!(stage.wait(1).contains(&Output::Close { attempt: stage.attempt }));
    assert!(!stage.is_live());
}

/// AutoGPT PR #12788: between two polls nothing is lost, so nothing is said again.
#[test]
fn a_posted_command_outlives_the_poll_and_the_stream_beside_it() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    assert_eq!(ids(&stage.tell(send(5, "a"))), [super::stage::command(5)]);
    stage.welcome(Resume::Current);
    stage.hear_event(2, Event::Message(said(9, "x")));
    assert_eq!(ids(&stage.answered(Some("next"))), []);
    assert_eq!(stage.pending(), [(super::stage::command(5), PendingState::Sent)]);
    stage.hear(ServerFrame::Ack { id: super::stage::command(5), ack: Ack { seq: Some(3) } });
    assert_eq!(stage.client.outbox().count(), 0);

    let mut stage = Stage::live_by(Transport::EventStream, vec![]);
    stage.wait(2_000);
    let posted = stage.attempt;
    assert_eq!(ids(&stage.tell(send(5, "a"))), [super::stage::command(5)]);
    stage.hear_event(9, Event::Message(said(9, "x")));
    assert!(stage.attempt > posted, "the gap is asked for by opening anew");
    let text = ServerFrame::Ack { id: super::stage::command(5), ack: Ack { seq: Some(3) } }.encode();
    stage.tell(Input::Received { attempt: posted, text });
    assert_eq!(stage.client.outbox().count(), 0);
    // Nothing else of it counts.
    let text = ServerFrame::Bye(Bye { code: 4526, message: String::new(), retry_after_ms: None }).encode();
    stage.tell(Input::Received { attempt: posted, text });
    assert!(stage.is_live());
}

#[test]
fn what_is_a_command_on_a_socket_is_a_new_hello_over_http() {
    for transport in [Transport::EventStream, Transport::LongPoll] {
        let mut stage = Stage::live_by(transport, vec![running(2, "", "")]);
        stage.wait(2_000);
        stage.changes.clear();
        let first = stage.attempt;
        for number in 2..5 {
            stage.tell(Input::OpenRoom(room(number)));
            let snapshot = snapshot(room(number), at(4), vec![]);
            let outputs =
                stage.tell(Input::SnapshotLoaded { room: room(number), page: Page::Newest, snapshot });
            assert_eq!(commands(&outputs), []);
            assert_eq!(outputs.contains(&Output::Close { attempt: first }), number == 2, "once for all");
        }
        assert_eq!(stage.attempt, first + 1);
        let (_, hello, wait) = opened(&stage.ticket()).unwrap();
        assert_eq!(wait.is_some(), transport == Transport::LongPoll);
        let named: Vec<RoomId> = hello.unwrap().rooms.iter().map(|position| position.room).collect();
        assert_eq!(named, [room(1), room(2), room(3), room(4)]);
        let logs = named.iter().map(|room| answer(Log::Room(*room), at(4), Resume::Current));
        let inbox = answer(Log::Inbox, at(0), Resume::Current);
        let outputs = stage.welcome_with([inbox].into_iter().chain(logs).collect());
        assert_eq!(outputs.len(), usize::from(transport == Transport::EventStream), "a sign of life at most");
        assert!(stage.client.room(room(4)).unwrap().is_caught_up());
        assert!(stage.is_live() && !stage.changes.contains(&Change::Connection), "{transport:?}");
    }
}

/// What it posts of its reader.
fn presence(outputs: &[Output]) -> Vec<OwnPresence> {
    let told = frames(outputs).into_iter().filter_map(|frame| match frame {
        ClientFrame::Presence(own) => Some(own),
        _ => None,
    });
    told.collect()
}

#[test]
fn an_event_stream_has_signs_of_life_and_tells_at_once_who_looks_away() {
    let mut stage = Stage::opened_by(Transport::EventStream, vec![]);
    let is = |state| vec![OwnPresence { state, connection: Some(ConnectionId(uuid::Uuid::from_u128(9))) }];
    assert_eq!(presence(&stage.welcome(Resume::Current)), is(PresenceState::Online));
    let mut before = stage.now;
    for _ in 0..3 {
        while presence(&stage.wait(100)) != is(PresenceState::Online) {
            stage.hear(ServerFrame::Beat(Beat { now: 0 }));
        }
        assert_eq!(stage.now - before, 20_000);
        before = stage.now;
    }
    assert_eq!(presence(&stage.tell(Input::Hidden)), is(PresenceState::Away));
    assert_eq!(presence(&stage.wait(19_999)), []);
    assert_eq!(presence(&stage.wait(1)), is(PresenceState::Away));
    assert_eq!(presence(&stage.tell(Input::Visible)), is(PresenceState::Online));
    // Nothing is said of a stream that is no more, and the next one is another.
    stage.close(1006);
    assert_eq!(presence(&stage.wait(1_000)), []);
    stage.wait_for_attempt();
    stage.ticket();
    assert_eq!(presence(&stage.wait(5_000)), []);
    assert_eq!(presence(&stage.welcome(Resume::Current)), is(PresenceState::Online));
}

#[test]
fn over_polls_only_coming_back_is_worth_a_new_hello() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    stage.wait(2_000);
    assert_eq!(stage.tell(Input::Hidden), []);
    assert_eq!(stage.wait(5_000), []);
    stage.welcome(Resume::Current);
    stage.hear_event(2, Event::Message(said(9, "x")));
    let Some((_, Some(hello), _)) = opened(&stage.answered(Some("next"))) else { panic!() };
    assert!(hello.is_away, "the next one tells");
    stage.wait(2_000);
    stage.tell(Input::Visible);
    stage.wait(1_000);
    let Some((_, Some(hello), _)) = opened(&stage.ticket()) else { panic!() };
    assert!(!hello.is_away);
}

#[test]
fn opening_anew_that_fails_is_a_lost_connection() {
    for failure in 0..3 {
        let mut stage = Stage::live_by(Transport::EventStream, vec![]);
        stage.wait(2_000);
        stage.hear_event(9, Event::Message(said(9, "x")));
        assert!(stage.is_live());
        match failure {
            0 => drop(stage.fail_ticket(TicketFailure::Unreachable)),
            1 => drop(stage.wait(10_000)),
            _ => {
                stage.ticket();
                stage.close(1006);
            }
        }
        assert!(matches!(stage.client.connection(), Connection::Waiting { .. }), "{failure}");
        assert!(!stage.client.room(room(1)).unwrap().is_caught_up());
    }
}

/// mattermost #30388: an answer that does not help must not be asked for in a circle.
#[test]
fn an_ask_without_effect_is_repeated_with_patience() {
    let mut stage = Stage::live_by(Transport::EventStream, vec![]);
    stage.wait(2_000);
    stage.hear_event(9, Event::Message(said(9, "x")));
    let mut reopened = Vec::new();
    for _ in 0..4 {
        stage.ticket();
        stage.welcome_with(vec![
            answer(Log::Inbox, at(0), Resume::Current),
            answer(Log::Room(room(1)), at(9), Resume::Replay),
        ]);
        let (began, attempt) = (stage.now, stage.attempt);
        while stage.attempt == attempt {
            stage.hear(ServerFrame::Beat(Beat { now: 0 }));
            stage.wait(1_000);
        }
        reopened.push((stage.now - began) / 1_000);
    }
    assert_eq!(reopened, [5, 10, 20, 40]);
}

/// Ivy-Tendril-V2 #146: a stream that has died beside commands that still work leaves the client deaf.
#[test]
fn the_answer_to_a_post_is_no_sign_of_life_of_the_stream() {
    let mut stage = Stage::live_by(Transport::EventStream, vec![]);
    for number in 1..=7 {
        stage.tell(send(number, "x"));
        stage.wait(5_000);
        stage.hear(ServerFrame::Ack { id: super::stage::command(number), ack: Ack { seq: Some(2) } });
    }
    assert!(!stage.is_live());
}

#[test]
fn a_post_that_fails_closes_the_stream_and_the_command_is_sent_again() {
    let mut stage = Stage::live_by(Transport::EventStream, vec![]);
    stage.tell(send(5, "a"));
    let attempt = stage.attempt;
    assert_eq!(stage.tell(Input::Closed { attempt, code: None }), [Output::Close { attempt }]);
    assert_eq!(stage.pending(), [(super::stage::command(5), PendingState::Waiting)]);
    stage.wait_for_attempt();
    stage.ticket();
    assert_eq!(ids(&stage.welcome(Resume::Current)), [super::stage::command(5)]);
}

#[test]
fn a_socket_is_tried_again_ever_more_rarely_and_only_while_nobody_waits() {
    let mut stage = Stage::live_by(Transport::EventStream, vec![]);
    let mut pauses = Vec::new();
    for _ in 0..6 {
        let began = stage.now;
        let attempt = stage.attempt;
        while stage.attempt == attempt {
            stage.hear(ServerFrame::Beat(Beat { now: 0 }));
            stage.wait(1_000);
        }
        pauses.push((stage.now - began) / 1_000);
        stage.changes.clear();
        assert!(matches!(opened(&stage.ticket()), Some((_, None, None))));
        // Nothing comes through: back to the stream at once, as if nothing had been.
        let outputs = stage.wait(5_000);
        assert!(matches!(outputs[..], [Output::Close { .. }, Output::FetchTicket { .. }]), "{outputs:?}");
        assert!(matches!(opened(&stage.ticket()), Some((_, Some(_), None))));
        stage.welcome(Resume::Current);
        assert!(stage.is_live() && !stage.changes.contains(&Change::Connection));
        assert_eq!(stage.client.transport(), Transport::EventStream);
    }
    for (pause, least) in pauses.iter().zip([290, 600, 1_200, 2_400, 3_600, 3_600]) {
        assert!((least..=least * 5 / 4 + 12).contains(pause), "{pauses:?}");
    }
    // A run, or something in the outbox, comes first.
    stage.hear_event(2, Event::Message(running(2, "", "")));
    let attempt = stage.attempt;
    for _ in 0..5_000 {
        stage.hear(ServerFrame::Beat(Beat { now: 0 }));
        stage.wait(1_000);
    }
    assert_eq!(stage.attempt, attempt);
    stage.tell(send(7, "a"));
    let mut run = running(2, "", "").run.unwrap();
    run.status = RunStatus::Done;
    stage.hear_event(3, Event::Run { message: message(2), run });
    assert_eq!(stage.attempt, attempt);
    stage.hear_event(4, Event::Message(said(7, "a")));
    assert_eq!(stage.attempt, attempt + 1);
    // It gets through.
    stage.open();
    stage.welcome_with(vec![
        answer(Log::Inbox, at(0), Resume::Current),
        answer(Log::Room(room(1)), at(4), Resume::Current),
    ]);
    assert_eq!((stage.client.transport(), stage.is_live()), (Transport::WebSocket, true));
}

#[test]
fn a_network_that_comes_back_is_tried_for_sockets_but_not_at_every_flap() {
    let mut stage = Stage::live_by(Transport::LongPoll, vec![]);
    let mut sockets = 0;
    for _ in 0..60 {
        stage.tell(Input::Offline);
        let mut outputs = stage.tell(Input::Online);
        for _ in 0..10 {
            outputs.extend(stage.wait(100));
            if outputs.iter().any(|output| matches!(output, Output::FetchTicket { .. })) {
                outputs = stage.ticket();
                if opened(&outputs).is_some_and(|(_, hello, _)| hello.is_none()) {
                    sockets += 1;
                    stage.close(1006);
                    stage.ticket();
                }
                outputs = stage.welcome(Resume::Current);
            }
        }
        assert!(stage.is_live());
    }
    assert!((2..=3).contains(&sockets), "{sockets} in a minute");
    // A click, while there is no connection, is always worth one.
    stage.close(1006);
    stage.tell(Input::RetryNow);
    stage.wait(1_000);
    assert!(matches!(opened(&stage.ticket()), Some((_, None, None))));
}

/// chat-ui PR #2589: after a sleep, a poll or stream that died unseen is replaced, and not trusted.
#[test]
fn a_page_that_wakes_asks_anew_over_http() {
    for transport in [Transport::EventStream, Transport::LongPoll] {
        let mut stage = Stage::live_by(transport, vec![]);
        stage.tell(Input::Hidden);
        stage.wait(6_000);
        let attempt = stage.attempt;
        stage.tell(Input::Visible);
        assert_eq!(stage.attempt, attempt + 1, "{transport:?}");
        assert!(stage.is_live());
    }
}

#[test]
fn a_new_room_is_followed_by_the_next_hello_without_a_cursor() {
    let mut stage = Stage::live_by(Transport::EventStream, vec![]);
    stage.wait(2_000);
    let create = Command::create_solo(room(5), "");
    stage.tell(Input::Do { id: super::stage::command(90), command: create });
    stage.hear(ServerFrame::Ack { id: super::stage::command(90), ack: Ack { seq: None } });
    let (_, hello, _) = opened(&stage.ticket()).unwrap();
    let position = RoomCursor { room: room(5), cursor: None, messages: vec![] };
    assert!(hello.unwrap().rooms.contains(&position));
    stage.welcome_with(vec![
        answer(Log::Inbox, at(0), Resume::Current),
        answer(Log::Room(room(1)), at(1), Resume::Current),
        answer(Log::Room(room(5)), at(0), Resume::Reset),
    ]);
    assert!(stage.client.room(room(5)).unwrap().is_caught_up());
}
