//! Which language a reader gets, and how the server speaks it for as long as it does something for them.

use std::pin::Pin;
use std::task::{Context, Poll};

use super::{IN_BROWSER, LANGUAGES, Language, SENT, language, speak};

impl Language {
    /// Of everybody whose language is not among ours.
    pub fn first() -> Self {
        LANGUAGES.first().copied().unwrap_or(Self(&[]))
    }

    /// The one of a tag, such as `id` or `id-ID`.
    pub fn named(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        LANGUAGES.iter().copied().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The one of ours that an `Accept-Language` wants most (RFC 9110, section 12.5.4).
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(f32, Self)> = None;
        for range in header.split(',') {
            let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
            let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok());
            let (weight, language) = (weight.unwrap_or(0.0), Self::named(tag.trim()));
            let is_better = weight > best.map_or(0.0, |(best, _)| best);
            best = language.filter(|_| is_better).map(|language| (weight, language)).or(best);
        }
        best.map(|(_, language)| language)
    }

    /// Its own name for itself.
    pub fn name(self) -> &'static str {
        self.speak_while(super::pages::language_name)
    }

    /// What a page in it has to bring along for the browser; nothing in the one that browsers have.
    pub fn for_page(self) -> Option<String> {
        (self.tag() != Self::first().tag()).then(|| self.0.get(..SENT).unwrap_or_default().join("\n"))
    }

    /// Does something in this language.
    pub fn speak_while<T>(self, action: impl FnOnce() -> T) -> T {
        /// Gives the thread its language back, also when what it does breaks down.
        struct Back(Language);
        impl Drop for Back {
            fn drop(&mut self) {
                speak(self.0);
            }
        }
        let _back = Back(language());
        speak(self);
        action()
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

const _: () = assert!(IN_BROWSER <= SENT);

/// Does in a language whatever a future does, on whichever threads.
#[expect(missing_debug_implementations, reason = "the future has none")]
pub struct Speaking<F> {
    language: Language,
    future: Pin<Box<F>>,
}

impl<F: Future> Speaking<F> {
    pub fn new(language: Language, future: F) -> Self {
        Self { language, future: Box::pin(future) }
    }
}

impl<F: Future> Future for Speaking<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.language.speak_while(|| self.future.as_mut().poll(context))
    }
}
