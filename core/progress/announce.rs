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
}

/// An event of the batch before its payload is built.
#[derive(Debug, Clone)]
pub(crate) struct Announcement {
    pub(crate) context: Context,
    pub(crate) event_type: EventType,
    pub(crate) subject: Subject,
}

impl Announcement {
    /// Builds the event. `numbers` are those given to new standings.
    pub(crate) fn into_event(self, numbers: &HashMap<Uuid, i64>) -> NewEvent {
        let (object_kind, object_id, revision) = match &self.subject {
            Subject::Standing(standing) => (ObjectKind::Standing, standing.id.uuid(), standing.revision),
            Subject::Enrolment(row) => (ObjectKind::Enrollment, row.id, if row.completed_at.is_some() { 2 } else { 1 }),
        };
        NewEvent {
            event_type: self.event_type,
            object_kind,
            object_id,
            revision,
            scope_ids: self.scope_ids(),
            data: Arc::new(self.data(numbers)),
            occurred_at: self.context.occurred_at,
        }
    }

    fn depth(&self) -> Depth {
        match &self.subject {
            Subject::Enrolment(_) => Depth::Course,
            Subject::Standing(standing) => match standing.kind {
                ObjectKind::Course => Depth::Course,
                ObjectKind::Lesson => Depth::Lesson,
                ObjectKind::Training => Depth::Training,
                _ => Depth::Item,
            },
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
        let (path, depth) = (&self.context.path, self.depth());
        let mut data = EventData {
            user: Some(Arc::clone(&self.context.learner.facts)),
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
        match &self.subject {
            Subject::Standing(standing) => {
                let mut facts = standing.facts();
                if let Some(number) = numbers.get(&standing.id.uuid()) {
                    facts.number = *number;
                }
                data.standing = Some(facts);
            }
            Subject::Enrolment(row) => data.enrollment = Some(enrolment_facts(row)),
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
