//! Objects that a request is limited to, named as the requester knows them.
//!
//! # Shape
//! Lists by kind: `courses`, `lessons` or `sections`, `quizzes`, `tasks`, `scorms`, `materials`, `items` of any kind.
//! Each object by our id, by `external_id:` and the institution's own key, or by the integer that a Teachbase receiver
//! reads.
//!
//! # Source
//! help.teachbase.ru, managers/api-and-integrations/04: "the id of the course, quiz, task, SCORM or material, or all".

use std::fmt;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use uuid::Uuid;

use crate::{ScopeId, ScopeKeys};
use stoa_core::{
    db::{TenantTx, failed, sql},
    error::Result,
    fields::Fields,
    id::{Course, Id, Item, Lesson},
};

/// Most objects of one limit.
const OBJECTS_MAX: usize = 500;

/// Names an object, which need not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectKey(String);

impl<'de> Deserialize<'de> for ObjectKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;
        impl de::Visitor<'_> for TextOrNumber {
            type Value = ObjectKey;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id, external_id:… or a whole number")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<ObjectKey, E> {
                Ok(ObjectKey(text.to_owned()))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<ObjectKey, E> {
                Ok(ObjectKey(number.to_string()))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<ObjectKey, E> {
                Ok(ObjectKey(number.to_string()))
            }
        }
        deserializer.deserialize_any(TextOrNumber)
    }
}

impl JsonSchema for ObjectKey {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ObjectKey".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "description": "Our id, `external_id:` and the institution's own key, or the integer id",
        })
    }
}

/// Objects that a requested subscription is limited to: what happens on any of them, or inside.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RequestScope {
    /// Courses.
    pub courses: Vec<ObjectKey>,
    /// Lessons.
    pub lessons: Vec<ObjectKey>,
    /// Lessons, as Teachbase calls them.
    pub sections: Vec<ObjectKey>,
    /// Training items that are quizzes.
    pub quizzes: Vec<ObjectKey>,
    /// Training items that are tasks.
    pub tasks: Vec<ObjectKey>,
    /// Training items that are SCORM packages.
    pub scorms: Vec<ObjectKey>,
    /// Training items that are materials.
    pub materials: Vec<ObjectKey>,
    /// Training items of any kind.
    pub items: Vec<ObjectKey>,
}

/// An object before it is found.
struct Named<'a> {
    owner: usize,
    kind: &'static str,
    pointer: String,
    key: &'a ObjectKey,
}

impl Named<'_> {
    fn id(&self) -> Option<Uuid> {
        let text = self.key.0.as_str();
        match self.kind {
            "course" => text.parse::<Id<Course>>().map(Id::uuid).ok(),
            "lesson" => text.parse::<Id<Lesson>>().map(Id::uuid).ok(),
            _ => text.parse::<Id<Item>>().map(Id::uuid).ok(),
        }
    }

    fn external_id(&self) -> Option<&str> {
        self.key.0.strip_prefix("external_id:").filter(|text| !text.contains('\0'))
    }

    fn number(&self) -> Option<i64> {
        self.key.0.parse().ok()
    }

    const fn found(&self, id: Uuid) -> ScopeId {
        match self.kind.as_bytes() {
            b"course" => ScopeId::Course(Id::from_uuid(id)),
            b"lesson" => ScopeId::Lesson(Id::from_uuid(id)),
            _ => ScopeId::Item(Id::from_uuid(id)),
        }
    }
}

impl RequestScope {
    fn named(&self, owner: usize, pointer: &str) -> Vec<Named<'_>> {
        let lists = [
            ("course", "courses", &self.courses),
            ("lesson", "lessons", &self.lessons),
            ("lesson", "sections", &self.sections),
            ("quiz", "quizzes", &self.quizzes),
            ("task", "tasks", &self.tasks),
            ("scorm", "scorms", &self.scorms),
            ("material", "materials", &self.materials),
            ("item", "items", &self.items),
        ];
        let one =
            |kind, list: &str, at: usize, key| Named { owner, kind, pointer: format!("{pointer}/{list}/{at}"), key };
        let mut named = Vec::new();
        for (kind, list, keys) in lists {
            named.extend(keys.iter().enumerate().map(|(at, key)| one(kind, list, at, key)));
        }
        named
    }
}

const RESOLVE: &str = "SELECT n.ord, COALESCE(c.id, l.id, i.id) AS id
FROM unnest($2, $3, $4, $5) WITH ORDINALITY AS n(kind, id, external_id, number, ord)
LEFT JOIN courses c ON n.kind = 'course' AND c.tenant_id = $1 AND c.deleted_at IS NULL
  AND (c.id = n.id OR c.external_id = n.external_id OR c.number = n.number)
LEFT JOIN lessons l ON n.kind = 'lesson' AND l.tenant_id = $1 AND l.deleted_at IS NULL
  AND (l.id = n.id OR l.external_id = n.external_id OR l.number = n.number)
LEFT JOIN training_items i ON n.kind NOT IN ('course', 'lesson') AND i.tenant_id = $1 AND i.deleted_at IS NULL
  AND (n.kind = 'item' OR i.kind = n.kind) AND (i.id = n.id OR i.external_id = n.external_id OR i.number = n.number)
ORDER BY n.ord";

/// Finds the objects of several limits by one statement, each limit under its pointer; none where there is no limit.
///
/// # Errors
/// `validation_failed` naming each object that is not there, or is of another kind.
pub async fn resolve(
    tx: &mut TenantTx,
    scopes: &[(String, Option<&RequestScope>)],
) -> Result<Vec<Option<Vec<ScopeId>>>> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        ord: i64,
        #[diesel(sql_type = Nullable<SqlUuid>)]
        id: Option<Uuid>,
    }
    let mut fields = Fields::new();
    let mut wanted: Vec<Named<'_>> = Vec::new();
    for (owner, (pointer, scope)) in scopes.iter().enumerate() {
        let Some(scope) = scope else { continue };
        let named = scope.named(owner, pointer);
        fields.within(pointer, &named.len(), &(1..=OBJECTS_MAX));
        wanted.extend(named);
    }
    fields.finish()?;
    let tenant = tx.tenant();
    let rows: Vec<Row> = sql(RESOLVE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<Text>, _>(wanted.iter().map(|one| one.kind).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(wanted.iter().map(Named::id).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(wanted.iter().map(Named::external_id).collect::<Vec<_>>())
        .bind::<Array<Nullable<BigInt>>, _>(wanted.iter().map(Named::number).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)?;
    let mut fields = Fields::new();
    let mut found: Vec<Option<Vec<ScopeId>>> = scopes.iter().map(|(_, scope)| scope.map(|_| Vec::new())).collect();
    for row in rows {
        let Some(one) = usize::try_from(row.ord - 1).ok().and_then(|place| wanted.get(place)) else { continue };
        match (row.id, found.get_mut(one.owner)) {
            (Some(id), Some(Some(ids))) => {
                let id = one.found(id);
                if !ids.contains(&id) {
                    ids.push(id);
                }
            }
            _ => fields.fault(&one.pointer, "not_found", format!("no such {} here", one.kind)),
        }
    }
    fields.finish()?;
    Ok(found)
}

/// The same objects, as a subscription takes them.
pub(super) fn keys(scope: &[ScopeId]) -> ScopeKeys {
    let mut keys = ScopeKeys::default();
    for object in scope {
        match object {
            ScopeId::Course(id) => keys.courses.push((*id).into()),
            ScopeId::Lesson(id) => keys.lessons.push((*id).into()),
            ScopeId::Item(id) => keys.items.push((*id).into()),
        }
    }
    keys
}
