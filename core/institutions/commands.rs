//! Making an institution: an operator's act, or a reseller's, behind the wall of what is being made.

use chrono::TimeDelta;
use diesel::sql_types::{Binary, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{Branding, Institution, InstitutionStatus, Kept, Rules, settings::as_json, slug};
use crate::{
    audit::Entry,
    db::{Guard, TenantTx, sql, taken},
    error::Result,
    fields::Fields,
    id::{self, Id},
    members,
};

const INSERT: &str = "INSERT INTO institutions
  (tenant_id, name, slug, external_id, locale, time_zone, status, region, plan, reseller_id, made_of, seats_total, branding, retention,
   trial_started_at, trial_ends_at, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)";

pub(super) const GUARDS: [Guard; 2] = [
    ("institutions_external_id_key", "/external_id", "another institution has the same external id"),
    ("institutions_slug_key", "/slug", "another institution has the same slug"),
];

/// An institution to be made. What is left out is as the platform's rules have it.
#[derive(Debug, Clone, Default)]
pub struct NewInstitution {
    /// Shown to people.
    pub name: String,
    /// Readable name in addresses; made of the name if left out.
    pub slug: Option<String>,
    /// The operator's own key.
    pub external_id: Option<String>,
    /// Language tag.
    pub locale: Option<String>,
    /// IANA zone.
    pub time_zone: Option<String>,
    /// Where its data should lie.
    pub region: Option<String>,
    /// What it has bought.
    pub plan: Option<String>,
    /// Seats that it may fill.
    pub seats_total: Option<i32>,
    /// How it wants to look.
    pub branding: Branding,
    /// How long its rows are kept.
    pub retention: Option<Kept>,
    /// Length of the trial, in days; 0 means that it begins with a contract.
    pub trial_days: Option<u32>,
    /// Who brings it.
    pub reseller: Option<Id<id::Staff>>,
    /// SHA-256 of the request that makes it.
    pub made_of: Option<[u8; 32]>,
}

impl NewInstitution {
    /// Checks the fields, and fills in what was left out.
    ///
    /// # Errors
    /// `validation_failed`.
    pub fn checked(mut self, rules: &Rules) -> Result<Self> {
        let mut fields = Fields::new();
        fields.name("/name", &mut self.name);
        fields.external_id("/external_id", self.external_id.as_deref());
        if let Some(slug) = &self.slug {
            slug::check(&mut fields, "/slug", slug);
        }
        let mut locale = self.locale.take().unwrap_or_else(|| rules.locale.clone());
        fields.language("/locale", &mut locale);
        words(&mut fields, &mut self.region, &mut self.plan);
        seats(&mut fields, self.seats_total);
        if let Some(days) = &self.trial_days {
            fields.within("/trial_days", days, &(0..=TRIAL_DAYS_MAX));
        }
        self.branding.check(&mut fields);
        self.retention.unwrap_or_default().check(&mut fields, &rules.platform);
        fields.finish()?;
        self.locale = Some(locale);
        self.time_zone.get_or_insert_with(|| rules.time_zone.clone());
        self.branding = self.branding.or(&rules.branding);
        self.trial_days.get_or_insert(rules.trial_days);
        Ok(self)
    }
}

/// Longest trial, in days.
const TRIAL_DAYS_MAX: u32 = 365;
/// Most seats.
const SEATS_MAX: i32 = 100_000_000;

/// Words of the operator's.
pub(super) fn words(fields: &mut Fields, region: &mut Option<String>, plan: &mut Option<String>) {
    fields.optional_name("/region", region);
    fields.optional_name("/plan", plan);
}

pub(super) fn seats(fields: &mut Fields, seats_total: Option<i32>) {
    if let Some(seats) = &seats_total {
        fields.within("/seats_total", seats, &(1..=SEATS_MAX));
    }
}

/// Makes the institution of the transaction, from fields that were checked. It has nobody yet, and nobody could have
/// subscribed to hear of it, so no event tells.
///
/// # Errors
/// `validation_failed` for an unknown time zone; `conflict` when the external id or the slug is taken, with its pointer.
pub async fn create(tx: &mut TenantTx, new: NewInstitution, rules: &Rules) -> Result<Institution> {
    let new = new.checked(rules)?;
    members::check_time_zone(tx.connection(), new.time_zone.as_deref()).await?;
    insert(tx, &new).await?;
    let institution = super::own(tx, &tx.tenant().into()).await?;
    tx.audit(Entry::of("institution.created", institution.tenant_id).is(json!({
        "name": institution.name, "slug": institution.slug, "external_id": institution.external_id,
        "status": institution.status, "locale": institution.locale, "time_zone": institution.time_zone,
        "region": institution.region, "plan": institution.plan, "seats_total": institution.seats_total,
        "trial_ends_at": institution.trial_ends_at,
    })));
    Ok(institution)
}

async fn insert(tx: &mut TenantTx, new: &NewInstitution) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let slug = new.slug.clone().unwrap_or_else(|| slug::of(&new.name).unwrap_or_else(|| slug::with_id(None, tenant)));
    let trial = new.trial_days.filter(|days| *days > 0).map(|days| now + TimeDelta::days(days.into()));
    let status = if trial.is_some() { InstitutionStatus::Trial } else { InstitutionStatus::Active };
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Text, _>(&new.name)
        .bind::<Text, _>(slug)
        .bind::<Nullable<Text>, _>(&new.external_id)
        .bind::<Text, _>(new.locale.as_deref().unwrap_or("en"))
        .bind::<Text, _>(new.time_zone.as_deref().unwrap_or("UTC"))
        .bind::<Text, _>(status.as_str())
        .bind::<Nullable<Text>, _>(&new.region)
        .bind::<Nullable<Text>, _>(&new.plan)
        .bind::<Nullable<SqlUuid>, _>(new.reseller)
        .bind::<Nullable<Binary>, _>(new.made_of.map(|hash| hash.to_vec()))
        .bind::<Nullable<Integer>, _>(new.seats_total)
        .bind::<Jsonb, _>(as_json(&new.branding)?)
        .bind::<Jsonb, _>(as_json(&new.retention.unwrap_or_default())?)
        .bind::<Nullable<Timestamptz>, _>(trial.map(|_| now))
        .bind::<Nullable<Timestamptz>, _>(trial)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(())
}
