//! The rows of learning paths.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::LearningPathFacts;
use uuid::Uuid;

use crate::{
    content::courses::Course,
    id::{self, Id},
};

/// A learning path.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LearningPath {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::LearningPath>,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Its courses in their order, the deleted left out.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub course_ids: Vec<Uuid>,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
}

/// A course of a path, at its place.
#[derive(Debug, Clone, QueryableByName)]
pub struct PathCourse {
    /// Order within the path, from 1.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// The course.
    #[diesel(embed)]
    pub course: Course,
}

/// Columns of a [`LearningPath`], of learning paths `p`.
macro_rules! path_columns {
    () => {
        "p.id, p.external_id, p.title, p.created_at, p.updated_at, \
         ARRAY(SELECT pc.course_id FROM learning_path_courses pc \
           JOIN courses c ON c.tenant_id = pc.tenant_id AND c.id = pc.course_id AND c.deleted_at IS NULL \
           WHERE pc.tenant_id = p.tenant_id AND pc.path_id = p.id ORDER BY pc.position, pc.course_id) AS course_ids"
    };
}
pub(super) use path_columns;

impl LearningPath {
    /// The learning path, as events tell.
    pub fn facts(&self) -> Arc<LearningPathFacts> {
        Arc::new(LearningPathFacts {
            id: self.id.to_string(),
            external_id: self.external_id.clone(),
            title: self.title.clone(),
        })
    }
}
