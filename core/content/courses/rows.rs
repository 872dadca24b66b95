//! The rows of courses.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::CourseFacts;
use uuid::Uuid;

use super::{CompletionRule, CourseStatus, LessonOrder};
use crate::{
    content::{Cefr, CefrRange},
    id::{self, Id},
};

/// A course.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Course {
    /// Our id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id<id::Course>,
    /// Integer id.
    #[diesel(sql_type = BigInt)]
    pub number: i64,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>)]
    pub external_id: Option<String>,
    /// Readable part of public addresses.
    #[diesel(sql_type = Text)]
    pub slug: String,
    /// Shown to people.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// One paragraph, plain text.
    #[diesel(sql_type = Text)]
    pub summary: String,
    /// Tag of the language that is taught.
    #[diesel(sql_type = Text)]
    pub language: String,
    /// Level at the start.
    #[diesel(sql_type = Nullable<Text>)]
    pub cefr_from: Option<Cefr>,
    /// Level at the end.
    #[diesel(sql_type = Nullable<Text>)]
    pub cefr_to: Option<Cefr>,
    /// Free word of the institution.
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    /// Picture.
    #[diesel(sql_type = Nullable<Text>)]
    pub cover_url: Option<String>,
    /// Where it is on its way to the learners.
    #[diesel(sql_type = Text)]
    pub status: CourseStatus,
    /// Who wrote it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub author_id: Option<Id<id::User>>,
    /// Who is to review it.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub reviewer_id: Option<Id<id::User>>,
    /// First time it was submitted for review.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub submitted_at: Option<DateTime<Utc>>,
    /// Courses to be completed before.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub prerequisite_ids: Vec<Uuid>,
    /// Who teaches it.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub instructor_ids: Vec<Uuid>,
    /// What completes it for a learner.
    #[diesel(sql_type = Text)]
    pub completion_rule: CompletionRule,
    /// Share of the weight, or score, that the rule wants: basis points.
    #[diesel(sql_type = Nullable<Integer>)]
    pub completion_threshold: Option<i32>,
    /// Lessons that count where the rule lists them.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub completion_lesson_ids: Vec<Uuid>,
    /// In which order its lessons may be done.
    #[diesel(sql_type = Text)]
    pub lesson_order: LessonOrder,
    /// Number of the latest published version; 0 where it was never published.
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    /// What the reviewer said last.
    #[diesel(sql_type = Nullable<Text>)]
    pub review_note: Option<String>,
    /// Course of the platform's library that this is a copy of.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub source_id: Option<Uuid>,
    /// Edition of the source that it is a copy of.
    #[diesel(sql_type = Nullable<Integer>)]
    pub source_edition: Option<i32>,
    /// Living lessons.
    #[diesel(sql_type = BigInt)]
    pub lesson_count: i64,
    /// Sum of the living lessons'.
    #[diesel(sql_type = BigInt)]
    pub duration_minutes: i64,
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

/// Columns of a [`Course`], of courses `c`.
macro_rules! course_columns {
    () => {
        "c.id, c.number, c.external_id, c.slug, c.title, c.summary, c.language, c.cefr_from, c.cefr_to, c.category, \
         c.cover_url, c.status, c.author_id, c.reviewer_id, c.submitted_at, c.prerequisite_ids, c.instructor_ids, \
         c.completion_rule, c.completion_threshold, c.completion_lesson_ids, c.lesson_order, c.edition, c.review_note, \
         c.source_id, c.source_edition, \
         (SELECT count(*) FROM lessons l \
          WHERE l.tenant_id = c.tenant_id AND l.course_id = c.id AND l.deleted_at IS NULL) AS lesson_count, \
         (SELECT coalesce(sum(l.duration_minutes), 0) FROM lessons l \
          WHERE l.tenant_id = c.tenant_id AND l.course_id = c.id AND l.deleted_at IS NULL) AS duration_minutes, \
         c.version, c.created_at, c.updated_at, c.deleted_at"
    };
}
pub(crate) use course_columns;

impl Course {
    /// From which level to which it leads.
    pub fn cefr(&self) -> CefrRange {
        CefrRange { from: self.cefr_from, to: self.cefr_to }
    }

    /// The course, as events tell.
    pub fn facts(&self) -> Arc<CourseFacts> {
        Arc::new(CourseFacts {
            id: self.id.to_string(),
            number: self.number,
            external_id: self.external_id.clone(),
            slug: self.slug.clone(),
            title: self.title.clone(),
            cover_url: self.cover_url.clone(),
            author_id: self.author_id.map(|author| author.to_string()),
        })
    }
}
