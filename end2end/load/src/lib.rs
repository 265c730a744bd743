//! SiteSpark from outside: what a person's browser does, as native code, and what a bad network does to it.
//!
//! [`NativeClient`] drives `app::client` over real sockets and HTTP, its [`Ledger`] notes whatever is lost, doubled or
//! changed, and a [`Proxy`] breaks the connections in between. The commands in `tools/` are made of these, and the
//! server's tests use them too. Nothing here knows the server's code: it is a process at an address.

mod account;
mod client;
mod event_stream;
mod ledger;
mod line;
mod listener;
mod process;
mod proxy;
mod random;
mod simulator;

pub use account::{Account, PASSWORD, Visitor};
pub use client::{NativeClient, Options, TimedOut, is_whole};
pub use ledger::{Finding, Ledger};
pub use listener::{FrameCounts, Listener};
pub use process::{ModelProcess, ServerProcess, find_binary};
pub use proxy::{Direction, Fault, Mortality, Proxy};
pub use random::Random;
pub use simulator::{ModelCall, Reply, SimulatorAdmin};

use std::time::{SystemTime, UNIX_EPOCH};

use app::client::Millis;

/// What can go wrong around the product: the tools stop at it and say it. What goes wrong *in* the product is a
/// [`Finding`].
pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Result<T> = std::result::Result<T, Error>;

/// Milliseconds since 1970 by this machine's clock.
pub fn now() -> Millis {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::try_from(elapsed.as_millis()).unwrap_or(Millis::MAX)
}
