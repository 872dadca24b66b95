//! Letters that came back, as the operator's mail server tells of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{
    Code, Error, Id, Result, TenantId, id,
    letters::{self, Bounce, LetterStatus},
};
use stoa_jobs::{
    Queue as JobQueue,
    mail::AddressSuspendedLetter,
    queue::{NewJob, enqueue},
};
use stoa_protocols::bounce::{self, Returned};

use super::TAG;
use crate::{
    App,
    body::Body,
    caller::Staff,
    doors::{Call, Data, Door, NoPath, NoQuery, Sample, sample},
};

/// The doors.
pub(super) fn doors() -> Vec<Door> {
    vec![
        Door::post("/api/support/bounces", take)
            .named("reportBounce", TAG, "Notes that a letter came back; what mail servers report is taken as it is")
            .errors(&[Code::NotFound]),
    ]
}

/// What came back: a mail server's report, or what it says in fields.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BounceReport {
    /// The whole message in which a mail server says so (RFC 3464).
    #[serde(default)]
    report: Option<String>,
    /// Instead of a report: the `Message-ID` of the letter.
    #[serde(default)]
    message_id: Option<String>,
    /// Instead of a report: the enhanced status code, such as `5.1.1`.
    #[serde(default)]
    status: Option<String>,
    /// Instead of a report: what the mail server said.
    #[serde(default)]
    reason: Option<String>,
}

impl Body for BounceReport {
    fn example() -> Value {
        json!({
            "message_id": "<ltr_01m7ynayr5ee9ag9yxnpgq1csr.inst_01m7ynayr5ee9ag9yxnpgq1csr@learn.example>",
            "status": "5.1.1",
            "reason": "550 5.1.1 <ana@example.com>: User unknown",
        })
    }
}

/// What was noted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BouncesNoted")]
struct NotedView {
    /// Letters that came back; none where the report says that they arrived.
    letters: Vec<NotedLetter>,
}

/// A letter that came back.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "NotedLetter")]
struct NotedLetter {
    /// Id of the letter.
    id: Id<id::Letter>,
    /// Institution that it was sent for.
    institution_id: TenantId,
    /// What became of it; a letter that is only late keeps what it had.
    status: LetterStatus,
    /// Nothing is sent to its address any more, since this report.
    address_suspended: bool,
}

async fn take(call: Call<NoPath, NoQuery, BounceReport, Staff>) -> Result<Data<NotedView>> {
    let mut letters = Vec::new();
    for returned in read(call.body)? {
        letters.push(note(&call.app, &call.scope, returned).await?);
    }
    Ok(Data(NotedView { letters }))
}

fn read(body: BounceReport) -> Result<Vec<Returned>> {
    if let Some(report) = body.report {
        return bounce::read_report(&report)
            .map_err(|fault| Error::invalid_field("/report", "value", fault.to_string()));
    }
    let lacking = |pointer| Error::invalid_field(pointer, "required", "wanted report, or message_id and status");
    let status = body.status.ok_or_else(|| lacking("/status"))?;
    let is_code = status.split('.').count() == 3 && status.split('.').all(|part| part.parse::<u16>().is_ok());
    if !is_code || !(status.starts_with("4.") || status.starts_with("5.")) {
        return Err(Error::invalid_field("/status", "value", "wanted an enhanced status code such as 5.1.1 or 4.2.2"));
    }
    let message_id = body.message_id.ok_or_else(|| lacking("/message_id"))?;
    let reason = body.reason.filter(|reason| !reason.trim().is_empty()).unwrap_or_else(|| status.clone());
    let message_id = message_id.trim().trim_matches(['<', '>']).to_owned();
    Ok(vec![Returned { message_id, failed: status.starts_with('5'), status, reason }])
}

async fn note(app: &App, staff: &Staff, returned: Returned) -> Result<NotedLetter> {
    let (letter, tenant) = letter_of(&returned.message_id).ok_or_else(|| Error::not_found("letter"))?;
    let mut tx = app.db.tenant(&staff.on_behalf_of(tenant)).await?;
    let bounce = Bounce { failed: returned.failed, gone: returned.is_hard(), why: returned.reason };
    let address_suspended = letters::bounced(&mut tx, letter, &bounce).await?;
    if address_suspended {
        enqueue(&mut tx, NewJob::of(tenant, &AddressSuspendedLetter { tenant, letter, reader: None })?).await?;
    }
    let status = letters::get(&mut tx, letter).await?.status;
    tx.commit().await?;
    app.road.wakes.wake(JobQueue::Mail);
    Ok(NotedLetter { id: letter, institution_id: tenant, status, address_suspended })
}

/// A letter and its institution, of `ltr_….inst_…@host`.
fn letter_of(message_id: &str) -> Option<(Id<id::Letter>, TenantId)> {
    let (local, _) = message_id.rsplit_once('@')?;
    let (letter, tenant) = local.split_once('.')?;
    Some((letter.parse().ok()?, tenant.parse().ok()?))
}

impl Sample for NotedView {
    fn sample() -> Self {
        let letter = NotedLetter {
            id: sample::id(),
            institution_id: sample::id(),
            status: LetterStatus::Bounced,
            address_suspended: true,
        };
        Self { letters: vec![letter] }
    }
}
