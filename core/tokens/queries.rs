//! What may be asked of tokens.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Token, Verified};
use crate::{
    db::{PageRequest, Paged, TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    members::MemberStatus,
    scope::{Ability, Actor, Role},
};

const VERIFY: &str = "SELECT t.id, t.user_id, t.name, t.abilities, t.expires_at, t.last_used_at, m.role, m.status, i.number AS institution_number
  FROM tokens t JOIN institutions i ON i.tenant_id = t.tenant_id LEFT JOIN memberships m ON m.tenant_id = t.tenant_id AND m.user_id = t.user_id
  WHERE t.tenant_id = $1 AND t.hash = $2 AND t.revoked_at IS NULL";

const COUNT: &str = "SELECT count(*) AS total FROM tokens WHERE tenant_id = $1 AND kind = 'integration'";
const PAGE: &str =
    "SELECT id, name, last4, abilities, created_by, created_at, expires_at, last_used_at, last_used_ip, revoked_at
  FROM tokens WHERE tenant_id = $1 AND kind = 'integration' ORDER BY created_at DESC, id DESC LIMIT $2 OFFSET $3";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Token>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Id<id::User>>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    abilities: Vec<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<Role>,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<MemberStatus>,
    #[diesel(sql_type = BigInt)]
    institution_number: i64,
}

impl Found {
    /// A session is its person's: it ends with the membership and never does more than the role now lets it.
    fn verified(self, tenant: TenantId) -> Option<Verified> {
        let mut abilities: Vec<Ability> = self.abilities.iter().filter_map(|name| name.parse().ok()).collect();
        let actor = match (self.user_id, self.role, self.status) {
            (None, ..) => Actor::Integration(self.id),
            (Some(user), Some(role), Some(MemberStatus::Active)) => {
                let now = role.abilities();
                abilities.retain(|ability| now.contains(ability));
                Actor::Person(user)
            }
            (Some(_), ..) => return None,
        };
        Some(Verified {
            tenant,
            institution_number: self.institution_number,
            id: self.id,
            actor,
            name: self.name,
            abilities: abilities.into(),
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
        })
    }
}

/// Finds the token with this hash, unless it is revoked or its person is no active member.
///
/// # Errors
/// As the database says.
pub async fn verify(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<Option<Verified>> {
    let tenant = tx.tenant();
    let found: Option<Found> = sql(VERIFY)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Binary, _>(hash.as_slice())
        .get_result(tx.connection())
        .await
        .optional()
        .map_err(failed)?;
    Ok(found.and_then(|found| found.verified(tenant)))
}

/// Lists the tokens of integrations, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut TenantTx, request: PageRequest) -> Result<Paged<Token>> {
    #[derive(QueryableByName)]
    struct Total {
        #[diesel(sql_type = BigInt)]
        total: i64,
    }
    let tenant = tx.tenant();
    let total: Total = sql(COUNT).bind::<SqlUuid, _>(tenant).get_result(tx.connection()).await.map_err(failed)?;
    let page =
        sql(PAGE).bind::<SqlUuid, _>(tenant).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    let rows = page.load(tx.connection()).await.map_err(failed)?;
    Ok(Paged { rows, total: total.total, request })
}
