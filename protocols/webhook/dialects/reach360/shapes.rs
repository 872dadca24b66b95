//! The shapes of a delivery: the body and what each of the four events carries.
//!
//! Not here: the objects inside (`objects`), and which version has which shapes (`version`).
//!
//! # Source
//! access.articulate.com, "Reach 360: Webhook Events"; the keys of `course.submitted`, `enrollments.created` and
//! `user.created` as secc/RockPlugins reads them. The key `learningPath` is ours: the vendor's text says that `course`
//! is null for a learning path and does not name its sibling.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::{
    Version, Word,
    objects::{Course, Group, LearningPath, Links, User},
};
use crate::{
    event::{Envelope, instant},
    webhook::{RenderError, dialect::required},
};

/// A delivery.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Body<'a, D> {
    /// `evt_…`, the same over every attempt.
    id: &'a str,
    /// When it happened.
    created_at: String,
    /// Its name.
    #[serde(rename = "type")]
    event_type: &'static str,
    /// The webhook that caused the request.
    webhook_id: &'a str,
    /// The version that the webhook is pinned to.
    api_version: &'static str,
    /// What happened.
    data: D,
}

#[derive(Serialize, JsonSchema)]
struct CourseCompleted<'a> {
    course: Course<'a>,
    user: User<'a>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CourseSubmitted<'a> {
    is_initial_submission: bool,
    course: Course<'a>,
    /// Null when an integration did it.
    submitter: Option<User<'a>>,
    /// Null while nobody is chosen.
    reviewer: Option<User<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EnrollmentsCreated<'a> {
    /// Null when the enrolment is on a learning path.
    course: Option<Course<'a>>,
    /// Null when the enrolment is on a course.
    learning_path: Option<LearningPath<'a>>,
    /// Null when an integration or activity did it.
    enrolled_by: Option<User<'a>>,
    groups: Vec<Group<'a>>,
    users: Vec<User<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct UserCreated<'a> {
    user: User<'a>,
}

/// What a body says around its data.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) word: Word,
    pub(super) event: &'a Envelope,
    pub(super) webhook_id: &'a str,
    pub(super) version: Version,
    pub(super) links: Links<'a>,
}

impl<'a> Frame<'a> {
    fn around<D: Serialize>(&self, data: D) -> Result<Vec<u8>, RenderError> {
        let body = Body {
            id: &self.event.id,
            created_at: instant::with_z(self.event.occurred_at),
            event_type: self.word.as_str(),
            webhook_id: self.webhook_id,
            api_version: self.version.as_str(),
            data,
        };
        Ok(serde_json::to_vec(&body)?)
    }

    fn course(&self) -> Result<Course<'a>, RenderError> {
        Ok(Course::new(required(self.event.data.course.as_deref(), "course", self.event)?, self.links))
    }

    fn user(&self) -> Result<User<'a>, RenderError> {
        Ok(User::new(required(self.event.data.user.as_deref(), "user", self.event)?, self.links))
    }
}

/// Writes a body in the first shapes.
pub(super) fn render(frame: &Frame<'_>) -> Result<Vec<u8>, RenderError> {
    match frame.word {
        Word::CourseCompleted => frame.around(course_completed(frame)?),
        Word::CourseSubmitted => frame.around(course_submitted(frame)?),
        Word::EnrollmentsCreated => frame.around(enrollments_created(frame)?),
        Word::UserCreated => frame.around(UserCreated { user: frame.user()? }),
    }
}

/// The schema of a body in the first shapes.
pub(super) fn schema(word: Word, schemas: &mut SchemaGenerator) -> Schema {
    match word {
        Word::CourseCompleted => schemas.root_schema_for::<Body<'static, CourseCompleted<'static>>>(),
        Word::CourseSubmitted => schemas.root_schema_for::<Body<'static, CourseSubmitted<'static>>>(),
        Word::EnrollmentsCreated => schemas.root_schema_for::<Body<'static, EnrollmentsCreated<'static>>>(),
        Word::UserCreated => schemas.root_schema_for::<Body<'static, UserCreated<'static>>>(),
    }
}

fn course_completed<'a>(frame: &Frame<'a>) -> Result<CourseCompleted<'a>, RenderError> {
    let standing = required(frame.event.data.standing.as_ref(), "standing", frame.event)?;
    Ok(CourseCompleted {
        course: frame.course()?.with_quiz(standing),
        user: frame.user()?.active_at(frame.event.occurred_at),
    })
}

fn course_submitted<'a>(frame: &Frame<'a>) -> Result<CourseSubmitted<'a>, RenderError> {
    let submission = required(frame.event.data.submission.as_ref(), "submission", frame.event)?;
    Ok(CourseSubmitted {
        is_initial_submission: submission.is_initial,
        course: frame.course()?,
        submitter: submission.submitter.as_deref().map(|user| User::new(user, frame.links)),
        reviewer: submission.reviewer.as_deref().map(|user| User::new(user, frame.links)),
    })
}

fn enrollments_created<'a>(frame: &Frame<'a>) -> Result<EnrollmentsCreated<'a>, RenderError> {
    let (data, links) = (&frame.event.data, frame.links);
    let learning_path = data.learning_path.as_deref().map(|path| LearningPath::new(path, links));
    Ok(EnrollmentsCreated {
        course: if learning_path.is_some() { None } else { Some(frame.course()?) },
        learning_path,
        enrolled_by: data.enrolled_by.as_deref().map(|user| User::new(user, links)),
        groups: data.groups.iter().map(|group| Group::new(group, links)).collect(),
        users: data.users.iter().map(|user| User::new(user, links)).collect(),
    })
}
