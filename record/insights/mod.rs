//! What a learner's record says about how the learning goes, and what to do next.
//!
//! # Rule
//! Every statement follows from facts by a rule that anybody can check: it has a stable code and carries what it follows
//! from. The same facts and the same [`RULES_VERSION`] say the same, to whoever asks. Nothing about a person counts but
//! what was done: no age, no name, no origin.
//!
//! The players: the [`Facts`] that are read; [`Insights`], which follow from them (`rules`).
//!
//! Not here: the words for people (`stoa_protocols::render`), and levels (`cefr`).

mod facts;
mod rules;

use chrono::{DateTime, NaiveDate, Utc};
use stoa_core::{Id, Result, content::Cefr, db::TenantTx, id, members::Member, words};

pub use facts::{CourseFacts, Facts, SkillFacts};

use crate::{cefr, history::Zone};

/// Counts changes of the rules.
pub const RULES_VERSION: i32 = 1;

words! {
    /// Whether there is enough to say something.
    Sufficiency {
        /// The learner has done nothing yet.
        None = "none",
        /// Less than five active days in four weeks.
        Limited = "limited",
        /// Enough.
        Sufficient = "sufficient",
    }
}

words! {
    /// How active a learner is, by active days of the last four weeks.
    EngagementTier {
        /// Sixteen or more: four a week.
        HighlyActive = "highly_active",
        /// Eight or more: two a week.
        Active = "active",
        /// Two or more.
        Occasional = "occasional",
        /// Fewer, after having been active in the four weeks before.
        AtRisk = "at_risk",
        /// None in eight weeks.
        Churned = "churned",
    }
}

impl EngagementTier {
    /// That of whoever was active on so many of the last 28 dates, and on so many of the 28 before.
    pub const fn of(active_days: i64, before: i64) -> Self {
        match (active_days, before) {
            (16.., _) => Self::HighlyActive,
            (8.., _) => Self::Active,
            (2.., _) => Self::Occasional,
            (0, 0) => Self::Churned,
            _ => Self::AtRisk,
        }
    }
}

words! {
    /// The last four weeks beside the four before.
    Trend {
        /// A quarter more active days, or more.
        Rising = "rising",
        /// About as many.
        Steady = "steady",
        /// A quarter fewer, or less.
        Falling = "falling",
    }
}

words! {
    /// How likely it is that the learner stops.
    RiskTier {
        /// Nothing speaks for it.
        Low = "low",
        /// Something does.
        Medium = "medium",
        /// Much does.
        High = "high",
    }
}

words! {
    /// Why something is recommended, or a risk seen; each has words in every language.
    InsightCode {
        /// A course is past the day by which it should have been done.
        CourseOverdue = "course_overdue",
        /// A course was begun, and nothing was done in it for a week.
        CourseResting = "course_resting",
        /// A course is behind its plan by a quarter or more.
        CourseBehindPlan = "course_behind_plan",
        /// Scores in a skill are low.
        SkillWeak = "skill_weak",
        /// Cards should be looked at again.
        ReviewsDue = "reviews_due",
        /// There is a target, and too little evidence to say where the learner is.
        LevelUnknown = "level_unknown",
        /// Nothing was done for two weeks.
        Inactive = "inactive",
        /// Of the courses with a plan, the one that is furthest behind it is by a quarter or more.
        BehindPlan = "behind_plan",
        /// Fewer active days than before.
        ActivityFalling = "activity_falling",
        /// All goes well.
        KeepGoing = "keep_going",
    }
}

/// How active a learner is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engagement {
    /// Of the last seven dates, today among them.
    pub active_days_7: i64,
    /// Of the last 28.
    pub active_days_28: i64,
    /// Beside the 28 before; none where there was nothing in either.
    pub trend: Option<Trend>,
    /// In one word; none for who never began.
    pub tier: Option<EngagementTier>,
}

/// A skill in which a learner is strong or weak.
#[derive(Debug, Clone, PartialEq)]
pub struct SkillInsight {
    /// The skill, as the items name it.
    pub skill: String,
    /// Mean of the best scores, 0 to 1, in hundredths.
    pub score: f64,
    /// Items that it is the mean of.
    pub evidence_count: i64,
}

/// A course beside its plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Pace {
    /// The course.
    pub course: Id<id::Course>,
    /// Its title.
    pub title: String,
    /// Share of the time that is over, 0 to 1; none without a day by which it should be done.
    pub planned: Option<f64>,
    /// Share that is done, 0 to 1.
    pub actual: f64,
    /// When it will be done at the pace so far, a quarter faster and a quarter slower; none before anything is done.
    pub projected: Option<(NaiveDate, NaiveDate)>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Why.
    pub code: InsightCode,
    /// The course that it is about.
    pub course: Option<(Id<id::Course>, String)>,
    /// The skill that it is about.
    pub skill: Option<String>,
    /// What it follows from: days, percents or cards.
    pub value: i64,
    /// From 1, the first first.
    pub priority: i32,
}

/// Something that speaks for stopping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskFactor {
    /// What.
    pub code: InsightCode,
    /// How much, in hundredths of certainty.
    pub weight: i32,
    /// What it follows from: days or percents.
    pub value: i64,
}

/// How likely it is that the learner stops.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// In one word.
    pub tier: RiskTier,
    /// What speaks for it, the heaviest first.
    pub factors: Vec<RiskFactor>,
}

/// All that follows from a learner's record.
#[derive(Debug, Clone)]
pub struct Insights {
    /// The learner.
    pub learner: Member,
    /// When it was read.
    pub as_of: DateTime<Utc>,
    /// Zone of the dates and hours.
    pub zone: Zone,
    /// Whether there is enough to say something.
    pub sufficiency: Sufficiency,
    /// How active the learner is.
    pub engagement: Engagement,
    /// Events of the last 56 dates by the hour at which they happened.
    pub hours: [i64; 24],
    /// Skills with a mean of 0.8 or more.
    pub strengths: Vec<SkillInsight>,
    /// Skills with a mean below 0.6.
    pub weaknesses: Vec<SkillInsight>,
    /// Cards to look at again now, and when the next one is due.
    pub due_reviews: (i64, Option<DateTime<Utc>>),
    /// Courses that are not complete.
    pub pace: Vec<Pace>,
    /// Level that the learner wants to reach in the language of the newest evidence, and whether he will.
    pub goal: Option<(Cefr, Option<bool>)>,
    /// What to do next, the first first.
    pub recommendations: Vec<Recommendation>,
    /// How likely it is that the learner stops.
    pub risk: Risk,
}

impl Insights {
    /// The hour with most events, the earliest of equal ones; none without any.
    pub fn best_hour(&self) -> Option<usize> {
        let most = self.hours.iter().copied().max().filter(|most| *most > 0)?;
        self.hours.iter().position(|events| *events == most)
    }
}

/// Reads what follows from a learner's record.
///
/// # Errors
/// As the database says.
pub async fn insights(tx: &mut TenantTx, learner: Member, zone: Zone) -> Result<Insights> {
    let facts = facts::read(tx, &learner, zone).await?;
    let goal = match cefr::newest_language(tx, learner.id).await? {
        Some(language) => {
            let report = cefr::report(tx, (learner.clone(), &language), None).await?;
            report.target.map(|target| (target.level, report.on_track(), report.overall.level.is_none()))
        }
        None => None,
    };
    Ok(rules::derive(&facts, (learner, zone), goal))
}
