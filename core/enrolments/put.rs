//! Putting learners on courses: enrolments, standings on the courses, and the events that tell of each.
//!
//! Not here: who may be put on what (`commands`, `groups`), and the event that tells of the whole act (`acts`).

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use stoa_protocols::event::{CourseFacts, EventData, EventType, ObjectKind, UserFacts};
use uuid::Uuid;

use super::{Enrolment, rows::enrolment_columns};
use crate::{
    db::{Guard, TenantTx, failed, sql, taken},
    error::Result,
    events::NewEvent,
    id::{self, Id},
    progress::{self, Standing, StandingKey},
};

/// Who is on the courses already, the removed among them.
const THERE: &str = concat!(
    "SELECT ",
    enrolment_columns!(),
    " FROM enrolments e WHERE e.tenant_id = $1 AND e.course_id = ANY ($2) AND e.user_id = ANY ($3)"
);

/// Whoever was taken off comes back as the learner was: a completed course stays completed.
const PUT: &str = concat!(
    "INSERT INTO enrolments AS e
       (tenant_id, id, course_id, user_id, external_id, status, enrolled_by, enrolled_at, due_at, created_at, updated_at, derived)
     SELECT $1, n.id, n.course_id, n.user_id, $5, 'active', $6, $7, $8, $9, $9, $10
     FROM unnest($2, $3, $4) AS n(id, course_id, user_id)
     ON CONFLICT (tenant_id, course_id, user_id) DO UPDATE SET
       status = CASE WHEN e.completed_at IS NULL THEN 'active' ELSE 'completed' END,
       external_id = coalesce(excluded.external_id, e.external_id), due_at = excluded.due_at,
       updated_at = excluded.updated_at, derived = excluded.derived
     WHERE e.status = 'removed'
     RETURNING ",
    enrolment_columns!()
);

/// Whoever is named by himself stays, whatever becomes of his groups.
const KEEP: &str = "UPDATE enrolments SET derived = false
  WHERE tenant_id = $1 AND course_id = ANY ($2) AND user_id = ANY ($3) AND derived";

const GUARDS: [Guard; 1] =
    [("enrolments_tenant_id_external_id_key", "/external_id", "another enrolment has the same external id")];

/// Learners about to be put on courses: each on each.
#[derive(Debug, Clone)]
pub struct Enrolling {
    /// The courses.
    pub courses: Vec<(Id<id::Course>, Arc<CourseFacts>)>,
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
    /// By a group or a learning path, and not by name.
    pub derived: bool,
}

/// What became of a learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolled {
    /// The enrolment, as it stands now.
    pub enrolment: Enrolment,
    /// The learner was not on the course before.
    pub is_new: bool,
}

/// Puts each learner on each course. Whoever is on it already stays as he is.
///
/// # Errors
/// `conflict` when the external id is taken.
pub async fn enrol(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Enrolled>> {
    let tenant = tx.tenant();
    if enrolling.courses.is_empty() || enrolling.learners.is_empty() {
        return Ok(Vec::new());
    }
    let locks: Vec<_> = enrolling.learners.iter().map(|(learner, _)| (tenant, learner.uuid())).collect();
    progress::lock_learners(tx, &locks).await?;
    let there = there(tx, enrolling).await?;
    let known: HashSet<_> = there.iter().map(pair).collect();
    if !enrolling.derived && !there.is_empty() {
        keep(tx, enrolling).await?;
    }
    let put = put(tx, enrolling).await?;
    let standings = begin_standings(tx, enrolling).await?;
    let told = Told::of(enrolling);
    for enrolment in put.iter().filter(|enrolment| !known.contains(&pair(enrolment))) {
        told.enrolment(tx, enrolling, enrolment);
    }
    for standing in &standings {
        told.standing(tx, enrolling, standing);
    }
    let renewed: HashSet<_> = put.iter().map(pair).collect();
    let stayed = there.into_iter().filter(|enrolment| !renewed.contains(&pair(enrolment)));
    let stayed: Vec<_> = stayed.map(|enrolment| Enrolled { enrolment, is_new: false }).collect();
    Ok(put.into_iter().map(|enrolment| Enrolled { enrolment, is_new: true }).chain(stayed).collect())
}

fn pair(enrolment: &Enrolment) -> (Uuid, Uuid) {
    (enrolment.course_id.uuid(), enrolment.user_id.uuid())
}

impl Enrolling {
    fn course_ids(&self) -> Vec<Uuid> {
        self.courses.iter().map(|(course, _)| course.uuid()).collect()
    }

    fn learner_ids(&self) -> Vec<Uuid> {
        self.learners.iter().map(|(learner, _)| learner.uuid()).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = (Uuid, Uuid)> {
        let courses = self.courses.iter();
        courses.flat_map(|(course, _)| self.learners.iter().map(|(learner, _)| (course.uuid(), learner.uuid())))
    }
}

async fn there(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Enrolment>> {
    let tenant = tx.tenant();
    sql(THERE)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(enrolling.course_ids())
        .bind::<Array<SqlUuid>, _>(enrolling.learner_ids())
        .load(tx.connection())
        .await
        .map_err(failed)
}

async fn keep(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<()> {
    let tenant = tx.tenant();
    sql(KEEP)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(enrolling.course_ids())
        .bind::<Array<SqlUuid>, _>(enrolling.learner_ids())
        .execute(tx.connection())
        .await
        .map_err(failed)?;
    Ok(())
}

/// Answers the enrolments that are new or renewed.
async fn put(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Enrolment>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let (courses, learners): (Vec<_>, Vec<_>) = enrolling.pairs().unzip();
    let ids: Vec<_> = courses.iter().map(|_| tx.new_id::<id::Enrolment>().uuid()).collect();
    sql(PUT)
        .bind::<SqlUuid, _>(tenant)
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Array<SqlUuid>, _>(courses)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Nullable<Text>, _>(&enrolling.external_id)
        .bind::<Nullable<SqlUuid>, _>(enrolling.enrolled_by.as_ref().map(|(person, _)| person.uuid()))
        .bind::<Timestamptz, _>(enrolling.at)
        .bind::<Nullable<Timestamptz>, _>(enrolling.due_at)
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(enrolling.derived)
        .load(tx.connection())
        .await
        .map_err(|error| taken(error, &GUARDS))
}

/// Makes the standings on the courses that are not there yet.
async fn begin_standings(tx: &mut TenantTx, enrolling: &Enrolling) -> Result<Vec<Standing>> {
    let (tenant, now) = (tx.tenant(), tx.now());
    let keys: Vec<_> = enrolling.pairs().map(|(course, user)| StandingKey { tenant, user, object: course }).collect();
    let there: HashSet<_> = progress::standings(tx, &keys).await?.into_iter().map(|standing| standing.key).collect();
    let mut fresh: Vec<Standing> = keys
        .into_iter()
        .filter(|key| !there.contains(key))
        .map(|key| Standing {
            revision: 1,
            ..Standing::fresh(key, ObjectKind::Course, key.object, tx.new_id(), (enrolling.at, now))
        })
        .collect();
    let numbers: HashMap<_, _> =
        progress::insert_standings(tx, &fresh.iter().collect::<Vec<_>>()).await?.into_iter().collect();
    for standing in &mut fresh {
        standing.number = numbers.get(&standing.id.uuid()).copied().unwrap_or_default();
    }
    Ok(fresh)
}

/// What events tell of those who are enrolled.
struct Told {
    courses: HashMap<Uuid, Arc<CourseFacts>>,
    learners: HashMap<Uuid, Arc<UserFacts>>,
}

impl Told {
    fn of(enrolling: &Enrolling) -> Self {
        Self {
            courses: enrolling.courses.iter().map(|(id, facts)| (id.uuid(), Arc::clone(facts))).collect(),
            learners: enrolling.learners.iter().map(|(id, facts)| (id.uuid(), Arc::clone(facts))).collect(),
        }
    }

    fn enrolment(&self, tx: &mut TenantTx, enrolling: &Enrolling, enrolment: &Enrolment) {
        let enrolled_by = enrolling.enrolled_by.as_ref().map(|(_, facts)| Arc::clone(facts));
        let (course, user) = pair(enrolment);
        let data = EventData { enrollment: Some(enrolment.facts(enrolled_by)), ..self.data(course, user) };
        let subject = (ObjectKind::Enrollment, enrolment.id.uuid(), course);
        tx.record(event(enrolling, EventType::EnrollmentCreated, subject, data));
    }

    fn standing(&self, tx: &mut TenantTx, enrolling: &Enrolling, standing: &Standing) {
        let (course, user) = (standing.key.object, standing.key.user);
        let data = EventData { standing: Some(standing.facts()), ..self.data(course, user) };
        let subject = (ObjectKind::Standing, standing.id.uuid(), course);
        tx.record(event(enrolling, EventType::CourseStatCreated, subject, data));
    }

    fn data(&self, course: Uuid, user: Uuid) -> EventData {
        EventData {
            user: self.learners.get(&user).cloned(),
            course: self.courses.get(&course).cloned(),
            ..EventData::default()
        }
    }
}

fn event(
    enrolling: &Enrolling,
    event_type: EventType,
    (object_kind, object_id, course): (ObjectKind, Uuid, Uuid),
    data: EventData,
) -> NewEvent {
    NewEvent {
        event_type,
        object_kind,
        object_id,
        revision: 1,
        scope_ids: vec![course],
        data: Arc::new(data),
        occurred_at: enrolling.at,
        concludes: false,
    }
}
