//! What `chat` needs of a model, in plain words: a request goes in, a stream of deltas comes out.
//! `client` speaks the wire format of `reference/kimi-api.md` and of the servers that imitate it; `simulator`
//! is a real HTTP server with the same format. Nothing here knows rooms, storage, or when to try again.

pub mod catalogue;
pub mod client;
mod error;
mod models;
mod partial;
mod request;
mod sanitise;
pub mod simulator;
mod sse;
mod stream;
mod tool_calls;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde_json::Value;

pub use catalogue::{Catalogue, Offered};
pub use client::{Client, Config, Timeouts};
pub use error::{Error, Retry, Stage};
pub use models::{MAX_MODELS, MODEL_BYTES};
pub use sanitise::Clean;
pub use tool_calls::{MAX_TOOL_CALLS, ToolCalls};

/// A model that can be asked. `Client` is the real one; tests of `chat` may bring their own.
#[async_trait]
pub trait Model: Send + Sync + 'static {
    /// Opens a streamed completion. After a partial turn it holds only what follows, exactly; where the server can't
    /// be relied on for that, it fails with [`Error::NoPartialMode`] before a wrong word. Dropping the stream, or this future, closes the upstream request.
    async fn stream(&self, request: Request) -> Result<DeltaStream, Error>;

    /// The models that the server lists, at most [`MAX_MODELS`], without those whose names no room can have. Never
    /// empty.
    async fn models(&self) -> Result<Vec<ModelInfo>, Error>;
}

/// The deltas of one reply, in order. It ends after `[DONE]`; every other end is a last item `Err`.
///
/// [`Delta::Usage`] comes at most once, and as the last delta, also before an error. The stream is fused.
pub type DeltaStream = BoxStream<'static, Result<Delta, Error>>;

/// One question to the model, with the conversation before it.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// An id of `/v1/models`, sent as it is.
    pub model: String,
    /// Oldest first. Turns that the API would refuse because they are empty are left out when sending.
    pub messages: Vec<Turn>,
    /// A stable id of the conversation (`prompt_cache_key`), so that its prefix is found in the cache.
    pub cache_key: Option<String>,
    /// Tokens for thinking and answer together; `None` means [`DEFAULT_MAX_COMPLETION_TOKENS`].
    pub max_completion_tokens: Option<u32>,
    /// How much to think; sent only in the form, and to the models, that take it (§1.2).
    pub thinking: Thinking,
    /// Functions the model may call.
    pub tools: Vec<Tool>,
    /// A hash of the user who asks (`safety_identifier`), never a name or an address.
    pub user_hash: Option<String>,
}

/// Enough for a long answer after long thinking, without reserving most of a small account's minute (§5.4).
pub const DEFAULT_MAX_COMPLETION_TOKENS: u32 = 32_768;

/// How much the model should think before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Thinking {
    /// What the model does by itself.
    #[default]
    Default,
    /// None, where the model allows it (K2.5, K2.6); others ignore this.
    Off,
    /// As little as the model allows: none, or low.
    Least,
    /// `reasoning_effort` of K3, and of others whose list says so.
    Low,
    /// As above; K3 has none.
    Medium,
    /// As above, and K3's.
    High,
    /// `reasoning_effort` of K3, and its default.
    Max,
}

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    System,
    User,
    Assistant,
    /// The result of one tool call.
    Tool,
}

/// One message of the conversation, as the model sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    pub role: Role,
    pub text: String,
    /// What the model thought before this text; sent back in the key the server uses (§6.1, §8).
    pub thinking: Option<String>,
    /// All calls of one assistant turn; each needs exactly one [`Role::Tool`] turn after it (§1.3).
    pub tool_calls: Vec<ToolCall>,
    /// On [`Role::Tool`] turns: the id of the call that this answers, verbatim (§6.6).
    pub tool_call_id: Option<String>,
    /// On the last turn of the assistant: continue this text, the answer holds only what follows (§1.4).
    pub partial: bool,
}

impl Turn {
    fn new(role: Role, text: impl Into<String>) -> Self {
        Self {
            role,
            text: text.into(),
            thinking: None,
            tool_calls: Vec::new(),
            tool_call_id: None,
            partial: false,
        }
    }

    /// Instructions that stand above the conversation.
    pub fn system(text: impl Into<String>) -> Self {
        Self::new(Role::System, text)
    }

    /// Something a person said.
    pub fn user(text: impl Into<String>) -> Self {
        Self::new(Role::User, text)
    }

    /// Something the model said.
    pub fn assistant(text: impl Into<String>) -> Self {
        Self::new(Role::Assistant, text)
    }

    /// The result of the tool call `id`.
    pub fn tool(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self { tool_call_id: Some(id.into()), ..Self::new(Role::Tool, text) }
    }

    /// The beginning of an answer that the model is to continue; must be the last turn.
    pub fn partial(text: impl Into<String>, thinking: Option<String>) -> Self {
        Self { partial: true, thinking, ..Self::new(Role::Assistant, text) }
    }
}

/// A function that the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Letters, digits, `_` and `-`; a name that begins with `$` is one of Moonshot's own (§3.3).
    pub name: String,
    pub description: String,
    /// JSON Schema with the root `{"type":"object"}`.
    pub parameters: Value,
}

/// A complete call that the model asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Opaque, echoed verbatim.
    pub id: String,
    pub name: String,
    /// JSON as the model wrote it: it may be invalid, so check before use.
    pub arguments: String,
}

/// A piece of a tool call; pieces with the same index belong together. [`ToolCalls`] joins them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCallDelta {
    pub index: usize,
    /// Only in the first piece.
    pub id: Option<String>,
    /// Only in the first piece.
    pub name: Option<String>,
    /// To be appended; may be empty.
    pub arguments: String,
}

/// One step of a streamed reply. Texts are never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delta {
    Thinking(String),
    Text(String),
    ToolCall(ToolCallDelta),
    /// Why the model stopped. The reply is complete only when the stream then ends without an error.
    Finish(FinishReason),
    Usage(Usage),
}

/// Tokens of one call, as the server counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Includes `cached_tokens`.
    pub prompt_tokens: u64,
    pub cached_tokens: u64,
    /// Includes `reasoning_tokens`.
    pub completion_tokens: u64,
    pub reasoning_tokens: u64,
}

impl Usage {
    /// Prompt tokens at the full price; zero when a server reports more cached than sent (§6.4).
    pub fn uncached_tokens(&self) -> u64 {
        self.prompt_tokens.saturating_sub(self.cached_tokens)
    }
}

/// Why the model stopped writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    Stop,
    /// The token budget is used up, perhaps by thinking alone (§2.4).
    Length,
    ToolCalls,
    ContentFilter,
    /// A word this client does not know.
    Other,
}

/// One model on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    pub id: String,
    /// Tokens of prompt and answer together, where the server says so.
    pub context_tokens: Option<u64>,
    /// It can look at images.
    pub images: bool,
    /// It thinks before it answers.
    pub thinks: bool,
    /// What can be asked of it besides [`Thinking::Default`]; never [`Thinking::Least`].
    pub efforts: Vec<Thinking>,
}
