//! The colours of the pages: light, dark, or as the reader's system has them. A cookie remembers the choice, so that the
//! server draws every page in its colours and nothing flashes.

/// A choice that is not the system's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// The cookie, which a script of ours may write too.
pub const THEME_COOKIE: &str = "sitespark_theme";
/// Where a form without a script sets it.
pub const THEME_FORM: &str = "/forms/theme";
/// Seconds for which it is remembered.
pub const THEME_SECONDS: i64 = 365 * 24 * 60 * 60;

/// For which media the colours of the ground are that a document names to the browser: the light one's and the dark one's.
pub fn ground_media(theme: Option<Theme>) -> [&'static str; 2] {
    match theme {
        None => ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"],
        Some(Theme::Light) => ["all", "not all"],
        Some(Theme::Dark) => ["not all", "all"],
    }
}

impl Theme {
    /// Anything else is as the system has it.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}
