//! What may be done with enrolments.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{CourseFacts, EventData, EventType, ObjectKind, UserFacts};

use super::{Enrolment, NewEnrolments, rows::enrolment_columns};
use crate::{
    content::courses,
    db::{Guard, TenantTx, failed, sql, taken},
    error::{Code, Error, Result},
    events::NewEvent,
    fields::Fields,
    id::{self, Id},
    key::Key,
    members::{self, Member, MemberStatus},
    progress::{self, Standing, StandingKey},
    scope::Scope,
    time::Timestamp,
};

/// Who is on the course already, the removed among them.
const THERE: &str = concat!(
    "SELECT ",
    enrolment_columns!(),
    " FROM enrolments e WHERE e.tenant_id = $1 AND e.course_id = $2 AND e.user_id = ANY ($3)"
);

/// Whoever was taken off comes back as the learner was: a completed course stays completed.
const PUT: &str = concat!(
    "INSERT INTO enrolments AS e
       (tenant_id, id, course_id, user_id, external_id, status, enrolled_by, enrolled_at, due_at, created_at, updated_at)
     SELECT $1, n.id, $2, n.user_id, $5, 'active', $6, $7, $8, $9, $9 FROM unnest($3, $4) AS n(id, user_id)
     ON CONFLICT (tenant_id, course_id, user_id) DO UPDATE SET
       status = CASE WHEN e.completed_at IS NULL THEN 'active' ELSE 'completed' END,
       external_id = coalesce(excluded.external_id, e.external_id), due_at = excluded.due_at,
       updated_at = excluded.updated_at
     WHERE e.status = 'removed'
     RETURNING ",
    enrolment_columns!()
);

const REMOVE: &str = "UPDATE enrolments SET status = 'removed', updated_at = $4
  WHERE tenant_id = $1 AND course_id = $2 AND user_id = $3 AND status <> 'removed'";

const GUARDS: [Guard; 1] =
    [("enrolments_tenant_id_external_id_key", "/external_id", "another enrolment has the same external id")];

/// Learners about to be put on a course.
#[derive(Debug, Clone)]
pub struct Enrolling {
    /// The course.
    pub course: (Id<id::Course>, Arc<CourseFacts>),
    /// The learners.
    pub learners: Vec<(Id<id::User>, Arc<UserFacts>)>,
    /// Who does it; none for an integration.
    pub enrolled_by: Option<(Id<id::User>, Arc<UserFacts>)>,
    /// When it happens.
    pub at: DateTime<Utc>,
    /// When the course should be done.
    pub due_at: Option<DateTime<Utc>>,
    /// The institution's own key, of one learner's enrolment.
    pub external_id: Option<String>,
}

/// What became of a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The enrolment, as it stands now.
    pub enrolment: Enrolment,
    /// The learner was not on the course before.
    pub is_new: bool,
}

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
    let enrolled_by = match scope.person() {
        Some(person) => members::find(tx, &person.into()).await?.map(|member| (member.id, member.facts())),
        None => None,
    };
    let enrolling = Enrolling {
        course: (course.id, course.facts()),
        learners: learners.iter().map(|member| (member.id, member.facts())).collect(),
        enrolled_by,
        at: tx.now(),
        due_at: new.due_at.map(Timestamp::utc),
        external_id: new.external_id,
    };
    let mut enrolled = by_learner(enrol(tx, &enrolling).await?);
    Ok(learners
        .into_iter()
        .filter_map(|member| enrolled.remove(&member.id).map(|enrolled| (enrolled, member)))
        .collect())
}

/// Puts learners on a course: enrolments, standings on the course, and the events that tell of both.
///
/// # Errors
/// `conflict` when the external id is taken.
pub async fn enrol(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Enrolled>> {
    let tenant = tx.tenant();
    let locks: Vec<_> = enrolling.learners.iter().map(|(learner, _)| (tenant, learner.uuid())).collect();
    progress::lock_learners(tx, &locks).await?;
    let there = there(tx, enrolling).await?;
    let first_time: HashSet<_> = {
        let known: HashSet<_> = there.iter().map(|enrolment| enrolment.user_id).collect();
        enrolling.learners.iter().map(|(learner, _)| *learner).filter(|learner| !known.contains(learner)).collect()
    };
    let put = put(tx, enrolling).await?;
    let standings = begin_standings(tx, enrolling).await?;
    for enrolment in put.iter().filter(|enrolment| first_time.contains(&enrolment.user_id)) {
        announce_enrolment(tx, enrolling, enrolment);
    }
    for standing in &standings {
        announce_standing(tx, enrolling, standing);
    }
    let renewed: HashSet<_> = put.iter().map(|enrolment| enrolment.user_id).collect();
    let stayed = there.into_iter().filter(|enrolment| !renewed.contains(&enrolment.user_id));
    let stayed: Vec<_> = stayed.map(|enrolment| Enrolled { enrolment, is_new: false }).collect();
    Ok(put.into_iter().map(|enrolment| Enrolled { enrolment, is_new: true }).chain(stayed).collect())
}

/// Takes a learner off a course; the record stays.
///
/// # Errors
/// `not_found` for the course or the learner; `not_enrolled`, also for a learner taken off before.
pub async fn remove(tx: &mut TenantTx, course: &Key<id::Course>, learner: &Key<id::User>) -> Result<()> {
    let course = courses::get(tx, course).await?;
    let learner = members::get(tx, learner).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    progress::lock_learners(tx, &[(tenant, learner.id.uuid())]).await?;
    let removed = sql(REMOVE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(course.id)
        .bind::<SqlUuid, _>(learner.id)
        .bind::<Timestamptz, _>(now)
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    if removed == 0 { Err(Error::new(Code::NotEnrolled, "the learner is not on the course")) } else { Ok(()) }
}

async fn there(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Enrolment>> {
    let tenant = tx.tenant();
    sql(THERE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(enrolling.course.0)
        .bind::<Array<SqlUuid>, _>(enrolling.learners.iter().map(|(learner, _)| learner.uuid()).collect::<Vec<_>>())
        .load(tx.connection())
        .await
        .map_err(failed)
}

/// Answers the enrolments that are new or renewed.
async fn put(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Enrolment>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let ids: Vec<_> = enrolling.learners.iter().map(|_| tx.new_id::<id::Enrolment>().uuid()).collect();
    sql(PUT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<SqlUuid, _>(enrolling.course.0)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(enrolling.learners.iter().map(|(learner, _)| learner.uuid()).collect::<Vec<_>>())
        .bind::<Nullable<Text>, _>(&enrolling.external_id)
        .bind::<Nullable<SqlUuid>, _>(enrolling.enrolled_by.as_ref().map(|(person, _)| person.uuid()))
        .bind::<Timestamptz, _>(enrolling.at)
        .bind::<Nullable<Timestamptz>, _>(enrolling.due_at)
        .bind::<Timestamptz, _>(now)
        .load(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))
}

/// Makes the standings on the course that are not there yet.
async fn begin_standings(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Standing>> {
    let (tenant, now, course) = (tx.tenant(), tx.now(), enrolling.course.0.uuid());
    let keys: Vec<_> =
        enrolling.learners.iter().map(|(user, _)| StandingKey { tenant, user: user.uuid(), object: course }).collect();
    let there: HashSet<_> = progress::standings(tx, &keys).await?.into_iter().map(|standing| standing.key).collect();
    let mut fresh: Vec<Standing> = keys
        .into_iter()
        .filter(|key| !there.contains(key))
        .map(|key| Standing {
            revision: 1,
            ..Standing::fresh(key, ObjectKind::Course, course, tx.new_id(), (enrolling.at, now))
        })
        .collect();
    let numbers: HashMap<_, _> =
        progress::insert_standings(tx, &fresh.iter().collect::<Vec<_>>()).await?.into_iter().collect();
    for standing in &mut fresh {
        standing.number = numbers.get(&standing.id.uuid()).copied().unwrap_or_default();
    }
    Ok(fresh)
}

fn announce_enrolment(tx: &mut TenantTx, enrolling: &Enrolling, enrolment: &Enrolment) {
    let enrolled_by = enrolling.enrolled_by.as_ref().map(|(_, facts)| Arc::clone(facts));
    let data = EventData { enrollment: Some(enrolment.facts(enrolled_by)), ..data_of(enrolling, enrolment.user_id) };
    let subject = (ObjectKind::Enrollment, enrolment.id.uuid());
    tx.record(event(enrolling, EventType::EnrollmentCreated, subject, data));
}

fn announce_standing(tx: &mut TenantTx, enrolling: &Enrolling, standing: &Standing) {
    let learner = Id::from_uuid(standing.key.user);
    let data = EventData { standing: Some(standing.facts()), ..data_of(enrolling, learner) };
    let subject = (ObjectKind::Standing, standing.id.uuid());
    tx.record(event(enrolling, EventType::CourseStatCreated, subject, data));
}

fn data_of(enrolling: &Enrolling, learner: Id<id::User>) -> EventData {
    let user = enrolling.learners.iter().find(|(id, _)| *id == learner).map(|(_, facts)| Arc::clone(facts));
    EventData { user, course: Some(Arc::clone(&enrolling.course.1)), ..EventData::default() }
}

fn event(
    enrolling: &Enrolling,
    event_type: EventType,
    (object_kind, object_id): (ObjectKind, uuid::Uuid),
    data: EventData,
) -> NewEvent {
    NewEvent {
        event_type,
        object_kind,
        object_id,
        revision: 1,
        scope_ids: vec![enrolling.course.0.uuid()],
        data: Arc::new(data),
        occurred_at: enrolling.at,
    }
}

fn by_learner(enrolled: Vec<Enrolled>) -> HashMap<Id<id::User>, Enrolled> {
    enrolled.into_iter().map(|enrolled| (enrolled.enrolment.user_id, enrolled)).collect()
}
