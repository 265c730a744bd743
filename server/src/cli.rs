//! The command line: what the binary does, says and returns.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use leptos::config::{LeptosOptions, get_configuration};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::config::{CommandLine, ServerConfig, Task};
use crate::kimi::simulator;
use crate::server::Server;
use crate::telemetry;

/// Does what the command line says.
pub async fn run(command_line: CommandLine) -> ExitCode {
    telemetry::start();
    let result = match command_line.command {
        None => serve(command_line.server).await,
        Some(Task::Simulator { addr }) => serve_simulator(addr).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say_error(&message);
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: ServerConfig) -> Result<(), String> {
    let model = config.kimi_model.clone();
    let leptos = leptos_options();
    let files = Path::new(&*leptos.site_root).join(&*leptos.site_pkg_dir);
    let server = Server::start(config, leptos).await.map_err(|error| error.to_string())?;
    if !files.is_dir() {
        say_error(&format!(
            "the pages' files are not in `{}`, so pages will not come alive. Run `make build`, or name the folder \
             above it by LEPTOS_SITE_ROOT",
            files.display()
        ));
    }
    say(&format!("SiteSpark is running: open http://{}", server.address));
    if server.is_practice_model {
        say("The practice model answers, because no KIMI_API_KEY is set.");
    } else {
        say(&format!("`{model}` answers."));
    }
    say("Stop it with Ctrl+C.");
    let mut signals = Signals::new()?;
    signals.next().await;
    say("Stopping. Once more to stop at once.");
    tokio::select! {
        () = server.stop() => {}
        () = signals.next() => {}
    }
    Ok(())
}

async fn serve_simulator(address: SocketAddr) -> Result<(), String> {
    let listener =
        TcpListener::bind(address).await.map_err(|error| format!("can't listen on {address}: {error}"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    say(&format!("The practice model is running. Use KIMI_BASE_URL=http://{address}/v1 and any key."));
    let mut signals = Signals::new()?;
    tokio::select! {
        result = simulator::serve(listener, simulator::Config::default()) => {
            result.map_err(|error| error.to_string())
        }
        () = signals.next() => Ok(()),
    }
}

/// What cargo-leptos says in the environment; without it, what its release build would be.
fn leptos_options() -> LeptosOptions {
    if std::env::var_os("LEPTOS_OUTPUT_NAME").is_some()
        && let Ok(configuration) = get_configuration(None)
    {
        return configuration.leptos_options;
    }
    // cargo-leptos leaves the hashes of its files beside the binary.
    let has_hashes = std::env::current_exe().is_ok_and(|binary| binary.with_file_name("hash.txt").exists());
    let site_root = std::env::var("LEPTOS_SITE_ROOT").unwrap_or_else(|_| "target/site".to_owned());
    LeptosOptions::builder().output_name("sitespark").site_root(site_root).hash_files(has_hashes).build()
}

/// What asks the process to end: Ctrl+C and `kill`.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self, String> {
        let listen = |kind| signal(kind).map_err(|error| format!("can't listen for signals: {error}"));
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[expect(clippy::print_stdout, reason = "the command's own output, for whoever started it")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "the command's own output, for whoever started it")]
fn say_error(line: &str) {
    eprintln!("error: {line}.");
}
