//! Changing what an institution is called, how it looks and what it may.
//!
//! Not here: its life (`lifecycle`).

use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Branding, Institution, Kept, Rules,
    commands::{GUARDS, seats, words},
    queries::for_change,
    settings::as_json,
    slug,
};
use crate::{
    audit::Entry,
    db::{TenantTx, sql, taken},
    error::{Code, Error, FieldFault, Result},
    fields::{Fields, given},
    members,
    time::Timestamp,
    tokens::RequestLimits,
};

const UPDATE: &str = "UPDATE institutions SET name = $2, slug = $3, external_id = $4, locale = $5, time_zone = $6, region = $7,
    plan = $8, seats_total = $9, branding = $10, retention = $11, request_limits = $12, token_max_days = $13, trial_ends_at = $14,
    updated_at = $15
  WHERE tenant_id = $1";

/// Longest life that may be set for tokens, in days.
const TOKEN_DAYS_MAX: i32 = 3_650;

/// What may be changed of an institution. What is absent stays as it is; null empties a field that may be empty.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InstitutionChange {
    /// Shown to people.
    #[serde(deserialize_with = "given")]
    pub name: Option<String>,
    /// Language tag, default of its letters.
    #[serde(deserialize_with = "given")]
    pub locale: Option<String>,
    /// IANA zone, default of its civil dates.
    #[serde(deserialize_with = "given")]
    pub time_zone: Option<String>,
    /// How it wants to look; in place of all that it said before.
    #[serde(deserialize_with = "given")]
    pub branding: Option<Branding>,
    /// How long its rows are kept; in place of all that it said before.
    #[serde(deserialize_with = "given")]
    pub retention: Option<Kept>,
    /// Longest life of its tokens, in days; null for no limit.
    #[serde(deserialize_with = "given")]
    pub token_max_days: Option<Option<i32>>,
    /// Readable name in addresses. The platform's staff only, like all that follows.
    #[serde(deserialize_with = "given")]
    pub slug: Option<String>,
    /// The operator's own key.
    #[serde(deserialize_with = "given")]
    pub external_id: Option<Option<String>>,
    /// Where its data should lie.
    #[serde(deserialize_with = "given")]
    pub region: Option<Option<String>>,
    /// What it has bought.
    #[serde(deserialize_with = "given")]
    pub plan: Option<Option<String>>,
    /// Seats that it may fill; null for no limit. Fewer than are taken lets nobody else in, and nobody out.
    #[serde(deserialize_with = "given")]
    pub seats_total: Option<Option<i32>>,
    /// Rates of its requests, in place of the platform's.
    #[serde(deserialize_with = "given")]
    pub request_limits: Option<Option<RequestLimits>>,
    /// When its trial ends: an extension, not a new one.
    #[serde(deserialize_with = "given")]
    pub trial_ends_at: Option<Timestamp>,
}

/// A change with whoever asks for it.
#[derive(Debug, Clone)]
pub struct Change {
    /// What is to be changed.
    pub wanted: InstitutionChange,
    /// By the platform's staff, who may change more.
    pub by_staff: bool,
}

/// Fields that the platform's staff alone may change.
const OPERATORS_FIELDS: [&str; 7] =
    ["slug", "external_id", "region", "plan", "seats_total", "request_limits", "trial_ends_at"];

impl InstitutionChange {
    /// Those of the staff's fields that are to be changed.
    fn of_operators(&self) -> impl Iterator<Item = &'static str> {
        let said = [
            self.slug.is_some(),
            self.external_id.is_some(),
            self.region.is_some(),
            self.plan.is_some(),
            self.seats_total.is_some(),
            self.request_limits.is_some(),
            self.trial_ends_at.is_some(),
        ];
        OPERATORS_FIELDS.into_iter().zip(said).filter_map(|(name, said)| said.then_some(name))
    }
}

/// Changes the institution of the transaction.
///
/// # Errors
/// `not_found`, `validation_failed`; `ability_missing` for a field that only staff may change; `conflict` when the
/// external id or the slug is taken, or there is no trial to extend.
pub async fn change(tx: &mut TenantTx, change: Change, rules: &Rules) -> Result<Institution> {
    let Change { wanted, by_staff } = change;
    if !by_staff {
        let faults: Vec<FieldFault> = wanted
            .of_operators()
            .map(|name| FieldFault::new(format!("/{name}"), "ability_missing", "only the platform's staff changes it"))
            .collect();
        if !faults.is_empty() {
            return Err(Error::new(Code::AbilityMissing, "some fields are the platform's own").with_fields(faults));
        }
    }
    let before = for_change(tx).await?;
    let mut after = changed(before.clone(), wanted, rules)?;
    if after == before {
        return Ok(before);
    }
    if after.time_zone != before.time_zone {
        members::check_time_zone(tx.connection(), Some(&after.time_zone)).await?;
    }
    after.updated_at = tx.now();
    write(tx, &after).await?;
    let (was, is) = differences(&before, &after);
    tx.audit(Entry::of("institution.changed", after.tenant_id).was(was).is(is));
    Ok(after)
}

fn changed(mut it: Institution, wanted: InstitutionChange, rules: &Rules) -> Result<Institution> {
    let mut fields = Fields::new();
    if let Some(mut name) = wanted.name {
        fields.name("/name", &mut name);
        it.name = name;
    }
    if let Some(mut locale) = wanted.locale {
        fields.language("/locale", &mut locale);
        it.locale = locale;
    }
    it.time_zone = wanted.time_zone.unwrap_or(it.time_zone);
    if let Some(mut branding) = wanted.branding {
        branding.check(&mut fields);
        it.branding = branding;
    }
    if let Some(retention) = wanted.retention {
        retention.check(&mut fields, &rules.platform);
        it.retention = retention;
    }
    it.token_max_days = wanted.token_max_days.unwrap_or(it.token_max_days);
    if let Some(days) = &it.token_max_days {
        fields.within("/token_max_days", days, &(1..=TOKEN_DAYS_MAX));
    }
    if let Some(slug) = wanted.slug {
        slug::check(&mut fields, "/slug", &slug);
        it.slug = slug;
    }
    if let Some(external_id) = wanted.external_id {
        fields.external_id("/external_id", external_id.as_deref());
        it.external_id = external_id;
    }
    it.region = wanted.region.unwrap_or(it.region);
    it.plan = wanted.plan.unwrap_or(it.plan);
    words(&mut fields, &mut it.region, &mut it.plan);
    it.seats_total = wanted.seats_total.unwrap_or(it.seats_total);
    seats(&mut fields, it.seats_total);
    it.request_limits = wanted.request_limits.unwrap_or(it.request_limits);
    it.request_limits.unwrap_or_default().check("/request_limits", &mut fields);
    fields.finish()?;
    extend(it, wanted.trial_ends_at.map(Timestamp::utc))
}

fn extend(mut it: Institution, ends_at: Option<DateTime<Utc>>) -> Result<Institution> {
    if let Some(ends_at) = ends_at {
        let Some(started_at) = it.trial_started_at else {
            return Err(Error::new(Code::Conflict, "the institution never had a trial"));
        };
        if ends_at <= started_at {
            return Err(Error::invalid_field("/trial_ends_at", "range", "wanted a time after the trial's beginning"));
        }
        it.trial_ends_at = Some(ends_at);
    }
    Ok(it)
}

async fn write(tx: &mut TenantTx, it: &Institution) -> Result<()> {
    let limits = it.request_limits.as_ref().map(as_json).transpose()?;
    sql(UPDATE)
        .bind::<SqlUuid, _>(it.tenant_id)
        .bind::<Text, _>(&it.name)
        .bind::<Text, _>(&it.slug)
        .bind::<Nullable<Text>, _>(&it.external_id)
        .bind::<Text, _>(&it.locale)
        .bind::<Text, _>(&it.time_zone)
        .bind::<Nullable<Text>, _>(&it.region)
        .bind::<Nullable<Text>, _>(&it.plan)
        .bind::<Nullable<Integer>, _>(it.seats_total)
        .bind::<Jsonb, _>(as_json(&it.branding)?)
        .bind::<Jsonb, _>(as_json(&it.retention)?)
        .bind::<Nullable<Jsonb>, _>(limits)
        .bind::<Nullable<Integer>, _>(it.token_max_days)
        .bind::<Nullable<Timestamptz>, _>(it.trial_ends_at)
        .bind::<Timestamptz, _>(it.updated_at)
        .execute(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(())
}

/// What is other than it was, before and since.
fn differences(before: &Institution, after: &Institution) -> (Value, Value) {
    let (before, after) = (said(before), said(after));
    let (Value::Object(mut was), Value::Object(mut is)) = (before, after) else { return (Value::Null, Value::Null) };
    was.retain(|name, value| is.get(name) != Some(value));
    is.retain(|name, _| was.contains_key(name));
    (was.into(), is.into())
}

fn said(it: &Institution) -> Value {
    json!({
        "name": it.name, "slug": it.slug, "external_id": it.external_id, "locale": it.locale, "time_zone": it.time_zone,
        "region": it.region, "plan": it.plan, "seats_total": it.seats_total, "branding": it.branding,
        "retention": it.retention, "request_limits": it.request_limits, "token_max_days": it.token_max_days,
        "trial_ends_at": it.trial_ends_at,
    })
}
