//! The rows of enrolments.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use stoa_protocols::event::{EnrolmentFacts, UserFacts};

use super::EnrolmentStatus;
use crate::{
    id::{self, Id},
    members::Member,
};

/// A learner on a course. Its columns have names of their own, for it is read beside the learner.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Enrolment {
    /// Our id.
    #[diesel(sql_type = SqlUuid, column_name = enrolment_id)]
    pub id: Id<id::Enrolment>,
    /// The course.
    #[diesel(sql_type = SqlUuid)]
    pub course_id: Id<id::Course>,
    /// The learner.
    #[diesel(sql_type = SqlUuid)]
    pub user_id: Id<id::User>,
    /// The institution's own key.
    #[diesel(sql_type = Nullable<Text>, column_name = enrolment_external_id)]
    pub external_id: Option<String>,
    /// Where it is in its life.
    #[diesel(sql_type = Text, column_name = enrolment_status)]
    pub status: EnrolmentStatus,
    /// Who enrolled the learner; none when activity did.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub enrolled_by: Option<Id<id::User>>,
    /// When it happened.
    #[diesel(sql_type = Timestamptz)]
    pub enrolled_at: DateTime<Utc>,
    /// When the course should be done.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    /// First completion.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it last changed.
    #[diesel(sql_type = Timestamptz, column_name = enrolment_updated_at)]
    pub updated_at: DateTime<Utc>,
}

/// An enrolment and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct EnrolmentOfMember {
    /// The enrolment.
    #[diesel(embed)]
    pub enrolment: Enrolment,
    /// The learner.
    #[diesel(embed)]
    pub learner: Member,
}

/// Columns of an [`Enrolment`], of enrolments `e`.
macro_rules! enrolment_columns {
    () => {
        "e.id AS enrolment_id, e.course_id, e.user_id, e.external_id AS enrolment_external_id, \
         e.status AS enrolment_status, e.enrolled_by, e.enrolled_at, e.due_at, e.completed_at, \
         e.updated_at AS enrolment_updated_at"
    };
}
pub(super) use enrolment_columns;

impl Enrolment {
    /// The enrolment, as events tell.
    pub fn facts(&self, enrolled_by: Option<Arc<UserFacts>>) -> EnrolmentFacts {
        EnrolmentFacts {
            id: self.id.to_string(),
            status: self.status.as_str().to_owned(),
            enrolled_at: self.enrolled_at,
            completed_at: self.completed_at,
            due_at: self.due_at,
            enrolled_by,
        }
    }
}
