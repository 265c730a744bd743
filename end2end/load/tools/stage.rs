//! What every command needs: a simulator, a server with a data folder of its own, a breakable way between the two, and
//! accounts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use load::{Account, ModelProcess, Proxy, Result, ServerProcess, SimulatorAdmin, Visitor};
use tempfile::TempDir;

/// Limits that many clients in one machine would meet.
const ARGUMENTS: [(&str, &str); 4] = [
    ("--messages-per-minute", "1000000"),
    ("--connections-per-user", "10000"),
    ("--connections-per-address", "60000"),
    ("--runs-at-once", "2000"),
];
/// Hashing passwords is slow on purpose.
const AT_ONCE: usize = 8;

#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) server: ServerProcess,
    pub(crate) simulator: SimulatorAdmin,
    /// Between the server and the simulator.
    pub(crate) model_proxy: Proxy,
    pub(crate) accounts: Vec<Account>,
    folder: TempDir,
    _model: ModelProcess,
}

impl Stage {
    pub(crate) async fn set(binary: Option<PathBuf>, accounts: usize) -> Result<Self> {
        Self::set_with_model(binary, accounts, None).await
    }

    /// With another model than the simulator.
    pub(crate) async fn set_with_model(
        binary: Option<PathBuf>,
        accounts: usize,
        other: Option<SocketAddr>,
    ) -> Result<Self> {
        let binary = binary.map_or_else(load::find_binary, Ok)?;
        let folder = tempfile::Builder::new().prefix("sitespark-load-").tempdir()?;
        let model = ModelProcess::start(&binary).await?;
        let model_proxy = Proxy::start(other.unwrap_or(model.address)).await?;
        let server = ServerProcess::start(&binary, folder.path(), model_proxy.address(), &ARGUMENTS).await?;
        let simulator = SimulatorAdmin::new(model.address)?;
        let accounts = register(&Visitor::new(server.address)?, accounts).await?;
        Ok(Self { server, simulator, model_proxy, accounts, folder, _model: model })
    }

    /// The account of worker `number`.
    pub(crate) fn account(&self, number: usize) -> Result<&Account> {
        self.accounts.get(number % self.accounts.len().max(1)).ok_or_else(|| "there are no accounts".into())
    }

    /// Leaves the database and the server's log behind, and says where.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }
}

async fn register(visitor: &Visitor, count: usize) -> Result<Vec<Account>> {
    let mut accounts = Vec::with_capacity(count);
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(AT_ONCE) {
        let tasks = some.iter().map(|number| async move { visitor.register(&format!("User{number}")).await });
        for account in futures_util::future::join_all(tasks).await {
            accounts.push(account?);
        }
    }
    Ok(accounts)
}

/// Tries something that has nothing to do with the faults a few times, because the machine may be very busy.
pub(crate) async fn patiently<T, E, F: Future<Output = std::result::Result<T, E>>>(
    mut ask: impl FnMut() -> F,
) -> std::result::Result<T, E> {
    for _ in 0..20 {
        if let Ok(answer) = ask().await {
            return Ok(answer);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    ask().await
}
