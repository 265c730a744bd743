//! Which models can be chosen here: what the model's server lists, within what the host allows.
//!
//! The list is asked for when somebody wants to know it, and kept for a while. Nobody waits for it longer than a moment:
//! what was read last is used however old it is, and before anything was read, what the host has named.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

use super::models::{is_name, named};
use super::{Model, ModelInfo, Thinking};

/// When the list is asked for, and how long anybody waits.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// For how long a list is not asked for again.
    pub fresh: Duration,
    /// The same after a failure.
    pub pause: Duration,
    /// How long the server has for its answer.
    pub within: Duration,
    /// How long somebody waits while nothing is known yet.
    pub moment: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fresh: Duration::from_mins(5),
            pause: Duration::from_secs(30),
            within: Duration::from_secs(20),
            moment: Duration::from_millis(500),
        }
    }
}

/// Parts of the names of models that are no partners for a conversation. No server's list says which are.
const OTHER_TRADES: [&str; 8] =
    ["embed", "rerank", "whisper", "transcribe", "tts", "dall-e", "moderation", "stable-diffusion"];

/// The models of one server, kept up to date while somebody asks.
pub struct Catalogue {
    model: Arc<dyn Model>,
    default: String,
    /// Empty: all.
    allowed: Vec<String>,
    policy: Policy,
    state: Mutex<State>,
    /// The list was read, or could not be.
    answered: Notify,
}

#[derive(Default)]
struct State {
    list: Option<Arc<Vec<ModelInfo>>>,
    is_asking: bool,
    /// Absent: at once.
    ask_at: Option<Instant>,
}

impl std::fmt::Debug for Catalogue {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Catalogue").field("default", &self.default).finish_non_exhaustive()
    }
}

impl Catalogue {
    /// `default` answers where nothing was chosen, and can always be chosen.
    pub fn new(model: Arc<dyn Model>, default: String, allowed: Vec<String>, policy: Policy) -> Arc<Self> {
        let (state, answered) = (Mutex::default(), Notify::new());
        Arc::new(Self { model, default, allowed, policy, state, answered })
    }

    /// What is on offer now, as far as it is known within a moment.
    pub async fn offered(self: &Arc<Self>) -> Offered {
        // Before the question, so that no answer is missed.
        let answered = self.answered.notified();
        let is_waiting = {
            let mut state = self.state();
            let is_due = state.ask_at.is_none_or(|at| at <= Instant::now());
            if is_due && !state.is_asking {
                state.is_asking = true;
                tokio::spawn(self.clone().ask());
            }
            state.is_asking && state.list.is_none()
        };
        if is_waiting {
            _ = timeout(self.policy.moment, answered).await;
        }
        let list = self.state().list.clone();
        self.offer(list.as_deref().map(Vec::as_slice))
    }

    async fn ask(self: Arc<Self>) {
        let answer = timeout(self.policy.within, self.model.models()).await;
        {
            let mut state = self.state();
            state.is_asking = false;
            let wait = match answer {
                Ok(Ok(list)) => {
                    state.list = Some(Arc::new(list));
                    self.policy.fresh
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, code = error.code(), "the list of models can't be read");
                    self.policy.pause
                }
                Err(_) => {
                    tracing::warn!("the list of models did not come in time");
                    self.policy.pause
                }
            };
            state.ask_at = Some(Instant::now() + wait);
        }
        self.answered.notify_waiters();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offer(&self, list: Option<&[ModelInfo]>) -> Offered {
        let is_allowed = |id: &str| match self.allowed.as_slice() {
            [] => !OTHER_TRADES.iter().any(|trade| id.to_ascii_lowercase().contains(trade)),
            allowed => allowed.iter().any(|allowed| allowed == id),
        };
        let mut models: Vec<ModelInfo> = match list {
            Some(list) => list.iter().filter(|model| is_allowed(&model.id)).cloned().collect(),
            None => self.allowed.iter().filter(|id| is_name(id)).map(|id| named(id)).collect(),
        };
        if models.iter().all(|model| model.id != self.default) {
            models.insert(0, named(&self.default));
        }
        Offered {
            default: self.default.clone(),
            models,
            is_listed: list.is_some(),
            is_restricted: !self.allowed.is_empty(),
        }
    }
}

/// What can be chosen, as of a moment.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Answers where nothing was chosen; it is among the models.
    pub default: String,
    /// In the order of the server's list.
    pub models: Vec<ModelInfo>,
    /// The server's list was read; otherwise only what the host has named is known.
    pub is_listed: bool,
    /// The host has named what may be chosen.
    is_restricted: bool,
}

impl Offered {
    pub fn get(&self, id: &str) -> Option<&ModelInfo> {
        self.models.iter().find(|model| model.id == id)
    }

    /// Which model answers where this one was chosen (empty: none was). While no list was ever read, a choice is
    /// trusted, unless the host excludes it.
    pub fn answering<'a>(&'a self, chosen: &'a str) -> &'a str {
        let is_there = self.get(chosen).is_some() || (!self.is_listed && !self.is_restricted);
        if chosen.is_empty() || !is_there { &self.default } else { chosen }
    }

    /// What can be asked of a model besides [`Thinking::Default`].
    pub fn efforts(&self, model: &str) -> Vec<Thinking> {
        self.get(model).map_or_else(|| named(model).efforts, |model| model.efforts.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::kimi::{DeltaStream, Error, Request, Stage};

    /// Lists what it is told to, after a while.
    #[derive(Default)]
    struct Lister {
        asked: AtomicUsize,
        answer: Mutex<Option<Vec<&'static str>>>,
        after: Duration,
    }

    fn lost() -> Error {
        Error::Timeout { stage: Stage::FirstByte }
    }

    #[async_trait]
    impl Model for Lister {
        async fn stream(&self, _: Request) -> Result<DeltaStream, Error> {
            Err(lost())
        }

        async fn models(&self) -> Result<Vec<ModelInfo>, Error> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(self.after).await;
            let answer = self.answer.lock().unwrap().clone();
            answer.map(|ids| ids.into_iter().map(named).collect()).ok_or_else(lost)
        }
    }

    fn catalogue(lister: Lister, allowed: &[&str], policy: Policy) -> (Arc<Lister>, Arc<Catalogue>) {
        let lister = Arc::new(lister);
        let allowed = allowed.iter().map(|&id| id.to_owned()).collect();
        let catalogue = Catalogue::new(lister.clone(), "kimi-k3".to_owned(), allowed, policy);
        (lister, catalogue)
    }

    fn listing(ids: &[&'static str]) -> Lister {
        Lister { answer: Mutex::new(Some(ids.to_vec())), ..Lister::default() }
    }

    async fn ids(catalogue: &Arc<Catalogue>) -> Vec<String> {
        catalogue.offered().await.models.into_iter().map(|model| model.id).collect()
    }

    #[tokio::test]
    async fn a_list_is_read_once_and_kept() {
        let (lister, catalogue) = catalogue(listing(&["kimi-k3", "kimi-k2.6"]), &[], Policy::default());
        for _ in 0..3 {
            assert_eq!(ids(&catalogue).await, ["kimi-k3", "kimi-k2.6"]);
        }
        assert_eq!(lister.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn an_old_list_is_there_at_once_and_the_new_one_soon() {
        let policy = Policy { fresh: Duration::ZERO, ..Policy::default() };
        let (lister, catalogue) = catalogue(listing(&["kimi-k3", "kimi-k2.6"]), &[], policy);
        assert_eq!(ids(&catalogue).await.len(), 2);
        *lister.answer.lock().unwrap() = Some(vec!["kimi-k3"]);
        assert_eq!(ids(&catalogue).await.len(), 2);
        while ids(&catalogue).await.len() > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn nobody_waits_longer_than_a_moment() {
        let (moment, within) = (Duration::from_millis(20), Duration::from_millis(200));
        let policy = Policy { within, moment, ..Policy::default() };
        let silent = Lister { after: Duration::from_hours(1), ..listing(&["kimi-k2.6"]) };
        let (lister, catalogue) = catalogue(silent, &[], policy);
        let before = Instant::now();
        let offered = catalogue.offered().await;
        assert!(before.elapsed() < within, "{:?}", before.elapsed());
        assert!(!offered.is_listed && offered.models.len() == 1, "{offered:?}");
        // It is given up then, and asked again after a pause only.
        while catalogue.state().is_asking {
            tokio::time::sleep(moment).await;
        }
        assert_eq!(ids(&catalogue).await, ["kimi-k3"]);
        assert_eq!(lister.asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_failure_takes_nothing_away() {
        let policy = Policy { fresh: Duration::ZERO, pause: Duration::ZERO, ..Policy::default() };
        let (lister, catalogue) = catalogue(listing(&["kimi-k3", "kimi-k2.6"]), &[], policy);
        assert_eq!(ids(&catalogue).await.len(), 2);
        *lister.answer.lock().unwrap() = None;
        while lister.asked.load(Ordering::Relaxed) < 5 {
            assert_eq!(ids(&catalogue).await.len(), 2);
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn the_host_decides_what_is_on_offer() {
        let catalogue = |lister, allowed: &[&str]| catalogue(lister, allowed, Policy::default()).1;
        let all = ["text-embedding-3", "kimi-k2.6", "qwen"];
        assert_eq!(ids(&catalogue(listing(&all), &[])).await, ["kimi-k3", "kimi-k2.6", "qwen"]);
        let allowed = ["qwen", "kimi-k9"];
        let offered = catalogue(listing(&all), &allowed).offered().await;
        assert_eq!(offered.models.len(), 2);
        assert_eq!((offered.answering("qwen"), offered.answering("kimi-k2.6")), ("qwen", "kimi-k3"));
        assert_eq!((offered.answering(""), offered.answering("kimi-k9")), ("kimi-k3", "kimi-k3"));
        // Without a list, what the host has named is taken for granted.
        assert_eq!(ids(&catalogue(Lister::default(), &allowed)).await, ["kimi-k3", "qwen", "kimi-k9"]);
        let offered = catalogue(Lister::default(), &[]).offered().await;
        assert_eq!((offered.answering("chosen-once"), offered.models.len()), ("chosen-once", 1));
    }
}
