//! What a learner has reached, as it stands at the moment when it is read.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
    institutions::Institution,
    members::Member,
};

use super::{
    boards::{Calendar, Period},
    players::{self, DayKind},
    rules::{ACHIEVEMENTS, Achievement, Counts, Level},
    settings::{Settings, settings},
    streak::Folded,
    unlock::{Unlocked, unlocked},
};
use crate::history::Zone;

/// Most dates of a calendar.
pub const CALENDAR_MAX: i64 = 366;
/// Freezes of which the newest are shown.
const FREEZES_SHOWN: i64 = 20;

/// A date of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct CalendarDay {
    /// The date.
    #[diesel(sql_type = Date)]
    pub date: NaiveDate,
    /// What it was; none where nothing was done.
    #[diesel(sql_type = Nullable<Text>)]
    pub kind: Option<DayKind>,
    /// Activities on it.
    #[diesel(sql_type = Integer)]
    pub activities: i32,
}

/// A freeze that covers a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct UsedFreeze {
    /// The date.
    #[diesel(sql_type = Date)]
    pub date: NaiveDate,
    /// When it was used; none where it is about to be written down.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub used_at: Option<DateTime<Utc>>,
}

/// An achievement as a learner stands to it.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The achievement.
    pub achievement: &'static Achievement,
    /// How many there are.
    pub current: i64,
    /// The tiers that were unlocked, the first first.
    pub unlocked: Vec<Unlocked>,
}

/// What a learner has reached.
#[derive(Debug, Clone)]
pub struct Stats {
    /// The learner.
    pub learner: Member,
    /// How the institution wants its game.
    pub settings: Settings,
    /// When it was read.
    pub as_of: DateTime<Utc>,
    /// Zone of the dates.
    pub zone: Zone,
    /// The date that it is there.
    pub today: NaiveDate,
    /// The streak.
    pub folded: Folded,
    /// The longest run ever.
    pub longest: i64,
    /// Freezes in use, the newest first.
    pub used: Vec<UsedFreeze>,
    /// The newest dates, the first first.
    pub calendar: Vec<CalendarDay>,
    /// All points, those of today, and those of the leaderboard's week.
    pub xp: (i64, i64, i64),
    /// The level.
    pub level: Level,
    /// First date of the leaderboard's week.
    pub week: NaiveDate,
    /// All achievements.
    pub achievements: Vec<Progress>,
    /// Tiers of achievements that there are no more.
    pub retired: Vec<Unlocked>,
}

const CALENDAR: &str = "SELECT d.date::date AS date, l.kind, coalesce(l.activities, 0) AS activities
  FROM generate_series($3::date, $4::date, interval '1 day') AS d(date)
  LEFT JOIN learning_days l ON l.tenant_id = $1 AND l.user_id = $2 AND l.local_date = d.date::date ORDER BY d.date";
const USED: &str = "SELECT d.local_date AS date, d.counted_at AS used_at FROM learning_days d
  WHERE d.tenant_id = $1 AND d.user_id = $2 AND d.kind = 'frozen' ORDER BY d.local_date DESC LIMIT $3";
const POINTS: &str = "SELECT coalesce(sum(x.amount) FILTER (WHERE x.local_date = $3), 0)::bigint AS today,
    (SELECT coalesce(max(s.xp), 0) FROM board_scores s
      WHERE s.tenant_id = $1 AND s.user_id = $2 AND s.period = 'week' AND s.starts_on = $4) AS week
  FROM xp_entries x WHERE x.tenant_id = $1 AND x.user_id = $2 AND x.local_date = $3";

/// Reads what a learner has reached, with so many dates of the calendar.
///
/// # Errors
/// As the database says.
pub async fn stats(tx: &mut TenantTx, learner: Member, (institution, days): (&Institution, i64)) -> Result<Stats> {
    let now = tx.now();
    let settings = settings(tx).await?;
    let (player, zones) = players::look(tx, learner.id.uuid(), institution).await?;
    let zone = zones.at(now);
    let today = zone.date(now);
    let folded = player.as_ref().map(|player| player.fold(&settings, now)).unwrap_or_default();
    let counts = player.as_ref().map(players::Player::counts).unwrap_or_default();
    let longest = counts.longest.max(folded.streak.longest.into());
    let counts = Counts { longest, ..counts };
    let mut calendar = calendar(tx, &learner, (today - TimeDelta::days(days - 1), today)).await?;
    let mut used = used(tx, &learner).await?;
    overlay(&folded, &mut calendar, &mut used);
    let week = Calendar::read(tx, institution).await?.current(Period::Week).starts_on;
    let (of_today, of_week) = points(tx, &learner, (today, week)).await?;
    let mut all = unlocked(tx, learner.id.uuid()).await?;
    let achievements = ACHIEVEMENTS.iter().map(|one| {
        let own = all.extract_if(.., |unlocked| unlocked.key == one.key).collect();
        Progress { achievement: one, current: one.counts.of(counts), unlocked: own }
    });
    let achievements = achievements.collect();
    Ok(Stats {
        learner,
        settings,
        as_of: now,
        zone,
        today,
        folded,
        longest,
        used,
        calendar,
        xp: (counts.xp, of_today, of_week),
        level: Level::of(counts.xp),
        week,
        achievements,
        retired: all,
    })
}

/// What midnight has done and nobody has written down yet.
fn overlay(folded: &Folded, calendar: &mut [CalendarDay], used: &mut Vec<UsedFreeze>) {
    for day in calendar.iter_mut().filter(|day| day.kind.is_none()) {
        if folded.frozen.contains(&day.date) {
            day.kind = Some(DayKind::Frozen);
        } else if folded.travelled.contains(&day.date) {
            day.kind = Some(DayKind::Travel);
        }
    }
    for date in &folded.frozen {
        if !used.iter().any(|known| known.date == *date) {
            used.insert(0, UsedFreeze { date: *date, used_at: None });
        }
    }
}

async fn calendar(tx: &mut TenantTx, learner: &Member, (from, to): (NaiveDate, NaiveDate)) -> Result<Vec<CalendarDay>> {
    let tenant = tx.tenant();
    sql(CALENDAR)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(learner.id)
        .bind::<Date, _>(from)
        .bind::<Date, _>(to)
        .load(tx.connection())
        .await
        .map_err(failed)
}

async fn used(tx: &mut TenantTx, learner: &Member) -> Result<Vec<UsedFreeze>> {
    let tenant = tx.tenant();
    let used = sql(USED).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(learner.id).bind::<BigInt, _>(FREEZES_SHOWN);
    used.load(tx.connection()).await.map_err(failed)
}

async fn points(tx: &mut TenantTx, learner: &Member, (today, week): (NaiveDate, NaiveDate)) -> Result<(i64, i64)> {
    #[derive(QueryableByName)]
    struct Points {
        #[diesel(sql_type = BigInt)]
        today: i64,
        #[diesel(sql_type = BigInt)]
        week: i64,
    }
    let tenant = tx.tenant();
    let points: Points = sql(POINTS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(learner.id)
        .bind::<Date, _>(today)
        .bind::<Date, _>(week)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok((points.today, points.week))
}
