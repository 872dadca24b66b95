//! How long the benchmark takes: the command line and what follows from it. Everything is bounded here.

use std::{path::PathBuf, time::Duration};

use clap::Parser;

/// Shortest flatness run that is asked for, seconds.
const FLATNESS_SECS: u64 = 60;

/// Measures the road from activity to webhooks beside the limits of this machine.
#[derive(Debug, Clone, Parser)]
#[command(name = "stoa-bench")]
pub struct Args {
    /// Shorter windows and one repetition, for a first look; also by `BENCH_QUICK=1`
    #[arg(long)]
    quick: bool,
    /// Only these measures, by name
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// The server's binary
    #[arg(long, default_value = "target/release/stoa")]
    pub server: PathBuf,
    /// Folder of the run: data, log of the server, results
    #[arg(long, default_value = "target/bench")]
    pub folder: PathBuf,
    /// Keep the data of the server, with its database
    #[arg(long)]
    pub keep: bool,
}

/// The lengths of everything.
#[derive(Debug, Clone)]
pub struct Pace {
    quick: bool,
    only: Vec<String>,
    flatness: Duration,
}

impl Pace {
    /// Takes the command line, and of the environment `BENCH_QUICK` and `STOA_BENCH_SECS`.
    ///
    /// # Errors
    /// When a measure is named that there is not.
    pub fn of(args: &Args, measures: &[&str]) -> anyhow::Result<Self> {
        if let Some(unknown) = args.only.iter().find(|name| !measures.contains(&name.as_str())) {
            anyhow::bail!("there is no measure `{unknown}`; there are {}", measures.join(", "));
        }
        let quick = args.quick || variable("BENCH_QUICK").is_some_and(|value| value != "0");
        let asked = variable("STOA_BENCH_SECS").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let usual = Duration::from_secs(if quick { FLATNESS_SECS / 4 } else { FLATNESS_SECS });
        Ok(Self { quick, only: args.only.clone(), flatness: asked.unwrap_or(usual) })
    }

    /// Is a measure wanted.
    pub fn wants(&self, measure: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == measure)
    }

    /// Length of one window of load.
    pub fn window(&self, seconds: f64) -> Duration {
        Duration::from_secs_f64(if self.quick { seconds * 0.4 } else { seconds })
    }

    /// How often a rate is measured; the median counts.
    pub const fn repeats(&self) -> usize {
        if self.quick { 1 } else { 3 }
    }

    /// Length of the run that looks whether memory is flat.
    pub const fn flatness(&self) -> Duration {
        self.flatness
    }

    /// Was a short run asked for.
    pub const fn is_quick(&self) -> bool {
        self.quick
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the benchmark has no `Config`; this is where it reads its two variables"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
