//! Replacing a token by another that may do the same, while the old one still works for a while.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Bool, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{
    AllowList, Issued, Token, TokenKind, TokenStatus, announce,
    announce::Reason,
    bounds::Bounds,
    commands::{Made, insert},
    listing,
};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    scope::{Ability, Scope},
    time::Timestamp,
};

const REPLACE: &str = "UPDATE tokens SET replaced_by = $3, rotated_at = $4, expires_at = $5,
  revoked_at = CASE WHEN $6 THEN $4 ELSE revoked_at END WHERE tenant_id = $1 AND id = $2";

/// How long the old token works beside the new one, if nothing else is said.
const OVERLAP_HOURS: u32 = 24;
/// How long at most: thirty days.
const OVERLAP_HOURS_MAX: u32 = 720;

/// How a token is replaced.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rotation {
    /// Hours that the old token works beside the new one, 0 to 720; 24 if left out, and never longer than it would have.
    pub overlap_hours: Option<u32>,
    /// When the new token stops working; left out, it lives as long as the old one was to live.
    pub expires_at: Option<Timestamp>,
}

/// Replaces a token of an integration by a new one that may do the same.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` for a token that does not work, or was replaced before;
/// `ability_missing` for one that may do more than whoever replaces it.
pub async fn rotate(tx: &mut TenantTx, scope: &Scope, id: Id<id::Token>, how: Rotation) -> Result<(Issued, Token)> {
    let bounds = Bounds::of(tx, scope).await?;
    let mut old = listing::locked(tx, id).await?;
    let now = tx.now();
    may_be_replaced(&old, now)?;
    may_replace(scope, &old)?;
    let overlap_hours = how.overlap_hours.unwrap_or(OVERLAP_HOURS);
    let mut fields = Fields::new();
    fields.within("/overlap_hours", &overlap_hours, &(0..=OVERLAP_HOURS_MAX));
    bounds.check_addresses(&AllowList::of_row(&old.ip_allowlist), &mut fields);
    let life = old.expires_at.map(|end| end - old.created_at);
    let expires_at = match how.expires_at {
        Some(end) => bounds.end(Some(end.utc()), &mut fields),
        None => bounds.end_like(life),
    };
    fields.finish()?;
    let made = Made {
        created_by: scope.person(),
        abilities: old.abilities.clone(),
        expires_at,
        ip_allowlist: old.ip_allowlist.clone(),
        courses: old.course_ids.clone(),
        replaces: Some(old.id),
        ..Made::new(TokenKind::Integration, old.name.clone())
    };
    let issued = insert(tx, made).await?;
    let before = old.expires_at;
    retire(tx, &mut old, issued.token.id, TimeDelta::hours(overlap_hours.into())).await?;
    let was = json!({ "expires_at": before });
    let is = json!({ "expires_at": old.expires_at, "revoked_at": old.revoked_at, "replaced_by_id": issued.token.id });
    tx.audit(Entry::of("token.rotated", old.id).was(was).is(is));
    tx.audit(Entry::of("token.created", issued.token.id).is(announce::noted(&issued.token)));
    announce::created(tx, &issued.token);
    if old.revoked_at.is_some() {
        announce::revoked(tx, &old, Reason::Revoked);
    }
    Ok((issued, old))
}

fn may_be_replaced(old: &Token, now: DateTime<Utc>) -> Result<()> {
    let refused = |why: String| Err(Error::new(Code::Conflict, why));
    match (old.status(now), old.replaced_by) {
        (TokenStatus::Revoked, _) => refused("the token is revoked; make a new one".to_owned()),
        (TokenStatus::Expired, _) => refused("the token has expired; make a new one".to_owned()),
        (_, Some(successor)) => refused(format!("the token was replaced before, by {successor}")),
        (TokenStatus::Active | TokenStatus::Expiring, None) => Ok(()),
    }
}

/// Whoever replaces a token holds the new one, and so may do no less than it already.
fn may_replace(scope: &Scope, old: &Token) -> Result<()> {
    let lacks = |name: &&String| !name.parse::<Ability>().is_ok_and(|ability| scope.may(ability));
    match old.abilities.iter().find(lacks) {
        Some(missing) => {
            Err(Error::new(Code::AbilityMissing, format!("the token may {missing}, which you may not yourself")))
        }
        None => Ok(()),
    }
}

/// Lets the old token end when the overlap does, or sooner if it was to; at once where there is none.
async fn retire(tx: &mut TenantTx, old: &mut Token, by: Id<id::Token>, overlap: TimeDelta) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let at_once = overlap.is_zero();
    let end = now + overlap;
    old.expires_at = Some(if at_once { old.expires_at.unwrap_or(end) } else { old.expires_at.unwrap_or(end).min(end) });
    (old.replaced_by, old.rotated_at, old.revoked_at) = (Some(by), Some(now), at_once.then_some(now));
    sql(REPLACE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(old.id)
        .bind::<SqlUuid, _>(by)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Timestamptz>, _>(old.expires_at)
        .bind::<Bool, _>(at_once)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}
