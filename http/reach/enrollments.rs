//! `PUT` and `DELETE` of a user or a group on a course or a learning path.
//!
//! # Rule
//! Both may be repeated: a second `PUT` leaves those who are there as they are, a second `DELETE` finds nobody to take
//! off, and both answer 204. A group of thousands is put on a course a handful at a time; the answer does not wait for
//! the last.
//!
//! # Source
//! access.articulate.com, "Reach 360: Course Enrollments API"; for learning paths, mindcloud-inc/universal-api-reference.

use stoa_core::{
    Ability, Code, Id, Key, Result, Scope,
    db::TenantTx,
    enrolments::{self, Goal},
    id,
};

use super::{
    keys::{self, GroupOnCourse, GroupOnPath, UserOnCourse, UserOnPath},
    version::Client,
};
use crate::{
    body::NoBody,
    doors::{Call, Done, Door, NoQuery},
    waves,
};

const TAG: &str = "Reach 360";
const ON_COURSE: &[Code] = &[Code::CourseNotFound, Code::UserNotFound];
const GROUP_ON_COURSE: &[Code] = &[Code::CourseNotFound, Code::GroupNotFound];
const ON_PATH: &[Code] = &[Code::LearningPathNotFound, Code::UserNotFound];
const GROUP_ON_PATH: &[Code] = &[Code::LearningPathNotFound, Code::GroupNotFound];

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    let doors = [
        Door::put("/courses/{courseId}/users/{userId}", put_user_on_course)
            .named("reachEnrollUser", TAG, "Puts a user on a course")
            .errors(ON_COURSE),
        Door::delete("/courses/{courseId}/users/{userId}", take_user_off_course)
            .named("reachUnenrollUser", TAG, "Takes a user off a course; the record stays")
            .errors(ON_COURSE),
        Door::put("/courses/{courseId}/groups/{groupId}", put_group_on_course)
            .named("reachEnrollGroup", TAG, "Puts a group on a course, and whoever joins it later")
            .errors(GROUP_ON_COURSE),
        Door::delete("/courses/{courseId}/groups/{groupId}", take_group_off_course)
            .named("reachUnenrollGroup", TAG, "Takes a group off a course, and those whom nothing else keeps there")
            .errors(GROUP_ON_COURSE),
        Door::put("/learning-paths/{learningPathId}/users/{userId}", put_user_on_path)
            .named("reachEnrollUserOnLearningPath", TAG, "Puts a user on a learning path and on each of its courses")
            .errors(ON_PATH),
        Door::delete("/learning-paths/{learningPathId}/users/{userId}", take_user_off_path)
            .named("reachUnenrollUserFromLearningPath", TAG, "Takes a user off a learning path")
            .errors(ON_PATH),
        Door::put("/learning-paths/{learningPathId}/groups/{groupId}", put_group_on_path)
            .named("reachEnrollGroupOnLearningPath", TAG, "Puts a group on a learning path, and whoever joins it later")
            .errors(GROUP_ON_PATH),
        Door::delete("/learning-paths/{learningPathId}/groups/{groupId}", take_group_off_path)
            .named("reachUnenrollGroupFromLearningPath", TAG, "Takes a group off a learning path")
            .errors(GROUP_ON_PATH),
    ];
    doors.into_iter().map(|door| door.needs(Ability::MembersWrite)).collect()
}

type Order<P> = Call<P, NoQuery, NoBody, Client>;

async fn put_user_on_course(call: Order<UserOnCourse>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::course_goal(&mut tx, &call.path.course_id).await?;
    put_user(tx, &call.scope.scope, &goal, &call.path.user_id).await
}

async fn take_user_off_course(call: Order<UserOnCourse>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::course_goal(&mut tx, &call.path.course_id).await?;
    take_user_off(tx, &goal, &call.path.user_id).await
}

async fn put_group_on_course(call: Order<GroupOnCourse>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::course_goal(&mut tx, &call.path.course_id).await?;
    put_group(&mut tx, &call.scope.scope, &goal, &call.path.group_id).await?;
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Done)
}

async fn take_group_off_course(call: Order<GroupOnCourse>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::course_goal(&mut tx, &call.path.course_id).await?;
    take_group_off(&mut tx, &call.scope.scope, &goal, &call.path.group_id).await?;
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Done)
}

async fn put_user_on_path(call: Order<UserOnPath>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::path_goal(&mut tx, &call.path.learning_path_id).await?;
    put_user(tx, &call.scope.scope, &goal, &call.path.user_id).await
}

async fn take_user_off_path(call: Order<UserOnPath>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::path_goal(&mut tx, &call.path.learning_path_id).await?;
    take_user_off(tx, &goal, &call.path.user_id).await
}

async fn put_group_on_path(call: Order<GroupOnPath>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::path_goal(&mut tx, &call.path.learning_path_id).await?;
    put_group(&mut tx, &call.scope.scope, &goal, &call.path.group_id).await?;
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Done)
}

async fn take_group_off_path(call: Order<GroupOnPath>) -> Result<Done> {
    let mut tx = call.app.db.tenant(&call.scope.scope).await?;
    let goal = keys::path_goal(&mut tx, &call.path.learning_path_id).await?;
    take_group_off(&mut tx, &call.scope.scope, &goal, &call.path.group_id).await?;
    tx.commit().await?;
    waves::wake(&call.app);
    Ok(Done)
}

async fn put_user(mut tx: TenantTx, scope: &Scope, goal: &Goal, user: &Key<id::User>) -> Result<Done> {
    let user = keys::present_user(&mut tx, user).await?;
    enrolments::enrol_learner(&mut tx, scope, goal, &user).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn take_user_off(mut tx: TenantTx, goal: &Goal, user: &Key<id::User>) -> Result<Done> {
    let user = keys::user(&mut tx, user).await?;
    enrolments::remove_learner(&mut tx, goal, user.id).await?;
    tx.commit().await?;
    Ok(Done)
}

async fn put_group(tx: &mut TenantTx, scope: &Scope, goal: &Goal, group: &Key<id::Group>) -> Result<()> {
    let group = keys::group(tx, group).await?;
    let next: Option<Id<id::User>> = enrolments::enrol_group(tx, scope, goal, &group).await?;
    waves::spread(tx, scope, (Some(group.id), goal.target), next).await
}

async fn take_group_off(tx: &mut TenantTx, scope: &Scope, goal: &Goal, group: &Key<id::Group>) -> Result<()> {
    let group = keys::group(tx, group).await?;
    if enrolments::remove_group(tx, goal.target, group.id).await? {
        waves::sweep(tx, scope, goal.course_ids()).await?;
    }
    Ok(())
}
