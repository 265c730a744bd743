//! The `sitespark` command.

use std::process::ExitCode;

use clap::Parser;
use server::cli;
use server::config::CommandLine;

/// Gives memory back. The system's allocator kept the 19 MiB of a password's hash once for every thread that had ever
/// hashed one: 690 MB after forty people had signed up at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rendering a page waits for its data on these threads; a machine with one core must not be left with one.
const LEAST_THREADS: usize = 4;

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let threads =
        std::thread::available_parallelism().map_or(LEAST_THREADS, |cores| cores.get().max(LEAST_THREADS));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run(command_line)),
        Err(_) => ExitCode::FAILURE,
    }
}
