//! Tokens checked lately, so that a busy token does not cost a query for each request.
//!
//! An answer is believed for half a second from the moment it was asked for, on every node by itself: a token
//! revoked anywhere stops everywhere within a second, and no node need hear of it.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use stoa_core::{
    Code, Error, Id, Result, Scope, TenantId,
    db::Db,
    id,
    tokens::{TokenText, Verified, verify},
};

/// How long an answer is believed, also that there is no such token.
const BELIEVED: TimeDelta = TimeDelta::milliseconds(500);
/// Answers that are kept at most.
const KEPT: usize = 10_000;

type Hash = [u8; 32];
/// An error cannot be told twice; of one, each waiting request learns that there was one.
type Answer = Result<Option<Arc<Verified>>, Arc<Error>>;

/// Answers about tokens.
#[derive(Default)]
pub struct TokenCache(Mutex<HashMap<Hash, Asked>>);

struct Asked {
    at: DateTime<Utc>,
    answer: Shared<BoxFuture<'static, Answer>>,
}

impl Asked {
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        // A clock that was set back makes every answer old.
        self.at <= now && now < self.at + BELIEVED
    }

    fn is_about(&self, id: Id<id::Token>) -> bool {
        matches!(self.answer.peek(), Some(Ok(Some(token))) if token.id == id)
    }
}

impl TokenCache {
    /// Finds the token; of requests at the same time, one asks.
    ///
    /// # Errors
    /// `upstream_unavailable` when the database cannot be asked.
    pub async fn verify(&self, db: &Db, text: &TokenText) -> Result<Option<Arc<Verified>>> {
        let (hash, now) = (text.hash(), db.clock().now());
        let answer = self.answer(hash, now, || ask(db.clone(), text, hash));
        match answer.await {
            Ok(token) => Ok(token),
            Err(error) => {
                self.lock().remove(&hash);
                Err(again(&error))
            }
        }
    }

    fn answer(
        &self,
        hash: Hash,
        now: DateTime<Utc>,
        ask: impl FnOnce() -> BoxFuture<'static, Answer>,
    ) -> Shared<BoxFuture<'static, Answer>> {
        let mut asked = self.lock();
        if let Some(known) = asked.get(&hash).filter(|known| known.is_fresh(now)) {
            return known.answer.clone();
        }
        if asked.len() >= KEPT {
            asked.retain(|_, known| known.is_fresh(now));
        }
        if asked.len() >= KEPT {
            // More tokens in half a second than are kept: begin anew rather than grow.
            asked.clear();
        }
        let answer = ask().shared();
        asked.insert(hash, Asked { at: now, answer: answer.clone() });
        answer
    }

    /// Forgets a token that was revoked here, so that this node need not wait.
    pub fn forget(&self, id: Id<id::Token>) {
        self.lock().retain(|_, known| !known.is_about(id));
    }

    /// Forgets every token of an institution, of whose people one was put out here.
    pub fn forget_all(&self, tenant: TenantId) {
        self.lock().retain(|_, known| !matches!(known.answer.peek(), Some(Ok(Some(token))) if token.tenant == tenant));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Hash, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ask(db: Db, text: &TokenText, hash: Hash) -> BoxFuture<'static, Answer> {
    let scope = Scope::house(text.tenant());
    async move {
        let mut tx = db.tenant(&scope).await?;
        Ok(verify(&mut tx, &hash).await?.map(Arc::new))
    }
    .map(|answer: Result<_>| answer.map_err(Arc::new))
    .boxed()
}

fn again(error: &Arc<Error>) -> Error {
    let cause = anyhow::anyhow!("checking a token: {error}");
    if error.code() == Code::UpstreamUnavailable {
        let again = Error::new(error.code(), error.outside().to_owned()).because(cause);
        match error.retry_after() {
            Some(secs) => again.retry_after_secs(secs),
            None => again,
        }
    } else {
        Error::internal(cause)
    }
}

impl fmt::Debug for TokenCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache").field("kept", &self.lock().len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_763_715_600_000 + millis).unwrap()
    }

    async fn count(cache: &TokenCache, asked: &Arc<AtomicUsize>, hash: u8, millis: i64) -> usize {
        let counter = Arc::clone(asked);
        let question = move || {
            async move {
                counter.fetch_add(1, Ordering::Relaxed);
                Ok(None)
            }
            .boxed()
        };
        let _ = cache.answer([hash; 32], at(millis), question).await;
        asked.load(Ordering::Relaxed)
    }

    #[tokio::test]
    async fn asks_once_in_half_a_second() {
        let (cache, asked) = (TokenCache::default(), Arc::default());
        assert_eq!(count(&cache, &asked, 1, 0).await, 1);
        assert_eq!(count(&cache, &asked, 1, 499).await, 1);
        assert_eq!(count(&cache, &asked, 2, 499).await, 2);
        assert_eq!(count(&cache, &asked, 1, 500).await, 3);
        assert_eq!(count(&cache, &asked, 1, -1).await, 4, "the clock was set back");
    }

    #[tokio::test]
    async fn never_keeps_more_than_its_bound() {
        let cache = TokenCache::default();
        for number in 0..=KEPT {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_be_bytes());
            let _ = cache.answer(hash, at(0), || async { Ok(None) }.boxed()).await;
        }
        assert!(cache.lock().len() <= KEPT);
    }
}
