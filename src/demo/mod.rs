//! `stoa demo`: a day of a small school, played against a running server through its public API alone.
//!
//! The cast:
//! - [`api`] calls the server as any integration would;
//! - [`school`] loads a course and learners of this run, and takes them away again;
//! - [`receivers`] listen on loopback for the three dialects; one of them refuses its first delivery;
//! - [`checks`] verify signatures as a receiver does, over the bytes that came;
//! - [`day`] is what happens;
//! - [`ledger`] knows what must arrive, and tells what did; [`receipt`] is one arrival.
//!
//! Every run has its own course, learners, webhooks and token, named after the run, so that two at once do not meet.
//!
//! Not here: anything of the server's inside. The demo knows what its documentation says.

mod api;
mod checks;
mod day;
mod ledger;
mod receipt;
mod receivers;
mod school;

use std::time::Duration;

use anyhow::{Context, bail};

use crate::{cli::say, config::Config, house::read_demo_file, signals::Signals};
use api::Api;
use ledger::Ledger;
use receivers::Receivers;
use school::School;

/// Longest wait for the last delivery after the day has ended. The refused one comes again after about 5 s.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whom to play against; what is left out is read from `demo.json` in the data folder.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// `http://host:port` of the server.
    pub address: Option<String>,
    /// Integration token with an admin's abilities.
    pub token: Option<String>,
}

/// Plays the day and tells of it.
///
/// # Errors
/// When the server cannot be reached or refuses something, and when something that must arrive does not, or arrives
/// with a signature that does not verify.
pub async fn run(config: &Config, target: Target) -> anyhow::Result<()> {
    let mut signals = Signals::take_over()?;
    let api = connect(config, target)?;
    let name = format!("demo-{:08x}", rand::random::<u32>());
    let mut receivers = Receivers::open()?;
    let mut school = School::new(api, name);
    let played = tokio::select! {
        played = play(&mut school, &mut receivers) => played,
        signal = signals.next() => Err(anyhow::anyhow!("{signal}: stopped half-way")),
    };
    school.close().await;
    receivers.close().await;
    played
}

fn connect(config: &Config, target: Target) -> anyhow::Result<Api> {
    let (address, token) = match target {
        Target { address: Some(address), token: Some(token) } => (address, token),
        Target { address, token } => {
            let file = read_demo_file(config)?.with_context(|| {
                let dir = config.data.dir.display();
                format!(
                    "there is no demo.json in {dir}: start the server first (make run), or say --address and --token"
                )
            })?;
            (address.unwrap_or(file.address), token.unwrap_or(file.token))
        }
    };
    Ok(Api::new(address.trim_end_matches('/').to_owned(), token))
}

async fn play(school: &mut School, receivers: &mut Receivers) -> anyhow::Result<()> {
    let mut ledger = Ledger::default();
    school.open(receivers, &mut ledger).await?;
    say::line("\nWhat goes in, told as yesterday morning\n");
    for hour in day::hours(school) {
        let outcome = school.submit(&hour.events).await?;
        ledger.note(&hour, &outcome);
        say::line(format_args!("  {}  {:<58}{}", hour.clock, hour.told, outcome.counts()));
        if outcome.counts() != hour.counts {
            bail!("{}: expected {}, got {}", hour.told, hour.counts, outcome.faults());
        }
    }
    say::line("\nWaiting for the deliveries; the refused one comes again after about 5 seconds.");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !ledger.missing().is_empty() {
        match tokio::time::timeout_at(deadline, receivers.next()).await {
            Ok(Some(arrival)) => ledger.receive(school, &arrival),
            Ok(None) | Err(_) => break,
        }
    }
    ledger.tell();
    let log = school.delivery_log(deadline).await?;
    ledger.totals(&log);
    ledger.verdict(&log)
}
