//! Making tokens.
//!
//! Not here: changing one (`edit`), replacing one (`rotate`), ending one (`revoke`, `leaked`).

use chrono::{DateTime, TimeDelta, Utc};
use diesel::sql_types::{Array, Binary, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{AllowList, Token, TokenKind, TokenText, announce, bounds::Bounds};
use crate::{
    audit::Entry,
    content::courses,
    db::{TenantTx, failed, sql},
    error::Result,
    fields::Fields,
    id::{self, Id},
    key::Key,
    scope::{Ability, Role, Scope},
    time::Timestamp,
};

const INSERT: &str = "INSERT INTO tokens
  (tenant_id, id, kind, user_id, created_by, name, hash, last4, abilities, created_at, expires_at, application_id,
   ip_allowlist, course_ids, replaces)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";

/// Most courses that a token is limited to.
const COURSES_MAX: usize = 100;

/// A token of an integration to be made.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// Tells it from others: 1 to 255 characters.
    pub name: String,
    /// What it may do; never more than its maker.
    #[schemars(length(min = 1))]
    pub abilities: Vec<Ability>,
    /// When it stops working. Left out, it is the longest life that the institution allows; never, if it sets none.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Addresses and networks (CIDR) that it may be used from, at most 100; anywhere, if left out.
    #[serde(default)]
    pub ip_allowlist: Vec<String>,
    /// The only courses that there are for its holder, 1 to 100; all, if left out.
    #[serde(default)]
    #[schemars(length(min = 1, max = 100))]
    pub course_ids: Option<Vec<Key<id::Course>>>,
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
/// `validation_failed`, also for abilities, courses and networks that the maker has not.
pub async fn create(tx: &mut TenantTx, scope: &Scope, mut new: NewToken) -> Result<Issued> {
    let bounds = Bounds::of(tx, scope).await?;
    let mut fields = Fields::new();
    fields.name("/name", &mut new.name);
    if new.abilities.is_empty() {
        fields.fault("/abilities", "length", "wanted at least one ability");
    }
    bounds.check_abilities(&new.abilities, new.course_ids.is_some(), &mut fields);
    let allow_list = AllowList::read(&new.ip_allowlist, &mut fields);
    bounds.check_addresses(&allow_list, &mut fields);
    let expires_at = bounds.end(new.expires_at.map(Timestamp::utc), &mut fields);
    if new.course_ids.as_ref().is_some_and(|courses| !(1..=COURSES_MAX).contains(&courses.len())) {
        fields.fault("/course_ids", "length", format!("wanted 1 to {COURSES_MAX} courses, or none of this at all"));
    }
    fields.finish()?;
    let courses = match &new.course_ids {
        Some(keys) => Some(each_once(courses::resolve(tx, "/course_ids", keys).await?)),
        None => scope.courses.as_deref().map(<[Uuid]>::to_vec),
    };
    let made = Made {
        created_by: scope.person(),
        abilities: in_order(&new.abilities),
        expires_at,
        ip_allowlist: allow_list.texts(),
        courses,
        ..Made::new(TokenKind::Integration, new.name)
    };
    let issued = insert(tx, made).await?;
    tx.audit(Entry::of("token.created", issued.token.id).is(announce::noted(&issued.token)));
    announce::created(tx, &issued.token);
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
        user: Some(user),
        created_by: Some(user),
        abilities: in_order(&role.abilities()),
        expires_at: Some(tx.now() + life),
        ..Made::new(TokenKind::Session, device)
    };
    insert(tx, made).await
}

/// Makes a token of an application that has shown its secret.
///
/// # Errors
/// As the database says.
pub async fn grant(tx: &mut TenantTx, Grant { application, name, abilities, life }: Grant) -> Result<Issued> {
    let made = Made {
        application: Some(application),
        abilities: in_order(&abilities),
        expires_at: Some(tx.now() + life),
        ..Made::new(TokenKind::Application, name)
    };
    insert(tx, made).await
}

/// A token about to be written.
pub(super) struct Made {
    pub(super) kind: TokenKind,
    pub(super) user: Option<Id<id::User>>,
    pub(super) application: Option<Id<id::Application>>,
    pub(super) created_by: Option<Id<id::User>>,
    pub(super) name: String,
    pub(super) abilities: Vec<String>,
    pub(super) expires_at: Option<DateTime<Utc>>,
    pub(super) ip_allowlist: Vec<String>,
    pub(super) courses: Option<Vec<Uuid>>,
    pub(super) replaces: Option<Id<id::Token>>,
}

impl Made {
    pub(super) const fn new(kind: TokenKind, name: String) -> Self {
        Self {
            kind,
            user: None,
            application: None,
            created_by: None,
            name,
            abilities: Vec::new(),
            expires_at: None,
            ip_allowlist: Vec::new(),
            courses: None,
            replaces: None,
        }
    }
}

pub(super) async fn insert(tx: &mut TenantTx, made: Made) -> Result<Issued> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let text = TokenText::fresh(made.kind, tenant);
    let token = Token {
        id: tx.new_id(),
        kind: made.kind,
        name: made.name,
        last4: text.last4().to_owned(),
        abilities: made.abilities,
        created_by: made.created_by,
        created_at: now,
        expires_at: made.expires_at,
        last_used_at: None,
        last_used_ip: None,
        revoked_at: None,
        ip_allowlist: made.ip_allowlist,
        course_ids: made.courses,
        used_abilities: Vec::new(),
        replaces: made.replaces,
        replaced_by: None,
        rotated_at: None,
        leaked_at: None,
        told: 0,
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
        .bind::<Array<Text>, _>(&token.ip_allowlist)
        .bind::<Nullable<Array<SqlUuid>>, _>(&token.course_ids)
        .bind::<Nullable<SqlUuid>, _>(token.replaces)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(Issued { token, text })
}

/// Each once, in the order of the documentation.
pub(crate) fn in_order(abilities: &[Ability]) -> Vec<String> {
    Ability::ALL.iter().filter(|ability| abilities.contains(ability)).map(ToString::to_string).collect()
}

fn each_once(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids.dedup();
    ids
}
