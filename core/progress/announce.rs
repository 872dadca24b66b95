//! What a batch announces: the events, with payloads built once the rows have their numbers.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use stoa_protocols::event::{EnrolmentFacts, EventData, EventType, ObjectKind};
use uuid::Uuid;

use super::{
    resolve::{Learner, Path},
    rows::EnrolmentRow,
    standing::Standing,
};
use crate::{
    events::NewEvent,
    id::{self, Id, TenantId},
};

/// Whose activity it is, and on what.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// Place of the event in the batch.
    pub(crate) cause: usize,
    pub(crate) tenant: TenantId,
    pub(crate) learner: Learner,
    pub(crate) path: Path,
    pub(crate) occurred_at: DateTime<Utc>,
}

/// What an announcement is about.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    /// A standing, as it was after the change.
    Standing(Box<Standing>),
    /// An enrolment, as it was after the change.
    Enrolment(EnrolmentRow),
    /// The act of enrolling this one learner: there is one for each enrolment, so its bits are the enrolment's.
    Act(Uuid),
}

/// An event of the batch before its payload is built.
#[derive(Debug, Clone)]
pub(crate) struct Announcement {
    pub(crate) context: Context,
    pub(crate) event_type: EventType,
    pub(crate) subject: Subject,
    /// Completed, passed or failed for the first time.
    pub(crate) concludes: bool,
}

impl Announcement {
    /// Builds the event. `numbers` are those given to new standings.
    pub(crate) fn into_event(self, numbers: &HashMap<Uuid, i64>) -> NewEvent {
        let (object_kind, object_id, revision) = match &self.subject {
            Subject::Standing(standing) => (ObjectKind::Standing, standing.id.uuid(), standing.revision),
            Subject::Enrolment(row) => (ObjectKind::Enrollment, row.id, if row.completed_at.is_some() { 2 } else { 1 }),
            Subject::Act(id) => (ObjectKind::EnrollmentAct, *id, 1),
        };
        NewEvent {
            event_type: self.event_type,
            object_kind,
            object_id,
            revision,
            scope_ids: self.scope_ids(),
            data: Arc::new(self.data(numbers)),
            occurred_at: self.context.occurred_at,
            concludes: self.concludes,
        }
    }

    fn depth(&self) -> Depth {
        match &self.subject {
            Subject::Enrolment(_) | Subject::Act(_) => Depth::Course,
            Subject::Standing(standing) => Depth::of(standing.kind),
        }
    }

    /// An event on a lesson concerns the course and the lesson, not the item whose completion caused it.
    fn scope_ids(&self) -> Vec<Uuid> {
        let mut ids = self.context.path.scope_ids();
        ids.truncate(match self.depth() {
            Depth::Course => 1,
            Depth::Lesson | Depth::Training => 2,
            Depth::Item => 3,
        });
        ids
    }

    fn data(&self, numbers: &HashMap<Uuid, i64>) -> EventData {
        let mut data = parts(&self.context.learner, &self.context.path, self.depth());
        match &self.subject {
            Subject::Standing(standing) => {
                let mut facts = standing.facts();
                if let Some(number) = numbers.get(&standing.id.uuid()) {
                    facts.number = *number;
                }
                data.standing = Some(facts);
            }
            Subject::Enrolment(row) => data.enrollment = Some(enrolment_facts(row)),
            Subject::Act(_) => data.users.extend(data.user.take()),
        }
        data
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Depth {
    Course,
    Lesson,
    Training,
    Item,
}

impl Depth {
    const fn of(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Course => Self::Course,
            ObjectKind::Lesson => Self::Lesson,
            ObjectKind::Training => Self::Training,
            _ => Self::Item,
        }
    }
}

/// The facts of a standing as its last announcement told them, built from rows alone.
pub(super) fn told(standing: &Standing, learner: &Learner, path: &Path) -> EventData {
    EventData { standing: Some(standing.told()), ..parts(learner, path, Depth::of(standing.kind)) }
}

/// The learner, and the object with what it is part of.
fn parts(learner: &Learner, path: &Path, depth: Depth) -> EventData {
    let mut data = EventData {
        user: Some(Arc::clone(&learner.facts)),
        course: Some(Arc::clone(&path.course.1)),
        ..EventData::default()
    };
    if depth >= Depth::Lesson {
        data.lesson = path.lesson.as_ref().map(|(_, facts)| Arc::clone(facts));
    }
    if depth >= Depth::Training {
        data.training = path.training.as_ref().map(|(_, facts)| Arc::clone(facts));
    }
    if depth >= Depth::Item {
        data.item = path.item.as_ref().map(|(_, facts)| Arc::clone(facts));
    }
    data
}

fn enrolment_facts(row: &EnrolmentRow) -> EnrolmentFacts {
    EnrolmentFacts {
        id: Id::<id::Enrolment>::from_uuid(row.id).to_string(),
        status: row.status.clone(),
        enrolled_at: row.enrolled_at,
        completed_at: row.completed_at,
        due_at: row.due_at,
        enrolled_by: None,
    }
}
