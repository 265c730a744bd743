//! Keeps the leases of this node's runs, and takes over the runs that nobody holds any more: those of a process that
//! died, also of this one before it was started again, and those that were handed over.
//!
//! Time is the database's. A process that only slept finds its leases renewed or lost; what it would still write is
//! refused by the store.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use app::protocol::MessageId;
use tokio::time::Instant;

use super::{Admitted, Shared, Signals};
use crate::store;

pub(super) async fn keep(shared: Arc<Shared>) {
    let mut renewed: Option<Instant> = None;
    let mut orphans = HashSet::new();
    loop {
        // First: what this process is at work on must not look expired to its own sweep.
        if renewed.is_none_or(|renewed| renewed.elapsed() >= shared.policy.renew_every) {
            match renew(&shared, &orphans).await {
                Ok(found) => orphans = found,
                Err(error) => tracing::error!(%error, "the leases of this node's runs can't be renewed"),
            }
            renewed = Some(Instant::now());
        }
        if !shared.draining.is_cancelled()
            && let Err(error) = sweep(&shared).await
        {
            tracing::error!(%error, "runs that nobody holds can't be taken over");
        }
        tokio::time::sleep(shared.policy.sweep_every).await;
    }
}

/// Renews all leases of the node, tells runs that lost theirs, and frees those that nobody here is at work on: a task
/// that panicked, or an end that could not be recorded. A run may be stored a moment before it is active, so that one
/// is an orphan only when it was found so twice; returned are those that were found so now.
async fn renew(shared: &Shared, orphans: &HashSet<MessageId>) -> store::Result<HashSet<MessageId>> {
    let active: HashMap<MessageId, Signals> =
        shared.active().iter().map(|(message, active)| (*message, active.signals.clone())).collect();
    let held: HashSet<MessageId> =
        shared.store.renew_leases(shared.node, shared.policy.lease).await?.into_iter().collect();
    for (_, signals) in active.iter().filter(|(message, _)| !held.contains(message)) {
        signals.leave.cancel();
    }
    let idle: HashSet<MessageId> =
        held.into_iter().filter(|message| !shared.active().contains_key(message)).collect();
    for message in idle.intersection(orphans) {
        shared.store.release_leases(shared.node, Some(*message)).await?;
    }
    Ok(idle)
}

async fn sweep(shared: &Arc<Shared>) -> store::Result<()> {
    let expired = shared.store.expired_runs(shared.policy.sweep).await?;
    let lease = shared.lease();
    // Active before they are taken, so that whoever stops one now finds it here. Those that are not taken leave again.
    let admitted: Vec<Admitted> = expired
        .into_iter()
        .filter_map(|(room, message)| shared.clone().admit(room, message, lease.token))
        .collect();
    if admitted.is_empty() {
        return Ok(());
    }
    let messages: Vec<MessageId> = admitted.iter().map(|run| run.message).collect();
    let taken: HashMap<MessageId, u32> =
        shared.store.take_over(&messages, lease).await?.into_iter().collect();
    tracing::info!(runs = taken.len(), "runs are taken over");
    for mut run in admitted {
        if let Some(take_overs) = taken.get(&run.message) {
            run.take_overs = *take_overs;
            run.start();
        }
    }
    Ok(())
}
