//! Titles: the check of those that people choose, the one that a first message gives its room, and the model's.

/// Characters of a title taken from a message; a list shows about as many.
const DERIVED_CHARACTERS: usize = 60;

/// Whether a text has anything to see: not only white space, control or format characters.
pub(super) fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|character| !character.is_whitespace() && !character.is_control() && !is_format(character))
}

/// Characters without a shape of their own that are neither white space nor control characters (Unicode category
/// Cf and the blank letters), the ones by which a text can look empty.
fn is_format(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

/// The title without white space around it and without control characters; `None` when it is empty or too long.
pub(super) fn checked(title: &str, limit: usize) -> Option<String> {
    let title: String = title.trim().chars().filter(|character| !character.is_control()).collect();
    (is_visible(&title) && title.chars().count() <= limit).then_some(title)
}

/// The first line of a message that says something, shortened at a word.
pub(super) fn from_message(text: &str) -> String {
    let line = text
        .lines()
        .map(|line| line.trim().trim_start_matches(['#', '>', '-', '*', '`', ' ']))
        .find(|line| is_visible(line));
    let words: String = line.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= DERIVED_CHARACTERS {
        return words;
    }
    let cut: String = words.chars().take(DERIVED_CHARACTERS).collect();
    let at_word = cut.rfind(' ').filter(|at| *at > DERIVED_CHARACTERS / 2).unwrap_or(cut.len());
    format!("{}…", cut[..at_word].trim_end())
}

/// What a model that was asked for a title means, whatever it wraps it in. `None`: nothing.
pub(super) fn from_model(text: &str) -> Option<String> {
    let title = from_message(text);
    let title = ["Title:", "Name:"].iter().find_map(|label| title.strip_prefix(label)).unwrap_or(&title);
    let around = |character: char| character.is_whitespace() || "\"'“”„«»`*_#.。".contains(character);
    checked(title.trim_matches(around), DERIVED_CHARACTERS + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_texts_are_empty() {
        for text in ["", "  \n\t", "\u{200b}\u{200d}", "\u{3164}", "\u{2800}\u{feff}"] {
            assert!(!is_visible(text), "{text:?}");
        }
        for text in [".", "\u{200b}a", "🙂", "é", "مرحبا"] {
            assert!(is_visible(text), "{text:?}");
        }
    }

    #[test]
    fn of_a_models_answer_only_the_name_is_taken() {
        for (text, expected) in [
            ("Rain in Java", Some("Rain in Java")),
            ("\n\n\"Rain in Java.\"\n\nIs that right?", Some("Rain in Java")),
            ("**Title: Rain in Java**", Some("Rain in Java")),
            ("# “Hujan di Jawa”", Some("Hujan di Jawa")),
            ("爪哇的雨。", Some("爪哇的雨")),
            ("Why C++?", Some("Why C++?")),
            (" \n", None),
            ("…\u{200b}", Some("…\u{200b}")),
            ("\"\"", None),
        ] {
            assert_eq!(from_model(text).as_deref(), expected, "{text}");
        }
        assert!(from_model(&"word ".repeat(200)).is_some_and(|title| title.chars().count() <= 61));
    }

    #[test]
    fn titles_are_bounded_and_clean() {
        assert_eq!(checked("  Plans\u{7} ", 10).as_deref(), Some("Plans"));
        assert_eq!(checked(" ", 10), None);
        assert_eq!(checked("ééééé", 5).as_deref(), Some("ééééé"));
        assert_eq!(checked("éééééé", 5), None);
    }

    #[test]
    fn the_first_line_that_says_something_names_the_room() {
        assert_eq!(from_message("\n\n# Hello   there\nmore"), "Hello there");
        let long = "word ".repeat(40);
        let title = from_message(&long);
        assert!(title.chars().count() <= 61 && title.ends_with("word…"), "{title}");
        assert_eq!(from_message(&"x".repeat(100)).chars().count(), 61);
    }
}
