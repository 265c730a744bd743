//! The one way to change anything in a room: limit, validate, authorise, do.
//!
//! A new command is one arm of [`Chat::run_command`] and one function here.

use app::protocol::{
    Ack, Author, Command, CommandId, Failure, FailureCode, Limits, Message, MessageId, Role, RoomId, Run,
};

use super::{Chat, internal, titles};
use crate::bus::Publication;
use crate::clock;
use crate::hub::{Caller, Rooms};
use crate::store::{self, Continuation, Continued, NewMessage};

impl Chat {
    pub(super) async fn run_command(
        &self,
        caller: &Caller,
        id: CommandId,
        command: Command,
    ) -> Result<Ack, Failure> {
        self.admit(caller)?;
        match command {
            Command::CreateRoom { room, title, .. } => self.create_room(caller, room, &title).await,
            Command::RenameRoom { room, title } => {
                let title = self.title(&title)?;
                self.authorise(caller, room, Role::Admin).await?;
                let entries = self.store.rename_room(room, &title, clock::now()).await.map_err(internal)?;
                self.publish(entries);
                Ok(Ack::default())
            }
            Command::DeleteRoom { room } => {
                self.authorise(caller, room, Role::Owner).await?;
                self.runs.stop_all_in(room, &caller.name).await.map_err(internal)?;
                let entries = self.store.delete_room(room, clock::now()).await.map_err(internal)?;
                self.publish(entries);
                self.bus.publish(Publication::RoomDeleted { room });
                Ok(Ack::default())
            }
            Command::SendMessage { room, text, parent, .. } => {
                self.send_message(caller, id, room, text, parent).await
            }
            Command::StopRun { room, message } => {
                self.authorise(caller, room, Role::Member).await?;
                self.ai_message(room, message).await?;
                self.runs.stop(room, message, &caller.name).await.map_err(internal)?;
                Ok(Ack::default())
            }
            Command::RetryRun { room, message } => self.retry(caller, id, room, message).await,
            Command::ContinueRun { room, message } => self.continue_run(caller, id, room, message).await,
            // These concern the connection alone; the hub answers them before they get here.
            Command::Subscribe(_) | Command::Unsubscribe { .. } | Command::Resume { .. } => {
                Ok(Ack::default())
            }
            other => {
                let message = format!("`{}` can't be done yet.", other.kind());
                Err(Failure::new(FailureCode::UnknownType, message))
            }
        }
    }

    async fn create_room(&self, caller: &Caller, room: RoomId, title: &str) -> Result<Ack, Failure> {
        let title = if title.is_empty() { String::new() } else { self.title(title)? };
        let owned = self.store.owned_rooms(caller.user).await.map_err(internal)?;
        // The room that reached the limit may be created again, which does nothing.
        if owned >= self.settings.limits.rooms_per_user as u64
            && self.store.role(room, caller.user).await.map_err(internal)?.is_none()
        {
            return Err(Failure::new(
                FailureCode::LimitReached,
                "You have as many conversations as this server allows. Delete one you no longer need.",
            ));
        }
        let entries =
            self.store.create_room(room, caller.user, &title, clock::now()).await.map_err(refused)?;
        self.publish(entries);
        Ok(Ack::default())
    }

    async fn send_message(
        &self,
        caller: &Caller,
        id: CommandId,
        room: RoomId,
        text: String,
        parent: Option<MessageId>,
    ) -> Result<Ack, Failure> {
        self.check_text(&text)?;
        self.message_limiter.check(caller.user).map_err(too_many)?;
        self.authorise(caller, room, Role::Guest).await?;
        let parent = self.parent(room, parent).await?;
        let now = clock::now();
        let author = Author::Member { id: caller.user, name: caller.name.clone() };
        let message = Message { parent, ..Message::new(MessageId(id.0), author, now, text) };
        let title = titles::from_message(&message.text);
        let reply = self.reply_to(Some(message.id), MessageId(uuid::Uuid::now_v7()));
        let (message, reply, title, lease) = (Some(message), Some(reply), Some(title), self.runs.lease());
        self.post(caller, NewMessage { room, message, reply, title, lease }).await
    }

    /// Whether a message may say this; for callers that do something before they send it.
    pub fn check_text(&self, text: &str) -> Result<(), Failure> {
        let limit = self.settings.limits.message_bytes;
        if text.len() > limit {
            return Err(Failure::new(
                FailureCode::MessageTooLong,
                format!(
                    "The message is too long: at most {} KiB. Shorten it or send it in parts.",
                    limit / 1024
                ),
            ));
        }
        if !titles::is_visible(text) {
            return Err(Failure::new(
                FailureCode::MessageEmpty,
                "The message is empty. Write something first.",
            ));
        }
        Ok(())
    }

    /// A new branch beside the ended reply, under the command's identifier, so that twice is once.
    async fn retry(
        &self,
        caller: &Caller,
        id: CommandId,
        room: RoomId,
        message: MessageId,
    ) -> Result<Ack, Failure> {
        self.message_limiter.check(caller.user).map_err(too_many)?;
        self.authorise(caller, room, Role::Member).await?;
        let (old, run) = self.ai_message(room, message).await?;
        if !run.status.has_ended() {
            return Err(Failure::new(
                FailureCode::BadState,
                "Kimi is still writing this reply. Stop it first.",
            ));
        }
        let reply = self.reply_to(old.parent, MessageId(id.0));
        let (reply, lease) = (Some(reply), self.runs.lease());
        self.post(caller, NewMessage { room, message: None, reply, title: None, lease }).await
    }

    /// Lets a reply that was stopped or interrupted go on as the same message. The store keeps the command, so that
    /// twice is once, also when the reply has ended again since.
    async fn continue_run(
        &self,
        caller: &Caller,
        id: CommandId,
        room: RoomId,
        message: MessageId,
    ) -> Result<Ack, Failure> {
        self.message_limiter.check(caller.user).map_err(too_many)?;
        self.authorise(caller, room, Role::Member).await?;
        self.ai_message(room, message).await?;
        let lease = self.runs.lease();
        let wish = Continuation { room, message, user: caller.user, command: id };
        match self.store.continue_run(wish, lease, clock::now()).await.map_err(refused)? {
            Continued::Before => {}
            Continued::Refused => {
                return Err(Failure::new(
                    FailureCode::BadState,
                    "Only a reply that was stopped or interrupted can go on. Retry it instead.",
                ));
            }
            Continued::Now(entry) => {
                // It has ended for everybody, and its task may have a last step to do.
                self.runs.until_gone(message).await;
                // Before anybody can hear of it, as with a new one.
                let run = self.runs.admit(room, message, lease, None);
                self.publish(vec![entry]);
                if let Some(run) = run {
                    run.start();
                }
            }
        }
        Ok(Ack::default())
    }

    fn reply_to(&self, parent: Option<MessageId>, id: MessageId) -> Message {
        let author = Author::Assistant { name: self.settings.assistant_name.clone() };
        let run = Some(Run::queued(self.settings.model.clone()));
        Message { parent, run, ..Message::new(id, author, clock::now(), "") }
    }

    /// Stores, publishes, and starts the run: only if this very call stored it.
    async fn post(&self, caller: &Caller, new: NewMessage) -> Result<Ack, Failure> {
        let (room, lease) = (new.room, new.lease);
        let reply = new.reply.clone();
        let posted = self.store.post(new, caller.user, clock::now()).await.map_err(refused)?;
        if posted.is_new {
            // Before anybody can hear of the run, so that it can be stopped by whoever does.
            let run = reply.and_then(|reply| self.runs.admit(room, reply.id, lease, Some(reply)));
            self.publish(posted.entries);
            if let Some(run) = run {
                run.start();
            }
        }
        Ok(Ack { seq: Some(posted.seq) })
    }

    async fn parent(&self, room: RoomId, parent: Option<MessageId>) -> Result<Option<MessageId>, Failure> {
        match parent {
            None => self.store.newest(room).await.map_err(internal),
            Some(parent) => {
                let found = self.store.message(room, parent).await.map_err(internal)?;
                found.map(|message| Some(message.id)).ok_or_else(message_not_found)
            }
        }
    }

    async fn ai_message(&self, room: RoomId, message: MessageId) -> Result<(Message, Run), Failure> {
        let mut found =
            self.store.message(room, message).await.map_err(internal)?.ok_or_else(message_not_found)?;
        let run = found.run.take().ok_or_else(message_not_found)?;
        Ok((found, run))
    }

    /// Whether the caller is in the room, with at least this role.
    async fn authorise(&self, caller: &Caller, room: RoomId, least: Role) -> Result<(), Failure> {
        match self.store.role(room, caller.user).await.map_err(internal)? {
            None => Err(Failure::new(
                FailureCode::RoomNotFound,
                "There is no such conversation. It may have been deleted.",
            )),
            Some(role) if role < least => {
                Err(Failure::new(FailureCode::Forbidden, "Your role in this room does not allow that."))
            }
            Some(_) => Ok(()),
        }
    }

    fn title(&self, title: &str) -> Result<String, Failure> {
        let limit = self.settings.limits.title_characters;
        titles::checked(title, limit).ok_or_else(|| {
            Failure::new(
                FailureCode::BadTitle,
                format!("A title has 1 to {limit} characters. Choose another."),
            )
        })
    }
}

pub(super) fn too_many(wait: std::time::Duration) -> Failure {
    // Rounded up: a wait of 0 would be an invitation to hammer.
    let milliseconds = u64::try_from(wait.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
    Failure {
        retry_after_ms: Some(milliseconds.max(1)),
        ..Failure::new(FailureCode::RateLimited, "That was a lot at once. It goes on in a moment.")
    }
}

fn message_not_found() -> Failure {
    Failure::new(FailureCode::MessageNotFound, "There is no such message in this room.")
}

fn refused(error: store::Error) -> Failure {
    match error {
        store::Error::IdentifierTaken => {
            Failure::new(FailureCode::BadState, "This identifier is in use. Use a new one.")
        }
        store::Error::QueueFull => Failure::new(
            FailureCode::LimitReached,
            format!(
                "Kimi has {} replies to write in this room already. Wait for one of them, or stop one.",
                Limits::QUEUED_RUNS_PER_ROOM
            ),
        ),
        // The room went away between the check and the writing.
        store::Error::NotFound => Failure::new(
            FailureCode::RoomNotFound,
            "There is no such conversation. It may have been deleted.",
        ),
        other => internal(other),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_wait_is_never_said_to_be_nothing() {
        for (wait, told) in [(0, 1), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (50_000, 50)] {
            assert_eq!(too_many(Duration::from_micros(wait)).retry_after_ms, Some(told), "{wait} µs");
        }
    }
}
