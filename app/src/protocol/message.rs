//! What is said in a room, and the state of the run that writes an AI's message.

use super::json::{Json, Writer};
use super::wire::{Faults, Wire, needed, optional, wire};
use super::{FailureCode, MessageId, Thinking, Timestamp, UserId};

/// One durable thing said in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    /// What this message follows; several children of one message are branches.
    pub parent: Option<MessageId>,
    /// Its place in the room's log.
    pub seq: u64,
    /// The message that this one answers, as its author chose.
    pub reply_to: Option<MessageId>,
    pub author: Author,
    pub created_at: Timestamp,
    /// Markdown. Of a running message: what is stored so far.
    pub text: String,
    /// The AI's thinking, a second text with offsets of its own.
    pub thinking: String,
    /// The members whom the text mentions.
    pub mentions: Vec<UserId>,
    pub marks: Marks,
    /// Present exactly for the AI's messages.
    pub run: Option<Run>,
}

wire!(struct Message { id!, parent?, seq [Default::default()], reply_to?, author!, created_at!, text?, thinking?, mentions?, marks?, run? });

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    pub edited_at: Option<Timestamp>,
    /// Who edited it, where that is not its author.
    pub edited_by: Option<String>,
    /// Its texts are gone; its place stays.
    pub deleted_at: Option<Timestamp>,
    pub pinned_at: Option<Timestamp>,
    /// In the order of their first use.
    pub reactions: Vec<Reaction>,
}

wire!(struct Marks { edited_at?, edited_by?, deleted_at?, pinned_at?, reactions? });

impl Marks {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One emoji, and who reacted with it, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reaction {
    pub emoji: String,
    pub users: Vec<UserId>,
}

wire!(struct Reaction { emoji!, users! });

/// What a message has become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageChange {
    pub message: MessageId,
    /// Present when it was edited or deleted: the whole new text.
    pub text: Option<String>,
    pub mentions: Vec<UserId>,
    pub marks: Marks,
}

wire!(struct MessageChange { message!, text?, mentions?, marks? });

/// Who said it. On the wire a member has an `id`, and the AI has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    Member { id: UserId, name: String },
    Assistant { name: String },
}

impl Wire for Author {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        let name = needed(json, "name", faults);
        match optional(json, "id", None, faults) {
            Some(id) => Self::Member { id, name },
            None => Self::Assistant { name },
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.text.push('{');
        let (Self::Member { name, .. } | Self::Assistant { name }) = self;
        if let Self::Member { id, .. } = self {
            writer.field("id");
            id.write(writer);
        }
        writer.field("name");
        writer.string(name);
        writer.text.push('}');
    }
}

/// The state of one generation. Every change of it is an event that carries the whole of it: the latest wins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub status: RunStatus,
    /// Counts the tries of this run, from 1. A higher one replaces the thinking of the one before as a whole.
    pub attempt: u32,
    pub model: String,
    /// How much it is told to think.
    pub thinking: Thinking,
    /// The model that the room has chosen, where that was not there and `model` answers in its place.
    pub instead_of: Option<String>,
    /// Bytes of UTF-8 stored when the status was set; final once the run has ended.
    pub text_length: u64,
    /// Bytes of UTF-8, as above, of the thinking.
    pub thinking_length: u64,
    /// The tool it uses, while `status` is `tool`.
    pub tool: Option<String>,
    /// The tools that it has used, in order, with the one that it uses; at most 32.
    pub steps: Vec<String>,
    pub thinking_at: Option<Timestamp>,
    pub writing_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Who stopped it, by name.
    pub stopped_by: Option<String>,
    /// Why it failed or was interrupted.
    pub failure: Option<RunFailure>,
    pub usage: Option<Usage>,
}

wire!(struct Run { status!, attempt!, model!, thinking?, instead_of?, text_length [Default::default()], thinking_length [Default::default()], tool?, steps?, thinking_at?, writing_at?, ended_at?, stopped_by?, failure?, usage? });

impl Run {
    /// A run that waits for its turn.
    pub fn queued(model: String) -> Self {
        Self {
            status: RunStatus::Queued,
            attempt: 1,
            model,
            thinking: Thinking::Default,
            instead_of: None,
            text_length: 0,
            thinking_length: 0,
            tool: None,
            steps: Vec::new(),
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl Wire for RunStatus {
    fn read(json: &Json<'_>, faults: &mut Faults) -> Self {
        json.text().and_then(Self::from_name).unwrap_or_else(|| {
            faults.missing("status");
            Self::Queued
        })
    }

    fn write(&self, writer: &mut Writer) {
        writer.string(self.name());
    }
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFailure {
    pub code: String,
    pub message: String,
}

wire!(struct RunFailure { code!, message! });

impl RunFailure {
    /// A failure with the words of a [`FailureCode`].
    pub fn of(code: FailureCode, message: impl Into<String>) -> Self {
        Self { code: code.name().to_owned(), message: message.into() }
    }
}

/// Tokens as the model's provider counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// All tokens of the prompt, the cached ones included.
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    /// All tokens of the reply, the thinking included.
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
}

wire!(struct Usage { prompt_tokens!, cached_tokens!, completion_tokens!, reasoning_tokens! });
