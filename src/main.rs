//! The binary: reads the command line and hands over.

use std::process::ExitCode;

use clap::Parser;
use stoa::cli::{self, Cli};

/// Steady memory under many small bodies; the system's allocator keeps the peak of every thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    take_small_pages();
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::say::complain(format_args!("stoa: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The allocator asks the kernel for pages of two megabytes, and a server at rest fills a third of each: it is as fast with
/// small ones. Where the kernel has no such pages, there is nothing to be asked for.
fn take_small_pages() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
