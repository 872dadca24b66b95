//! How far a token may reach: never further than its maker, nor longer than its institution allows.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::AllowList;
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    fields::Fields,
    scope::{Ability, Actor, Scope},
};

const READ: &str = "SELECT i.token_max_days, t.ip_allowlist AS networks FROM institutions i
  LEFT JOIN tokens t ON t.tenant_id = i.tenant_id AND t.id = $2 WHERE i.tenant_id = $1";

/// What can be done within courses alone; a token that is limited to some has no other abilities.
const WITHIN_COURSES: [Ability; 12] = [
    Ability::ContentRead,
    Ability::ContentWrite,
    Ability::ContentAnswers,
    Ability::ProgressRead,
    Ability::ProgressWrite,
    Ability::CefrRead,
    Ability::CefrWrite,
    Ability::InsightsRead,
    Ability::MembersRead,
    Ability::MembersWrite,
    Ability::ExportsRead,
    Ability::ExportsWrite,
];

/// The maker of a token, and the institution's longest life of one.
pub(super) struct Bounds<'a> {
    scope: &'a Scope,
    now: DateTime<Utc>,
    max_days: Option<i32>,
    networks: AllowList,
}

impl<'a> Bounds<'a> {
    /// Asks what the institution allows, and what the maker's own token is limited to.
    pub(super) async fn of(tx: &mut TenantTx, scope: &'a Scope) -> Result<Self> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Nullable<Integer>)]
            token_max_days: Option<i32>,
            #[diesel(sql_type = Nullable<Array<Text>>)]
            networks: Option<Vec<String>>,
        }
        let (tenant, now) = (tx.tenant(), tx.now());
        let own = match scope.actor {
            Actor::Integration(token) => Some(token),
            Actor::Person(_) | Actor::Staff(_) | Actor::House => None,
        };
        let row: Row = sql(READ)
            .bind::<SqlUuid, _>(tenant)
            .bind::<Nullable<SqlUuid>, _>(own)
            .get_result(tx.connection())
            .await
            .map_err(failed)?;
        let networks = row.networks.as_deref().map(AllowList::of_row).unwrap_or_default();
        Ok(Self { scope, now, max_days: row.token_max_days, networks })
    }

    pub(super) fn check_abilities(&self, abilities: &[Ability], names_courses: bool, fields: &mut Fields) {
        let is_limited = names_courses || self.scope.courses.is_some();
        for (at, ability) in abilities.iter().enumerate() {
            let pointer = format!("/abilities/{at}");
            if !self.scope.may(*ability) {
                fields.fault(pointer, "exceeds", format!("you have not {ability} yourself"));
            } else if is_limited && !WITHIN_COURSES.contains(ability) {
                let detail = format!("{ability} reaches beyond courses, so it does not go with course_ids");
                fields.fault(pointer, "conflict", detail);
            }
        }
    }

    pub(super) fn check_addresses(&self, networks: &AllowList, fields: &mut Fields) {
        if !networks.is_within(&self.networks) {
            let own = self.networks.texts().join(", ");
            let detail = format!("wanted networks within those of the token that makes it: {own}");
            fields.fault("/ip_allowlist", "exceeds", detail);
        }
    }

    /// When a token ends that wants to end then: never beyond the longest life, which is also what is left out.
    pub(super) fn end(&self, wanted: Option<DateTime<Utc>>, fields: &mut Fields) -> Option<DateTime<Utc>> {
        let longest = self.max_days.map(|days| self.now + TimeDelta::days(days.into()));
        if wanted.is_some_and(|end| end <= self.now) {
            fields.fault("/expires_at", "range", "wanted a time to come");
        }
        if let (Some(wanted), Some(longest), Some(days)) = (wanted, longest, self.max_days)
            && wanted > longest
        {
            let detail =
                format!("the institution lets tokens live {days} days at most: until {}", longest.to_rfc3339());
            fields.fault("/expires_at", "range", detail);
        }
        wanted.or(longest)
    }

    /// When a token ends that is to live as long as another did.
    pub(super) fn end_like(&self, life: Option<TimeDelta>) -> Option<DateTime<Utc>> {
        let longest = self.max_days.map(|days| self.now + TimeDelta::days(days.into()));
        let same = life.map(|life| self.now + life);
        match (same, longest) {
            (Some(same), Some(longest)) => Some(same.min(longest)),
            (same, longest) => same.or(longest),
        }
    }
}
