//! Rooms: made, named, set and deleted.

use std::collections::HashSet;

use app::protocol::{Ack, CommandId, Failure, FailureCode, KimiMode, Limits, RoomId, RoomKind, UserId};
use app::texts;

use crate::chat::chain::Order;
use crate::chat::refusals::{bad_input, limit, refused};
use crate::chat::{Chat, internal, titles};
use crate::clock;
use crate::hub::Caller;
use crate::store::{NewRoom, RoomChange, Settings};

/// The room of a `room:create`.
pub(super) struct Wanted {
    pub(super) room: RoomId,
    pub(super) title: String,
    pub(super) kind: RoomKind,
    pub(super) with: Vec<String>,
    pub(super) like: Option<RoomId>,
}

impl Chat {
    pub(super) async fn create_room(
        &self,
        caller: &Caller,
        command: CommandId,
        wanted: Wanted,
    ) -> Result<Ack, Failure> {
        let Wanted { room, title, kind, with, like } = wanted;
        // A direct room is called by who is in it.
        let is_named = !title.is_empty() && kind != RoomKind::Direct;
        let title = if is_named { self.title(&title)? } else { String::new() };
        let others = self.others(caller, kind, &with).await?;
        let owned = self.store.owned_rooms(caller.user).await.map_err(internal)?;
        // The room that reached the limit may be created again, which does nothing.
        if owned >= self.settings.limits.rooms_per_user as u64
            && self.store.role(room, caller.user).await.map_err(internal)?.is_none()
        {
            return Err(limit(texts::server::rooms_limit()));
        }
        let kimi = match kind {
            RoomKind::Solo => KimiMode::Always,
            // Among people, an answer to everything would be in the way.
            RoomKind::Group | RoomKind::Direct => KimiMode::Mentioned,
        };
        let new = NewRoom { room, kind, title, kimi, creator: caller.user, others, like };
        let entries = self.store.create_room(new, command, clock::now()).await.map_err(refused)?;
        self.publish(entries);
        Ok(Ack::default())
    }

    /// The people who are to be in a new room, besides its creator.
    async fn others(&self, caller: &Caller, kind: RoomKind, with: &[String]) -> Result<Vec<UserId>, Failure> {
        let limits = self.settings.limits;
        if with.len() >= limits.members_per_room {
            return Err(limit(texts::server::room_limit(limits.members_per_room as u64)));
        }
        let mut others = Vec::with_capacity(with.len());
        let mut seen = HashSet::from([caller.user]);
        for who in with {
            let user = self.person(who).await?;
            if seen.insert(user) {
                others.push(user);
            }
        }
        match kind {
            RoomKind::Solo if !with.is_empty() => Err(bad_input(texts::server::solo_has_nobody())),
            RoomKind::Direct if others.len() != 1 => Err(bad_input(texts::server::direct_needs_one())),
            _ => Ok(others),
        }
    }

    pub(super) async fn rename_room(&self, order: &Order<'_>, title: &str) -> Result<Ack, Failure> {
        let title = self.title(title)?;
        self.change(order.wish(RoomChange::Rename { title })).await
    }

    pub(super) async fn change_room(&self, order: &Order<'_>, mut wanted: Settings) -> Result<Ack, Failure> {
        if let Some(topic) = &wanted.topic
            && (topic.chars().count() > Limits::TOPIC_CHARACTERS || topic.chars().any(char::is_control))
        {
            let limit = Limits::TOPIC_CHARACTERS;
            return Err(bad_input(texts::server::topic_too_long(limit as u64)));
        }
        if wanted.instructions.as_ref().is_some_and(|text| text.len() > Limits::INSTRUCTIONS_BYTES) {
            let limit = Limits::INSTRUCTIONS_BYTES / 1024;
            return Err(bad_input(texts::server::instructions_too_long(limit as u64)));
        }
        self.check_choice(&order.standing, &mut wanted).await?;
        let topic = wanted.topic.map(|topic| topic.trim().to_owned());
        self.change(order.wish(RoomChange::Settings(Settings { topic, ..wanted }))).await
    }

    pub(super) async fn delete_room(&self, order: &Order<'_>) -> Result<Ack, Failure> {
        self.runs.stop_all_in(order.room, &order.caller.name).await.map_err(internal)?;
        self.change(order.wish(RoomChange::Delete)).await
    }

    fn title(&self, title: &str) -> Result<String, Failure> {
        let limit = self.settings.limits.title_characters;
        titles::checked(title, limit)
            .ok_or_else(|| Failure::new(FailureCode::BadTitle, texts::server::bad_title(limit as u64)))
    }
}
