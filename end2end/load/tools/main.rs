//! `load`: chaos and load against a real server process, from the command line.
//!
//! Every command prints what it tried and what went wrong, and returns 1 when anything did.

mod chaos;
mod herd;
mod output;
mod slow;
mod stage;
mod traffic;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use output::say;

/// Uses SiteSpark from outside, the hard way.
#[derive(Debug, Parser)]
#[command(name = "load", version)]
struct CommandLine {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Breaks networks and processes under replies, stops and sends, and looks for anything lost, doubled or stuck.
    Chaos(chaos::Arguments),
    /// Ends the server under thousands of clients, starts it again, and watches how they come back.
    ///
    /// First with kill -9, then with SIGTERM. All must be back and caught up in time, without a second wave: once the
    /// attempts in a second have fallen under a tenth of the busiest second, no second has a quarter of it again.
    Herd(herd::Arguments),
    /// A process full of clients, for `herd`.
    #[command(hide = true)]
    HerdWorker(herd::WorkerArguments),
    /// Measures the server's memory and the others' latency while many clients read one kilobyte a second.
    Slow(slow::Arguments),
    /// Counts what thousands of idle people are sent, and whom it reaches when one of them does something.
    Traffic(traffic::Arguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match CommandLine::parse().task {
        Task::Chaos(arguments) => chaos::run(arguments).await,
        Task::Herd(arguments) => herd::run(arguments).await,
        Task::HerdWorker(arguments) => herd::work(arguments).await,
        Task::Slow(arguments) => slow::run(arguments).await,
        Task::Traffic(arguments) => traffic::run(arguments).await,
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
