//! How a course looks, alone and with all that it holds.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Id, Scope,
    content::{
        Cefr, CefrRange, Depth, LessonOutline, TrainingOutline,
        courses::{CompletionRule, Course, CourseStatus, LessonOrder},
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
    /// What completes it.
    completion: CompletionView,
    /// In which order its lessons may be done.
    lesson_order: LessonOrder,
    /// Number of its latest published version; 0 where it was never published.
    edition: i32,
    /// What the reviewer said last.
    review_note: Option<String>,
    /// It is shared by the platform: only to be read.
    is_shared: bool,
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

/// A course in a list, with what it holds where that was asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CourseRow")]
pub(super) struct CourseRow {
    #[serde(flatten)]
    course: CourseView,
    /// Its lessons, in order; with `include`.
    #[serde(skip_serializing_if = "Option::is_none")]
    lessons: Option<Vec<LessonRow>>,
}

/// A course with all that it holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeCourse")]
pub(super) struct WholeCourseView {
    #[serde(flatten)]
    course: CourseView,
    /// Who teaches it, by name.
    instructors: Vec<InstructorView>,
    /// Its lessons, in order; as deep as `include` says, with all that they hold if it is left out.
    lessons: Vec<LessonRow>,
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
    /// `required_lessons`: all required lessons. `weight`: as much of their weight as the threshold says.
    /// `listed_lessons`: those of `lesson_ids`. `passing_score`: all required lessons, and a score.
    rule: CompletionRule,
    /// Share of the weight, or score, in basis points; only with the rules that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<i32>,
    /// The lessons that count; only with `listed_lessons`.
    #[serde(skip_serializing_if = "Option::is_none")]
    lesson_ids: Option<Vec<Id<id::Lesson>>>,
}

/// A lesson with its trainings, where those were asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeLesson")]
pub(super) struct LessonRow {
    #[serde(flatten)]
    lesson: LessonView,
    /// Its trainings, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    trainings: Option<Vec<TrainingRow>>,
}

/// A training with its items, where those were asked for.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WholeTraining")]
pub(super) struct TrainingRow {
    #[serde(flatten)]
    training: TrainingView,
    /// Its items, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<Vec<ItemView>>,
}

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
            completion: CompletionView {
                rule: course.completion_rule,
                threshold: course.completion_threshold,
                lesson_ids: (course.completion_rule == CompletionRule::ListedLessons)
                    .then(|| course.completion_lesson_ids.into_iter().map(Id::from_uuid).collect()),
            },
            lesson_order: course.lesson_order,
            edition: course.edition,
            review_note: course.review_note,
            is_shared: course.source_id.is_some(),
            lesson_count: course.lesson_count,
            duration_minutes: course.duration_minutes,
            version: course.version,
            created_at: course.created_at,
            updated_at: course.updated_at,
        }
    }
}

impl CourseRow {
    /// The course, and its lessons where they were asked for.
    pub(super) fn of(course: Course, lessons: Option<Vec<LessonRow>>) -> Self {
        Self { course: CourseView::of(course), lessons }
    }
}

impl WholeCourseView {
    pub(super) fn of(course: Course, instructors: Vec<Member>, lessons: Vec<LessonRow>) -> Self {
        let named = |member: Member| InstructorView { id: member.id, name: member.name };
        Self { course: CourseView::of(course), instructors: instructors.into_iter().map(named).collect(), lessons }
    }
}

impl LessonRow {
    /// The lesson as deep as it was asked for; keys to answers as the scope may see them.
    pub(super) fn of(LessonOutline { lesson, trainings }: LessonOutline, depth: Depth, scope: &Scope) -> Self {
        let wanted = depth > Depth::Lessons;
        let row = |training| TrainingRow::of(training, (depth == Depth::Items).then_some(scope));
        Self { lesson: LessonView::of(lesson), trainings: wanted.then(|| trainings.into_iter().map(row).collect()) }
    }
}

impl TrainingRow {
    /// The training, and its items where they are shown to somebody.
    pub(super) fn of(TrainingOutline { training, items }: TrainingOutline, to: Option<&Scope>) -> Self {
        let items = to.map(|scope| items.into_iter().map(|item| ItemView::of(item, scope)).collect());
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
            completion: CompletionView { rule: CompletionRule::Weight, threshold: Some(8_000), lesson_ids: None },
            lesson_order: LessonOrder::Sequential,
            edition: 2,
            review_note: None,
            is_shared: false,
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
        Self {
            course: CourseView::sample(),
            instructors: vec![InstructorView { id: sample::id(), name: "Ada Lovelace".into() }],
            lessons: vec![LessonRow::sample()],
        }
    }
}

impl Sample for CourseRow {
    fn sample() -> Self {
        Self { course: CourseView::sample(), lessons: None }
    }
}

impl Sample for LessonRow {
    fn sample() -> Self {
        Self { lesson: LessonView::sample(), trainings: Some(vec![TrainingRow::sample()]) }
    }
}

impl Sample for TrainingRow {
    fn sample() -> Self {
        Self { training: TrainingView::sample(), items: Some(vec![ItemView::sample()]) }
    }
}
