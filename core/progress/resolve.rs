//! From the names in events to rows: learners, and objects with what they are part of. One statement each.

use std::{collections::HashMap, sync::Arc};

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Double, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{CourseFacts, ItemFacts, LessonFacts, TrainingFacts, UserFacts};
use uuid::Uuid;

use super::activity::{ActivityKind, ActivityObject, ActivityUser, object_uuid};
use crate::{
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id, TenantId},
};

/// A learner as events name and tell them.
#[derive(Debug, Clone)]
pub(crate) struct Learner {
    pub(crate) id: Uuid,
    pub(crate) facts: Arc<UserFacts>,
}

/// An object and what it is part of.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    pub(crate) course: (Uuid, Arc<CourseFacts>),
    pub(crate) lesson: Option<(Uuid, Arc<LessonFacts>)>,
    pub(crate) training: Option<(Uuid, Arc<TrainingFacts>)>,
    pub(crate) item: Option<(Uuid, Arc<ItemFacts>)>,
    /// Highest raw score of the item, if it is scored.
    pub(crate) max_score: Option<f64>,
}

impl Path {
    /// The object itself: the innermost part.
    pub(crate) fn object(&self) -> Uuid {
        let inner = self.item.as_ref().map(|(id, _)| *id).or(self.lesson.as_ref().map(|(id, _)| *id));
        inner.unwrap_or(self.course.0)
    }

    /// Ids that a subscription may be limited to.
    pub(crate) fn scope_ids(&self) -> Vec<Uuid> {
        let inner = [self.lesson.as_ref().map(|(id, _)| *id), self.item.as_ref().map(|(id, _)| *id)];
        std::iter::once(self.course.0).chain(inner.into_iter().flatten()).collect()
    }
}

pub(crate) type UserKey = (TenantId, ActivityUser);
pub(crate) type ObjectKey = (TenantId, ActivityObject);

#[derive(QueryableByName)]
struct LearnerRow {
    #[diesel(sql_type = BigInt)]
    ord: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Nullable<Text>)]
    external_id: Option<String>,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    first_name: String,
    #[diesel(sql_type = Text)]
    last_name: String,
    #[diesel(sql_type = Text)]
    role: String,
}

/// OFFSET 0 keeps the ids apart: found first, they lead to one row of each table by its primary key.
const LEARNERS: &str = "SELECT n.ord, u.id, u.number, u.external_id, u.email, u.name, u.first_name, u.last_name, m.role
FROM (
  SELECT r.ord, r.tenant_id, COALESCE(r.id,
    (SELECT x.id FROM users x WHERE x.tenant_id = r.tenant_id AND x.external_id = r.external_id),
    (SELECT x.id FROM users x WHERE x.tenant_id = r.tenant_id AND x.email_key = r.email_key)) AS id
  FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS r(tenant_id, id, external_id, email_key, ord) OFFSET 0
) n
JOIN users u ON u.tenant_id = n.tenant_id AND u.id = n.id
JOIN memberships m ON m.tenant_id = u.tenant_id AND m.user_id = u.id AND m.status <> 'removed'";

/// Finds the learners that are known and have not left.
pub(crate) async fn learners(tx: &mut TenantTx, keys: &[UserKey]) -> Result<HashMap<UserKey, Learner>> {
    let rows: Vec<LearnerRow> = sql(LEARNERS)
        .bind::<Array<SqlUuid>, _>(keys.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(keys.iter().map(|(_, user)| user.id.map(Id::uuid)).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(keys.iter().map(|(_, user)| user.external_id.as_deref()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(
            keys.iter()
                .map(|(_, user)| user.email.as_deref().map(|email| email.trim().to_lowercase()))
                .collect::<Vec<_>>(),
        )
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(by_key(keys, rows, |row| {
        let facts = UserFacts {
            id: Id::<id::User>::from_uuid(row.id).to_string(),
            number: row.number,
            external_id: row.external_id,
            email: row.email,
            name: row.name,
            first_name: row.first_name,
            last_name: row.last_name,
            role: row.role,
        };
        (row.ord, Learner { id: row.id, facts: Arc::new(facts) })
    }))
}

#[derive(QueryableByName)]
struct PathRow {
    #[diesel(sql_type = BigInt)]
    ord: i64,
    #[diesel(sql_type = SqlUuid)]
    course_id: Uuid,
    #[diesel(sql_type = BigInt)]
    course_number: i64,
    #[diesel(sql_type = Nullable<Text>)]
    course_external_id: Option<String>,
    #[diesel(sql_type = Text)]
    course_slug: String,
    #[diesel(sql_type = Text)]
    course_title: String,
    #[diesel(sql_type = Nullable<Text>)]
    course_cover_url: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    course_author_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    lesson_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    lesson_number: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    lesson_external_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    lesson_title: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    lesson_position: Option<i32>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    training_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    training_external_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    training_title: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    item_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    item_number: Option<i64>,
    #[diesel(sql_type = Nullable<Text>)]
    item_external_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    item_kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    item_title: Option<String>,
    #[diesel(sql_type = Nullable<Double>)]
    item_max_score: Option<f64>,
}

const PATHS: &str = "SELECT n.ord,
  c.id AS course_id, c.number AS course_number, c.external_id AS course_external_id, c.slug AS course_slug,
  c.title AS course_title, c.cover_url AS course_cover_url, c.author_id AS course_author_id,
  l.id AS lesson_id, l.number AS lesson_number, l.external_id AS lesson_external_id, l.title AS lesson_title, l.position AS lesson_position,
  t.id AS training_id, t.external_id AS training_external_id, t.title AS training_title,
  i.id AS item_id, i.number AS item_number, i.external_id AS item_external_id, i.kind AS item_kind, i.title AS item_title, i.max_score AS item_max_score
FROM (
  SELECT r.ord, r.tenant_id, r.kind, COALESCE(r.id, CASE r.kind
    WHEN 'item' THEN (SELECT x.id FROM training_items x WHERE x.tenant_id = r.tenant_id AND x.external_id = r.external_id AND x.deleted_at IS NULL)
    WHEN 'lesson' THEN (SELECT x.id FROM lessons x WHERE x.tenant_id = r.tenant_id AND x.external_id = r.external_id AND x.deleted_at IS NULL)
    ELSE (SELECT x.id FROM courses x WHERE x.tenant_id = r.tenant_id AND x.external_id = r.external_id AND x.deleted_at IS NULL)
  END) AS id
  FROM unnest($1, $2, $3, $4) WITH ORDINALITY AS r(tenant_id, kind, id, external_id, ord) OFFSET 0
) n
LEFT JOIN training_items i ON n.kind = 'item' AND i.tenant_id = n.tenant_id AND i.id = n.id AND i.deleted_at IS NULL
LEFT JOIN trainings t ON t.tenant_id = i.tenant_id AND t.id = i.training_id AND t.deleted_at IS NULL
LEFT JOIN lessons l ON l.tenant_id = n.tenant_id AND l.id = CASE n.kind WHEN 'lesson' THEN n.id ELSE t.lesson_id END AND l.deleted_at IS NULL
JOIN courses c ON c.tenant_id = n.tenant_id AND c.id = CASE n.kind WHEN 'course' THEN n.id ELSE l.course_id END AND c.deleted_at IS NULL";

/// Finds the objects that are there, each with what it is part of.
pub(crate) async fn paths(tx: &mut TenantTx, keys: &[ObjectKey]) -> Result<HashMap<ObjectKey, Path>> {
    let rows: Vec<PathRow> = sql(PATHS)
        .bind::<Array<SqlUuid>, _>(keys.iter().map(|(tenant, _)| tenant.uuid()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(keys.iter().map(|(_, object)| object.kind.as_str()).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(keys.iter().map(|(_, object)| object_uuid(object)).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(
            keys.iter().map(|(_, object)| object.external_id.as_deref()).collect::<Vec<_>>(),
        )
        .load(tx.connection())
        .await
        .map_err(failed)?;
    Ok(by_key(keys, rows, |row| (row.ord, path(row))))
}

/// Is the name a proper one; an id of another kind is not, and would be looked for by nothing.
pub(crate) fn is_named(object: &ActivityObject) -> bool {
    object.external_id.is_some() || object_uuid(object).is_some()
}

fn path(row: PathRow) -> Path {
    let course = CourseFacts {
        id: Id::<id::Course>::from_uuid(row.course_id).to_string(),
        number: row.course_number,
        external_id: row.course_external_id,
        slug: row.course_slug,
        title: row.course_title,
        cover_url: row.course_cover_url,
        author_id: row.course_author_id.map(|author| Id::<id::User>::from_uuid(author).to_string()),
    };
    let lesson = row.lesson_id.map(|id| {
        let facts = LessonFacts {
            id: Id::<id::Lesson>::from_uuid(id).to_string(),
            number: row.lesson_number.unwrap_or_default(),
            external_id: row.lesson_external_id,
            title: row.lesson_title.unwrap_or_default(),
            position: row.lesson_position.unwrap_or_default(),
        };
        (id, Arc::new(facts))
    });
    let training = row.training_id.map(|id| {
        let facts = TrainingFacts {
            id: Id::<id::Training>::from_uuid(id).to_string(),
            external_id: row.training_external_id,
            title: row.training_title.unwrap_or_default(),
        };
        (id, Arc::new(facts))
    });
    let kind = row.item_kind.and_then(|kind| kind.parse().ok());
    let item = row.item_id.zip(kind).map(|(id, kind)| {
        let facts = ItemFacts {
            id: Id::<id::Item>::from_uuid(id).to_string(),
            number: row.item_number.unwrap_or_default(),
            external_id: row.item_external_id,
            kind,
            title: row.item_title.unwrap_or_default(),
        };
        (id, Arc::new(facts))
    });
    Path { course: (row.course_id, Arc::new(course)), lesson, training, item, max_score: row.item_max_score }
}

/// Puts each row back under the key that asked for it; `WITH ORDINALITY` counts from 1.
fn by_key<K, R, V>(keys: &[K], rows: Vec<R>, turn: impl Fn(R) -> (i64, V)) -> HashMap<K, V>
where
    K: Clone + Eq + std::hash::Hash,
{
    let find = |ord: i64| usize::try_from(ord - 1).ok().and_then(|place| keys.get(place)).cloned();
    rows.into_iter()
        .filter_map(|row| {
            let (ord, value) = turn(row);
            find(ord).map(|key| (key, value))
        })
        .collect()
}

/// Kind in the words of standings.
pub(crate) const fn object_kind(kind: ActivityKind) -> stoa_protocols::event::ObjectKind {
    match kind {
        ActivityKind::Course => stoa_protocols::event::ObjectKind::Course,
        ActivityKind::Lesson => stoa_protocols::event::ObjectKind::Lesson,
        ActivityKind::Item => stoa_protocols::event::ObjectKind::Item,
    }
}
