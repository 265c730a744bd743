//! Which way a text is written. Most texts have no right-to-left letter, and then nothing says `dir`: the page is
//! written left to right. It looks at letters only and knows no bidirectional algorithm; that is the browser's.

/// Letters of the scripts that are written from right to left, by their blocks in Unicode.
fn is_right_to_left(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        || matches!(letter, '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Whether any letter is: then each paragraph, item, heading and cell finds out for itself, by `dir="auto"`.
pub(super) fn is_mixed(text: &str) -> bool {
    text.contains(is_right_to_left)
}

/// Whether the first letter is: a list, quote or table needs to know, for the side its markers are on, and `auto`
/// would not look into elements that have a direction of their own.
pub(super) fn begins_right_to_left(text: &str) -> bool {
    text.chars().find(|letter| letter.is_alphabetic()).is_some_and(is_right_to_left)
}
