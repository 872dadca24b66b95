//! In which zone a learner's dates are told, and since when.
//!
//! # Rule
//! The learner's own zone, else the institution's, else UTC. A change takes effect with the next local date of the zone
//! before; until then it may be changed again. So the zone of an instant is the same whenever it is asked for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_core::{
    Result,
    db::{TenantTx, failed, sql},
    institutions::Institution,
};
use uuid::Uuid;

use crate::history::Zone;

/// The zones of a learner, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Zones(Vec<(DateTime<Utc>, Zone)>);

/// A zone that takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Since {
    pub(super) from_at: DateTime<Utc>,
    pub(super) zone: Zone,
}

impl Zones {
    /// The zone of an instant; before the first one that is known, that one.
    pub(super) fn at(&self, instant: DateTime<Utc>) -> Zone {
        let known = self.0.iter().rev().find(|(from, _)| *from <= instant).or(self.0.as_slice().first());
        known.map_or(Zone::UTC, |(_, zone)| *zone)
    }

    /// Takes up the zone that somebody wants since a moment. Answers what is new, if anything is.
    pub(super) fn want(&mut self, zone: Zone, said_at: DateTime<Utc>) -> Option<Since> {
        let Some((from, newest)) = self.0.last().copied() else {
            self.0.push((DateTime::UNIX_EPOCH, zone));
            return Some(Since { from_at: DateTime::UNIX_EPOCH, zone });
        };
        if newest == zone {
            return None;
        }
        if from > said_at {
            self.0.pop();
            self.0.push((from, zone));
            return Some(Since { from_at: from, zone });
        }
        let next = newest.date(said_at).succ_opt()?;
        let since = Since { from_at: newest.starts(next), zone };
        self.0.push((since.from_at, zone));
        Some(since)
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    user_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    wanted: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    said_at: DateTime<Utc>,
    #[diesel(sql_type = Array<Timestamptz>)]
    from_at: Vec<DateTime<Utc>>,
    #[diesel(sql_type = Array<Text>)]
    tz: Vec<String>,
}

const READ: &str = "SELECT u.id AS user_id, u.time_zone AS wanted, u.updated_at AS said_at, z.from_at, z.tz
  FROM unnest($2) AS k(id) JOIN users u ON u.tenant_id = $1 AND u.id = k.id
  CROSS JOIN LATERAL (SELECT coalesce(array_agg(x.from_at ORDER BY x.from_at), '{}') AS from_at,
      coalesce(array_agg(x.tz ORDER BY x.from_at), '{}') AS tz
    FROM learner_zones x WHERE x.tenant_id = $1 AND x.user_id = u.id) z";
const WRITE: &str = "INSERT INTO learner_zones (tenant_id, user_id, from_at, tz)
  SELECT $1, w.user_id, w.from_at, w.tz FROM unnest($2, $3, $4) AS w(user_id, from_at, tz)
  ON CONFLICT (tenant_id, user_id, from_at) DO UPDATE SET tz = excluded.tz";

/// The zones of learners as they hold now, and those of them that are not written yet.
pub(super) struct Read {
    pub(super) zones: HashMap<Uuid, Zones>,
    new: Vec<(Uuid, Since)>,
}

/// Reads the zones of learners.
pub(super) async fn read(tx: &mut TenantTx, (users, institution): (&[Uuid], &Institution)) -> Result<Read> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let rows: Vec<Row> = sql(READ)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(users)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut read = Read { zones: HashMap::with_capacity(rows.len()), new: Vec::new() };
    for row in rows {
        let known = row.from_at.into_iter().zip(row.tz.iter().map(|name| named(name)));
        let mut zones = Zones(known.collect());
        let wanted = Zone::of(None, &[row.wanted.as_deref(), Some(&institution.time_zone)])?;
        let said_at = if row.wanted.is_some() { row.said_at } else { row.said_at.max(institution.updated_at) };
        if let Some(since) = zones.want(wanted, said_at.min(now)) {
            read.new.push((row.user_id, since));
        }
        read.zones.insert(row.user_id, zones);
    }
    Ok(read)
}

/// A zone by the name in a row.
pub(super) fn named(name: &str) -> Zone {
    Zone::of(None, &[Some(name)]).unwrap_or(Zone::UTC)
}

impl Read {
    /// Writes what is new.
    pub(super) async fn write(&self, tx: &mut TenantTx) -> Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        let tenant = tx.tenant();
        sql(WRITE)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Array<SqlUuid>, _>(self.new.iter().map(|(user, _)| *user).collect::<Vec<_>>())
            .bind::<Array<Timestamptz>, _>(self.new.iter().map(|(_, since)| since.from_at).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(self.new.iter().map(|(_, since)| since.zone.name()).collect::<Vec<_>>())
            .execute(tx.connection())
            .await
            .map_err(failed)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_change_takes_effect_with_the_next_local_date() {
        let (berlin, tokyo, lima) = (named("Europe/Berlin"), named("Asia/Tokyo"), named("America/Lima"));
        let mut zones = Zones::default();
        zones.want(berlin, at("2026-11-01T00:00:00Z"));
        assert_eq!(zones.want(berlin, at("2026-11-20T12:00:00Z")), None);
        let since = zones.want(tokyo, at("2026-11-20T12:00:00Z")).unwrap();
        assert_eq!(since.from_at, at("2026-11-20T23:00:00Z"), "midnight in Berlin");
        let moments = ["2020-01-01T00:00:00Z", "2026-11-20T22:59:59Z", "2026-11-20T23:00:00Z"];
        assert_eq!(moments.map(|moment| zones.at(at(moment))), [berlin, berlin, tokyo]);
        let again = zones.want(lima, at("2026-11-20T13:00:00Z")).unwrap();
        assert_eq!((again.from_at, zones.0.len()), (since.from_at, 2), "what has not begun is replaced");
        assert_eq!(zones.at(at("2026-11-21T00:00:00Z")), lima);
    }
}
