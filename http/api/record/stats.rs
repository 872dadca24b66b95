//! How much there is: of the caller's institution, or of the whole platform for its operators.

use stoa_core::{Ability, Result, staff::StaffRole};
use stoa_record::stats::{self, RecentlyActive, Stats};

use super::TAG;
use crate::{
    body::NoBody,
    caller::Keeper,
    doors::{Call, Data, Door, NoPath, NoQuery, Sample, sample},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![Door::get("/api/stats", show).needs(Ability::AnalyticsRead).staffed_by(StaffRole::Operator).named(
        "getStats",
        TAG,
        "Tells how many learners, courses, enrolments and completions there are; to operators, of all institutions \
             together and without names",
    )]
}

async fn show(call: Call<NoPath, NoQuery, NoBody, Keeper>) -> Result<Data<Stats>> {
    match &call.scope {
        Keeper::Institution(scope) => {
            let mut tx = call.app.db.tenant(scope).await?;
            Ok(Data(stats::of_institution(&mut tx).await?))
        }
        Keeper::Staff(_) => {
            let mut house = call.app.db.house().await?;
            let stats = stats::of_platform(&mut house).await?;
            house.commit().await?;
            Ok(Data(stats))
        }
    }
}

impl Sample for Stats {
    fn sample() -> Self {
        Self {
            learners: Some(1_204),
            active_learners: Some(RecentlyActive { day: 312, week: 640, month: 901 }),
            courses: 24,
            lessons: 310,
            enrollments: Some(3_480),
            completions: Some(1_122),
            time_spent_seconds: Some(9_411_200),
            institutions: None,
            suppressed: false,
            as_of: sample::time(),
        }
    }
}
