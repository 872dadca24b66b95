//! What every handler may reach, made once by the composition and shared by all of the server's threads.

use std::{fmt, sync::Arc, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use stoa_actors::{observe::Registry, storage::Storage, tenant::TenantDirectory};
use stoa_core::{
    auth::{AccountRules, SignInRules},
    db::Db,
    progress::Recorder,
    sealed::Sealer,
    tokens::Touches,
};
use stoa_jobs::{queue::Wakes, webhooks::PostRoom};
pub use stoa_record::privacy::Rules as PrivacyRules;
use stoa_webhooks::target::TargetPolicy;

use super::{
    body::upload::UploadBounds,
    caller::{Addresses, TokenCache},
    limits::Limiter,
    ops::Readiness,
    passwords::Passwords,
};

/// Settings of the edge.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Public address, such as `https://learn.example`; none means the host that the request names.
    pub public_url: Option<String>,
    /// Where links in letters and on documents lead, without a slash at the end.
    pub app_url: Arc<str>,
    /// Proxies whose `X-Forwarded-*` are believed.
    pub trusted_proxies: Addresses,
    /// Largest body.
    pub body_limit_bytes: usize,
    /// Longest time that a body may take to arrive.
    pub body_timeout: Duration,
    /// Throttle and life of sessions.
    pub sign_in: SignInRules,
    /// Invitations, ways back to a password, and the staff's sessions.
    pub accounts: AccountRules,
    /// What a new institution begins with, and how one ends.
    pub institutions: stoa_core::institutions::Rules,
    /// How long erasures take.
    pub privacy: PrivacyRules,
    /// How much of a file is taken in, and for how long.
    pub uploads: UploadBounds,
    /// How long a request for subscriptions waits for a decision, in days.
    pub requests_expire_days: u32,
}

/// The road from activity to receivers, as handlers see it.
#[derive(Debug, Clone)]
pub struct Road {
    /// Takes activity in.
    pub recorder: Recorder,
    /// Makes the one attempt of a test.
    pub post_room: PostRoom,
    /// Wakes workers for what a person asked for.
    pub wakes: Wakes,
    /// Which receivers may be called.
    pub targets: TargetPolicy,
    /// Judges each institution's requests, and remembers what the rows say of it.
    pub tenants: TenantDirectory,
}

/// The house as handlers see it.
pub struct App {
    /// The way to the rows.
    pub db: Db,
    /// Seals secrets at rest.
    pub sealer: Sealer,
    /// Settings of the edge.
    pub settings: Settings,
    /// Hashes and compares passwords, a few at a time.
    pub passwords: Passwords,
    /// Tokens checked lately.
    pub tokens: TokenCache,
    /// Keeps the limits of requests.
    pub limits: Limiter,
    /// Uses of tokens that are still to be written down; the composition calls [`Touches::flush`] every few seconds.
    pub touches: Touches,
    /// The live things, for the operator.
    pub actors: Registry,
    /// Renders the figures; none where nobody collects them.
    pub metrics: Option<PrometheusHandle>,
    /// The road from activity to receivers.
    pub road: Road,
    /// Files that were made for somebody to fetch.
    pub storage: Storage,
    /// Are requests welcome.
    pub readiness: Readiness,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}
