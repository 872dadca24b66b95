//! From settings to the options of each room.

use std::{path::Path, sync::Arc, time::Duration};

use chrono::TimeDelta;
use stoa_actors::{
    egress::EgressOptions,
    mailer::{Party, Transport},
    tenant::{
        Limits, TenantOptions,
        concerns::{BreakerLimits, RateLimit},
    },
};
use stoa_core::{
    auth::{Hasher, SignInRules},
    clock::Clock,
    db::DbOptions,
    progress::RecorderOptions,
    retention::Retention,
};
use stoa_jobs::{Queue, relay::RelayOptions, worker::WorkerOptions};
use stoa_webhooks::{HealthRules, target::TargetPolicy};

use crate::{
    config::Config,
    http::{Passwords, Settings, caller::Addresses},
};

pub(super) const fn retention(config: &Config) -> Retention {
    let kept = &config.retention;
    Retention {
        events_days: kept.events_days,
        deliveries_days: kept.deliveries_days,
        delivery_bodies_days: kept.delivery_bodies_days,
        discarded_jobs_days: kept.discarded_jobs_days,
        failed_sign_ins_days: kept.failed_sign_ins_days,
    }
}

pub(super) fn health(config: &Config) -> HealthRules {
    let set = &config.webhooks;
    HealthRules {
        failing_after: TimeDelta::minutes(set.health_failing_minutes.into()),
        failing_attempts: set.health_failing_attempts.into(),
        warn_after: TimeDelta::hours(set.health_warn_hours.into()),
        disable_after: TimeDelta::hours(set.health_disable_hours.into()),
        disable_attempts: set.health_disable_attempts.into(),
        disable_span: TimeDelta::hours(set.health_disable_span_hours.into()),
    }
}

/// The address that links name, without a slash at the end.
pub(super) fn base_url(config: &Config) -> String {
    let given = config.server.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    given.unwrap_or_else(|| format!("http://{}", config.server.address))
}

pub(super) fn pools(config: &Config) -> DbOptions {
    DbOptions {
        app_connections: config.database.app_connections,
        relay_connections: config.database.relay_connections,
        wait: Duration::from_millis(config.database.wait_ms),
    }
}

pub(super) fn targets(config: &Config) -> TargetPolicy {
    TargetPolicy { allow_http: config.webhooks.allow_http, allow_private: config.webhooks.allow_private.clone() }
}

pub(super) fn egress(config: &Config, clock: Arc<dyn Clock>) -> EgressOptions {
    let webhooks = &config.webhooks;
    EgressOptions {
        arbiters: webhooks.egress_arbiters,
        in_flight: webhooks.egress_in_flight,
        connect_within: Duration::from_millis(webhooks.connect_timeout_ms),
        total_within: Duration::from_millis(webhooks.total_timeout_ms),
        policy: targets(config),
        ..EgressOptions::new(clock)
    }
}

pub(super) fn tenants(config: &Config, clock: Arc<dyn Clock>) -> TenantOptions {
    let webhooks = &config.webhooks;
    let breaker = BreakerLimits {
        failures: webhooks.breaker_failures,
        timeouts: webhooks.breaker_timeouts,
        shortest: TimeDelta::milliseconds(webhooks.breaker_shortest_ms.into()),
        longest: TimeDelta::milliseconds(webhooks.breaker_longest_ms.into()),
        ..BreakerLimits::default()
    };
    let rate = RateLimit { per_second: config.tenants.requests_per_second, burst: config.tenants.requests_burst };
    TenantOptions {
        limits: Limits {
            webhook_permits: webhooks.per_webhook_in_flight,
            tenant_permits: webhooks.per_tenant_in_flight,
            breaker,
            rate,
        },
        idle_after: Duration::from_secs(config.tenants.actor_idle_secs),
        ..TenantOptions::new(clock)
    }
}

pub(super) fn recorder(config: &Config) -> RecorderOptions {
    RecorderOptions {
        writers: config.ingest.writers,
        waiting_max: config.ingest.requests_waiting_max,
        events_per_commit: config.ingest.events_per_commit,
    }
}

pub(super) fn relay(config: &Config) -> RelayOptions {
    RelayOptions { batch_events_max: config.relay.batch_events_max, poll: Duration::from_millis(config.relay.poll_ms) }
}

/// One worker for each queue. An institution has at most half of a queue's slots while others wait.
pub(super) fn workers(config: &Config) -> Vec<WorkerOptions> {
    let poll = Duration::from_millis(config.jobs.poll_ms);
    let grace = Duration::from_secs(config.server.shutdown_grace_secs);
    Queue::ALL
        .iter()
        .map(|queue| {
            let concurrency = match queue {
                Queue::Webhooks => config.jobs.concurrency.webhooks,
                Queue::Mail => config.jobs.concurrency.mail,
                Queue::Housekeeping => config.jobs.concurrency.housekeeping,
            };
            WorkerOptions { queue: *queue, concurrency, per_tenant: concurrency.div_ceil(2), poll, grace }
        })
        .collect()
}

/// Letters go to files unless a mail server is named.
pub(super) fn transport(config: &Config) -> Transport {
    match &config.mail.smtp_url {
        Some(url) => Transport::Smtp(url.expose().to_owned()),
        None => Transport::Folder(config.data.dir.join("mail")),
    }
}

/// `Name <address>`, or an address alone.
pub(super) fn sender(config: &Config) -> Party {
    let from = config.mail.from.trim();
    match from.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, address)) => {
            let name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
            Party { name, address: address.trim().to_owned() }
        }
        None => Party { name: None, address: from.to_owned() },
    }
}

pub(super) fn passwords(config: &Config) -> stoa_core::Result<Passwords> {
    let hasher = Hasher::new(config.auth.argon2_memory_kib, config.auth.argon2_iterations)?;
    // Each takes a core and the memory of a hash; half of the cores stay for everybody else.
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    Ok(Passwords::new(hasher, (cores / 2).max(1)))
}

pub(super) fn edge(config: &Config) -> Settings {
    Settings {
        public_url: config.server.public_url.clone(),
        trusted_proxies: Addresses::new(config.server.trusted_proxies.clone()),
        body_limit_bytes: config.server.body_limit_bytes,
        body_timeout: Duration::from_secs(config.server.body_timeout_secs),
        sign_in: SignInRules {
            failures_per_account: config.auth.sign_in_failures_per_account,
            failures_per_address: config.auth.sign_in_failures_per_address,
            window: Duration::from_secs(config.auth.sign_in_window_secs),
            session: Duration::from_secs(u64::from(config.auth.session_hours) * 3600),
        },
        requests_expire_days: config.support.requests_expire_days,
    }
}

/// Where scripts find the demo institution.
pub(super) fn demo_file(config: &Config) -> std::path::PathBuf {
    Path::new(&config.data.dir).join("demo.json")
}
