//! What may be asked of the staff.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Bool, Nullable, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use super::{Member, StaffToken, StaffTokenKind};
use crate::{
    db::{HouseTx, failed, sql},
    error::Result,
    id::{self, Id},
};

/// A use is written down once in this time.
const EVERY: TimeDelta = TimeDelta::minutes(1);

macro_rules! verified {
    ($session:literal) => {
        concat!(
            "SELECT s.id, s.email, s.name, s.role, s.last4, s.created_at, s.expires_at, s.last_used_at, s.revoked_at,
               EXISTS (SELECT FROM staff_second_factors f WHERE f.staff_id = s.id AND f.confirmed_at IS NOT NULL) AS has_factor, ",
            $session,
            " AND s.revoked_at IS NULL"
        )
    };
}
const BY_TOKEN: &str =
    verified!("NULL::uuid AS session, NULL::timestamptz AS session_ends_at FROM staff s WHERE s.hash = $1");
const BY_SESSION: &str = verified!(
    "w.id AS session, w.expires_at AS session_ends_at FROM staff_sessions w JOIN staff s ON s.id = w.staff_id
     WHERE w.hash = $1 AND w.ended_at IS NULL"
);
const TOUCH: &str = "UPDATE staff SET last_used_at = $2 WHERE id = $1";
const LIST: &str = "SELECT id, email, name, role, last4, created_at, expires_at, last_used_at, revoked_at
  FROM staff ORDER BY id";

/// Somebody of the staff, and how it is known who it is.
#[derive(Debug, Clone, QueryableByName)]
pub struct Verified {
    /// Who.
    #[diesel(embed)]
    pub member: Member,
    /// Has a second factor that is asked for.
    #[diesel(sql_type = Bool)]
    pub has_factor: bool,
    /// The session, where its token was shown and not the person's own.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub session: Option<Id<id::StaffSession>>,
    /// When the session ends.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub session_ends_at: Option<DateTime<Utc>>,
}

impl Verified {
    /// Has the token stopped working by then, or that of the person behind a session.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        [self.member.expires_at, self.session_ends_at].into_iter().flatten().any(|end| end <= now)
    }
}

/// Finds whose a token is, unless it is revoked or its session has ended, and notes that it was used. It may have
/// expired.
///
/// # Errors
/// As the database says.
pub async fn verify(tx: &mut HouseTx, token: &StaffToken) -> Result<Option<Verified>> {
    let text = match token.kind() {
        StaffTokenKind::Person => BY_TOKEN,
        StaffTokenKind::Session => BY_SESSION,
    };
    let statement = sql(text).bind::<Binary, _>(token.hash().to_vec());
    let found: Option<Verified> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let now = tx.now();
    if let Some(found) = &found
        && !found.is_expired(now)
        && found.member.last_used_at.is_none_or(|last| last + EVERY <= now)
    {
        let touch = sql(TOUCH).bind::<SqlUuid, _>(found.member.id).bind::<Timestamptz, _>(now);
        touch.execute(tx.connection()).await.map_err(failed)?;
    }
    Ok(found)
}

/// Lists the staff, also those whose token is revoked, the oldest first.
///
/// # Errors
/// As the database says.
pub async fn list(tx: &mut HouseTx) -> Result<Vec<Member>> {
    sql(LIST).load(tx.connection()).await.map_err(failed)
}
