//! What may be done with tokens.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Token, TokenKind, TokenText};
use crate::{
    audit::Entry,
    db::{HouseTx, TenantTx, failed, sql},
    error::{Error, Result},
    fields::Fields,
    id::{self, Id},
    scope::{Ability, Role, Scope},
    time::Timestamp,
};

const INSERT: &str = "INSERT INTO tokens
  (tenant_id, id, kind, user_id, created_by, name, hash, last4, abilities, created_at, expires_at, application_id)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

const REVOKE: &str = "UPDATE tokens SET revoked_at = coalesce(revoked_at, $3)
  WHERE tenant_id = $1 AND id = $2 AND kind IN ('integration', 'application')";
const REVOKE_OF_APPLICATION: &str = "UPDATE tokens SET revoked_at = $3
  WHERE tenant_id = $1 AND application_id = $2 AND revoked_at IS NULL RETURNING id";
const FORGET_ENDED: &str = "DELETE FROM tokens WHERE kind = 'application' AND expires_at < $1";

/// A token of an integration to be made.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Tells it from others: 1 to 255 characters.
    pub name: String,
    /// What it may do; never more than its maker.
    #[schemars(length(min = 1))]
    pub abilities: Vec<Ability>,
    /// When it stops working; never, if left out.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A token just made: the only time that it is in the clear.
#[derive(Debug, Clone)]
pub struct Issued {
    /// What is kept.
    pub token: Token,
    /// What its holder gets.
    pub text: TokenText,
}

/// What an application is given for its secret.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The application.
    pub application: Id<id::Application>,
    /// Its name.
    pub name: String,
    /// What the token may do.
    pub abilities: Vec<Ability>,
    /// How long it works.
    pub life: TimeDelta,
}

/// Makes a token of an integration.
///
/// # Errors
/// `validation_failed`, also for abilities that the maker has not.
pub async fn create(tx: &mut TenantTx, scope: &Scope, mut new: NewToken) -> Result<Issued> {
    let mut fields = Fields::new();
    fields.name("/name", &mut new.name);
    if new.abilities.is_empty() {
        fields.fault("/abilities", "length", "wanted at least one ability");
    }
    for (at, ability) in new.abilities.iter().enumerate().filter(|(_, ability)| !scope.may(**ability)) {
        fields.fault(format!("/abilities/{at}"), "exceeds", format!("you have not {ability} yourself"));
    }
    if new.expires_at.is_some_and(|end| end.utc() <= tx.now()) {
        fields.fault("/expires_at", "range", "wanted a time to come");
    }
    fields.finish()?;
    let made = Made {
        kind: TokenKind::Integration,
        user: None,
        application: None,
        created_by: scope.person(),
        name: new.name,
        abilities: in_order(&new.abilities),
        expires_at: new.expires_at.map(Timestamp::utc),
    };
    let issued = insert(tx, made).await?;
    let Token { id, name, abilities, expires_at, .. } = &issued.token;
    let what = json!({ "name": name, "abilities": abilities, "expires_at": expires_at });
    tx.audit(Entry::of("token.created", *id).is(what));
    Ok(issued)
}

/// Makes a session of a person who has proved to be one.
///
/// # Errors
/// As the database says.
pub async fn open_session(
    tx: &mut TenantTx,
    (user, role): (Id<id::User>, Role),
    device: String,
    life: TimeDelta,
) -> Result<Issued> {
    let made = Made {
        kind: TokenKind::Session,
        user: Some(user),
        application: None,
        created_by: Some(user),
        name: device,
        abilities: in_order(&role.abilities()),
        expires_at: Some(tx.now() + life),
    };
    insert(tx, made).await
}

/// Makes a token of an application that has shown its secret.
///
/// # Errors
/// As the database says.
pub async fn grant(tx: &mut TenantTx, Grant { application, name, abilities, life }: Grant) -> Result<Issued> {
    let made = Made {
        kind: TokenKind::Application,
        user: None,
        application: Some(application),
        created_by: None,
        name,
        abilities: in_order(&abilities),
        expires_at: Some(tx.now() + life),
    };
    insert(tx, made).await
}

/// Revokes every token of an application; answers which were not revoked before.
///
/// # Errors
/// As the database says.
pub async fn revoke_of_application(tx: &mut TenantTx, application: Id<id::Application>) -> Result<Vec<Id<id::Token>>> {
    #[derive(QueryableByName)]
    struct Revoked {
        #[diesel(sql_type = SqlUuid)]
        id: Id<id::Token>,
    }
    let (tenant, now) = (tx.tenant(), tx.now());
    let revoked: Vec<Revoked> = sql(REVOKE_OF_APPLICATION)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(application)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(revoked.into_iter().map(|token| token.id).collect())
}

/// Forgets tokens of applications that ended before a time; answers how many.
///
/// # Errors
/// As the database says.
pub async fn forget_ended(house: &mut HouseTx, before: DateTime<Utc>) -> Result<usize> {
    sql(FORGET_ENDED).bind::<Timestamptz, _>(before).execute(house.connection()).await.map_err(failed)
}

/// Revokes a token of an integration or an application. One that is revoked stays so.
///
/// # Errors
/// `not_found`.
pub async fn revoke(tx: &mut TenantTx, id: Id<id::Token>) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let statement = sql(REVOKE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(id).bind::<Timestamptz, _>(now);
    if statement.execute(tx.connection()).await.map_err(failed)? == 0 {
        return Err(Error::not_found("token"));
    }
    tx.audit(Entry::of("token.revoked", id));
    Ok(())
}

struct Made {
    kind: TokenKind,
    user: Option<Id<id::User>>,
    application: Option<Id<id::Application>>,
    created_by: Option<Id<id::User>>,
    name: String,
    abilities: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
}

async fn insert(tx: &mut TenantTx, made: Made) -> Result<Issued> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let text = TokenText::fresh(made.kind, tenant);
    let token = Token {
        id: tx.new_id(),
        name: made.name,
        last4: text.last4().to_owned(),
        abilities: made.abilities,
        created_by: made.created_by,
        created_at: now,
        expires_at: made.expires_at,
        last_used_at: None,
        last_used_ip: None,
        revoked_at: None,
    };
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(token.id)
        .bind::<Text, _>(made.kind.as_str())
        .bind::<Nullable<SqlUuid>, _>(made.user)
        .bind::<Nullable<SqlUuid>, _>(token.created_by)
        .bind::<Text, _>(&token.name)
        .bind::<Binary, _>(text.hash().to_vec())
        .bind::<Text, _>(&token.last4)
        .bind::<Array<Text>, _>(&token.abilities)
        .bind::<Timestamptz, _>(now)
        .bind::<Nullable<Timestamptz>, _>(token.expires_at)
        .bind::<Nullable<SqlUuid>, _>(made.application)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(Issued { token, text })
}

/// Each once, in the order of the documentation.
pub(crate) fn in_order(abilities: &[Ability]) -> Vec<String> {
    Ability::ALL.iter().filter(|ability| abilities.contains(ability)).map(ToString::to_string).collect()
}
