//! Is the process alive, and is it ready.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use schemars::JsonSchema;
use serde::Serialize;
use stoa_core::{
    Code, Error, Result,
    db::{Db, SchemaState, schema_state},
};

use crate::doors::{Data, Sample, Visit};

/// A database that takes longer is not one to send requests to.
const PATIENCE: Duration = Duration::from_secs(2);

/// What readiness remembers.
#[derive(Debug, Default)]
pub struct Readiness {
    draining: AtomicBool,
    /// The schema was this binary's once. It is not asked again: a newer binary may migrate under this one.
    is_migrated: AtomicBool,
}

impl Readiness {
    /// Sends new requests elsewhere from now on.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Are requests to be sent elsewhere.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    async fn check(&self, db: &Db) -> Result<()> {
        if self.is_draining() {
            return Err(Error::new(Code::UpstreamUnavailable, "shutting down"));
        }
        let answered = tokio::time::timeout(PATIENCE, db.check()).await;
        answered
            .unwrap_or_else(|_| Err(Error::new(Code::UpstreamUnavailable, "the database does not answer in time")))?;
        if !self.is_migrated.load(Ordering::Relaxed) {
            let endpoint = db.endpoint().clone();
            let state =
                tokio::task::spawn_blocking(move || schema_state(&endpoint)).await.map_err(Error::internal)??;
            if state != SchemaState::Current {
                return Err(Error::new(Code::UpstreamUnavailable, "the schema of the database is not this binary's")
                    .because(anyhow::anyhow!("{state:?}")));
            }
            self.is_migrated.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// How the process is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Health {
    /// `alive` or `ready`.
    status: &'static str,
    /// Version of the binary.
    version: &'static str,
}

impl Health {
    const fn of(status: &'static str) -> Self {
        Self { status, version: env!("CARGO_PKG_VERSION") }
    }
}

impl Sample for Health {
    fn sample() -> Self {
        Self::of("ready")
    }
}

pub(super) async fn live(_: Visit) -> Result<Data<Health>> {
    Ok(Data(Health::of("alive")))
}

pub(super) async fn ready(call: Visit) -> Result<Data<Health>> {
    call.app.readiness.check(&call.app.db).await?;
    Ok(Data(Health::of("ready")))
}
