//! One batch: many requests, many institutions, one transaction.
//!
//! Nothing is answered before the commit. An event that does not count is answered in its place and leaves no row,
//! so that it may be corrected and sent again under the same id.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{
    activity::{EventOutcome, EventStatus, ProgressEvent, Rejection, Submission, Verb},
    announce::Context,
    fold::{Fold, Held},
    locks::lock_learners,
    resolve::{self, Learner, ObjectKey, Path, UserKey},
    standing::Key,
    store::{self, AcceptedRow, Attendance},
    structure::Structure,
};
use crate::{
    db::{Db, TenantTx},
    error::{Code, Error, Result},
    id::{self, Id, TenantId},
};

/// Places of an event: which submission, which event of it.
type Place = (usize, usize);

/// An event whose learner and object are known.
struct Work<'a> {
    place: Place,
    event: &'a ProgressEvent,
    context: Context,
    /// Accepted in this batch, not before.
    counts: bool,
    event_ids: Vec<Uuid>,
}

/// Takes a batch in and answers each submission, after the commit.
///
/// # Errors
/// As the database says; then nothing of the batch was kept.
pub(crate) async fn ingest(db: &Db, submissions: &[Submission]) -> Result<Vec<Vec<EventOutcome>>> {
    take(db, submissions, Lane::Fresh).await
}

/// Takes the past in: like [`ingest`], but what it causes is told behind whatever is fresh.
///
/// # Errors
/// As the database says; then nothing of it was kept.
pub async fn backfill(db: &Db, submission: Submission) -> Result<Vec<EventOutcome>> {
    Ok(take(db, &[submission], Lane::Background).await?.pop().unwrap_or_default())
}

/// How soon receivers are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Fresh,
    Background,
}

async fn take(db: &Db, submissions: &[Submission], lane: Lane) -> Result<Vec<Vec<EventOutcome>>> {
    let tenants: Vec<TenantId> = distinct(submissions.iter().map(Submission::tenant));
    let mut tx = db.tenants(&tenants).await?;
    let mut outcomes: HashMap<Place, EventOutcome> = HashMap::new();
    let mut works = resolve_all(&mut tx, submissions, &mut outcomes).await?;
    lock_learners(
        &mut tx,
        &works.iter().map(|work| (work.context.tenant, work.context.learner.id)).collect::<Vec<_>>(),
    )
    .await?;
    set_known_aside(&mut tx, &mut works, &mut outcomes).await?;
    let mut fold = load(&mut tx, &works, db).await?;
    for (cause, work) in works.iter_mut().enumerate() {
        if work.counts {
            work.context.cause = cause;
            if let Err(rejection) = fold.apply(&work.context, work.event) {
                work.counts = false;
                outcomes.insert(work.place, rejection.into());
            }
        }
    }
    write(&mut tx, fold, &mut works, submissions).await?;
    match lane {
        Lane::Fresh => tx.commit().await?,
        Lane::Background => tx.commit_in_background().await?,
    }
    for work in works {
        outcomes.entry(work.place).or_insert_with(|| EventOutcome {
            id: Some(work.event.id.clone()),
            status: EventStatus::Accepted,
            code: None,
            detail: None,
            events: work.event_ids.into_iter().map(Id::from_uuid).collect(),
        });
    }
    Ok(in_order(submissions, outcomes))
}

/// Finds learners and objects; what is not there is answered at once.
async fn resolve_all<'a>(
    tx: &mut TenantTx,
    submissions: &'a [Submission],
    outcomes: &mut HashMap<Place, EventOutcome>,
) -> Result<Vec<Work<'a>>> {
    let mut readable: Vec<(Place, &Submission, &ProgressEvent)> = Vec::new();
    for (at, submission) in submissions.iter().enumerate() {
        for (nth, event) in submission.events.iter().enumerate() {
            match event {
                Ok(event) => readable.push(((at, nth), submission, event)),
                Err(rejection) => {
                    outcomes.insert((at, nth), rejection.clone().into());
                }
            }
        }
    }
    let users: Vec<UserKey> = distinct(readable.iter().map(|(_, by, event)| (by.tenant(), event.user.clone())));
    let objects: Vec<ObjectKey> = distinct(
        readable
            .iter()
            .filter(|(_, _, event)| resolve::is_named(&event.object))
            .map(|(_, by, event)| (by.tenant(), event.object.clone())),
    );
    let learners = resolve::learners(tx, &users).await?;
    let paths = resolve::paths(tx, &objects).await?;
    let mut works = Vec::with_capacity(readable.len());
    for (place, submission, event) in readable {
        let tenant = submission.tenant();
        match known_parts(submission, event, &learners, &paths) {
            Ok((learner, path)) => {
                let context = Context { cause: 0, tenant, learner, path, occurred_at: event.occurred_at.utc() };
                works.push(Work { place, event, context, counts: true, event_ids: Vec::new() });
            }
            Err(rejection) => {
                outcomes.insert(place, rejection.into());
            }
        }
    }
    Ok(works)
}

fn known_parts(
    by: &Submission,
    event: &ProgressEvent,
    learners: &HashMap<UserKey, Learner>,
    paths: &HashMap<ObjectKey, Path>,
) -> Result<(Learner, Path), Rejection> {
    let missing = |pointer: &str| Rejection::of(event, Code::NotFound, format!("{pointer}: no such object here"));
    let tenant = by.tenant();
    let learner = learners.get(&(tenant, event.user.clone())).ok_or_else(|| missing("/user"))?;
    let path = paths.get(&(tenant, event.object.clone())).ok_or_else(|| missing("/object"))?;
    // Several institutions share the transaction, so the wall around courses is kept here.
    if !by.sees_course(path.course.0) {
        return Err(missing("/object"));
    }
    if resolve::object_kind(event.object.kind) == stoa_protocols::event::ObjectKind::Item && path.item.is_none() {
        return Err(missing("/object"));
    }
    Ok((learner.clone(), path.clone()))
}

/// Answers what was accepted before, by an earlier batch or earlier in this one.
async fn set_known_aside(
    tx: &mut TenantTx,
    works: &mut [Work<'_>],
    outcomes: &mut HashMap<Place, EventOutcome>,
) -> Result<()> {
    let ids: Vec<(TenantId, &str)> = works.iter().map(|work| (work.context.tenant, work.event.id.as_str())).collect();
    let known = store::known(tx, &ids).await?;
    let known: HashMap<(Uuid, &str), &[Uuid]> =
        known.iter().map(|row| ((row.tenant_id, row.client_id.as_str()), row.event_ids.as_slice())).collect();
    let mut seen = HashSet::new();
    for work in works {
        let key = (work.context.tenant.uuid(), work.event.id.as_str());
        let before = known.get(&key).copied();
        if before.is_some() || !seen.insert(key) {
            work.counts = false;
            let events = before.unwrap_or_default().iter().copied().map(Id::<id::Event>::from_uuid).collect();
            outcomes.insert(work.place, duplicate(work.event, events));
        }
    }
    Ok(())
}

fn duplicate(event: &ProgressEvent, events: Vec<Id<id::Event>>) -> EventOutcome {
    EventOutcome {
        id: Some(event.id.clone()),
        status: EventStatus::Duplicate,
        code: None,
        detail: Some("accepted before; nothing was changed".to_owned()),
        events,
    }
}

/// Loads the rows that the batch may change. Only where something may be completed are the siblings needed.
async fn load<'a>(tx: &mut TenantTx, works: &[Work<'_>], db: &'a Db) -> Result<Fold<'a>> {
    let counting = || works.iter().filter(|work| work.counts);
    let attendance =
        |work: &Work<'_>| -> Attendance { (work.context.tenant, work.context.learner.id, work.context.path.course.0) };
    let completing: Vec<Attendance> = distinct(counting().filter(|work| may_complete(work.event)).map(attendance));
    let whole: HashSet<Attendance> = completing.iter().copied().collect();
    let keys: Vec<Key> =
        distinct(counting().filter(|work| !whole.contains(&attendance(work))).flat_map(|work| keys_of(&work.context)));
    let courses = distinct(completing.iter().map(|(tenant, _, course)| (*tenant, *course)));
    let mut standings = store::standings(tx, &keys).await?;
    standings.extend(store::standings_on(tx, &completing).await?);
    let attended: Vec<Attendance> = distinct(counting().map(attendance));
    let enrolments = store::enrolments(tx, &attended).await?;
    let held = |row| Held { row, is_new: false, changed: false };
    Ok(Fold {
        now: tx.now(),
        structure: Structure::load(tx, &courses).await?,
        standings: standings.into_iter().map(|row| (row.key, Held { row, is_new: false, changed: false })).collect(),
        enrolments: enrolments
            .into_iter()
            .map(|row| ((TenantId::from_uuid(row.tenant_id), row.user_id, row.course_id), held(row)))
            .collect(),
        announcements: Vec::new(),
        ids: db.ids(),
    })
}

/// The standings that an event touches: the object's and those of what it is part of.
fn keys_of(context: &Context) -> Vec<Key> {
    let path = &context.path;
    let parts = [path.lesson.as_ref().map(|(id, _)| *id), path.item.as_ref().map(|(id, _)| *id)];
    std::iter::once(path.course.0)
        .chain(parts.into_iter().flatten())
        .map(|object| Key { tenant: context.tenant, user: context.learner.id, object })
        .collect()
}

fn may_complete(event: &ProgressEvent) -> bool {
    let whole = event.result.as_ref().and_then(|result| result.progress).is_some_and(|progress| progress >= 1.0);
    whole || matches!(event.verb, Verb::Completed | Verb::Passed)
}

/// Writes the standings and enrolments that changed; answers the numbers that new standings were given.
pub(super) async fn write_rows(tx: &mut TenantTx, fold: &Fold<'_>) -> Result<HashMap<Uuid, i64>> {
    let changed = |held: &&Held<_>| held.changed;
    let standings: Vec<_> = fold.standings.values().filter(changed).collect();
    let new: Vec<_> = standings.iter().filter(|held| held.is_new).map(|held| &held.row).collect();
    let old: Vec<_> = standings.iter().filter(|held| !held.is_new).map(|held| &held.row).collect();
    let numbers = store::insert_standings(tx, &new).await?.into_iter().collect();
    store::update_standings(tx, &old).await?;
    let enrolments: Vec<_> = fold.enrolments.values().filter(|held| held.changed).map(|held| &held.row).collect();
    store::put_enrolments(tx, &enrolments).await?;
    Ok(numbers)
}

/// Writes rows, records events and keeps what was accepted.
async fn write(tx: &mut TenantTx, fold: Fold<'_>, works: &mut [Work<'_>], submissions: &[Submission]) -> Result<()> {
    let numbers = write_rows(tx, &fold).await?;
    for announcement in fold.announcements {
        let (cause, tenant) = (announcement.context.cause, announcement.context.tenant);
        let Some(work) = works.get_mut(cause) else { continue };
        let request_id = submissions.get(work.place.0).and_then(Submission::request_id);
        let id = tx.record_for(tenant, request_id, announcement.into_event(&numbers));
        work.event_ids.push(id.uuid());
    }
    let rows: Vec<AcceptedRow<'_>> = works.iter().filter(|work| work.counts).map(accepted_row).collect();
    let wanted = rows.len();
    if store::keep(tx, rows).await? < wanted {
        // The same id for two learners at the same moment: only one batch may keep it. The next try sees it.
        return Err(Error::new(Code::Conflict, "the same event id was accepted at the same moment"));
    }
    Ok(())
}

fn accepted_row<'a>(work: &'a Work<'_>) -> AcceptedRow<'a> {
    AcceptedRow {
        tenant: work.context.tenant,
        client_id: &work.event.id,
        user: work.context.learner.id,
        object_kind: work.event.object.kind.as_str(),
        object: work.context.path.object(),
        verb: work.event.verb.as_str(),
        result: work.event.result.as_ref().and_then(|result| serde_json::to_value(result).ok()),
        event_ids: work.event_ids.clone(),
        occurred_at: work.event.occurred_at.utc(),
    }
}

fn in_order(submissions: &[Submission], mut outcomes: HashMap<Place, EventOutcome>) -> Vec<Vec<EventOutcome>> {
    submissions
        .iter()
        .enumerate()
        .map(|(at, submission)| (0..submission.events.len()).filter_map(|nth| outcomes.remove(&(at, nth))).collect())
        .collect()
}

/// Each value once, in the order of first sight.
pub(super) fn distinct<T: Clone + Eq + std::hash::Hash>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(value.clone())).collect()
}
