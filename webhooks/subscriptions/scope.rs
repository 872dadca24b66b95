//! To what a subscription is limited: named objects, which must be there.

use std::fmt;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use stoa_core::{
    db::{TenantTx, failed, sql},
    error::Result,
    fields::Fields,
    id::{self, Id},
    key::Key,
};

/// Most objects that a subscription is limited to.
const OBJECTS_MAX: usize = 500;

/// Objects that a subscription is limited to: what happens on any of them, or inside.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScopeKeys {
    /// Courses, `crs_…` or `external_id:…`.
    pub courses: Vec<Key<id::Course>>,
    /// Lessons, `lsn_…` or `external_id:…`.
    pub lessons: Vec<Key<id::Lesson>>,
    /// Training items, `itm_…` or `external_id:…`.
    pub items: Vec<Key<id::Item>>,
}

/// An object that a subscription is limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeId {
    /// A course and all that happens in it.
    Course(Id<id::Course>),
    /// A lesson and all that happens in it.
    Lesson(Id<id::Lesson>),
    /// An item.
    Item(Id<id::Item>),
}

impl ScopeId {
    /// Puts together what a row keeps apart; none where nothing limits it.
    pub(crate) fn of_columns(ids: Option<Vec<Uuid>>, kinds: Option<Vec<String>>) -> Option<Vec<Self>> {
        let pairs = ids.zip(kinds);
        pairs.map(|(ids, kinds)| ids.into_iter().zip(kinds).filter_map(|(id, kind)| Self::read(&kind, id)).collect())
    }

    fn read(kind: &str, id: Uuid) -> Option<Self> {
        match kind {
            "course" => Some(Self::Course(Id::from_uuid(id))),
            "lesson" => Some(Self::Lesson(Id::from_uuid(id))),
            "item" => Some(Self::Item(Id::from_uuid(id))),
            _ => None,
        }
    }
}

impl fmt::Display for ScopeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Course(id) => id.fmt(f),
            Self::Lesson(id) => id.fmt(f),
            Self::Item(id) => id.fmt(f),
        }
    }
}

/// Ids of the objects that a subscription is limited to, and the kind of each.
pub(super) type Limits = (Vec<Uuid>, Vec<String>);

/// A named object before it is found: its kind, its place in the request, and one of two keys.
struct Named {
    kind: &'static str,
    pointer: String,
    id: Option<Uuid>,
    external_id: Option<String>,
}

fn named<K>(kind: &'static str, list: &'static str, keys: &[Key<K>]) -> impl Iterator<Item = Named> {
    let named: Vec<Named> = keys
        .iter()
        .enumerate()
        .map(|(at, key)| Named {
            kind,
            pointer: format!("/scope/{list}/{at}"),
            id: key.id(),
            external_id: key.external_id().map(ToOwned::to_owned),
        })
        .collect();
    named.into_iter()
}

const RESOLVE: &str = "SELECT n.ord, n.kind, COALESCE(c.id, l.id, i.id) AS id
FROM unnest($2, $3, $4) WITH ORDINALITY AS n(kind, id, external_id, ord)
LEFT JOIN courses c ON n.kind = 'course' AND c.tenant_id = $1 AND c.deleted_at IS NULL
  AND (c.id = n.id OR c.external_id = n.external_id)
LEFT JOIN lessons l ON n.kind = 'lesson' AND l.tenant_id = $1 AND l.deleted_at IS NULL
  AND (l.id = n.id OR l.external_id = n.external_id)
LEFT JOIN training_items i ON n.kind = 'item' AND i.tenant_id = $1 AND i.deleted_at IS NULL
  AND (i.id = n.id OR i.external_id = n.external_id)
ORDER BY n.ord";

/// Finds the objects of a limit, ids beside kinds; none where there is no limit.
///
/// # Errors
/// `validation_failed` naming each object that is not there.
pub(super) async fn resolve(tx: &mut TenantTx, keys: Option<&ScopeKeys>) -> Result<Option<Limits>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        ord: i64,
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        id: Option<Uuid>,
    }
    let Some(keys) = keys else { return Ok(None) };
    let wanted: Vec<Named> = named("course", "courses", &keys.courses)
        .chain(named("lesson", "lessons", &keys.lessons))
        .chain(named("item", "items", &keys.items))
        .collect();
    let mut fields = Fields::new();
    fields.within("/scope", &wanted.len(), &(1..=OBJECTS_MAX));
    fields.finish()?;
    let tenant = tx.tenant().uuid();
    let rows: Vec<Row> = sql(RESOLVE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<Text>, _>(wanted.iter().map(|one| one.kind).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(wanted.iter().map(|one| one.id).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(wanted.iter().map(|one| one.external_id.as_deref()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut fields = Fields::new();
    for row in rows.iter().filter(|row| row.id.is_none()) {
        let place = usize::try_from(row.ord - 1).unwrap_or_default();
        let pointer = wanted.get(place).map_or("/scope", |one| one.pointer.as_str());
        fields.fault(pointer, "not_found", format!("no such {} here", row.kind));
    }
    fields.finish()?;
    Ok(Some(rows.into_iter().filter_map(|row| row.id.map(|id| (id, row.kind))).unzip()))
}
