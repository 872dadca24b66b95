//! Waivers: lessons that a learner need not do.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Error, Id, Key, Result,
    content::{
        courses::{self, Course},
        lessons::{self, Lesson},
    },
    db::TenantTx,
    id::{self, User},
    members,
    progress::{self, LessonOf, Waiver},
};

use super::TAG;
use crate::{
    body::Body,
    doors::{Call, Data, Done, Door, NoQuery, Put, Sample, sample},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let all = "/api/courses/{course}/lessons/{lesson}/waivers";
    vec![
        Door::get(all, list).needs(Ability::ProgressRead).named(
            "listLessonWaivers",
            TAG,
            "Lists the learners who need not do a lesson, and why",
        ),
        Door::post(all, waive)
            .needs(Ability::ProgressWrite)
            .named("waiveLesson", TAG, "Waives a lesson for a learner: it counts as if it were done")
            .errors(&[Code::NotEnrolled]),
        Door::delete("/api/courses/{course}/lessons/{lesson}/waivers/{user}", take_back)
            .needs(Ability::ProgressWrite)
            .named("takeLessonWaiverBack", TAG, "Takes a waiver back; what it completed stays completed")
            .errors(&[Code::NotEnrolled]),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneLesson {
    /// Id of the course, slug, or `external_id:` and the institution's own key.
    course: Key<id::Course>,
    /// Id of the lesson, or `external_id:` and the institution's own key.
    lesson: Key<id::Lesson>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneWaiver {
    /// Id of the course, slug, or `external_id:` and the institution's own key.
    course: Key<id::Course>,
    /// Id of the lesson, or `external_id:` and the institution's own key.
    lesson: Key<id::Lesson>,
    /// Id of the learner, e-mail address, or `external_id:` and the institution's own key.
    user: Key<User>,
}

/// A lesson to be waived.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewWaiver {
    /// The learner: id, e-mail address, or `external_id:` and the institution's own key.
    user: Key<User>,
    /// Why, 1 to 1000 characters.
    reason: String,
}

impl Body for NewWaiver {
    fn example() -> Value {
        json!({ "user": "external_id:ana", "reason": "Has a certificate of this level" })
    }
}

/// A lesson that a learner need not do.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "LessonWaiver")]
struct WaiverView {
    /// The learner.
    user_id: Id<User>,
    /// The lesson.
    lesson_id: Id<id::Lesson>,
    /// Why.
    reason: String,
    /// Who waived it; null for an integration.
    granted_by: Option<Id<User>>,
    /// When it was waived.
    granted_at: DateTime<Utc>,
}

impl From<Waiver> for WaiverView {
    fn from(waiver: Waiver) -> Self {
        Self {
            user_id: waiver.user_id,
            lesson_id: waiver.lesson_id,
            reason: waiver.reason,
            granted_by: waiver.granted_by,
            granted_at: waiver.granted_at,
        }
    }
}

async fn part(tx: &mut TenantTx, course: &Key<id::Course>, lesson: &Key<id::Lesson>) -> Result<(Course, Lesson)> {
    let course = courses::get(tx, course).await?;
    let lesson = lessons::get(tx, lesson).await?;
    if lesson.course_id == course.id { Ok((course, lesson)) } else { Err(Error::not_found("lesson")) }
}

async fn list(call: Call<OneLesson>) -> Result<Data<Vec<WaiverView>>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (_, lesson) = part(&mut tx, &call.path.course, &call.path.lesson).await?;
    let waivers = progress::waivers_of(&mut tx, lesson.id).await?;
    Ok(Data(waivers.into_iter().map(WaiverView::from).collect()))
}

async fn waive(call: Call<OneLesson, NoQuery, NewWaiver>) -> Result<Put<WaiverView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (course, lesson) = part(&mut tx, &call.path.course, &call.path.lesson).await?;
    let named = [("/user".to_owned(), call.body.user)];
    let learner = members::resolve(&mut tx, &named).await?.into_iter().next();
    let learner = learner.ok_or_else(|| Error::not_found("member"))?;
    let of = LessonOf { course: &course, lesson: &lesson, learner: &learner };
    let is_new = progress::waive(&mut tx, of, call.body.reason).await?;
    let waiver = progress::waivers_of(&mut tx, lesson.id).await?.into_iter().find(|one| one.user_id == learner.id);
    let data = waiver.ok_or_else(|| Error::not_found("waiver"))?.into();
    tx.commit().await?;
    Ok(Put { data, is_new })
}

async fn take_back(call: Call<OneWaiver>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let (course, lesson) = part(&mut tx, &call.path.course, &call.path.lesson).await?;
    let learner = members::get(&mut tx, &call.path.user).await?;
    progress::take_back(&mut tx, LessonOf { course: &course, lesson: &lesson, learner: &learner }).await?;
    tx.commit().await?;
    Ok(Done)
}

impl Sample for WaiverView {
    fn sample() -> Self {
        Self {
            user_id: sample::id(),
            lesson_id: sample::id(),
            reason: "Has a certificate of this level".into(),
            granted_by: Some(sample::id()),
            granted_at: sample::time(),
        }
    }
}
