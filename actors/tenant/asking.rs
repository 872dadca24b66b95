//! What is asked of an institution's actor, and what holds when it does not answer.
//!
//! Not here: finding the actor (`directory`), and what it decides (`concerns`).

use chrono::{DateTime, TimeDelta, Utc};
use stoa_core::{Id, TenantId, id::Import};
use uuid::Uuid;

use super::{
    TenantDirectory,
    concerns::{Breaker, ImportProgress, OwnLimits, Period, Refusal, Spending, Spent, Tally, Turn},
    messages::{
        Admission, Admit, AdmitImport, Changed, Grant, Heard, ImportWord, Inspect, OfImport, Recall, Remembered,
        Report, Spend, Verdict,
    },
};

/// When to ask again after an actor did not answer.
const LATER: TimeDelta = TimeDelta::seconds(1);

/// Requests: to receivers, and to our own edge.
impl TenantDirectory {
    /// Asks for permits to call a receiver, which may have limits of its own. Grants none when the actor does not answer.
    pub async fn admit(&self, tenant: TenantId, webhook: Uuid, (want, own): (u32, OwnLimits)) -> Admission {
        let now = self.now();
        self.ask(tenant, Admit { now, webhook, want, own }).await.unwrap_or_else(|_| Admission {
            granted: 0,
            grant: Grant { webhook, period: Period::of(now), life: 0 },
            retry_at: Some(now + LATER),
            why: Some(Refusal::Unavailable),
        })
    }

    /// Gives permits back and tells how they were used. If it is lost, they come back by themselves.
    pub async fn report(&self, tenant: TenantId, grant: Grant, tally: Tally) {
        let report = Report { now: self.now(), grant, tally };
        if let Err(error) = self.ask(tenant, report).await {
            tracing::warn!(tenant.id = %tenant, %error, "a report on deliveries was lost");
        }
    }

    /// Judges a request of an institution: where it is in its life, and whether it is within its rate. Waits for no
    /// rows; an actor that does not answer refuses nobody.
    pub async fn spend(&self, tenant: TenantId, asked: Spending) -> Verdict {
        let judged = self.ask(tenant, Spend { now: self.now(), asked }).await;
        judged.unwrap_or_else(|_| Verdict { status: None, spent: Spent::default() })
    }

    /// Until when a receiver is left alone because it failed, as far as this node knows. Wakes nobody up to ask.
    pub async fn held_until(&self, tenant: TenantId, webhook: Uuid) -> Option<DateTime<Utc>> {
        let seen = self.ask_if_alive(tenant, Inspect { now: self.now() })?.await.ok()?;
        seen.concerns.breakers.iter().find_map(|(receiver, breaker)| match breaker {
            Breaker::Open { until, .. } | Breaker::Probing { until, .. } if *receiver == webhook => Some(*until),
            Breaker::Open { .. } | Breaker::Probing { .. } | Breaker::Closed { .. } => None,
        })
    }
}

/// The rows, as they are remembered.
impl TenantDirectory {
    /// What is remembered of an institution's rows. The first time it waits a moment for them; a database that does not
    /// answer in that time leaves nothing to be remembered.
    pub async fn recall(&self, tenant: TenantId) -> Remembered {
        let Ok((remembered, warming)) = self.ask(tenant, Recall { now: self.now() }).await else {
            return Remembered::default();
        };
        let Some(mut warming) = warming else { return remembered };
        if tokio::time::timeout(self.warm_within(), warming.changed()).await.is_err() {
            return remembered;
        }
        self.ask(tenant, Recall { now: self.now() }).await.map(|(remembered, _)| remembered).unwrap_or_default()
    }

    /// Has an institution's settings read again and waits for that, for whoever just changed them and is about to say
    /// so; other nodes hear of it by the bell. It may take too long or fail; then it is tried again beside.
    pub async fn reread(&self, tenant: TenantId) {
        let Some(asked) = self.ask_if_alive(tenant, Heard { now: self.now(), what: Changed::Settings }) else { return };
        let Ok((mut ended, wanted)) = asked.await else { return };
        if tokio::time::timeout(self.warm_within(), ended.wait_for(|ended| *ended >= wanted)).await.is_err() {
            tracing::warn!(tenant.id = %tenant, "changed settings could not be read in time; the news brings them");
        }
    }
}

/// Imports: which may run, how far it is, whether it is to stop. The rows have the last word on all of it.
impl TenantDirectory {
    /// Asks whether an import may begin or go on: an institution has one at a time. An actor that does not answer
    /// leaves it to the rows.
    pub async fn admit_import(&self, tenant: TenantId, import: Id<Import>) -> Turn {
        self.ask(tenant, AdmitImport { now: self.now(), import }).await.unwrap_or(Turn::Its)
    }

    /// Tells how far an import is, and hears whether it is to stop.
    pub async fn import_progress(&self, tenant: TenantId, import: Id<Import>, progress: ImportProgress) -> bool {
        self.of_import(tenant, import, ImportWord::Progress(progress)).await
    }

    /// Tells that an import ended, in whatever way, so that another may begin.
    pub async fn import_ended(&self, tenant: TenantId, import: Id<Import>) {
        self.of_import(tenant, import, ImportWord::Ended).await;
    }

    /// Tells an import to stop at the end of its chunk. Other nodes hear of it by its row.
    pub async fn cancel_import(&self, tenant: TenantId, import: Id<Import>) {
        self.of_import(tenant, import, ImportWord::Cancel).await;
    }

    /// Is an import to stop.
    pub async fn is_cancelled(&self, tenant: TenantId, import: Id<Import>) -> bool {
        self.of_import(tenant, import, ImportWord::Ask).await
    }

    async fn of_import(&self, tenant: TenantId, import: Id<Import>, word: ImportWord) -> bool {
        let told = self.ask(tenant, OfImport { now: self.now(), import, word }).await;
        told.unwrap_or_else(|error| {
            tracing::warn!(tenant.id = %tenant, import.id = %import, %error, "a word on an import was lost; its row tells");
            false
        })
    }
}

#[cfg(any(test, feature = "testing"))]
impl TenantDirectory {
    /// Makes the actor of an institution panic, as no message does.
    pub async fn break_down(&self, tenant: TenantId) {
        if let Some(broken) = self.ask_if_alive(tenant, super::actor::Panic) {
            // It cannot answer.
            let _ = broken.await;
        }
    }
}
