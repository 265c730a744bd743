//! Completing what is being written: the name after an `@` here, commands in `slash`; and what becomes of the text.

use crate::mentions::after;
use crate::texts::chat as texts;

/// Names that are offered at a time.
const OFFERED: usize = 6;
/// Bytes after an `@` beyond which nobody is meant.
const LONGEST: usize = 80;

/// What is offered for the place where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completion {
    /// Byte offsets in the text: of what is completed, with its sign, and of the cursor.
    pub at: usize,
    pub cursor: usize,
    pub names: Vec<String>,
    pub offered: Offered,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Offered {
    #[default]
    People,
    Commands,
    Models,
}

impl Offered {
    fn sign(self) -> &'static str {
        match self {
            Self::People => "@",
            Self::Commands => "/",
            Self::Models => "",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::People => texts::people_list(),
            Self::Commands => texts::commands_list(),
            Self::Models => texts::models_list(),
        }
    }
}

/// The byte of the text at which the cursor is, which JavaScript counts in other units.
pub fn byte_of(text: &str, cursor: u32) -> usize {
    let mut units = 0;
    let cursor = text.char_indices().find(|(_, character)| {
        let is_there = units >= cursor as usize;
        units += character.len_utf16();
        is_there
    });
    cursor.map_or(text.len(), |(index, _)| index)
}

impl Completion {
    /// The names that fit at this byte of the text.
    pub fn find(text: &str, cursor: usize, names: &[String]) -> Self {
        let before = &text[..cursor];
        let Some(at) = before.rfind('@') else { return Self::default() };
        let begun = &before[at + 1..];
        let is_in_word = before[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if is_in_word || begun.contains('\n') || begun.len() > LONGEST {
            return Self::default();
        }
        let fits = |name: &&String| after(name, begun).is_some_and(|rest| !rest.is_empty());
        let names = names.iter().filter(fits).take(OFFERED).cloned().collect();
        Self { at, cursor, names, offered: Offered::People }
    }

    /// The text with a name in its place, and where the cursor is then.
    pub fn complete(&self, text: &str, index: u64) -> Option<(String, u32)> {
        let name = self.names.get(usize::try_from(index).ok()?)?;
        let begin = format!("{}{}{name} ", text.get(..self.at)?, self.offered.sign());
        let cursor = begin.encode_utf16().count();
        Some((begin + text.get(self.cursor..)?, u32::try_from(cursor).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, cursor: u32) -> Completion {
        let names = ["Ana", "Ana Maria", "Ängström", "Budi", "Kimi"].map(str::to_owned);
        Completion::find(text, byte_of(text, cursor), &names)
    }

    #[test]
    fn names_that_begin_so_are_offered() {
        for (text, cursor, expected) in [
            ("@", 1, &["Ana", "Ana Maria", "Ängström", "Budi", "Kimi"][..]),
            ("@an", 3, &["Ana", "Ana Maria"]),
            ("@ana", 4, &["Ana Maria"]),
            ("@ana m", 6, &["Ana Maria"]),
            ("@ÄNG", 4, &["Ängström"]),
            ("😀 @bu more", 6, &["Budi"]),
            ("@bu", 0, &[]),
            ("mail@ana", 8, &[]),
            ("@zoe", 4, &[]),
            ("@ki\nmi", 6, &[]),
            ("nobody", 6, &[]),
        ] {
            assert_eq!(found(text, cursor).names, expected, "{text} at {cursor}");
        }
    }

    #[test]
    fn a_name_takes_the_place_of_its_beginning() {
        let text = "😀 hey @bu!";
        assert_eq!(found(text, 10).complete(text, 0), Some(("😀 hey @Budi !".to_owned(), 13)));
        assert_eq!(found(text, 10).complete(text, 1), None);
        assert_eq!(found("@a", 2).complete("", 0), None, "the text is another by now");
    }
}
