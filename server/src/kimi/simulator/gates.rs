//! Named places where replies wait until a test lets them go on, so that tests wait for states and not for time.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::watch;

/// Names that are remembered; more are let through at once.
const MAX_GATES: usize = 1_000;

/// One gate, as the admin endpoint shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// Released; stays so until a reset.
    pub open: bool,
    /// Replies that wait at it now.
    pub waiting: u32,
}

/// All gates. Those nobody has named are closed.
#[derive(Debug)]
pub(super) struct Gates {
    gates: Mutex<HashMap<String, Gate>>,
    changed: watch::Sender<u64>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { gates: Mutex::default(), changed: watch::Sender::new(0) }
    }
}

impl Gates {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Gate>> {
        self.gates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Gate)) {
        let mut gates = self.lock();
        if gates.len() < MAX_GATES || gates.contains_key(name) {
            change(gates.entry(name.to_owned()).or_default());
        }
        drop(gates);
        self.changed.send_modify(|count| *count += 1);
    }

    pub(super) fn get(&self, name: &str) -> Gate {
        self.lock().get(name).copied().unwrap_or_default()
    }

    pub(super) fn release(&self, name: &str) {
        self.change(name, |gate| gate.open = true);
    }

    /// Lets everybody go on and forgets all names.
    pub(super) fn reset(&self) {
        self.lock().clear();
        self.changed.send_modify(|count| *count += 1);
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Waits at the gate until it is open.
    pub(super) async fn pass(&self, name: &str) {
        let mut changed = self.watch();
        let _waiting = Waiting::new(self, name);
        loop {
            changed.mark_unchanged();
            // A gate that is gone was reset, or is one too many.
            if self.lock().get(name).is_none_or(|gate| gate.open) || changed.changed().await.is_err() {
                return;
            }
        }
    }
}

/// Counts a reply at a gate for as long as it is there, also when its client leaves.
struct Waiting<'a> {
    gates: &'a Gates,
    name: &'a str,
}

impl<'a> Waiting<'a> {
    fn new(gates: &'a Gates, name: &'a str) -> Self {
        gates.change(name, |gate| gate.waiting += 1);
        Self { gates, name }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(gate) = self.gates.lock().get_mut(self.name) {
            gate.waiting = gate.waiting.saturating_sub(1);
        }
        self.gates.changed.send_modify(|count| *count += 1);
    }
}
