//! The facts that insights follow from: four statements, whatever the learner did.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
    members::Member,
};

use crate::history::Zone;

/// Dates that are looked at: four weeks, and the four before.
const DAYS: i64 = 56;

/// What was done on a date, by the hour.
#[derive(Debug, Clone, QueryableByName)]
pub struct HourFacts {
    /// The date.
    #[diesel(sql_type = Date)]
    pub date: NaiveDate,
    /// The hour, 0 to 23.
    #[diesel(sql_type = Integer)]
    pub hour: i32,
    /// Events.
    #[diesel(sql_type = BigInt)]
    pub events: i64,
}

/// A skill by the scored items that train it.
#[derive(Debug, Clone, QueryableByName)]
pub struct SkillFacts {
    /// As the items name it.
    #[diesel(sql_type = Text)]
    pub skill: String,
    /// Scored items.
    #[diesel(sql_type = BigInt)]
    pub items: i64,
    /// Mean of their best scores, 0 to 1.
    #[diesel(sql_type = Double)]
    pub score: f64,
}

/// A course that the learner is on and has not completed.
#[derive(Debug, Clone, QueryableByName)]
pub struct CourseFacts {
    /// The course.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Course>,
    /// Its title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// When the learner was put on it.
    #[diesel(sql_type = Timestamptz)]
    pub enrolled_at: DateTime<Utc>,
    /// When it should be done.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    /// Basis points.
    #[diesel(sql_type = Integer)]
    pub progress: i32,
    /// First activity.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub started_at: Option<DateTime<Utc>>,
    /// Newest activity.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_activity_at: Option<DateTime<Utc>>,
}

#[derive(QueryableByName)]
struct CardRow {
    #[diesel(sql_type = Timestamptz)]
    at: DateTime<Utc>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// When they were read.
    pub now: DateTime<Utc>,
    /// The date that it was there.
    pub today: NaiveDate,
    /// The last 56 dates, hour by hour; hours without events left out.
    pub hours: Vec<HourFacts>,
    /// Newest activity of all.
    pub last_activity_at: Option<DateTime<Utc>>,
    /// By skill.
    pub skills: Vec<SkillFacts>,
    /// Courses that are not complete, the longest there first.
    pub courses: Vec<CourseFacts>,
    /// When each card is to be looked at again.
    pub reviews: Vec<DateTime<Utc>>,
}

const HOURS: &str = "SELECT p.at::date AS date, extract(hour FROM p.at)::integer AS hour, count(*) AS events
  FROM (SELECT e.occurred_at AT TIME ZONE $4 AS at FROM progress_events e
    WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.occurred_at >= $3 AND e.verb <> 'enrolled') p
  GROUP BY 1, 2 ORDER BY 1, 2";
const SKILLS: &str = "SELECT k.skill, count(*) AS items, avg(s.best_score)::double precision / 10000 AS score
  FROM standings s
  JOIN training_items i ON i.tenant_id = s.tenant_id AND i.id = s.object_id
  CROSS JOIN LATERAL unnest(i.skills) AS k(skill)
  WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.object_kind = 'item' AND s.best_score IS NOT NULL
  GROUP BY k.skill ORDER BY k.skill";
const COURSES: &str =
    "SELECT c.id, c.title, e.enrolled_at, e.due_at, coalesce(s.progress, 0) AS progress, s.started_at,
    CASE WHEN s.started_at IS NOT NULL THEN s.last_occurred_at END AS last_activity_at
  FROM enrolments e
  JOIN courses c ON c.tenant_id = e.tenant_id AND c.id = e.course_id AND c.deleted_at IS NULL
  LEFT JOIN standings s ON s.tenant_id = e.tenant_id AND s.user_id = e.user_id AND s.object_id = e.course_id
  WHERE e.tenant_id = $1 AND e.user_id = $2 AND e.status = 'active' AND s.completed_at IS NULL
  ORDER BY e.enrolled_at, e.id";
const CARDS: &str = "SELECT s.last_occurred_at AS at, s.attempts FROM standings s
  JOIN training_items i ON i.tenant_id = s.tenant_id AND i.id = s.object_id AND i.kind = 'flashcard' AND i.deleted_at IS NULL
  WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.object_kind = 'item' AND s.started_at IS NOT NULL";
const LAST: &str = "SELECT max(s.last_occurred_at) AS at FROM standings s
  WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.object_kind = 'course' AND s.started_at IS NOT NULL";

/// Days until a card is looked at again, by how often it was: each time a little longer.
const INTERVALS: [i64; 5] = [1, 3, 7, 21, 60];

/// Reads the facts of a learner.
pub(super) async fn read(tx: &mut TenantTx, learner: &Member, zone: Zone) -> Result<Facts> {
    #[derive(QueryableByName)]
    struct Last {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        at: Option<DateTime<Utc>>,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let of = |text: &'static str| sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(learner.id);
    // A day more than is looked at: dates begin elsewhere at another hour.
    let since = now - TimeDelta::days(DAYS + 1);
    let hours = of(HOURS).bind::<Timestamptz, _>(since).bind::<Text, _>(zone.name());
    let hours: Vec<HourFacts> = hours.load(tx.connection()).await.map_err(failed)?;
    let skills: Vec<SkillFacts> = of(SKILLS).load(tx.connection()).await.map_err(failed)?;
    let courses: Vec<CourseFacts> = of(COURSES).load(tx.connection()).await.map_err(failed)?;
    let cards: Vec<CardRow> = of(CARDS).load(tx.connection()).await.map_err(failed)?;
    let last: Last = of(LAST).get_result(tx.connection()).await.map_err(failed)?;
    let today = zone.date(now);
    let first = today - TimeDelta::days(DAYS - 1);
    Ok(Facts {
        now,
        today,
        hours: hours.into_iter().filter(|hour| hour.date >= first && hour.date <= today).collect(),
        last_activity_at: last.at,
        skills,
        courses,
        reviews: cards.iter().map(CardRow::due).collect(),
    })
}

impl CardRow {
    fn due(&self) -> DateTime<Utc> {
        let times = usize::try_from(self.attempts.max(1)).unwrap_or(1);
        let days = INTERVALS.get(times - 1).or(INTERVALS.last()).copied().unwrap_or(1);
        self.at + TimeDelta::days(days)
    }
}
