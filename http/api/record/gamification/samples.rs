//! The game as the documentation shows it.

use chrono::NaiveDate;
use stoa_core::db::PageRequest;
use stoa_record::{
    gamification::{
        DayKind, Names, Progress, Settings, Unlocked,
        boards::{Asked, Metric, Own, Period, Span, Standing},
        rules::{ACHIEVEMENTS, Level, Tier, XP_RULES},
    },
    history::Zone,
};

use super::{
    super::lesson_progress::SubjectView,
    boards::{BoardView, OptOutView, OwnView, PageView, RowView},
    ledger::EntryView,
    views::{AchievementView, CalendarView, FreezesView, LevelView, RulesView, StatsView, StreakView, XpView},
};
use crate::doors::{Sample, sample};

fn today() -> NaiveDate {
    sample::time().date_naive()
}

impl Sample for StatsView {
    fn sample() -> Self {
        let streak = StreakView {
            current: 12,
            longest: 31,
            started_on: Some(today() - chrono::TimeDelta::days(12)),
            today_done: true,
            expires_at: Some(Zone::UTC.starts(today() + chrono::TimeDelta::days(2))),
            freezes: FreezesView { available: 1, max: 2, used: Vec::new() },
        };
        let xp = XpView {
            total: 1_240,
            today: 35,
            week: 210,
            week_starts_on: today() - chrono::TimeDelta::days(5),
            level: LevelView::of(Level::of(1_240)),
        };
        Self {
            user: SubjectView::sample(),
            as_of: sample::time(),
            enabled: true,
            tz: "Asia/Seoul".into(),
            today: today(),
            streak,
            xp,
            achievements: ACHIEVEMENTS.first().map(progress).into_iter().map(AchievementView::of).collect(),
            calendar: vec![CalendarView { date: today(), state: Some(DayKind::Active), activities: 4 }],
        }
    }
}

fn progress(achievement: &'static stoa_record::gamification::rules::Achievement) -> Progress {
    let unlocked = Unlocked {
        key: achievement.key.to_owned(),
        tier: Tier::Bronze,
        version: achievement.version,
        target: 7,
        evidence: serde_json::json!({ "count": 7, "source": "activity-4711" }),
        unlocked_at: sample::time(),
    };
    Progress { achievement, current: 12, unlocked: vec![unlocked] }
}

impl Sample for RulesView {
    fn sample() -> Self {
        Self::of(&XP_RULES, &Settings::default())
    }
}

impl Sample for Settings {
    fn sample() -> Self {
        Self::default()
    }
}

impl Sample for OptOutView {
    fn sample() -> Self {
        Self { user_id: sample::id(), opted_out: true }
    }
}

impl Sample for EntryView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            user_id: sample::id(),
            rule: "lesson_completed".into(),
            rule_version: 1,
            amount: 20,
            source: "activity-4711".into(),
            local_date: today(),
            tz: "Asia/Seoul".into(),
            occurred_at: sample::time(),
            created_at: sample::time(),
            corrects: None,
            reason: None,
        }
    }
}

impl Sample for BoardView {
    fn sample() -> Self {
        let page = PageRequest::default();
        let asked = Asked {
            period: Period::Week,
            date: None,
            metric: Metric::Xp,
            group: None,
            own: Some(sample::id()),
            page,
            names: Names::Initials,
        };
        let starts_on = today() - chrono::TimeDelta::days(5);
        let span = Span {
            period: Period::Week,
            starts_on,
            zone: Zone::UTC,
            starts_at: Zone::UTC.starts(starts_on),
            ends_at: Some(Zone::UTC.starts(starts_on + chrono::TimeDelta::days(7))),
            closed_at: None,
        };
        let place = Standing {
            user_id: sample::id(),
            rank: 2,
            tied: true,
            name: Some("민. 김.".into()),
            value: 210,
            reached_at: sample::time(),
        };
        let row = |one| RowView::of(one, (asked.own, true));
        let own = Own { value: 210, rank: Some((2, true)), opted_out: false, neighbours: vec![place.clone()] };
        Self {
            as_of: sample::time(),
            scope: super::boards::BoardScope::Institution,
            participants: Some(48),
            rows: vec![row(place)],
            page: PageView::of(page, 48),
            me: Some(OwnView::of(own, row)),
            ..Self::empty(&span, &asked)
        }
    }
}
