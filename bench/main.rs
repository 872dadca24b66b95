#![doc = include_str!("README.md")]

mod database;
mod figures;
mod limits;
mod machine;
mod measures;
mod pace;
mod peer;
mod report;
mod say;
mod server;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::pace::{Args, Pace};

fn main() -> ExitCode {
    match actix_rt::System::new().block_on(bench(&Args::parse())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::progress(format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn bench(args: &Args) -> anyhow::Result<()> {
    let pace = Pace::of(args, &measures::NAMES)?;
    let mut about = machine::about();
    if pace.is_quick() {
        about.push_str(", short windows");
    }
    std::fs::create_dir_all(&args.folder)?;
    let report = measures::run(args, pace).await?;
    say::result(format_args!("\n{about}\n\n{}", report.table()));
    report.write(&args.folder, &about)?;
    say::progress(format_args!("written to {}/results.json and results.md", args.folder.display()));
    Ok(())
}
