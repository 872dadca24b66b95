//! The way of a course to its learners: submitted, approved or rejected, published, archived.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_core::{
    Ability, Code, Key, Result,
    content::courses::{self, Approval, Publication, Rejection, Submission},
    id,
};

use super::{TAG, views::CourseView};
use crate::{
    body::Body,
    doors::{Call, Data, Door, NoQuery},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let named = |door: Door, operation, words| {
        door.needs(Ability::ContentWrite).named(operation, TAG, words).errors(&[Code::Conflict])
    };
    vec![
        named(Door::post("/api/courses/{id}/submit", submit), "submitCourse", "Submits a draft for review"),
        named(Door::post("/api/courses/{id}/approve", approve), "approveCourse", "Publishes what waits for review"),
        named(
            Door::post("/api/courses/{id}/reject", reject),
            "rejectCourse",
            "Gives what waits for review back to its author, with a reason",
        ),
        named(
            Door::post("/api/courses/{id}/publish", publish),
            "publishCourse",
            "Publishes a course, or what has become of a published one since: a new version is kept if it is different",
        ),
        named(
            Door::post("/api/courses/{id}/archive", archive),
            "archiveCourse",
            "Takes a course out of the catalogue; whoever is on it may finish",
        ),
    ]
}

#[derive(Debug, Deserialize, JsonSchema)]
struct OneCourse {
    /// Id, slug, or `external_id:` and the institution's own key.
    id: Key<id::Course>,
}

impl Body for Submission {
    fn example() -> Value {
        json!({ "reviewer_id": "owner@home.example" })
    }
}

impl Body for Approval {
    fn example() -> Value {
        json!({ "note": "Ready for the autumn term" })
    }
}

impl Body for Rejection {
    fn example() -> Value {
        json!({ "note": "Lesson 2 has no exercises yet" })
    }
}

impl Body for Publication {
    fn example() -> Value {
        json!({ "note": "Two new lessons" })
    }
}

async fn submit(call: Call<OneCourse, NoQuery, Option<Submission>>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let how = call.body.unwrap_or_default();
    let course = courses::submit(&mut tx, &call.scope, &call.path.id, how).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}

async fn approve(call: Call<OneCourse, NoQuery, Option<Approval>>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let how = call.body.unwrap_or_default();
    let course = courses::approve(&mut tx, &call.scope, &call.path.id, how).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}

async fn reject(call: Call<OneCourse, NoQuery, Rejection>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::reject(&mut tx, &call.scope, &call.path.id, call.body).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}

async fn publish(call: Call<OneCourse, NoQuery, Option<Publication>>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let how = call.body.unwrap_or_default();
    let course = courses::publish(&mut tx, &call.scope, &call.path.id, how).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}

async fn archive(call: Call<OneCourse>) -> Result<Data<CourseView>> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let course = courses::archive(&mut tx, &call.scope, &call.path.id).await?;
    tx.commit().await?;
    Ok(Data(CourseView::of(course)))
}
