//! Word that an institution has new events, for whoever waits for them: requests that hold no connection meanwhile.
//!
//! A process tells its own waiters when it commits, and tells other processes a moment later, many institutions in one
//! notification: a notification inside each commit would make all commits of the database wait for each other.
//!
//! Not here: the events (`feed`). Word that is lost costs a moment: whoever waits also looks by the clock.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use tokio::sync::{Notify, watch};

use crate::{
    db::{Db, failed, sql},
    error::Result,
    id::TenantId,
};

/// The name of the notifications in PostgreSQL.
pub const CHANNEL: &str = "stoa_feed";
/// Institutions in one notification: its text has room for 8000 bytes, and an id takes 32.
const TOLD_AT_ONCE: usize = 200;

/// Brings word from commits to waiters. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct News(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    waiters: Mutex<HashMap<TenantId, watch::Sender<()>>>,
    untold: Mutex<HashSet<TenantId>>,
    something_untold: Notify,
    closed: watch::Sender<bool>,
}

/// What ended the waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// There may be new events.
    News,
    /// The process stops.
    Closing,
}

/// Somebody who waits for one institution's events.
#[derive(Debug)]
pub struct Waiter {
    news: News,
    tenant: TenantId,
    word: Option<watch::Receiver<()>>,
    closed: watch::Receiver<bool>,
}

impl News {
    /// Begins to listen. What is committed from now on is heard, also before [`Waiter::heard`] is called.
    pub fn listen(&self, tenant: TenantId) -> Waiter {
        let word = guard(&self.0.waiters).entry(tenant).or_default().subscribe();
        Waiter { news: self.clone(), tenant, word: Some(word), closed: self.0.closed.subscribe() }
    }

    /// Says that this process committed events of these institutions.
    pub fn recorded(&self, tenants: impl IntoIterator<Item = TenantId>) {
        let mut untold = guard(&self.0.untold);
        for tenant in tenants {
            // Waiters of this process are woken each time, other processes are told once.
            self.ring(tenant);
            untold.insert(tenant);
        }
        drop(untold);
        self.0.something_untold.notify_one();
    }

    /// Wakes who waits for an institution.
    pub fn ring(&self, tenant: TenantId) {
        if let Some(word) = guard(&self.0.waiters).get(&tenant) {
            word.send_replace(());
        }
    }

    /// Wakes whom a notification names.
    pub fn ring_named(&self, payload: &str) {
        let named = payload.split(',').filter_map(|id| id.parse::<uuid::Uuid>().ok());
        named.map(TenantId::from_uuid).for_each(|tenant| self.ring(tenant));
    }

    /// Wakes everybody: notifications may have been missed.
    pub fn ring_all(&self) {
        for word in guard(&self.0.waiters).values() {
            word.send_replace(());
        }
    }

    /// Ends all waiting, now and later: the process stops.
    pub fn close(&self) {
        self.0.closed.send_replace(true);
    }

    /// Waits until there is something that other processes have not been told.
    pub async fn untold(&self) {
        self.0.something_untold.notified().await;
    }

    /// Tells other processes what they were not told.
    ///
    /// # Errors
    /// As the database says; then they see it by the clock.
    pub async fn tell(&self, db: &Db) -> Result<()> {
        let untold: Vec<TenantId> = mem::take(&mut *guard(&self.0.untold)).into_iter().collect();
        if untold.is_empty() {
            return Ok(());
        }
        let mut tx = db.house().await?;
        for some in untold.chunks(TOLD_AT_ONCE) {
            let named = some.iter().map(|tenant| tenant.uuid().simple().to_string()).collect::<Vec<_>>().join(",");
            sql("SELECT pg_notify($1, $2)")
                .bind::<Text, _>(CHANNEL)
                .bind::<Text, _>(named)
                .execute(tx.connection())
                .await
                .map_err(failed)?;
        }
        tx.commit().await
    }

    /// How many wait for an institution.
    pub fn waiting(&self, tenant: TenantId) -> usize {
        guard(&self.0.waiters).get(&tenant).map_or(0, watch::Sender::receiver_count)
    }
}

impl Waiter {
    /// Waits for word since the last time.
    pub async fn heard(&mut self) -> Heard {
        let Some(word) = &mut self.word else { return Heard::Closing };
        tokio::select! {
            // An end of either channel means that nobody is left to bring word.
            _ = self.closed.wait_for(|closed| *closed) => Heard::Closing,
            changed = word.changed() => if changed.is_ok() { Heard::News } else { Heard::Closing },
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiters = guard(&self.news.0.waiters);
        drop(self.word.take());
        if waiters.get(&self.tenant).is_some_and(|word| word.receiver_count() == 0) {
            waiters.remove(&self.tenant);
        }
    }
}

fn guard<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn word_reaches_those_it_is_for_and_is_kept_until_it_is_heard() {
        let news = News::default();
        let (mut one, mut other) = (news.listen(tenant(1)), news.listen(tenant(2)));
        news.recorded([tenant(1)]);
        assert_eq!(one.heard().now_or_never(), Some(Heard::News));
        assert_eq!(one.heard().now_or_never(), None);
        assert_eq!(other.heard().now_or_never(), None);
    }

    #[tokio::test]
    async fn a_notification_names_institutions_and_nonsense_wakes_nobody() {
        let news = News::default();
        let mut one = news.listen(tenant(1));
        news.ring_named("nonsense,,");
        assert_eq!(one.heard().now_or_never(), None);
        news.ring_named(&format!("nonsense,{}", tenant(1).uuid().simple()));
        assert_eq!(one.heard().now_or_never(), Some(Heard::News));
    }

    #[tokio::test]
    async fn closing_ends_all_waiting_also_later() {
        let news = News::default();
        let mut before = news.listen(tenant(1));
        news.close();
        assert_eq!(before.heard().now_or_never(), Some(Heard::Closing));
        assert_eq!(news.listen(tenant(2)).heard().now_or_never(), Some(Heard::Closing));
    }

    #[test]
    fn who_no_longer_waits_is_forgotten() {
        let news = News::default();
        let (one, other) = (news.listen(tenant(1)), news.listen(tenant(1)));
        drop(one);
        assert_eq!(news.waiting(tenant(1)), 1);
        drop(other);
        assert!(guard(&news.0.waiters).is_empty());
    }
}
