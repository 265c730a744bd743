//! Messages: said, changed, deleted, pinned and reacted to; and whether the AI answers.

use app::mentions::{Mentions, mentions};
use app::protocol::{
    Ack, Author, Failure, FailureCode, KimiMode, Limits, Message, MessageId, RoomId, RoomKind,
};
use app::texts;
use unicode_segmentation::UnicodeSegmentation;

use crate::chat::chain::Order;
use crate::chat::refusals::{bad_input, bad_state, forbidden, message_not_found};
use crate::chat::{Chat, internal, titles};
use crate::clock;
use crate::store::{NewMessage, RoomChange};

/// Where a message stands, as far as its author says.
pub(super) struct Place {
    pub(super) parent: Option<MessageId>,
    pub(super) reply_to: Option<MessageId>,
    pub(super) beside: Option<MessageId>,
}

/// Whether the AI answers a message.
fn is_asked(mode: KimiMode, is_mentioned: bool) -> bool {
    match mode {
        KimiMode::Always => true,
        KimiMode::Mentioned => is_mentioned,
        KimiMode::Silent => false,
    }
}

/// Whether a text is one emoji, as far as that can be said without a table of them: one character to see, which is no
/// letter, digit or mark of ASCII.
fn is_emoji(text: &str) -> bool {
    let is_foreign = |character: char| {
        character.is_whitespace() || character.is_control() || character.is_ascii_alphabetic()
    };
    text.len() <= Limits::REACTION_BYTES
        && !text.is_ascii()
        && !text.contains(is_foreign)
        && titles::is_visible(text)
        && text.graphemes(true).count() == 1
}

impl Chat {
    pub(super) async fn send_message(
        &self,
        order: &Order<'_>,
        text: String,
        place: Place,
    ) -> Result<Ack, Failure> {
        self.check_text(&text)?;
        let room = order.room;
        let Place { parent, reply_to, beside } = place;
        let parent = self.parent(order, parent, beside).await?;
        if let Some(answered) = reply_to
            && self.existing(room, answered).await?.marks.deleted_at.is_some()
        {
            return Err(bad_state(texts::server::answered_deleted()));
        }
        let mentioned = self.mentioned(room, &text).await?;
        let author = Author::Member { id: order.caller.user, name: order.caller.name.clone() };
        let said = Message::new(MessageId(order.id.0), author, clock::now(), text);
        let (parent, follows_shown) = (parent.flatten(), parent.is_none());
        let message = Message { parent, reply_to, mentions: mentioned.users, ..said };
        let title = Some(titles::from_message(&message.text));
        let reply = if is_asked(order.standing.kimi, mentioned.kimi) {
            Some(self.reply(order, Some(message.id), MessageId(uuid::Uuid::now_v7())).await)
        } else {
            None
        };
        let lease = self.runs.lease();
        self.post(order, NewMessage { room, message: Some(message), follows_shown, reply, title, lease })
            .await
    }

    /// What a new message follows, if anything; `None`: what is shown.
    async fn parent(
        &self,
        order: &Order<'_>,
        parent: Option<MessageId>,
        beside: Option<MessageId>,
    ) -> Result<Option<Option<MessageId>>, Failure> {
        let (room, is_solo) = (order.room, order.standing.kind == RoomKind::Solo);
        let Some(beside) = beside else {
            // Rooms of people are one line: whatever is said follows the newest message.
            return match parent.filter(|_| is_solo) {
                Some(parent) => Ok(Some(Some(self.existing(room, parent).await?.id))),
                None => Ok(None),
            };
        };
        if !is_solo {
            return Err(bad_state(texts::server::only_solo_versions()));
        }
        if parent.is_some() {
            return Err(bad_input("A message stands beside another, or follows one. Name only one of them."));
        }
        let other = self.existing(room, beside).await?;
        let is_own = matches!(other.author, Author::Member { id, .. } if id == order.caller.user);
        if !is_own {
            return Err(forbidden(texts::server::only_own_versions()));
        }
        Ok(Some(other.parent))
    }

    pub(super) async fn existing(&self, room: RoomId, message: MessageId) -> Result<Message, Failure> {
        self.store.message(room, message).await.map_err(internal)?.ok_or_else(message_not_found)
    }

    /// Whom a text mentions, the members in the order of their identifiers, in which the store has them.
    async fn mentioned(&self, room: RoomId, text: &str) -> Result<Mentions, Failure> {
        if !text.contains('@') {
            return Ok(Mentions::default());
        }
        let members = self.store.members(room).await.map_err(internal)?;
        let mut found = mentions(text, members.iter().map(|member| (member.id, member.name.as_str())));
        found.users.sort_unstable();
        Ok(found)
    }

    /// Whether a message may say this; for callers that do something before they send it.
    pub fn check_text(&self, text: &str) -> Result<(), Failure> {
        let limit = self.settings.limits.message_bytes;
        if text.len() > limit {
            return Err(Failure::new(
                FailureCode::MessageTooLong,
                texts::server::message_too_long(limit as u64 / 1024),
            ));
        }
        if !titles::is_visible(text) {
            return Err(Failure::new(FailureCode::MessageEmpty, texts::server::message_empty()));
        }
        Ok(())
    }

    pub(super) async fn edit_message(
        &self,
        order: &Order<'_>,
        message: MessageId,
        text: String,
    ) -> Result<Ack, Failure> {
        self.check_text(&text)?;
        let mentions = self.mentioned(order.room, &text).await?.users;
        self.change(order.wish(RoomChange::Edit { message, text, mentions })).await
    }

    pub(super) async fn react(
        &self,
        order: &Order<'_>,
        message: MessageId,
        emoji: String,
        is_on: bool,
    ) -> Result<Ack, Failure> {
        if !is_emoji(&emoji) {
            return Err(bad_input(texts::server::one_emoji()));
        }
        self.change(order.wish(RoomChange::React { message, emoji, is_on })).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kimi_answers_by_the_mode_of_the_room() {
        for (mode, unasked, asked) in [
            (KimiMode::Always, true, true),
            (KimiMode::Mentioned, false, true),
            (KimiMode::Silent, false, false),
        ] {
            assert_eq!((is_asked(mode, false), is_asked(mode, true)), (unasked, asked), "{mode:?}");
        }
    }

    #[test]
    fn a_reaction_is_one_emoji() {
        for emoji in ["👍", "👍🏽", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇮🇩", "1️⃣", "❤️", "☕"]
        {
            assert!(is_emoji(emoji), "{emoji}");
        }
        let long = "👍\u{200d}".repeat(20);
        for text in ["", " ", "a", "1", "ok", "👍👍", "👍 ", "\u{200d}", "\u{7}", "a\u{301}", "👍a", &long]
        {
            assert!(!is_emoji(text), "{text:?}");
        }
    }
}
