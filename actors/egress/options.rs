//! How the door out behaves, in one struct.
//!
//! Not here: reading the configuration (`stoa::config`).

use std::{sync::Arc, time::Duration};

use rustls::pki_types::CertificateDer;
use stoa_core::clock::Clock;
use stoa_webhooks::target::TargetPolicy;

use super::resolver::{Resolver, SystemResolver};

/// Settings of the egresses.
#[derive(Debug, Clone)]
pub struct EgressOptions {
    /// Egresses, each on a thread of its own.
    pub arbiters: usize,
    /// Requests under way in one egress; above it the answer is `busy`. Each takes a file descriptor and some KiB.
    pub in_flight: usize,
    /// Limit for looking up and connecting, and once more for agreeing on TLS.
    pub connect_within: Duration,
    /// Limit for the whole attempt, from the look-up to the last byte read.
    pub total_within: Duration,
    /// How long an unused connection is kept. Below the five seconds after which Node hangs up by default, so that
    /// a request seldom meets a closing connection.
    pub keep_alive: Duration,
    /// How often the pool of kept connections is begun anew. Awc closes an idle connection only when its receiver
    /// is called again, so this is what bounds idle connections, and the time until a changed name is noticed.
    pub renew_every: Duration,
    /// Sent unless the request brings its own.
    pub user_agent: String,
    /// Which machines may be called.
    pub policy: TargetPolicy,
    /// Authorities beside the public ones, for receivers inside an institution's own walls.
    pub further_roots: Vec<CertificateDer<'static>>,
    /// Looks names up.
    pub resolver: Arc<dyn Resolver>,
    /// For a `Retry-After` that gives a date.
    pub clock: Arc<dyn Clock>,
}

impl EgressOptions {
    /// The defaults: two egresses, 5 s to connect, 15 s in all, the public internet by https.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            arbiters: 2,
            in_flight: 2048,
            connect_within: Duration::from_secs(5),
            total_within: Duration::from_secs(15),
            keep_alive: Duration::from_secs(4),
            renew_every: Duration::from_mins(1),
            user_agent: "Stoa".to_owned(),
            policy: TargetPolicy::default(),
            further_roots: Vec::new(),
            resolver: Arc::new(SystemResolver),
            clock,
        }
    }
}
