//! The browser's storage for this site, as far as it is allowed and has space: what can't be kept is simply not kept.
//!
//! Everything of ours is under one prefix, so that signing out can clear it.

use js_sys::Object;
use leptos::prelude::window;
use web_sys::Storage;

/// What every key of ours begins with.
pub const PREFIX: &str = "sitespark:";

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// The keys that begin with `prefix`, sorted.
pub fn keys(prefix: &str) -> Vec<String> {
    let Some(storage) = storage() else { return Vec::new() };
    let keys = Object::keys(&storage).sort();
    keys.iter().filter_map(|key| key.as_string()).filter(|key| key.starts_with(prefix)).collect()
}

pub fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// True when it is kept.
pub fn set(key: &str, value: &str) -> bool {
    storage().is_some_and(|storage| storage.set_item(key, value).is_ok())
}

pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        _ = storage.remove_item(key);
    }
}

/// Removes all of ours but what begins with one of these.
pub fn remove_all_but(kept: &[&str]) {
    for key in keys(PREFIX) {
        if !kept.iter().any(|prefix| key.starts_with(prefix)) {
            remove(&key);
        }
    }
}
