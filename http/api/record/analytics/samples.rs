//! Analytics as they are answered, for the documentation.

use chrono::NaiveDate;
use stoa_core::{Id, content::Cefr, groups::GroupKind};
use stoa_record::{
    analytics::{
        ActiveLearners, Analytics, CohortFigures, Colors, Compare, CourseFigures, Distribution, EngagementTiers,
        Enrollments, LanguageLevels, LevelCount, Look, Period, Previous, Rate, RetentionRow, Seats, SeriesPoint, Time,
        Whose,
    },
    cefr::Skill,
    history::Granularity,
};
use uuid::Uuid;

use crate::doors::{Sample, sample};

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}

fn enrollments() -> Enrollments {
    Enrollments { enrolled: 120, started: 96, completed: 48, overdue: 14 }
}

fn time() -> Time {
    Time { total_seconds: 412_900, median_per_active: Some(2_940), estimated: false }
}

fn tiers() -> EngagementTiers {
    EngagementTiers {
        highly_active: Some(22),
        active: Some(58),
        occasional: Some(64),
        at_risk: Some(31),
        churned: Some(20),
        suppressed: false,
    }
}

fn point(day: NaiveDate) -> SeriesPoint {
    SeriesPoint {
        from: day,
        to: day,
        active_learners: 41,
        events: 902,
        time_spent_seconds: 31_400,
        lessons_completed: 88,
        enrolled: 6,
    }
}

fn look() -> Look {
    Look {
        product_name: "Academy of Seoul".into(),
        logo_url: Some("https://school.example/mark.svg".into()),
        colors: Colors { primary: Some("#0a5c36".into()) },
        support_email: Some("help@school.example".into()),
        locale: "ko".into(),
    }
}

fn levels() -> Distribution {
    let counts = [0, 12, 40, 0, 61, 22, 30, 0, 9, 0];
    let levels =
        Cefr::ALL.into_iter().zip(counts).map(|(level, learners)| LevelCount { level, learners: Some(learners) });
    Distribution { levels: levels.collect(), moved_up: Some(17), suppressed: false }
}

fn cohort() -> CohortFigures {
    CohortFigures {
        id: Id::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001)),
        name: "Autumn 2026".into(),
        kind: GroupKind::Cohort,
        starts_on: Some(date("2026-09-01")),
        ends_on: Some(date("2027-01-31")),
        learners: Some(24),
        active_learners: Some(19),
        time_spent_seconds: Some(61_200),
        completion_rate: Some(Rate { value: Some(0.5), numerator: 12, denominator: 24 }),
        suppressed: false,
        too_large: false,
    }
}

fn course() -> CourseFigures {
    CourseFigures {
        course_id: Some(Id::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002))),
        title: Some("English B1".into()),
        enrolled: 64,
        started: 51,
        completed: 32,
        completion_rate: Rate { value: Some(0.5), numerator: 32, denominator: 64 },
        time_spent_seconds: 201_400,
    }
}

impl Sample for Analytics {
    fn sample() -> Self {
        let active_learners = ActiveLearners { daily: 41, weekly: 118, monthly: 167, period: 160 };
        let completion_rate = Rate { value: Some(0.4), numerator: 48, denominator: 120 };
        let completion_rate_of_started = Rate { value: Some(0.5), numerator: 48, denominator: 96 };
        let (from, to) = (date("2026-10-26"), date("2026-11-22"));
        Self {
            institution_id: Id::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003)),
            period: Period {
                from,
                to,
                tz: "Asia/Seoul".into(),
                granularity: Granularity::Day,
                compare: Compare::PreviousPeriod,
            },
            as_of: sample::time(),
            freshness_seconds: 0,
            complete: true,
            whose: Whose::Institution,
            course: None,
            suppressed: false,
            learners: Some(231),
            seats: Seats { total: Some(250), in_use: 240, pending_invite: 4, reserved: 0, available: Some(6) },
            active_learners: Some(active_learners),
            engagement_tiers: Some(tiers()),
            enrollments: Some(enrollments()),
            completion_rate: Some(completion_rate),
            completion_rate_of_started: Some(completion_rate_of_started),
            time: Some(time()),
            series: vec![point(from)],
            cefr: vec![LanguageLevels {
                language: "en".into(),
                assessed_coverage: Some(Rate { value: Some(0.7532), numerator: 174, denominator: 231 }),
                overall: levels(),
                skills: Skill::ALL.iter().map(|skill| (*skill, levels())).collect(),
            }],
            cohorts: vec![cohort()],
            retention_matrix: vec![RetentionRow {
                began: date("2026-10-01"),
                learners: Some(60),
                active: vec![Some(60), Some(44)],
                suppressed: false,
            }],
            top_courses: vec![course()],
            previous: Some(Previous {
                from: date("2026-09-28"),
                to: date("2026-10-25"),
                active_learners,
                enrollments: enrollments(),
                completion_rate,
                completion_rate_of_started,
                time: time(),
            }),
            branding: look(),
        }
    }
}
