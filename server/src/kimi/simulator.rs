//! A real HTTP server that answers like the model's API, so that everything can be tried and tested without a key:
//! replies, errors, delays, cuts and the odd framings of `reference/kimi-api.md`. It thinks nothing and limits nobody;
//! it belongs on a loopback address.
//!
//! People script it by words in the prompt (`/sim help` shows them), tests by `POST /simulator/scripts` or by
//! [`Handle`]. Switches from both, and from the defaults, are laid over each other; a queued script is on top.

mod admin;
mod checks;
mod faults;
mod framing;
mod gates;
mod plan;
mod player;
mod prompt_words;
mod records;
mod reply;
mod request;
mod script;
mod server;
mod state;
mod tokens;
mod wire;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::serve::ListenerExt;
use serde_json::{Map, Value};
use tokio::net::TcpListener;

pub use faults::{KEY_ID, ORGANISATION_ID};
pub use gates::Gate;
pub use records::{MAX_RECORDS, Outcome, Record};
use state::State;

/// How a simulator starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Port 0 takes a free one.
    pub address: SocketAddr,
    /// Switches that hold for every request, such as `{"rate": 500}` or `{"dialect": "ollama"}`.
    pub defaults: Map<String, Value>,
}

impl Default for Config {
    fn default() -> Self {
        Self { address: (Ipv4Addr::LOCALHOST, 0).into(), defaults: Map::new() }
    }
}

/// Starts simulators.
#[derive(Debug)]
pub struct Simulator;

impl Simulator {
    /// Binds the address and answers in the background until the handle is dropped. Wrong defaults are
    /// `InvalidInput`.
    pub async fn start(config: Config) -> io::Result<Handle> {
        let state = Arc::new(state(config.defaults)?);
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let background = state.clone();
        tokio::spawn(async move {
            if let Err(error) = run(listener, background).await {
                tracing::error!(%error, "the simulator stopped");
            }
        });
        Ok(Handle { address, state })
    }
}

/// The names that the switches `fail` and `stream_error` take: one for each error of §5.2.
pub fn fault_names() -> impl Iterator<Item = &'static str> {
    faults::TABLE.iter().map(|(name, ..)| *name)
}

/// Answers on `listener` for as long as the future is polled: the simulator as a command.
/// `config.address` is not used.
pub async fn serve(listener: TcpListener, config: Config) -> io::Result<()> {
    run(listener, Arc::new(state(config.defaults)?)).await
}

fn state(defaults: Map<String, Value>) -> io::Result<State> {
    State::new(defaults).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))
}

async fn run(listener: TcpListener, state: Arc<State>) -> io::Result<()> {
    // Tokens are small: each should leave when it is written.
    let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
    let stop = state.stop.clone();
    axum::serve(listener, server::router(state)).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// A running simulator, and its admin side without HTTP. Dropped, it ends its replies and its server.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    state: Arc<State>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.state.stop.cancel();
    }
}

impl Handle {
    /// What a client is configured with: `http://127.0.0.1:<port>/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// As `POST /simulator/scripts`: queues one script or an array of them.
    pub fn script(&self, script: Value) -> Result<usize, String> {
        self.state.queue(script)
    }

    /// As `POST /simulator/defaults`.
    pub fn defaults(&self, defaults: Value) -> Result<(), String> {
        self.state.set_defaults(defaults)
    }

    /// As `GET /simulator/requests`: what was asked so far, oldest first.
    pub fn requests(&self) -> Vec<Record> {
        self.state.records.all()
    }

    /// As `GET /simulator/reply`: text and thinking that a prompt alone leads to.
    pub fn reply(&self, prompt: &str) -> (String, String) {
        let reply = reply::compose(prompt, &self.state.preview(prompt));
        (reply.text, reply.thinking)
    }

    /// Waits until the records are as wanted. Wakes on new requests, heads, first chunks and ends, not on each token.
    pub async fn until(&self, wanted: impl Fn(&[Record]) -> bool) {
        let mut changed = self.state.records.watch();
        loop {
            changed.mark_unchanged();
            if wanted(&self.requests()) || changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until a reply stands at the gate.
    pub async fn until_gate(&self, name: &str) {
        let mut changed = self.state.gates.watch();
        loop {
            changed.mark_unchanged();
            if self.gate(name).waiting > 0 || changed.changed().await.is_err() {
                return;
            }
        }
    }

    /// As `GET /simulator/gates/{name}`.
    pub fn gate(&self, name: &str) -> Gate {
        self.state.gates.get(name)
    }

    /// As `POST /simulator/gates/{name}`: lets the replies at the gate go on, and all that come later.
    pub fn release(&self, name: &str) {
        self.state.gates.release(name);
    }

    /// As `POST /simulator/reset`.
    pub fn reset(&self) {
        self.state.reset();
    }
}
