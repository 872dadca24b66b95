//! From what a caller shows to the token that it is.
//!
//! Not here: lists of tokens (`listing`).

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, BigInt, Binary, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{AllowList, TokenKind, Verified};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
    institutions::InstitutionStatus,
    members::MemberStatus,
    scope::{Ability, Actor, Role},
};

/// Behind the wall an index is asked for what is compared by nothing that could leak, which `coalesce` is not said to be.
macro_rules! living {
    ($which:literal) => {
        concat!(
            "SELECT t.id, t.kind, t.user_id, t.created_by, t.name, t.abilities, t.expires_at, t.last_used_at, t.ip_allowlist,
    t.course_ids, t.used_abilities, m.role, m.status, i.number AS institution_number, i.status AS institution_status, i.request_limits,
    i.require_second_factor AND t.kind = 'session' AND NOT EXISTS (SELECT FROM second_factors f
      WHERE f.tenant_id = t.tenant_id AND f.user_id = t.user_id AND f.confirmed_at IS NOT NULL) AS lacks_factor
  FROM tokens t JOIN institutions i ON i.tenant_id = t.tenant_id
  LEFT JOIN memberships m ON m.tenant_id = t.tenant_id AND m.user_id = CASE WHEN t.user_id IS NULL THEN t.created_by ELSE t.user_id END
  WHERE t.tenant_id = $1 AND t.revoked_at IS NULL AND ",
            $which
        )
    };
}
const VERIFY: &str = living!("t.hash = $2");
const VERIFY_AGAIN: &str = living!("t.id = $2");

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = SqlUuid)]
    id: Id<id::Token>,
    #[diesel(sql_type = Text)]
    kind: TokenKind,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    user_id: Option<Id<id::User>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    created_by: Option<Id<id::User>>,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    abilities: Vec<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    expires_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_used_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Array<Text>)]
    ip_allowlist: Vec<String>,
    #[diesel(sql_type = Nullable<Array<SqlUuid>>)]
    course_ids: Option<Vec<uuid::Uuid>>,
    #[diesel(sql_type = Array<Text>)]
    used_abilities: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    role: Option<Role>,
    #[diesel(sql_type = Nullable<Text>)]
    status: Option<MemberStatus>,
    #[diesel(sql_type = BigInt)]
    institution_number: i64,
    #[diesel(sql_type = Text)]
    institution_status: InstitutionStatus,
    #[diesel(sql_type = Bool)]
    lacks_factor: bool,
    #[diesel(sql_type = Nullable<Jsonb>)]
    request_limits: Option<serde_json::Value>,
}

impl Found {
    /// A token is its person's, the one who signed in or the one who made it for an integration: it stops with the
    /// membership, and never does or sees more than the role now lets the person. What no person made is nobody's.
    fn verified(self, tenant: TenantId) -> Option<Verified> {
        let mut abilities: Vec<Ability> = self.abilities.iter().filter_map(|name| name.parse().ok()).collect();
        let person = self.user_id.or(self.created_by);
        if person.is_some() {
            let now = self.role.filter(|_| self.status == Some(MemberStatus::Active))?.abilities();
            abilities.retain(|ability| now.contains(ability));
        }
        let actor = self.user_id.map_or(Actor::Integration(self.id), Actor::Person);
        Some(Verified {
            tenant,
            institution_number: self.institution_number,
            institution_status: self.institution_status,
            id: self.id,
            kind: self.kind,
            actor,
            name: self.name,
            abilities: abilities.into(),
            led_by: person.filter(|_| self.role == Some(Role::Manager)),
            lacks_factor: self.lacks_factor && self.role.is_some_and(Role::keeps_the_institution),
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            allow_list: AllowList::of_row(&self.ip_allowlist),
            courses: self.course_ids.map(Into::into),
            used: self.used_abilities.iter().filter_map(|name| name.parse().ok()).collect(),
            // Checked when it was set; what an older server wrote and this one cannot read is the server's own limit.
            limits: self.request_limits.and_then(|set| serde_json::from_value(set).ok()).unwrap_or_default(),
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

/// Finds a token by its id, for work that goes on after its request: as [`verify`], what it may do now.
///
/// # Errors
/// As the database says.
pub async fn verify_again(tx: &mut TenantTx, token: Id<id::Token>) -> Result<Option<Verified>> {
    let tenant = tx.tenant();
    let again = sql(VERIFY_AGAIN).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(token);
    let found: Option<Found> = again.get_result(tx.connection()).await.optional().map_err(failed)?;
    Ok(found.and_then(|found| found.verified(tenant)))
}
