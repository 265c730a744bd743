//! Cuts text into pieces that look like a model's tokens. It counts like no real tokeniser; it only has to be
//! stable, and to give back every byte.

/// The longest run of letters in one piece.
const MAX_LETTERS: usize = 8;

/// The pieces of `text`, in order; together they are `text`. Cutting the text after any piece does not change
/// the pieces before, so that the first N pieces of a reply are a reply of N tokens.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut letters = 0;
    let mut previous = None;
    for (position, character) in text.char_indices() {
        let joins = match previous {
            None => true,
            // A word takes the space before it, as in real tokens (` user`).
            Some(' ') if letters == 0 && position - start == 1 => is_letter(character) || character == ' ',
            Some(previous) if is_letter(previous) => is_letter(character) && letters < MAX_LETTERS,
            Some(previous) => previous.is_whitespace() && previous == character,
        };
        if !joins {
            pieces.push(&text[start..position]);
            start = position;
            letters = 0;
        }
        letters += usize::from(is_letter(character));
        previous = Some(character);
    }
    if start < text.len() {
        pieces.push(&text[start..]);
    }
    pieces
}

pub(super) fn count(text: &str) -> usize {
    split(text).len()
}

/// The first `tokens` pieces of `text`.
pub(super) fn first(text: &str, tokens: usize) -> String {
    split(text).into_iter().take(tokens).collect()
}

/// Letters of other scripts, emoji and marks are pieces of their own, so that every length of UTF-8 sequence comes
/// alone on the wire.
fn is_letter(character: char) -> bool {
    character.is_alphanumeric() && u32::from(character) < 0x300
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_look_like_tokens() {
        let expected =
            ["The", " user", " is", " internat", "ional", ",", " 42", "\n\n", "-", " é", "漢", "字", "🙂"];
        assert_eq!(split("The user is international, 42\n\n- é漢字🙂"), expected);
    }

    #[test]
    fn no_byte_is_lost_and_prefixes_are_stable() {
        let text = "a  b   c\n\n\n d, (é\u{301}) 👩‍👩‍👧 مرحبا `x`\t\t|--|  ";
        let pieces = split(text);
        assert_eq!(pieces.concat(), text);
        for length in 0..=pieces.len() {
            assert_eq!(split(&pieces[..length].concat()), pieces[..length]);
        }
    }
}
