//! Folding a batch: each event changes the learner's standings, and those of what the object is part of. Pure.
//!
//! # Rule
//! - An event on an item begins its lesson and its course. Completing the last required item completes the
//!   training and the lesson; the last required lesson completes the course.
//! - A course's progress is the weight of its completed required lessons over the weight of all required ones,
//!   rounded down; a lesson's likewise over its required items. A waived lesson counts as if it were completed.
//! - A course may want less than all of the weight, other lessons than the required ones, or a score beside them: its
//!   completion rule. The score is the course's own, else that of the learner's latest quiz in it.
//! - A part without anything required in it is completed by an event of its own only.
//! - A course without a score of its own takes that of the learner's latest quiz in it, when it is completed.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use stoa_protocols::event::{EventType, ObjectKind, Phase, Score, StandingStatus, StatKind};
use uuid::Uuid;

use super::{
    activity::{Activity, ActivityKind, ProgressEvent, Rejection, Verb},
    announce::{Announcement, Context, Subject},
    rows::EnrolmentRow,
    standing::{COMPLETE, Change, Key, Standing},
    store::Attendance,
    structure::{LessonPart, Structure, share},
};
use crate::{
    error::Code,
    id::{Id, Ids, TenantId},
};

/// A row in memory, and what became of it.
#[derive(Debug)]
pub(crate) struct Held<T> {
    pub(crate) row: T,
    pub(crate) is_new: bool,
    pub(crate) changed: bool,
}

/// The rows of a batch while it is folded.
pub(crate) struct Fold<'a> {
    pub(crate) now: DateTime<Utc>,
    pub(crate) structure: Structure,
    pub(crate) standings: HashMap<Key, Held<Standing>>,
    pub(crate) enrolments: HashMap<Attendance, Held<EnrolmentRow>>,
    pub(crate) announcements: Vec<Announcement>,
    pub(crate) ids: &'a Ids,
}

impl Fold<'_> {
    /// Applies one event.
    ///
    /// # Errors
    /// `not_enrolled` when the learner is not on the course, `validation_failed` for a score beyond its scale; nothing
    /// was changed.
    pub(crate) fn apply(&mut self, context: &Context, event: &ProgressEvent) -> Result<(), Rejection> {
        if event.verb == Verb::Enrolled {
            self.enrol(context);
            return Ok(());
        }
        let attendance = (context.tenant, context.learner.id, context.path.course.0);
        if self.enrolments.get(&attendance).is_none_or(|held| held.row.status == "removed") {
            return Err(Rejection::of(event, Code::NotEnrolled, "the learner is not enrolled on the course"));
        }
        let activity = Activity::of(event, context.path.max_score)?;
        match event.object.kind {
            ActivityKind::Course => self.on_course(context, &activity),
            ActivityKind::Lesson => {
                self.inside_course(context, &activity);
                self.on_lesson(context, &activity);
            }
            ActivityKind::Item => {
                self.inside_course(context, &activity);
                self.inside_lesson(context, &activity);
                self.on_item(context, &activity);
            }
        }
        Ok(())
    }

    fn enrol(&mut self, context: &Context) {
        let attendance = (context.tenant, context.learner.id, context.path.course.0);
        let there = self.enrolments.get(&attendance).map(|held| (held.row.clone(), held.is_new));
        match there {
            Some((row, _)) if row.status != "removed" => return,
            Some((mut row, is_new)) => {
                row.status = String::from(if row.completed_at.is_some() { "completed" } else { "active" });
                self.enrolments.insert(attendance, Held { row, is_new, changed: true });
            }
            None => {
                let row = EnrolmentRow {
                    tenant_id: context.tenant.uuid(),
                    user_id: context.learner.id,
                    course_id: context.path.course.0,
                    id: self.ids.next(self.now),
                    status: "active".to_owned(),
                    enrolled_at: context.occurred_at,
                    due_at: None,
                    completed_at: None,
                };
                self.announce(context, EventType::EnrollmentCreated, Subject::Enrolment(row.clone()));
                self.announce(context, EventType::EnrollmentsCreated, Subject::Act(row.id));
                self.enrolments.insert(attendance, Held { row, is_new: true, changed: true });
            }
        }
        let key = key(context, context.path.course.0);
        if !self.standings.contains_key(&key) {
            self.change(context, key, ObjectKind::Course, |_| Change::default());
        }
    }

    fn on_course(&mut self, context: &Context, activity: &Activity) {
        let key = key(context, context.path.course.0);
        let quiz = activity.completes().then(|| self.latest_quiz(context)).flatten();
        let change = self.change(context, key, ObjectKind::Course, |course| {
            let change = course.apply(activity);
            take_quiz(course, change, quiz.as_ref());
            Change { visible: change.visible || change.time, ..change }
        });
        self.course_completed(context, key, change);
    }

    fn inside_course(&mut self, context: &Context, activity: &Activity) {
        let key = key(context, context.path.course.0);
        self.change(context, key, ObjectKind::Course, |course| {
            course.apply_inside(activity.occurred_at, activity.duration_seconds)
        });
    }

    fn on_lesson(&mut self, context: &Context, activity: &Activity) {
        let Some(key) = lesson_key(context) else { return };
        let change = self.change(context, key, ObjectKind::Lesson, |lesson| {
            let change = lesson.apply(activity);
            Change { visible: change.visible || change.time, ..change }
        });
        self.lesson_started(context, key, change);
        self.lesson_completed(context, key, change);
    }

    fn inside_lesson(&mut self, context: &Context, activity: &Activity) {
        let Some(key) = lesson_key(context) else { return };
        let change = self.change(context, key, ObjectKind::Lesson, |lesson| {
            lesson.apply_inside(activity.occurred_at, activity.duration_seconds)
        });
        self.lesson_started(context, key, change);
    }

    fn on_item(&mut self, context: &Context, activity: &Activity) {
        let Some((item, _)) = context.path.item else { return };
        let key = key(context, item);
        let change = self.change(context, key, ObjectKind::Item, |standing| {
            let change = standing.apply(activity);
            Change { visible: change.visible || change.time, ..change }
        });
        if change.completed {
            self.roll_up_training(context);
            self.roll_up_lesson(context);
        } else if activity.completes() && activity.score.is_some() && self.wants_score(context) {
            self.roll_up_course(context);
        }
    }

    fn roll_up_training(&mut self, context: &Context) {
        let (Some((lesson, _)), Some((training, _))) = (&context.path.lesson, &context.path.training) else { return };
        let of_training = |part: &&super::structure::ItemPart| part.training_id == *training;
        let parts: Vec<(Uuid, bool)> = self
            .structure
            .items_of(context.tenant, *lesson)
            .iter()
            .filter(of_training)
            .map(|part| (part.id, part.required))
            .collect();
        let any_required = parts.iter().any(|(_, required)| *required);
        let done = parts
            .iter()
            .filter(|(_, required)| *required || !any_required)
            .all(|(item, _)| self.is_complete(context, *item));
        let key = key(context, *training);
        if done && !self.standings.get(&key).is_some_and(|held| held.row.is_complete()) {
            self.change(context, key, ObjectKind::Training, |standing| {
                standing.apply_share(COMPLETE, context.occurred_at)
            });
            self.announce_standing(context, key, EventType::TrainingCompleted);
        }
    }

    fn roll_up_lesson(&mut self, context: &Context) {
        let Some(key) = lesson_key(context) else { return };
        let parts = self.structure.items_of(context.tenant, key.object).iter().filter(|part| part.required);
        let Some(share) = share(parts.map(|part| (1, self.is_complete(context, part.id)))) else { return };
        let change =
            self.change(context, key, ObjectKind::Lesson, |lesson| lesson.apply_share(share, context.occurred_at));
        self.lesson_completed(context, key, change);
    }

    fn roll_up_course(&mut self, context: &Context) {
        self.roll_up_course_by(context, Standing::apply_share);
    }

    /// Works out how much of the course is done; `how` lets its standing take that over.
    pub(super) fn roll_up_course_by(
        &mut self,
        context: &Context,
        how: fn(&mut Standing, i32, DateTime<Utc>) -> Change,
    ) {
        let key = key(context, context.path.course.0);
        let parts = self.structure.lessons_of(context.tenant, key.object);
        let wanted = parts.first().map(|part| (part.wanted_share, part.wanted_score));
        let counting = parts.iter().filter(|part| part.counts);
        let done = |part: &LessonPart| self.is_complete(context, part.id) || self.is_waived(context, part.id);
        let share = share(counting.map(|part| (i64::from(part.weight), done(part))));
        let (Some(share), Some((wanted_share, wanted_score))) = (share, wanted) else { return };
        let quiz = self.latest_quiz(context);
        let own = self.standings.get(&key).and_then(|held| held.row.score);
        let score = own.or(quiz.as_ref().and_then(|quiz| quiz.score)).map_or(0, Score::basis_points);
        let completes = share >= wanted_share && wanted_score.is_none_or(|wanted| score >= wanted);
        let share = if completes { COMPLETE } else { share.min(COMPLETE - 1) };
        let change = self.change(context, key, ObjectKind::Course, |course| {
            let change = how(course, share, context.occurred_at);
            take_quiz(course, change, quiz.as_ref());
            change
        });
        self.course_completed(context, key, change);
    }

    fn lesson_started(&mut self, context: &Context, key: Key, change: Change) {
        if change.started {
            self.announce_standing(context, key, EventType::LessonStarted);
        }
    }

    fn lesson_completed(&mut self, context: &Context, key: Key, change: Change) {
        if change.completed {
            self.announce_standing(context, key, EventType::LessonCompleted);
            self.roll_up_course(context);
        }
    }

    fn course_completed(&mut self, context: &Context, key: Key, change: Change) {
        if !change.completed {
            return;
        }
        self.announce_standing(context, key, EventType::CourseCompleted);
        let attendance = (context.tenant, context.learner.id, key.object);
        if let Some(held) = self.enrolments.get_mut(&attendance) {
            "completed".clone_into(&mut held.row.status);
            held.row.completed_at.get_or_insert(context.occurred_at);
            held.changed = true;
            let row = held.row.clone();
            self.announce(context, EventType::EnrollmentCompleted, Subject::Enrolment(row));
        }
    }

    /// Changes a standing, makes it first if it is not there, and announces what a reader would see.
    pub(super) fn change(
        &mut self,
        context: &Context,
        key: Key,
        kind: ObjectKind,
        how: impl FnOnce(&mut Standing) -> Change,
    ) -> Change {
        let (now, ids) = (self.now, self.ids);
        let held = self.standings.entry(key).or_insert_with(|| {
            let times = (context.occurred_at, now);
            let row = Standing::fresh(key, kind, context.path.course.0, Id::from_uuid(ids.next(now)), times);
            Held { row, is_new: true, changed: false }
        });
        let before = held.row.status();
        let change = how(&mut held.row);
        let concludes = change.completed || held.row.status() != before && is_verdict(held.row.status());
        let created = held.is_new && held.row.revision == 0;
        if created || change.visible {
            held.row.tell(now);
        }
        held.changed |= created || change.visible || change.time || change.active;
        if let (true, Some(stat)) = (created || change.visible, stat_kind(kind, context)) {
            let phase = if created { Phase::Created } else { Phase::Updated };
            let (event_type, subject) = (stat.event(phase), Subject::Standing(Box::new(held.row.clone())));
            self.announcements.push(Announcement { context: context.clone(), event_type, subject, concludes });
        }
        change
    }

    fn announce_standing(&mut self, context: &Context, key: Key, event_type: EventType) {
        if let Some(held) = self.standings.get(&key) {
            let subject = Subject::Standing(Box::new(held.row.clone()));
            self.announce(context, event_type, subject);
        }
    }

    fn announce(&mut self, context: &Context, event_type: EventType, subject: Subject) {
        self.announcements.push(Announcement { context: context.clone(), event_type, subject, concludes: false });
    }

    fn is_complete(&self, context: &Context, object: Uuid) -> bool {
        self.standings.get(&key(context, object)).is_some_and(|held| held.row.is_complete())
    }

    fn is_waived(&self, context: &Context, object: Uuid) -> bool {
        self.standings.get(&key(context, object)).is_some_and(|held| held.row.is_waived())
    }

    /// The course is completed by a score too, so another attempt at something done may complete it.
    fn wants_score(&self, context: &Context) -> bool {
        let parts = self.structure.lessons_of(context.tenant, context.path.course.0);
        parts.first().is_some_and(|part| part.wanted_score.is_some())
    }

    fn latest_quiz(&self, context: &Context) -> Option<Standing> {
        let tenant: TenantId = context.tenant;
        self.structure
            .lessons_of(tenant, context.path.course.0)
            .iter()
            .flat_map(|lesson| self.structure.items_of(tenant, lesson.id))
            .filter(|part| part.kind == "quiz")
            .filter_map(|part| self.standings.get(&key(context, part.id)))
            .map(|held| &held.row)
            .filter(|standing| standing.score.is_some())
            .max_by_key(|standing| (standing.last_occurred_at, standing.id))
            .cloned()
    }
}

pub(super) fn key(context: &Context, object: Uuid) -> Key {
    Key { tenant: context.tenant, user: context.learner.id, object }
}

fn lesson_key(context: &Context) -> Option<Key> {
    context.path.lesson.as_ref().map(|(lesson, _)| key(context, *lesson))
}

/// Each is reached once: what is passed stays passed, and what is completed stays completed.
const fn is_verdict(status: StandingStatus) -> bool {
    matches!(status, StandingStatus::Completed | StandingStatus::Passed | StandingStatus::Failed)
}

fn take_quiz(course: &mut Standing, change: Change, quiz: Option<&Standing>) {
    if let (true, None, Some(quiz)) = (change.completed, course.score, quiz) {
        course.score = quiz.score;
        course.best_score = quiz.best_score;
        course.success = course.success.or(quiz.success);
    }
}

fn stat_kind(kind: ObjectKind, context: &Context) -> Option<StatKind> {
    match kind {
        ObjectKind::Course => Some(StatKind::Course),
        ObjectKind::Lesson => Some(StatKind::Section),
        ObjectKind::Item => context.path.item.as_ref().and_then(|(_, item)| item.kind.stat()),
        _ => None, // the others have no statistic
    }
}
