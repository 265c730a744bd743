//! The one chain through which every command goes, whichever way it came: its caller is known already; it is counted,
//! allowed by the table of `rules`, checked and done once by its own function, and measured.

use std::time::Instant;

use app::protocol::{Ack, Author, Command, CommandId, Failure, FailureCode, Message, RoomId};
use app::texts;

use super::refusals::{forbidden, message_not_found, room_not_found, too_many};
use super::rules::{self, About, Rule, Who};
use super::{Chat, internal};
use crate::hub::{Caller, Rooms};
use crate::store::{RoomChange, Standing, Wish};

/// A command that is allowed: who wants it, under which identifier, and how they stand in the room.
pub(super) struct Order<'a> {
    pub(super) caller: &'a Caller,
    pub(super) id: CommandId,
    pub(super) room: RoomId,
    pub(super) standing: Standing,
    /// The message that it is about, where the rule had to look at it.
    pub(super) message: Option<Message>,
}

impl Order<'_> {
    pub(super) fn wish(&self, change: RoomChange) -> Wish {
        let (room, user, command, role) = (self.room, self.caller.user, self.id, Some(self.standing.role));
        Wish { room, user, command, role, change }
    }
}

impl Chat {
    pub(super) async fn run_command(
        &self,
        caller: &Caller,
        id: CommandId,
        command: Command,
    ) -> Result<Ack, Failure> {
        let (kind, begun) = (command.kind(), Instant::now());
        let result = self.in_order(caller, id, command).await;
        let outcome = result.as_ref().map_or_else(|failure| failure.code.name(), |_| "done");
        tracing::debug!(command = kind, outcome, microseconds = begun.elapsed().as_micros(), "a command");
        result
    }

    async fn in_order(&self, caller: &Caller, id: CommandId, command: Command) -> Result<Ack, Failure> {
        let rule = rules::of(&command).ok_or_else(|| {
            Failure::new(FailureCode::UnknownType, format!("`{}` can't be done.", command.kind()))
        })?;
        self.admit(caller)?;
        if rule.counts_as_message() {
            self.message_limiter.check(caller.user).map_err(too_many)?;
        }
        if rule.who == Who::Anybody {
            return self.perform_for_anybody(caller, id, command).await;
        }
        let room = command.room();
        let result = match self.authorise(rule, caller, id, &command).await {
            Ok(order) => self.perform(order, command).await,
            Err(failure) => Err(failure),
        };
        match result {
            // It may have been this very command after which it is not allowed any more: to leave, say.
            Err(_) if self.store.was_done(caller.user, room, id).await.map_err(internal)? => {
                Ok(Ack::default())
            }
            result => result,
        }
    }

    /// Whoever is not in the room learns nothing, not even that there is one.
    async fn authorise<'a>(
        &self,
        rule: &Rule,
        caller: &'a Caller,
        id: CommandId,
        command: &Command,
    ) -> Result<Order<'a>, Failure> {
        let room = command.room();
        let standing = self.store.standing(room, caller.user).await.map_err(internal)?;
        let standing = standing.ok_or_else(room_not_found)?;
        rule.fits(&standing, command)?;
        let mut order = Order { caller, id, room, standing, message: None };
        let mut is_own = false;
        if let (false, Some(named)) = (rule.about == About::Nothing, rules::message(command)) {
            let message = self.store.message(room, named).await.map_err(internal)?;
            let message = message.ok_or_else(message_not_found)?;
            match (rule.about, &message.run) {
                (About::Reply, None) => return Err(message_not_found()),
                (About::Said, Some(_)) => {
                    return Err(forbidden(texts::server::kimi_wrote()));
                }
                _ => {}
            }
            is_own = self.is_own(caller, room, &message).await?;
            order.message = Some(message);
        }
        rule.allows(order.standing.role, is_own)?;
        Ok(order)
    }

    /// A reply belongs to whoever asked for it.
    async fn is_own(&self, caller: &Caller, room: RoomId, message: &Message) -> Result<bool, Failure> {
        let is_by =
            |message: &Message| matches!(message.author, Author::Member { id, .. } if id == caller.user);
        match (&message.run, message.parent) {
            (None, _) => Ok(is_by(message)),
            (Some(_), None) => Ok(false),
            (Some(_), Some(question)) => {
                let question = self.store.message(room, question).await.map_err(internal)?;
                Ok(question.is_some_and(|question| is_by(&question)))
            }
        }
    }
}
