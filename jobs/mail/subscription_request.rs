//! Tells whoever filed a request for subscriptions what became of it.
//!
//! Idempotent: one promise for each reader, whose letter carries the same id at every attempt.

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Result, Scope, TenantId, id};
use stoa_protocols::{
    render::mail::{DecidedItem, RequestVerdict, SubscriptionRequestDecided},
    webhook::DialectName,
};
use stoa_webhooks::subscription_requests::{DecisionNotice, ItemOutcome, RequestItem, RequestStatus, decision_notice};

use super::post::{Addressee, POLICY, post};
use crate::{
    context::JobCtx,
    job::{Job, Outcome, Policy, Queue},
    queue::{self, HOUSE, NewJob},
};

/// Writes the letter to everybody whom it concerns, or, once that is promised, to one of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubscriptionRequestLetter {
    /// Whose request it is.
    pub tenant: TenantId,
    /// The request.
    pub request: Id<id::SubscriptionRequest>,
    /// One reader; none for all of them.
    pub reader: Option<Id<id::User>>,
}

impl Job for SubscriptionRequestLetter {
    const NAME: &'static str = "mail/subscription_request";
    const QUEUE: Queue = Queue::Mail;
    const POLICY: Policy = POLICY;

    async fn run(self, ctx: &JobCtx) -> Outcome {
        let notice = match load(&self, ctx).await {
            Ok(Some(notice)) => notice,
            Ok(None) => return Outcome::Done,
            Err(error) => return error.into(),
        };
        match self.reader {
            None => match promise_each(&self, ctx, &notice).await {
                Ok(()) => Outcome::Done,
                Err(error) => error.into(),
            },
            Some(reader) => write(ctx, (self.tenant, reader), &notice).await,
        }
    }

    fn unique_key(&self) -> Option<String> {
        Some(format!("{}:{}", self.request, self.reader.map_or_else(String::new, |reader| reader.to_string())))
    }

    fn sample() -> Self {
        Self { tenant: HOUSE, request: Id::from_uuid(HOUSE.uuid()), reader: None }
    }
}

async fn load(job: &SubscriptionRequestLetter, ctx: &JobCtx) -> Result<Option<DecisionNotice>> {
    let mut tx = ctx.tools.db.tenant(&Scope::house(job.tenant)).await?;
    decision_notice(&mut tx, job.request).await
}

async fn promise_each(job: &SubscriptionRequestLetter, ctx: &JobCtx, notice: &DecisionNotice) -> Result<()> {
    let mut tx = ctx.tools.db.house().await?;
    let jobs = notice
        .readers
        .iter()
        .map(|reader| NewJob::of(job.tenant, &SubscriptionRequestLetter { reader: Some(reader.id), ..job.clone() }));
    queue::enqueue_many(&mut tx, jobs.collect::<Result<_>>()?).await?;
    tx.commit().await?;
    ctx.tools.wakes.wake(Queue::Mail);
    Ok(())
}

async fn write(ctx: &JobCtx, (tenant, reader): (TenantId, Id<id::User>), notice: &DecisionNotice) -> Outcome {
    let Some(reader) = notice.readers.iter().find(|one| one.id == reader) else { return Outcome::Done };
    let words = context(notice, &reader.name, ctx.tools.post_room.base_url());
    let occasion = format!("{}:{}", notice.request.id, reader.id);
    post(ctx, &Addressee::of(tenant, reader), &occasion, &words).await
}

fn context(notice: &DecisionNotice, recipient: &str, base_url: &str) -> SubscriptionRequestDecided {
    let (request, api) = (&notice.request, format!("{base_url}/api/integrations"));
    let whole = request.items.iter().all(|item| item.outcome == ItemOutcome::Approved);
    SubscriptionRequestDecided {
        recipient_name: recipient.to_owned(),
        institution_name: request.institution_name.clone(),
        request_id: request.id.to_string(),
        external_id: request.external_id.clone(),
        verdict: match request.status {
            RequestStatus::Approved if whole => RequestVerdict::Approved,
            RequestStatus::Approved => RequestVerdict::PartlyApproved,
            RequestStatus::Expired => RequestVerdict::Expired,
            _ => RequestVerdict::Rejected,
        },
        filed_by: request.filed_name.clone(),
        filed_at: request.created_at,
        reason: request.reason.clone(),
        decided_by: request.decided_name.clone(),
        decided_at: request.decided_at,
        decision: request.decision.clone(),
        items: request.items.iter().map(|item| decided_item(item, request.dialect, (&notice.made, &api))).collect(),
        request_url: format!("{api}/subscription-requests/{}", request.id),
        file_url: format!("{api}/subscription-requests"),
    }
}

fn decided_item(item: &RequestItem, dialect: DialectName, (made, api): (&[Id<id::Webhook>], &str)) -> DecidedItem {
    let refused = item.refused_events(dialect);
    DecidedItem {
        number: item.number,
        url: item.url.clone(),
        wanted: named(&item.events),
        objects: item.scope.as_ref().map(Vec::len),
        approved: named(&item.approved_events),
        all_approved: is_all(&item.approved_events),
        refused: named(&refused),
        all_refused: is_all(&refused),
        rotate_url: (item.webhook_id.filter(|webhook| made.contains(webhook)))
            .map(|webhook| format!("{api}/webhooks/{webhook}/secret/rotate")),
    }
}

/// Types by their names; none where there are none, or all of them.
fn named(events: &[String]) -> Option<String> {
    (!events.is_empty() && !is_all(events)).then(|| events.join(", "))
}

fn is_all(events: &[String]) -> bool {
    events.iter().any(|event| event == "*")
}
