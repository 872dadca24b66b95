//! `/reports`: how learners stand, a row for each learner on a course.
//!
//! # Source
//! access.articulate.com, "Reach 360: Reports API" (the Session Object); rows and heads of the other reports as
//! nimit2801/mcp-articulate-reach360 has them. A session is a learner's whole time on a course here: activity is not
//! kept in sittings.

use chrono::{DateTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stoa_core::{
    Ability, Code, Result,
    progress::{self, Report, ReportRow},
};
use stoa_protocols::webhook::dialects::reach360::objects::Links;

use super::{
    keys::{self, OneCourse, OneUser},
    listing::{Cursor, Head, List, LongLimit, NoHead, Shown},
    version::Client,
};
use crate::{
    body::NoBody,
    doors::{Call, Door, NoPath},
};

const TAG: &str = "Reach 360";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/reports/activity", activity).needs(Ability::ProgressRead).named(
            "reachReportActivity",
            TAG,
            "Lists every learner's time on every course",
        ),
        Door::get("/reports/courses/{courseId}", of_course)
            .needs(Ability::ProgressRead)
            .named("reachReportCourse", TAG, "Lists the learners of a course and how each stands")
            .errors(&[Code::CourseNotFound]),
        Door::get("/reports/learners/{userId}", of_learner)
            .needs(Ability::ProgressRead)
            .named("reachReportLearner", TAG, "Lists the courses of a learner and how he stands on each")
            .errors(&[Code::UserNotFound]),
    ]
}

/// A page of a report.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Paging {
    /// Most rows of the page.
    #[serde(default)]
    limit: LongLimit,
    /// Where the page begins; stands in `nextUrl`.
    #[serde(default)]
    cursor: Option<String>,
}

/// How far a learner is.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
enum Status {
    /// Nothing done yet.
    #[serde(rename = "Not Started")]
    NotStarted,
    /// Begun.
    #[serde(rename = "In Progress")]
    InProgress,
    /// Done.
    Complete,
}

/// What all rows tell of how a learner stands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Standing {
    /// How far.
    status: Status,
    /// Whole per cent.
    progress: i32,
    /// Time spent, as RFC 3339 appendix A writes it; null before the first activity.
    duration: Option<String>,
    /// Whole per cent; null without a quiz.
    quiz_score_percent: Option<i32>,
    /// When it should be done.
    due_at: Option<String>,
    /// First completion.
    completed_at: Option<String>,
}

/// A learner's time on a course.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachSession")]
pub(super) struct Session<'a> {
    course_id: String,
    course_title: &'a str,
    course_report_url: String,
    course_url: String,
    /// It was deleted.
    course_deleted: bool,
    /// The learner may go on with it.
    course_available: bool,
    user_id: String,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    learner_report_url: String,
    user_url: String,
    /// The person has left.
    user_deleted: bool,
    /// First activity.
    started_at: Option<String>,
    number_of_lessons_completed: i64,
    /// Null without a quiz.
    is_quiz_passed: Option<bool>,
    #[serde(flatten)]
    standing: Standing,
}

/// A learner of a course.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachCourseLearner")]
pub(super) struct CourseLearner<'a> {
    user_id: String,
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    learner_report_url: String,
    user_url: String,
    /// The person has left.
    user_deleted: bool,
    #[serde(flatten)]
    standing: Standing,
}

/// A course of a learner.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReachLearnerCourse")]
pub(super) struct LearnerCourse<'a> {
    course_id: String,
    course_title: &'a str,
    course_report_url: String,
    course_url: String,
    /// It was deleted.
    course_deleted: bool,
    #[serde(flatten)]
    standing: Standing,
}

/// Whose learners they are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct CourseHead {
    course_deleted: bool,
    course_url: String,
}

/// Whose courses they are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LearnerHead {
    user_deleted: bool,
    user_url: String,
}

#[derive(Debug)]
pub(super) struct SessionRow(ReportRow);
#[derive(Debug)]
pub(super) struct LearnerRow(ReportRow);
#[derive(Debug)]
pub(super) struct CourseRow(ReportRow);
#[derive(Debug)]
pub(super) struct OfCourse(String);
#[derive(Debug)]
pub(super) struct OfLearner {
    id: String,
    removed: bool,
}

impl Standing {
    fn of(row: &ReportRow) -> Self {
        let status = match (row.started_at, row.completed_at) {
            (_, Some(_)) => Status::Complete,
            (Some(_), None) => Status::InProgress,
            (None, None) => Status::NotStarted,
        };
        Self {
            status,
            progress: row.progress / 100,
            duration: row.started_at.map(|_| duration(row.time_spent_seconds)),
            quiz_score_percent: row.score().map(|score| score / 100),
            due_at: row.due_at.map(instant),
            completed_at: row.completed_at.map(instant),
        }
    }
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// RFC 3339 appendix A, in hours, minutes and seconds.
fn duration(seconds: i64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let part = |number: i64, letter: char| if number == 0 { String::new() } else { format!("{number}{letter}") };
    match (part(hours, 'H'), part(minutes, 'M'), part(rest, 'S')) {
        (hours, minutes, rest) if hours.is_empty() && minutes.is_empty() && rest.is_empty() => "PT0S".to_owned(),
        (hours, minutes, rest) => format!("PT{hours}{minutes}{rest}"),
    }
}

impl Shown for SessionRow {
    const PLURAL: &'static str = "activities";
    type Object<'a> = Session<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> Session<'a> {
        let row = &self.0;
        let (course, user) = (row.course_id.to_string(), row.user_id.to_string());
        Session {
            course_title: &row.course_title,
            course_report_url: links.to("reports/courses", &course),
            course_url: links.to("courses", &course),
            course_id: course,
            course_deleted: row.course_deleted,
            course_available: row.on_course && !row.course_deleted,
            email: &row.email,
            first_name: &row.first_name,
            last_name: &row.last_name,
            learner_report_url: links.to("reports/learners", &user),
            user_url: links.to("users", &user),
            user_id: user,
            user_deleted: row.user_removed,
            started_at: row.started_at.map(instant),
            number_of_lessons_completed: row.lessons_completed,
            is_quiz_passed: row.score().and(row.success),
            standing: Standing::of(row),
        }
    }

    fn sample() -> Self {
        Self(ReportRow::sample())
    }
}

impl Shown for LearnerRow {
    const PLURAL: &'static str = "learners";
    type Object<'a> = CourseLearner<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> CourseLearner<'a> {
        let row = &self.0;
        let user = row.user_id.to_string();
        CourseLearner {
            email: &row.email,
            first_name: &row.first_name,
            last_name: &row.last_name,
            learner_report_url: links.to("reports/learners", &user),
            user_url: links.to("users", &user),
            user_id: user,
            user_deleted: row.user_removed,
            standing: Standing::of(row),
        }
    }

    fn sample() -> Self {
        Self(ReportRow::sample())
    }
}

impl Shown for CourseRow {
    const PLURAL: &'static str = "courses";
    type Object<'a> = LearnerCourse<'a>;

    fn show<'a>(&'a self, links: Links<'_>) -> LearnerCourse<'a> {
        let row = &self.0;
        let course = row.course_id.to_string();
        LearnerCourse {
            course_title: &row.course_title,
            course_report_url: links.to("reports/courses", &course),
            course_url: links.to("courses", &course),
            course_id: course,
            course_deleted: row.course_deleted,
            standing: Standing::of(row),
        }
    }

    fn sample() -> Self {
        Self(ReportRow::sample())
    }
}

impl Head for OfCourse {
    type Object = CourseHead;

    fn show(&self, links: Links<'_>) -> CourseHead {
        CourseHead { course_deleted: false, course_url: links.to("courses", &self.0) }
    }

    fn sample() -> Self {
        Self(ReportRow::sample().course_id.to_string())
    }
}

impl Head for OfLearner {
    type Object = LearnerHead;

    fn show(&self, links: Links<'_>) -> LearnerHead {
        LearnerHead { user_deleted: self.removed, user_url: links.to("users", &self.id) }
    }

    fn sample() -> Self {
        Self { id: ReportRow::sample().user_id.to_string(), removed: false }
    }
}

async fn activity(call: Call<NoPath, Paging, NoBody, Client>) -> Result<List<SessionRow>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, "reports/activity");
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let rows = progress::report(&mut tx, Report::Activity, (after, limit + 1)).await?;
    cursor.page(rows.into_iter().map(SessionRow).collect(), (NoHead, limit), |row| row.0.enrolment_id)
}

async fn of_course(call: Call<OneCourse, Paging, NoBody, Client>) -> Result<List<LearnerRow, OfCourse>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let course = keys::course(&mut tx, &call.path.course_id).await?.id;
    let cursor = Cursor::of(&call.app, scope.tenant, &format!("reports/courses/{course}"));
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let rows = progress::report(&mut tx, Report::OfCourse(course), (after, limit + 1)).await?;
    let rows = rows.into_iter().map(LearnerRow).collect();
    cursor.page(rows, (OfCourse(course.to_string()), limit), |row| row.0.user_id.uuid())
}

async fn of_learner(call: Call<OneUser, Paging, NoBody, Client>) -> Result<List<CourseRow, OfLearner>> {
    let scope = &call.scope.scope;
    let mut tx = call.app.db.tenant(scope).await?;
    let user = keys::user(&mut tx, &call.path.user_id).await?;
    let cursor = Cursor::of(&call.app, scope.tenant, &format!("reports/learners/{}", user.id));
    let (limit, after) = (call.query.limit.rows(), cursor.read(call.query.cursor.as_deref())?);
    let rows = progress::report(&mut tx, Report::OfLearner(user.id), (after, limit + 1)).await?;
    let removed = user.status == stoa_core::members::MemberStatus::Removed;
    let rows = rows.into_iter().map(CourseRow).collect();
    cursor.page(rows, (OfLearner { id: user.id.to_string(), removed }, limit), |row| row.0.course_id.uuid())
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_leave_out_what_is_nothing() {
        let written = [0, 59, 60, 3_600, 3_661, 90_000].map(duration);
        assert_eq!(written, ["PT0S", "PT59S", "PT1M", "PT1H", "PT1H1M1S", "PT25H"]);
    }
}
