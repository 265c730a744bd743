//! Which dollars are math. The parser finds pairs; this says which of them GitHub would take for prices instead.

use std::ops::Range;

/// Whether the text in a range, which begins and ends with a dollar, is math where it stands: neither `US$5 and 6$`
/// nor `$5-$6`.
pub(super) fn is_math(source: &str, range: &Range<usize>) -> bool {
    let is_word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    !is_word(source[..range.start].chars().next_back()) && !is_word(source[range.end..].chars().next())
}

/// The source of math that stands alone, `$$…$$`, if it is whole.
pub(super) fn display(source: &str) -> Option<&str> {
    let inner = source.trim().strip_prefix("$$")?.strip_suffix("$$")?;
    (!inner.trim().is_empty()).then_some(inner)
}
