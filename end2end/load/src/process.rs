//! The server and the simulator as processes: started by path, killed like a crash or stopped like an operator does.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::Result;

/// The time to open a database and a port, on a machine that is busy.
const START_WITHIN: Duration = Duration::from_secs(30);
/// The time for goodbyes.
const STOP_WITHIN: Duration = Duration::from_mins(2);

/// The release build, or else the development build.
pub fn find_binary() -> Result<PathBuf> {
    ["target/release/sitespark", "target/debug/sitespark"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
        .ok_or_else(|| "there is no server in target/; run `make build`, or name one by --binary".into())
}

/// The practice model as a process of its own, which outlives the server.
#[derive(Debug)]
pub struct ModelProcess {
    pub address: SocketAddr,
    _child: Child,
}

impl ModelProcess {
    pub async fn start(binary: &Path) -> Result<Self> {
        let (child, address) = start(binary, ["simulator", "--addr", "127.0.0.1:0"], Stdio::null()).await?;
        Ok(Self { address, _child: child })
    }
}

#[derive(Debug)]
pub struct ServerProcess {
    pub address: SocketAddr,
    binary: PathBuf,
    data: PathBuf,
    arguments: Vec<String>,
    child: Child,
}

impl ServerProcess {
    /// Starts a server with its database and its log in `data`, on a free loopback port that it keeps over restarts.
    /// `model` is where it asks, a simulator or a proxy before one.
    pub async fn start(
        binary: &Path,
        data: &Path,
        model: SocketAddr,
        arguments: &[(&str, &str)],
    ) -> Result<Self> {
        let mut all = vec!["--data".to_owned(), data.display().to_string()];
        all.extend(["--kimi-base-url".to_owned(), format!("http://{model}/v1")]);
        all.extend(["--kimi-api-key".to_owned(), "sk-load".to_owned()]);
        // One call for one answer, so that calls can be counted.
        all.extend(["--kimi-titles".to_owned(), "false".to_owned()]);
        for (name, value) in arguments {
            all.extend([(*name).to_owned(), (*value).to_owned()]);
        }
        let (child, address) = start_server(binary, data, &all, "127.0.0.1:0").await?;
        Ok(Self { address, binary: binary.to_owned(), data: data.to_owned(), arguments: all, child })
    }

    /// Starts it again at the same address with the same data. It must have ended.
    pub async fn start_again(&mut self) -> Result<()> {
        let address = self.address.to_string();
        (self.child, _) = start_server(&self.binary, &self.data, &self.arguments, &address).await?;
        Ok(())
    }

    /// `kill -9`: it says and stores nothing any more.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await?;
        Ok(())
    }

    /// SIGTERM, and waits until it has ended by itself.
    pub async fn terminate(&mut self) -> Result<()> {
        self.signal_end().await?;
        timeout(STOP_WITHIN, self.child.wait()).await??;
        Ok(())
    }

    async fn signal_end(&self) -> Result<()> {
        let id = self.id().ok_or("the server has ended already")?;
        let status = Command::new("sh").arg("-c").arg(format!("kill -TERM {id}")).status().await?;
        if status.success() { Ok(()) } else { Err("the server could not be told to stop".into()) }
    }

    /// Of the process, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Bytes of memory that it has (resident set), by Linux's `/proc`.
    pub fn memory(&self) -> Result<u64> {
        let id = self.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        Ok(kilobytes.ok_or("no VmRSS in /proc")? * 1024)
    }
}

async fn start_server(
    binary: &Path,
    data: &Path,
    arguments: &[String],
    address: &str,
) -> Result<(Child, SocketAddr)> {
    let log = std::fs::File::options().create(true).append(true).open(data.join("server.log"))?;
    let arguments = arguments.iter().map(String::as_str).chain(["--addr", address]);
    start(binary, arguments, log.into()).await
}

/// Starts it and reads the address that it says.
async fn start<A: AsRef<OsStr>>(
    binary: &Path,
    arguments: impl IntoIterator<Item = A>,
    log: Stdio,
) -> Result<(Child, SocketAddr)> {
    let mut command = Command::new(binary);
    // What the shell has set for a server of its own is not for this one.
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "RUST_LOG"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true);
    let mut child =
        command.spawn().map_err(|error| format!("can't start `{}`: {error}", binary.display()))?;
    let output = child.stdout.take().ok_or("the server has no output")?;
    let mut lines = BufReader::new(output).lines();
    let address = timeout(START_WITHIN, async {
        while let Some(line) = lines.next_line().await? {
            let address = line.split("http://").nth(1).map(|rest| {
                rest.split(|character: char| {
                    character != ':' && character != '.' && !character.is_ascii_digit()
                })
                .next()
                .unwrap_or_default()
                .to_owned()
            });
            if let Some(address) = address {
                return Ok::<_, crate::Error>(address.parse()?);
            }
        }
        Err("the server ended before it was running".into())
    })
    .await
    .map_err(|_| "the server did not start in time")??;
    // It must be able to say more.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, address))
}
