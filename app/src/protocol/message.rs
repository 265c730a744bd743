//! What is said in a room, and the state of the run that writes an AI's message.

use serde::{Deserialize, Serialize};

use super::{FailureCode, MessageId, Timestamp, UserId};

/// One durable thing said in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    /// What this message follows; several children of one message are branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<MessageId>,
    /// Its place in the room's log.
    #[serde(default)]
    pub seq: u64,
    /// The message that this one answers, as its author chose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
    pub author: Author,
    pub created_at: Timestamp,
    /// Markdown. Of a running message: what is stored so far.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The AI's thinking, a second text with offsets of its own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thinking: String,
    /// The members whom the text mentions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
    /// Present exactly for the AI's messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Run>,
}

impl Message {
    /// Something said, and nothing more about it.
    pub fn new(id: MessageId, author: Author, created_at: Timestamp, text: impl Into<String>) -> Self {
        Self {
            id,
            parent: None,
            seq: 0,
            reply_to: None,
            author,
            created_at,
            text: text.into(),
            thinking: String::new(),
            mentions: Vec::new(),
            marks: Marks::default(),
            run: None,
        }
    }
}

/// What became of a message after it was said, besides its text. Every change of it carries the whole: the latest wins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<Timestamp>,
    /// Who edited it, where that is not its author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_by: Option<String>,
    /// Its texts are gone; its place stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_at: Option<Timestamp>,
    /// In the order of their first use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

impl Marks {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One emoji, and who reacted with it, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub users: Vec<UserId>,
}

/// What a message has become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageChange {
    pub message: MessageId,
    /// Present when it was edited or deleted: the whole new text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<UserId>,
    #[serde(default, skip_serializing_if = "Marks::is_empty")]
    pub marks: Marks,
}

/// Who said it. On the wire a member has an `id`, and the AI has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "AuthorWire", into = "AuthorWire")]
pub enum Author {
    Member { id: UserId, name: String },
    Assistant { name: String },
}

#[derive(Clone, Serialize, Deserialize)]
struct AuthorWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<UserId>,
    name: String,
}

impl From<AuthorWire> for Author {
    fn from(author: AuthorWire) -> Self {
        match author.id {
            Some(id) => Self::Member { id, name: author.name },
            None => Self::Assistant { name: author.name },
        }
    }
}

impl From<Author> for AuthorWire {
    fn from(author: Author) -> Self {
        match author {
            Author::Member { id, name } => Self { id: Some(id), name },
            Author::Assistant { name } => Self { id: None, name },
        }
    }
}

/// The state of one generation. Every change of it is an event that carries the whole of it: the latest wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub status: RunStatus,
    /// Counts the tries of this run, from 1. A higher one replaces the thinking of the one before as a whole.
    pub attempt: u32,
    pub model: String,
    /// Bytes of UTF-8 stored when the status was set; final once the run has ended.
    #[serde(default)]
    pub text_length: u64,
    /// Bytes of UTF-8, as above, of the thinking.
    #[serde(default)]
    pub thinking_length: u64,
    /// The tool it uses, while `status` is `tool`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thinking_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writing_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Who stopped it, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<String>,
    /// Why it failed or was interrupted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<RunFailure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

impl Run {
    /// A run that waits for its turn.
    pub fn queued(model: String) -> Self {
        Self {
            status: RunStatus::Queued,
            attempt: 1,
            model,
            text_length: 0,
            thinking_length: 0,
            tool: None,
            thinking_at: None,
            writing_at: None,
            ended_at: None,
            stopped_by: None,
            failure: None,
            usage: None,
        }
    }
}

/// `queued -> thinking -> (tool ->) writing -> done | stopped | failed | interrupted`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    Queued,
    Thinking,
    Tool,
    Writing,
    Done,
    /// Somebody pressed Stop; the text so far is kept.
    Stopped,
    /// It could not be answered; `failure` says why.
    Failed,
    /// It was cut off and could not go on by itself; the text so far is kept.
    Interrupted,
}

impl RunStatus {
    /// True when nothing will be added to the message any more.
    pub fn has_ended(self) -> bool {
        matches!(self, Self::Done | Self::Stopped | Self::Failed | Self::Interrupted)
    }

    const ALL: [Self; 8] = [
        Self::Queued,
        Self::Thinking,
        Self::Tool,
        Self::Writing,
        Self::Done,
        Self::Stopped,
        Self::Failed,
        Self::Interrupted,
    ];

    /// Reads [`RunStatus::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// The name used on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Thinking => "thinking",
            Self::Tool => "tool",
            Self::Writing => "writing",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Why a run failed: a code for programs and one sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFailure {
    pub code: String,
    pub message: String,
}

impl RunFailure {
    /// A failure with the words of a [`FailureCode`].
    pub fn of(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code: code.name().to_owned(), message: message.into() }
    }
}

/// Tokens as the model's provider counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// All tokens of the prompt, the cached ones included.
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    /// All tokens of the reply, the thinking included.
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
}
