//! Which keys belong to an input method: while Chinese, Japanese, Korean or Vietnamese is composed, Enter takes a
//! suggestion, Escape declines it and arrows choose one, and none of it is for the page.

use leptos::ev::KeyboardEvent;

/// What browsers call a key that an input method has taken.
const PROCESS: u32 = 229;

/// Whether the page must leave this key alone.
pub fn has_taken(key: &KeyboardEvent) -> bool {
    is_taken(key.is_composing(), key.key_code())
}

/// Safari ends the composition before it tells of the key that ended it: that one is not `isComposing` any more, and only
/// its code says whose it was.
fn is_taken(is_composing: bool, code: u32) -> bool {
    is_composing || code == PROCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_ends_a_composition_sends_nothing() {
        const ENTER: u32 = 13;
        for (browser, is_composing, code, expected) in [
            ("Chromium: keydown, then compositionend", true, PROCESS, true),
            ("Firefox: keydown, then compositionend", true, ENTER, true),
            ("Safari: compositionend, then keydown", false, PROCESS, true),
            ("all: the Enter after it", false, ENTER, false),
            ("Android: a letter of a keyboard that composes everything", false, PROCESS, true),
        ] {
            assert_eq!(is_taken(is_composing, code), expected, "{browser}");
        }
    }
}
