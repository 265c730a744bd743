//! The body of `POST /api/rich`: a text that the server can draw better than a browser does, which it answers as HTML.

use super::wire::wire;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RichText {
    /// How it is drawn: `code` is highlighted, `math` becomes a formula.
    pub kind: String,
    /// What sort of its kind: of code, the language as it is named after a fence; of math, `inline` or `display`.
    pub variant: String,
    /// At most [`super::Limits::RICH_BYTES`].
    pub text: String,
}

wire!(struct RichText { kind!, variant?, text! });
