//! Looking through all institutions: for operators, and for resellers through their own.
//!
//! # Shape
//! The newest first, from behind one of them. Up to [`LOOKED_AT`] that are wanted are counted; where there are more, the
//! total is an estimate and the next window begins behind the last that was counted. Counts of what an institution holds
//! end at [`COUNTED`].
//!
//! Not here: what an institution sees of itself (`own`).

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::{Institution, InstitutionStatus, rows::institution_columns};
use crate::{
    db::{HouseTx, PageRequest, Paged, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// Institutions of one window.
pub const LOOKED_AT: i64 = 1_000;
/// Members and such are counted up to here.
pub const COUNTED: i64 = 10_000;
/// Words of a search that are looked for.
const WORDS_MAX: usize = 8;

/// Which institutions are wanted.
#[derive(Debug, Clone, Default)]
pub struct InstitutionFilter {
    /// Words, or beginnings of words, of the name, the slug or the external id; all of them.
    pub q: Option<String>,
    /// Of this status.
    pub status: Option<InstitutionStatus>,
    /// With this key of the operator's.
    pub external_id: Option<String>,
    /// Of this plan.
    pub plan: Option<String>,
    /// Of this region.
    pub region: Option<String>,
    /// Brought by this reseller.
    pub reseller: Option<Id<id::Staff>>,
    /// Only those behind this one.
    pub after: Option<TenantId>,
}

/// A page of what was found.
#[derive(Debug)]
pub struct Search {
    /// Institutions, each with how it does.
    pub page: Paged<(Institution, Health)>,
    /// Where the next window begins, if there is one.
    pub next: Option<TenantId>,
}

/// How an institution does: what an operator looks at first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Health {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
    /// Members who are active, counted up to a bound.
    #[diesel(sql_type = BigInt)]
    pub members_active: i64,
    /// People who were invited and have not come yet, counted up to a bound.
    #[diesel(sql_type = BigInt)]
    pub members_invited: i64,
    /// Courses, counted up to a bound.
    #[diesel(sql_type = BigInt)]
    pub courses: i64,
    /// Receivers.
    #[diesel(sql_type = BigInt)]
    pub webhooks: i64,
    /// Receivers that fail, or were switched off for it.
    #[diesel(sql_type = BigInt)]
    pub webhooks_failing: i64,
    /// Jobs that wait for their time or their turn, counted up to a bound.
    #[diesel(sql_type = BigInt)]
    pub jobs_waiting: i64,
    /// Jobs that were given up, counted up to a bound.
    #[diesel(sql_type = BigInt)]
    pub jobs_discarded: i64,
    /// When anything last happened.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_event_at: Option<DateTime<Utc>>,
}

/// What is looked for stands first, as an index has it; what else is wanted narrows that down. One text for all, in which
/// everything may be null, would be planned for nothing in particular.
macro_rules! look {
    ($first:literal) => {
        concat!(
            "SELECT i.tenant_id FROM institutions i WHERE ",
            $first,
            " AND ($2::text IS NULL OR i.status = $2) AND ($3::text IS NULL OR i.external_id = $3)
    AND ($4::text IS NULL OR i.plan = $4) AND ($5::text IS NULL OR i.region = $5)
    AND ($6::uuid IS NULL OR i.reseller_id = $6) AND i.tenant_id < $7 AND ($1::text IS NULL OR to_tsvector('simple'::regconfig,
      regexp_replace(lower(i.name || ' ' || i.slug || ' ' || coalesce(i.external_id, '')), '[^[:alnum:]]+', ' ', 'g'))
        @@ to_tsquery('simple'::regconfig, $1))
  ORDER BY i.tenant_id DESC LIMIT $8"
        )
    };
}
impl InstitutionFilter {
    /// Wants this one, as PostgreSQL would find it: for whoever may see no other.
    pub fn wants(&self, it: &Institution) -> bool {
        let said = format!("{} {} {}", it.name, it.slug, it.external_id.as_deref().unwrap_or_default()).to_lowercase();
        let said: Vec<&str> = words(&said).collect();
        let has = |q: &str| {
            let q = q.to_lowercase();
            let mut wanted = words(&q).take(WORDS_MAX).peekable();
            wanted.peek().is_some() && wanted.all(|wanted| said.iter().any(|word| word.starts_with(wanted)))
        };
        self.q.as_deref().is_none_or(has)
            && self.status.is_none_or(|status| it.status == status)
            && self.external_id.as_ref().is_none_or(|id| it.external_id.as_ref() == Some(id))
            && self.plan.as_ref().is_none_or(|plan| it.plan.as_ref() == Some(plan))
            && self.region.as_ref().is_none_or(|region| it.region.as_ref() == Some(region))
            && self.after.is_none_or(|after| it.tenant_id < after)
    }

    /// The statement that begins with what narrows most.
    const fn statement(&self) -> &'static str {
        if self.external_id.is_some() {
            look!("i.external_id = $3")
        } else if self.q.is_some() {
            look!(
                "to_tsvector('simple'::regconfig, regexp_replace(lower(i.name || ' ' || i.slug || ' ' || coalesce(i.external_id, '')), \
                 '[^[:alnum:]]+', ' ', 'g')) @@ to_tsquery('simple'::regconfig, $1)"
            )
        } else if self.reseller.is_some() {
            look!("i.reseller_id = $6")
        } else if self.plan.is_some() {
            look!("i.plan = $4")
        } else if self.region.is_some() {
            look!("i.region = $5")
        } else if self.status.is_some() {
            look!("i.status = $2")
        } else {
            look!("true")
        }
    }
}

const LOAD: &str = concat!(
    "SELECT ",
    institution_columns!(),
    " FROM institutions i WHERE i.tenant_id = ANY ($1) ORDER BY i.tenant_id DESC"
);

/// One look-up by key for each institution; none reads more than its bound.
const HEALTH: &str = "SELECT t.id AS tenant_id, a.n AS members_active, p.n AS members_invited, c.n AS courses, w.n AS webhooks,
    w.failing AS webhooks_failing, j.waiting AS jobs_waiting, j.discarded AS jobs_discarded, e.at AS last_event_at
  FROM unnest($1) AS t(id)
  CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM memberships m WHERE m.tenant_id = t.id AND m.status = 'active' LIMIT $2) x) a
  CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM memberships m WHERE m.tenant_id = t.id AND m.status = 'invited' LIMIT $2) x) p
  CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM courses k WHERE k.tenant_id = t.id LIMIT $2) x) c
  CROSS JOIN LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE failing_since IS NOT NULL OR status = 'disabled_failing') AS failing
    FROM webhooks k WHERE k.tenant_id = t.id AND k.deleted_at IS NULL) w
  CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'available') AS waiting, count(*) FILTER (WHERE state = 'discarded') AS discarded
    FROM (SELECT state FROM queue_jobs q WHERE q.tenant_id = t.id LIMIT $2) x) j
  LEFT JOIN LATERAL (SELECT max(created_at) AS at FROM (
    SELECT created_at FROM events k WHERE k.tenant_id = t.id AND k.position < 9223372036854775807 ORDER BY k.position DESC LIMIT 1) x) e ON true";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    tenant_id: Uuid,
}

/// Looks for institutions, the newest first.
///
/// # Errors
/// As the database says.
pub async fn search(house: &mut HouseTx, filter: &InstitutionFilter, request: PageRequest) -> Result<Search> {
    let words = filter.q.as_deref().map(query_of);
    if words.as_deref() == Some("") {
        // What was asked for has no word that could stand in a name.
        return Ok(Search { page: Paged { rows: Vec::new(), total: 0, request }, next: None });
    }
    let mut found = look(house, filter, words.as_deref()).await?;
    let counted = usize::try_from(LOOKED_AT).unwrap_or(usize::MAX);
    let goes_on = found.len() > counted;
    found.truncate(counted);
    let next = found.last().filter(|_| goes_on).copied().map(Id::from_uuid);
    let skipped = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let taken = usize::try_from(request.per_page).unwrap_or_default();
    let ids: Vec<Uuid> = found.iter().copied().skip(skipped).take(taken).collect();
    let rows = load(house, &ids).await?;
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    Ok(Search { page: Paged { rows, total, request }, next })
}

async fn look(house: &mut HouseTx, filter: &InstitutionFilter, words: Option<&str>) -> Result<Vec<Uuid>> {
    let rows: Vec<Found> = sql(filter.statement())
        .bind::<Nullable<Text>, _>(words)
        .bind::<Nullable<Text>, _>(filter.status.map(InstitutionStatus::as_str))
        .bind::<Nullable<Text>, _>(filter.external_id.as_deref())
        .bind::<Nullable<Text>, _>(filter.plan.as_deref())
        .bind::<Nullable<Text>, _>(filter.region.as_deref())
        .bind::<Nullable<SqlUuid>, _>(filter.reseller)
        .bind::<SqlUuid, _>(filter.after.map_or(Uuid::max(), Id::uuid))
        .bind::<BigInt, _>(LOOKED_AT + 1)
        .load(house.connection())
        .await
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.tenant_id).collect())
}

async fn load(house: &mut HouseTx, ids: &[Uuid]) -> Result<Vec<(Institution, Health)>> {
    let rows: Vec<Institution> =
        sql(LOAD).bind::<Array<SqlUuid>, _>(ids).load(house.connection()).await.map_err(failed)?;
    let healths = healths(house, ids).await?;
    let with_health = |row: Institution| {
        let health = healths.iter().find(|health| health.tenant_id == row.tenant_id.uuid()).copied();
        health.map(|health| (row, health))
    };
    Ok(rows.into_iter().filter_map(with_health).collect())
}

async fn healths(house: &mut HouseTx, ids: &[Uuid]) -> Result<Vec<Health>> {
    sql(HEALTH).bind::<Array<SqlUuid>, _>(ids).bind::<BigInt, _>(COUNTED).load(house.connection()).await.map_err(failed)
}

/// Says how one institution does.
///
/// # Errors
/// As the database says.
pub async fn health(house: &mut HouseTx, tenant: TenantId) -> Result<Option<Health>> {
    Ok(healths(house, &[tenant.uuid()]).await?.into_iter().next())
}

/// What PostgreSQL is asked for: every word, as the beginning of one.
fn query_of(q: &str) -> String {
    words(&q.to_lowercase()).take(WORDS_MAX).map(|word| format!("{word}:*")).collect::<Vec<_>>().join(" & ")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

impl Health {
    /// How one does of whom nothing is known.
    pub const fn none() -> Self {
        Self {
            tenant_id: Uuid::nil(),
            members_active: 0,
            members_invited: 0,
            courses: 0,
            webhooks: 0,
            webhooks_failing: 0,
            jobs_waiting: 0,
            jobs_discarded: 0,
            last_event_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_looked_for_by_their_beginnings() {
        assert_eq!(query_of("St. Mary's"), "st:* & mary:* & s:*");
        assert_eq!(query_of("서울 학"), "서울:* & 학:*");
        assert_eq!(query_of("' | ! :* ("), "");
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_is_an_operator(q in "\\PC{0,40}") {
            let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | '&' | ':' | '*');
            prop_assert!(query_of(&q).chars().all(plain));
        }
    }
}
