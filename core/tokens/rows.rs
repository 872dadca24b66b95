//! The rows of tokens.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::{TokenKind, TokenStatus, text::prefix};
use crate::{
    id::{self, Id, TenantId},
    scope::{Ability, Actor},
};

/// A token of an integration, without the token.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Token {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Token>,
    /// Given by its maker.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Its last letters.
    #[diesel(sql_type = Text)]
    pub last4: String,
    /// What it may do, by name.
    #[diesel(sql_type = Array<Text>)]
    pub abilities: Vec<String>,
    /// Who made it; none when a token or the server did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub created_by: Option<Id<id::User>>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it stops working; none means never.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub expires_at: Option<DateTime<Utc>>,
    /// Last use, to the minute.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Address of the last use.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_used_ip: Option<String>,
    /// When it was revoked.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Where it is in its life.
    pub fn status(&self, now: DateTime<Utc>) -> TokenStatus {
        TokenStatus::at(now, self.expires_at, self.revoked_at)
    }

    /// How it begins.
    pub const fn prefix(&self) -> &'static str {
        prefix(TokenKind::Integration)
    }
}

/// A token that was found and is not revoked. It may have expired since: ask [`Verified::is_expired`] at each use.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Whose it is.
    pub tenant: TenantId,
    /// Integer id of the institution.
    pub institution_number: i64,
    /// Our id.
    pub id: Id<id::Token>,
    /// Who acts with it.
    pub actor: Actor,
    /// Given by its maker.
    pub name: String,
    /// What it may do now.
    pub abilities: Arc<[Ability]>,
    /// When it stops working; none means never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last use that was written down.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Verified {
    /// Has it stopped working by then.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}
