//! Which branch of a conversation is shown: by what is said, by what is chosen, and where the window does not hold it.

use super::stage::{Stage, at, command, message, room, said, send, snapshot};
use crate::client::*;
use crate::protocol::*;

/// A message that is its own place in the log.
fn follows(number: u64, parent: u64) -> Message {
    let parent = (parent > 0).then(|| message(parent.into()));
    Message { seq: number, parent, ..said(number.into(), "x") }
}

fn tell_event(stage: &mut Stage, seq: u64, event: Event) -> Vec<Output> {
    stage.hear(ServerFrame::Event { log: Log::Room(room(1)), seq, event: Box::new(event) })
}

fn branch(number: u128) -> Event {
    Event::Branch { message: message(number) }
}

fn shown(stage: &Stage) -> Vec<u64> {
    stage.client.room(room(1)).unwrap().path().iter().map(|message| message.seq).collect()
}

fn versions(stage: &Stage, number: u128) -> Vec<MessageId> {
    stage.client.room(room(1)).unwrap().versions(message(number)).to_vec()
}

/// Live, with these as the end of what is shown, and the cursor at the last of them.
fn stage(messages: Vec<Message>, has_earlier: bool) -> Stage {
    let mut stage = Stage::live(vec![]);
    stage.client.context.policy.messages_per_room = 20;
    let cursor = at(messages.last().unwrap().seq);
    let loaded = RoomSnapshot { has_earlier, ..*snapshot(room(1), cursor, messages) };
    load(&mut stage, loaded);
    let answer = Subscribed { log: Log::Room(room(1)), cursor, resume: Resume::Current };
    stage.hear(ServerFrame::Subscribed { id: CommandId::from_random(0), subscribed: answer });
    stage
}

fn load(stage: &mut Stage, snapshot: RoomSnapshot) -> Vec<Output> {
    let snapshot = Box::new(snapshot);
    stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Newest, snapshot })
}

fn fetches(outputs: &[Output]) -> bool {
    outputs.contains(&Output::FetchSnapshot { room: room(1), page: Page::Newest })
}

/// The messages that these outputs send: each with its parent.
fn sent(outputs: &[Output]) -> Vec<Option<MessageId>> {
    let frames = outputs.iter().filter_map(|output| match output {
        Output::Send { text, .. } => ClientFrame::decode(text).ok(),
        _ => None,
    });
    let messages = frames.filter_map(|frame| match frame {
        ClientFrame::Command { command: Command::SendMessage { parent, .. }, .. } => Some(parent),
        _ => None,
    });
    messages.collect()
}

#[test]
fn what_is_said_is_shown_and_what_is_chosen_until_then() {
    let mut stage = stage(vec![follows(1, 0), follows(2, 1), follows(3, 2)], false);
    assert_eq!(shown(&stage), [1, 2, 3]);
    // Another version of the second, with what follows it.
    tell_event(&mut stage, 4, Event::Message(follows(4, 1)));
    tell_event(&mut stage, 5, Event::Message(follows(5, 4)));
    assert_eq!(shown(&stage), [1, 4, 5]);
    assert_eq!(versions(&stage, 4), [message(2), message(4)]);
    assert_eq!(versions(&stage, 2), versions(&stage, 4));
    assert_eq!(versions(&stage, 5), []);
    assert!(!fetches(&tell_event(&mut stage, 6, branch(3))));
    assert_eq!(shown(&stage), [1, 2, 3]);
    tell_event(&mut stage, 7, branch(5));
    tell_event(&mut stage, 8, branch(3));
    assert_eq!(shown(&stage), [1, 2, 3]);
    tell_event(&mut stage, 9, Event::Message(follows(9, 5)));
    assert_eq!(shown(&stage), [1, 4, 5, 9]);
}

#[test]
fn the_first_message_has_versions_too() {
    let mut stage = stage(vec![follows(1, 0), follows(2, 1)], false);
    tell_event(&mut stage, 3, Event::Message(follows(3, 0)));
    assert_eq!(shown(&stage), [3]);
    assert_eq!(versions(&stage, 3), [message(1), message(3)]);
    tell_event(&mut stage, 4, branch(2));
    assert_eq!(shown(&stage), [1, 2]);
}

#[test]
fn a_page_knows_what_was_chosen_and_which_versions_there_are() {
    let mut stage = Stage::live(vec![]);
    let versions_of = vec![vec![message(2), message(4)]];
    let chosen = Some(message(3));
    let shown_now = vec![follows(1, 0), follows(2, 1), follows(3, 2)];
    load(&mut stage, RoomSnapshot { versions: versions_of, chosen, ..*snapshot(room(1), at(6), shown_now) });
    assert_eq!(shown(&stage), [1, 2, 3]);
    assert_eq!(versions(&stage, 2), [message(2), message(4)]);
}

#[test]
fn what_follows_a_chosen_branch_says_so() {
    let mut stage = stage(vec![follows(1, 0), follows(2, 1)], false);
    assert_eq!(sent(&stage.tell(send(50, "simply on"))), [None]);
    tell_event(&mut stage, 3, Event::Message(Message { id: message(50), ..follows(3, 2) }));
    tell_event(&mut stage, 4, Event::Message(follows(4, 1)));
    tell_event(&mut stage, 5, Event::Branch { message: message(50) });
    assert_eq!(sent(&stage.tell(send(51, "on from there"))), [Some(message(50))]);
    // It follows the reply to the one before, which nobody knows yet.
    let second = stage.tell(send(52, "and more"));
    assert_eq!(sent(&second), [] as [Option<MessageId>; 0], "it waits for the answer to the first");
    let kept: Vec<Command> = stage.client.outbox().map(|(_, command)| command.clone()).collect();
    let parents: Vec<Option<MessageId>> = kept
        .iter()
        .filter_map(|command| match command {
            Command::SendMessage { parent, .. } => Some(*parent),
            _ => None,
        })
        .collect();
    assert_eq!(parents, [Some(message(50)), None], "and is kept so over a reload");
    stage.hear(ServerFrame::Ack { id: command(51), ack: Ack { seq: Some(6) } });
}

#[test]
fn a_branch_that_is_not_held_is_fetched_and_nothing_else_shown_until_then() {
    let mut stage = stage(vec![follows(30, 29), follows(31, 30)], true);
    assert!(fetches(&tell_event(&mut stage, 32, branch(12))));
    assert_eq!(shown(&stage), [30, 31]);
    // One that was read before the choice is not believed.
    let early = RoomSnapshot { has_earlier: true, ..*snapshot(room(1), at(31), vec![follows(31, 30)]) };
    load(&mut stage, early);
    assert!(fetches(&stage.wait(20_000)));
    let branch = vec![follows(10, 9), follows(11, 10), follows(12, 11)];
    let late =
        RoomSnapshot { has_earlier: true, chosen: Some(message(12)), ..*snapshot(room(1), at(32), branch) };
    load(&mut stage, late);
    assert_eq!(shown(&stage), [10, 11, 12]);
    assert!(!fetches(&stage.wait(5_000)));
    assert_eq!(sent(&stage.tell(send(50, "on"))), [Some(message(12))]);
}

#[test]
fn a_message_beside_one_that_is_not_held_is_shown_at_once_and_the_rest_fetched() {
    let mut stage = stage(vec![follows(30, 29), follows(31, 30)], true);
    assert!(fetches(&tell_event(&mut stage, 32, Event::Message(follows(32, 9)))));
    assert_eq!(shown(&stage), [32]);
    // Nor does a jump to the end of the window, at which it is, make it forget.
    stage.tell(Input::LoadPage { room: room(1), page: Page::Newest });
    let messages = vec![follows(8, 7), follows(9, 8), follows(32, 9)];
    let versions_of = vec![vec![message(10), message(32)]];
    let whole = RoomSnapshot {
        has_earlier: true,
        versions: versions_of.clone(),
        ..*snapshot(room(1), at(32), messages)
    };
    load(&mut stage, whole);
    assert_eq!(shown(&stage), [8, 9, 32]);
    assert_eq!(versions(&stage, 32), versions_of[0]);
}

#[test]
fn reading_back_in_a_long_branch_shows_the_same_branch() {
    let messages: Vec<Message> = (81..=100).map(|number| follows(number, number - 1)).collect();
    let mut stage = stage(messages, true);
    tell_event(&mut stage, 101, Event::Message(follows(101, 99)));
    assert_eq!(shown(&stage).last(), Some(&101));
    stage.tell(Input::LoadPage { room: room(1), page: Page::Before(message(82)) });
    let earlier = (61..=81).map(|number| follows(number, number - 1)).collect();
    let snapshot =
        Box::new(RoomSnapshot { has_earlier: true, has_later: true, ..*snapshot(room(1), at(101), earlier) });
    stage.tell(Input::SnapshotLoaded { room: room(1), page: Page::Before(message(82)), snapshot });
    let path = shown(&stage);
    assert!(path.first() == Some(&61) && path.last() == Some(&80), "{path:?}");
    // What is said meanwhile does not take the reader away.
    assert!(!fetches(&tell_event(&mut stage, 102, Event::Message(follows(102, 3)))));
    assert_eq!(shown(&stage), path);
}
