//! How the directory and its actors are set up.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use chrono::TimeDelta;
use stoa_core::clock::Clock;

use super::{
    concerns::{Freshness, Limits},
    source::Source,
};

/// Settings of the directory.
#[derive(Debug, Clone)]
pub struct TenantOptions {
    /// Threads that the actors are spread over. One weighs 200,000 questions in a second.
    pub arbiters: usize,
    /// Limits of every tenant.
    pub limits: Limits,
    /// An actor that was not asked for so long is let go; at least two minutes.
    pub idle_after: Duration,
    /// Longest wait for an answer.
    pub ask_within: Duration,
    /// Longest wait of whoever wants to know for the first settings of an institution, or for younger ones.
    pub warm_within: Duration,
    /// When settings are read again though no news of them came.
    pub settings: Freshness,
    /// The same while no news comes in at all.
    pub settings_unheard: Freshness,
    /// When counters are counted again.
    pub counts: Freshness,
    /// Where knowledge of the rows comes from; nothing is known of them without.
    pub source: Option<Arc<dyn Source>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl TenantOptions {
    /// The defaults: one thread, ten minutes, one second, and nothing known of the rows.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let settings =
            Freshness { at_most: TimeDelta::minutes(1), after_failure: TimeDelta::milliseconds(200), rest: 0 };
        Self {
            arbiters: 1,
            limits: Limits::default(),
            idle_after: Duration::from_mins(10),
            ask_within: Duration::from_secs(1),
            warm_within: Duration::from_millis(500),
            settings,
            settings_unheard: Freshness { at_most: TimeDelta::milliseconds(500), ..settings },
            // Counting takes at most a fiftieth of the time, however many there are to count.
            counts: Freshness { at_most: TimeDelta::minutes(10), after_failure: TimeDelta::seconds(1), rest: 50 },
            source: None,
            clock,
        }
    }
}

/// What all actors of a directory have in common.
#[derive(Debug)]
pub(super) struct Nature {
    pub(super) limits: Limits,
    pub(super) settings: Freshness,
    pub(super) settings_unheard: Freshness,
    pub(super) counts: Freshness,
    pub(super) source: Option<Arc<dyn Source>>,
    hears: AtomicBool,
}

impl Nature {
    pub(super) fn of(options: &TenantOptions) -> Self {
        Self {
            limits: options.limits,
            settings: options.settings,
            settings_unheard: options.settings_unheard,
            counts: options.counts,
            source: options.source.clone(),
            hears: AtomicBool::new(false),
        }
    }

    /// News of changes comes in.
    pub(super) fn hears(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }

    pub(super) fn set_hears(&self, hears: bool) {
        self.hears.store(hears, Ordering::Relaxed);
    }
}
