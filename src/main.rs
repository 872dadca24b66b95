//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use stoa::cli::{self, Cli};

/// Steady memory under many small bodies; the system's allocator keeps the peak of every thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::say::complain(format_args!("stoa: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
