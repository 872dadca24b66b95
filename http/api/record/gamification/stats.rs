//! What a learner has reached, and the rules by which.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{Ability, Code, Error, Id, Key, Result, id, institutions};
use stoa_record::{
    gamification::{self, CALENDAR_MAX, rules},
    subject::{SubjectKey, subject},
};

use super::{
    TAG,
    views::{RulesView, StatsView},
};
use crate::doors::{Call, Data, Door, NoPath};

/// Dates of the calendar where the caller does not say how many.
const CALENDAR_DAYS: i64 = 42;

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/gamification/stats", show)
            .named(
                "getGamificationStats",
                TAG,
                "Shows a learner's streak, points and achievements at this moment; those of others need `gamification:read`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
        Door::get("/api/gamification/rules", list_rules).named(
            "listGamificationRules",
            TAG,
            "Lists for what points are given, and what is achieved, with the versions of the rules",
        ),
    ]
}

/// Whose, and how far back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    /// Dates of the calendar, 1 to 366, up to today; 42 if left out.
    #[serde(default)]
    calendar_days: Option<i64>,
}

async fn show(call: Call<NoPath, Asked>) -> Result<Data<StatsView>> {
    let Asked { user_id, external_id, calendar_days } = call.query;
    let days = calendar_days.unwrap_or(CALENDAR_DAYS);
    if !(1..=CALENDAR_MAX).contains(&days) {
        return Err(Error::invalid_field("?calendar_days", "range", format!("wanted 1 to {CALENDAR_MAX}")));
    }
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let key = SubjectKey { user_id, external_id };
    let learner = subject(&mut tx, &call.scope, (key, Ability::GamificationRead)).await?;
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    Ok(Data(StatsView::of(gamification::stats(&mut tx, learner, (&institution, days)).await?)))
}

async fn list_rules(call: Call) -> Result<Data<RulesView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let settings = gamification::settings(&mut tx).await?;
    Ok(Data(RulesView::of(&rules::XP_RULES, &settings)))
}
