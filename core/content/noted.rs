//! What the audit log says of content. Keys to answers are never in it, only that they changed.

use serde_json::{Value, json};

use super::{courses::Course, items::Item, lessons::Lesson, trainings::Training};
use crate::{
    audit::Entry,
    db::TenantTx,
    id::{self, Id, Kind},
};

/// Content whose changes are noted.
pub(super) trait Noted {
    /// Which kind of thing it is.
    type Kind: Kind;
    /// Actions on it: made, changed, removed.
    const ACTIONS: [&str; 3];

    fn id(&self) -> Id<Self::Kind>;
    /// What matters of it.
    fn told(&self) -> Value;
}

pub(super) fn created<T: Noted>(tx: &mut TenantTx, made: &T) {
    let [action, ..] = T::ACTIONS;
    tx.audit(Entry::of(action, made.id()).is(made.told()));
}

/// Notes what differs.
pub(super) fn changed<T: Noted>(tx: &mut TenantTx, before: &T, after: &T) {
    let [_, action, _] = T::ACTIONS;
    tx.audit(Entry::of(action, after.id()).differing(&before.told(), &after.told()));
}

pub(super) fn removed<T: Noted>(tx: &mut TenantTx, gone: &T) {
    let [.., action] = T::ACTIONS;
    tx.audit(Entry::of(action, gone.id()).was(gone.told()));
}

impl Noted for Course {
    type Kind = id::Course;
    const ACTIONS: [&str; 3] = ["course.created", "course.changed", "course.deleted"];

    fn id(&self) -> Id<id::Course> {
        self.id
    }

    fn told(&self) -> Value {
        let ids = |ids: &[uuid::Uuid], shown: fn(uuid::Uuid) -> String| -> Vec<String> {
            ids.iter().copied().map(shown).collect()
        };
        json!({
            "title": self.title, "slug": self.slug, "external_id": self.external_id, "summary": self.summary,
            "language": self.language, "cefr_from": self.cefr_from, "cefr_to": self.cefr_to,
            "category": self.category, "cover_url": self.cover_url, "status": self.status,
            "author_id": self.author_id, "reviewer_id": self.reviewer_id, "version": self.version,
            "prerequisite_ids": ids(&self.prerequisite_ids, |id| Id::<id::Course>::from_uuid(id).to_string()),
            "completion_rule": self.completion_rule, "completion_threshold": self.completion_threshold,
            "completion_lesson_ids":
                ids(&self.completion_lesson_ids, |id| Id::<id::Lesson>::from_uuid(id).to_string()),
            "lesson_order": self.lesson_order, "edition": self.edition, "review_note": self.review_note,
            "instructor_ids": ids(&self.instructor_ids, |id| Id::<id::User>::from_uuid(id).to_string()),
        })
    }
}

impl Noted for Lesson {
    type Kind = id::Lesson;
    const ACTIONS: [&str; 3] = ["lesson.created", "lesson.changed", "lesson.deleted"];

    fn id(&self) -> Id<id::Lesson> {
        self.id
    }

    fn told(&self) -> Value {
        json!({
            "course_id": self.course_id, "title": self.title, "external_id": self.external_id, "kind": self.kind,
            "position": self.position, "required": self.required, "weight": self.weight,
            "duration_minutes": self.duration_minutes, "skills": self.skills, "cefr": self.cefr,
            "version": self.version,
        })
    }
}

impl Noted for Training {
    type Kind = id::Training;
    const ACTIONS: [&str; 3] = ["training.created", "training.changed", "training.deleted"];

    fn id(&self) -> Id<id::Training> {
        self.id
    }

    fn told(&self) -> Value {
        json!({
            "lesson_id": self.lesson_id, "title": self.title, "external_id": self.external_id, "kind": self.kind,
            "position": self.position, "pass_score": self.pass_score, "version": self.version,
        })
    }
}

impl Noted for Item {
    type Kind = id::Item;
    const ACTIONS: [&str; 3] = ["training_item.created", "training_item.changed", "training_item.deleted"];

    fn id(&self) -> Id<id::Item> {
        self.id
    }

    fn told(&self) -> Value {
        json!({
            "training_id": self.training_id, "title": self.title, "external_id": self.external_id,
            "kind": self.kind, "prompt": self.prompt, "position": self.position, "required": self.required,
            "max_score": self.max_score, "estimated_seconds": self.estimated_seconds, "skills": self.skills,
            "cefr": self.cefr, "has_answer_key": self.answer_key.is_some(), "version": self.version,
        })
    }
}
