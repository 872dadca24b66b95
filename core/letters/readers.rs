//! Whom letters of an institution go to.

use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;

use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    scope::Role,
};

/// Somebody who is written to.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Reader {
    /// The person.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::User>,
    /// Address.
    #[diesel(sql_type = Text)]
    pub email: String,
    /// Whole name.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Language of the person, else the institution's.
    #[diesel(sql_type = Text)]
    pub locale: String,
    /// Language of the institution, where we lack the person's.
    #[diesel(sql_type = Text)]
    pub institution_locale: String,
    /// Time zone of the person, else the institution's.
    #[diesel(sql_type = Text)]
    pub time_zone: String,
}

/// Columns of a [`Reader`], of users `u` and institutions `i`.
#[macro_export]
macro_rules! reader_columns {
    () => {
        "u.id, u.email, u.name, COALESCE(u.locale, i.locale) AS locale, i.locale AS institution_locale,
         COALESCE(u.time_zone, i.time_zone) AS time_zone"
    };
}

macro_rules! readers {
    ($which:literal) => {
        concat!(
            "SELECT ",
            reader_columns!(),
            " FROM memberships m
              JOIN users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
              JOIN institutions i ON i.tenant_id = m.tenant_id
              WHERE m.tenant_id = $1 AND m.status = 'active' AND ",
            $which,
            " ORDER BY u.id"
        )
    };
}

/// The active members of some roles.
///
/// # Errors
/// As the database says.
pub async fn readers(tx: &mut TenantTx, roles: &[Role]) -> Result<Vec<Reader>> {
    let (tenant, roles) = (tx.tenant(), roles.iter().map(|role| role.as_str()).collect::<Vec<_>>());
    let statement = sql(readers!("m.role = ANY ($2)")).bind::<SqlUuid, _>(tenant).bind::<Array<Text>, _>(roles);
    statement.load(tx.connection()).await.map_err(failed)
}

/// One active member; none who is not active any more.
///
/// # Errors
/// As the database says.
pub async fn reader(tx: &mut TenantTx, user: Id<id::User>) -> Result<Option<Reader>> {
    let tenant = tx.tenant();
    let statement = sql(readers!("m.user_id = $2")).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(user);
    statement.get_result(tx.connection()).await.optional().map_err(failed)
}
