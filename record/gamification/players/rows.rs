//! The rows of learners: few statements, however many they are.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use stoa_core::{
    Error, Result,
    db::{TenantTx, failed, sql},
};
use uuid::Uuid;

use super::{Day, DayKind, Player, Players};
use crate::gamification::{
    streak::Streak,
    zones::{Zones, named},
};

/// Where a learner stands.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub(in crate::gamification) struct Game {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(in crate::gamification) id: Uuid,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) revision: i32,
    #[diesel(sql_type = Jsonb)]
    settled: Value,
    #[diesel(sql_type = Nullable<Date>)]
    pub(in crate::gamification) settled_on: Option<NaiveDate>,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) current: i32,
    #[diesel(sql_type = Nullable<Date>)]
    pub(in crate::gamification) started_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    pub(in crate::gamification) reached_on: Option<NaiveDate>,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) longest: i32,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) freezes: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(in crate::gamification) due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = BigInt)]
    pub(in crate::gamification) xp: i64,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) items: i32,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) lessons: i32,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) courses: i32,
    #[diesel(sql_type = Integer)]
    pub(in crate::gamification) perfect: i32,
}

#[derive(QueryableByName)]
struct DayRow {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Date)]
    local_date: NaiveDate,
    #[diesel(sql_type = Text)]
    tz: String,
    #[diesel(sql_type = Text)]
    kind: DayKind,
    #[diesel(sql_type = Integer)]
    activities: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    first_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
}

const BEGIN: &str = "INSERT INTO games (tenant_id, user_id, id, created_at, updated_at)
  SELECT $1, n.user_id, n.id, $4, $4 FROM unnest($2, $3) AS n(user_id, id)
  WHERE EXISTS (SELECT FROM users u WHERE u.tenant_id = $1 AND u.id = n.user_id)
  ON CONFLICT DO NOTHING";
const GAMES: &str =
    "SELECT g.user_id, g.id, g.revision, g.settled, g.settled_on, g.current, g.started_on, g.reached_on, g.longest,
    g.freezes, g.due_at, g.xp, g.items, g.lessons, g.courses, g.perfect
  FROM unnest($2) AS k(id) JOIN games g ON g.tenant_id = $1 AND g.user_id = k.id";
const DAYS: &str = "SELECT d.user_id, d.local_date, d.tz, d.kind, d.activities, d.first_at, d.last_at
  FROM unnest($2, $3) AS k(id, after)
  JOIN learning_days d ON d.tenant_id = $1 AND d.user_id = k.id AND (k.after IS NULL OR d.local_date > k.after)";
/// A date keeps the zone of its first activity. Activity that was told in time goes before all else.
const WRITE_DAYS: &str = "INSERT INTO learning_days AS d (tenant_id, user_id, local_date, tz, kind, activities, first_at, last_at, counted_at)
  SELECT $1, n.user_id, n.local_date, n.tz, n.kind, n.activities, n.first_at, n.last_at, $9
  FROM unnest($2, $3, $4, $5, $6, $7, $8) AS n(user_id, local_date, tz, kind, activities, first_at, last_at)
  ON CONFLICT (tenant_id, user_id, local_date) DO UPDATE SET
    tz = CASE WHEN d.first_at IS NULL THEN excluded.tz ELSE d.tz END,
    kind = CASE WHEN 'active' IN (d.kind, excluded.kind) THEN 'active' WHEN excluded.kind = 'late' THEN d.kind ELSE excluded.kind END,
    activities = d.activities + excluded.activities,
    first_at = least(d.first_at, excluded.first_at), last_at = greatest(d.last_at, excluded.last_at),
    counted_at = excluded.counted_at";
const WRITE_FREEZES: &str = "INSERT INTO freeze_entries (tenant_id, id, user_id, reason, delta, local_date, created_at)
  SELECT $1, n.id, n.user_id, n.reason, n.delta, n.local_date, $7
  FROM unnest($2, $3, $4, $5, $6) AS n(id, user_id, reason, delta, local_date)";
const WRITE_GAMES: &str = "UPDATE games g SET revision = n.revision, settled = n.settled, settled_on = n.settled_on,
    current = n.current, started_on = n.started_on, reached_on = n.reached_on, longest = n.longest, freezes = n.freezes,
    due_at = n.due_at, xp = n.xp, items = n.items, lessons = n.lessons, courses = n.courses, perfect = n.perfect, updated_at = $17
  FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AS n(user_id, revision, settled, settled_on,
    current, started_on, reached_on, longest, freezes, due_at, xp, items, lessons, courses, perfect)
  WHERE g.tenant_id = $1 AND g.user_id = n.user_id";

/// Begins the games of those who have none.
pub(super) async fn begin(tx: &mut TenantTx, users: &[Uuid]) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let ids: Vec<Uuid> = users.iter().map(|_| tx.new_id::<stoa_core::id::Game>().uuid()).collect();
    sql(BEGIN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(users)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Reads learners with their dates that may still change.
pub(super) async fn read(tx: &mut TenantTx, users: &[Uuid], mut zones: HashMap<Uuid, Zones>) -> Result<Players> {
    let tenant = tx.tenant();
    let games = sql(GAMES).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(users);
    let games: Vec<Game> = games.load(tx.connection()).await.map_err(failed)?;
    let days: Vec<DayRow> = sql(DAYS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(games.iter().map(|game| game.user_id).collect::<Vec<_>>())
        .bind::<Array<Nullable<Date>>, _>(games.iter().map(|game| game.settled_on).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut players = Players::new();
    for game in games {
        let settled: Streak = serde_json::from_value(game.settled.clone()).map_err(Error::internal)?;
        let own = zones.remove(&game.user_id).unwrap_or_default();
        players.insert(game.user_id, Player::new(game.user_id, game, own, settled));
    }
    for row in days {
        let DayRow { user_id, local_date, tz, kind, activities, first_at, last_at } = row;
        let day = Day { zone: named(&tz), kind, activities, span: first_at.zip(last_at) };
        if let Some(player) = players.get_mut(&user_id) {
            player.days.insert(local_date, day);
        }
    }
    Ok(players)
}

/// Adds to the dates of learners.
pub(super) async fn write_days(tx: &mut TenantTx, players: &Players) -> Result<()> {
    let days: Vec<(Uuid, NaiveDate, &Day)> = players
        .values()
        .flat_map(|player| player.new_days.iter().map(|(date, day)| (player.user, *date, day)))
        .collect();
    if days.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(WRITE_DAYS)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(column(&days, |(user, ..)| *user))
        .bind::<Array<Date>, _>(column(&days, |(_, date, _)| *date))
        .bind::<Array<Text>, _>(column(&days, |(.., day)| day.zone.name()))
        .bind::<Array<Text>, _>(column(&days, |(.., day)| day.kind.as_str()))
        .bind::<Array<Integer>, _>(column(&days, |(.., day)| day.activities))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(&days, |(.., day)| day.span.map(|(first, _)| first)))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(&days, |(.., day)| day.span.map(|(_, last)| last)))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Writes down the freezes that came and went.
pub(super) async fn write_freezes(tx: &mut TenantTx, players: &Players) -> Result<()> {
    let of = |player: &Player| player.freezes.iter().map(|entry| (player.user, *entry)).collect::<Vec<_>>();
    let entries: Vec<(Uuid, (&'static str, i32, NaiveDate))> = players.values().flat_map(of).collect();
    if entries.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    // The ledger has no ids of its own on the wire; they are times, as all are.
    let ids: Vec<Uuid> = entries.iter().map(|_| tx.new_id::<stoa_core::id::Game>().uuid()).collect();
    sql(WRITE_FREEZES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(column(&entries, |(user, _)| *user))
        .bind::<Array<Text>, _>(column(&entries, |(_, entry)| entry.0))
        .bind::<Array<Integer>, _>(column(&entries, |(_, entry)| entry.1))
        .bind::<Array<Date>, _>(column(&entries, |(_, entry)| entry.2))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Writes where learners stand.
pub(super) async fn write_games(tx: &mut TenantTx, players: &Players) -> Result<()> {
    let players: Vec<&Player> = players.values().collect();
    let settled = players.iter().map(|player| serde_json::to_value(&player.settled).map_err(Error::internal));
    let settled = settled.collect::<Result<Vec<Value>>>()?;
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(WRITE_GAMES)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(column(&players, |player| player.user))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.revision))
        .bind::<Array<Jsonb>, _>(settled)
        .bind::<Array<Nullable<Date>>, _>(column(&players, |player| player.game.settled_on))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.current))
        .bind::<Array<Nullable<Date>>, _>(column(&players, |player| player.game.started_on))
        .bind::<Array<Nullable<Date>>, _>(column(&players, |player| player.game.reached_on))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.longest))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.freezes))
        .bind::<Array<Nullable<Timestamptz>>, _>(column(&players, |player| player.game.due_at))
        .bind::<Array<BigInt>, _>(column(&players, |player| player.game.xp))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.items))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.lessons))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.courses))
        .bind::<Array<Integer>, _>(column(&players, |player| player.game.perfect))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

fn column<T, V>(rows: &[T], of: impl Fn(&T) -> V) -> Vec<V> {
    rows.iter().map(of).collect()
}
