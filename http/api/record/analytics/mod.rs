//! What an institution reads of all its learners over some dates.

mod samples;

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{Ability, Key, Result, id, institutions, staff::StaffRole};
use stoa_record::{
    analytics::{self, Analytics, Compare, Query},
    history::Granularity,
};

use super::{TAG, cefr};
use crate::{
    body::NoBody,
    caller::Keeper,
    doors::{Call, Data, Door},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/institutions/{id}/analytics", show)
            .needs(Ability::AnalyticsRead)
            .staffed_by(StaffRole::Operator)
            .named(
                "getInstitutionAnalytics",
                TAG,
                "Tells who was active, what was enrolled on and completed, how long was learned and at which levels \
                 learners are; to whoever leads groups, of their people",
            ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneInstitution {
    /// Id of the institution, its number, slug, or `external_id:` and the operator's key of it.
    id: Key<id::Institution>,
}

/// Which figures.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// First date, in the institution's zone; 27 days before the last if left out.
    #[serde(default)]
    from: Option<NaiveDate>,
    /// Last date, itself within, at most 399 days after the first and not ahead; today if left out.
    #[serde(default)]
    to: Option<NaiveDate>,
    /// IANA zone that the dates are meant in. Days are counted in the institution's: any other is refused.
    #[serde(default)]
    tz: Option<String>,
    /// What the period is compared with.
    #[serde(default)]
    compare: Option<Compare>,
    /// How much a point of the series holds; by the length of the period if left out.
    #[serde(default)]
    granularity: Option<Granularity>,
    /// Of the people of this group alone: its id, or `external_id:` and the institution's own key.
    #[serde(default)]
    cohort: Option<Key<id::Group>>,
    /// Of the people on this course alone, and of what they did in it alone: its id, slug, or `external_id:` and the
    /// institution's own key. Not together with `cohort`.
    #[serde(default)]
    course: Option<Key<id::Course>>,
    /// Levels in this language alone, such as `ko`.
    #[serde(default)]
    language: Option<String>,
}

async fn show(call: Call<OneInstitution, Asked, NoBody, Keeper>) -> Result<Data<Analytics>> {
    let Asked { from, to, tz, compare, granularity, cohort, course, language } = call.query;
    let language = language.map(|tag| cefr::language(&tag, "?language")).transpose()?;
    let query = Query { from, to, time_zone: tz, compare, granularity, cohort, course, language };
    let scope = call.scope.at(&call.app, &call.path.id).await?;
    let mut tx = call.app.db.tenant(&scope).await?;
    institutions::own(&mut tx, &call.path.id).await?;
    Ok(Data(analytics::read(&mut tx, &query).await?))
}
