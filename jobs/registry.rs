//! Every job, one line each: from the name in a row to the code that runs it.
//!
//! Not here: when they run (`schedule`, or whoever promises them).

use std::fmt;

use futures::{FutureExt, future::BoxFuture};
use serde_json::Value;
use stoa_core::{Error, Result};

use crate::{
    context::JobCtx,
    enrolments::{SpreadEnrolment, SweepEnrolments},
    exports::{RunExport, SweepExports},
    history_imports::RunHistoryImport,
    housekeeping::{
        ExpireSubscriptionRequests, ForgetAudit, ForgetImportFiles, ForgetOld, KeepPartitions, TellOfExpiringTokens,
    },
    imports::{RunImport, WatchImports},
    institutions::{EraseDue, EraseInstitution, ExportInstitution, ForgetOwn},
    job::{Job, Outcome, Policy, Queue},
    library::FollowSources,
    mail::{
        AddressSuspendedLetter, ImportFinishedLetter, InvitationLetter, PasswordChangedLetter, PasswordResetLetter,
        PasswordResetRequest, ReportConfirmationLetter, ReportLetter, ReportTestLetter, ReportUndeliveredLetter,
        SubscriptionRequestLetter, TokenExpiringLetter, TokenLeakedLetter, WebhookDisabledLetter, WebhookFailingLetter,
    },
    privacy::{EraseDuePeople, ErasePerson},
    record::{
        RebuildRollups, WatchRollups,
        gamification::{CloseBoards, RollOver},
    },
    reports::{BeginReports, ForgetReports},
    webhooks::{DeliverWebhooks, ReplayWebhook, ResumeWebhook, WatchHealth},
};

/// What the workers know of a job.
pub struct Entry {
    /// Name in the rows.
    pub name: &'static str,
    /// The queue that it belongs to.
    pub queue: Queue,
    /// How it is tried.
    pub policy: Policy,
    run: fn(Value, JobCtx) -> BoxFuture<'static, Outcome>,
    sample: fn() -> Result<Value>,
}

/// The jobs that this process knows.
#[derive(Debug, Default)]
pub struct Registry(Vec<Entry>);

impl Registry {
    /// The house's jobs.
    pub fn house() -> Self {
        Self::default()
            .register::<DeliverWebhooks>()
            .register::<ResumeWebhook>()
            .register::<ReplayWebhook>()
            .register::<WatchHealth>()
            .register::<WebhookDisabledLetter>()
            .register::<WebhookFailingLetter>()
            .register::<ForgetOld>()
            .register::<ForgetAudit>()
            .register::<ExportInstitution>()
            .register::<EraseInstitution>()
            .register::<EraseDue>()
            .register::<ErasePerson>()
            .register::<EraseDuePeople>()
            .register::<ForgetOwn>()
            .register::<SpreadEnrolment>()
            .register::<SweepEnrolments>()
            .register::<KeepPartitions>()
            .register::<ForgetImportFiles>()
            .register::<SubscriptionRequestLetter>()
            .register::<ExpireSubscriptionRequests>()
            .register::<InvitationLetter>()
            .register::<PasswordResetRequest>()
            .register::<PasswordResetLetter>()
            .register::<PasswordChangedLetter>()
            .register::<AddressSuspendedLetter>()
            .register::<RunImport>()
            .register::<RunHistoryImport>()
            .register::<WatchImports>()
            .register::<ImportFinishedLetter>()
            .register::<TellOfExpiringTokens>()
            .register::<TokenExpiringLetter>()
            .register::<TokenLeakedLetter>()
            .register::<BeginReports>()
            .register::<ForgetReports>()
            .register::<ReportLetter>()
            .register::<ReportTestLetter>()
            .register::<ReportConfirmationLetter>()
            .register::<ReportUndeliveredLetter>()
            .register::<RebuildRollups>()
            .register::<WatchRollups>()
            .register::<RunExport>()
            .register::<SweepExports>()
            .register::<RollOver>()
            .register::<CloseBoards>()
            .register::<FollowSources>()
    }

    /// Adds a job.
    #[must_use]
    pub fn register<T: Job>(mut self) -> Self {
        self.0.push(Entry {
            name: T::NAME,
            queue: T::QUEUE,
            policy: T::POLICY,
            run: |payload, ctx| run::<T>(payload, ctx).boxed(),
            sample: || serde_json::to_value(T::sample()).map_err(Error::internal),
        });
        self
    }

    /// Finds a job by the name in its row.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.name == name)
    }

    /// Every job, in the order of registration.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }
}

impl Entry {
    /// Runs a payload; one that does not fit is stopped for good.
    pub fn run(&self, payload: Value, ctx: JobCtx) -> BoxFuture<'static, Outcome> {
        (self.run)(payload, ctx)
    }

    /// The example payload, as a row would hold it.
    ///
    /// # Errors
    /// `internal` when it has no JSON form.
    pub fn sample(&self) -> Result<Value> {
        (self.sample)()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &self.name).field("queue", &self.queue).finish_non_exhaustive()
    }
}

async fn run<T: Job>(payload: Value, ctx: JobCtx) -> Outcome {
    match serde_json::from_value::<T>(payload) {
        Ok(job) => job.run(&ctx).await,
        Err(error) => Outcome::Stop(format!("the payload does not fit {}: {error}", T::NAME)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_say_their_area() {
        let registry = Registry::house();
        let names: BTreeSet<_> = registry.entries().iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), registry.entries().len(), "a name is registered twice");
        for name in names {
            assert_eq!(name.split('/').count(), 2, "{name} is not area/verb_object");
        }
    }

    /// A changed line means that rows of the old shape may exist: keep reading them until they are drained.
    #[test]
    fn job_payloads_are_stable() {
        let registry = Registry::house();
        let lines: Vec<String> =
            registry.entries().iter().map(|entry| format!("{} {}", entry.name, entry.sample().unwrap())).collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        webhooks/deliver {"deliveries":[["inst_00000000000000000000000000","dlv_00000000000000000000000000"]]}
        webhooks/resume {"tenant":"inst_00000000000000000000000000","webhook":"whk_00000000000000000000000000","after":null}
        webhooks/replay {"tenant":"inst_00000000000000000000000000","replay":"rpl_00000000000000000000000000"}
        webhooks/watch_health {}
        mail/webhook_disabled {"tenant":"inst_00000000000000000000000000","webhook":"whk_00000000000000000000000000","event":"evt_00000000000000000000000000","reader":null}
        mail/webhook_failing {"tenant":"inst_00000000000000000000000000","webhook":"whk_00000000000000000000000000","event":"evt_00000000000000000000000000","disables_at":null,"reader":null}
        housekeeping/forget_old {}
        housekeeping/forget_audit {}
        institutions/export {"institution":"inst_00000000000000000000000000"}
        institutions/erase {"institution":"inst_00000000000000000000000000"}
        institutions/erase_due {}
        privacy/erase {"institution":"inst_00000000000000000000000000","erasure":"ers_00000000000000000000000000"}
        privacy/erase_due {}
        institutions/forget_own {}
        enrolments/spread {"tenant":"inst_00000000000000000000000000","group":"grp_00000000000000000000000000","target":{"course":"crs_00000000000000000000000000"},"after":null}
        enrolments/sweep {"tenant":"inst_00000000000000000000000000","courses":["crs_00000000000000000000000000"],"after":null}
        housekeeping/keep_partitions {}
        housekeeping/forget_import_files {}
        mail/subscription_request {"tenant":"inst_00000000000000000000000000","request":"srq_00000000000000000000000000","reader":null}
        housekeeping/expire_subscription_requests {}
        mail/invitation {"tenant":"inst_00000000000000000000000000","invitation":"inv_00000000000000000000000000","sends":1}
        mail/password_reset_request {"letter":"00000000-0000-0000-0000-000000000000","sealed":""}
        mail/password_reset {"letter":"00000000-0000-0000-0000-000000000000"}
        mail/password_changed {"tenant":"inst_00000000000000000000000000","user":"usr_00000000000000000000000000","at":"1970-01-01T00:00:00Z","by_letter":true}
        mail/address_suspended {"tenant":"inst_00000000000000000000000000","letter":"ltr_00000000000000000000000000","reader":null}
        imports/run {"tenant":"inst_00000000000000000000000000","import":"imp_00000000000000000000000000"}
        imports/history {"tenant":"inst_00000000000000000000000000","import":"imp_00000000000000000000000000"}
        imports/watch {}
        mail/import_finished {"tenant":"inst_00000000000000000000000000","import":"imp_00000000000000000000000000"}
        housekeeping/tell_of_expiring_tokens {}
        mail/token_expiring {"tenant":"inst_00000000000000000000000000","token":"tok_00000000000000000000000000","event":"evt_00000000000000000000000000","is_last":false,"reader":null}
        mail/token_leaked {"tenant":"inst_00000000000000000000000000","token":"tok_00000000000000000000000000","event":"evt_00000000000000000000000000","reader":null}
        reports/begin {}
        reports/forget {}
        mail/report {"tenant":"inst_00000000000000000000000000","run":"rrn_00000000000000000000000000"}
        mail/report_test {"tenant":"inst_00000000000000000000000000","report":"rpt_00000000000000000000000000","reader":"usr_00000000000000000000000000","test":"rrn_00000000000000000000000000"}
        mail/report_confirmation {"tenant":"inst_00000000000000000000000000","recipient":"rcp_00000000000000000000000000","asks":1}
        mail/report_undelivered {"tenant":"inst_00000000000000000000000000","run":"rrn_00000000000000000000000000","reader":null}
        record/rebuild_rollups {"institution":"inst_00000000000000000000000000"}
        record/watch_rollups {}
        exports/run {"tenant":"inst_00000000000000000000000000","export":"exp_00000000000000000000000000"}
        exports/sweep {}
        gamification/roll_over {}
        gamification/close_boards {}
        library/follow_sources {}
        "#);
    }
}
