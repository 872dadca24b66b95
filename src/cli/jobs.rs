//! `stoa jobs`: the queue from the shell, the same as `/ops/jobs`.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, SecondsFormat, Utc};
use stoa_core::{
    clock::SystemClock,
    db::{Db, DbOptions, HouseTx, PageRequest, SchemaState, schema_state},
    events::Handoff,
};
use stoa_jobs::queue::operate::{self, JobFilter, JobRow, JobState, QueueStats};
use tokio::task::spawn_blocking;

use super::{
    args::{JobsVerb, Which},
    say,
};
use crate::{cluster::Database, config::Config};

/// Jobs that are listed at most.
const LISTED: i64 = 100;

pub(super) async fn run(config: &Config, verb: JobsVerb) -> anyhow::Result<()> {
    let config = config.clone();
    // Kept to the end: a private cluster runs as long as this lives.
    let database = spawn_blocking(move || migrated(&config)).await??;
    let options = DbOptions { app_connections: 1, relay_connections: 1, wait: Duration::from_secs(10) };
    let db = Db::new(database.endpoint(), &options, Arc::new(SystemClock), Handoff::none())?;
    let mut tx = db.house().await?;
    perform(&mut tx, verb).await?;
    tx.commit().await?;
    db.close();
    spawn_blocking(move || drop(database)).await?;
    Ok(())
}

/// The database of the settings, with the schema of this binary.
pub(super) fn migrated(config: &Config) -> anyhow::Result<Database> {
    let database = Database::shared(config)?;
    match schema_state(&database.endpoint())? {
        SchemaState::Current => Ok(database),
        SchemaState::Behind(_) => anyhow::bail!("the schema is older than this binary; run `stoa migrate` first"),
        SchemaState::Newer(_) => anyhow::bail!("the schema is newer than this binary"),
    }
}

async fn perform(tx: &mut HouseTx, verb: JobsVerb) -> anyhow::Result<()> {
    match verb {
        JobsVerb::List { which, state } => list(tx, which.filter(Some(state))).await?,
        JobsVerb::Retry { which } => {
            let count = operate::retry(tx, &which.narrow()?).await?;
            say::line(format_args!("{count} jobs are due now"));
        }
        JobsVerb::Discard { which, reason } => {
            let count = operate::discard(tx, &which.narrow()?, &reason).await?;
            say::line(format_args!("{count} jobs are discarded"));
        }
        JobsVerb::Pause { queue, reason } => {
            let paused = operate::pause(tx, queue, &reason).await?;
            say::line(format_args!(
                "{queue} {}",
                if paused { "is paused on every node" } else { "was paused already" }
            ));
        }
        JobsVerb::Resume { queue } => {
            let resumed = operate::resume(tx, queue).await?;
            say::line(format_args!("{queue} {}", if resumed { "goes on" } else { "was not paused" }));
        }
    }
    Ok(())
}

impl Which {
    fn filter(self, state: Option<JobState>) -> JobFilter {
        JobFilter { queue: self.queue, state, name: self.name, tenant: self.institution, ids: self.ids }
    }

    /// Refuses to change every job there is for want of a word.
    fn narrow(self) -> anyhow::Result<JobFilter> {
        let all = self.ids.is_empty() && self.queue.is_none() && self.name.is_none() && self.institution.is_none();
        anyhow::ensure!(!all, "say which: jobs by id, --queue, --name or --institution");
        Ok(self.filter(None))
    }
}

async fn list(tx: &mut HouseTx, filter: JobFilter) -> anyhow::Result<()> {
    say::line(format_args!(
        "{:<14}{:>8}{:>11}{:>9}{:>11}  {:<22}PAUSED",
        "QUEUE", "DUE", "SCHEDULED", "RUNNING", "DISCARDED", "OLDEST DUE"
    ));
    for queue in operate::stats(tx).await? {
        say::line(queue_line(&queue));
    }
    let jobs = operate::list(tx, &filter, PageRequest { page: 1, per_page: LISTED }).await?;
    say::line(format_args!("\n{} jobs are {}", jobs.total, filter.state.map_or("there", JobState::as_str)));
    for job in &jobs.rows {
        say::line(job_line(job));
    }
    Ok(())
}

fn queue_line(queue: &QueueStats) -> String {
    let QueueStats { queue: name, due, scheduled, running, discarded, oldest_due_at, paused_reason, .. } = queue;
    let oldest = oldest_due_at.map(time).unwrap_or_default();
    let paused = paused_reason.as_deref().unwrap_or_default();
    format!("{name:<14}{due:>8}{scheduled:>11}{running:>9}{discarded:>11}  {oldest:<22}{paused}").trim_end().to_owned()
}

fn job_line(job: &JobRow) -> String {
    let JobRow { id, tenant_id, name, attempts, run_at, last_error, .. } = job;
    let error = last_error.as_deref().unwrap_or_default();
    format!("{id}  {name}  {tenant_id}  attempts {attempts}  {}  {error}", time(*run_at)).trim_end().to_owned()
}

fn time(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}
