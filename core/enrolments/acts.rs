//! The act of enrolling: who was put on what at once, told by `enrollments.created`.
//!
//! Not here: each learner's own enrolment, which has events of its own (`put`).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use stoa_protocols::event::{CourseFacts, EventData, EventType, GroupFacts, LearningPathFacts, ObjectKind, UserFacts};
use uuid::Uuid;

use crate::{
    db::TenantTx,
    events::NewEvent,
    id::{self, Id},
};

/// Most learners of one event. A person takes about half a kilobyte, and receivers fear bodies of megabytes.
pub const USERS_PER_EVENT: usize = 100;

/// What was done, but for the learners.
#[derive(Debug, Clone)]
pub(crate) struct Act {
    /// The course; none for a learning path.
    pub(crate) course: Option<Arc<CourseFacts>>,
    /// The learning path; none for a course.
    pub(crate) path: Option<Arc<LearningPathFacts>>,
    /// Ids that a subscription may be limited to.
    pub(crate) scope_ids: Vec<Uuid>,
    /// The groups.
    pub(crate) groups: Vec<Arc<GroupFacts>>,
    /// Who did it; none for an integration.
    pub(crate) enrolled_by: Option<Arc<UserFacts>>,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
}

impl Act {
    /// Tells of it: once if nobody but groups was enrolled, else once for each hundred learners.
    pub(crate) fn announce(&self, tx: &mut TenantTx, users: &[Arc<UserFacts>]) {
        if users.is_empty() {
            return self.tell(tx, &[]);
        }
        for some in users.chunks(USERS_PER_EVENT) {
            self.tell(tx, some);
        }
    }

    fn tell(&self, tx: &mut TenantTx, users: &[Arc<UserFacts>]) {
        let act: Id<id::EnrolmentAct> = tx.new_id();
        let data = EventData {
            course: self.course.clone(),
            learning_path: self.path.clone(),
            users: users.to_vec(),
            groups: self.groups.clone(),
            enrolled_by: self.enrolled_by.clone(),
            ..EventData::default()
        };
        tx.record(NewEvent {
            event_type: EventType::EnrollmentsCreated,
            object_kind: ObjectKind::EnrollmentAct,
            object_id: act.uuid(),
            revision: 1,
            scope_ids: self.scope_ids.clone(),
            data: Arc::new(data),
            occurred_at: self.at,
            concludes: false,
        });
    }
}
