//! What follows from the facts. Pure.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use stoa_core::{content::Cefr, members::Member};

use super::{
    CourseFacts, Engagement, EngagementTier, Facts, InsightCode, Insights, Pace, Recommendation, Risk, RiskFactor,
    RiskTier, SkillFacts, SkillInsight, Sufficiency, Trend,
};
use crate::history::Zone;

/// Four weeks.
const MONTH: i64 = 28;
/// Items of which a mean is told.
const ITEMS_MIN: i64 = 3;
/// Active days of four weeks from which there is enough to say something.
const DAYS_MIN: i64 = 5;
/// Days without activity after which a course rests, and after which a learner is inactive.
const RESTS_AFTER: i64 = 7;
const INACTIVE_AFTER: i64 = 14;
/// Percents of the plan by which a course is behind.
const BEHIND_BY: i64 = 25;
/// Recommendations that are told.
const TOLD_AT_MOST: usize = 5;

/// The level that the learner wants, whether he will reach it, and whether it is unknown where he is.
type Goal = Option<(Cefr, Option<bool>, bool)>;

/// Derives the insights.
pub(super) fn derive(facts: &Facts, (learner, zone): (Member, Zone), goal: Goal) -> Insights {
    let engagement = engagement(facts);
    let pace: Vec<Pace> = facts.courses.iter().map(|course| pace(course, facts.now)).collect();
    let (strengths, weaknesses) = skills(&facts.skills);
    let due = i64::try_from(facts.reviews.iter().filter(|due| **due <= facts.now).count()).unwrap_or(i64::MAX);
    let next = facts.reviews.iter().filter(|due| **due > facts.now).min().copied();
    let risk = risk(facts, engagement, &pace);
    let sufficiency = match (facts.last_activity_at, engagement.active_days_28) {
        (None, _) => Sufficiency::None,
        (Some(_), DAYS_MIN..) => Sufficiency::Sufficient,
        (Some(_), _) => Sufficiency::Limited,
    };
    let level_unknown = goal.is_some_and(|(_, _, unknown)| unknown);
    let recommendations = recommendations(facts, (&pace, &weaknesses), (due, level_unknown));
    Insights {
        learner,
        as_of: facts.now,
        zone,
        sufficiency,
        engagement,
        hours: hours(facts),
        strengths,
        weaknesses,
        due_reviews: (due, next),
        pace,
        goal: goal.map(|(level, on_track, _)| (level, on_track)),
        recommendations,
        risk,
    }
}

/// Active dates within so many days before today, today included, and none of the latest so many.
fn active_days(facts: &Facts, within: i64, but: i64) -> i64 {
    let within = |date: &NaiveDate| (but..within).contains(&(facts.today - *date).num_days());
    let dates: BTreeSet<NaiveDate> = facts.hours.iter().map(|hour| hour.date).filter(within).collect();
    i64::try_from(dates.len()).unwrap_or(i64::MAX)
}

fn engagement(facts: &Facts) -> Engagement {
    let (week, month, before) =
        (active_days(facts, 7, 0), active_days(facts, MONTH, 0), active_days(facts, 2 * MONTH, MONTH));
    let trend = match (month, before) {
        (0, 0) => None,
        _ if month * 4 >= before * 5 && month > before => Some(Trend::Rising),
        _ if month * 4 <= before * 3 && month < before => Some(Trend::Falling),
        _ => Some(Trend::Steady),
    };
    let tier = facts.last_activity_at.map(|_| EngagementTier::of(month, before));
    Engagement { active_days_7: week, active_days_28: month, trend, tier }
}

fn hours(facts: &Facts) -> [i64; 24] {
    let mut histogram = [0; 24];
    for hour in &facts.hours {
        if let Some(events) = usize::try_from(hour.hour).ok().and_then(|at| histogram.get_mut(at)) {
            *events += hour.events;
        }
    }
    histogram
}

fn skills(skills: &[SkillFacts]) -> (Vec<SkillInsight>, Vec<SkillInsight>) {
    let told = |wanted: fn(f64) -> bool| {
        let some = skills.iter().filter(|skill| skill.items >= ITEMS_MIN && wanted(skill.score));
        let mut some: Vec<SkillInsight> = some
            .map(|skill| SkillInsight {
                skill: skill.skill.clone(),
                score: (skill.score * 100.0).floor() / 100.0,
                evidence_count: skill.items,
            })
            .collect();
        some.sort_by(|a, b| a.skill.cmp(&b.skill));
        some
    };
    let mut strong = told(|score| score >= 0.8);
    let mut weak = told(|score| score < 0.6);
    strong.sort_by(|a, b| b.score.total_cmp(&a.score));
    weak.sort_by(|a, b| a.score.total_cmp(&b.score));
    (strong, weak)
}

/// A course beside its plan.
fn pace(course: &CourseFacts, now: DateTime<Utc>) -> Pace {
    let planned = course.due_at.map(|due| {
        let (over, all) = (now - course.enrolled_at, due - course.enrolled_at);
        share(over.num_seconds(), all.num_seconds())
    });
    let projected = course.started_at.filter(|_| course.progress > 0).and_then(|started| {
        let spent = (now - started).num_seconds().max(86_400);
        let left = spent.checked_mul(i64::from(10_000 - course.progress))?.checked_div(i64::from(course.progress))?;
        let on = |seconds: i64| now.checked_add_signed(TimeDelta::try_seconds(seconds)?).map(|at| at.date_naive());
        Some((on(left / 4 * 3)?, on(left / 4 * 5)?))
    });
    Pace {
        course: course.id,
        title: course.title.clone(),
        planned,
        actual: f64::from(course.progress / 100) / 100.0,
        projected,
    }
}

/// A share in hundredths, rounded down, 0 to 1; what has no length is over.
fn share(part: i64, of: i64) -> f64 {
    let whole = part.saturating_mul(100).checked_div(of).filter(|_| of > 0).unwrap_or(100).clamp(0, 100);
    i32::try_from(whole).map_or(1.0, |whole| f64::from(whole) / 100.0)
}

/// Percents by which a course is behind its plan.
fn behind(pace: &Pace) -> i64 {
    #[expect(clippy::cast_possible_truncation, clippy::as_conversions, reason = "both are 0 to 1")]
    pace.planned.map_or(0, |planned| ((planned - pace.actual) * 100.0).round() as i64)
}

fn days_since(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<i64> {
    at.map(|at| (now - at).num_days())
}

fn risk(facts: &Facts, engagement: Engagement, pace: &[Pace]) -> Risk {
    let inactive = days_since(facts.last_activity_at, facts.now).filter(|days| *days >= INACTIVE_AFTER);
    let late = pace.iter().map(behind).max().filter(|percents| *percents >= BEHIND_BY);
    let falling = (engagement.trend == Some(Trend::Falling)).then_some(engagement.active_days_28);
    let factors = [
        (InsightCode::Inactive, 45, inactive),
        (InsightCode::BehindPlan, 30, late),
        (InsightCode::ActivityFalling, 25, falling),
    ];
    let factors: Vec<RiskFactor> = factors
        .into_iter()
        .filter_map(|(code, weight, value)| Some(RiskFactor { code, weight, value: value? }))
        .collect();
    let tier = match factors.iter().map(|factor| factor.weight).sum::<i32>() {
        55.. => RiskTier::High,
        25.. => RiskTier::Medium,
        _ => RiskTier::Low,
    };
    Risk { tier, factors }
}

fn recommendations(
    facts: &Facts,
    (pace, weaknesses): (&[Pace], &[SkillInsight]),
    (due, level_unknown): (i64, bool),
) -> Vec<Recommendation> {
    let mut told = Vec::new();
    let mut tell = |code, course: Option<&CourseFacts>, skill: Option<&SkillInsight>, value| {
        told.push(Recommendation {
            code,
            course: course.map(|course| (course.id, course.title.clone())),
            skill: skill.map(|skill| skill.skill.clone()),
            value,
            priority: 0,
        });
    };
    let overdue = |course: &CourseFacts| course.due_at.filter(|due| *due < facts.now);
    for course in &facts.courses {
        if let Some(days) = days_since(overdue(course), facts.now) {
            tell(InsightCode::CourseOverdue, Some(course), None, days);
        }
    }
    for (course, pace) in facts.courses.iter().zip(pace).filter(|(course, _)| overdue(course).is_none()) {
        if behind(pace) >= BEHIND_BY {
            tell(InsightCode::CourseBehindPlan, Some(course), None, behind(pace));
        } else if let Some(days) = days_since(course.last_activity_at, facts.now).filter(|days| *days >= RESTS_AFTER) {
            tell(InsightCode::CourseResting, Some(course), None, days);
        }
    }
    for skill in weaknesses {
        tell(InsightCode::SkillWeak, None, Some(skill), skill.evidence_count);
    }
    if due > 0 {
        tell(InsightCode::ReviewsDue, None, None, due);
    }
    if level_unknown {
        tell(InsightCode::LevelUnknown, None, None, 0);
    }
    if told.is_empty() && facts.last_activity_at.is_some() {
        told.push(Recommendation { code: InsightCode::KeepGoing, course: None, skill: None, value: 0, priority: 0 });
    }
    told.truncate(TOLD_AT_MOST);
    for (priority, one) in (1..).zip(&mut told) {
        one.priority = priority;
    }
    told
}

#[cfg(test)]
mod tests {
    use stoa_core::Id;
    use uuid::Uuid;

    use super::{super::facts::HourFacts, *};

    fn now() -> DateTime<Utc> {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn facts(days_ago: &[i64]) -> Facts {
        let today = now().date_naive();
        let hours = days_ago.iter().map(|ago| HourFacts { date: today - TimeDelta::days(*ago), hour: 9, events: 2 });
        Facts {
            now: now(),
            today,
            hours: hours.collect(),
            last_activity_at: days_ago.iter().min().map(|ago| now() - TimeDelta::days(*ago)),
            ..Facts::default()
        }
    }

    fn course(progress: i32, (enrolled, due): (i64, Option<i64>)) -> CourseFacts {
        CourseFacts {
            id: Id::from_uuid(Uuid::nil()),
            title: "Spanish".to_owned(),
            enrolled_at: now() - TimeDelta::days(enrolled),
            due_at: due.map(|days| now() + TimeDelta::days(days)),
            progress,
            started_at: (progress > 0).then(|| now() - TimeDelta::days(enrolled)),
            last_activity_at: (progress > 0).then(now),
        }
    }

    #[test]
    fn tiers_go_by_active_days_and_who_never_began_has_none() {
        let tier = |days: Vec<i64>| engagement(&facts(&days)).tier;
        assert_eq!(tier((0..16).collect()), Some(EngagementTier::HighlyActive));
        assert_eq!(tier((0..15).collect()), Some(EngagementTier::Active));
        assert_eq!(tier(vec![0, 27]), Some(EngagementTier::Occasional));
        assert_eq!(tier(vec![0, 0, 0]), Some(EngagementTier::AtRisk), "one date, however often");
        assert_eq!(tier(vec![28]), Some(EngagementTier::AtRisk));
        assert_eq!(tier(vec![]), None);
        let long_ago = Facts { last_activity_at: Some(now() - TimeDelta::days(90)), ..facts(&[]) };
        assert_eq!(engagement(&long_ago).tier, Some(EngagementTier::Churned));
    }

    #[test]
    fn a_trend_is_a_quarter_more_or_less() {
        let trend = |month: i64, before: i64| {
            let days: Vec<i64> = (0..month).chain(28..28 + before).collect();
            engagement(&facts(&days)).trend
        };
        assert_eq!(
            [trend(5, 4), trend(4, 4), trend(3, 4), trend(1, 0)].map(Option::unwrap),
            [Trend::Rising, Trend::Steady, Trend::Falling, Trend::Rising]
        );
        assert_eq!(trend(0, 0), None);
    }

    #[test]
    fn a_course_is_told_beside_its_plan() {
        let half = pace(&course(2_500, (10, Some(10))), now());
        assert_eq!((half.planned, half.actual, behind(&half)), (Some(0.5), 0.25, 25));
        let (from, to) = half.projected.unwrap();
        assert_eq!((from.to_string().as_str(), to.to_string().as_str()), ("2026-12-15", "2026-12-30"));
        let idle = pace(&course(0, (10, None)), now());
        assert_eq!((idle.planned, idle.projected), (None, None));
        assert_eq!(pace(&course(10, (0, Some(0))), now()).planned, Some(1.0));
    }

    #[test]
    fn recommendations_come_in_order_and_never_more_than_five() {
        let mut some = facts(&[0]);
        some.courses = vec![course(5_000, (30, Some(-3))), course(1_000, (30, Some(10)))];
        let paces: Vec<_> = some.courses.iter().map(|course| pace(course, now())).collect();
        let weak: Vec<_> = ["a", "b", "c", "d"]
            .map(|skill| SkillInsight { skill: skill.to_owned(), score: 0.3, evidence_count: 4 })
            .to_vec();
        let told = recommendations(&some, (&paces, &weak), (7, true));
        let codes: Vec<_> = told.iter().map(|one| (one.priority, one.code.as_str(), one.value)).collect();
        let weak = "skill_weak";
        assert_eq!(
            codes,
            [(1, "course_overdue", 3), (2, "course_behind_plan", 65), (3, weak, 4), (4, weak, 4), (5, weak, 4)]
        );
        assert_eq!(recommendations(&facts(&[0]), (&[], &[]), (0, false))[0].code, InsightCode::KeepGoing);
        assert!(recommendations(&facts(&[]), (&[], &[]), (0, false)).is_empty());
    }

    #[test]
    fn risk_adds_up() {
        let idle = Facts { last_activity_at: Some(now() - TimeDelta::days(20)), ..facts(&[30, 31, 32, 33]) };
        let found = risk(&idle, engagement(&idle), &[]);
        assert_eq!(found.tier, RiskTier::High);
        assert_eq!(
            found.factors.iter().map(|f| (f.code.as_str(), f.value)).collect::<Vec<_>>(),
            [("inactive", 20), ("activity_falling", 0)]
        );
        let fine = facts(&[0, 1, 2]);
        assert_eq!(risk(&fine, engagement(&fine), &[]), Risk { tier: RiskTier::Low, factors: Vec::new() });
    }
}
