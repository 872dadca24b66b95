//! PostgreSQL: the pools, the wall between institutions, cached statements, migrations.
//!
//! Not here: any statement of a concept; those stay in its folder. `schema.rs` beside this file is printed from a
//! migrated database for whoever reads: every table and column with what it means. Statements are text, so no code
//! needs it, and it is not compiled.

mod connect;
mod copy;
mod keyed;
mod migrate;
mod page;
mod pool;
mod sql;
mod tenancy;
mod values;

pub use connect::{Endpoint, Login};
pub use copy::{Copy, Piece, Snapshot};
pub use keyed::{Total, find_by_keys};
pub use migrate::{SchemaState, migrate, revert_all, schema_state};
pub use page::{PageRequest, Paged};
pub use pool::{Db, DbOptions, PoolStatus};
pub use sql::{Bound, Sql, composed, sql};
pub use tenancy::{HouseTx, TenantTx};
pub(crate) use values::word_column;

use crate::error::{Code, Error};

/// Translates a database error. A violated constraint is a conflict that its slice should have named; the
/// rest is ours, or an outage.
pub fn failed(error: diesel::result::Error) -> Error {
    use diesel::result::{DatabaseErrorKind as Kind, Error as E};
    match &error {
        E::NotFound => Error::not_found("row").because(error),
        E::DatabaseError(Kind::UniqueViolation, info) => {
            let constraint = info.constraint_name().unwrap_or_default().to_owned();
            Error::new(Code::Conflict, "something with the same key exists")
                .because(anyhow::anyhow!("{constraint}: {error}"))
        }
        E::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) | E::BrokenTransactionManager => {
            unavailable(error)
        }
        E::DatabaseError(Kind::SerializationFailure, _) => unavailable(error),
        E::DatabaseError(_, info) if info.message().contains("terminating connection") => unavailable(error),
        E::DatabaseError(_, info) if info.message().contains("security policy \"course_wall") => {
            Error::new(Code::AbilityMissing, "the token is limited to some courses, and this reaches beyond them")
                .because(error)
        }
        _ => Error::internal(error),
    }
}

/// The answer while PostgreSQL cannot be reached.
pub(crate) fn unavailable(cause: impl Into<anyhow::Error>) -> Error {
    Error::new(Code::UpstreamUnavailable, "the database is not available; try again shortly")
        .because(cause)
        .retry_after_secs(1)
}

/// Is the violation of this unique constraint.
pub fn violates(error: &diesel::result::Error, constraint: &str) -> bool {
    matches!(error, diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::UniqueViolation, info)
        if info.constraint_name() == Some(constraint))
}

/// A unique constraint, the field that it guards, and what is wanted.
pub type Guard = (&'static str, &'static str, &'static str);

/// Translates the violation of a guarded constraint to a conflict that names the field.
pub fn taken(error: diesel::result::Error, guards: &[Guard]) -> Error {
    match guards.iter().find(|(constraint, ..)| violates(&error, constraint)) {
        Some((_, pointer, detail)) => conflict(pointer, detail),
        None => failed(error),
    }
}

/// The answer to a key that something else has.
pub fn conflict(pointer: &str, detail: &'static str) -> Error {
    Error::new(Code::Conflict, detail).with_fields(vec![crate::error::FieldFault::new(pointer, "taken", detail)])
}
