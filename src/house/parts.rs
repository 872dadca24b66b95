//! From settings to the options of each room.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use chrono::TimeDelta;
use stoa_actors::{
    egress::EgressOptions,
    mailer::{Party, Smtp, Transport},
    shared_rates::SharedRates,
    storage::{S3Options, Storage, StorageOptions},
    tenant::{Limits, Source, TenantOptions, concerns::BreakerLimits},
};
use stoa_core::{
    auth::{AccountRules, Hasher, Limits as Throttle, SignInRules, password_reset::ResetRules},
    clock::Clock,
    db::DbOptions,
    institutions::{Branding, Rules},
    members::invitations::InvitationRules,
    progress::RecorderOptions,
    retention::Retention,
    tokens::Quota,
};
use stoa_http::{
    Passwords, PrivacyRules, Settings,
    body::upload::UploadBounds,
    caller::Addresses,
    limits::{Limiter, Quotas},
};
use stoa_jobs::{Queue, relay::RelayOptions, worker::WorkerOptions};
use stoa_webhooks::{HealthRules, target::TargetPolicy};

use crate::config::{Config, RequestQuota, SecretText, StorageKind};

pub(super) const fn retention(config: &Config) -> Retention {
    let kept = &config.retention;
    Retention {
        events_days: kept.events_days,
        deliveries_days: kept.deliveries_days,
        delivery_bodies_days: kept.delivery_bodies_days,
        discarded_jobs_days: kept.discarded_jobs_days,
        failed_sign_ins_days: kept.failed_sign_ins_days,
        audit_days: kept.audit_days,
        letters_days: kept.letters_days,
        import_files_days: kept.import_files_days,
        exports_days: kept.exports_days,
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

/// Where links in letters lead, without a slash at the end.
pub(super) fn app_url(config: &Config) -> String {
    let given = config.accounts.app_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    given.unwrap_or_else(|| base_url(config))
}

pub(crate) fn accounts(config: &Config) -> AccountRules {
    let set = &config.accounts;
    AccountRules {
        invitations: InvitationRules {
            life: TimeDelta::days(set.invitation_days.into()),
            sends_per_day: set.invitation_letters_per_day,
        },
        resets: ResetRules {
            life: TimeDelta::minutes(set.reset_minutes.into()),
            limits: Throttle {
                per_account: set.reset_letters_per_account,
                per_address: set.reset_letters_per_address,
                window: Duration::from_secs(set.reset_window_secs),
            },
        },
        staff_session: TimeDelta::hours(set.staff_session_hours.into()),
        staff_second_factor: set.staff_second_factor,
    }
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

pub(super) fn tenants(config: &Config, clock: Arc<dyn Clock>, source: Arc<dyn Source>) -> TenantOptions {
    let webhooks = &config.webhooks;
    let breaker = BreakerLimits {
        failures: webhooks.breaker_failures,
        timeouts: webhooks.breaker_timeouts,
        shortest: TimeDelta::milliseconds(webhooks.breaker_shortest_ms.into()),
        longest: TimeDelta::milliseconds(webhooks.breaker_longest_ms.into()),
        ..BreakerLimits::default()
    };
    TenantOptions {
        limits: Limits {
            webhook_permits: webhooks.per_webhook_in_flight,
            tenant_permits: webhooks.per_tenant_in_flight,
            breaker,
        },
        idle_after: Duration::from_secs(config.tenants.actor_idle_secs),
        source: Some(source),
        ..TenantOptions::new(clock)
    }
}

/// The limits of requests, with Redis where nodes share them.
pub(super) fn limiter(config: &Config) -> anyhow::Result<Limiter> {
    let set = &config.limits;
    let quota = |of: &RequestQuota| (of.quota > 0).then_some(Quota { quota: of.quota, window_seconds: of.window_secs });
    let (per_second, burst) = (config.tenants.requests_per_second, config.tenants.requests_burst);
    // As many seconds as a pause takes to gather the burst.
    let window_seconds = burst.checked_div(per_second).unwrap_or_default().max(1);
    let tenant = (per_second > 0).then(|| Quota { quota: per_second.saturating_mul(window_seconds), window_seconds });
    let quotas = Quotas {
        read: quota(&set.read),
        write: quota(&set.write),
        ingest: quota(&set.ingest),
        export: quota(&set.export),
        auth: quota(&set.auth),
        tenant,
    };
    let redis_wait = Duration::from_millis(set.redis_wait_ms);
    let shared = set.redis_url.as_ref().map(|url| SharedRates::new(url.expose(), redis_wait)).transpose();
    let shared = shared.map_err(|error| anyhow::anyhow!("limits.redis_url: {error}"))?;
    Ok(Limiter::new(quotas, shared))
}

/// Where files lie that are made to be fetched. A fault names the setting.
pub(crate) fn storage(config: &Config) -> anyhow::Result<Storage> {
    let set = &config.storage;
    let text = |secret: &SecretText| secret.expose().to_owned();
    let options = match set.kind {
        StorageKind::Local => StorageOptions::Local(storage_dir(config)),
        StorageKind::S3 => StorageOptions::S3(S3Options {
            bucket: set.bucket.clone(),
            endpoint: set.endpoint.as_deref().map(str::parse).transpose().context("storage.endpoint")?,
            region: set.region.clone(),
            credentials: set.access_key.as_ref().map(text).zip(set.secret_key.as_ref().map(text)),
            allow_http: set.allow_http,
            path_style: set.path_style,
            prefix: set.prefix.clone(),
        }),
    };
    let setting = match set.kind {
        StorageKind::Local => storage_dir_setting(config),
        StorageKind::S3 => "storage",
    };
    Storage::open(&options).map_err(|error| match error.inside() {
        Some(inside) => anyhow::anyhow!("{setting}: {inside:#}"),
        None => anyhow::anyhow!("{setting}: {error}"),
    })
}

/// The folder of files, where they lie in one.
pub(crate) fn storage_dir(config: &Config) -> PathBuf {
    config.storage.dir.clone().unwrap_or_else(|| config.data.dir.join("files"))
}

/// The setting that says where that folder is.
pub(crate) fn storage_dir_setting(config: &Config) -> &'static str {
    if config.storage.dir.is_some() { "storage.dir" } else { "data.dir" }
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
                Queue::Imports => config.jobs.concurrency.imports,
                Queue::Exports => config.jobs.concurrency.exports,
            };
            WorkerOptions { queue: *queue, concurrency, per_tenant: concurrency.div_ceil(2), poll, grace }
        })
        .collect()
}

/// Letters go to files unless a mail server is named.
pub(super) fn transport(config: &Config) -> anyhow::Result<Transport> {
    let mail = &config.mail;
    let Some(url) = &mail.smtp_url else { return Ok(Transport::Folder(config.data.dir.join("mail"))) };
    let further_authorities = mail
        .smtp_ca_file
        .as_ref()
        .map(|path| std::fs::read(path).with_context(|| format!("cannot read mail.smtp_ca_file, {}", path.display())));
    Ok(Transport::Smtp(Smtp {
        url: url.expose().to_owned(),
        further_authorities: further_authorities.transpose()?,
        letter_within: Duration::from_secs(mail.smtp_timeout_secs),
        connections: mail.smtp_connections,
    }))
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

const fn uploads(config: &Config) -> UploadBounds {
    let set = &config.imports;
    UploadBounds {
        sent_bytes_max: set.upload_bytes_max,
        unpacked_bytes_max: set.unpacked_bytes_max,
        unpack_ratio_max: set.unpack_ratio_max,
        pause: Duration::from_secs(set.upload_pause_secs),
        whole: Duration::from_secs(set.upload_secs),
    }
}

pub(super) fn edge(config: &Config) -> Settings {
    Settings {
        public_url: config.server.public_url.clone(),
        app_url: app_url(config).into(),
        trusted_proxies: Addresses::new(config.server.trusted_proxies.clone()),
        body_limit_bytes: config.server.body_limit_bytes,
        body_timeout: Duration::from_secs(config.server.body_timeout_secs),
        sign_in: SignInRules {
            failures_per_account: config.auth.sign_in_failures_per_account,
            failures_per_address: config.auth.sign_in_failures_per_address,
            window: Duration::from_secs(config.auth.sign_in_window_secs),
            session: Duration::from_secs(u64::from(config.auth.session_hours) * 3600),
        },
        accounts: accounts(config),
        institutions: institutions(config),
        privacy: privacy(config),
        uploads: uploads(config),
        requests_expire_days: config.support.requests_expire_days,
    }
}

/// How long erasures take.
fn privacy(config: &Config) -> PrivacyRules {
    PrivacyRules {
        grace: TimeDelta::hours(config.privacy.grace_hours.into()),
        due: TimeDelta::days(config.privacy.due_days.into()),
    }
}

/// What a new institution begins with, and how one ends.
pub(crate) fn institutions(config: &Config) -> Rules {
    let set = &config.institutions;
    Rules {
        trial_days: set.trial_days,
        locale: set.locale.clone(),
        time_zone: set.time_zone.clone(),
        branding: Branding {
            logo_url: set.logo_url.clone(),
            primary_color: set.primary_color.clone(),
            support_email: set.support_email.clone(),
        },
        erase_after_days: set.erase_after_days,
        export_days: set.export_days,
        platform: retention(config),
    }
}

/// Where scripts find the demo institution.
pub(super) fn demo_file(config: &Config) -> PathBuf {
    Path::new(&config.data.dir).join("demo.json")
}
