//! What a learner's record says about how the learning goes, and what to do next.

use std::{collections::BTreeMap, sync::LazyLock};

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{Ability, Code, Id, Key, Result, content::Cefr, id, institutions};
use stoa_protocols::render::{Language, Phrases, negotiate};
use stoa_record::{
    history::Zone,
    insights::{
        self, EngagementTier, InsightCode, Insights, Pace, RULES_VERSION, Recommendation, RiskFactor, RiskTier,
        SkillInsight, Sufficiency, Trend,
    },
    subject::{SubjectKey, subject},
};

use super::{TAG, lesson_progress::SubjectView};
use crate::doors::{Call, Data, Door, NoPath, Sample, sample};

/// The sentences; a test of theirs reads every one in every language.
static PHRASES: LazyLock<Option<Phrases>> = LazyLock::new(|| Phrases::of_insights().ok());

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/learning-insights", show)
            .named(
                "getLearningInsights",
                TAG,
                "Shows how a learner's learning goes and what to do next, each with what it follows from; that of others needs \
                 `insights:read`",
            )
            .errors(&[Code::AbilityMissing, Code::SubjectRequired]),
    ]
}

/// Whose, and how it is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Id of the learner; the caller if neither this nor `external_id` is given.
    #[serde(default)]
    user_id: Option<Id<id::User>>,
    /// The institution's own key of the learner.
    #[serde(default)]
    external_id: Option<String>,
    /// IANA zone of dates and hours; the learner's, else the institution's, else UTC if left out.
    #[serde(default)]
    tz: Option<String>,
    /// Language of the sentences: `en`, `ko`, `ru`, `fr` or `he`; the learner's, else the institution's, else English if
    /// left out or none of them.
    #[serde(default)]
    locale: Option<String>,
}

/// What a learner's record says.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LearningInsights")]
struct InsightsView {
    /// The learner.
    user: SubjectView,
    /// When it was read.
    as_of: DateTime<Utc>,
    /// Version of the rules.
    rules_version: i32,
    /// Language of the sentences.
    locale: &'static str,
    /// Whether there is enough to say something.
    data_sufficiency: Sufficiency,
    /// How active the learner is.
    engagement: EngagementView,
    /// When the learner learns.
    study_pattern: StudyPatternView,
    /// Skills with a mean of 0.8 or more over three items, the strongest first.
    strengths: Vec<SkillView>,
    /// Skills with a mean below 0.6 over three items, the weakest first.
    weaknesses: Vec<SkillView>,
    /// Cards to look at again.
    due_reviews: DueReviewsView,
    /// Courses that are not complete, beside their plans.
    pace: Vec<PaceView>,
    /// What the learner wants to reach; null where nothing was set.
    goal: Option<GoalView>,
    /// What to do next, the first first; at most five.
    recommendations: Vec<RecommendationView>,
    /// How likely it is that the learner stops.
    risk: RiskView,
}

/// How active a learner is.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightEngagement")]
struct EngagementView {
    /// Of the last seven dates, today among them.
    active_days_7: i64,
    /// Of the last 28.
    active_days_28: i64,
    /// Beside the 28 before; null where there was nothing in either.
    trend: Option<Trend>,
    /// In one word; null for who never began.
    tier: Option<EngagementTier>,
}

/// When a learner learns.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightStudyPattern")]
struct StudyPatternView {
    /// Events of the last 56 dates by the hour at which they happened, 0 to 23.
    hours_histogram: Vec<i64>,
    /// The hour with most of them; null without any.
    best_hour: Option<usize>,
    /// IANA zone of dates and hours.
    tz: String,
}

/// A skill.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightSkill")]
struct SkillView {
    /// As the items name it.
    skill: String,
    /// Mean of the best scores, 0 to 1.
    score: f64,
    /// Items that it is the mean of.
    evidence_count: i64,
}

/// Cards to look at again.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightReviews")]
struct DueReviewsView {
    /// Now.
    count: i64,
    /// When the next one is due; null where none is.
    next_at: Option<DateTime<Utc>>,
}

/// A course beside its plan.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightPace")]
struct PaceView {
    /// The course.
    course_id: Id<id::Course>,
    /// Shown to people.
    title: String,
    /// Share of the time that is over, 0 to 1; null without a day by which it should be done.
    planned: Option<f64>,
    /// Share that is done, 0 to 1.
    actual: f64,
    /// When it will be done at the pace so far; null before anything is done.
    projected_completion: Option<ProjectionView>,
}

/// Between two dates.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightProjection")]
struct ProjectionView {
    /// A quarter faster.
    from: NaiveDate,
    /// A quarter slower.
    to: NaiveDate,
}

/// What a learner wants to reach.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightGoal")]
struct GoalView {
    /// The level, with its plus.
    target_level: Cefr,
    /// At the pace of the last year; null where nothing tells.
    on_track: Option<bool>,
}

/// What to do next.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightRecommendation")]
struct RecommendationView {
    /// Why.
    reason_code: InsightCode,
    /// The course that it is about.
    course_id: Option<Id<id::Course>>,
    /// The skill that it is about.
    skill: Option<String>,
    /// The same in words.
    text: String,
    /// What it follows from, by name: days, percents, items or cards.
    evidence: BTreeMap<&'static str, i64>,
    /// From 1.
    priority: i32,
}

/// How likely it is that the learner stops.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightRisk")]
struct RiskView {
    /// In one word.
    tier: RiskTier,
    /// What speaks for it, the heaviest first.
    factors: Vec<RiskFactorView>,
}

/// Something that speaks for stopping.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "InsightRiskFactor")]
struct RiskFactorView {
    /// What.
    code: InsightCode,
    /// The same in words.
    text: String,
    /// How much, 0 to 1; from 0.25 the risk is medium, from 0.55 high.
    weight: f64,
    /// What it follows from: days or percents.
    value: i64,
}

async fn show(call: Call<NoPath, Asked>) -> Result<Data<InsightsView>> {
    let Asked { user_id, external_id, tz, locale } = call.query;
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let key = SubjectKey { user_id, external_id };
    let learner = subject(&mut tx, &call.scope, (key, Ability::InsightsRead)).await?;
    let institution = institutions::own(&mut tx, &Key::Id(call.scope.tenant)).await?;
    let zone = Zone::of(tz.as_deref(), &[learner.time_zone.as_deref(), Some(&institution.time_zone)])?;
    let wanted = locale.or_else(|| learner.locale.clone()).unwrap_or_default();
    let language = negotiate(&wanted, &institution.locale);
    Ok(Data(InsightsView::of(insights::insights(&mut tx, learner, zone).await?, language)))
}

/// A sentence for a code.
fn said(language: Language, code: InsightCode, count: i64, names: &[(&str, &str)]) -> String {
    PHRASES
        .as_ref()
        .map_or_else(|| code.as_str().to_owned(), |phrases| phrases.say(language, code.as_str(), count, names))
}

impl InsightsView {
    fn of(insights: Insights, language: Language) -> Self {
        let best_hour = insights.best_hour();
        let engagement = insights.engagement;
        let risk = RiskView {
            tier: insights.risk.tier,
            factors: insights.risk.factors.iter().map(|factor| RiskFactorView::of(*factor, language)).collect(),
        };
        Self {
            user: SubjectView::of(insights.learner),
            as_of: insights.as_of,
            rules_version: RULES_VERSION,
            locale: language.tag(),
            data_sufficiency: insights.sufficiency,
            engagement: EngagementView {
                active_days_7: engagement.active_days_7,
                active_days_28: engagement.active_days_28,
                trend: engagement.trend,
                tier: engagement.tier,
            },
            study_pattern: StudyPatternView {
                hours_histogram: insights.hours.to_vec(),
                best_hour,
                tz: insights.zone.name().to_owned(),
            },
            strengths: insights.strengths.into_iter().map(SkillView::of).collect(),
            weaknesses: insights.weaknesses.into_iter().map(SkillView::of).collect(),
            due_reviews: DueReviewsView { count: insights.due_reviews.0, next_at: insights.due_reviews.1 },
            pace: insights.pace.into_iter().map(PaceView::of).collect(),
            goal: insights.goal.map(|(target_level, on_track)| GoalView { target_level, on_track }),
            recommendations: insights
                .recommendations
                .into_iter()
                .map(|recommendation| RecommendationView::of(recommendation, language))
                .collect(),
            risk,
        }
    }
}

impl SkillView {
    fn of(skill: SkillInsight) -> Self {
        Self { skill: skill.skill, score: skill.score, evidence_count: skill.evidence_count }
    }
}

impl PaceView {
    fn of(pace: Pace) -> Self {
        Self {
            course_id: pace.course,
            title: pace.title,
            planned: pace.planned,
            actual: pace.actual,
            projected_completion: pace.projected.map(|(from, to)| ProjectionView { from, to }),
        }
    }
}

impl RiskFactorView {
    fn of(factor: RiskFactor, language: Language) -> Self {
        Self {
            code: factor.code,
            text: said(language, factor.code, factor.value, &[]),
            weight: f64::from(factor.weight) / 100.0,
            value: factor.value,
        }
    }
}

impl RecommendationView {
    fn of(told: Recommendation, language: Language) -> Self {
        let course = told.course.as_ref().map_or("", |(_, title)| title.as_str());
        let skill = told.skill.as_deref().unwrap_or_default();
        let named = match told.code {
            InsightCode::CourseOverdue => Some("days_overdue"),
            InsightCode::CourseResting | InsightCode::Inactive => Some("days_inactive"),
            InsightCode::CourseBehindPlan => Some("percent_behind"),
            InsightCode::SkillWeak => Some("items"),
            InsightCode::ReviewsDue => Some("cards"),
            InsightCode::LevelUnknown
            | InsightCode::BehindPlan
            | InsightCode::ActivityFalling
            | InsightCode::KeepGoing => None,
        };
        Self {
            reason_code: told.code,
            text: said(language, told.code, told.value, &[("course", course), ("skill", skill)]),
            course_id: told.course.map(|(id, _)| id),
            skill: told.skill,
            evidence: named.map(|name| (name, told.value)).into_iter().collect(),
            priority: told.priority,
        }
    }
}

impl Sample for InsightsView {
    fn sample() -> Self {
        let mut hours = vec![0; 24];
        hours.splice(19..21, [14, 6]);
        let date = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        Self {
            user: SubjectView::sample(),
            as_of: sample::time(),
            rules_version: RULES_VERSION,
            locale: "en",
            data_sufficiency: Sufficiency::Sufficient,
            engagement: EngagementView {
                active_days_7: 3,
                active_days_28: 11,
                trend: Some(Trend::Steady),
                tier: Some(EngagementTier::Active),
            },
            study_pattern: StudyPatternView { hours_histogram: hours, best_hour: Some(19), tz: "Asia/Seoul".into() },
            strengths: vec![SkillView { skill: "reading".into(), score: 0.91, evidence_count: 12 }],
            weaknesses: vec![SkillView { skill: "listening".into(), score: 0.48, evidence_count: 9 }],
            due_reviews: DueReviewsView { count: 4, next_at: Some(sample::time()) },
            pace: vec![PaceView {
                course_id: sample::id(),
                title: "Everyday Korean".into(),
                planned: Some(0.5),
                actual: 0.4,
                projected_completion: Some(ProjectionView { from: date("2026-12-15"), to: date("2026-12-30") }),
            }],
            goal: Some(GoalView { target_level: Cefr::B1, on_track: Some(true) }),
            recommendations: vec![RecommendationView {
                reason_code: InsightCode::SkillWeak,
                course_id: None,
                skill: Some("listening".into()),
                text: said(Language::English, InsightCode::SkillWeak, 9, &[("skill", "listening")]),
                evidence: BTreeMap::from([("items", 9)]),
                priority: 1,
            }],
            risk: RiskView { tier: RiskTier::Low, factors: Vec::new() },
        }
    }
}
