//! The AI's replies: asked for, stopped, tried again, continued.

use app::protocol::{Ack, Author, Failure, Message, MessageId, Run};
use app::texts;

use crate::bus::Publication;
use crate::chat::chain::Order;
use crate::chat::models::Choice;
use crate::chat::refusals::{bad_state, message_not_found, refused};
use crate::chat::{Chat, internal};
use crate::clock;
use crate::store::{Continuation, Continued, NewMessage};

impl Chat {
    /// A reply that waits for its turn, to be written by the room's own model if it has one.
    pub(super) async fn reply(&self, order: &Order<'_>, parent: Option<MessageId>, id: MessageId) -> Message {
        let author = Author::Assistant { name: self.settings.assistant_name.clone() };
        let Choice { model, thinking, instead_of } = self.choice(&order.standing).await;
        let run = Some(Run { thinking, instead_of, ..Run::queued(model) });
        Message { parent, run, ..Message::new(id, author, clock::now(), "") }
    }

    /// Stores, publishes, and starts the run: only if this very call stored it.
    pub(super) async fn post(&self, order: &Order<'_>, new: NewMessage) -> Result<Ack, Failure> {
        let (room, lease) = (new.room, new.lease);
        let (reply, is_said) = (new.reply.clone(), new.message.is_some());
        let posted = self.store.post(new, order.caller.user, clock::now()).await.map_err(refused)?;
        if posted.is_new {
            // Before anybody can hear of the run, so that it can be stopped by whoever does.
            let run = reply.and_then(|reply| self.runs.admit(room, reply.id, lease, Some(reply)));
            self.publish(posted.entries);
            if is_said {
                let (user, seq) = (order.caller.user, posted.seq);
                self.bus.publish(Publication::Read { room, user, seq });
            }
            if let Some(run) = run {
                run.start();
            }
        }
        Ok(Ack { seq: Some(posted.seq) })
    }

    pub(super) async fn stop(&self, order: &Order<'_>, message: MessageId) -> Result<Ack, Failure> {
        self.runs.stop(order.room, message, &order.caller.name).await.map_err(internal)?;
        Ok(Ack::default())
    }

    /// A new reply beside the ended one, under the command's identifier, so that twice is once.
    pub(super) async fn retry(&self, order: &Order<'_>) -> Result<Ack, Failure> {
        let old = present(order)?;
        if old.run.as_ref().is_some_and(|run| !run.status.has_ended()) {
            return Err(bad_state(texts::server::still_writing()));
        }
        let reply = Some(self.reply(order, old.parent, MessageId(order.id.0)).await);
        let (room, lease) = (order.room, self.runs.lease());
        self.post(order, NewMessage { room, message: None, follows_shown: false, reply, title: None, lease })
            .await
    }

    /// Lets a reply that was stopped or interrupted go on as the same message. The store keeps the command, so that
    /// twice is once, also when the reply has ended again since.
    pub(super) async fn continue_run(&self, order: &Order<'_>, message: MessageId) -> Result<Ack, Failure> {
        present(order)?;
        let (room, lease) = (order.room, self.runs.lease());
        let wish = Continuation { room, message, user: order.caller.user, command: order.id };
        match self.store.continue_run(wish, lease, clock::now()).await.map_err(refused)? {
            Continued::Before => {}
            Continued::Refused => {
                return Err(bad_state(texts::server::cannot_go_on()));
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
}

/// The reply that a command is about, unless it was deleted.
fn present<'a>(order: &'a Order<'_>) -> Result<&'a Message, Failure> {
    let message = order.message.as_ref().ok_or_else(message_not_found)?;
    if message.marks.deleted_at.is_some() {
        return Err(bad_state(texts::server::reply_deleted()));
    }
    Ok(message)
}
