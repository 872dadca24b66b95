//! Logs and metrics of the process.
//!
//! A log line goes to standard error, for eyes or as one JSON object, as the settings say. Never logged: tokens,
//! secrets, bodies, names, addresses. Types that hold such have no `Display` and an empty `Debug`, so that a field
//! of a span cannot show them by mistake.
//!
//! Not here: the lines and the figures themselves; each room writes its own.

use std::io::{IsTerminal, stderr};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Log, LogFormat};

/// Upper bounds of the buckets of every figure whose name ends in `_seconds`.
const SECONDS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0];

/// Sends the log to standard error from now on.
///
/// # Errors
/// When `log.filter` cannot be read, or another subscriber is there already.
pub fn log_to_stderr(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&log.filter).map_err(|error| anyhow::anyhow!("log.filter: {error}"))?;
    let lines = fmt().with_env_filter(filter).with_writer(stderr);
    let begun = match log.format {
        LogFormat::Human => lines.with_target(false).with_ansi(stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    };
    begun.map_err(|error| anyhow::anyhow!("{error}"))
}

/// Collects figures from now on. The handle renders them for `/metrics`; whoever holds it also calls its
/// `run_upkeep` every few seconds, without which samples pile up between two renderings.
///
/// # Errors
/// When another recorder is there already.
pub fn collect_metrics() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?;
    Ok(builder.install_recorder()?)
}
