//! Models: which can be chosen for a room, and how much they are to think.

use super::wire::wire;

/// How much a model is to think before it answers. Which of these a model knows, its [`ModelOffer`] says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// As the model does by itself.
    #[default]
    Default,
    Off,
    Low,
    Medium,
    High,
    Max,
}

wire!(
    enum Thinking {
        Default = "default",
        Off = "off",
        Low = "low",
        Medium = "medium",
        High = "high",
        Max = "max",
    }
);

impl Thinking {
    pub const ALL: [Self; 6] = [Self::Default, Self::Off, Self::Low, Self::Medium, Self::High, Self::Max];

    /// Reads [`Thinking::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|thinking| thinking.name() == name)
    }

    /// The name used on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Off => "off",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Max => "max",
        }
    }
}

/// A model that a room can choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelOffer {
    pub id: String,
    /// Tokens of question and answer together, if that is known.
    pub context_tokens: Option<u64>,
    /// It can look at images.
    pub images: bool,
    /// It thinks before it answers.
    pub thinks: bool,
    /// How much it can be told to think, besides `default`.
    pub thinking: Vec<Thinking>,
}

wire!(struct ModelOffer { id!, context_tokens?, images?, thinks?, thinking? });

/// What `GET /api/models` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelList {
    /// Answers in rooms without a choice of their own; it is among the models.
    pub default: String,
    pub models: Vec<ModelOffer>,
    /// The list of the model's server was read. Otherwise these are those that the host has named.
    pub is_listed: bool,
}

wire!(struct ModelList { default!, models!, is_listed! });
