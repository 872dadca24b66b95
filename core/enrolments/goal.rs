//! What learners are put on: a course, or a learning path with all its courses.

use std::{collections::HashMap, fmt, sync::Arc};

use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_protocols::event::{CourseFacts, GroupFacts, LearningPathFacts, UserFacts};
use uuid::Uuid;

use super::acts::Act;
use crate::{
    content::courses::{self, Course},
    db::{TenantTx, failed, sql},
    error::Result,
    id::{self, Id},
    learning_paths::LearningPath,
};

/// Names a course or a learning path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A course.
    Course(Id<id::Course>),
    /// A learning path.
    Path(Id<id::LearningPath>),
}

impl Target {
    /// The bits of its id.
    pub const fn uuid(self) -> Uuid {
        match self {
            Self::Course(id) => id.uuid(),
            Self::Path(id) => id.uuid(),
        }
    }

    pub(crate) const fn course(self) -> Option<Uuid> {
        match self {
            Self::Course(id) => Some(id.uuid()),
            Self::Path(_) => None,
        }
    }

    /// What the audit log says of it.
    pub(super) fn told(self) -> Value {
        match self {
            Self::Course(id) => json!({ "course_id": id }),
            Self::Path(id) => json!({ "learning_path_id": id }),
        }
    }

    pub(crate) const fn path(self) -> Option<Uuid> {
        match self {
            Self::Path(id) => Some(id.uuid()),
            Self::Course(_) => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Course(id) => id.fmt(f),
            Self::Path(id) => id.fmt(f),
        }
    }
}

/// A course or a learning path, with what events tell of it.
#[derive(Debug, Clone)]
pub struct Goal {
    /// Which it is.
    pub target: Target,
    pub(crate) courses: Vec<(Id<id::Course>, Arc<CourseFacts>)>,
    path: Option<Arc<LearningPathFacts>>,
}

/// Courses of paths, in the order of each. The courses of a path stay as they are while somebody is put on it.
const PATHS: &str = "SELECT p.id AS path_id, p.external_id, p.title, pc.course_id
  FROM learning_paths p
  LEFT JOIN learning_path_courses pc ON pc.tenant_id = p.tenant_id AND pc.path_id = p.id
  WHERE p.tenant_id = $1 AND p.id = ANY ($2) ORDER BY p.id, pc.position, pc.course_id FOR SHARE OF p";

#[derive(QueryableByName)]
struct PathRow {
    #[diesel(sql_type = SqlUuid)]
    path_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    external_id: Option<String>,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    course_id: Option<Uuid>,
}

impl Goal {
    /// A course.
    pub fn course(course: &Course) -> Self {
        Self { target: Target::Course(course.id), courses: vec![(course.id, course.facts())], path: None }
    }

    /// A learning path.
    ///
    /// # Errors
    /// As the database says.
    pub async fn path(tx: &mut TenantTx, path: &LearningPath) -> Result<Self> {
        let found = goals(tx, &[Target::Path(path.id)]).await?.pop();
        Ok(found.unwrap_or_else(|| Self {
            target: Target::Path(path.id),
            courses: Vec::new(),
            path: Some(path.facts()),
        }))
    }

    /// Its courses.
    pub fn course_ids(&self) -> Vec<Id<id::Course>> {
        self.courses.iter().map(|(course, _)| *course).collect()
    }

    /// The act of putting somebody on it.
    pub(crate) fn act(
        &self,
        groups: Vec<Arc<GroupFacts>>,
        enrolled_by: Option<Arc<UserFacts>>,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Act {
        let own = self.target.path();
        Act {
            course: if own.is_some() {
                None
            } else {
                self.courses.as_slice().first().map(|(_, facts)| Arc::clone(facts))
            },
            path: self.path.clone(),
            scope_ids: own.into_iter().chain(self.courses.iter().map(|(id, _)| id.uuid())).collect(),
            groups,
            enrolled_by,
            at,
        }
    }
}

/// Loads what is still there of these, by two statements.
pub(crate) async fn goals(tx: &mut TenantTx, targets: &[Target]) -> Result<Vec<Goal>> {
    let tenant = tx.tenant();
    let paths: Vec<Uuid> = targets.iter().filter_map(|target| target.path()).collect();
    let mut rows: Vec<PathRow> = Vec::new();
    if !paths.is_empty() {
        let load = sql(PATHS).bind::<SqlUuid, _>(tenant).bind::<Array<SqlUuid>, _>(paths);
        rows = load.load(tx.connection()).await.map_err(failed)?;
    }
    let direct = targets.iter().filter_map(|target| target.course());
    let wanted: Vec<Uuid> = direct.chain(rows.iter().filter_map(|row| row.course_id)).collect();
    let found = courses::find_many(tx, &wanted).await?;
    let facts: HashMap<Uuid, Arc<CourseFacts>> = found.iter().map(|one| (one.id.uuid(), one.facts())).collect();
    let known = |id: Uuid| facts.get(&id).map(|facts| (Id::from_uuid(id), Arc::clone(facts)));
    let goal = |target: &Target| match target {
        Target::Course(id) => {
            known(id.uuid()).map(|course| Goal { target: *target, courses: vec![course], path: None })
        }
        Target::Path(id) => {
            let own = || rows.iter().filter(|row| row.path_id == id.uuid());
            let path = own().next()?;
            Some(Goal {
                target: *target,
                courses: own().filter_map(|row| known(row.course_id?)).collect(),
                path: Some(Arc::new(LearningPathFacts {
                    id: id.to_string(),
                    external_id: path.external_id.clone(),
                    title: path.title.clone(),
                })),
            })
        }
    };
    Ok(targets.iter().filter_map(goal).collect())
}

#[derive(QueryableByName)]
struct TargetRow {
    #[diesel(sql_type = SqlUuid)]
    target_id: Uuid,
    #[diesel(sql_type = Bool)]
    is_path: bool,
}

/// Courses that a group is on, directly or by a path.
///
/// # Errors
/// As the database says.
pub(crate) async fn courses_of_group(tx: &mut TenantTx, group: Id<id::Group>) -> Result<Vec<Id<id::Course>>> {
    let targets = targets_of(tx, group).await?;
    let goals = goals(tx, &targets).await?;
    Ok(goals.iter().flat_map(|goal| goal.courses.iter().map(|(course, _)| *course)).collect())
}

/// What a group is put on.
pub(crate) async fn targets_of(tx: &mut TenantTx, group: Id<id::Group>) -> Result<Vec<Target>> {
    let tenant = tx.tenant();
    let rows: Vec<TargetRow> = sql("SELECT target_id, path_id IS NOT NULL AS is_path FROM group_enrolments
         WHERE tenant_id = $1 AND group_id = $2 ORDER BY created_at, target_id")
    .bind::<SqlUuid, _>(tenant)
    .bind::<SqlUuid, _>(group)
    .load(tx.connection())
    .await
    .map_err(failed)?;
    let target = |row: TargetRow| {
        if row.is_path {
            Target::Path(Id::from_uuid(row.target_id))
        } else {
            Target::Course(Id::from_uuid(row.target_id))
        }
    };
    Ok(rows.into_iter().map(target).collect())
}
