//! `load`: chaos and load against a real server process, from the command line.
//!
//! Every command prints what it tried and what went wrong, and returns 1 when anything did.

mod chaos;
mod output;
mod stage;

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
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match CommandLine::parse().task {
        Task::Chaos(arguments) => chaos::run(arguments).await,
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
