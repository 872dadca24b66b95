//! Tokens that somebody found in the open: revoked at once, whoever holds them.
//!
//! Not here: the answer to whoever reports one, which tells nothing (the edge).

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    Token, TokenText,
    announce::{self, Reason},
    rows::columns,
};
use crate::{
    audit::Entry,
    db::{Db, TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    scope::Scope,
};

const FIND: &str = "SELECT t.tenant_id, t.id FROM unnest($1, $2) AS r(tenant_id, hash)
  JOIN tokens t ON t.tenant_id = r.tenant_id AND t.hash = r.hash
  WHERE t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $3)";
const REVOKE: &str = columns!(
    "WITH t AS (UPDATE tokens SET revoked_at = $3, leaked_at = $3
     WHERE tenant_id = $1 AND id = ANY ($2) AND revoked_at IS NULL RETURNING *)
     SELECT",
    "FROM t"
);

/// A report of tokens that lie in the open.
#[derive(Debug, Clone)]
pub struct Report {
    /// The tokens.
    pub tokens: Vec<TokenText>,
    /// Where the report comes from.
    pub from: IpAddr,
    /// Names the request.
    pub request_id: Arc<str>,
}

/// Revokes those tokens of a report that work, with an event and an entry in the audit log of each; answers which.
///
/// # Errors
/// As the database says.
pub async fn report_leaked(db: &Db, report: &Report) -> Result<Vec<Id<id::Token>>> {
    let mut revoked = Vec::new();
    for (tenant, tokens) in find(db, &report.tokens).await? {
        let scope = Scope {
            request_id: Some(Arc::clone(&report.request_id)),
            address: Some(report.from),
            ..Scope::house(tenant)
        };
        let mut tx = db.tenant(&scope).await?;
        revoked.extend(revoke(&mut tx, &tokens).await?);
        tx.commit().await?;
    }
    Ok(revoked)
}

/// The tokens that work, by institution. One statement, whatever is reported.
async fn find(db: &Db, tokens: &[TokenText]) -> Result<BTreeMap<TenantId, Vec<Id<id::Token>>>> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: TenantId,
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Token>,
    }
    if tokens.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut house = db.house().await?;
    let now = house.now();
    let found: Vec<Found> = sql(FIND)
        .bind::<Array<SqlUuid>, _>(tokens.iter().map(|token| token.tenant().uuid()).collect::<Vec<_>>())
        .bind::<Array<Binary>, _>(tokens.iter().map(|token| token.hash().to_vec()).collect::<Vec<_>>())
        .bind::<Timestamptz, _>(now)
        .load(house.connection())
        .await
        .map_err(failed)?;
    house.commit().await?;
    let mut of_tenant: BTreeMap<TenantId, Vec<Id<id::Token>>> = BTreeMap::new();
    for Found { tenant_id, id } in found {
        of_tenant.entry(tenant_id).or_default().push(id);
    }
    Ok(of_tenant)
}

async fn revoke(tx: &mut TenantTx, tokens: &[Id<id::Token>]) -> Result<Vec<Id<id::Token>>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let revoked: Vec<Token> = sql(REVOKE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(tokens)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    for token in &revoked {
        let is = serde_json::json!({ "reason": Reason::Leaked.as_str() });
        let action = announce::revoked_action(token.kind);
        tx.audit(Entry::of(action, token.id).was(announce::noted(token)).is(is));
        announce::revoked(tx, token, Reason::Leaked);
    }
    Ok(revoked.into_iter().map(|token| token.id).collect())
}
