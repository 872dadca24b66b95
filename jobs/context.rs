//! What a job may use, and what it knows about its own run.
//!
//! Not here: how those things are made (the house composes them).

use std::{fmt, sync::Arc};

use chrono::{DateTime, Utc};
use stoa_core::{
    Id, Scope, auth::AccountRules, clock::Clock, db::Db, id::Job as JobKind, retention::Retention, sealed::Sealer,
};
use stoa_webhooks::HealthRules;

use stoa_actors::{
    mailer::{Mailer, Party},
    storage::Storage,
    tenant::TenantDirectory,
};
use stoa_protocols::render::Renderer;

use crate::{
    queue::{Leases, Wakes},
    webhooks::PostRoom,
};

/// What every job of this process may use. Cheap to clone.
#[derive(Clone)]
pub struct JobTools {
    /// The way to the rows.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Promises that this process has in hand.
    pub leases: Leases,
    /// Wakes the workers of a queue when something became due.
    pub wakes: Wakes,
    /// Where deliveries are handed in.
    pub post_room: PostRoom,
    /// What this node remembers of institutions, and which of their imports may run.
    pub tenants: TenantDirectory,
    /// What a letter needs.
    pub mail: MailTools,
    /// What letters about accounts need, and whoever invites.
    pub accounts: Accounts,
    /// Files that are made for somebody to fetch.
    pub storage: Storage,
    /// How long rows are kept.
    pub retention: Retention,
    /// When people are told of receivers that fail, and when those are switched off.
    pub health: HealthRules,
}

/// What a letter needs: its words, its sender and the way out.
#[derive(Debug, Clone)]
pub struct MailTools {
    /// Writes letters.
    pub renderer: Arc<Renderer>,
    /// Sends them.
    pub mailer: Mailer,
    /// Who sends them.
    pub from: Party,
}

/// What letters about accounts need, and whoever invites.
#[derive(Debug, Clone)]
pub struct Accounts {
    /// Opens the tokens that letters bring.
    pub sealer: Sealer,
    /// Where links in letters lead, without a slash at the end.
    pub app_url: Arc<str>,
    /// How long tokens work, and how many letters are sent.
    pub rules: AccountRules,
}

impl JobTools {
    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

impl fmt::Debug for JobTools {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobTools").field("leases", &self.leases).finish_non_exhaustive()
    }
}

/// One run of one job: the tools, and for whom and which time it runs.
#[derive(Debug, Clone)]
pub struct JobCtx {
    /// What it may use.
    pub tools: JobTools,
    /// The institution that it works for, rebuilt from the row; the nil institution for the house's own work.
    pub scope: Scope,
    /// The row.
    pub job: Id<JobKind>,
    /// Which attempt this is, from 1.
    pub attempt: i32,
    /// No attempt follows this one if it fails.
    pub last: bool,
}
