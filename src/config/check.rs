//! What must hold between settings, and what an operator should be told.

use std::net::SocketAddr;

use stoa_core::institutions::{Branding, Rules};

use super::{
    Config, Environment, SecretText,
    sections::{Accounts, Imports, Limits, Storage, StorageKind, Webhooks},
};

/// Least length of a sealing key, characters.
pub(super) const SEALING_KEY_MIN: usize = 32;

/// Lines of a file are counted in 31 bits, and every line has a byte.
const IMPORT_BYTES_MAX: u64 = 2_147_483_647;

/// Faults, each naming the setting.
pub(super) fn faults(config: &Config, environment: Environment) -> Vec<String> {
    let mut found = Vec::new();
    let mut must = |holds: bool, fault: &str| {
        if !holds {
            found.push(fault.to_owned());
        }
    };
    let (server, database, webhooks) = (&config.server, &config.database, &config.webhooks);
    must(apart(server.address, server.ops_address), "server.ops_address must differ from server.address");
    must(
        server.public_url.as_deref().is_none_or(is_base),
        "server.public_url must be http(s)://host[:port] and no more",
    );
    must(server.body_limit_bytes >= 1024, "server.body_limit_bytes must be 1024 or more");
    must(server.client_timeout_secs > 0, "server.client_timeout_secs must be 1 or more");
    must(
        database.url.is_some() || (database.app_url.is_none() && database.relay_url.is_none()),
        "database.app_url and database.relay_url want database.url beside them",
    );
    must(database.app_connections >= 2, "database.app_connections must be 2 or more");
    must(database.relay_connections >= 2, "database.relay_connections must be 2 or more");
    must(config.ingest.writers > 0, "ingest.writers must be 1 or more");
    must(
        config.ingest.writers < database.app_connections,
        "ingest.writers must leave connections for other requests: fewer than database.app_connections",
    );
    must(config.ingest.events_per_commit > 0, "ingest.events_per_commit must be 1 or more");
    must(config.ingest.requests_waiting_max > 0, "ingest.requests_waiting_max must be 1 or more");
    must(config.relay.batch_events_max > 0, "relay.batch_events_max must be 1 or more");
    must(config.relay.poll_ms > 0 && config.jobs.poll_ms > 0, "relay.poll_ms and jobs.poll_ms must be 1 or more");
    must(
        config.jobs.lease_secs.saturating_mul(1000) > webhooks.total_timeout_ms.saturating_mul(2),
        "jobs.lease_secs must be more than twice webhooks.total_timeout_ms, or another node repeats what still runs",
    );
    must(config.tenants.actor_idle_secs >= 120, "tenants.actor_idle_secs must be 120 or more");
    must(config.auth.argon2_memory_kib >= 8, "auth.argon2_memory_kib must be 8 or more");
    must(config.auth.argon2_iterations > 0, "auth.argon2_iterations must be 1 or more");
    found.extend(webhook_faults(&config.webhooks));
    found.extend(limit_faults(&config.limits));
    found.extend(retention_faults(config));
    found.extend(support_fault(config));
    found.extend(privacy_fault(config));
    found.extend(import_faults(&config.imports));
    found.extend(account_faults(&config.accounts));
    found.extend(institution_faults(config));
    found.extend(sealing_key_fault(config, environment));
    found.extend(mail_fault(config));
    found.extend(storage_faults(&config.storage));
    found
}

fn webhook_faults(webhooks: &Webhooks) -> Vec<String> {
    let rules = [
        (webhooks.connect_timeout_ms > 0, "webhooks.connect_timeout_ms must be 1 or more"),
        (
            webhooks.connect_timeout_ms <= webhooks.total_timeout_ms,
            "webhooks.connect_timeout_ms must be at most webhooks.total_timeout_ms",
        ),
        (webhooks.egress_arbiters > 0, "webhooks.egress_arbiters must be 1 or more"),
        (webhooks.per_webhook_in_flight > 0, "webhooks.per_webhook_in_flight must be 1 or more"),
        (
            webhooks.per_webhook_in_flight <= webhooks.per_tenant_in_flight,
            "webhooks.per_webhook_in_flight must be at most webhooks.per_tenant_in_flight",
        ),
        (
            webhooks.breaker_shortest_ms <= webhooks.breaker_longest_ms,
            "webhooks.breaker_shortest_ms must be at most webhooks.breaker_longest_ms",
        ),
        (
            u64::from(webhooks.health_failing_minutes) < u64::from(webhooks.health_warn_hours) * 60
                && webhooks.health_warn_hours < webhooks.health_disable_hours,
            "webhooks.health_failing_minutes, health_warn_hours and health_disable_hours must each be longer than the one before",
        ),
        (
            webhooks.health_disable_span_hours <= webhooks.health_warn_hours,
            "webhooks.health_disable_span_hours must be at most webhooks.health_warn_hours",
        ),
        (
            webhooks.health_failing_attempts > 0
                && webhooks.health_failing_attempts <= webhooks.health_disable_attempts,
            "webhooks.health_failing_attempts must be 1 or more, and at most webhooks.health_disable_attempts",
        ),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

fn limit_faults(limits: &Limits) -> Vec<String> {
    let quotas = [&limits.read, &limits.write, &limits.ingest, &limits.export, &limits.auth];
    let is_redis = |url: &SecretText| ["redis://", "rediss://"].iter().any(|scheme| url.expose().starts_with(scheme));
    let rules = [
        (
            quotas.iter().all(|one| one.quota <= 10_000_000 && (1..=86_400).contains(&one.window_secs)),
            "the quotas in limits must each be at most 10000000, in windows of 1 to 86400 seconds",
        ),
        (limits.redis_url.as_ref().is_none_or(is_redis), "limits.redis_url must be redis://… or rediss://…"),
        ((1..=1_000).contains(&limits.redis_wait_ms), "limits.redis_wait_ms must be 1 to 1000"),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

fn support_fault(config: &Config) -> Option<String> {
    let possible = (1..=3650).contains(&config.support.requests_expire_days);
    (!possible).then(|| "support.requests_expire_days must be 1 to 3650".to_owned())
}

fn privacy_fault(config: &Config) -> Option<String> {
    let (grace, due) = (config.privacy.grace_hours, config.privacy.due_days);
    let possible = grace <= 30 * 24 && (1..=365).contains(&due) && grace <= due.saturating_mul(24);
    (!possible)
        .then(|| "privacy.grace_hours must be at most 720 and privacy.due_days 1 to 365, and not less".to_owned())
}

fn import_faults(imports: &Imports) -> Vec<String> {
    let rules = [
        (imports.upload_bytes_max > 0, "imports.upload_bytes_max must be 1 or more"),
        (
            imports.unpacked_bytes_max >= imports.upload_bytes_max,
            "imports.unpacked_bytes_max must be at least imports.upload_bytes_max",
        ),
        (imports.unpacked_bytes_max <= IMPORT_BYTES_MAX, "imports.unpacked_bytes_max must be at most 2147483647"),
        (imports.unpack_ratio_max > 1, "imports.unpack_ratio_max must be 2 or more"),
        (imports.upload_pause_secs > 0, "imports.upload_pause_secs must be 1 or more"),
        (
            imports.upload_pause_secs <= imports.upload_secs,
            "imports.upload_secs must be at least imports.upload_pause_secs",
        ),
    ];
    rules.iter().filter(|(holds, _)| !holds).map(|(_, fault)| (*fault).to_owned()).collect()
}

fn account_faults(accounts: &Accounts) -> Vec<String> {
    let letters =
        [accounts.invitation_letters_per_day, accounts.reset_letters_per_account, accounts.reset_letters_per_address];
    let rules = [
        (
            accounts.app_url.as_deref().is_none_or(is_page),
            "accounts.app_url must be http(s)://host[:port][/path], without # and ?",
        ),
        ((1..=365).contains(&accounts.invitation_days), "accounts.invitation_days must be 1 to 365"),
        ((5..=1440).contains(&accounts.reset_minutes), "accounts.reset_minutes must be 5 to 1440"),
        (letters.iter().all(|letters| *letters > 0), "the numbers of letters in accounts must each be 1 or more"),
        ((60..=86_400).contains(&accounts.reset_window_secs), "accounts.reset_window_secs must be 60 to 86400"),
        ((1..=24).contains(&accounts.staff_session_hours), "accounts.staff_session_hours must be 1 to 24"),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

fn institution_faults(config: &Config) -> Vec<String> {
    let set = &config.institutions;
    let days = [
        ("trial_days", set.trial_days, 0..=365),
        ("erase_after_days", set.erase_after_days, 0..=3650),
        ("export_days", set.export_days, 1..=3650),
    ];
    let days = days
        .into_iter()
        .filter(|(_, days, bounds)| !bounds.contains(days))
        .map(|(name, _, bounds)| format!("institutions.{name} must be {} to {}", bounds.start(), bounds.end()));
    let branding = Branding {
        logo_url: set.logo_url.clone(),
        primary_color: set.primary_color.clone(),
        support_email: set.support_email.clone(),
    };
    let rules = Rules { locale: set.locale.clone(), branding, ..Rules::default() };
    let words = rules.faults().into_iter().map(|fault| format!("institutions.{fault}"));
    days.chain(words).collect()
}

/// What something else is made from must not go before it.
fn retention_faults(config: &Config) -> Vec<String> {
    let kept = &config.retention;
    let rules = [
        // Retries end within two days, and a week of the log is the smallest part that can go.
        (kept.delivery_bodies_days >= 7, "retention.delivery_bodies_days must be 7 or more"),
        (
            kept.delivery_bodies_days <= kept.deliveries_days,
            "retention.delivery_bodies_days must be at most retention.deliveries_days",
        ),
        (
            kept.deliveries_days <= kept.events_days,
            "retention.events_days must be at least retention.deliveries_days: bodies are rendered again from events",
        ),
        (kept.events_days <= 36_500, "retention.events_days must be at most 36500"),
        (kept.letters_days > 0, "retention.letters_days must be 1 or more"),
        (kept.import_files_days > 0, "retention.import_files_days must be 1 or more"),
        (kept.exports_days > 0, "retention.exports_days must be 1 or more"),
        (kept.discarded_jobs_days > 0, "retention.discarded_jobs_days must be 1 or more"),
        (kept.audit_days > 90, "retention.audit_days must be 91 or more: the database forgets nothing younger"),
        (
            u64::from(kept.failed_sign_ins_days) * 86_400 > config.auth.sign_in_window_secs,
            "retention.failed_sign_ins_days must be longer than auth.sign_in_window_secs",
        ),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

fn sealing_key_fault(config: &Config, environment: Environment) -> Option<String> {
    let production = environment == Environment::Production;
    if config.secrets.previous_sealing_keys.iter().any(|key| key.expose().len() < SEALING_KEY_MIN) {
        return Some(format!("each of secrets.previous_sealing_keys must have {SEALING_KEY_MIN} characters or more"));
    }
    match config.secrets.sealing_key.as_ref().map(SecretText::expose) {
        None if production => Some(format!(
            "secrets.sealing_key must be set in production, {SEALING_KEY_MIN} random characters or more \
             (STOA__SECRETS__SEALING_KEY or STOA__SECRETS__SEALING_KEY_FILE); to try things out, say --environment development"
        )),
        Some(key) if key.len() < SEALING_KEY_MIN => {
            Some(format!("secrets.sealing_key must have {SEALING_KEY_MIN} characters or more"))
        }
        Some(key) if production && Environment::Test.layer().contains(key) => {
            Some("secrets.sealing_key is the one of the tests, known to everybody".to_owned())
        }
        _ => None,
    }
}

fn mail_fault(config: &Config) -> Option<String> {
    if !(5..=240).contains(&config.mail.smtp_timeout_secs) {
        return Some("mail.smtp_timeout_secs must be 5 to 240".to_owned());
    }
    if !(1..=100).contains(&config.mail.smtp_connections) {
        return Some("mail.smtp_connections must be 1 to 100".to_owned());
    }
    let url = config.mail.smtp_url.as_ref()?.expose();
    if !(url.starts_with("smtp://") || url.starts_with("smtps://")) {
        return Some("mail.smtp_url must begin with smtps:// or smtp://".to_owned());
    }
    let in_the_clear = url.starts_with("smtp://") && url.contains('@') && !url.contains("tls=required");
    in_the_clear
        .then(|| "mail.smtp_url would send its password in the clear: add ?tls=required, or say smtps://".to_owned())
}

fn storage_faults(storage: &Storage) -> Vec<String> {
    if storage.kind == StorageKind::Local {
        return Vec::new();
    }
    let in_the_clear = storage.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let rules = [
        (
            storage.bucket.len() >= 3
                && storage.bucket.bytes().all(|letter| letter.is_ascii_alphanumeric() || b".-_".contains(&letter)),
            "storage.bucket must be the name of a bucket",
        ),
        (storage.endpoint.as_deref().is_none_or(is_base), "storage.endpoint must be http(s)://host[:port] and no more"),
        (storage.allow_http || !in_the_clear, "storage.endpoint is without TLS: storage.allow_http must say so"),
        (!storage.region.is_empty(), "storage.region must name a region; us-east-1 for services without any"),
        (
            storage.access_key.is_some() == storage.secret_key.is_some(),
            "storage.access_key and storage.secret_key belong together",
        ),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, fault)| fault.to_owned()).collect()
}

/// Settings that open a door, in words.
pub(super) fn notices(config: &Config, environment: Environment) -> Vec<String> {
    let mut said = Vec::new();
    if config.webhooks.allow_http {
        said.push("webhooks may go to receivers without TLS (webhooks.allow_http)".to_owned());
    }
    if !config.webhooks.allow_private.is_empty() {
        let networks: Vec<String> = config.webhooks.allow_private.iter().map(ToString::to_string).collect();
        said.push(format!("webhooks may go to {} (webhooks.allow_private)", networks.join(", ")));
    }
    if config.storage.kind == StorageKind::S3 && config.storage.allow_http {
        said.push("files may go to their storage without TLS (storage.allow_http)".to_owned());
    }
    if environment == Environment::Production && config.mail.smtp_url.is_none() {
        said.push("letters are written to files and reach nobody (mail.smtp_url)".to_owned());
    }
    said
}

/// Two listeners do not collide; port 0 is any free one.
fn apart(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() == 0 || one != other
}

/// An address that a page and a fragment are appended to.
fn is_page(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#', '@', ' ', '"']))
}

/// `http(s)://host[:port]`, which paths are appended to.
fn is_base(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']))
}
