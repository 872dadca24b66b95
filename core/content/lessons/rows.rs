//! The rows of lessons.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::LessonFacts;
use uuid::Uuid;

use crate::{
    content::Cefr,
    id::{self, Id},
};

/// A part of a course.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Lesson {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Lesson>,
    /// Integer id.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// The course.
    #[diesel(sql_type = SqlUuid)]
    pub course_id: Id<id::Course>,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// Free word.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// Order within the course, from 1.
    #[diesel(sql_type = Integer)]
    pub position: i32,
    /// Counts towards the course's progress.
    #[diesel(sql_type = Bool)]
    pub required: bool,
    /// Share in the course's progress.
    #[diesel(sql_type = Integer)]
    pub weight: i32,
    /// Estimated.
    #[diesel(sql_type = Nullable<Integer>)]
    pub duration_minutes: Option<i32>,
    /// Skills that it trains.
    #[diesel(sql_type = Array<Text>)]
    pub skills: Vec<String>,
    /// Level.
    #[diesel(sql_type = Nullable<Text>)]
    pub cefr: Option<Cefr>,
    /// Has required items, by which a learner completes it.
    #[diesel(sql_type = Bool)]
    pub completable: bool,
    /// What it is a copy of, where its course is shared by the platform.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub source_id: Option<Uuid>,
    /// Counts changes.
    #[diesel(sql_type = Integer)]
    pub version: i32,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz)]
    pub updated_at: DateTime<Utc>,
    /// When it was deleted.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Columns of a [`Lesson`], of lessons `l`.
macro_rules! lesson_columns {
    () => {
        "l.id, l.number, l.course_id, l.external_id, l.title, l.kind, l.position, l.required, l.weight, \
         l.duration_minutes, l.skills, l.cefr, \
         EXISTS (SELECT FROM trainings t \
                 JOIN training_items i ON i.tenant_id = t.tenant_id AND i.training_id = t.id \
                 WHERE t.tenant_id = l.tenant_id AND t.lesson_id = l.id AND i.required AND i.deleted_at IS NULL) \
           AS completable, \
         l.source_id, l.version, l.created_at, l.updated_at, l.deleted_at"
    };
}
pub(super) use lesson_columns;

impl Lesson {
    /// The lesson, as events tell.
    pub fn facts(&self) -> Arc<LessonFacts> {
        Arc::new(LessonFacts {
            id: self.id.to_string(),
            number: self.number,
            external_id: self.external_id.clone(),
            title: self.title.clone(),
            position: self.position,
        })
    }
}
