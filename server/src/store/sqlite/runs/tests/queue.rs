//! Whatever is asked for, stopped and continued in whatever order: somebody always has their turn, and nobody is
//! overtaken.

use std::collections::BTreeSet;

use app::protocol::Limits;

use super::*;
use crate::store::Error;

/// The same numbers every time.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        (!of.is_empty()).then(|| of[self.below(of.len())])
    }
}

/// What should be in the store.
#[derive(Default)]
struct Model {
    /// Each message with its parent.
    messages: Vec<(MessageId, Option<MessageId>)>,
    replies: Vec<MessageId>,
    /// Unended, in the order in which they were queued.
    queue: Vec<MessageId>,
    stopped: Vec<MessageId>,
}

impl Model {
    fn parent(&self, message: MessageId) -> Option<MessageId> {
        self.messages.iter().find(|(id, _)| *id == message).and_then(|(_, parent)| *parent)
    }

    fn followed(&self, message: MessageId) -> BTreeSet<MessageId> {
        std::iter::successors(self.parent(message), |parent| self.parent(*parent)).collect()
    }

    fn before(&self, message: MessageId, is_solo: bool) -> Option<MessageId> {
        let place = self.queue.iter().position(|queued| *queued == message)?;
        let followed = self.followed(message);
        self.queue[..place].iter().rev().copied().find(|before| !is_solo || followed.contains(before))
    }

    fn end(&mut self, message: MessageId, is_stop: bool) {
        self.queue.retain(|queued| *queued != message);
        if is_stop {
            self.stopped.push(message);
        }
    }
}

async fn anything_happens(is_solo: bool, seed: u64) {
    let world = if is_solo { World::new().await } else { World::group().await };
    let mut random = Random(seed);
    let mut model = Model::default();
    let held = || lease(1, 7, LONG);
    for step in 0..150 {
        let has_place = model.queue.len() < Limits::QUEUED_RUNS_PER_ROOM;
        match random.below(6) {
            0 | 1 if has_place => {
                // After the newest, or somewhere in the middle: a branch.
                let ids: Vec<MessageId> = model.messages.iter().map(|(id, _)| *id).collect();
                let parent = if random.below(3) == 0 { random.one(&ids) } else { ids.last().copied() };
                let question = world.say(parent, "Hello").await;
                let reply = world.reply_to(Some(question), held()).await.unwrap();
                model.messages.extend([(question, parent), (reply, Some(question))]);
                model.replies.push(reply);
                model.queue.push(reply);
            }
            2 if has_place => {
                let Some(old) = random.one(&model.replies) else { continue };
                let parent = model.parent(old);
                let reply = world.reply_to(parent, held()).await.unwrap();
                model.messages.push((reply, parent));
                model.replies.push(reply);
                model.queue.push(reply);
            }
            3 if has_place => {
                let Some(reply) = random.one(&model.stopped) else { continue };
                assert!(matches!(world.go_on(reply, held()).await.unwrap(), Continued::Now(_)));
                model.stopped.retain(|stopped| *stopped != reply);
                model.queue.push(reply);
            }
            4 => {
                let Some(reply) = random.one(&model.queue) else { continue };
                world.end(reply, 7, RunStatus::Stopped).await.unwrap();
                model.end(reply, true);
            }
            _ => {
                // One that has its turn comes to its end.
                let turns: Vec<MessageId> =
                    model.queue.iter().copied().filter(|run| model.before(*run, is_solo).is_none()).collect();
                let Some(reply) = random.one(&turns) else { continue };
                world.end(reply, 7, RunStatus::Done).await.unwrap();
                model.end(reply, false);
            }
        }
        let mut turns = 0;
        for run in &model.queue {
            let before = world.store.run_before(world.room, *run).await.unwrap();
            assert_eq!(before, model.before(*run, is_solo), "step {step} of {seed}");
            turns += usize::from(before.is_none());
        }
        assert!(model.queue.is_empty() || turns > 0, "nobody has their turn: step {step} of {seed}");
        assert!(is_solo || turns <= 1, "several have their turn: step {step} of {seed}");
    }
}

#[tokio::test]
async fn in_a_room_of_people_exactly_one_has_its_turn() {
    for seed in 1..4 {
        anything_happens(false, seed).await;
    }
}

#[tokio::test]
async fn in_a_solo_room_a_run_waits_for_those_it_follows() {
    for seed in 1..4 {
        anything_happens(true, seed).await;
    }
}

#[tokio::test]
async fn a_full_queue_takes_no_more_and_changes_nothing() {
    let world = World::group().await;
    let stopped = world.reply(lease(1, 7, LONG)).await;
    world.end(stopped, 7, RunStatus::Stopped).await.unwrap();
    let question = world.say(None, "Hello").await;
    let mut queued = Vec::new();
    for _ in 0..Limits::QUEUED_RUNS_PER_ROOM {
        queued.push(world.reply_to(Some(question), lease(1, 7, LONG)).await.unwrap());
    }
    let head = world.store.head(LogKey::Room(world.room)).await.unwrap().unwrap();
    let refused = world.reply_to(Some(question), lease(1, 7, LONG)).await;
    assert!(matches!(refused, Err(Error::QueueFull)), "{refused:?}");
    assert!(matches!(world.go_on(stopped, lease(1, 7, LONG)).await, Err(Error::QueueFull)));
    assert_eq!(world.store.head(LogKey::Room(world.room)).await.unwrap().unwrap(), head);
    // The last one once more is not one more.
    let again = Message {
        parent: Some(question),
        run: Some(Run::queued(String::new())),
        ..Message::new(queued[19], Author::Assistant { name: "Kimi".to_owned() }, 0, "")
    };
    let lease = lease(1, 7, LONG);
    let new = NewMessage {
        room: world.room,
        message: None,
        follows_shown: false,
        reply: Some(again),
        title: None,
        lease,
    };
    assert!(!world.store.post(new, world.user, 0).await.unwrap().is_new);
    // People go on talking, and one that has ended makes place for one.
    world.say(None, "Hm").await;
    world.end(queued[3], 7, RunStatus::Done).await.unwrap();
    assert!(matches!(world.go_on(stopped, lease).await, Ok(Continued::Now(_))));
}
