//! All that the product says, in the language that is spoken: a function per text, made from the files in `app/texts`
//! while this is built, so that a text that is missing anywhere does not compile. `CONTRIBUTING.md` says how to add one.
//!
//! The server has every language and speaks a request's own, by [`Speaking`]. The browser has English compiled in;
//! a page in another language brings its texts along.

use std::cell::Cell;

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// A language, with all that can be said in it.
#[derive(Clone, Copy, Debug)]
pub struct Language(&'static [&'static str]);

thread_local! {
    /// Of whatever this thread does at the moment: drawing a page asks for texts in a hundred places.
    static SPOKEN: Cell<Language> = const { Cell::new(Language(EN)) };
}

/// The language that is spoken.
pub fn language() -> Language {
    SPOKEN.get()
}

/// Speaks a language from now on, as a page does that is in one.
pub fn speak(language: Language) {
    SPOKEN.set(language);
}

impl Language {
    /// As HTTP and HTML name it, such as `en`.
    pub fn tag(self) -> &'static str {
        self.0.first().copied().unwrap_or_default()
    }

    /// The language that a page brought along by [`for_page`](Self::for_page), to be kept for as long as the page.
    pub fn of_page(texts: String) -> Option<Self> {
        let texts: Vec<&str> = texts.leak().split('\n').collect();
        // Fewer would be another release's.
        (texts.len() >= IN_BROWSER).then(|| Self(texts.leak()))
    }
}

/// Why a reply failed, by the failure's code; none where the server's own sentence is as good.
pub(crate) fn of_run(code: &str) -> Option<&'static str> {
    let texts = language().0.get(IN_BROWSER..)?;
    texts.iter().find_map(|text| text.strip_prefix(code)?.strip_prefix('='))
}

fn said(index: usize) -> &'static str {
    language().0.get(index).copied().unwrap_or_default()
}

/// A text with values in the places of `{0}` to `{9}`.
fn filled(index: usize, values: &[&str]) -> String {
    fill(said(index), values)
}

/// The form for a number: the texts of languages that have one for 1 are `one|other`.
fn counted(index: usize, count: u64, values: &[&str]) -> String {
    let text = said(index);
    let form = match text.split_once('|') {
        Some((one, _)) if count == 1 => one,
        Some((_, other)) => other,
        None => text,
    };
    fill(form, values)
}

fn fill(text: &str, values: &[&str]) -> String {
    let mut written = String::new();
    for (number, piece) in text.split('{').enumerate() {
        if number == 0 {
            written.push_str(piece);
        } else if let Some(index) = piece.as_bytes().first() {
            written.push_str(values.get(usize::from(index.wrapping_sub(b'0'))).copied().unwrap_or_default());
            written.push_str(piece.get(2..).unwrap_or_default());
        }
    }
    written
}

/// A number as the language writes it: 1,234 or 1.234.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push_str(chat::number_separator());
        }
        written.push(digit);
    }
    written
}

#[cfg(feature = "ssr")]
mod choice;
#[cfg(feature = "ssr")]
pub use choice::Speaking;

#[cfg(test)]
mod tests;
