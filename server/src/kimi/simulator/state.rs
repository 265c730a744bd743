//! What a running simulator remembers between requests, and which switches hold for the next one.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    gates::Gates,
    plan, prompt_words,
    records::Records,
    reply,
    request::ChatRequest,
    script::{Endpoint, Layer, Script, overlay, without_faults},
};

/// Scripts that may wait for their requests.
pub(super) const MAX_SCRIPTS: usize = 1_000;
/// Prompts whose attempts are counted.
const MAX_ATTEMPTS: usize = 1_000;

/// Shared by all requests of one simulator.
#[derive(Debug, Default)]
pub(super) struct State {
    pub records: Arc<Records>,
    pub gates: Gates,
    /// Ends all replies and the server.
    pub stop: CancellationToken,
    scripts: Mutex<Scripts>,
}

#[derive(Debug, Default)]
struct Scripts {
    /// What a reset goes back to.
    initial: Layer,
    defaults: Layer,
    queue: VecDeque<Queued>,
    attempts: HashMap<u64, u32>,
}

#[derive(Debug)]
struct Queued {
    script: Script,
    layer: Layer,
    left: u32,
}

impl State {
    pub(super) fn new(defaults: Layer) -> Result<Self, String> {
        validate(&defaults)?;
        let scripts = Scripts { initial: defaults.clone(), defaults, ..Scripts::default() };
        Ok(Self { scripts: Mutex::new(scripts), ..Self::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Scripts> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues one script or an array of them, all or none. Tells how many.
    pub(super) fn queue(&self, scripts: Value) -> Result<usize, String> {
        let scripts = match scripts {
            Value::Array(scripts) => scripts,
            script => vec![script],
        };
        let mut queued = Vec::new();
        for script in scripts {
            let Value::Object(layer) = script else { return Err("a script is an object".to_owned()) };
            let script = validate(&layer)?;
            queued.push(Queued { left: script.times.unwrap_or(1), layer, script });
        }
        let mut state = self.lock();
        if state.queue.len() + queued.len() > MAX_SCRIPTS {
            return Err(format!("at most {MAX_SCRIPTS} scripts can wait"));
        }
        let count = queued.len();
        state.queue.extend(queued);
        Ok(count)
    }

    /// Replaces what holds for every request.
    pub(super) fn set_defaults(&self, defaults: Value) -> Result<(), String> {
        let Value::Object(defaults) = defaults else { return Err("defaults are an object".to_owned()) };
        validate(&defaults)?;
        self.lock().defaults = defaults;
        Ok(())
    }

    /// Forgets everything but the defaults it was started with, and lets waiting replies go on.
    pub(super) fn reset(&self) {
        let mut scripts = self.lock();
        let initial = std::mem::take(&mut scripts.initial);
        *scripts = Scripts { defaults: initial.clone(), initial, ..Scripts::default() };
        drop(scripts);
        self.records.clear();
        self.gates.reset();
    }

    /// The switches for a completion: defaults, under the words of its prompt, under a queued script.
    pub(super) fn chat_script(&self, request: &ChatRequest) -> Script {
        let prompt = request.prompt();
        let mut scripts = self.lock();
        let mut words = prompt_words::read(&prompt);
        if let Some(times) = words.remove("times").and_then(|times| times.as_u64())
            && u64::from(scripts.attempt(request)) > times
        {
            without_faults(&mut words);
        }
        scripts.script(Endpoint::Chat, &prompt, words)
    }

    /// The switches for any other request.
    pub(super) fn script(&self, endpoint: Endpoint) -> Script {
        self.lock().script(endpoint, "", Layer::new())
    }

    /// The switches that a prompt alone would lead to; takes nothing from the queue.
    pub(super) fn preview(&self, prompt: &str) -> Script {
        let mut layer = self.lock().defaults.clone();
        overlay(&mut layer, prompt_words::read(prompt));
        Script::read(&layer).unwrap_or_default()
    }
}

impl Scripts {
    fn script(&mut self, endpoint: Endpoint, prompt: &str, words: Layer) -> Script {
        let mut layer = self.defaults.clone();
        overlay(&mut layer, words);
        let wanted = |queued: &Queued| {
            let matches = queued.script.matches.as_deref();
            queued.script.endpoint == endpoint && matches.is_none_or(|part| prompt.contains(part))
        };
        if let Some(position) = self.queue.iter().position(wanted) {
            let queued = &mut self.queue[position];
            overlay(&mut layer, queued.layer.clone());
            queued.left = queued.left.saturating_sub(1);
            if queued.left == 0 {
                self.queue.remove(position);
            }
        }
        // Every layer was read when it came, so together they can be read as well.
        Script::read(&layer).unwrap_or_default()
    }

    /// The how many-th request this is with the same conversation; a partial answer does not make it another.
    fn attempt(&mut self, request: &ChatRequest) -> u32 {
        let mut messages = request.messages();
        if request.partial().is_some() {
            messages = &messages[..messages.len() - 1];
        }
        let conversation: String = messages.iter().map(Value::to_string).collect();
        if self.attempts.len() >= MAX_ATTEMPTS {
            self.attempts.clear();
        }
        let count = self.attempts.entry(reply::hash(&conversation)).or_default();
        *count += 1;
        *count
    }
}

fn validate(layer: &Layer) -> Result<Script, String> {
    let script = Script::read(layer)?;
    plan::check(&script)?;
    Ok(script)
}
