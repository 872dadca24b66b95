//! What operators do with the sums of the record: make them anew, and prove that they are right, and with them all else
//! that is kept beside the rows that it follows from: tallies, and the game.
//!
//! Both run while the servers do. Whoever is interrupted leaves nothing half read: a rebuilding is gone on with by a job,
//! and what was made for a comparison is cleared away by one.

use stoa_core::{Result, Scope, TenantId, db::Db};
use stoa_record::{
    analytics::tallies,
    following::{Followed, Step},
    gamification,
    rollups::{
        Rollups,
        rebuild::{self, Progress, Purpose},
    },
};

pub use stoa_record::rollups::{institutions, rebuild::Difference};

/// What a comparison came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// Learners who were looked at.
    pub learners: usize,
    /// Rows that are kept otherwise than they are made anew, at most a hundred of each table and handful of learners.
    pub differences: Vec<Difference>,
}

impl Verified {
    /// How many of the differences a [`rebuild()`] mends.
    pub fn mendable(&self) -> usize {
        self.differences.iter().filter(|one| rebuild::is_made(one.table)).count()
    }
}

/// Makes the sums of an institution anew, and answers of how many learners.
///
/// # Errors
/// `conflict` while somebody compares them; as the database says.
pub async fn rebuild(db: &Db, tenant: TenantId) -> Result<usize> {
    let mut tx = db.tenant(&Scope::house(tenant)).await?;
    rebuild::want(&mut tx).await?;
    tx.commit().await?;
    let mut learners = 0;
    while let Progress::Going { learners: more, .. } = rebuild::step(db, tenant, Purpose::Rebuild).await? {
        learners += more;
    }
    Ok(learners)
}

/// Compares what is kept of an institution with what its rows come to.
///
/// # Errors
/// `conflict` while somebody rebuilds or compares them; as the database says.
pub async fn verify(db: &Db, tenant: TenantId) -> Result<Verified> {
    catch_up(db, tenant).await?;
    rebuild::begin_verifying(db, tenant).await?;
    let mut verified = Verified::default();
    loop {
        match rebuild::step(db, tenant, Purpose::Verify).await? {
            Progress::Going { learners, differences } => {
                verified.learners += learners;
                verified.differences.extend(differences);
            }
            Progress::Over { differences } => {
                verified.differences.extend(differences);
                let mut tx = db.tenant(&Scope::house(tenant)).await?;
                verified.differences.extend(tallies::differences(&mut tx).await?);
                verified.differences.extend(gamification::verify(&mut tx).await?);
                return Ok(verified);
            }
        }
    }
}

/// What is not followed yet would be found to differ.
async fn catch_up(db: &Db, tenant: TenantId) -> Result<()> {
    let followed = Followed::by(Rollups);
    while matches!(followed.step(db, tenant).await?, Step::Made(taken) if taken.has_more) {}
    Ok(())
}
