//! How typed ids and words travel to and from PostgreSQL.

use diesel::{
    deserialize::{self, FromSql},
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::id::{Id, Kind};

impl<K> FromSql<SqlUuid, Pg> for Id<K> {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <Uuid as FromSql<SqlUuid, Pg>>::from_sql(value).map(Self::from_uuid)
    }
}

impl<K: Kind> ToSql<SqlUuid, Pg> for Id<K> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <Uuid as ToSql<SqlUuid, Pg>>::to_sql(&self.uuid(), &mut out.reborrow())
    }
}

/// Lets a closed list of words stand in a row: `as_str` and `FromStr` are what it needs.
#[macro_export]
macro_rules! word_column {
    ($name:ty) => {
        impl diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                let text =
                    <String as diesel::deserialize::FromSql<diesel::sql_types::Text, diesel::pg::Pg>>::from_sql(value)?;
                text.parse().map_err(|_| format!("unknown {}: {text}", stringify!($name)).into())
            }
        }
    };
}
pub(crate) use word_column;
