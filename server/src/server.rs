//! The boot list: what a server is made of, in the order in which it starts and ends.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use leptos::config::LeptosOptions;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::auth::accounts::Accounts;
use crate::auth::ticket::Tickets;
use crate::bus::{Bus, LocalBus};
use crate::chat::{self, Chat, RunPolicy};
use crate::config::ServerConfig;
use crate::drain::{self, Drain};
use crate::http::AppState;
use crate::http::state::Shared;
use crate::hub::{Hub, presence};
use crate::kimi::simulator::{self, Simulator};
use crate::kimi::{self, Model};
use crate::rich::{self, Rich};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::transport::{poll, tcp, websocket};
use crate::{http, pages, store};

/// The database's name in the data folder.
const DATABASE: &str = "sitespark.db";

/// Times and sizes that nobody has to configure; tests set others.
#[derive(Clone, Copy, Debug)]
pub struct Policies {
    /// How long a ticket may wait to be used.
    pub ticket_lifetime: Duration,
    pub tcp: tcp::Policy,
    pub sockets: websocket::Policy,
    pub polls: poll::Policy,
    pub presence: presence::Policy,
    /// `window` can be configured.
    pub drain: drain::Policy,
    /// `at_once` is configured.
    pub runs: RunPolicy,
    /// How long runs may still write when the server stops; then they are handed over.
    pub run_grace: Duration,
    pub model: kimi::Timeouts,
    pub catalogue: kimi::catalogue::Policy,
    pub rich: rich::Policy,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            ticket_lifetime: Duration::from_secs(5),
            tcp: tcp::Policy::default(),
            sockets: websocket::Policy::default(),
            polls: poll::Policy::default(),
            presence: presence::Policy::default(),
            drain: drain::Policy::default(),
            runs: RunPolicy::default(),
            run_grace: Duration::from_secs(10),
            model: kimi::Timeouts::default(),
            catalogue: kimi::catalogue::Policy::default(),
            rich: rich::Policy::default(),
        }
    }
}

/// Why a server can't start; each is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0}")]
    Configuration(String),
    #[error("{0} is in use. Stop what uses it, or choose another by PORT or SITESPARK_ADDR")]
    AddressInUse(SocketAddr),
    #[error("can't listen on {0}: {1}")]
    Listen(SocketAddr, io::Error),
    #[error("can't write to the data folder `{folder}`: {error}. Choose another by SITESPARK_DATA")]
    Data { folder: String, error: io::Error },
    #[error("can't open the database `{file}`: {error}")]
    Database { file: String, error: store::Error },
    #[error("can't use the model's API: {0}. Check KIMI_BASE_URL and KIMI_API_KEY")]
    Model(String),
    #[error("can't start the practice model: {0}")]
    Practice(io::Error),
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    pub address: SocketAddr,
    pub is_practice_model: bool,
    state: AppState,
    stop: CancellationToken,
    run_grace: Duration,
    task: JoinHandle<io::Result<()>>,
    /// Of the hub.
    keeper: AbortOnDropHandle<()>,
    /// Answers as the model as long as the server runs.
    _simulator: Option<simulator::Handle>,
}

impl Server {
    pub async fn start(config: ServerConfig, leptos: LeptosOptions) -> Result<Self, StartError> {
        Self::start_with(config, leptos, Policies::default()).await
    }

    pub async fn start_with(
        config: ServerConfig,
        leptos: LeptosOptions,
        policies: Policies,
    ) -> Result<Self, StartError> {
        config.check().map_err(StartError::Configuration)?;
        let listener = listen(config.address()).await?;
        let address = listener.local_addr().map_err(|error| StartError::Listen(config.address(), error))?;
        let store: Arc<dyn Store> = Arc::new(open_store(&config.data).await?);
        let (model, simulator) = open_model(&config, policies.model).await?;

        let hub = Hub::new(config.limits(), policies.presence);
        let bus: Arc<dyn Bus> = Arc::new(LocalBus::new(hub.clone()));
        let settings = chat::Settings {
            limits: config.limits(),
            model: config.kimi_model.clone(),
            models: config.models(),
            catalogue: policies.catalogue,
            assistant_name: "Kimi".to_owned(),
            is_practice_model: simulator.is_some(),
            runs: RunPolicy {
                at_once: config.limits.runs_at_once.into(),
                // The practice model would only repeat the first words.
                names_rooms: config.kimi_titles && simulator.is_none(),
                searches_web: config.kimi_web_search || simulator.is_some(),
                ..policies.runs
            },
        };
        let chat = Chat::new(settings, store.clone(), bus, model);
        let keeper = AbortOnDropHandle::new(tokio::spawn(hub.clone().keep(chat.clone())));

        let state = AppState::new(Shared {
            leptos,
            accounts: Accounts::new(store),
            tickets: Tickets::new(policies.ticket_lifetime),
            chat,
            hub,
            sockets: policies.sockets,
            polls: policies.polls,
            drain: Drain::new(drain::Policy {
                window: config.drain_window().unwrap_or(policies.drain.window),
                ..policies.drain
            }),
            public_url: config.public_url,
            rich: Rich::new(policies.rich),
        });
        let stop = CancellationToken::new();
        let stopping = stop.clone().cancelled_owned();
        let listener = tcp::Listener::new(listener, policies.tcp);
        let serving = axum::serve(listener, service(&state)).with_graceful_shutdown(stopping);
        let task = tokio::spawn(serving.into_future());
        let is_practice_model = simulator.is_some();
        let run_grace = policies.run_grace;
        Ok(Self { address, is_practice_model, state, stop, run_grace, task, keeper, _simulator: simulator })
    }

    /// How many clients are connected, over whichever transport.
    pub fn connection_count(&self) -> usize {
        self.state.hub.connection_count()
    }

    /// Takes no new visitors and says goodbye to every connection, each at a moment of its own with a hint of when to
    /// come back; meanwhile runs get their grace, and those that are left are handed over.
    pub async fn stop(self) {
        let goodbyes = self.state.drain.run(&self.state.hub, &self.state.tickets);
        tokio::join!(goodbyes, self.state.chat.drain(self.run_grace));
        // Pages and refusals were answered until now. The library's graceful end waits for requests, event streams
        // among them, and knows nothing of upgraded sockets; both have been told to end, and both are waited for,
        // because goodbyes have to be written before the process may end.
        self.stop.cancel();
        let end = async { tokio::join!(self.task, self.state.hub.until_empty()) };
        if tokio::time::timeout(self.state.drain.policy().end_within, end).await.is_err() {
            tracing::warn!("requests and connections that did not end in time were dropped");
        }
        drop(self.keeper);
        self.state.hub.note_all(&*self.state.chat).await;
    }
}

fn service(state: &AppState) -> IntoMakeServiceWithConnectInfo<axum::Router, tcp::Peer> {
    let router = pages::add(http::routes(), state).with_state(state.clone());
    http::layers(router, state.clone()).into_make_service_with_connect_info()
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Listen(address, error),
    })
}

async fn open_store(data: &Path) -> Result<SqliteStore, StartError> {
    let unwritable = |error| StartError::Data { folder: data.display().to_string(), error };
    std::fs::create_dir_all(data).map_err(unwritable)?;
    // Tells a folder without the right to write apart from a broken database.
    let probe = data.join(".writable");
    std::fs::write(&probe, b"").and_then(|()| std::fs::remove_file(&probe)).map_err(unwritable)?;
    let file = data.join(DATABASE);
    SqliteStore::open(&file).await.map_err(|error| database_error(&file, error))
}

fn database_error(file: &Path, error: store::Error) -> StartError {
    StartError::Database { file: file.display().to_string(), error }
}

/// The configured model, or the built-in simulator through the same code.
async fn open_model(
    config: &ServerConfig,
    timeouts: kimi::Timeouts,
) -> Result<(Arc<dyn Model>, Option<simulator::Handle>), StartError> {
    let mut client = kimi::Config {
        key: config.kimi_api_key.clone(),
        partial: config.kimi_partial,
        timeouts,
        ..kimi::Config::default()
    };
    if let Some(base_url) = config.base_url() {
        base_url.clone_into(&mut client.base_url);
    }
    let mut simulator = None;
    if config.is_practice_model() {
        let handle = Simulator::start(simulator::Config::default()).await.map_err(StartError::Practice)?;
        client.base_url = handle.base_url();
        client.key = Some("sk-practice".to_owned());
        simulator = Some(handle);
    }
    let client = kimi::Client::new(client).map_err(|error| StartError::Model(error.to_string()))?;
    Ok((Arc::new(client), simulator))
}
