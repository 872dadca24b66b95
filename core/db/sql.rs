//! A statement written out, whose plan PostgreSQL keeps.
//!
//! `diesel::sql_query` prepares its text anew each time, which costs a round trip and a parse per statement.
//! [`sql`] is the same with a text that never changes, so diesel-async caches the prepared statement.

use std::{
    collections::BTreeSet,
    marker::PhantomData,
    sync::{Mutex, PoisonError},
};

use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{HasSqlType, Untyped},
};

/// A statement without values yet.
#[derive(Debug, Clone, Copy)]
pub struct Sql(&'static str);

/// A statement with one value more.
#[derive(Debug, Clone)]
pub struct Bound<Inner, T, ST> {
    inner: Inner,
    value: T,
    sql_type: PhantomData<fn() -> ST>,
}

/// Begins a statement with placeholders `$1`, `$2`, …; rows are read by column name.
pub const fn sql(text: &'static str) -> Sql {
    Sql(text)
}

/// A statement that was put together: of the same parts always the same text, so that it too is prepared once. Texts are
/// kept for good, so they are made of the house's own words alone and there is a bounded number of them; what a request
/// brings is bound.
pub fn composed(text: String) -> Sql {
    static KNOWN: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = known.get(text.as_str()) {
        return Sql(known);
    }
    let text: &'static str = Box::leak(text.into_boxed_str());
    known.insert(text);
    Sql(text)
}

impl Sql {
    /// Binds `$1`.
    pub const fn bind<ST, T>(self, value: T) -> Bound<Self, T, ST> {
        Bound { inner: self, value, sql_type: PhantomData }
    }
}

impl<Inner, U, SU> Bound<Inner, U, SU> {
    /// Binds the next placeholder.
    pub const fn bind<ST, T>(self, value: T) -> Bound<Self, T, ST> {
        Bound { inner: self, value, sql_type: PhantomData }
    }
}

impl QueryFragment<Pg> for Sql {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

impl<Inner, T, ST> QueryFragment<Pg> for Bound<Inner, T, ST>
where
    Inner: QueryFragment<Pg>,
    T: ToSql<ST, Pg>,
    Pg: HasSqlType<ST>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.inner.walk_ast(out.reborrow())?;
        out.push_bind_param_value_only::<ST, _>(&self.value)
    }
}

// The text is the key of the cache: there is no type that stands for it.
impl QueryId for Sql {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<Inner, T, ST> QueryId for Bound<Inner, T, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Sql {
    type SqlType = Untyped;
}
impl<Inner, T, ST> Query for Bound<Inner, T, ST> {
    type SqlType = Untyped;
}
