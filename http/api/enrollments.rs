//! Who is on a course.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Id, Key, Result,
    content::courses,
    enrolments::{self, Enrolled, Enrolment, EnrolmentFilter, EnrolmentOfMember, EnrolmentStatus, NewEnrolments},
    id::{self, User},
    members::Member,
    time::Timestamp,
};
use stoa_record::lesson_progress::unmet;

use crate::{
    body::Body,
    doors::{Call, Done, Door, Listed, NoQuery, Put, Sample, sample},
    page::{PageNumber, PerPage, asked},
};

const TAG: &str = "Enrolments";

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::get("/api/courses/{course}/enrollments", list).needs(Ability::MembersRead).named(
            "listEnrollments",
            TAG,
            "Lists who is on a course, the longest there first, or by change with `updated_since`",
        ),
        Door::post("/api/courses/{course}/enrollments", enrol)
            .needs(Ability::MembersWrite)
            .named(
                "enroll",
                TAG,
                "Puts learners on a course; whoever is on it already stays as he is, and if all are the answer is 200",
            )
            .errors(&[Code::Conflict]),
        Door::delete("/api/courses/{course}/enrollments/{user}", remove)
            .needs(Ability::MembersWrite)
            .named("unenroll", TAG, "Takes a learner off a course; the record stays")
            .errors(&[Code::NotEnrolled]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneCourse {
    /// Id of the course, slug, or `external_id:` and the institution's own key.
    course: Key<id::Course>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneLearner {
    /// Id of the course, slug, or `external_id:` and the institution's own key.
    course: Key<id::Course>,
    /// Id of the learner, e-mail address, or `external_id:` and the institution's own key.
    user: Key<User>,
}

/// Which enrolments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Listing {
    /// Of this status; all but the removed if left out.
    #[serde(default)]
    status: Option<EnrolmentStatus>,
    /// Changed then or later, the removed among them.
    #[serde(default)]
    updated_since: Option<Timestamp>,
    #[serde(default)]
    page: PageNumber,
    #[serde(default)]
    per_page: PerPage,
}

impl Body for NewEnrolments {
    fn example() -> Value {
        json!({
            "users": [{ "external_id": "s-1815" }, { "email": "minjun@school.example" }],
            "due_at": "2099-06-30T22:00:00Z",
        })
    }
}

/// A learner on a course.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Enrollment")]
struct EnrollmentView {
    /// Id.
    id: Id<id::Enrolment>,
    /// The institution's own key.
    external_id: Option<String>,
    /// The course.
    course_id: Id<id::Course>,
    /// The learner.
    user: LearnerView,
    /// Where it is in its life.
    status: EnrolmentStatus,
    /// Who enrolled the learner; null when a token or activity did.
    enrolled_by: Option<Id<User>>,
    /// When it happened.
    enrolled_at: DateTime<Utc>,
    /// When the course should be done.
    due_at: Option<DateTime<Utc>>,
    /// First completion.
    completed_at: Option<DateTime<Utc>>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
}

/// A learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Learner")]
struct LearnerView {
    /// Id.
    id: Id<User>,
    /// Integer id.
    number: i64,
    /// The institution's own key.
    external_id: Option<String>,
    /// Address as it was given.
    email: String,
    /// Whole name.
    name: String,
}

/// What became of a learner.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Enrolled")]
struct EnrolledView {
    #[serde(flatten)]
    enrollment: EnrollmentView,
    /// The learner was not on the course before.
    is_new: bool,
    /// Courses to be completed before, which the learner has not: he is on the course, and its lessons are locked.
    unmet_prerequisite_ids: Vec<Id<id::Course>>,
}

impl EnrollmentView {
    fn of(enrolment: Enrolment, learner: Member) -> Self {
        let user = LearnerView {
            id: learner.id,
            number: learner.number,
            external_id: learner.external_id,
            email: learner.email,
            name: learner.name,
        };
        Self {
            id: enrolment.id,
            external_id: enrolment.external_id,
            course_id: enrolment.course_id,
            user,
            status: enrolment.status,
            enrolled_by: enrolment.enrolled_by,
            enrolled_at: enrolment.enrolled_at,
            due_at: enrolment.due_at,
            completed_at: enrolment.completed_at,
            updated_at: enrolment.updated_at,
        }
    }
}

async fn list(call: Call<OneCourse, Listing>) -> Result<Listed<EnrollmentView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::get(&mut tx, &call.path.course).await?;
    let Listing { status, updated_since, page, per_page } = call.query;
    let filter = EnrolmentFilter { status, updated_since: updated_since.map(Timestamp::utc), group: None };
    let page = enrolments::list(&mut tx, course.id, &filter, asked(page, per_page)).await?;
    Ok(Listed(page.map(|EnrolmentOfMember { enrolment, learner }| EnrollmentView::of(enrolment, learner))))
}

async fn enrol(call: Call<OneCourse, NoQuery, NewEnrolments>) -> Result<Put<Vec<EnrolledView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let enrolled = enrolments::enrol_named(&mut tx, &call.scope, &call.path.course, call.body).await?;
    let course = courses::get(&mut tx, &call.path.course).await?;
    let learners: Vec<_> = enrolled.iter().map(|(_, learner)| learner.id).collect();
    let mut unmet = unmet(&mut tx, &course, &learners).await?;
    tx.commit().await?;
    let view = |(Enrolled { enrolment, is_new }, learner): (Enrolled, Member)| EnrolledView {
        unmet_prerequisite_ids: unmet.remove(&learner.id).unwrap_or_default(),
        enrollment: EnrollmentView::of(enrolment, learner),
        is_new,
    };
    let is_new = enrolled.iter().any(|(enrolled, _)| enrolled.is_new);
    Ok(Put { data: enrolled.into_iter().map(view).collect(), is_new })
}

async fn remove(call: Call<OneLearner>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    enrolments::remove(&mut tx, &call.path.course, &call.path.user).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for EnrollmentView {
    fn sample() -> Self {
        Self {
            id: sample::id(),
            external_id: None,
            course_id: sample::id(),
            user: LearnerView {
                id: sample::id(),
                number: 42,
                external_id: Some("s-1815".into()),
                email: "olga@school.example".into(),
                name: "Ольга Иванова".into(),
            },
            status: EnrolmentStatus::Active,
            enrolled_by: None,
            enrolled_at: sample::time(),
            due_at: None,
            completed_at: None,
            updated_at: sample::time(),
        }
    }
}

impl Sample for EnrolledView {
    fn sample() -> Self {
        Self { enrollment: EnrollmentView::sample(), is_new: true, unmet_prerequisite_ids: Vec::new() }
    }
}
