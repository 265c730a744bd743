//! What a user has chosen for themselves, wherever they are signed in.

use super::wire::wire;

/// All of it. Every change carries the whole: the latest wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UserSettings {
    /// How the thinking of replies begins.
    pub thinking: Fold,
}

wire!(struct UserSettings { thinking? });

/// Whether something is open to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fold {
    /// Only while there is nothing else to read.
    #[default]
    Auto,
    Open,
    Closed,
}

wire!(
    enum Fold {
        Auto = "auto",
        Open = "open",
        Closed = "closed",
    }
);

impl Fold {
    /// The name used on the wire and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}
