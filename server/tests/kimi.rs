//! The Kimi client against every stream and error of `reference/kimi-api.md`, through the simulator over real HTTP.
//! The pure parts have their tests beside them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "kimi/admin.rs"]
mod admin;
#[path = "kimi/captures.rs"]
mod captures;
#[path = "kimi/dialects.rs"]
mod dialects;
#[path = "kimi/errors.rs"]
mod errors;
#[path = "kimi/hostile.rs"]
mod hostile;
#[path = "kimi/requests.rs"]
mod requests;
#[path = "kimi/streams.rs"]
mod streams;
#[path = "kimi/support.rs"]
mod support;
#[path = "kimi/waiting.rs"]
mod waiting;
