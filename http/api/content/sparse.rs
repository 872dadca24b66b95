//! Rows of which a caller wants some fields, and what they hold along with them.
//!
//! What a row holds is bounded by the page: with `include` it has at most [`INCLUDING_MAX`] rows.

use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::Value;
use stoa_core::{Error, Key, Result, db::PageRequest, fields::Fields, id::Kind};
use uuid::Uuid;

use crate::doors::Sample;

/// Most rows of a page that shows what its rows hold.
const INCLUDING_MAX: i64 = 25;
/// Most ids of a query.
const IDS_MAX: usize = 100;

/// A row with the fields that were asked for, its id among them in any case.
#[derive(Debug)]
pub(super) struct Sparse<T> {
    row: T,
    wanted: Wanted,
}

/// The fields that are wanted; none means all.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted(Option<Arc<[String]>>);

impl Wanted {
    /// Reads `fields`.
    ///
    /// # Errors
    /// `validation_failed` for a field that rows of this kind do not have; it says which they have.
    pub(super) fn of<T: JsonSchema>(fields: Option<Vec<String>>) -> Result<Self> {
        let Some(fields) = fields else { return Ok(Self(None)) };
        let known = names_of::<T>();
        if let Some(unknown) = fields.iter().find(|field| !known.contains(field)) {
            let detail = format!("there is no field {unknown}; wanted some of {}", known.join(", "));
            return Err(Error::invalid_field("?fields", "unknown", detail));
        }
        Ok(Self(Some(fields.into_iter().chain(["id".to_owned()]).collect())))
    }

    /// The row with these fields.
    pub(super) fn row<T>(&self, row: T) -> Sparse<T> {
        Sparse { row, wanted: self.clone() }
    }
}

/// The names of the fields of rows of a kind.
fn names_of<T: JsonSchema>() -> Vec<String> {
    let schema = T::json_schema(&mut SchemaGenerator::default());
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flat_map(|properties| properties.keys().cloned()).collect()
}

impl<T: Serialize> Serialize for Sparse<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(wanted) = &self.wanted.0 else { return self.row.serialize(serializer) };
        let mut row = serde_json::to_value(&self.row).map_err(S::Error::custom)?;
        if let Value::Object(fields) = &mut row {
            fields.retain(|name, _| wanted.contains(name));
        }
        row.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Sparse<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }
    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }
    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        T::json_schema(schemas)
    }
}

impl<T: Sample> Sample for Sparse<T> {
    fn sample() -> Self {
        Wanted::default().row(T::sample())
    }
}

/// Refuses a page of very many rows with all that they hold.
///
/// # Errors
/// `validation_failed`.
pub(super) fn bounded(request: PageRequest, includes: bool) -> Result<PageRequest> {
    if includes && request.per_page > INCLUDING_MAX {
        let detail = format!("wanted at most {INCLUDING_MAX} with include");
        return Err(Error::invalid_field("?per_page", "range", detail));
    }
    Ok(request)
}

/// Reads a list of ids.
///
/// # Errors
/// `validation_failed` for more than 100, and for what is no id of the kind.
pub(super) fn ids_of<K: Kind>(keys: Option<Vec<Key<K>>>) -> Result<Option<Vec<Uuid>>> {
    let Some(keys) = keys else { return Ok(None) };
    let mut fields = Fields::new();
    if keys.len() > IDS_MAX {
        fields.fault("?ids", "length", format!("wanted at most {IDS_MAX}"));
    }
    if keys.iter().any(|key| key.id().is_none()) {
        fields.fault("?ids", "format", "wanted ids with commas between them");
    }
    fields.finish()?;
    Ok(Some(keys.iter().filter_map(Key::id).collect()))
}
