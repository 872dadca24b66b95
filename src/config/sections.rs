//! The sections of the settings as types. What each setting means stands in `config/default.toml`, once; a test
//! holds both together.

use std::{net::SocketAddr, path::PathBuf};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use super::SecretText;

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident { $($(#[$on_field:meta])* $field:ident: $kind:ty,)* })*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "config/default.toml says what each setting means, once")]
        pub struct $name { $($(#[$on_field])* pub $field: $kind,)* }
    )* };
}

sections! {
    /// All settings.
    Config {
        server: Server,
        database: Database,
        data: Data,
        secrets: Secrets,
        log: Log,
        auth: Auth,
        accounts: Accounts,
        institutions: Institutions,
        ingest: Ingest,
        relay: Relay,
        jobs: Jobs,
        tenants: Tenants,
        limits: Limits,
        imports: Imports,
        webhooks: Webhooks,
        mail: Mail,
        retention: Retention,
        support: Support,
        privacy: Privacy,
        storage: Storage,
    }

    /// The listeners.
    Server {
        address: SocketAddr,
        ops_address: SocketAddr,
        #[serde(deserialize_with = "text_if_any")]
        public_url: Option<String>,
        workers: usize,
        body_limit_bytes: usize,
        client_timeout_secs: u64,
        body_timeout_secs: u64,
        shutdown_grace_secs: u64,
        #[serde(deserialize_with = "networks")]
        trusted_proxies: Vec<IpNet>,
    }

    /// PostgreSQL and the pools.
    Database {
        #[serde(deserialize_with = "secret_if_any")]
        url: Option<SecretText>,
        #[serde(deserialize_with = "secret_if_any")]
        app_url: Option<SecretText>,
        #[serde(deserialize_with = "secret_if_any")]
        relay_url: Option<SecretText>,
        app_connections: usize,
        relay_connections: usize,
        wait_ms: u64,
        #[serde(deserialize_with = "path_if_any")]
        binaries_dir: Option<PathBuf>,
    }

    /// The data folder.
    Data {
        dir: PathBuf,
    }

    /// Keys of our own.
    Secrets {
        #[serde(deserialize_with = "secret_if_any")]
        sealing_key: Option<SecretText>,
        #[serde(deserialize_with = "secret_lines")]
        previous_sealing_keys: Vec<SecretText>,
    }

    /// The log.
    Log {
        format: LogFormat,
        filter: String,
    }

    /// Sign-in and sessions.
    Auth {
        session_hours: u32,
        sign_in_failures_per_account: u32,
        sign_in_failures_per_address: u32,
        sign_in_window_secs: u64,
        argon2_memory_kib: u32,
        argon2_iterations: u32,
    }

    /// Invitations, lost passwords, and the staff's sessions.
    Accounts {
        #[serde(deserialize_with = "text_if_any")]
        app_url: Option<String>,
        invitation_days: u32,
        invitation_letters_per_day: u32,
        reset_minutes: u32,
        reset_letters_per_account: u32,
        reset_letters_per_address: u32,
        reset_window_secs: u64,
        staff_session_hours: u32,
        staff_second_factor: bool,
    }

    /// What a new institution begins with, and how one ends.
    Institutions {
        trial_days: u32,
        locale: String,
        time_zone: String,
        #[serde(deserialize_with = "text_if_any")]
        logo_url: Option<String>,
        #[serde(deserialize_with = "text_if_any")]
        primary_color: Option<String>,
        #[serde(deserialize_with = "text_if_any")]
        support_email: Option<String>,
        erase_after_days: u32,
        export_days: u32,
    }

    /// The way in.
    Ingest {
        writers: usize,
        events_per_commit: usize,
        requests_waiting_max: usize,
    }

    /// From events to deliveries.
    Relay {
        batch_events_max: usize,
        poll_ms: u64,
        handoff_commits_max: usize,
    }

    /// The queue and its workers.
    Jobs {
        poll_ms: u64,
        lease_secs: u64,
        concurrency: Concurrency,
    }

    /// Jobs at the same time on this node, for each queue.
    Concurrency {
        webhooks: usize,
        mail: usize,
        housekeeping: usize,
        imports: usize,
        exports: usize,
    }

    /// The actors of the institutions.
    Tenants {
        actor_idle_secs: u64,
        requests_per_second: u32,
        requests_burst: u32,
    }

    /// Files of people on their way in.
    Imports {
        upload_bytes_max: u64,
        unpacked_bytes_max: u64,
        unpack_ratio_max: u64,
        upload_pause_secs: u64,
        upload_secs: u64,
    }

    /// Requests of tokens and of addresses.
    Limits {
        #[serde(deserialize_with = "secret_if_any")]
        redis_url: Option<SecretText>,
        redis_wait_ms: u64,
        read: RequestQuota,
        write: RequestQuota,
        ingest: RequestQuota,
        export: RequestQuota,
        auth: RequestQuota,
    }

    /// So many requests in so much time.
    RequestQuota {
        quota: u32,
        window_secs: u32,
    }

    /// The way out.
    Webhooks {
        allow_http: bool,
        #[serde(deserialize_with = "networks")]
        allow_private: Vec<IpNet>,
        connect_timeout_ms: u64,
        total_timeout_ms: u64,
        per_webhook_in_flight: u32,
        per_tenant_in_flight: u32,
        egress_arbiters: usize,
        egress_in_flight: usize,
        breaker_failures: u32,
        breaker_timeouts: u32,
        breaker_shortest_ms: u32,
        breaker_longest_ms: u32,
        health_failing_minutes: u32,
        health_failing_attempts: u16,
        health_warn_hours: u32,
        health_disable_hours: u32,
        health_disable_attempts: u16,
        health_disable_span_hours: u32,
    }

    /// How long rows are kept.
    Retention {
        events_days: u32,
        deliveries_days: u32,
        delivery_bodies_days: u32,
        discarded_jobs_days: u32,
        failed_sign_ins_days: u32,
        audit_days: u32,
        letters_days: u32,
        import_files_days: u32,
        exports_days: u32,
    }

    /// What institutions ask of the platform's staff.
    Support {
        requests_expire_days: u32,
    }

    /// The erasing of people.
    Privacy {
        grace_hours: u32,
        due_days: u32,
    }

    /// Where files lie that are made to be fetched.
    Storage {
        kind: StorageKind,
        #[serde(deserialize_with = "path_if_any")]
        dir: Option<PathBuf>,
        bucket: String,
        #[serde(deserialize_with = "text_if_any")]
        endpoint: Option<String>,
        region: String,
        #[serde(deserialize_with = "secret_if_any")]
        access_key: Option<SecretText>,
        #[serde(deserialize_with = "secret_if_any")]
        secret_key: Option<SecretText>,
        allow_http: bool,
        path_style: bool,
        prefix: String,
    }

    /// Letters.
    Mail {
        from: String,
        #[serde(deserialize_with = "secret_if_any")]
        smtp_url: Option<SecretText>,
        #[serde(deserialize_with = "path_if_any")]
        smtp_ca_file: Option<PathBuf>,
        smtp_timeout_secs: u64,
        smtp_connections: u32,
    }
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For eyes.
    Human,
    /// For machines: one object a line.
    Json,
}

/// What files lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    /// A folder.
    Local,
    /// A bucket that speaks S3.
    S3,
}

fn text_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    String::deserialize(from).map(|text| Some(text).filter(|text| !text.is_empty()))
}

fn secret_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretText>, D::Error> {
    Ok(text_if_any(from)?.map(SecretText::new))
}

/// A secret for each line that is not empty.
fn secret_lines<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SecretText>, D::Error> {
    let text = String::deserialize(from)?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(SecretText::new).collect())
}

fn path_if_any<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(text_if_any(from)?.map(PathBuf::from))
}

fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    Vec::<String>::deserialize(from)?
        .iter()
        .map(|text| text.parse().map_err(|_| de::Error::custom(format!("`{text}` is no network such as 10.0.0.0/8"))))
        .collect()
}
