//! Standings as they are shown.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{Id, enrolments::Enrolment, id, members::Member, progress::Standing};
use stoa_protocols::event::{Score, StandingStatus};
use stoa_record::lesson_progress::{
    LessonProgress, LessonStanding, LessonStatus, MatrixRow, Outline, StandingSource, is_overdue,
};

/// Where a learner stands in a course.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LessonProgress")]
pub(super) struct LessonProgressView {
    /// When it was read.
    pub(super) as_of: DateTime<Utc>,
    /// The learner.
    pub(super) user: SubjectView,
    /// The course as a whole.
    pub(super) course: CourseProgressView,
    /// Its lessons in their order.
    pub(super) lessons: Vec<LessonView>,
}

/// A learner of the matrix.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LessonProgressRow")]
pub(super) struct RowView {
    /// The learner.
    pub(super) user: SubjectView,
    /// The course as a whole.
    pub(super) course: CourseProgressView,
    /// The lessons in the order of the course.
    pub(super) lessons: Vec<CellView>,
}

/// A learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Subject")]
pub(in crate::api::record) struct SubjectView {
    /// Id.
    pub(super) id: Id<id::User>,
    /// The institution's own key.
    pub(super) external_id: Option<String>,
    /// Whole name.
    pub(super) name: String,
}

/// A course as a whole, for one learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CourseProgress")]
pub(super) struct CourseProgressView {
    /// The course.
    pub(super) course_id: Id<id::Course>,
    /// The enrolment.
    pub(super) enrollment_id: Id<id::Enrolment>,
    /// How far, in one word.
    pub(super) status: StandingStatus,
    /// Whole percents, rounded down; 100 only when complete; null where no lesson is required.
    pub(super) progress: Option<i32>,
    /// Passed or failed.
    pub(super) success: SuccessView,
    /// Score of the latest attempt.
    pub(super) score: Option<ScoreView>,
    /// When the learner was put on the course.
    pub(super) enrolled_at: DateTime<Utc>,
    /// First activity.
    pub(super) first_started_at: Option<DateTime<Utc>>,
    /// Newest activity.
    pub(super) last_activity_at: Option<DateTime<Utc>>,
    /// First completion; never moves.
    pub(super) completed_at: Option<DateTime<Utc>>,
    /// When the course should be done.
    pub(super) due_at: Option<DateTime<Utc>>,
    /// It is past that, and the course is not complete.
    pub(super) overdue: bool,
    /// Sum of reported durations.
    pub(super) time_spent_seconds: i64,
    /// The course has got lessons since the learner completed it, which count and which he never did.
    pub(super) content_changed_after_completion: bool,
    /// Courses to be completed before, which the learner has not: until then no lesson is to be begun.
    pub(super) unmet_prerequisite_ids: Vec<Id<id::Course>>,
}

/// A lesson, for one learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LessonStanding")]
pub(super) struct LessonView {
    /// The lesson.
    pub(super) lesson_id: Id<id::Lesson>,
    /// Order within the course.
    pub(super) position: i32,
    /// Shown to people.
    pub(super) title: String,
    /// Free word.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// Counts towards the course's progress.
    pub(super) required: bool,
    /// Share in the course's progress.
    pub(super) weight: i32,
    /// Has required items, by which a learner completes it.
    pub(super) completable: bool,
    /// Version of the lesson as it is now.
    pub(super) content_version: i32,
    /// How far, in one word.
    pub(super) status: LessonStatus,
    /// Whence that is known; null where nothing was done.
    pub(super) source: Option<StandingSource>,
    /// How far in figures, and since when.
    pub(super) completion: CompletionView,
    /// Passed or failed.
    pub(super) success: SuccessView,
    /// Score of the latest attempt.
    pub(super) score: Option<ScoreView>,
    /// Best score so far, 0 to 1.
    pub(super) best_score: Option<f64>,
    /// Attempts so far.
    pub(super) attempts: i32,
    /// First activity.
    pub(super) first_started_at: Option<DateTime<Utc>>,
    /// Newest activity.
    pub(super) last_activity_at: Option<DateTime<Utc>>,
    /// Sum of reported durations.
    pub(super) time_spent_seconds: i64,
    /// When the course should be done.
    pub(super) due_at: Option<DateTime<Utc>>,
    /// It is past that, and the lesson is not complete.
    pub(super) overdue: bool,
}

/// A lesson in a row of the matrix.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LessonProgressCell")]
pub(super) struct CellView {
    /// The lesson.
    pub(super) lesson_id: Id<id::Lesson>,
    /// How far, in one word.
    pub(super) status: LessonStatus,
    /// Share done, 0 to 1; 1 only when complete.
    pub(super) ratio: f64,
    /// Best score so far, 0 to 1.
    pub(super) best_score: Option<f64>,
    /// First completion.
    pub(super) completed_at: Option<DateTime<Utc>>,
}

/// Completion: never taken back.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LessonCompletion")]
pub(super) struct CompletionView {
    /// Share done, 0 to 1; 1 only when complete.
    pub(super) ratio: f64,
    /// First completion; never moves.
    pub(super) completed_at: Option<DateTime<Utc>>,
}

/// Success: not the same as completion.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "SuccessVerdict")]
pub(super) struct SuccessView {
    /// Passed or failed; null while unknown.
    pub(super) passed: Option<bool>,
}

/// A score.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ScaledScore")]
pub(super) struct ScoreView {
    /// As a share of its scale, 0 to 1.
    pub(super) scaled: f64,
    /// As it was scored.
    pub(super) raw: f64,
    /// Lowest possible.
    pub(super) min: f64,
    /// Highest possible.
    pub(super) max: f64,
}

/// Basis points as a share.
fn share(basis_points: i32) -> f64 {
    f64::from(basis_points) / 10_000.0
}

impl SubjectView {
    pub(in crate::api::record) fn of(member: Member) -> Self {
        Self { id: member.id, external_id: member.external_id, name: member.name }
    }
}

impl ScoreView {
    fn of(score: Score) -> Self {
        Self { scaled: share(score.basis_points()), raw: score.raw, min: score.min, max: score.max }
    }
}

impl LessonProgressView {
    pub(super) fn of(progress: LessonProgress) -> Self {
        let LessonProgress { learner, enrolment, outline, as_of } = progress;
        let course = CourseProgressView::of(&enrolment, &outline, as_of);
        let due_at = enrolment.due_at;
        let lessons = outline.lessons.into_iter().map(|part| LessonView::of(part, (due_at, as_of))).collect();
        Self { as_of, user: SubjectView::of(learner), course, lessons }
    }
}

impl RowView {
    pub(super) fn of(row: MatrixRow, now: DateTime<Utc>) -> Self {
        let course = CourseProgressView::of(&row.enrolment, &row.outline, now);
        Self {
            user: SubjectView::of(row.learner),
            course,
            lessons: row.outline.lessons.iter().map(CellView::of).collect(),
        }
    }
}

impl CourseProgressView {
    fn of(enrolment: &Enrolment, outline: &Outline, now: DateTime<Utc>) -> Self {
        let facts = outline.course.as_ref().map(Standing::facts);
        let completed_at = facts.as_ref().and_then(|facts| facts.completed_at);
        Self {
            course_id: enrolment.course_id,
            enrollment_id: enrolment.id,
            status: outline.status(),
            progress: outline.percent(),
            success: SuccessView { passed: facts.as_ref().and_then(|facts| facts.success) },
            score: facts.as_ref().and_then(|facts| facts.score).map(ScoreView::of),
            enrolled_at: enrolment.enrolled_at,
            first_started_at: facts.as_ref().and_then(|facts| facts.started_at),
            last_activity_at: active(outline.course.as_ref()),
            completed_at,
            due_at: enrolment.due_at,
            overdue: is_overdue(enrolment.due_at, completed_at, now),
            time_spent_seconds: facts.as_ref().map_or(0, |facts| facts.time_spent_seconds),
            content_changed_after_completion: outline.content_changed_after_completion(),
            unmet_prerequisite_ids: outline.unmet_prerequisites.clone(),
        }
    }
}

/// Newest activity, of who has begun.
fn active(standing: Option<&Standing>) -> Option<DateTime<Utc>> {
    standing.filter(|standing| standing.facts().started_at.is_some()).map(Standing::last_activity_at)
}

impl LessonView {
    fn of(part: LessonStanding, (due_at, now): (Option<DateTime<Utc>>, DateTime<Utc>)) -> Self {
        let (status, source) = (part.status(), part.source());
        let due_at = due_at.filter(|_| status != LessonStatus::Waived);
        let facts = part.standing.as_ref().map(Standing::facts);
        let completed_at = facts.as_ref().and_then(|facts| facts.completed_at);
        let lesson = part.lesson;
        Self {
            lesson_id: lesson.id,
            position: lesson.position,
            title: lesson.title,
            kind: lesson.kind,
            required: lesson.required,
            weight: lesson.weight,
            completable: lesson.completable,
            content_version: lesson.version,
            status,
            source,
            completion: CompletionView { ratio: share(facts.as_ref().map_or(0, |facts| facts.progress)), completed_at },
            success: SuccessView { passed: facts.as_ref().and_then(|facts| facts.success) },
            score: facts.as_ref().and_then(|facts| facts.score).map(ScoreView::of),
            best_score: facts.as_ref().and_then(|facts| facts.best_score).map(share),
            attempts: facts.as_ref().map_or(0, |facts| facts.attempts),
            first_started_at: facts.as_ref().and_then(|facts| facts.started_at),
            last_activity_at: active(part.standing.as_ref()),
            time_spent_seconds: facts.as_ref().map_or(0, |facts| facts.time_spent_seconds),
            due_at,
            overdue: is_overdue(due_at, completed_at, now),
        }
    }
}

impl CellView {
    fn of(part: &LessonStanding) -> Self {
        let facts = part.standing.as_ref().map(Standing::facts);
        Self {
            lesson_id: part.lesson.id,
            status: part.status(),
            ratio: share(facts.as_ref().map_or(0, |facts| facts.progress)),
            best_score: facts.as_ref().and_then(|facts| facts.best_score).map(share),
            completed_at: facts.as_ref().and_then(|facts| facts.completed_at),
        }
    }
}
