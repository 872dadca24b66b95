//! What a learner has reached, as it is shown.

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use stoa_record::gamification::{
    CalendarDay, DayKind, Progress, Settings, Stats, Unlocked, UsedFreeze,
    rules::{ACHIEVEMENTS, Level, Tier, XpRule},
};

use super::super::lesson_progress::SubjectView;

/// What a learner has reached.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationStats")]
pub(super) struct StatsView {
    /// The learner.
    pub(super) user: SubjectView,
    /// When it was read.
    pub(super) as_of: DateTime<Utc>,
    /// Anything is counted in this institution.
    pub(super) enabled: bool,
    /// IANA zone of the dates: the learner's, else the institution's. A change takes effect with the next local date.
    pub(super) tz: String,
    /// The date that it is there.
    pub(super) today: NaiveDate,
    /// The run of dates.
    pub(super) streak: StreakView,
    /// Points.
    pub(super) xp: XpView,
    /// Every achievement, reached or not.
    pub(super) achievements: Vec<AchievementView>,
    /// The newest dates, the first first.
    pub(super) calendar: Vec<CalendarView>,
}

/// A run of dates with activity.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationStreak")]
pub(super) struct StreakView {
    /// Dates with activity in the run that goes on; 0 without one.
    pub(super) current: i32,
    /// The longest run.
    pub(super) longest: i64,
    /// First date of the run.
    pub(super) started_on: Option<NaiveDate>,
    /// Something was done today.
    pub(super) today_done: bool,
    /// When the run ends unless something is done before; a freeze that is left puts it off. Null without a run.
    pub(super) expires_at: Option<DateTime<Utc>>,
    /// Freezes.
    pub(super) freezes: FreezesView,
}

/// Freezes of a learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationFreezes")]
pub(super) struct FreezesView {
    /// That are left.
    pub(super) available: i32,
    /// Most that are kept.
    pub(super) max: i32,
    /// Dates that were covered, the newest first, at most 20.
    pub(super) used: Vec<UsedFreezeView>,
}

/// A date that a freeze covers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationFreeze")]
pub(super) struct UsedFreezeView {
    /// The date.
    date: NaiveDate,
    /// When it was written down; null where that is about to happen.
    used_at: Option<DateTime<Utc>>,
}

/// Points of a learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationXp")]
pub(super) struct XpView {
    /// All.
    pub(super) total: i64,
    /// Of the learner's date.
    pub(super) today: i64,
    /// Of the leaderboard's week, the same as there.
    pub(super) week: i64,
    /// First date of that week, in the institution's zone.
    pub(super) week_starts_on: NaiveDate,
    /// How far that is.
    pub(super) level: LevelView,
}

/// How far somebody has come by points.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationLevel")]
pub(super) struct LevelView {
    /// From 1.
    number: i64,
    /// Points at which it begins.
    from: i64,
    /// Points at which the next one begins.
    next: i64,
}

/// An achievement.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationAchievement")]
pub(super) struct AchievementView {
    /// Which.
    key: String,
    /// The highest tier that was unlocked; null before the first.
    tier: Option<Tier>,
    /// When that was.
    unlocked_at: Option<DateTime<Utc>>,
    /// How far it is to the next tier; null when there is none.
    progress: Option<ProgressView>,
    /// What the tiers that were unlocked follow from, the first first.
    evidence: Vec<EvidenceView>,
}

/// How far it is to a tier.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationProgress")]
pub(super) struct ProgressView {
    /// The tier.
    tier: Tier,
    /// How many there are.
    current: i64,
    /// How many it takes.
    target: i64,
}

/// What a tier follows from.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationEvidence")]
pub(super) struct EvidenceView {
    /// The tier.
    tier: Tier,
    /// When it was unlocked.
    unlocked_at: DateTime<Utc>,
    /// How many it took then.
    target: i64,
    /// Version of the rule.
    version: i32,
    /// How many there were.
    count: Option<i64>,
    /// The sender's own id of the activity that reached it.
    source: Option<String>,
}

/// A date of the calendar.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationDay")]
pub(super) struct CalendarView {
    /// The date.
    pub(super) date: NaiveDate,
    /// What it was; null where nothing was done.
    pub(super) state: Option<DayKind>,
    /// Activities on it.
    pub(super) activities: i32,
}

/// The rules.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationRules")]
pub(super) struct RulesView {
    /// For what points are given.
    pub(super) xp: Vec<XpRuleView>,
    /// What is achieved.
    pub(super) achievements: Vec<AchievementRuleView>,
}

/// A rule of points.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationXpRule")]
pub(super) struct XpRuleView {
    /// Stays the same.
    key: String,
    /// Counts its changes, from 1.
    version: i32,
    /// Points.
    amount: i32,
    /// Most points of it on a date of a learner's.
    daily_cap: i32,
    /// It gives points in this institution.
    enabled: bool,
}

/// An achievement as a rule.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationAchievementRule")]
pub(super) struct AchievementRuleView {
    /// Stays the same.
    key: String,
    /// Counts its changes, from 1.
    version: i32,
    /// How many each tier takes, the least first.
    tiers: Vec<TierView>,
}

/// A tier.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "GamificationTier")]
pub(super) struct TierView {
    /// Which.
    tier: Tier,
    /// How many it takes.
    target: i64,
}

impl StatsView {
    pub(super) fn of(stats: Stats) -> Self {
        let streak = &stats.folded.streak;
        let streak = StreakView {
            current: streak.current,
            longest: stats.longest,
            started_on: streak.started_on,
            today_done: streak.current > 0 && streak.reached(stats.today),
            expires_at: stats.folded.due_at,
            freezes: FreezesView {
                available: streak.freezes.min(stats.settings.freezes_max),
                max: stats.settings.freezes_max,
                used: stats.used.into_iter().map(UsedFreezeView::of).collect(),
            },
        };
        let (total, today, week) = stats.xp;
        let retired = stats.retired.into_iter().map(AchievementView::retired);
        Self {
            user: SubjectView::of(stats.learner),
            as_of: stats.as_of,
            enabled: stats.settings.enabled,
            tz: stats.zone.name().to_owned(),
            today: stats.today,
            streak,
            xp: XpView { total, today, week, week_starts_on: stats.week, level: LevelView::of(stats.level) },
            achievements: stats.achievements.into_iter().map(AchievementView::of).chain(retired).collect(),
            calendar: stats.calendar.into_iter().map(CalendarView::of).collect(),
        }
    }
}

impl UsedFreezeView {
    fn of(used: UsedFreeze) -> Self {
        Self { date: used.date, used_at: used.used_at }
    }
}

impl LevelView {
    pub(super) fn of(level: Level) -> Self {
        Self { number: level.number, from: level.from, next: level.next }
    }
}

impl CalendarView {
    fn of(day: CalendarDay) -> Self {
        Self { date: day.date, state: day.kind, activities: day.activities }
    }
}

impl AchievementView {
    pub(super) fn of(progress: Progress) -> Self {
        let Progress { achievement, current, unlocked } = progress;
        let next = achievement.tiers.into_iter().find(|(tier, _)| !unlocked.iter().any(|one| one.tier == *tier));
        let highest = unlocked.iter().max_by_key(|one| one.tier);
        Self {
            key: achievement.key.to_owned(),
            tier: highest.map(|one| one.tier),
            unlocked_at: highest.map(|one| one.unlocked_at),
            progress: next.map(|(tier, target)| ProgressView { tier, current, target }),
            evidence: unlocked.iter().map(EvidenceView::of).collect(),
        }
    }

    /// What was reached by a rule that there is no more stays.
    fn retired(unlocked: Unlocked) -> Self {
        Self {
            evidence: vec![EvidenceView::of(&unlocked)],
            key: unlocked.key,
            tier: Some(unlocked.tier),
            unlocked_at: Some(unlocked.unlocked_at),
            progress: None,
        }
    }
}

impl EvidenceView {
    fn of(unlocked: &Unlocked) -> Self {
        Self {
            tier: unlocked.tier,
            unlocked_at: unlocked.unlocked_at,
            target: unlocked.target,
            version: unlocked.version,
            count: unlocked.evidence.get("count").and_then(Value::as_i64),
            source: unlocked.evidence.get("source").and_then(Value::as_str).map(ToOwned::to_owned),
        }
    }
}

impl RulesView {
    pub(super) fn of(rules: &[XpRule], settings: &Settings) -> Self {
        let xp = rules.iter().map(|rule| XpRuleView {
            key: rule.key.to_owned(),
            version: rule.version,
            amount: rule.amount,
            daily_cap: rule.daily_cap,
            enabled: settings.gives(rule.key),
        });
        let achievements = ACHIEVEMENTS.iter().map(|one| AchievementRuleView {
            key: one.key.to_owned(),
            version: one.version,
            tiers: one.tiers.into_iter().map(|(tier, target)| TierView { tier, target }).collect(),
        });
        Self { xp: xp.collect(), achievements: achievements.collect() }
    }
}
