//! Whom an event concerns: endpoints with their subscriptions, loaded once for a batch, and the question put to each.
//!
//! Not here: writing what is owed (`fanout`), and what a subscription is (`subscriptions`).
//!
//! # Rule
//! An event is owed to an endpoint once if any of its subscriptions names the type and reaches the object. An event
//! that a subscription names but none reaches, and one for an endpoint that is not switched on, is told in the log as
//! not sent, with the reason.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use diesel::{
    QueryableByName,
    sql_types::{Array, Json, Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use stoa_protocols::{event::EventType, webhook::Dialect};
use uuid::Uuid;

use super::{
    SkipReason, WebhookStatus,
    outgoing::Receiver,
    rows::{ReceiverRow, receiver_columns},
};
use stoa_core::{
    db::{HouseTx, failed, sql},
    error::{Error, Result},
    events::RecordedEvent,
    id::{self, Id, TenantId},
    sealed::Sealer,
};

/// An endpoint as fan-out sees it.
pub(super) struct Endpoint {
    pub(super) row: ReceiverRow,
    pub(super) status: WebhookStatus,
    /// With its secret open; none where nothing is owed to it now.
    pub(super) receiver: Option<Arc<Receiver>>,
    wanted: Vec<Wanted>,
}

/// A subscription, read once for a batch of events.
struct Wanted {
    /// None means all that the dialect speaks.
    types: Option<Vec<EventType>>,
    /// None means everywhere.
    scope: Option<Vec<Uuid>>,
}

/// What an event is to an endpoint.
pub(super) enum Concern<'a> {
    /// It is owed.
    Owed(&'a Arc<Receiver>),
    /// It would have been, but for this.
    Skipped(SkipReason),
    /// It never asked for it.
    Nothing,
}

impl Endpoint {
    pub(super) const fn webhook(&self) -> Id<id::Webhook> {
        Id::from_uuid(self.row.id)
    }

    pub(super) fn concern(&self, event: &RecordedEvent) -> Concern<'_> {
        let named = |wanted: &&Wanted| wanted.names(event.fact.event_type);
        let mut asked = self.wanted.iter().filter(named).peekable();
        // What a receiver cannot take is not told to that very receiver.
        let of_itself = event.fact.event_type.is_operational() && event.fact.object_id == self.row.id;
        if asked.peek().is_none() || of_itself || !self.speaks(event.fact.event_type) {
            return Concern::Nothing;
        }
        if !asked.any(|wanted| wanted.reaches(&event.fact.scope_ids)) {
            return Concern::Skipped(SkipReason::Scope);
        }
        match &self.receiver {
            Some(receiver) => Concern::Owed(receiver),
            None if self.status == WebhookStatus::PendingApproval => Concern::Skipped(SkipReason::PendingApproval),
            None => Concern::Skipped(SkipReason::Disabled),
        }
    }

    fn speaks(&self, event_type: EventType) -> bool {
        self.row.dialect().is_ok_and(|name| name.dialect().speaks(event_type))
    }
}

impl Wanted {
    fn names(&self, event_type: EventType) -> bool {
        self.types.as_ref().is_none_or(|types| types.contains(&event_type))
    }

    fn reaches(&self, objects: &[Uuid]) -> bool {
        self.scope.as_ref().is_none_or(|scope| scope.iter().any(|id| objects.contains(id)))
    }
}

/// Endpoints of institutions.
pub(super) type Endpoints = HashMap<TenantId, Vec<Endpoint>>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(embed)]
    receiver: ReceiverRow,
    #[diesel(sql_type = Nullable<Json>)]
    subscriptions: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Said {
    events: Vec<String>,
    scope_ids: Option<Vec<Uuid>>,
}

/// OFFSET 0 keeps the order of the look-ups: institution, its endpoints by key, their subscriptions by key. Left to
/// itself PostgreSQL would merge the institutions of a batch with the table of all endpoints.
const LOAD: &str = concat!(
    "SELECT ",
    receiver_columns!(),
    ", s.subscriptions
     FROM unnest($1) AS t(id)
     JOIN institutions i ON i.tenant_id = t.id
     CROSS JOIN LATERAL (SELECT * FROM webhooks w WHERE w.tenant_id = t.id AND w.deleted_at IS NULL OFFSET 0) w
     CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('events', s.events, 'scope_ids', s.scope_ids)) AS subscriptions FROM subscriptions s
       WHERE s.tenant_id = w.tenant_id AND s.webhook_id = w.id AND s.deleted_at IS NULL) s
     WHERE s.subscriptions IS NOT NULL OR w.ordered"
);

/// Loads the endpoints of institutions that are subscribed to anything; ordered ones anyway, as what waits there for
/// an event to leave the outbox is let go also when nobody wants the event.
pub(super) async fn endpoints(tx: &mut HouseTx, tenants: Vec<Uuid>, sealer: &Sealer) -> Result<Endpoints> {
    let mut rows = load(tx, tenants).await?;
    again_if_opened(tx, &mut rows).await?;
    rows.sort_by_key(|row| (row.receiver.tenant_id, row.receiver.id));
    let mut endpoints = Endpoints::new();
    for row in rows {
        let (tenant, webhook) = (TenantId::from_uuid(row.receiver.tenant_id), row.receiver.id);
        match endpoint(row, sealer) {
            Ok(endpoint) => endpoints.entry(tenant).or_default().push(endpoint),
            // One broken row must not stop everybody's events; the operator is told each time.
            Err(error) => {
                tracing::error!(tenant.id = %tenant, webhook.id = %webhook, %error, "a webhook cannot be read");
            }
        }
    }
    Ok(endpoints)
}

async fn load(tx: &mut HouseTx, tenants: Vec<Uuid>) -> Result<Vec<Row>> {
    sql(LOAD).bind::<Array<SqlUuid>, _>(tenants).load(tx.connection()).await.map_err(failed)
}

/// Waits for whoever resumes an institution at this moment: what waits at a receiver of it must be written before the
/// resumption looks for it, or never.
const STILL_SHUT: &str = "SELECT tenant_id FROM institutions
  WHERE tenant_id = ANY ($1) AND status IN ('suspended', 'closed') ORDER BY tenant_id FOR SHARE";

async fn again_if_opened(tx: &mut HouseTx, rows: &mut Vec<Row>) -> Result<()> {
    #[derive(QueryableByName)]
    struct Shut {
        #[diesel(sql_type = SqlUuid)]
        tenant_id: Uuid,
    }
    let mut opened: HashSet<Uuid> =
        rows.iter().filter(|row| row.receiver.shut).map(|row| row.receiver.tenant_id).collect();
    if opened.is_empty() {
        return Ok(());
    }
    let asked: Vec<Uuid> = opened.iter().copied().collect();
    let shut: Vec<Shut> =
        sql(STILL_SHUT).bind::<Array<SqlUuid>, _>(asked).load(tx.connection()).await.map_err(failed)?;
    for Shut { tenant_id } in shut {
        opened.remove(&tenant_id);
    }
    if !opened.is_empty() {
        rows.retain(|row| !opened.contains(&row.receiver.tenant_id));
        rows.extend(load(tx, opened.into_iter().collect()).await?);
    }
    Ok(())
}

fn endpoint(row: Row, sealer: &Sealer) -> Result<Endpoint> {
    let status = row.receiver.status()?;
    let dialect = row.receiver.dialect()?.dialect();
    let receiver = match status {
        WebhookStatus::Enabled | WebhookStatus::Paused => Some(Arc::new(Receiver::open(&row.receiver, sealer)?)),
        WebhookStatus::PendingApproval | WebhookStatus::DisabledByUser | WebhookStatus::DisabledFailing => None,
    };
    let said: Option<Vec<Said>> = row.subscriptions.map(serde_json::from_value).transpose().map_err(Error::internal)?;
    let wanted = said.into_iter().flatten().map(|one| wanted(dialect, one)).collect();
    Ok(Endpoint { row: row.receiver, status, receiver, wanted })
}

fn wanted(dialect: &dyn Dialect, said: Said) -> Wanted {
    let everything = said.events.iter().any(|name| name == "*");
    let types = said.events.iter().filter_map(|name| dialect.event_named(name)).collect();
    Wanted { types: (!everything).then_some(types), scope: said.scope_ids }
}

#[cfg(test)]
mod tests {
    use stoa_protocols::webhook::DialectName;

    use super::*;

    fn said(events: &[&str], scope_ids: Option<Vec<Uuid>>) -> Said {
        Said { events: events.iter().map(ToString::to_string).collect(), scope_ids }
    }

    #[test]
    fn a_subscription_names_types_in_the_words_of_its_dialect() {
        let reach = wanted(DialectName::Reach360.dialect(), said(&["course.completed"], None));
        assert!(reach.names(EventType::CourseCompleted) && !reach.names(EventType::UserCreated));
        let all = wanted(DialectName::Teachbase.dialect(), said(&["*"], None));
        assert!(all.names(EventType::QuizStatCreated));
        let none = wanted(DialectName::Talktiko.dialect(), said(&["not.a.word"], None));
        assert!(EventType::ALL.iter().all(|event_type| !none.names(*event_type)), "a word of old names nothing");
    }

    #[test]
    fn a_scope_is_reached_by_the_object_or_what_it_is_in() {
        let [course, lesson, other] = [1, 2, 3].map(Uuid::from_u128);
        let limited = wanted(DialectName::Talktiko.dialect(), said(&["*"], Some(vec![course])));
        assert!(limited.reaches(&[lesson, course]));
        assert!(!limited.reaches(&[other]) && !limited.reaches(&[]), "what happens in no course reaches no course");
        assert!(wanted(DialectName::Talktiko.dialect(), said(&["*"], None)).reaches(&[]));
    }
}
