//! The ledger of points: what rules give for what was done, each thing once.
//!
//! # Rule
//! An entry is unique for its source and rule, and for the learner, the rule and what was completed: doing it again gives
//! nothing. Where the cap of the date is reached, or the institution has switched the rule off, the entry stands with fewer
//! points or none, so that it is known to have been counted. Entries are never changed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Id, Result,
    db::{TenantTx, failed, sql},
    id,
};
use uuid::Uuid;

use super::{
    boards::{Calendar, Gain, Period, Scores},
    players::Players,
    rules::{Deed, XpRule},
    settings::Settings,
};
use crate::history::Zone;

/// Something for which a rule may give points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    pub(super) user: Uuid,
    pub(super) rule: &'static XpRule,
    /// The sender's own id of the activity.
    pub(super) source: String,
    /// What it is given for once.
    pub(super) once: String,
    pub(super) at: DateTime<Utc>,
    pub(super) date: NaiveDate,
    pub(super) zone: Zone,
}

/// An entry of the ledger that was made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Awarded {
    pub(super) claim: Claim,
    pub(super) id: Id<id::XpEntry>,
    pub(super) amount: i32,
    week: Option<NaiveDate>,
    month: Option<NaiveDate>,
}

const KNOWN: &str = "SELECT c.place FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS c(user_id, rule, once, source, place)
  WHERE EXISTS (SELECT FROM xp_entries x WHERE x.tenant_id = $1 AND x.user_id = c.user_id AND x.rule = c.rule AND x.once = c.once)
    OR EXISTS (SELECT FROM xp_entries x WHERE x.tenant_id = $1 AND x.source = c.source AND x.rule = c.rule)";
const SPENT: &str = "SELECT x.user_id, x.local_date, x.rule, sum(x.amount)::bigint AS amount
  FROM unnest($2, $3) AS d(user_id, local_date)
  JOIN xp_entries x ON x.tenant_id = $1 AND x.user_id = d.user_id AND x.local_date = d.local_date
  GROUP BY x.user_id, x.local_date, x.rule";
const WRITE: &str = "INSERT INTO xp_entries (tenant_id, id, user_id, rule, rule_version, source, once, amount, local_date, tz,
    week, month, occurred_at, created_at)
  SELECT $1, n.id, n.user_id, n.rule, n.rule_version, n.source, n.once, n.amount, n.local_date, n.tz, n.week, n.month, n.occurred_at, $14
  FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) AS n(id, user_id, rule, rule_version, source, once, amount,
    local_date, tz, week, month, occurred_at)";

/// Gives points for what was not given any for, in the order of the claims, and adds them to the scores and the totals.
pub(super) async fn award(
    tx: &mut TenantTx,
    (claims, settings): (Vec<Claim>, &Settings),
    players: &mut Players,
    (calendar, scores): (&mut Calendar, &mut Scores),
) -> Result<Vec<Awarded>> {
    let claims = unclaimed(tx, claims).await?;
    let mut spent = spent(tx, &claims).await?;
    let mut awarded = Vec::with_capacity(claims.len());
    for claim in claims {
        let left = spent.entry((claim.user, claim.date, claim.rule.key.to_owned())).or_default();
        let room = i64::from(claim.rule.daily_cap) - *left;
        let full = if settings.gives(claim.rule.key) { claim.rule.amount } else { 0 };
        let amount = full.min(i32::try_from(room.max(0)).unwrap_or(i32::MAX));
        *left += i64::from(amount);
        let (week, month) = (calendar.place(Period::Week, claim.at), calendar.place(Period::Month, claim.at));
        let id = tx.new_id();
        awarded.push(Awarded { claim, id, amount, week, month });
    }
    for one in &awarded {
        count(one, players, scores);
    }
    write(tx, &awarded).await?;
    Ok(awarded)
}

fn count(one: &Awarded, players: &mut Players, scores: &mut Scores) {
    let claim = &one.claim;
    let Some(player) = players.get_mut(&claim.user) else { return };
    let game = &mut player.game;
    game.xp += i64::from(one.amount);
    match claim.rule.deed {
        Deed::ItemCompleted => game.items += 1,
        Deed::PerfectScore => game.perfect += 1,
        Deed::LessonCompleted => game.lessons += 1,
        Deed::CourseCompleted => game.courses += 1,
        Deed::ActiveDay => {}
    }
    let periods = [(Period::Week, one.week), (Period::Month, one.month), (Period::All, Some(super::boards::ALL_TIME))];
    for (period, starts_on) in periods {
        let Some(starts_on) = starts_on else { continue };
        scores.add((period, starts_on), claim.user, (Gain::Xp(one.amount.into()), claim.at));
        if claim.rule.deed == Deed::LessonCompleted {
            scores.add((period, starts_on), claim.user, (Gain::Lesson, claim.at));
        }
    }
}

/// Leaves out what was given points for before, in the ledger or among the claims themselves.
async fn unclaimed(tx: &mut TenantTx, mut claims: Vec<Claim>) -> Result<Vec<Claim>> {
    #[derive(QueryableByName)]
    struct Known {
        #[diesel(sql_type = BigInt)]
        place: i64,
    }
    let (mut counted_once, mut sources) = (HashSet::new(), HashSet::new());
    claims.retain(|claim| {
        let is_new = !counted_once.contains(&(claim.user, claim.rule.key, claim.once.clone()))
            && !sources.contains(&(claim.rule.key, claim.source.clone()));
        if is_new {
            counted_once.insert((claim.user, claim.rule.key, claim.once.clone()));
            sources.insert((claim.rule.key, claim.source.clone()));
        }
        is_new
    });
    if claims.is_empty() {
        return Ok(claims);
    }
    let tenant = tx.tenant();
    let known: Vec<Known> = sql(KNOWN)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(claims.iter().map(|claim| claim.user).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(claims.iter().map(|claim| claim.rule.key).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(claims.iter().map(|claim| claim.once.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(claims.iter().map(|claim| claim.source.as_str()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let known: HashSet<i64> = known.into_iter().map(|row| row.place).collect();
    Ok((1..).zip(claims).filter(|(place, _)| !known.contains(place)).map(|(_, claim)| claim).collect())
}

type Spent = HashMap<(Uuid, NaiveDate, String), i64>;

/// Points that rules gave on the dates of the claims so far.
async fn spent(tx: &mut TenantTx, claims: &[Claim]) -> Result<Spent> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        user_id: Uuid,
        #[diesel(sql_type = Date)]
        local_date: NaiveDate,
        #[diesel(sql_type = Text)]
        rule: String,
        #[diesel(sql_type = BigInt)]
        amount: i64,
    }
    let dates: HashSet<(Uuid, NaiveDate)> = claims.iter().map(|claim| (claim.user, claim.date)).collect();
    if dates.is_empty() {
        return Ok(Spent::new());
    }
    let (users, dates): (Vec<Uuid>, Vec<NaiveDate>) = dates.into_iter().unzip();
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(SPENT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(users)
        .bind::<Array<Date>, _>(dates)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| ((row.user_id, row.local_date, row.rule), row.amount)).collect())
}

async fn write(tx: &mut TenantTx, entries: &[Awarded]) -> Result<()> {
    fn column<'a, T>(entries: &'a [Awarded], of: impl Fn(&'a Awarded) -> T) -> Vec<T> {
        entries.iter().map(of).collect()
    }
    if entries.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(WRITE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(column(entries, |one| one.id.uuid()))
        .bind::<Array<SqlUuid>, _>(column(entries, |one| one.claim.user))
        .bind::<Array<Text>, _>(column(entries, |one| one.claim.rule.key))
        .bind::<Array<Integer>, _>(column(entries, |one| one.claim.rule.version))
        .bind::<Array<Text>, _>(column(entries, |one| one.claim.source.as_str()))
        .bind::<Array<Text>, _>(column(entries, |one| one.claim.once.as_str()))
        .bind::<Array<Integer>, _>(column(entries, |one| one.amount))
        .bind::<Array<Date>, _>(column(entries, |one| one.claim.date))
        .bind::<Array<Text>, _>(column(entries, |one| one.claim.zone.name()))
        .bind::<Array<Nullable<Date>>, _>(column(entries, |one| one.week))
        .bind::<Array<Nullable<Date>>, _>(column(entries, |one| one.month))
        .bind::<Array<Timestamptz>, _>(column(entries, |one| one.claim.at))
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
