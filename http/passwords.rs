//! Passwords at the edge: a few at a time, on threads where blocking does no harm.
//!
//! Each costs tens of megabytes for tens of milliseconds: without a bound, a burst of sign-ins would take the
//! machine from everybody else.

use std::{sync::Arc, time::Duration};

use stoa_core::{
    Code, Error, Result,
    auth::{Hasher, check_password},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Longest wait for a turn.
const TURN: Duration = Duration::from_secs(10);

/// Compares and hashes passwords.
#[derive(Debug)]
pub struct Passwords {
    hasher: Arc<Hasher>,
    turns: Semaphore,
}

impl Passwords {
    /// Lets this many be compared at a time.
    pub fn new(hasher: Hasher, at_a_time: usize) -> Self {
        Self { hasher: Arc::new(hasher), turns: Semaphore::new(at_a_time) }
    }

    /// The hasher, for set-up, where nobody waits.
    pub fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Says of each hash whether the password is its. Without hashes, one comparison is done in vain.
    ///
    /// # Errors
    /// `upstream_unavailable` when too many wait.
    pub async fn compare(&self, password: String, hashes: Vec<Option<String>>) -> Result<Vec<bool>> {
        let _turn = self.turn().await?;
        let compares = Arc::clone(&self.hasher);
        let done = tokio::task::spawn_blocking(move || {
            if hashes.is_empty() {
                compares.is_password(&password, None);
            }
            hashes.iter().map(|hash| compares.is_password(&password, hash.as_deref())).collect()
        });
        done.await.map_err(Error::internal)
    }

    /// Checks a password that somebody chose, and hashes it.
    ///
    /// # Errors
    /// `validation_failed`; `upstream_unavailable` when too many wait.
    pub async fn hash(&self, password: String) -> Result<String> {
        check_password(&password)?;
        let _turn = self.turn().await?;
        let hashes = Arc::clone(&self.hasher);
        tokio::task::spawn_blocking(move || hashes.hash(&password)).await.map_err(Error::internal)?
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        match tokio::time::timeout(TURN, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(Error::new(Code::UpstreamUnavailable, "too many sign-ins at once; try again shortly")
                .retry_after_secs(5)),
        }
    }
}
