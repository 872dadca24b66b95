//! Changing a token: what it is called, and where it may be used from.
//!
//! Not here: what it may do and how long it lives, which are settled when it is made.

use diesel::sql_types::{Array, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AllowList, Token, announce, bounds::Bounds, listing};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    scope::Scope,
};

const CHANGE: &str = "UPDATE tokens SET name = $3, ip_allowlist = $4 WHERE tenant_id = $1 AND id = $2";

/// What is to change of a token; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TokenChange {
    /// Tells it from others: 1 to 255 characters.
    pub name: Option<String>,
    /// Addresses and networks (CIDR) that it may be used from from now on, in place of those before; empty for anywhere.
    pub ip_allowlist: Option<Vec<String>>,
}

/// Changes a token of an integration that is not revoked.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` for one that is revoked.
pub async fn edit(tx: &mut TenantTx, scope: &Scope, id: Id<id::Token>, change: TokenChange) -> Result<Token> {
    let bounds = Bounds::of(tx, scope).await?;
    let mut token = listing::locked(tx, id).await?;
    if token.revoked_at.is_some() {
        return Err(Error::new(Code::Conflict, "the token is revoked; nothing of it changes any more"));
    }
    let before = announce::noted(&token);
    let mut fields = Fields::new();
    if let Some(mut name) = change.name {
        fields.name("/name", &mut name);
        token.name = name;
    }
    if let Some(networks) = change.ip_allowlist {
        let allow_list = AllowList::read(&networks, &mut fields);
        bounds.check_addresses(&allow_list, &mut fields);
        token.ip_allowlist = allow_list.texts();
    }
    fields.finish()?;
    let after = announce::noted(&token);
    if before != after {
        let tenant = tx.tenant();
        sql(CHANGE)
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(token.id)
            .bind::<Text, _>(&token.name)
            .bind::<Array<Text>, _>(&token.ip_allowlist)
            .execute(tx.connection())
            .await
            .map_err(failed)?;
        tx.audit(Entry::of("token.updated", token.id).was(before).is(after));
    }
    Ok(token)
}
