//! How a course looks, alone and with all that it holds.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Id, Scope,
    content::{
        Cefr, CefrRange, LessonOutline, TrainingOutline,
        courses::{Course, CourseStatus},
    },
    id::{self, User},
    members::Member,
};

use super::{lessons::LessonView, training_items::ItemView, trainings::TrainingView};
use crate::doors::{Sample, sample};

/// A course.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Course")]
pub(super) struct CourseView {
    /// Id.
    id: Id<id::Course>,
    /// Integer id.
    number: i64,
    /// The institution's own key.
    external_id: Option<String>,
    /// Readable part of public addresses.
    slug: String,
    /// Shown to people.
    title: String,
    /// One paragraph, plain text.
    summary: String,
    /// Tag of the language that is taught.
    language: String,
    /// From which level to which it leads.
    cefr: CefrRange,
    /// Free word of the institution.
    category: Option<String>,
    /// Picture.
    cover_url: Option<String>,
    /// Where it is on its way to the learners.
    status: CourseStatus,
    /// Who wrote it.
    author_id: Option<Id<User>>,
    /// Who is to review it.
    reviewer_id: Option<Id<User>>,
    /// First time it was submitted for review.
    submitted_at: Option<DateTime<Utc>>,
    /// Courses to be completed before.
    prerequisite_ids: Vec<Id<id::Course>>,
    /// Who teaches it.
    instructor_ids: Vec<Id<User>>,
    /// Lessons in it.
    lesson_count: i64,
    /// Estimated: the sum of its lessons.
    duration_minutes: i64,
    /// Counts changes.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// A course with all that it holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeCourse")]
pub(super) struct WholeCourseView {
    #[serde(flatten)]
    course: CourseView,
    /// Who teaches it, by name.
    instructors: Vec<InstructorView>,
    /// What completes it.
    completion: CompletionView,
    /// Its lessons, in order.
    lessons: Vec<WholeLessonView>,
}

/// Somebody who teaches.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Instructor")]
struct InstructorView {
    /// Id.
    id: Id<User>,
    /// Whole name.
    name: String,
}

/// What completes a course.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Completion")]
struct CompletionView {
    /// `required_lessons`: all required lessons, each counted by its weight.
    rule: &'static str,
}

/// A lesson with its trainings.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeLesson")]
struct WholeLessonView {
    #[serde(flatten)]
    lesson: LessonView,
    /// Its trainings, in order.
    trainings: Vec<WholeTrainingView>,
}

/// A training with its items.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeTraining")]
struct WholeTrainingView {
    #[serde(flatten)]
    training: TrainingView,
    /// Its items, in order.
    items: Vec<ItemView>,
}

const BY_REQUIRED_LESSONS: CompletionView = CompletionView { rule: "required_lessons" };

impl CourseView {
    pub(super) fn of(course: Course) -> Self {
        Self {
            cefr: course.cefr(),
            id: course.id,
            number: course.number,
            external_id: course.external_id,
            slug: course.slug,
            title: course.title,
            summary: course.summary,
            language: course.language,
            category: course.category,
            cover_url: course.cover_url,
            status: course.status,
            author_id: course.author_id,
            reviewer_id: course.reviewer_id,
            submitted_at: course.submitted_at,
            prerequisite_ids: course.prerequisite_ids.into_iter().map(Id::from_uuid).collect(),
            instructor_ids: course.instructor_ids.into_iter().map(Id::from_uuid).collect(),
            lesson_count: course.lesson_count,
            duration_minutes: course.duration_minutes,
            version: course.version,
            created_at: course.created_at,
            updated_at: course.updated_at,
        }
    }
}

impl WholeCourseView {
    pub(super) fn of(course: Course, instructors: Vec<Member>, lessons: Vec<LessonOutline>, scope: &Scope) -> Self {
        let named = |member: Member| InstructorView { id: member.id, name: member.name };
        Self {
            course: CourseView::of(course),
            instructors: instructors.into_iter().map(named).collect(),
            completion: BY_REQUIRED_LESSONS,
            lessons: lessons.into_iter().map(|lesson| WholeLessonView::of(lesson, scope)).collect(),
        }
    }
}

impl WholeLessonView {
    fn of(LessonOutline { lesson, trainings }: LessonOutline, scope: &Scope) -> Self {
        let trainings = trainings.into_iter().map(|training| WholeTrainingView::of(training, scope)).collect();
        Self { lesson: LessonView::of(lesson), trainings }
    }
}

impl WholeTrainingView {
    fn of(TrainingOutline { training, items }: TrainingOutline, scope: &Scope) -> Self {
        let items = items.into_iter().map(|item| ItemView::of(item, scope)).collect();
        Self { training: TrainingView::of(training), items }
    }
}

impl Sample for CourseView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            number: 3,
            external_id: Some("korean-a1".into()),
            slug: "korean-for-beginners".into(),
            title: "Korean for beginners".into(),
            summary: "From the first letter to the first talk.".into(),
            language: "ko".into(),
            cefr: CefrRange { from: Some(Cefr::PreA1), to: Some(Cefr::A1) },
            category: Some("languages".into()),
            cover_url: None,
            status: CourseStatus::Published,
            author_id: Some(sample::id()),
            reviewer_id: None,
            submitted_at: None,
            prerequisite_ids: Vec::new(),
            instructor_ids: vec![sample::id()],
            lesson_count: 1,
            duration_minutes: 20,
            version: 1,
            created_at: sample::time(),
            updated_at: sample::time(),
        }
    }
}

impl Sample for WholeCourseView {
    fn sample() -> Self {
        let training = WholeTrainingView { training: TrainingView::sample(), items: vec![ItemView::sample()] };
        Self {
            course: CourseView::sample(),
            instructors: vec![InstructorView { id: sample::id(), name: "Ada Lovelace".into() }],
            completion: BY_REQUIRED_LESSONS,
            lessons: vec![WholeLessonView { lesson: LessonView::sample(), trainings: vec![training] }],
        }
    }
}
