//! What may be done with learning paths.

use std::collections::HashSet;

use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{COURSES_MAX, LearningPath, LearningPathChange, NewLearningPath, queries};
use crate::{
    audit::Entry,
    content::courses,
    db::{Guard, TenantTx, failed, sql, taken},
    error::Result,
    fields::Fields,
    id::{self, Id},
    key::Key,
};

const INSERT: &str = "INSERT INTO learning_paths (tenant_id, id, external_id, title, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $5)";
const UPDATE: &str =
    "UPDATE learning_paths SET external_id = $3, title = $4, updated_at = $5 WHERE tenant_id = $1 AND id = $2";
const DELETE: &str = "DELETE FROM learning_paths WHERE tenant_id = $1 AND id = $2";
const CLEAR: &str = "DELETE FROM learning_path_courses WHERE tenant_id = $1 AND path_id = $2";
const FILL: &str = "INSERT INTO learning_path_courses (tenant_id, path_id, course_id, position)
  SELECT $1, $2, c.id, c.position FROM unnest($3) WITH ORDINALITY AS c(id, position)";

const GUARDS: [Guard; 1] = [(
    "learning_paths_tenant_id_external_id_key",
    "/external_id",
    "another learning path of this institution has the same external id",
)];

/// What a change did.
#[derive(Debug)]
pub struct Changed {
    /// The path as it is now.
    pub path: LearningPath,
    /// Some courses are new to it: whoever is on it is to be put on them.
    pub grew: bool,
    /// Courses that it has no longer, for the sweep.
    pub left: Vec<Id<id::Course>>,
}

/// Makes a learning path.
///
/// # Errors
/// `validation_failed`; `conflict` when the external id is taken.
pub async fn create(tx: &mut TenantTx, new: NewLearningPath) -> Result<LearningPath> {
    let mut path = LearningPath {
        id: tx.new_id(),
        external_id: new.external_id,
        title: new.title,
        course_ids: Vec::new(),
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let mut fields = check(&mut path);
    path.course_ids = resolve(tx, &mut fields, &new.course_ids).await?;
    fields.finish()?;
    write(tx, INSERT, &path).await?;
    fill(tx, &path).await?;
    tx.audit(Entry::of("learning_path.created", path.id).is(told(&path)));
    Ok(path)
}

/// Changes a learning path.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` when the external id is taken.
pub async fn change(tx: &mut TenantTx, key: &Key<id::LearningPath>, change: LearningPathChange) -> Result<Changed> {
    let mut path = queries::get(tx, key).await?;
    let (before, was) = (path.course_ids.clone(), told(&path));
    path.title = change.title.unwrap_or(path.title);
    path.external_id = change.external_id.unwrap_or(path.external_id);
    let mut fields = check(&mut path);
    if let Some(keys) = &change.course_ids {
        path.course_ids = resolve(tx, &mut fields, keys).await?;
    }
    fields.finish()?;
    path.updated_at = tx.now();
    write(tx, UPDATE, &path).await?;
    if path.course_ids != before {
        fill(tx, &path).await?;
    }
    tx.audit(Entry::of("learning_path.changed", path.id).differing(&was, &told(&path)));
    let grew = path.course_ids.iter().any(|course| !before.contains(course));
    let left = before.into_iter().filter(|course| !path.course_ids.contains(course)).map(Id::from_uuid).collect();
    Ok(Changed { path, grew, left })
}

/// Deletes a learning path. Answers the courses that it had, for the sweep.
///
/// # Errors
/// `not_found`.
pub async fn remove(tx: &mut TenantTx, key: &Key<id::LearningPath>) -> Result<Vec<Id<id::Course>>> {
    let path = queries::get(tx, key).await?;
    let tenant = tx.tenant();
    let delete = sql(DELETE).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(path.id);
    delete.execute(tx.connection()).await.map_err(failed)?;
    tx.audit(Entry::of("learning_path.deleted", path.id).was(told(&path)));
    Ok(path.course_ids.into_iter().map(Id::from_uuid).collect())
}

/// What the audit log says of a path.
fn told(path: &LearningPath) -> Value {
    let courses: Vec<_> = path.course_ids.iter().map(|id| Id::<id::Course>::from_uuid(*id)).collect();
    json!({ "title": path.title, "external_id": path.external_id, "course_ids": courses })
}

fn check(path: &mut LearningPath) -> Fields {
    let mut fields = Fields::new();
    fields.name("/title", &mut path.title);
    fields.external_id("/external_id", path.external_id.as_deref());
    fields
}

/// Finds the courses, and names each that is not there or stands twice.
async fn resolve(tx: &mut TenantTx, fields: &mut Fields, keys: &[Key<id::Course>]) -> Result<Vec<Uuid>> {
    if keys.len() > COURSES_MAX {
        fields.fault("/course_ids", "length", format!("wanted at most {COURSES_MAX}"));
        return Ok(Vec::new());
    }
    let mut seen = HashSet::new();
    let mut ids = Vec::with_capacity(keys.len());
    for (at, found) in courses::find_all(tx, keys).await?.into_iter().enumerate() {
        match found {
            Some(course) if seen.insert(course.id) => ids.push(course.id.uuid()),
            Some(_) => fields.fault(format!("/course_ids/{at}"), "value", "the same course stands here twice"),
            None => fields.fault(format!("/course_ids/{at}"), "not_found", "no such course"),
        }
    }
    Ok(ids)
}

async fn write(tx: &mut TenantTx, text: &'static str, path: &LearningPath) -> Result<()> {
    let tenant = tx.tenant();
    sql(text)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(path.id)
        .bind::<Nullable<Text>, _>(&path.external_id)
        .bind::<Text, _>(&path.title)
        .bind::<Timestamptz, _>(path.updated_at)
        .execute(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))?;
    Ok(())
}

async fn fill(tx: &mut TenantTx, path: &LearningPath) -> Result<()> {
    let tenant = tx.tenant();
    let clear = sql(CLEAR).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(path.id);
    clear.execute(tx.connection()).await.map_err(failed)?;
    let fill = sql(FILL)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(path.id)
        .bind::<Array<SqlUuid>, _>(path.course_ids.clone());
    fill.execute(tx.connection()).await.map_err(failed)?;
    Ok(())
}
