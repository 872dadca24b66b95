//! The way of a course to its learners, step by step: submitted for review, approved or rejected, published, archived.
//!
//! # Rule
//! - `draft` is submitted; what is submitted is approved, and so published, or rejected, and is a draft again.
//! - Where a reviewer is named, nobody else decides; an integration may, for a system that has a review of its own.
//! - Whoever has no need of a review publishes a draft, or an archived course, at once; what waits for review is not
//!   published past it.
//! - To publish what is published already keeps what it has become as a new edition, if it is different.
//!
//! Whoever changes `status` by hand (`commands::change`) keeps to no such way, as systems do that have one of their own.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    Course, CourseStatus,
    commands::{follow, new_edition, put},
    queries::hold,
};
use crate::{
    content::owned,
    db::TenantTx,
    error::{Code, Error, Result},
    fields::Fields,
    id,
    key::Key,
    members,
    scope::Scope,
};

/// Longest note, in characters.
const NOTE_MAX: usize = 2_000;

/// A course to be reviewed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Submission {
    /// Who is to review it; stays as it is if left out.
    pub reviewer_id: Option<Key<id::User>>,
}

/// A course is good as it is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "CourseApproval")]
pub struct Approval {
    /// What the reviewer says to it, at most 2000 characters.
    pub note: Option<String>,
}

/// A course goes back to its author.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CourseRejection")]
pub struct Rejection {
    /// Why, 1 to 2000 characters.
    pub note: String,
}

/// A course is published.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Publication {
    /// What is new, at most 2000 characters.
    pub note: Option<String>,
}

/// Submits a draft for review.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` for what is no draft.
pub async fn submit(tx: &mut TenantTx, scope: &Scope, key: &Key<id::Course>, how: Submission) -> Result<Course> {
    let before = take(tx, key, &[CourseStatus::Draft]).await?;
    let mut after = Course { status: CourseStatus::Submitted, review_note: None, ..before.clone() };
    if let Some(reviewer) = how.reviewer_id {
        let found = members::resolve(tx, &[("/reviewer_id".to_owned(), reviewer)]).await?;
        after.reviewer_id = found.into_iter().next().map(|member| member.id);
    }
    put(tx, scope, (&before, after), None).await
}

/// Publishes what waits for review.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` for what does not wait; `ability_missing` for whoever is not the reviewer.
pub async fn approve(tx: &mut TenantTx, scope: &Scope, key: &Key<id::Course>, how: Approval) -> Result<Course> {
    let note = checked(how.note)?;
    let before = take(tx, key, &[CourseStatus::Submitted]).await?;
    may_decide(scope, &before)?;
    let after = Course { status: CourseStatus::Published, review_note: note.clone(), ..before.clone() };
    put(tx, scope, (&before, after), note.as_deref()).await
}

/// Gives what waits for review back to its author.
///
/// # Errors
/// As [`approve`].
pub async fn reject(tx: &mut TenantTx, scope: &Scope, key: &Key<id::Course>, how: Rejection) -> Result<Course> {
    let note = checked(Some(how.note))?;
    if note.is_none() {
        return Err(Error::invalid_field("/note", "required", "wanted a reason, in words"));
    }
    let before = take(tx, key, &[CourseStatus::Submitted]).await?;
    may_decide(scope, &before)?;
    let after = Course { status: CourseStatus::Draft, review_note: note, ..before.clone() };
    put(tx, scope, (&before, after), None).await
}

/// Publishes a course, or what has become of a published one since.
///
/// # Errors
/// `not_found`, `validation_failed`; `conflict` for what waits for review.
pub async fn publish(tx: &mut TenantTx, scope: &Scope, key: &Key<id::Course>, how: Publication) -> Result<Course> {
    let note = checked(how.note)?;
    let from = [CourseStatus::Draft, CourseStatus::Archived, CourseStatus::Published];
    let before = take(tx, key, &from).await?;
    let mut after = Course { status: CourseStatus::Published, ..before.clone() };
    if before.status != CourseStatus::Published {
        return put(tx, scope, (&before, after), note.as_deref()).await;
    }
    let Some(edition) = new_edition(tx, &mut after).await? else { return Ok(before) };
    after = put(tx, scope, (&before, after), None).await?;
    follow(tx, scope, (&after, &after), (Some(edition), note.as_deref())).await?;
    Ok(after)
}

/// Takes a course out of the catalogue; whoever is on it may finish.
///
/// # Errors
/// `not_found`; `conflict` for what waits for review.
pub async fn archive(tx: &mut TenantTx, scope: &Scope, key: &Key<id::Course>) -> Result<Course> {
    let from = [CourseStatus::Draft, CourseStatus::Archived, CourseStatus::Published];
    let before = take(tx, key, &from).await?;
    let after = Course { status: CourseStatus::Archived, ..before.clone() };
    put(tx, scope, (&before, after), None).await
}

/// Holds a course that is where this step begins.
async fn take(tx: &mut TenantTx, key: &Key<id::Course>, from: &[CourseStatus]) -> Result<Course> {
    let course = hold(tx, key).await?.ok_or_else(|| Error::not_found("course"))?;
    owned(course.source_id)?;
    if from.contains(&course.status) {
        return Ok(course);
    }
    let wanted: Vec<_> = from.iter().map(|status| status.as_str()).collect();
    let detail = format!("the course is {}; this begins at {}", course.status.as_str(), wanted.join(", "));
    Err(Error::new(Code::Conflict, detail))
}

fn may_decide(scope: &Scope, course: &Course) -> Result<()> {
    match (course.reviewer_id, scope.person()) {
        (Some(reviewer), Some(person)) if reviewer != person => {
            Err(Error::new(Code::AbilityMissing, "only the reviewer of the course decides"))
        }
        _ => Ok(()),
    }
}

fn checked(note: Option<String>) -> Result<Option<String>> {
    let Some(mut note) = note else { return Ok(None) };
    let mut fields = Fields::new();
    fields.text("/note", &mut note, NOTE_MAX);
    fields.finish()?;
    Ok(Some(note).filter(|note| !note.is_empty()))
}
