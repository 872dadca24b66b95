//! The rows of applications, and nothing else.

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};

use super::ClientId;
use crate::{
    id::{self, Id, TenantId},
    scope::Ability,
};

macro_rules! application_columns {
    () => {
        "a.tenant_id, a.id, a.name, a.scopes, a.secret_last4, a.secret_made_at, a.previous_until, a.created_by,
         a.created_at, a.updated_at, a.last_used_at, a.last_used_ip"
    };
}
pub(super) use application_columns;

/// An application, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Application {
    /// The institution.
    #[diesel(sql_type = SqlUuid)]
    pub tenant_id: TenantId,
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Application>,
    /// Given by its maker.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Abilities of its tokens, by name.
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    /// Last letters of the secret.
    #[diesel(sql_type = Text)]
    pub secret_last4: String,
    /// When the secret was made.
    #[diesel(sql_type = Timestamptz)]
    pub secret_made_at: DateTime<Utc>,
    /// Until when the secret before works; none when there is none.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub previous_until: Option<DateTime<Utc>>,
    /// Who made it; none when a token or the server did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub created_by: Option<Id<id::User>>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    /// When it last took a token.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// Address from which it did.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_used_ip: Option<String>,
}

impl Application {
    /// What it calls itself.
    pub const fn client_id(&self) -> ClientId {
        ClientId { tenant: self.tenant_id, application: self.id }
    }

    /// Abilities of its tokens.
    pub fn abilities(&self) -> Vec<Ability> {
        self.scopes.iter().filter_map(|name| name.parse().ok()).collect()
    }
}
