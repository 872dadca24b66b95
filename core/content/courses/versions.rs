//! Versions: a course as it was each time that it was published, and what was different then.
//!
//! Keys to answers are not in them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::{
    OptionalExtension, QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde_json::{Map, Value, json};

use super::Course;
use crate::{
    content::{noted::Noted, outline},
    db::{PageRequest, Paged, TenantTx, Total, failed, sql},
    error::{Error, Result},
    id::{self, Id},
    scope::Scope,
};

macro_rules! summary {
    () => {
        "v.edition, v.course_version, v.changes, v.note, v.published_by, v.published_at"
    };
}
const LATEST: &str = "SELECT v.content FROM course_versions v WHERE v.tenant_id = $1 AND v.course_id = $2
  ORDER BY v.edition DESC LIMIT 1";
const COUNT: &str = "SELECT count(*) AS total FROM course_versions v WHERE v.tenant_id = $1 AND v.course_id = $2";
const PAGE: &str = concat!(
    "SELECT ",
    summary!(),
    " FROM course_versions v WHERE v.tenant_id = $1 AND v.course_id = $2 ORDER BY v.edition DESC LIMIT $3 OFFSET $4"
);
const ONE: &str = concat!(
    "SELECT ",
    summary!(),
    ", v.content FROM course_versions v WHERE v.tenant_id = $1 AND v.course_id = $2 AND v.edition = $3"
);
const INSERT: &str = "INSERT INTO course_versions
  (tenant_id, course_id, edition, course_version, content, changes, note, published_by, published_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Of the course's own fields, those that say where it is on its way, and not what it is.
const NOT_CONTENT: [&str; 6] = ["status", "version", "edition", "reviewer_id", "review_note", "author_id"];

/// When a course was published, and what was different.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct VersionSummary {
    /// From 1.
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    /// Version of the course's own row at that time.
    #[diesel(sql_type = Integer)]
    pub course_version: i32,
    /// What differs from the edition before.
    #[diesel(sql_type = Jsonb)]
    pub changes: Value,
    /// Words of whoever published it.
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    /// Who published it; none for an integration.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub published_by: Option<Id<id::User>>,
    /// When it was published.
    #[diesel(sql_type = Timestamptz)]
    pub published_at: DateTime<Utc>,
}

/// A course as it was when it was published.
#[derive(Debug, Clone, PartialEq, QueryableByName)]
pub struct CourseVersion {
    /// When, and what was different.
    #[diesel(embed)]
    pub summary: VersionSummary,
    /// The course with its lessons, trainings and items.
    #[diesel(sql_type = Jsonb)]
    pub content: Value,
}

#[derive(QueryableByName)]
struct Content {
    #[diesel(sql_type = Jsonb)]
    content: Value,
}

/// An edition that is not written yet.
pub(super) struct Draft {
    content: Value,
    changes: Value,
}

/// What would be a new edition of a course; none where nothing differs from the latest.
pub(super) async fn draft(tx: &mut TenantTx, course: &Course) -> Result<Option<Draft>> {
    let (tenant, content) = (tx.tenant(), content(tx, course).await?);
    let latest = sql(LATEST).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course.id);
    let latest: Option<Content> = latest.get_result(tx.connection()).await.optional().map_err(failed)?;
    let before = latest.map(|latest| latest.content);
    if before.as_ref() == Some(&content) {
        return Ok(None);
    }
    let changes = before.map_or_else(|| json!([]), |before| differences(&before, &content));
    Ok(Some(Draft { content, changes }))
}

/// Writes an edition of a course.
pub(super) async fn keep(
    tx: &mut TenantTx,
    scope: &Scope,
    course: &Course,
    (draft, note): (Draft, Option<&str>),
) -> Result<()> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sql(INSERT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(course.id)
        .bind::<Integer, _>(course.edition)
        .bind::<Integer, _>(course.version)
        .bind::<Jsonb, _>(draft.content)
        .bind::<Jsonb, _>(draft.changes)
        .bind::<Nullable<Text>, _>(note)
        .bind::<Nullable<SqlUuid>, _>(scope.person())
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Lists the editions of a course, the newest first.
///
/// # Errors
/// As the database says.
pub async fn list_versions(
    tx: &mut TenantTx,
    course: Id<id::Course>,
    request: PageRequest,
) -> Result<Paged<VersionSummary>> {
    let tenant = tx.tenant();
    let wanted = |text: &'static str| sql(text).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course);
    let total: Total = wanted(COUNT).get_result(tx.connection()).await.map_err(failed)?;
    let page = wanted(PAGE).bind::<BigInt, _>(request.per_page).bind::<BigInt, _>(request.offset());
    Ok(Paged { rows: page.load(tx.connection()).await.map_err(failed)?, total: total.total, request })
}

/// Gets an edition of a course.
///
/// # Errors
/// `not_found`.
pub async fn get_version(tx: &mut TenantTx, course: Id<id::Course>, edition: i32) -> Result<CourseVersion> {
    let tenant = tx.tenant();
    let one = sql(ONE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(course).bind::<Integer, _>(edition);
    let found = one.get_result(tx.connection()).await.optional().map_err(failed)?;
    found.ok_or_else(|| Error::not_found("version"))
}

async fn content(tx: &mut TenantTx, course: &Course) -> Result<Value> {
    let (mut lessons, mut trainings, mut items) = (Vec::new(), Vec::new(), Vec::new());
    for part in outline(tx, &[course.id]).await? {
        lessons.push(shown(&part.lesson));
        for part in part.trainings {
            trainings.push(shown(&part.training));
            items.extend(part.items.iter().map(shown));
        }
    }
    let mut told = shown(course);
    if let Value::Object(fields) = &mut told {
        fields.retain(|name, _| !NOT_CONTENT.contains(&name.as_str()));
    }
    Ok(json!({ "course": told, "lessons": lessons, "trainings": trainings, "items": items }))
}

fn shown<T: Noted>(part: &T) -> Value {
    let mut told = part.told();
    if let Value::Object(fields) = &mut told {
        fields.insert("id".to_owned(), json!(part.id().to_string()));
    }
    told
}

/// What was added, removed and changed, part by part: `[{object, id, change, fields}]`.
fn differences(before: &Value, after: &Value) -> Value {
    let (before, after) = (parts(before), parts(after));
    let entry = |(object, id): &(&str, &str), change: &str, fields: Vec<&str>| json!({ "object": object, "id": id, "change": change, "fields": fields });
    let gone = before.keys().filter(|key| !after.contains_key(*key)).map(|key| entry(key, "removed", Vec::new()));
    let others = after.iter().filter_map(|(key, now)| match before.get(key) {
        None => Some(entry(key, "added", Vec::new())),
        Some(was) if was == now => None,
        Some(was) => Some(entry(key, "changed", changed(was, now))),
    });
    others.chain(gone).collect()
}

fn changed<'a>(was: &'a Map<String, Value>, now: &'a Map<String, Value>) -> Vec<&'a str> {
    let differs = |name: &&String| was.get(*name) != now.get(*name) && *name != "version";
    now.keys().filter(differs).map(String::as_str).collect()
}

fn parts<'a>(content: &'a Value) -> BTreeMap<(&'static str, &'a str), &'a Map<String, Value>> {
    let lists = [("lesson", "lessons"), ("training", "trainings"), ("training_item", "items")];
    let listed = lists.into_iter().flat_map(|(object, list)| {
        content.get(list).and_then(Value::as_array).into_iter().flatten().map(move |part| (object, part))
    });
    let course = content.get("course").map(|course| ("course", course));
    let keyed = |(object, part): (&'static str, &'a Value)| {
        let fields = part.as_object()?;
        Some(((object, fields.get("id")?.as_str()?), fields))
    };
    listed.chain(course).filter_map(keyed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editions_differ_part_by_part_and_field_by_field() {
        let lesson = |id: &str, title: &str, version: i32| json!({ "id": id, "title": title, "version": version });
        let of = |title: &str, lessons: Vec<Value>| json!({ "course": { "id": "crs_1", "title": title }, "lessons": lessons });
        let before = of("A", vec![lesson("lsn_1", "One", 1), lesson("lsn_2", "Two", 1), lesson("lsn_3", "Three", 1)]);
        let after = of("B", vec![lesson("lsn_1", "Uno", 2), lesson("lsn_3", "Three", 1), lesson("lsn_4", "Four", 1)]);
        assert_eq!(
            differences(&before, &after),
            json!([
                { "object": "course", "id": "crs_1", "change": "changed", "fields": ["title"] },
                { "object": "lesson", "id": "lsn_1", "change": "changed", "fields": ["title"] },
                { "object": "lesson", "id": "lsn_4", "change": "added", "fields": [] },
                { "object": "lesson", "id": "lsn_2", "change": "removed", "fields": [] },
            ])
        );
        assert_eq!(differences(&after, &after), json!([]));
    }
}
