//! The game: points, streaks, achievements and leaderboards, all counted behind learners' activity.
//!
//! # Rule
//! What was counted is not counted anew: an activity keeps the date and the zone in which it was counted, an entry of the
//! ledger the rule and its version. What is kept beside the ledgers can be proved from them (`verify`).
//!
//! The players: [`GameFollower`] takes activity; [`streak`] folds dates; [`rules`] are data; [`boards`] show periods.

pub mod boards;
mod completed;
mod ledger;
mod players;
mod roll_over;
pub mod rules;
mod settings;
mod stats;
mod step;
pub mod streak;
mod tell;
mod unlock;
mod verify;
mod xp;
mod zones;

use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
};

pub use ledger::{CORRECTION_MAX, Corrected, Correction, XpEntry, correct, entries};
pub use players::DayKind;
pub use roll_over::{due_institutions, roll_over};
pub use settings::{FREEZES_MAX, Names, Settings, SettingsChange, change_settings, settings};
pub use stats::{CALENDAR_MAX, CalendarDay, Progress, Stats, UsedFreeze, stats};
pub use step::GameFollower;
pub use unlock::Unlocked;
pub use verify::verify;

/// Whoever counts in an institution counts alone, until the transaction ends.
async fn lock(tx: &mut TenantTx) -> Result<()> {
    let tenant = tx.tenant();
    sql("SELECT pg_advisory_xact_lock(hashtextextended('gamification ' || $1::uuid::text, 0))")
        .bind::<SqlUuid, _>(tenant)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
