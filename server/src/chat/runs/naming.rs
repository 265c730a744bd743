//! Names a room after its first exchange: the model is asked once, beside everything else.
//!
//! A room that somebody named, or that has its name from the model, keeps it; whatever goes wrong leaves the words of
//! the first message. Nothing waits for it, and nobody is told that it failed.

use std::sync::Arc;
use std::time::Duration;

use app::protocol::{Author, CommandId, MessageId, RoomId, RoomKind, UserId};
use futures::StreamExt;

use super::Shared;
use crate::bus::Publication;
use crate::chat::titles;
use crate::clock;
use crate::kimi::{Delta, Error, Request, Thinking, Turn};
use crate::store::{self, RoomChange, Wish};

const INSTRUCTIONS: &str = "You name conversations. Answer with a name of at most six words for the one below, in its \
    language, and with nothing else: no quotation marks, no full stop, no Markdown.";

/// Of the question and of the answer each; what a conversation is about stands at its beginning.
const EXCERPT_CHARACTERS: usize = 1_500;
/// Thinking included, for models that can't be told to leave it.
const TOKENS: u32 = 2_048;
/// A name is not worth more; the reader has long gone on.
const WITHIN: Duration = Duration::from_mins(1);
/// Bytes after which what comes is no name.
const LONGEST: usize = 1_000;

/// What a name is made of, and for whom.
struct Exchange {
    asker: UserId,
    model: String,
    title: String,
    question: String,
    answer: String,
}

impl Shared {
    pub(super) async fn name_room(self: Arc<Self>, room: RoomId, reply: MessageId) {
        match self.first_exchange(room, reply).await {
            Ok(Some(exchange)) => match tokio::time::timeout(WITHIN, self.name(&exchange)).await {
                Ok(Ok(Some(title))) => self.set_name(room, reply, exchange, title).await,
                Ok(Ok(None)) => tracing::debug!(%room, "the model gave no name for a room"),
                Ok(Err(error)) => tracing::debug!(%room, %error, "the model named no room"),
                Err(_) => tracing::debug!(%room, "the model took too long to name a room"),
            },
            Ok(None) => {}
            Err(error) => tracing::error!(%room, %error, "a room to be named can't be read"),
        }
    }

    /// `None`: the room has another name than that which its first message gave it.
    async fn first_exchange(&self, room: RoomId, reply: MessageId) -> store::Result<Option<Exchange>> {
        let Some(reply) = self.store.message(room, reply).await? else { return Ok(None) };
        let Some(parent) = reply.parent else { return Ok(None) };
        let Some(question) = self.store.message(room, parent).await? else { return Ok(None) };
        let Author::Member { id: asker, .. } = question.author else { return Ok(None) };
        let standing = self.store.standing(room, asker).await?;
        let Some(standing) = standing.filter(|standing| {
            standing.kind != RoomKind::Direct && standing.title == titles::from_message(&question.text)
        }) else {
            return Ok(None);
        };
        let model = reply.run.map(|run| run.model).unwrap_or_default();
        let (title, question, answer) = (standing.title, question.text, reply.text);
        Ok(Some(Exchange { asker, model, title, question, answer }))
    }

    async fn name(&self, exchange: &Exchange) -> Result<Option<String>, Error> {
        let excerpt = |text: &str| text.chars().take(EXCERPT_CHARACTERS).collect::<String>();
        let (question, answer) = (excerpt(&exchange.question), excerpt(&exchange.answer));
        let request = Request {
            model: exchange.model.clone(),
            messages: vec![
                Turn::system(INSTRUCTIONS),
                Turn::user(format!("Question:\n{question}\n\nAnswer:\n{answer}\n\nName this conversation.")),
            ],
            max_completion_tokens: Some(TOKENS),
            thinking: Thinking::Least,
            ..Request::default()
        };
        // Names are no reason to ask more at the same time than is allowed.
        let Ok(_place) = self.places.acquire().await else { return Ok(None) };
        let mut stream = self.model.stream(request).await?;
        let mut name = String::new();
        while let Some(delta) = stream.next().await {
            if let Delta::Text(piece) = delta? {
                name.push_str(&piece);
            }
            if name.len() > LONGEST {
                return Ok(None);
            }
        }
        Ok(titles::from_model(&name))
    }

    async fn set_name(&self, room: RoomId, reply: MessageId, exchange: Exchange, title: String) {
        // Whoever took the run over names it once, too.
        let command = CommandId(reply.0);
        let change = RoomChange::Name { title, instead_of: exchange.title };
        let wish = Wish { room, user: exchange.asker, command, role: None, change };
        match self.store.change(wish, clock::now()).await {
            Ok(changed) => self.bus.publish(Publication::Entries(changed.entries)),
            // Deleted meanwhile.
            Err(store::Error::NotFound) => {}
            Err(error) => tracing::error!(%room, %error, "a room can't be named"),
        }
    }
}
