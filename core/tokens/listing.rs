//! Tokens of integrations, as those who look after them see them.

use diesel::{
    OptionalExtension,
    sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{
    EXPIRING, Token, TokenFlag, TokenStatus,
    rows::{KNOWN_AFTER, UNUSED_AFTER, columns},
};
use crate::{
    db::{PageRequest, Paged, Sql, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id, TenantId},
    scope::Ability,
};

/// What a list is narrowed to. `Token::status` and `Token::flags` say the same in Rust.
macro_rules! narrowed {
    ($before:expr, $after:literal) => {
        concat!(
            $before,
            "FROM tokens t, LATERAL (SELECT t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > $2) AS works,
               t.expires_at <= $2 + ($3 || ' seconds')::interval AS ends_soon) s
             WHERE t.tenant_id = $1 AND t.kind = 'integration'
               AND ($4 IS NULL OR $4 = ANY (t.abilities))
               AND ($5 IS NULL OR $5 = CASE WHEN t.revoked_at IS NOT NULL THEN 'revoked' WHEN NOT s.works THEN 'expired'
                 WHEN s.ends_soon THEN 'expiring' ELSE 'active' END)
               AND ($6 IS NULL OR s.works AND CASE $6
                 WHEN 'unused' THEN coalesce(t.last_used_at, t.created_at) < $2 - ($7 || ' seconds')::interval
                 WHEN 'over_broad' THEN t.abilities @> $9 OR t.last_used_at IS NOT NULL
                   AND t.created_at < $2 - ($8 || ' seconds')::interval AND NOT t.used_abilities @> t.abilities
                 WHEN 'expiring' THEN coalesce(s.ends_soon, false) END) ",
            $after
        )
    };
}

const COUNT: &str = narrowed!("SELECT count(*) AS total ", "");
const PAGE: &str = narrowed!(columns!("SELECT", ""), "ORDER BY t.created_at DESC, t.id DESC LIMIT $10 OFFSET $11");
const ONE: &str = columns!("SELECT", "FROM tokens t WHERE t.tenant_id = $1 AND t.id = $2 AND t.kind = 'integration'");
const LOCKED: &str = columns!(
    "SELECT",
    "FROM tokens t WHERE t.tenant_id = $1 AND t.id = $2 AND t.kind = 'integration' FOR NO KEY UPDATE"
);

/// Which tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenFilter {
    /// Only those that may do this.
    pub ability: Option<Ability>,
    /// Only those that are there in their life.
    pub status: Option<TokenStatus>,
    /// Only those that somebody should look at for this reason.
    pub flag: Option<TokenFlag>,
}

/// Lists the tokens of integrations, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, filter: TokenFilter, request: PageRequest) -> Result<Paged<Token>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let all: Vec<&str> = Ability::ALL.iter().map(|ability| ability.as_str()).collect();
    let wanted = |text: Sql| {
        text.bind::<SqlUuid, _>(tenant)
            .bind::<Timestamptz, _>(now)
            .bind::<Text, _>(EXPIRING.num_seconds().to_string())
            .bind::<Nullable<Text>, _>(filter.ability.map(Ability::as_str))
            .bind::<Nullable<Text>, _>(filter.status.map(TokenStatus::as_str))
            .bind::<Nullable<Text>, _>(filter.flag.map(TokenFlag::as_str))
            .bind::<Text, _>(UNUSED_AFTER.num_seconds().to_string())
            .bind::<Text, _>(KNOWN_AFTER.num_seconds().to_string())
            .bind::<Array<Text>, _>(all.clone())
    };
    let total: Total = wanted(sql(COUNT)).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(sql(PAGE)).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}

/// Gets a token of an integration.
///
/// # Errors
/// `not_found`.
pub async fn get(tx: &mut TenantTx, id: Id<id::Token>) -> Result<Token> {
    one(tx, ONE, id).await
}

/// Gets a token of an integration that nobody else changes until the transaction ends.
pub(super) async fn locked(tx: &mut TenantTx, id: Id<id::Token>) -> Result<Token> {
    one(tx, LOCKED, id).await
}

async fn one(tx: &mut TenantTx, text: &'static str, id: Id<id::Token>) -> Result<Token> {
    let tenant: TenantId = tx.tenant();
    let found: Option<Token> = sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(id)
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    found.ok_or_else(|| Error::not_found("token"))
}
