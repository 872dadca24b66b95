//! What analytics answer: the same on the wire, in a letter and in a file.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, TenantId, content::Cefr, groups::GroupKind, id};

use super::Compare;
use crate::{cefr::Skill, history::Granularity};

/// An institution, or some of its people, over some dates.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Analytics {
    /// The institution.
    pub institution_id: TenantId,
    /// Which dates.
    pub period: Period,
    /// When it was read.
    pub as_of: DateTime<Utc>,
    /// How long the oldest activity has waited that is not counted yet; 0 where all of it is.
    pub freshness_seconds: i64,
    /// Everything is counted that was ever done; false while what was there before is still being counted.
    pub complete: bool,
    /// Whose figures these are.
    pub whose: Whose,
    /// They are of those on this course alone, and of what they did in it alone; null for all courses.
    pub course: Option<AskedCourse>,
    /// Too few people to tell of: what is of them is null.
    pub suppressed: bool,
    /// Learners who are there now.
    pub learners: Option<i64>,
    /// Of the institution.
    pub seats: Seats,
    /// Who did something.
    pub active_learners: Option<ActiveLearners>,
    /// How active they were in the 28 days that end with the period; null of a course.
    pub engagement_tiers: Option<EngagementTiers>,
    /// Of the enrolments that were made in the period.
    pub enrollments: Option<Enrollments>,
    /// Of those enrolled in the period, how many have completed.
    pub completion_rate: Option<Rate>,
    /// Of those enrolled in the period who have begun, how many have completed.
    pub completion_rate_of_started: Option<Rate>,
    /// What was spent.
    pub time: Option<Time>,
    /// Day by day, week by week or month by month, empty ones too.
    pub series: Vec<SeriesPoint>,
    /// Levels of those who are there, language by language; none of a course.
    pub cefr: Vec<LanguageLevels>,
    /// Groups that learn in the period, the latest first; none of a course.
    pub cohorts: Vec<CohortFigures>,
    /// Who was first active in which of the last twelve months, and how many of them in each month since;
    /// none of a course.
    pub retention_matrix: Vec<RetentionRow>,
    /// The courses that most were enrolled on in the period.
    pub top_courses: Vec<CourseFigures>,
    /// What it is compared with; null where nothing was asked for.
    pub previous: Option<Previous>,
    /// How the institution looks.
    pub branding: Look,
}

/// Some dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsPeriod")]
pub struct Period {
    /// First date.
    pub from: NaiveDate,
    /// Last date, itself within.
    pub to: NaiveDate,
    /// IANA zone of the dates: the institution's.
    pub tz: String,
    /// How much a point of the series holds.
    pub granularity: Granularity,
    /// What it is compared with.
    pub compare: Compare,
}

/// Whose figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "scope", rename_all = "snake_case")]
#[schemars(rename = "AnalyticsScope")]
pub enum Whose {
    /// Of everybody.
    Institution,
    /// Of the people of a manager's groups.
    OwnGroups,
    /// Of the people of one group.
    Cohort {
        /// The group.
        id: Id<id::Group>,
        /// What it is called.
        name: String,
    },
}

/// The one course that figures are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsCourse")]
pub struct AskedCourse {
    /// The course.
    pub id: Id<id::Course>,
    /// What it is called.
    pub title: String,
}

/// How full the institution is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsSeats")]
pub struct Seats {
    /// Seats that there are; null for no limit.
    pub total: Option<i64>,
    /// Of active members.
    pub in_use: i64,
    /// Of people who were invited and have not accepted yet.
    pub pending_invite: i64,
    /// Kept for the people whom running imports are about to add.
    pub reserved: i64,
    /// That somebody may still take; null for no limit.
    pub available: Option<i64>,
}

/// People with at least one event of activity; a sign-in is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ActiveLearners {
    /// On the last date.
    pub daily: i64,
    /// On the last 7 dates.
    pub weekly: i64,
    /// On the last 30 dates.
    pub monthly: i64,
    /// On all dates of the period.
    pub period: i64,
}

/// Learners by their active days of 28; null where one could tell who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EngagementTiers {
    /// 16 or more.
    pub highly_active: Option<i64>,
    /// 8 to 15.
    pub active: Option<i64>,
    /// 2 to 7.
    pub occasional: Option<i64>,
    /// 1, or none of these 28 but some of the 28 before.
    pub at_risk: Option<i64>,
    /// None in 56 days, but some before.
    pub churned: Option<i64>,
    /// Some of them are hidden.
    pub suppressed: bool,
}

/// Enrolments that were made in the period, and what has become of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsEnrollments")]
pub struct Enrollments {
    /// Made in the period.
    pub enrolled: i64,
    /// Of them, begun.
    pub started: i64,
    /// Of them, completed.
    pub completed: i64,
    /// Of all there are, whenever they were made: overdue at the end of the period.
    pub overdue: i64,
}

/// A share, with what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Rate {
    /// 0 to 1, four digits; null of none.
    pub value: Option<f64>,
    /// How many did.
    pub numerator: i64,
    /// Of how many.
    pub denominator: i64,
}

/// Time that was spent on learning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsTime")]
pub struct Time {
    /// By all, seconds.
    pub total_seconds: i64,
    /// By the one in the middle of those who were active, seconds; null where nobody was.
    pub median_per_active: Option<i64>,
    /// The middle one is that of a sample: more than 1,000 were active.
    pub estimated: bool,
}

/// A day, a week or a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeriesPoint {
    /// First date.
    pub from: NaiveDate,
    /// Last date, itself within.
    pub to: NaiveDate,
    /// People with at least one event of activity.
    pub active_learners: i64,
    /// Events of activity.
    pub events: i64,
    /// Time that was spent.
    pub time_spent_seconds: i64,
    /// Lessons completed for the first time.
    pub lessons_completed: i64,
    /// Enrolments made.
    pub enrolled: i64,
}

/// Levels in a language.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LanguageLevels {
    /// The language, such as `ko`.
    pub language: String,
    /// Of the learners, how many have a level in any skill; null where one could tell who they are.
    pub assessed_coverage: Option<Rate>,
    /// The profiles of all skills.
    pub overall: Distribution,
    /// Skill by skill.
    pub skills: BTreeMap<Skill, Distribution>,
}

/// How many are at which level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CefrDistribution")]
pub struct Distribution {
    /// All levels, lowest first.
    pub levels: Vec<LevelCount>,
    /// Learners who rose to a higher level in the period; null where too few have a level.
    pub moved_up: Option<i64>,
    /// Some of them are hidden.
    pub suppressed: bool,
}

/// How many are at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "CefrLevelCount")]
pub struct LevelCount {
    /// The level.
    pub level: Cefr,
    /// How many; null where one could tell who they are.
    pub learners: Option<i64>,
}

/// A group, and how its people do.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CohortFigures {
    /// The group.
    pub id: Id<id::Group>,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub kind: GroupKind,
    /// First day of a cohort.
    pub starts_on: Option<NaiveDate>,
    /// Last day of a cohort.
    pub ends_on: Option<NaiveDate>,
    /// Its people, those who have left the institution among them.
    pub learners: Option<i64>,
    /// Of them, those who were active in the period.
    pub active_learners: Option<i64>,
    /// Time that they spent in the period, seconds.
    pub time_spent_seconds: Option<i64>,
    /// Of those enrolled in the period, how many have completed.
    pub completion_rate: Option<Rate>,
    /// Too few people to tell of, or so many that one could tell who the others are.
    pub suppressed: bool,
    /// Left out here, for it is large: ask with `cohort=`.
    pub too_large: bool,
}

/// People who began in the same month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RetentionRow {
    /// First day of the month in which they were first active.
    pub began: NaiveDate,
    /// How many began; null where one could tell who they are.
    pub learners: Option<i64>,
    /// How many of them were active in that month, the next one, and so on until the period ends; null where few were.
    pub active: Vec<Option<i64>>,
    /// They are hidden.
    pub suppressed: bool,
}

/// A course, and how it goes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "TopCourse")]
pub struct CourseFigures {
    /// The course; null for those together on which too few are.
    pub course_id: Option<Id<id::Course>>,
    /// What it is called; null for those together on which too few are.
    pub title: Option<String>,
    /// Enrolments made in the period.
    pub enrolled: i64,
    /// Of them, begun.
    pub started: i64,
    /// Of them, completed.
    pub completed: i64,
    /// Of those enrolled in the period, how many have completed.
    pub completion_rate: Rate,
    /// Time that was spent on it in the period, by whoever is on it, seconds.
    pub time_spent_seconds: i64,
}

/// The dates that a period is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "PreviousPeriod")]
pub struct Previous {
    /// First date.
    pub from: NaiveDate,
    /// Last date, itself within.
    pub to: NaiveDate,
    /// Who did something.
    pub active_learners: ActiveLearners,
    /// Of the enrolments that were made then.
    pub enrollments: Enrollments,
    /// Of those enrolled then, how many have completed.
    pub completion_rate: Rate,
    /// Of those enrolled then who have begun, how many have completed.
    pub completion_rate_of_started: Rate,
    /// What was spent.
    pub time: Time,
}

/// How the institution looks, for whoever draws the figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AnalyticsBranding")]
pub struct Look {
    /// What it is called.
    pub product_name: String,
    /// Address of its mark.
    pub logo_url: Option<String>,
    /// Its colours.
    pub colors: Colors,
    /// Where its people ask for help.
    pub support_email: Option<String>,
    /// Language tag.
    pub locale: String,
}

/// Colours of an institution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "BrandColors")]
pub struct Colors {
    /// Such as `#0a5c36`.
    pub primary: Option<String>,
}
