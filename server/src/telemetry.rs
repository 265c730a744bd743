//! Logs: one readable line with fields on standard error. Never a secret and never what people write.

use std::io;

use tracing_subscriber::EnvFilter;

/// Starts logging; `RUST_LOG` chooses what (default `info`).
pub fn start() {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,hyper=warn"));
    // A second start, in tests, changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .try_init();
}
