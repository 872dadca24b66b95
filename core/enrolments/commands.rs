//! What may be done with one learner's enrolments, and with those of a few who are named.
//!
//! Not here: whole groups (`groups`), and the rows and events of each enrolment (`put`).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use diesel::sql_types::{Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::json;
use stoa_protocols::event::UserFacts;

use super::{Enrolled, Enrolling, Goal, NewEnrolments, enrol, sweep};
use crate::{
    audit::Entry,
    content::courses,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    fields::Fields,
    id::{self, Id},
    key::Key,
    members::{self, Member, MemberStatus},
    progress,
    scope::Scope,
    time::Timestamp,
};

const REMOVE: &str = "UPDATE enrolments SET status = 'removed', updated_at = $4
  WHERE tenant_id = $1 AND course_id = $2 AND user_id = $3 AND status <> 'removed'";

const PUT_ON_PATH: &str = "INSERT INTO path_enrolments (tenant_id, path_id, user_id, enrolled_by, created_at)
  VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
const TAKE_OFF_PATH: &str = "DELETE FROM path_enrolments WHERE tenant_id = $1 AND path_id = $2 AND user_id = $3";

/// Puts learners, named by any of their keys, on a course. Whoever is on it already stays as he is.
///
/// # Errors
/// `not_found` for the course; `validation_failed`, also for a learner who does not exist or has left; `conflict` when
/// the external id is taken.
pub async fn enrol_named(
    tx: &mut TenantTx,
    scope: &Scope,
    key: &Key<id::Course>,
    new: NewEnrolments,
) -> Result<Vec<(Enrolled, Member)>> {
    let course = courses::get(tx, key).await?;
    let keys = new.learners()?;
    let found = members::resolve(tx, &keys).await?;
    let mut fields = Fields::new();
    for ((pointer, _), member) in keys.iter().zip(&found) {
        if member.status == MemberStatus::Removed {
            fields.fault(pointer.as_str(), "not_found", "no such member");
        }
    }
    fields.finish()?;
    let mut seen = HashSet::new();
    let learners: Vec<Member> = found.into_iter().filter(|member| seen.insert(member.id)).collect();
    let goal = Goal::course(&course);
    let enrolling = Enrolling {
        learners: learners.iter().map(|member| (member.id, member.facts())).collect(),
        due_at: new.due_at.map(Timestamp::utc),
        external_id: new.external_id,
        ..by_name(tx, scope, &goal).await?
    };
    let enrolled = enrol(tx, &enrolling).await?;
    tell(tx, &goal, &enrolling, &enrolled);
    for Enrolled { enrolment, .. } in enrolled.iter().filter(|enrolled| enrolled.is_new) {
        let facts = json!({
            "course_id": course.id, "due_at": enrolment.due_at, "external_id": enrolment.external_id,
        });
        tx.audit(Entry::of("enrollment.created", enrolment.user_id).is(facts));
    }
    let mut enrolled = by_learner(enrolled);
    Ok(learners
        .into_iter()
        .filter_map(|member| enrolled.remove(&member.id).map(|enrolled| (enrolled, member)))
        .collect())
}

/// Puts one learner on a course or a learning path.
///
/// # Errors
/// As the database says.
pub async fn enrol_learner(tx: &mut TenantTx, scope: &Scope, goal: &Goal, learner: &Member) -> Result<()> {
    let by_name = by_name(tx, scope, goal).await?;
    let enrolling = Enrolling {
        learners: vec![(learner.id, learner.facts())],
        // A path may be left again, and takes its courses along.
        derived: goal.target.path().is_some(),
        ..by_name
    };
    let mut is_new = false;
    if let Some(path) = goal.target.path() {
        let (tenant, now) = (tx.tenant(), tx.now());
        let put = sql(PUT_ON_PATH)
            .bind::<SqlUuid, _>(tenant)
            .bind::<SqlUuid, _>(path)
            .bind::<SqlUuid, _>(learner.id)
            .bind::<Nullable<SqlUuid>, _>(enrolling.enrolled_by.as_ref().map(|(person, _)| person.uuid()))
            .bind::<Timestamptz, _>(now);
        is_new = put.execute(tx.connection()).await.map_err(failed)? > 0;
    }
    let enrolled = enrol(tx, &enrolling).await?;
    if is_new || enrolled.iter().any(|enrolled| enrolled.is_new) {
        let enrolled_by = enrolling.enrolled_by.as_ref().map(|(_, facts)| Arc::clone(facts));
        goal.act(Vec::new(), enrolled_by, enrolling.at).announce(tx, &[learner.facts()]);
        tx.audit(Entry::of("enrollment.created", learner.id).is(goal.target.told()));
    }
    Ok(())
}

/// Puts learners on a course by name, as one act. Whoever is on it already stays as he is.
///
/// # Errors
/// As the database says.
pub(crate) async fn enrol_members(tx: &mut TenantTx, scope: &Scope, goal: &Goal, learners: &[Member]) -> Result<()> {
    let enrolling = Enrolling {
        learners: learners.iter().map(|member| (member.id, member.facts())).collect(),
        ..by_name(tx, scope, goal).await?
    };
    let enrolled = enrol(tx, &enrolling).await?;
    tell(tx, goal, &enrolling, &enrolled);
    Ok(())
}

/// Takes one learner off a course or a learning path; the record stays. Of a path's courses, the learner stays on those
/// that somebody put him on by name, that he has completed, or that a group or another path still gives him. Answers
/// whether he was on it.
///
/// # Errors
/// As the database says.
pub async fn remove_learner(tx: &mut TenantTx, goal: &Goal, learner: Id<id::User>) -> Result<bool> {
    let was_on = take_learner_off(tx, goal, learner).await?;
    if was_on {
        tx.audit(Entry::of("enrollment.removed", learner).was(goal.target.told()));
    }
    Ok(was_on)
}

async fn take_learner_off(tx: &mut TenantTx, goal: &Goal, learner: Id<id::User>) -> Result<bool> {
    let tenant = tx.tenant();
    progress::lock_learners(tx, &[(tenant, learner.uuid())]).await?;
    let Some(path) = goal.target.path() else {
        return take_off(tx, Id::from_uuid(goal.target.uuid()), learner).await;
    };
    let taken = sql(TAKE_OFF_PATH).bind::<SqlUuid, _>(tenant).bind::<SqlUuid, _>(path).bind::<SqlUuid, _>(learner);
    let was_on = taken.execute(tx.connection()).await.map_err(failed)? > 0;
    sweep::sweep_learner(tx, &goal.course_ids(), learner).await?;
    Ok(was_on)
}

/// Takes a learner off a course; the record stays.
///
/// # Errors
/// `not_found` for the course or the learner; `not_enrolled`, also for a learner taken off before.
pub async fn remove(tx: &mut TenantTx, course: &Key<id::Course>, learner: &Key<id::User>) -> Result<()> {
    let course = courses::get(tx, course).await?;
    let learner = members::get(tx, learner).await?;
    if remove_learner(tx, &Goal::course(&course), learner.id).await? {
        Ok(())
    } else {
        Err(Error::new(Code::NotEnrolled, "the learner is not on the course"))
    }
}

async fn take_off(tx: &mut TenantTx, course: Id<id::Course>, learner: Id<id::User>) -> Result<bool> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let removed = sql(REMOVE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(course)
        .bind::<SqlUuid, _>(learner)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(removed > 0)
}

/// Begins the act of the caller, with nobody in it yet.
pub(super) async fn by_name(tx: &mut TenantTx, scope: &Scope, goal: &Goal) -> Result<Enrolling> {
    let enrolled_by = match scope.person() {
        Some(person) => members::find(tx, &person.into()).await?.map(|member| (member.id, member.facts())),
        None => None,
    };
    Ok(Enrolling {
        courses: goal.courses.clone(),
        learners: Vec::new(),
        enrolled_by,
        at: tx.now(),
        due_at: None,
        external_id: None,
        derived: false,
    })
}

/// Tells of an act by which some learners are new.
fn tell(tx: &mut TenantTx, goal: &Goal, enrolling: &Enrolling, enrolled: &[Enrolled]) {
    let users = newcomers(enrolling, enrolled);
    if !users.is_empty() {
        let enrolled_by = enrolling.enrolled_by.as_ref().map(|(_, facts)| Arc::clone(facts));
        goal.act(Vec::new(), enrolled_by, enrolling.at).announce(tx, &users);
    }
}

/// Those who were not on some course before.
pub(super) fn newcomers(enrolling: &Enrolling, enrolled: &[Enrolled]) -> Vec<Arc<UserFacts>> {
    let new: HashSet<_> = enrolled.iter().filter(|one| one.is_new).map(|one| one.enrolment.user_id).collect();
    let learners = enrolling.learners.iter().filter(|(id, _)| new.contains(id));
    learners.map(|(_, facts)| Arc::clone(facts)).collect()
}

fn by_learner(enrolled: Vec<Enrolled>) -> HashMap<Id<id::User>, Enrolled> {
    enrolled.into_iter().map(|enrolled| (enrolled.enrolment.user_id, enrolled)).collect()
}
