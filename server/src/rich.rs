//! Texts that the server draws better than a browser does: highlighted code, and formulas. For the pages it sends, and
//! on request for those that are alive.
//!
//! A text goes in, HTML comes out, and nothing else is known here. Drawing is work of milliseconds, so it has threads of
//! its own, few at once, and is remembered. Another kind of text needs an arm in [`Kind`] and a file beside `code`.

mod code;
mod math;
mod page;
mod roles;

use std::sync::Arc;
use std::time::{Duration, Instant};

use app::protocol::{Failure, FailureCode, Limits, RichText, UserId};
use app::texts;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::limiter::UserLimiter;

/// What drawing may cost.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Texts, or pages, that are drawn at the same time.
    pub at_once: usize,
    /// How long a request waits for its turn; then it is told to come again.
    pub wait: Duration,
    /// How long one text may take; what is left of it stays plain.
    pub time: Duration,
    /// How long all texts of one page may take together with the waiting; what is left stays as it was, and the page asks
    /// for it once it is alive.
    pub page_time: Duration,
    /// Bytes of all texts of one page.
    pub page_bytes: usize,
    /// Bytes of HTML that are remembered.
    pub cache_bytes: u64,
    /// Requests of one user.
    pub per_minute: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            at_once: 2,
            wait: Duration::from_secs(2),
            time: Duration::from_millis(250),
            page_time: Duration::from_millis(500),
            page_bytes: 256 * 1024,
            cache_bytes: 16 * 1024 * 1024,
            per_minute: 600,
        }
    }
}

/// How a text is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    Math,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        match name {
            "code" => Some(Self::Code),
            "math" => Some(Self::Math),
            _ => None,
        }
    }

    fn draw(self, text: &RichText, until: Instant) -> Drawn {
        match self {
            Self::Code => code::draw(&text.variant, &text.text, until),
            Self::Math => math::draw(&text.variant, &text.text, until),
        }
    }
}

/// A text as HTML: one element, which is what the text was marked as, or stands in its place.
#[derive(Debug)]
struct Drawn {
    html: String,
    /// Whether the time was enough. Another time it may be, so it is not remembered otherwise.
    is_whole: bool,
}

/// Of a text and all that says how it is drawn.
type Key = [u8; 32];

#[derive(Clone, Debug)]
struct ByBytes;

impl Weighter<Key, Arc<str>> for ByBytes {
    fn weight(&self, _: &Key, html: &Arc<str>) -> u64 {
        (size_of::<Key>() + html.len()) as u64
    }
}

/// Shared by all who draw.
pub struct Rich {
    policy: Policy,
    drawn: Cache<Key, Arc<str>, ByBytes>,
    turns: Arc<Semaphore>,
    limiter: UserLimiter,
}

impl std::fmt::Debug for Rich {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Rich").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// How many texts fill the cache: a guess, for its tables.
const TYPICAL_HTML_BYTES: u64 = 4 * 1024;

impl Rich {
    pub fn new(policy: Policy) -> Arc<Self> {
        let texts = usize::try_from(policy.cache_bytes / TYPICAL_HTML_BYTES).unwrap_or(usize::MAX);
        Arc::new(Self {
            policy,
            drawn: Cache::with_weighter(texts, policy.cache_bytes, ByBytes),
            turns: Arc::new(Semaphore::new(policy.at_once)),
            limiter: UserLimiter::per_minute(policy.per_minute),
        })
    }

    /// Draws a text that `user` asks for.
    pub async fn draw(self: &Arc<Self>, user: UserId, text: RichText) -> Result<Arc<str>, Failure> {
        self.limiter.check(user).map_err(busy)?;
        let Some(kind) = Kind::named(&text.kind) else {
            return Err(Failure::new(FailureCode::BadInput, "Only `code` and `math` can be drawn."));
        };
        if text.text.len() > Limits::RICH_BYTES {
            let message = format!("A text to be drawn may have {} KiB at most.", Limits::RICH_BYTES / 1024);
            return Err(Failure::new(FailureCode::MessageTooLong, message));
        }
        if let Some(html) = self.drawn.get(&key(kind, &text)) {
            return Ok(html);
        }
        let Some(turn) = self.turn(self.policy.wait).await else { return Err(busy(Duration::from_secs(1))) };
        let (rich, language) = (self.clone(), texts::language());
        let drawing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            language.speak_while(|| rich.draw_now(kind, &text))
        });
        drawing.await.map_err(|error| {
            tracing::error!(%error, "drawing a text broke down");
            Failure::new(FailureCode::Internal, "This text can't be drawn.")
        })
    }

    /// Draws what is marked in a page; the newest first, as they stand at its end.
    pub async fn draw_page(self: &Arc<Self>, page: String) -> String {
        if !page::has_marks(&page) {
            return page;
        }
        let until = Instant::now() + self.policy.page_time;
        let Some(turn) = self.turn(self.policy.page_time).await else { return page };
        let (rich, page, language) = (self.clone(), Arc::new(page), texts::language());
        let marked = page.clone();
        let drawing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut bytes = rich.policy.page_bytes;
            let draw = |text: &RichText| {
                bytes = bytes.checked_sub(text.text.len())?;
                // Each that is begun has all of its time.
                let has_time = Instant::now() + rich.policy.time <= until;
                has_time.then(|| Kind::named(&text.kind)).flatten().map(|kind| rich.draw_now(kind, text))
            };
            language.speak_while(|| page::fill(&marked, draw))
        });
        drawing.await.unwrap_or_else(|error| {
            tracing::error!(%error, "drawing a page's texts broke down");
            Arc::unwrap_or_clone(page)
        })
    }

    async fn turn(&self, wait: Duration) -> Option<OwnedSemaphorePermit> {
        tokio::time::timeout(wait, self.turns.clone().acquire_owned()).await.ok()?.ok()
    }

    /// Takes its time: not for the threads that serve.
    fn draw_now(&self, kind: Kind, text: &RichText) -> Arc<str> {
        let key = key(kind, text);
        // Somebody else may have asked for the same meanwhile: everybody who watches a reply does.
        if let Some(html) = self.drawn.get(&key) {
            return html;
        }
        let Drawn { html, is_whole } = kind.draw(text, Instant::now() + self.policy.time);
        let html: Arc<str> = html.into();
        if is_whole {
            self.drawn.insert(key, html.clone());
        }
        html
    }
}

fn key(kind: Kind, text: &RichText) -> Key {
    // Of what can't be drawn, a formula says why.
    let language = if kind == Kind::Math { texts::language().tag() } else { "" };
    let mut hash = Sha256::new();
    for part in [&text.kind, &text.variant, language, &text.text] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn busy(wait: Duration) -> Failure {
    let retry_after_ms = u64::try_from(wait.as_millis()).ok();
    let failure = Failure::new(FailureCode::RateLimited, texts::server::too_many());
    Failure { retry_after_ms, ..failure }
}
