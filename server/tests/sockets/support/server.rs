//! A whole server on a free loopback port, with a data folder and a simulator of its own.
//!
//! It runs on a runtime of its own, so that a test can end it as abruptly as a crash would.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use app::protocol::{Command, KimiMode, RoomId, RoomKind};
use clap::Parser;
use leptos::config::LeptosOptions;
use serde_json::{Value, json};
use server::config::CommandLine;
use server::kimi::simulator::{self, Handle, Simulator};
use server::server::{Policies, Server};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::http::{Account, Visitor};

/// What a test wants to be different.
pub(crate) struct Setup {
    pub(crate) arguments: Vec<String>,
    pub(crate) policies: Policies,
    /// Switches of the simulator for every request. Without a rate, it answers as fast as it can.
    pub(crate) simulator: Value,
}

impl Default for Setup {
    fn default() -> Self {
        let mut policies = Policies::default();
        // Retries that a test can wait for.
        policies.runs.backoff = Duration::from_millis(10);
        // Most servers here end with nobody to spread.
        policies.drain.window = Duration::ZERO;
        policies.drain.restart = Duration::ZERO;
        // And leases that a test can wait for: a dead server's runs go on within a second.
        policies.runs.lease = Duration::from_millis(600);
        policies.runs.renew_every = Duration::from_millis(200);
        policies.runs.sweep_every = Duration::from_millis(50);
        policies.run_grace = Duration::from_millis(100);
        Self { arguments: Vec::new(), policies, simulator: json!({}) }
    }
}

impl Setup {
    pub(crate) fn argument(mut self, name: &str, value: &str) -> Self {
        self.arguments.extend([name.to_owned(), value.to_owned()]);
        self
    }

    pub(crate) fn policies(mut self, change: impl FnOnce(&mut Policies)) -> Self {
        change(&mut self.policies);
        self
    }

    pub(crate) fn simulator(mut self, switches: Value) -> Self {
        self.simulator = switches;
        self
    }

    pub(crate) async fn start(self) -> TestServer {
        let mut defaults = json!({"rate": 0}).as_object().unwrap().clone();
        defaults.extend(self.simulator.as_object().unwrap().clone());
        let config = simulator::Config { defaults, ..simulator::Config::default() };
        let simulator = Simulator::start(config).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut arguments = vec!["sitespark".to_owned()];
        for (name, value) in [
            ("--data", folder.path().to_str().unwrap()),
            ("--kimi-base-url", &simulator.base_url()),
            ("--kimi-api-key", "sk-test"),
        ] {
            arguments.extend([name.to_owned(), value.to_owned()]);
        }
        // One call for one answer, where nothing else is tested.
        if !self.arguments.iter().any(|argument| argument == "--kimi-titles") {
            arguments.extend(["--kimi-titles", "false"].map(str::to_owned));
        }
        arguments.extend(self.arguments);
        let (runtime, server) = launch(&arguments, "127.0.0.1:0", &self.policies).await;
        let address = server.address;
        TestServer {
            address,
            simulator,
            folder,
            arguments,
            policies: self.policies,
            server: Some(server),
            runtime: Some(runtime),
        }
    }
}

pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) simulator: Handle,
    folder: TempDir,
    arguments: Vec<String>,
    policies: Policies,
    server: Option<Server>,
    runtime: Option<Runtime>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Setup::default().start().await
    }

    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(self.address)
    }

    /// A new account, signed in.
    pub(crate) async fn account(&self, name: &str) -> Account {
        self.visitor().register(name).await
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("sitespark.db")
    }

    /// Ends the server as a crash would: every task stops where it is, nothing is said or stored any more.
    pub(crate) async fn crash(&mut self) {
        let runtime = self.runtime.take().unwrap();
        self.server = None;
        tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5))).await.unwrap();
    }

    /// Ends the server as an operator would.
    pub(crate) async fn stop(&mut self) {
        let server = self.server.take().unwrap();
        self.runtime.as_ref().unwrap().spawn(server.stop()).await.unwrap();
        self.crash().await;
    }

    /// How many connections it holds.
    pub(crate) fn connections(&self) -> usize {
        self.server.as_ref().unwrap().connection_count()
    }

    /// Begins to end as an operator would, and lets the test go on.
    pub(crate) fn begin_stop(&mut self) -> tokio::task::JoinHandle<()> {
        self.runtime.as_ref().unwrap().spawn(self.server.take().unwrap().stop())
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn change(&self, sql: String) -> u64 {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let result = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        result.rows_affected()
    }

    /// Starts it again at the same address with the same data.
    pub(crate) async fn start_again(&mut self) {
        let (runtime, server) = launch(&self.arguments, &self.address.to_string(), &self.policies).await;
        self.runtime = Some(runtime);
        self.server = Some(server);
    }

    /// One more process with the same data and the same model.
    pub(crate) async fn another_node(&self) -> Node {
        let (runtime, server) = launch(&self.arguments, "127.0.0.1:0", &self.policies).await;
        Node { address: server.address, _server: server, runtime: Some(runtime) }
    }

    /// Changes the database past the server.
    pub(crate) async fn execute(&self, sql: &'static str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// What the database holds, past the server.
    pub(crate) async fn rows(&self, sql: &'static str) -> Vec<SqliteRow> {
        let options = SqliteConnectOptions::new().filename(self.database()).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        rows
    }

    /// A room of all of these, in which Kimi answers everything; the first owns it.
    pub(crate) async fn room_of(&self, accounts: &[&Account]) -> RoomId {
        let room = super::new_room();
        let (kind, kimi) = (RoomKind::Group, Some(KimiMode::Always));
        let mut with = Vec::new();
        for account in &accounts[1..] {
            with.push(account.page(None).await.unwrap().user.email);
        }
        accounts[0]
            .command(&Command::CreateRoom { room, title: String::new(), kind, with, like: None })
            .await;
        let (topic, model, instructions, is_archived) = (None, None, None, None);
        accounts[0]
            .command(&Command::ChangeRoom {
                room,
                topic,
                kimi,
                model,
                thinking: None,
                instructions,
                is_archived,
            })
            .await;
        room
    }

    /// Makes somebody a member of a room, which no command can do yet.
    pub(crate) async fn add_member(&self, room: RoomId, name: &str, role: &str) {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query(
            "insert or replace into members (room_id, user_id, role, joined_at)
             select $1, id, $2, 0 from users where name = $3",
        )
        .bind(room.0)
        .bind(role)
        .bind(name)
        .execute(&mut connection)
        .await
        .unwrap();
        connection.close().await.unwrap();
    }

    /// Locks the database against every writer, as another program may, until the answer is dropped.
    pub(crate) async fn locked(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.database());
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("begin immediate").execute(&mut connection).await.unwrap();
        connection
    }

    /// A number that the database knows.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        self.number(sql.to_owned()).await
    }

    /// The same for a question that a test puts together.
    pub(crate) async fn number(&self, sql: String) -> i64 {
        let options = SqliteConnectOptions::new().filename(self.database()).read_only(true);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let number = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        number
    }

    /// How many times the model was asked.
    pub(crate) fn model_calls(&self) -> usize {
        self.asked().len()
    }

    /// The calls for completions, without those for lists.
    pub(crate) fn asked(&self) -> Vec<simulator::Record> {
        let mut requests = self.simulator.requests();
        requests.retain(|request| request.path.ends_with("/chat/completions"));
        requests
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A second process beside a test's server.
pub(crate) struct Node {
    pub(crate) address: SocketAddr,
    _server: Server,
    runtime: Option<Runtime>,
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What belongs to the whole process, once.
pub(super) fn prepare_process() {
    static ONCE: Once = Once::new();
    // Both the tests' and the server's HTTP clients want one, although nothing here is encrypted.
    ONCE.call_once(|| {
        _ = rustls::crypto::ring::default_provider().install_default();
        if std::env::var_os("RUST_LOG").is_some() {
            server::telemetry::start();
        }
    });
}

async fn launch(arguments: &[String], address: &str, policies: &Policies) -> (Runtime, Server) {
    prepare_process();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut arguments = arguments.to_vec();
    arguments.extend(["--addr".to_owned(), address.to_owned()]);
    let config = CommandLine::try_parse_from(arguments).unwrap().server;
    let leptos = LeptosOptions::builder().output_name("sitespark").site_root("target/site").build();
    let server = runtime
        .spawn(Server::start_with(config, leptos, *policies))
        .await
        .unwrap()
        .unwrap_or_else(|error| panic!("{error}"));
    (runtime, server)
}
