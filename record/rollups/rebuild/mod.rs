//! Rebuilding: a new edition made from the rows themselves beside the one that is read, to be read from then on or to be
//! compared with it.
//!
//! # Rule
//! Learners are taken a handful at a time, in the order of their ids, each handful in a transaction of its own in which
//! nothing is followed. What is followed in between is added to both editions, to the new one for those who are in it. So
//! the new edition is as fresh as the old one when the last learner is in it, and takes its place with one word. Whatever
//! crashes, the rebuilding goes on behind the last handful, on any node.
//!
//! The statements here know nothing of how activity is added up as it comes (`activity`, `days`): that both come to the same
//! is the proof of both.
//!
//! Not here: who asks for it (`stoa_jobs::record`, `stoa record`).

mod compare;
mod facts;
mod turn;

use stoa_core::{
    Code, Error, Result, Scope, TenantId,
    db::{Db, TenantTx},
};
use uuid::Uuid;

pub use compare::Difference;
pub(crate) use facts::next_learners;
pub use turn::is_made;

use super::{
    Rollups,
    editions::{State, state},
};
use crate::following::{self, Followed};

/// What an edition is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be read from then on.
    Rebuild,
    /// To be compared with the one that is read.
    Verify,
}

impl Purpose {
    /// The word in the row.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Rebuild => "rebuild",
            Self::Verify => "verify",
        }
    }
}

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many learners more are in it, and there may be others.
    Going {
        /// How many.
        learners: usize,
        /// Where they stand otherwise in the edition that is read.
        differences: Vec<Difference>,
    },
    /// Its sums were compared, where that was what it is for; it is read, or given up.
    Over {
        /// Where the edition that is read has other sums.
        differences: Vec<Difference>,
    },
}

/// How often what differs is looked at again: what was done a moment ago may stand in the rows, and be followed after.
const LOOKS: usize = 5;

/// Makes the next step of an edition. One to be read is begun if another is [wanted](want), one to be compared by
/// [`begin_verifying`].
///
/// # Errors
/// `conflict` where one is being made for another purpose; as the database says, and then a step was not made.
pub async fn step(db: &Db, tenant: TenantId, purpose: Purpose) -> Result<Progress> {
    for look in 1.. {
        let mut tx = db.tenant(&Scope::house(tenant)).await?;
        let followed = Followed::by(Rollups);
        let place = following::hold(&mut tx, &followed).await?;
        let state = state(&mut tx).await?;
        let progress = match state.draft_after {
            None if purpose == Purpose::Verify => return Err(busy()),
            None if !state.wants_another => Progress::Over { differences: Vec::new() },
            None => {
                turn::begin(&mut tx, purpose).await?;
                Progress::Going { learners: 0, differences: Vec::new() }
            }
            Some(_) if state.draft_purpose.as_deref() != Some(purpose.as_str()) => {
                begin_instead(&mut tx, &state, purpose).await?
            }
            Some(after) if after < Uuid::max() => {
                // What is compared must be followed as far as it can be seen.
                following::let_go_on(&mut tx, &followed, place).await?;
                let place = following::hold(&mut tx, &followed).await?;
                next_handful(&mut tx, &state, (after, place.position)).await?
            }
            Some(_) => finish(&mut tx, &state, purpose).await?,
        };
        if progress.differs() && look < LOOKS {
            // Dropped, and so undone: it is followed by then.
            drop(tx);
            while matches!(followed.step(db, tenant).await?, following::Step::Made(taken) if taken.has_more) {}
            continue;
        }
        tx.commit().await?;
        return Ok(progress);
    }
    unreachable!("the last look is answered")
}

impl Progress {
    /// Something stands otherwise.
    fn differs(&self) -> bool {
        let (Self::Going { differences, .. } | Self::Over { differences }) = self;
        !differences.is_empty()
    }
}

fn busy() -> Error {
    Error::new(Code::Conflict, "the sums are being rebuilt or verified by somebody else; try again when that is over")
}

/// Begins a rebuilding instead of a comparison that nobody goes on with.
async fn begin_instead(tx: &mut TenantTx, state: &State, purpose: Purpose) -> Result<Progress> {
    if purpose == Purpose::Verify || state.was_touched(tx.now()) {
        return Err(busy());
    }
    turn::give_up(tx).await?;
    turn::begin(tx, purpose).await?;
    Ok(Progress::Going { learners: 0, differences: Vec::new() })
}

/// Begins a comparison, anew if one was left: what it found is not known any more.
///
/// # Errors
/// `conflict` while somebody else compares or rebuilds; as the database says.
pub async fn begin_verifying(db: &Db, tenant: TenantId) -> Result<()> {
    let mut tx = db.tenant(&Scope::house(tenant)).await?;
    following::hold(&mut tx, &Followed::by(Rollups)).await?;
    let state = state(&mut tx).await?;
    let is_left = state.draft_purpose.as_deref() == Some(Purpose::Verify.as_str()) && !state.was_touched(tx.now());
    if is_left {
        turn::give_up(&mut tx).await?;
    } else if state.draft_edition.is_some() {
        return Err(busy());
    }
    turn::begin(&mut tx, Purpose::Verify).await?;
    tx.commit().await
}

/// Adds the next learners, all that they did up to the place that is followed and their enrolments as they stand.
async fn next_handful(tx: &mut TenantTx, state: &State, (after, position): (Uuid, i64)) -> Result<Progress> {
    let Some(draft) = state.draft() else { return Ok(Progress::Over { differences: Vec::new() }) };
    let learners = next_learners(tx, after).await?;
    facts::add(tx, &draft, &learners, position).await?;
    let differences = match state.draft_purpose.as_deref() {
        Some("verify") => compare::facts(tx, state, &learners).await?,
        _ => Vec::new(),
    };
    // Whoever comes later is followed from the beginning.
    let last = if facts::is_last(&learners) { Uuid::max() } else { learners.last().copied().unwrap_or(Uuid::max()) };
    turn::come_to(tx, last).await?;
    Ok(Progress::Going { learners: learners.len(), differences })
}

async fn finish(tx: &mut TenantTx, state: &State, purpose: Purpose) -> Result<Progress> {
    let differences = match purpose {
        Purpose::Rebuild => {
            turn::over(tx).await?;
            Vec::new()
        }
        Purpose::Verify => {
            let differences = compare::sums(tx, state).await?;
            turn::give_up(tx).await?;
            differences
        }
    };
    Ok(Progress::Over { differences })
}

/// Asks for a new edition, which the next look at what is wanted promises.
///
/// # Errors
/// As the database says.
pub async fn want(tx: &mut TenantTx) -> Result<()> {
    state(tx).await?;
    turn::want(tx).await
}

/// What came of clearing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    /// Some rows are gone, and there may be more.
    Some,
    /// Whoever began to read an edition a moment ago may not be done: try again in a minute.
    TooEarly,
    /// Nothing is left.
    All,
}

/// Deletes rows of editions that are neither read nor made, a handful.
///
/// # Errors
/// As the database says.
pub async fn clear(db: &Db, tenant: TenantId) -> Result<Cleared> {
    let mut tx = db.tenant(&Scope::house(tenant)).await?;
    let state = state(&mut tx).await?;
    let cleared = match state {
        State { is_clean: true, .. } => Cleared::All,
        ref state if state.was_touched(tx.now()) => Cleared::TooEarly,
        ref state if turn::clear(&mut tx, state).await? => Cleared::Some,
        _ => Cleared::All,
    };
    tx.commit().await?;
    Ok(cleared)
}
