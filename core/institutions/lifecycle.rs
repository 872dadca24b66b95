//! The life of an institution, changed by the platform's staff, each time for a reason that its people are told.
//!
//! Not here: the export and the erasing at its end (`closing`), and what a status means at a door (`InstitutionStatus`).
//!
//! # Rule
//! Whoever asks for what is so already gets it as it is, so that asking twice does no harm. What cannot be is a conflict.
//! An institution may be closed while it is suspended: it stays so until it is erased.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use stoa_protocols::event::{EventData, EventType, LifecycleFacts, ObjectKind};

use super::{Institution, InstitutionStatus as Status, queries::for_change};
use crate::{
    audit::Entry,
    db::{TenantTx, failed, sql},
    error::{Code, Error, Result},
    events::NewEvent,
    fields::Fields,
};

/// Longest reason, in characters.
const REASON_MAX: usize = 500;

const UPDATE: &str = "UPDATE institutions SET status = $2, suspended_at = $3, suspended_reason = $4, suspended_from = $5,
    closing_at = $6, closing_from = $7, closing_reason = $8, erase_after = $9, updated_at = $10, export_days = coalesce($11, export_days), revision = revision + 1
  WHERE tenant_id = $1 RETURNING revision";

/// Why something is done, in words that the institution is shown.
#[derive(Debug, Clone)]
pub struct Reason(String);

impl Reason {
    /// Checks a reason.
    ///
    /// # Errors
    /// `validation_failed` for none, or one that is too long.
    pub fn new(mut text: String) -> Result<Self> {
        let mut fields = Fields::new();
        fields.text("/reason", &mut text, REASON_MAX);
        if text.is_empty() {
            fields.fault("/reason", "length", format!("wanted 1 to {REASON_MAX} characters"));
        }
        fields.finish()?;
        Ok(Self(text))
    }
}

/// How an institution leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leave {
    /// Not before this time it is erased.
    pub erase_after: DateTime<Utc>,
    /// How long its export is kept after that.
    pub export_days: u32,
}

/// A step of an institution's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Suspend,
    Resume,
    Close(Leave),
    Reopen,
    Activate,
}

impl Step {
    const fn action(self) -> &'static str {
        match self {
            Self::Suspend => "institution.suspended",
            Self::Resume => "institution.resumed",
            Self::Close(_) => "institution.closing",
            Self::Reopen => "institution.reopened",
            Self::Activate => "institution.activated",
        }
    }

    const fn event(self) -> EventType {
        match self {
            Self::Suspend => EventType::InstitutionSuspended,
            Self::Resume => EventType::InstitutionResumed,
            Self::Close(_) => EventType::InstitutionClosing,
            Self::Reopen => EventType::InstitutionReopened,
            Self::Activate => EventType::TrialConverted,
        }
    }
}

/// Refuses the institution of the transaction at every door from now on.
///
/// # Errors
/// `not_found`; `conflict` for one that is closed.
pub async fn suspend(tx: &mut TenantTx, reason: Reason) -> Result<Institution> {
    take(tx, Step::Suspend, reason).await
}

/// Lets it work again. What waited meanwhile is for the caller to promise.
///
/// # Errors
/// `not_found`; `conflict` for one that is closed.
pub async fn resume(tx: &mut TenantTx, reason: Reason) -> Result<Institution> {
    take(tx, Step::Resume, reason).await
}

/// Begins to close it. What is exported meanwhile is for the caller to promise.
///
/// # Errors
/// `not_found`; `validation_failed` for a time that is past; `conflict` for one that is closed.
pub async fn close(tx: &mut TenantTx, reason: Reason, leave: Leave) -> Result<Institution> {
    if leave.erase_after < tx.now() {
        return Err(Error::invalid_field("/erase_after", "range", "wanted a time that is not past"));
    }
    take(tx, Step::Close(leave), reason).await
}

/// Calls the closing off.
///
/// # Errors
/// `not_found`; `conflict` once the erasing has begun.
pub async fn reopen(tx: &mut TenantTx, reason: Reason) -> Result<Institution> {
    take(tx, Step::Reopen, reason).await
}

/// Turns its trial into a contract.
///
/// # Errors
/// `not_found`; `conflict` for one that is suspended, leaving or closed.
pub async fn activate(tx: &mut TenantTx, reason: Reason) -> Result<Institution> {
    take(tx, Step::Activate, reason).await
}

async fn take(tx: &mut TenantTx, step: Step, reason: Reason) -> Result<Institution> {
    let before = for_change(tx).await?;
    let mut after = stepped(&before, step, (&reason, tx.now()))?;
    if after == before {
        return Ok(before);
    }
    after.updated_at = tx.now();
    let revision = write(tx, &after, step).await?;
    tx.audit(Entry::of(step.action(), after.tenant_id).was(said(&before, None)).is(said(&after, Some(&reason))));
    tx.record(event(&before, &after, (step, reason, revision)));
    Ok(after)
}

/// The institution after a step; as it was where it has taken that step already.
fn stepped(before: &Institution, step: Step, (reason, now): (&Reason, DateTime<Utc>)) -> Result<Institution> {
    let it = before.clone();
    let impossible = |why: &'static str| Err(Error::new(Code::Conflict, why));
    if it.status == Status::Closed {
        return impossible("the institution is closed; there is nothing left of it");
    }
    let suspended = it.status == Status::Suspended;
    Ok(match step {
        Step::Suspend if suspended => it,
        Step::Suspend => Institution {
            suspended_from: Some(it.status),
            status: Status::Suspended,
            suspended_at: Some(now),
            suspended_reason: Some(reason.0.clone()),
            ..it
        },
        Step::Resume if !suspended => it,
        Step::Resume => Institution {
            status: it.suspended_from.unwrap_or(Status::Active),
            suspended_from: None,
            suspended_at: None,
            suspended_reason: None,
            ..it
        },
        Step::Close(leave) if it.closing_at.is_some() => Institution { erase_after: Some(leave.erase_after), ..it },
        Step::Close(leave) => leaving(it, leave.erase_after, (reason, now)),
        Step::Reopen if it.closing_at.is_none() => it,
        Step::Reopen => staying(it),
        Step::Activate if it.status == Status::Active => it,
        Step::Activate if it.status == Status::Trial => Institution { status: Status::Active, ..it },
        Step::Activate => return impossible("only a trial becomes a contract; resume or reopen the institution first"),
    })
}

fn leaving(it: Institution, erase_after: DateTime<Utc>, (reason, now): (&Reason, DateTime<Utc>)) -> Institution {
    let it = Institution {
        closing_at: Some(now),
        closing_reason: Some(reason.0.clone()),
        erase_after: Some(erase_after),
        ..it
    };
    match it.status {
        Status::Suspended => {
            Institution { closing_from: it.suspended_from, suspended_from: Some(Status::Closing), ..it }
        }
        status => Institution { closing_from: Some(status), status: Status::Closing, ..it },
    }
}

fn staying(it: Institution) -> Institution {
    let back = it.closing_from.unwrap_or(Status::Active);
    let it = Institution { closing_at: None, closing_from: None, closing_reason: None, erase_after: None, ..it };
    match it.status {
        Status::Suspended => Institution { suspended_from: Some(back), ..it },
        _ => Institution { status: back, ..it },
    }
}

async fn write(tx: &mut TenantTx, it: &Institution, step: Step) -> Result<i32> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Integer)]
        revision: i32,
    }
    let export_days = match step {
        Step::Close(leave) => i32::try_from(leave.export_days).ok(),
        Step::Suspend | Step::Resume | Step::Reopen | Step::Activate => None,
    };
    let row: Row = sql(UPDATE)
        .bind::<SqlUuid, _>(it.tenant_id)
        .bind::<Text, _>(it.status.as_str())
        .bind::<Nullable<Timestamptz>, _>(it.suspended_at)
        .bind::<Nullable<Text>, _>(&it.suspended_reason)
        .bind::<Nullable<Text>, _>(it.suspended_from.map(Status::as_str))
        .bind::<Nullable<Timestamptz>, _>(it.closing_at)
        .bind::<Nullable<Text>, _>(it.closing_from.map(Status::as_str))
        .bind::<Nullable<Text>, _>(&it.closing_reason)
        .bind::<Nullable<Timestamptz>, _>(it.erase_after)
        .bind::<Timestamptz, _>(it.updated_at)
        .bind::<Nullable<Integer>, _>(export_days)
        .get_result(tx.connection())
        .await
        .map_err(failed)?;
    Ok(row.revision)
}

fn said(it: &Institution, reason: Option<&Reason>) -> Value {
    let mut said = json!({ "status": it.status, "erase_after": it.erase_after });
    if let (Value::Object(said), Some(reason)) = (&mut said, reason) {
        said.insert("reason".to_owned(), reason.0.as_str().into());
    }
    said
}

fn event(before: &Institution, after: &Institution, (step, reason, revision): (Step, Reason, i32)) -> NewEvent {
    let lifecycle = LifecycleFacts {
        status: after.status.as_str().to_owned(),
        previous_status: before.status.as_str().to_owned(),
        reason: reason.0,
        erase_after: after.erase_after,
    };
    NewEvent {
        event_type: step.event(),
        object_kind: ObjectKind::Institution,
        object_id: after.tenant_id.uuid(),
        revision,
        scope_ids: Vec::new(),
        data: Arc::new(EventData { lifecycle: Some(Box::new(lifecycle)), ..EventData::default() }),
        occurred_at: after.updated_at,
        concludes: false,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::rows::tests::demo, *};

    fn after(steps: &[Step]) -> Result<Institution> {
        let reason = Reason::new("because".to_owned()).unwrap();
        steps.iter().try_fold(demo(), |it, step| stepped(&it, *step, (&reason, DateTime::UNIX_EPOCH)))
    }

    fn status(steps: &[Step]) -> Status {
        after(steps).unwrap().status
    }

    #[test]
    fn every_step_can_be_taken_back() {
        let close = Step::Close(Leave { erase_after: DateTime::UNIX_EPOCH, export_days: 30 });
        assert_eq!(status(&[Step::Suspend]), Status::Suspended);
        assert_eq!(after(&[Step::Suspend, Step::Resume]).unwrap(), demo());
        assert_eq!(status(&[close]), Status::Closing);
        assert_eq!(after(&[close, Step::Reopen]).unwrap(), demo());
        assert_eq!(status(&[close, Step::Suspend]), Status::Suspended);
        assert_eq!(status(&[close, Step::Suspend, Step::Resume]), Status::Closing);
        assert_eq!(after(&[Step::Suspend, close, Step::Reopen, Step::Resume]).unwrap(), demo());
        assert_eq!(after(&[Step::Suspend, close, Step::Resume, Step::Reopen]).unwrap(), demo());
    }

    #[test]
    fn to_ask_twice_changes_nothing() {
        let close = Step::Close(Leave { erase_after: DateTime::UNIX_EPOCH, export_days: 30 });
        for step in [Step::Suspend, Step::Resume, close, Step::Reopen, Step::Activate] {
            assert_eq!(after(&[step, step]).unwrap(), after(&[step]).unwrap(), "{step:?}");
        }
    }

    #[test]
    fn what_is_closed_stays_so() {
        let closed = Institution { status: Status::Closed, ..demo() };
        let reason = Reason::new("because".to_owned()).unwrap();
        for step in [Step::Suspend, Step::Resume, Step::Reopen, Step::Activate] {
            let refused = stepped(&closed, step, (&reason, DateTime::UNIX_EPOCH)).unwrap_err();
            assert_eq!(refused.code(), Code::Conflict, "{step:?}");
        }
        assert_eq!(after(&[Step::Suspend, Step::Activate]).unwrap_err().code(), Code::Conflict);
    }

    #[test]
    fn nothing_is_done_without_a_reason() {
        for text in [String::new(), "  ".to_owned(), "x".repeat(REASON_MAX + 1), "a\0b".to_owned()] {
            assert_eq!(Reason::new(text).unwrap_err().code(), Code::ValidationFailed);
        }
    }
}
