//! What may be done with an invitation by whoever has its letter.
//!
//! Whoever shows the token is no stranger, so it is told what became of the invitation; of a token that was never made,
//! or that a later letter replaced, nothing is said.

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::json;

use super::{AcceptedBy, InvitationStatus, people, rows::invitation_status};
use crate::{
    audit::Entry,
    auth::{self, LetterToken},
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    id::{self, Id},
    institutions::InstitutionStatus,
    members::Member,
    scope::Role,
};

macro_rules! by_token {
    ($more:literal) => {
        concat!(
            "SELECT i.id, i.user_id AS \"user\", i.expires_at, u.email, u.name, u.locale, m.role, n.name AS institution_name,
                    n.locale AS institution_locale, n.status AS institution_status, b.name AS invited_by, ",
            invitation_status!(),
            " AS status FROM invitations i JOIN users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
              JOIN memberships m ON m.tenant_id = i.tenant_id AND m.user_id = i.user_id
              JOIN institutions n ON n.tenant_id = i.tenant_id
              LEFT JOIN users b ON b.tenant_id = i.tenant_id AND b.id = i.invited_by
              WHERE i.tenant_id = $1 AND i.hash = $3",
            $more
        )
    };
}
const PREVIEW: &str = by_token!("");
/// Of two who accept at once, the second waits here and then finds it accepted.
const TAKE: &str = by_token!(" FOR NO KEY UPDATE OF i");
const ACCEPT: &str = "UPDATE invitations SET accepted_at = $3, accepted_by = $4, secret = NULL
  WHERE tenant_id = $1 AND id = $2";

/// What an invitation is to.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Preview {
    /// The invitation.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Invitation>,
    /// Who is asked.
    #[diesel(sql_type = SqlUuid)]
    pub user: Id<id::User>,
    /// Address of the letter.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// The name, as far as it is known.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Language tag of the person.
    #[diesel(sql_type = Nullable<Text>)]
    pub locale: Option<String>,
    /// The role to come.
    #[diesel(sql_type = Text)]
    pub role: Role,
    /// Into which institution.
    #[diesel(sql_type = Text)]
    pub institution_name: String,
    /// Language tag of the institution.
    #[diesel(sql_type = Text)]
    pub institution_locale: String,
    /// Who asks, if it is a person of the institution.
    #[diesel(sql_type = Nullable<Text>)]
    pub invited_by: Option<String>,
    /// When the token stops working.
    #[diesel(sql_type = Timestamptz)]
    pub expires_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    status: InvitationStatus,
    #[diesel(sql_type = Text)]
    institution_status: InstitutionStatus,
}

/// How somebody joins.
#[derive(Debug)]
pub struct Accepted {
    /// Hash of the password that the person chose, a PHC string.
    pub password_hash: String,
    /// The person's own name, if it was given: checked.
    pub name: Option<String>,
}

/// Shows what an invitation is to.
///
/// # Errors
/// `invitation_not_found`, `tenant_suspended`, `invitation_accepted`, `invitation_revoked`, `invitation_expired`.
pub async fn preview(tx: &mut TenantTx, token: &LetterToken) -> Result<Preview> {
    open(tx, PREVIEW, token).await
}

/// Makes the membership active, with a password of the person's own.
///
/// # Errors
/// As [`preview`].
pub async fn accept(tx: &mut TenantTx, token: &LetterToken, how: Accepted) -> Result<Member> {
    let asked = open(tx, TAKE, token).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(ACCEPT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(asked.id)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(AcceptedBy::Password.as_str())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    let member = people::let_in(tx, asked.user, how.name).await?;
    auth::keep_password(tx, asked.user, &how.password_hash).await?;
    let what = json!({ "user_id": asked.user, "role": asked.role, "accepted_by": AcceptedBy::Password });
    tx.audit(Entry::of("invitation.accepted", asked.id).is(what));
    Ok(member)
}

async fn open(tx: &mut TenantTx, text: &'static str, token: &LetterToken) -> Result<Preview> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement =
        sql(text).bind::<SqlUuid, _>(tenant).bind::<Timestamptz, _>(now).bind::<Binary, _>(token.hash().to_vec());
    let found: Option<Preview> = statement.get_result(tx.connection()).await.optional().map_err(failed)?;
    let asked = found.ok_or_else(unknown)?;
    asked.institution_status.admit()?;
    let (code, why) = match asked.status {
        InvitationStatus::Pending => return Ok(asked),
        InvitationStatus::Accepted => (Code::InvitationAccepted, "you have joined already; sign in with your password"),
        InvitationStatus::Revoked => (Code::InvitationRevoked, "the institution took the invitation back"),
        InvitationStatus::Expired => {
            (Code::InvitationExpired, "the invitation has expired; ask the institution for another letter")
        }
    };
    Err(Error::new(code, why))
}

/// The answer to whatever is no invitation, was replaced by a later letter, or was made up.
pub fn unknown() -> Error {
    Error::new(Code::InvitationNotFound, "no invitation has this token; if there were several letters, take the newest")
}
