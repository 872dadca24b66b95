//! Standings as the documentation shows them.

use stoa_protocols::event::StandingStatus;
use stoa_record::lesson_progress::{LessonStatus, StandingSource};

use super::views::{
    CellView, CompletionView, CourseProgressView, LessonProgressView, LessonView, RowView, ScoreView, SubjectView,
    SuccessView,
};
use crate::doors::{Sample, sample};

impl Sample for LessonProgressView {
    fn sample() -> Self {
        Self { as_of: sample::time(), user: SubjectView::sample(), course: course(), lessons: vec![lesson()] }
    }
}

impl Sample for RowView {
    fn sample() -> Self {
        let cell = CellView {
            lesson_id: sample::id(),
            status: LessonStatus::Passed,
            ratio: 1.0,
            best_score: Some(0.85),
            completed_at: Some(sample::time()),
        };
        Self { user: SubjectView::sample(), course: course(), lessons: vec![cell] }
    }
}

impl Sample for SubjectView {
    fn sample() -> Self {
        Self { id: sample::id(), external_id: Some("s-1815".into()), name: "김민준".into() }
    }
}

fn score() -> ScoreView {
    ScoreView { scaled: 0.85, raw: 8.5, min: 0.0, max: 10.0 }
}

fn course() -> CourseProgressView {
    CourseProgressView {
        course_id: sample::id(),
        enrollment_id: sample::id(),
        status: StandingStatus::InProgress,
        progress: Some(66),
        success: SuccessView { passed: None },
        score: Some(score()),
        enrolled_at: sample::time(),
        first_started_at: Some(sample::time()),
        last_activity_at: Some(sample::time()),
        completed_at: None,
        due_at: None,
        overdue: false,
        time_spent_seconds: 1_440,
        content_changed_after_completion: false,
        unmet_prerequisite_ids: Vec::new(),
    }
}

fn lesson() -> LessonView {
    LessonView {
        lesson_id: sample::id(),
        position: 1,
        title: "Greetings".into(),
        kind: "lesson".into(),
        required: true,
        weight: 1,
        completable: true,
        content_version: 3,
        status: LessonStatus::Passed,
        source: Some(StandingSource::Activity),
        completion: CompletionView { ratio: 1.0, completed_at: Some(sample::time()) },
        success: SuccessView { passed: Some(true) },
        score: Some(score()),
        best_score: Some(0.85),
        attempts: 2,
        first_started_at: Some(sample::time()),
        last_activity_at: Some(sample::time()),
        time_spent_seconds: 720,
        due_at: None,
        overdue: false,
    }
}
