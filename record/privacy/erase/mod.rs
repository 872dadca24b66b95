//! The erasing of a person: table by table as `held` declares, a handful of rows for each transaction.
//!
//! # Rule
//! Nothing is asked of memory. What is left to do is what is found in the rows, so a run that was broken off is begun again
//! and finds the rest; what is read through from one end to the other remembers its place in the transaction that changed
//! something. Each row is counted in the transaction that changes it, so the receipt is right whatever crashed. The profile
//! goes last, since names, address and key are what is looked for until then.
//!
//! Not here: asking for it (`requests`), and the functions that may do what no role may (the migration `erasing`).

mod by_key;
mod files;
mod finish;
mod former;
mod log;
mod state;
mod told;

use chrono::TimeDelta;
use stoa_core::{Error, Id, Result, TenantId, db::Db, id};

use crate::privacy::held::{Erasure as Way, HELD, Step};
pub use finish::sha256_of;
use state::{Begin, Run};
pub use state::{Due, Standing, due, standing};

/// From the beginning to the first row: longer than any node believes a token, and than most requests take.
const UNDER_WAY: TimeDelta = TimeDelta::seconds(10);

/// How far the erasing of a person has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is not to be, now or any more.
    CalledOff,
    /// It goes on after this long.
    Waits(TimeDelta),
    /// Files that were made before are still there, or being made: it goes on when they were swept.
    FilesLeft,
    /// Nothing is left.
    Over,
}

/// Begins an erasing whose time has come, or goes on with it, as far as it can be done now.
///
/// # Errors
/// As the database says; what was erased so far stays so, and another call goes on.
pub async fn erase(db: &Db, tenant: TenantId, erasure: Id<id::Erasure>) -> Result<Progress> {
    let mut run = match state::begin(db, tenant, erasure).await? {
        Begin::CalledOff => return Ok(Progress::CalledOff),
        Begin::Over => return Ok(Progress::Over),
        Begin::Runs(run) => run,
    };
    let waits = run.started_at + UNDER_WAY - db.clock().now();
    if waits > TimeDelta::zero() {
        return Ok(Progress::Waits(waits));
    }
    // What was under way when it began is found by another round.
    while round(db, &mut run).await? > 0 {}
    if files::are_left(db, &run).await? {
        return Ok(Progress::FilesLeft);
    }
    finish::finish(db, &run).await?;
    Ok(Progress::Over)
}

/// Goes through all tables once, and answers how many rows were changed.
async fn round(db: &Db, run: &mut Run) -> Result<i64> {
    let mut changed = 0;
    for held in HELD {
        changed += match held.erasure {
            Way::Delete => by_key::delete(db, run, held).await?,
            Way::Blank(columns, _) => by_key::blank(db, run, (held, columns)).await?,
            Way::Keep(_) => 0,
            Way::Step(step, _) => taken(db, run, step).await?,
        };
        changed += by_key::strike(db, run, held).await?;
    }
    Ok(changed)
}

async fn taken(db: &Db, run: &mut Run, step: Step) -> Result<i64> {
    match step {
        Step::Activity => by_key::activity(db, run).await,
        Step::Events => told::events(db, run).await,
        Step::Answers => told::answers(db, run).await,
        Step::Log => log::entries(db, run).await,
        Step::Files => files::imports(db, run).await,
        Step::Jobs => files::jobs(db, run).await,
        Step::Exports => files::exports(db, run).await,
        // Bodies go with their events, and the profile goes when nothing else is left.
        Step::Bodies | Step::Profile => Ok(0),
    }
}

/// An answer of the database that cannot be.
fn strange(what: &str) -> Error {
    Error::internal(anyhow::anyhow!("an erasing found {what}"))
}
