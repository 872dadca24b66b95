//! What an actor knows of the rows: when it reads them, what holds while it cannot, and that losing it loses nothing.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use futures::future::{BoxFuture, join_all};
use stoa_core::{
    Id,
    clock::Clock,
    id::Import,
    institutions::{Counts, InstitutionStatus, OpenImport, Settings},
    tokens::RateClass,
};
use tokio::sync::Notify;

use super::*;
use crate::tenant::concerns::{Spending, Turn, Warmth};

/// Rows that a test writes.
#[derive(Debug, Default)]
struct Rows {
    settings: Mutex<Option<Settings>>,
    read: AtomicU32,
    /// Readings wait until they are let go on.
    slow: AtomicBool,
    go_on: Notify,
    clock: Mutex<Option<MockClock>>,
}

#[derive(Debug, Clone, Default)]
struct Scripted(Arc<Rows>);

impl Scripted {
    fn say(&self, status: InstitutionStatus) {
        self.settings(Settings { status, ..Settings::sample() });
    }

    fn settings(&self, settings: Settings) {
        *self.0.settings.lock().unwrap() = Some(settings);
    }

    fn reads(&self) -> u32 {
        self.0.read.load(Ordering::Relaxed)
    }

    fn read<T: Send + 'static>(
        &self,
        what: impl FnOnce(&Rows) -> Option<T> + Send + 'static,
    ) -> BoxFuture<'static, Option<Read<T>>> {
        let rows = Arc::clone(&self.0);
        async move {
            let at = rows.clock.lock().unwrap().as_ref().unwrap().now();
            // As of its beginning, as a transaction reads.
            let what = what(&rows);
            if rows.slow.load(Ordering::Relaxed) {
                rows.go_on.notified().await;
            }
            Some(Read { what: what?, at, took: TimeDelta::zero() })
        }
        .boxed()
    }
}

impl Source for Scripted {
    fn settings(&self, _: TenantId) -> BoxFuture<'static, Option<Read<Settings>>> {
        self.0.read.fetch_add(1, Ordering::Relaxed);
        self.read(|rows| rows.settings.lock().unwrap().clone())
    }

    fn counts(&self, _: TenantId) -> BoxFuture<'static, Option<Read<Counts>>> {
        self.read(|_| Some(Counts { active: 3, seats_in_use: 3, ..Counts::default() }))
    }
}

fn knowing() -> (TenantDirectory, MockClock, Scripted) {
    let clock = MockClock::at("2026-11-21T09:00:00Z".parse().unwrap());
    let rows = Scripted::default();
    *rows.0.clock.lock().unwrap() = Some(clock.clone());
    let mut options = TenantOptions::new(Arc::new(clock.clone()));
    options.limits = Limits { webhook_permits: 4, tenant_permits: 6, ..Limits::default() };
    options.ask_within = Duration::from_secs(5);
    options.warm_within = Duration::from_secs(5);
    options.source = Some(Arc::new(rows.clone()));
    let directory = TenantDirectory::start(options);
    directory.hears(true);
    (directory, clock, rows)
}

async fn seen(directory: &TenantDirectory) -> TenantObservation {
    directory.inspect(1).await.busiest.remove(0).1
}

/// Waits for what happens beside the mailbox.
async fn until(directory: &TenantDirectory, wanted: impl Fn(&TenantObservation) -> bool) -> TenantObservation {
    let waiting = async {
        loop {
            let now = seen(directory).await;
            if wanted(&now) {
                return now;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.expect("it comes to that")
}

/// A request that no rate holds for.
fn one() -> Spending {
    Spending { holder: HOOK, class: RateClass::Read, of_holder: None, of_tenant: None }
}

fn import(number: u128) -> Id<Import> {
    Id::from_uuid(Uuid::from_u128(number))
}

#[actix_rt::test]
async fn the_first_who_asks_waits_for_the_first_settings_and_all_wait_for_one_reading() {
    let (directory, _, rows) = knowing();
    rows.say(InstitutionStatus::Suspended);
    let asked = join_all((0..50).map(|_| directory.recall(tenant(1)))).await;
    assert!(asked.iter().all(|known| known.settings.is_some()), "{asked:?}");
    assert!(directory.spend(tenant(1), one()).await.is_shut());
    assert_eq!(rows.reads(), 1);
    let seen = until(&directory, |seen| seen.counts.is_some()).await;
    assert_eq!((seen.knows.state, seen.counts.unwrap().active), (Warmth::Warm, 3));
}

#[actix_rt::test]
async fn news_is_read_at_once_and_also_what_changed_during_a_reading() {
    let (directory, _, rows) = knowing();
    rows.say(InstitutionStatus::Active);
    assert!(directory.recall(tenant(1)).await.settings.is_some());
    rows.0.slow.store(true, Ordering::Relaxed);
    directory.changed(tenant(1), Changed::Settings);
    until(&directory, |seen| seen.knows.state == Warmth::Refreshing).await;
    // The reading under way is as of before.
    rows.say(InstitutionStatus::Suspended);
    directory.changed(tenant(1), Changed::Settings);
    directory.changed(tenant(1), Changed::Settings);
    seen(&directory).await;
    rows.0.slow.store(false, Ordering::Relaxed);
    rows.0.go_on.notify_waiters();
    until(&directory, |seen| seen.knows.reads == 3).await;
    assert!(directory.spend(tenant(1), one()).await.is_shut());
    assert_eq!(rows.reads(), 3, "two words that came meanwhile are one reading");
}

#[actix_rt::test]
async fn whoever_changed_settings_waits_until_this_node_knows() {
    let (directory, _, rows) = knowing();
    rows.say(InstitutionStatus::Active);
    directory.recall(tenant(1)).await;
    rows.say(InstitutionStatus::Closed);
    directory.reread(tenant(1)).await;
    assert!(directory.spend(tenant(1), one()).await.is_shut());
    directory.reread(tenant(2)).await;
    assert_eq!(directory.len(), 1, "nobody is woken up for it");
}

#[actix_rt::test]
async fn a_slow_database_holds_up_no_permit_and_no_request_for_long() {
    let (directory, _, rows) = knowing();
    let mut options = TenantOptions::new(Arc::new(MockClock::at("2026-11-21T09:00:00Z".parse().unwrap())));
    options.warm_within = Duration::from_millis(20);
    options.source = Some(Arc::new(rows.clone()));
    let hasty = TenantDirectory::start(options);
    rows.say(InstitutionStatus::Suspended);
    rows.0.slow.store(true, Ordering::Relaxed);
    assert_eq!(directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await.granted, 4);
    assert_eq!(seen(&directory).await.knows.state, Warmth::Warming);
    assert_eq!(hasty.spend(tenant(1), one()).await.status, None, "what is not known refuses nobody");
    assert!(hasty.recall(tenant(1)).await.settings.is_none(), "whoever wants to know waits a moment and no longer");
    rows.0.slow.store(false, Ordering::Relaxed);
    rows.0.go_on.notify_waiters();
    until(&hasty, |seen| seen.knows.state == Warmth::Warm).await;
    assert!(hasty.spend(tenant(1), one()).await.is_shut());
}

#[actix_rt::test]
async fn without_news_it_looks_itself_and_what_cannot_be_read_is_tried_again() {
    let (directory, clock, rows) = knowing();
    directory.admit(tenant(1), HOOK, (1, OwnLimits::default())).await;
    until(&directory, |seen| seen.knows.failures > 1).await;
    rows.say(InstitutionStatus::Active);
    until(&directory, |seen| seen.knows.state == Warmth::Warm).await;
    let before = rows.reads();
    clock.advance(TimeDelta::seconds(30));
    directory.spend(tenant(1), one()).await;
    assert_eq!(rows.reads(), before, "news would have come");
    directory.hears(false);
    directory.spend(tenant(1), one()).await;
    until(&directory, |seen| seen.knows.state == Warmth::Warm).await;
    assert_eq!(rows.reads(), before + 1, "deaf, it believes what it knows for half a second");
    rows.say(InstitutionStatus::Suspended);
    directory.hears(true);
    directory.changed_everywhere();
    until(&directory, |seen| seen.settings.as_ref().unwrap().status == InstitutionStatus::Suspended).await;
}

#[actix_rt::test]
async fn a_successor_knows_from_the_rows_what_its_predecessor_did() {
    let (directory, clock, rows) = knowing();
    let running =
        OpenImport { id: import(1), status: "applying".into(), running: true, rows_done: 5, rows_total: None };
    rows.settings(Settings { imports: vec![running], ..Settings::sample() });
    assert_eq!(directory.admit_import(tenant(1), import(1)).await, Turn::Its);
    directory.import_progress(tenant(1), import(1), ImportProgress { rows_done: 7, rows_total: Some(9) }).await;
    let before = seen(&directory).await;
    directory.break_down(tenant(1)).await;
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(directory.recall(tenant(1)).await.settings.unwrap().status, InstitutionStatus::Active);
    let after = until(&directory, |seen| seen.import.is_some()).await;
    assert!(after.life > before.life && after.born_at > before.born_at);
    assert_eq!(after.import.as_ref().unwrap().progress.rows_done, 5, "as far as its row says");
    assert_eq!(directory.admit_import(tenant(1), import(2)).await, Turn::Anothers(import(1)));
    // The job goes on as if nothing had been.
    let stop =
        directory.import_progress(tenant(1), import(1), ImportProgress { rows_done: 8, rows_total: Some(9) }).await;
    assert!(!stop);
    assert_eq!(seen(&directory).await.import.unwrap().progress.rows_done, 8);
    assert_eq!(directory.inspect(1).await.respawned, 1);
}

#[actix_rt::test]
async fn an_import_is_told_to_stop_here_and_by_its_row() {
    let (directory, clock, rows) = knowing();
    rows.say(InstitutionStatus::Active);
    assert_eq!(directory.admit_import(tenant(1), import(1)).await, Turn::Its);
    assert!(!directory.is_cancelled(tenant(1), import(1)).await);
    directory.cancel_import(tenant(1), import(1)).await;
    assert!(directory.import_progress(tenant(1), import(1), ImportProgress::default()).await);
    directory.import_ended(tenant(1), import(1)).await;
    assert_eq!(directory.admit_import(tenant(1), import(2)).await, Turn::Its);
    clock.advance(TimeDelta::seconds(1));
    // On another node it was cancelled: it is not among the open ones.
    directory.reread(tenant(1)).await;
    assert!(directory.is_cancelled(tenant(1), import(2)).await);
}
