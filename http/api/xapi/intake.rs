//! From statements to activity, a request at a time.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use stoa_core::{
    Code, Error, FieldFault, Id, Key, Result, Scope, id,
    members::{self, MemberStatus},
    progress::{
        ActivityObject, ActivityResult, ActivityScore, ActivityUser, EventStatus, ProgressEvent, Submission, Verb,
        check_event,
    },
    time::Timestamp,
};
use stoa_protocols::xapi::{self, Outcome, Statement, verbs::Meaning};
use stoa_record::statements::{self, Kept};
use uuid::Uuid;

use crate::App;

/// Takes the statements of a request in.
pub(super) struct Intake<'a> {
    pub(super) app: &'a App,
    pub(super) scope: &'a Scope,
    /// They came as a list, so faults are told with their places in it.
    pub(super) is_many: bool,
}

/// A statement with everything that is known of it.
struct Work {
    id: Uuid,
    read: Statement,
    given: Value,
    learner: Id<id::User>,
    object: ActivityObject,
}

impl Intake<'_> {
    /// Counts the statements, and answers their ids.
    ///
    /// # Errors
    /// `invalid_statement` with the place of each fault; `conflict` when another statement has an id.
    pub(super) async fn take(&self, given: Vec<Value>) -> Result<Vec<String>> {
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let read = self.read(given)?;
        let ids: Vec<Uuid> = read.iter().map(|(id, ..)| *id).collect();
        let (works, known) = self.resolved(read, &ids).await?;
        let digests: Vec<_> = works.iter().map(|work| statements::digest(&work.given)).collect();
        for (id, digest) in ids.iter().zip(&digests) {
            if known.get(id).is_some_and(|known| known.as_slice() != digest) {
                return Err(Error::new(Code::Conflict, format!("another statement has the id {id}")));
            }
        }
        self.count(&works).await?;
        let kept = works.into_iter().zip(digests).filter(|(work, _)| !known.contains_key(&work.id));
        let kept: Vec<Kept> = kept
            .map(|(work, digest)| Kept { id: work.id, user_id: work.learner, digest, statement: work.given })
            .collect();
        if !kept.is_empty() {
            let mut tx = self.app.db.tenant(self.scope).await?;
            statements::keep(&mut tx, &kept).await?;
            tx.commit().await?;
        }
        Ok(ids.iter().map(Uuid::to_string).collect())
    }

    fn place(&self, nth: usize, pointer: &str) -> String {
        if self.is_many { format!("/{nth}{pointer}") } else { pointer.to_owned() }
    }

    /// Reads them all; one fault refuses the request.
    fn read(&self, given: Vec<Value>) -> Result<Vec<(Uuid, Statement, Value)>> {
        let (mut faults, mut seen) = (Vec::new(), HashSet::new());
        let mut read = Vec::with_capacity(given.len());
        for (nth, mut value) in given.into_iter().enumerate() {
            match xapi::read(&value) {
                Ok(statement) => {
                    let id = statement.id.unwrap_or_else(new_id);
                    if !seen.insert(id) {
                        faults.push(FieldFault::new(self.place(nth, "/id"), "value", "the id stands here twice"));
                    }
                    if let (None, Some(value)) = (statement.id, value.as_object_mut()) {
                        value.insert("id".to_owned(), id.to_string().into());
                    }
                    read.push((id, statement, value));
                }
                Err(found) => faults.extend(
                    found
                        .into_iter()
                        .map(|fault| FieldFault::new(self.place(nth, &fault.pointer), fault.code, fault.detail)),
                ),
            }
        }
        refuse(faults)?;
        Ok(read)
    }

    /// Finds learners and activities, and what the statements say that have these ids already. A learner or an activity
    /// that is not there refuses the request.
    async fn resolved(
        &self,
        read: Vec<(Uuid, Statement, Value)>,
        ids: &[Uuid],
    ) -> Result<(Vec<Work>, HashMap<Uuid, Vec<u8>>)> {
        let base = self.app.settings.app_url.as_ref();
        let keys = read.iter().map(|(_, statement, _)| statements::learner_key(&statement.actor, base));
        let keys: Vec<Key<id::User>> = keys.map(|key| key.unwrap_or_else(|| Key::Word(String::new()))).collect();
        let iris: HashSet<&str> = read.iter().map(|(_, statement, _)| statement.object.as_str()).collect();
        let mut tx = self.app.db.tenant(self.scope).await?;
        let learners = members::find_all(&mut tx, &keys).await?;
        let objects = statements::activities(&mut tx, base, &iris.into_iter().collect::<Vec<_>>()).await?;
        let known = statements::known(&mut tx, ids).await?;
        drop(tx);
        let (mut faults, mut works) = (Vec::new(), Vec::with_capacity(read.len()));
        for (nth, ((id, statement, given), learner)) in read.into_iter().zip(learners).enumerate() {
            let learner = learner.filter(|member| member.status != MemberStatus::Removed).map(|member| member.id);
            if learner.is_none() {
                let why = format!("no such member; wanted mbox, or an account with homePage {base}");
                faults.push(FieldFault::new(self.place(nth, "/actor"), "not_found", why));
            }
            let object = objects.get(&statement.object).cloned();
            if object.is_none() {
                let why = format!(
                    "no course, lesson or item has this external id; wanted one, or {base}/xapi/activities/<id>"
                );
                faults.push(FieldFault::new(self.place(nth, "/object/id"), "not_found", why));
            }
            if let (Some(learner), Some(object)) = (learner, object) {
                works.push(Work { id, read: statement, given, learner, object });
            }
        }
        refuse(faults)?;
        Ok((works, known))
    }

    /// Hands them to the road, which says of each whether it counts.
    async fn count(&self, works: &[Work]) -> Result<()> {
        let now = self.app.db.clock().now();
        let events: Vec<_> = works.iter().map(|work| check_event(work.event(now), now)).collect();
        let faults: Vec<FieldFault> = events
            .iter()
            .enumerate()
            .filter_map(|(nth, event)| {
                let rejection = event.as_ref().err()?;
                Some(FieldFault::new(self.place(nth, ""), "value", rejection.detail.clone()))
            })
            .collect();
        refuse(faults)?;
        let submission = Submission { scope: self.scope.clone(), events };
        let outcomes = self.app.road.recorder.submit(submission).await?;
        let refused = outcomes.into_iter().enumerate().filter(|(_, outcome)| outcome.status == EventStatus::Rejected);
        refuse(
            refused
                .map(|(nth, outcome)| {
                    let why = outcome.detail.unwrap_or_default();
                    FieldFault::new(self.place(nth, ""), outcome.code.unwrap_or("value"), why)
                })
                .collect(),
        )
    }
}

/// A random id, as the specification wants it where the sender leaves it out.
fn new_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}

fn refuse(faults: Vec<FieldFault>) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    Err(Error::new(Code::InvalidStatement, "`errors` says what is wrong, and where").with_fields(faults))
}

impl Work {
    /// The event that follows from it.
    fn event(&self, now: DateTime<Utc>) -> ProgressEvent {
        let Statement { verb, outcome, timestamp, .. } = &self.read;
        ProgressEvent {
            id: format!("xapi:{}", self.id),
            occurred_at: Timestamp::from(timestamp.unwrap_or(now)),
            user: ActivityUser { id: Some(self.learner), external_id: None, email: None },
            object: self.object.clone(),
            verb: word(*verb),
            result: result(outcome),
        }
    }
}

fn result(outcome: &Outcome) -> Option<ActivityResult> {
    if *outcome == Outcome::default() {
        return None;
    }
    let done = (outcome.completion == Some(true)).then_some(1.0);
    Some(ActivityResult {
        progress: done.or(outcome.progress),
        score: outcome.score.map(|score| ActivityScore { raw: score.raw, min: score.min, max: score.max }),
        success: outcome.success,
        duration_seconds: outcome.seconds,
        attempt: None,
    })
}

const fn word(meaning: Meaning) -> Verb {
    match meaning {
        Meaning::Enrolled => Verb::Enrolled,
        Meaning::Started => Verb::Started,
        Meaning::Progressed => Verb::Progressed,
        Meaning::Answered => Verb::Answered,
        Meaning::Submitted => Verb::Submitted,
        Meaning::Completed => Verb::Completed,
        Meaning::Passed => Verb::Passed,
        Meaning::Failed => Verb::Failed,
    }
}
