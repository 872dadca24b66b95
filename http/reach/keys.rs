//! The parts of this surface's paths, and the answer to each that names nothing.

use schemars::JsonSchema;
use serde::Deserialize;
use stoa_core::{
    Code, Error, Key, Result,
    content::courses::{self, Course},
    db::TenantTx,
    enrolments::Goal,
    groups::{self, Group},
    id,
    learning_paths::{self, LearningPath},
    members::{self, Member, MemberStatus},
};

macro_rules! paths {
    ($($name:ident { $($(#[$doc:meta])* $field:ident: $kind:ident,)* })*) => { $(
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name { $($(#[$doc])* pub(super) $field: Key<id::$kind>,)* }
    )* };
}

paths! {
    OneUser {
        /// Id of the user.
        user_id: User,
    }
    OneCourse {
        /// Id of the course.
        course_id: Course,
    }
    OneGroup {
        /// Id of the group, or `everyone`.
        group_id: Group,
    }
    OnePath {
        /// Id of the learning path.
        learning_path_id: LearningPath,
    }
    UserOnCourse {
        /// Id of the course.
        course_id: Course,
        /// Id of the user.
        user_id: User,
    }
    GroupOnCourse {
        /// Id of the course.
        course_id: Course,
        /// Id of the group, or `everyone` for the whole institution.
        group_id: Group,
    }
    UserOnPath {
        /// Id of the learning path.
        learning_path_id: LearningPath,
        /// Id of the user.
        user_id: User,
    }
    GroupOnPath {
        /// Id of the learning path.
        learning_path_id: LearningPath,
        /// Id of the group, or `everyone` for the whole institution.
        group_id: Group,
    }
}

/// Gets a person, who may have left: what tells of him still leads to him.
pub(super) async fn user(tx: &mut TenantTx, key: &Key<id::User>) -> Result<Member> {
    members::find(tx, key).await?.ok_or_else(|| Error::new(Code::UserNotFound, "no such user"))
}

/// Gets a person who has not left.
pub(super) async fn present_user(tx: &mut TenantTx, key: &Key<id::User>) -> Result<Member> {
    let member = user(tx, key).await?;
    if member.status == MemberStatus::Removed {
        return Err(Error::new(Code::UserNotFound, "no such user"));
    }
    Ok(member)
}

/// Gets a course.
pub(super) async fn course(tx: &mut TenantTx, key: &Key<id::Course>) -> Result<Course> {
    courses::find(tx, key).await?.ok_or_else(|| Error::new(Code::CourseNotFound, "no such course"))
}

/// Gets a group; `everyone` is one.
pub(super) async fn group(tx: &mut TenantTx, key: &Key<id::Group>) -> Result<Group> {
    groups::find(tx, key).await?.ok_or_else(|| Error::new(Code::GroupNotFound, "no such group"))
}

/// Gets a learning path.
pub(super) async fn path(tx: &mut TenantTx, key: &Key<id::LearningPath>) -> Result<LearningPath> {
    let found = learning_paths::find(tx, key).await?;
    found.ok_or_else(|| Error::new(Code::LearningPathNotFound, "no such learning path"))
}

/// Gets a course to put somebody on.
pub(super) async fn course_goal(tx: &mut TenantTx, key: &Key<id::Course>) -> Result<Goal> {
    Ok(Goal::course(&course(tx, key).await?))
}

/// Gets a learning path to put somebody on.
pub(super) async fn path_goal(tx: &mut TenantTx, key: &Key<id::LearningPath>) -> Result<Goal> {
    let path = path(tx, key).await?;
    Goal::path(tx, &path).await
}
