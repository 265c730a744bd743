//! What a run is told, and that it is the same however often it asks.

use super::super::context::{BRANCH, LINE};
use super::super::queue::BEFORE;
use super::*;
use crate::store::{Context, ContextLimits};

const LIMITS: ContextLimits = ContextLimits { messages: 400, bytes: 1_000 };

async fn context(world: &World, message: MessageId, limits: ContextLimits) -> Context {
    world.store.context(world.room, message, 7, limits).await.unwrap().unwrap()
}

async fn told(world: &World, message: MessageId) -> Vec<String> {
    context(world, message, LIMITS).await.said.into_iter().map(|said| said.text).collect()
}

/// A reply with this text, that has ended.
async fn answered(world: &World, parent: Option<MessageId>, text: &str) -> MessageId {
    let reply = world.reply_to(parent, lease(1, 7, LONG)).await.unwrap();
    assert!(world.append(reply, 7, false, 0, text).await);
    world.end(reply, 7, RunStatus::Done).await.unwrap();
    reply
}

async fn delete(world: &World, message: MessageId) {
    sqlx::query("update messages set deleted_at = 1 where id = $1")
        .bind(message.0)
        .execute(&world.store.write)
        .await
        .unwrap();
}

#[tokio::test]
async fn the_line_of_a_room_is_told_up_to_a_place_that_stays() {
    let world = World::group().await;
    let question = world.say(None, "One").await;
    let first = world.reply_to(Some(question), lease(1, 7, LONG)).await.unwrap();
    world.say(Some(first), "Two").await;
    let second = world.reply_to(Some(question), lease(1, 7, LONG)).await.unwrap();
    sqlx::query("update runs set context_seq = null").execute(&world.store.write).await.unwrap();
    // The first one asks; what is said meanwhile is told to the second.
    assert_eq!(told(&world, first).await, ["One", "Two"]);
    world.say(None, "Three").await;
    assert!(world.append(first, 7, false, 0, "An answer").await);
    assert_eq!(told(&world, first).await, ["One", "Two"], "its own beginning is not told");
    world.end(first, 7, RunStatus::Done).await.unwrap();
    assert_eq!(told(&world, second).await, ["One", "An answer", "Two", "Three"]);
    world.say(None, "Four").await;
    assert_eq!(told(&world, second).await, ["One", "An answer", "Two", "Three"]);
    let again = context(&world, second, LIMITS).await;
    let by: Vec<_> = again.said.iter().map(|said| said.by.as_deref()).collect();
    assert_eq!(by, [Some("Ana"), None, Some("Ana"), Some("Ana")]);
    assert_eq!((again.is_solo, again.people, again.question.unwrap().0), (false, 1, question));
    assert!(world.store.context(world.room, second, 8, LIMITS).await.unwrap().is_none(), "another lease");
}

#[tokio::test]
async fn a_retried_reply_is_told_what_was_said_up_to_its_question() {
    let world = World::group().await;
    world.say(None, "Zero").await;
    let question = world.say(None, "One").await;
    answered(&world, Some(question), "An answer").await;
    world.say(None, "Two").await;
    let retried = world.reply_to(Some(question), lease(1, 7, LONG)).await.unwrap();
    assert_eq!(told(&world, retried).await, ["Zero", "One"]);
}

#[tokio::test]
async fn what_was_deleted_is_not_told() {
    let world = World::group().await;
    let gone = world.say(None, "A secret").await;
    let question = world.say(Some(gone), "One").await;
    sqlx::query("update messages set reply_to = parent_id").execute(&world.store.write).await.unwrap();
    let reply = world.reply_to(Some(question), lease(1, 7, LONG)).await.unwrap();
    let before = context(&world, reply, LIMITS).await;
    assert_eq!(before.said[1].quote.as_ref().unwrap().text, "A secret");
    delete(&world, gone).await;
    let after = context(&world, reply, LIMITS).await;
    assert_eq!((after.said.len(), after.said[0].quote.is_none()), (1, true));
    delete(&world, question).await;
    let after = context(&world, reply, LIMITS).await;
    assert!(after.said.is_empty() && after.question.is_none());
}

#[tokio::test]
async fn a_solo_room_tells_the_branch_of_the_question() {
    let world = World::new().await;
    let question = world.say(None, "One").await;
    let first = answered(&world, Some(question), "An answer").await;
    answered(&world, Some(question), "Another").await;
    let second = world.say(Some(first), "Two").await;
    world.say(Some(first), "Another two").await;
    let reply = world.reply_to(Some(second), lease(1, 7, LONG)).await.unwrap();
    assert_eq!(told(&world, reply).await, ["One", "An answer", "Two"]);
    delete(&world, first).await;
    let after = context(&world, reply, LIMITS).await;
    assert_eq!(after.said.len(), 2);
    assert!(after.is_solo);
}

#[tokio::test]
async fn the_oldest_stays_behind() {
    for world in [World::new().await, World::group().await] {
        let mut newest = None;
        for number in 0..9 {
            newest = Some(world.say(newest, &format!("{number}{}", "x".repeat(99))).await);
        }
        let reply = world.reply_to(newest, lease(1, 7, LONG)).await.unwrap();
        for (messages, bytes, expected) in
            [(400, 1_000, 0..9), (3, 1_000, 6..9), (400, 350, 6..9), (400, 10, 8..9), (1, 10, 8..9)]
        {
            let said = context(&world, reply, ContextLimits { messages, bytes }).await.said;
            let first: Vec<String> = said.iter().map(|said| said.text[..1].to_owned()).collect();
            let expected: Vec<String> = expected.map(|number| number.to_string()).collect();
            assert_eq!(first, expected, "{messages} messages, {bytes} bytes");
        }
    }
}

#[tokio::test]
async fn the_queue_and_the_conversation_are_found_through_indexes() {
    let world = World::new().await;
    for sql in [BEFORE, BRANCH, LINE] {
        let plan = sqlx::query(sqlx::AssertSqlSafe(format!("explain query plan {sql}")))
            .fetch_all(&world.store.write)
            .await
            .unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get("detail")).collect();
        let scans = plan.iter().filter(|step| step.starts_with("SCAN"));
        assert!(scans.clone().all(|step| step.contains("branch") || step.contains("followed")), "{plan:?}");
        // No sorting of whole conversations where the log has their order.
        assert_eq!(sql == LINE, !plan.iter().any(|step| step.contains("ORDER BY")), "{plan:?}");
    }
}
