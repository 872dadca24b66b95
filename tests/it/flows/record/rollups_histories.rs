//! Many histories at random: however activity and enrolments come, what was kept is what is made anew.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use stoa_core::clock::Clock;
use stoa_protocols::event::ItemKind::{Material, Quiz};
use stoa_record::rollups::rebuild::{self, Purpose};

use super::sums::{Sums, rebuild_what_is_wanted, verified};
use crate::{
    flows::steps::{course, event_at, item, lesson, send},
    support::{
        TestHouse,
        builders::{BuiltCourse, BuiltLearner},
    },
};

const ZONES: [&str; 4] = ["Asia/Seoul", "America/New_York", "Pacific/Kiritimati", "UTC"];
const VERBS: [&str; 7] = ["started", "progressed", "answered", "completed", "passed", "failed", "enrolled"];

const SHARES: [f64; 5] = [0.0, 0.3, 0.7, 0.99, 1.0];

/// Throws dice that fall the same way for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn of<'a, T>(&mut self, these: &'a [T]) -> &'a T {
        &these[self.below(these.len())]
    }
}

struct Story {
    house: TestHouse,
    courses: Vec<BuiltCourse>,
    learners: Vec<BuiltLearner>,
    dice: Dice,
    told: usize,
}

impl Story {
    async fn begin(seed: u64) -> Self {
        let house = TestHouse::new().await;
        let courses = vec![
            house.course("spanish", &[&[Material, Quiz], &[Quiz]]).await,
            house.course("korean", &[&[Material], &[Material], &[Quiz]]).await,
        ];
        let learners = house.learners(&["ana", "ben", "cleo", "dan", "eve"]).await;
        house.enrol(&courses[0], &learners).await;
        house.enrol(&courses[1], &learners[..3]).await;
        Self { house, courses, learners, dice: Dice(seed), told: 0 }
    }

    /// Mostly of these weeks, sometimes a year ago, sometimes at the very same moment as others.
    fn moment(&mut self) -> DateTime<Utc> {
        let now = self.house.clock.now();
        let back = match self.dice.below(10) {
            0 => TimeDelta::days(300 + i64::try_from(self.dice.below(500)).unwrap()),
            1 => TimeDelta::days(2),
            _ => TimeDelta::hours(i64::try_from(self.dice.below(24 * 40)).unwrap()),
        };
        now - back
    }

    fn event(&mut self) -> Value {
        let at = self.moment();
        let course_ = self.dice.of(&self.courses).clone();
        let learner = self.dice.of(&self.learners).clone();
        let nth = self.dice.below(course_.lessons.len());
        let items = course_.lessons[nth].items.len();
        let (what, verb) = (self.dice.below(5), *self.dice.of(&VERBS));
        let what = match (what, verb) {
            (_, "enrolled") | (0, _) => course(&course_),
            (1, _) => lesson(&course_, nth),
            _ => item(&course_, (nth, self.dice.below(items))),
        };
        self.told += 1;
        let mut event = event_at(&format!("e{}", self.told), at, &learner, (what, verb));
        event["result"] = json!({ "duration_seconds": self.dice.below(400), "progress": *self.dice.of(&SHARES) });
        event
    }

    async fn go_on(&mut self) {
        match self.dice.below(12) {
            0 => {
                let (course, learner) = (self.dice.of(&self.courses).id, self.dice.of(&self.learners).id);
                self.house.admin().delete(&format!("/api/courses/{course}/enrollments/{learner}")).await;
            }
            1 => {
                let (course, learner) = (self.dice.of(&self.courses).id, self.dice.of(&self.learners).id);
                let due = self.house.clock.now() + TimeDelta::days(i64::try_from(self.dice.below(9)).unwrap() - 4);
                let again = json!({ "user": { "id": learner }, "due_at": due });
                self.house.admin().post(&format!("/api/courses/{course}/enrollments"), again).await;
            }
            2 => {
                let zone = *self.dice.of(&ZONES);
                let path = format!("/api/institutions/{}", self.house.school.tenant);
                self.house.owner().patch(&path, json!({ "time_zone": zone })).await.data();
            }
            3 => self.house.crash(),
            4 => rebuild_what_is_wanted(&self.house).await,
            5 => drop(rebuild::step(self.house.db(), self.house.school.tenant, Purpose::Rebuild).await),
            6 | 7 => self.house.follow().await,
            8 => self.house.clock.advance(TimeDelta::hours(31)),
            _ => {
                let count = 1 + self.dice.below(12);
                let events: Vec<Value> = (0..count).map(|_| self.event()).collect();
                send(&self.house, events).await;
            }
        }
    }

    /// Different learners of some days, counted from the rows.
    fn active(&self, from: &str, to: &str) -> i64 {
        let tenant = self.house.school.tenant.uuid();
        self.house.database.number(&format!(
            "SELECT count(DISTINCT e.user_id) FROM progress_events e JOIN rollups r USING (tenant_id)
             WHERE e.tenant_id = '{tenant}' AND e.verb <> 'enrolled'
               AND (e.occurred_at AT TIME ZONE r.time_zone)::date BETWEEN '{from}' AND '{to}'"
        ))
    }
}

async fn tell(seed: u64) {
    let mut story = Story::begin(seed).await;
    for _ in 0..60 {
        story.go_on().await;
    }
    story.house.follow().await;
    if story.house.database.number("SELECT count(*) FROM rollups WHERE draft_edition IS NOT NULL") == 0 {
        verified(&story.house).await;
    }
    rebuild_what_is_wanted(&story.house).await;
    story.house.follow().await;
    verified(&story.house).await;
    let sums = Sums::of(&story.house);
    for (from, to) in [("2026-11-01", "2026-11-30"), ("2026-10-20", "2026-10-26"), ("2025-11-20", "2026-12-20")] {
        assert_eq!(sums.active(from, to), story.active(from, to), "seed {seed}: {from} to {to}");
    }
    story.house.skip_all().await;
}

macro_rules! histories {
    ($($name:ident = $seed:literal),*) => {
        $(#[actix_web::test]
        async fn $name() {
            tell($seed).await;
        })*
    };
}

histories!(
    the_first_history = 1,
    the_second_history = 2,
    the_third_history = 3,
    the_fourth_history = 4,
    the_fifth_history = 5,
    the_sixth_history = 6,
    the_seventh_history = 7,
    the_eighth_history = 8
);
