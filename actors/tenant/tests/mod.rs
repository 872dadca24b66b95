//! The directory and its actors.

mod knowing;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::FutureExt;
use stoa_core::{TenantId, clock::MockClock};
use uuid::Uuid;

use super::{
    actor::Panic,
    concerns::{Breaker, Limits},
    *,
};
use crate::ask::AskError;

const HOOK: Uuid = Uuid::from_u128(7);

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

fn directory() -> (TenantDirectory, MockClock) {
    let clock = MockClock::at("2026-11-21T09:00:00Z".parse().unwrap());
    let mut options = TenantOptions::new(Arc::new(clock.clone()));
    options.limits = Limits { webhook_permits: 4, tenant_permits: 6, ..Limits::default() };
    options.ask_within = Duration::from_secs(5);
    (TenantDirectory::start(options), clock)
}

fn received(count: u32) -> Tally {
    Tally { received: count, ..Tally::default() }
}

#[actix_rt::test]
async fn makes_an_actor_for_each_institution_that_is_asked_about() {
    let (directory, _) = directory();
    assert!(directory.is_empty());
    let mine = directory.admit(tenant(1), HOOK, (10, OwnLimits::default())).await;
    assert_eq!((mine.granted, mine.why), (4, Some(Refusal::WebhookBusy)));
    assert_eq!(directory.admit(tenant(2), HOOK, (3, OwnLimits::default())).await.granted, 3, "others have their own");
    directory.report(tenant(1), mine.grant, received(1)).await;
    directory.report(tenant(1), mine.grant, received(3)).await;
    assert_eq!(directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await.granted, 4);
    assert_eq!(directory.len(), 2);
}

#[actix_rt::test]
async fn shows_the_troubled_first() {
    let (directory, _) = directory();
    directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await;
    let admission = directory.admit(tenant(2), HOOK, (3, OwnLimits::default())).await;
    directory.report(tenant(2), admission.grant, Tally { timed_out: 3, ..Tally::default() }).await;
    let seen = directory.inspect(1).await;
    assert_eq!((seen.tenants, seen.spawned, seen.busiest.len()), (2, 2, 1));
    let (worst, concerns) = &seen.busiest[0];
    assert_eq!(*worst, tenant(2));
    assert!(matches!(concerns.concerns.breakers[..], [(HOOK, Breaker::Open { .. })]));
}

#[actix_rt::test]
async fn an_actor_that_broke_down_is_replaced_and_asked_once_more() {
    let (directory, _) = directory();
    let before = directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await;
    // It panics, is replaced, is asked once more, panics again.
    assert_eq!(directory.ask(tenant(1), Panic).await, Err(AskError::Closed));
    let after = directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await;
    assert_eq!(after.granted, 4, "the new one knows nothing of the old one's permits");
    directory.report(tenant(1), before.grant, received(4)).await;
    assert_eq!(directory.admit(tenant(1), HOOK, (1, OwnLimits::default())).await.granted, 0, "nor takes them back");
    let seen = directory.inspect(9).await;
    assert_eq!((seen.tenants, seen.respawned, seen.spawned), (1, 2, 3));
}

#[actix_rt::test]
async fn lets_the_idle_go() {
    let (directory, clock) = directory();
    directory.admit(tenant(1), HOOK, (1, OwnLimits::default())).await;
    clock.advance(TimeDelta::seconds(400));
    directory.admit(tenant(2), HOOK, (1, OwnLimits::default())).await;
    assert_eq!(directory.retire_idle(), 0);
    clock.advance(TimeDelta::seconds(300));
    assert_eq!(directory.retire_idle(), 1);
    assert_eq!((directory.len(), directory.inspect(9).await.retired), (1, 1));
    assert_eq!(directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await.granted, 4);
}

#[actix_rt::test]
async fn a_question_on_its_way_is_answered_though_the_actor_goes() {
    let (directory, clock) = directory();
    let asked = directory.ask(tenant(1), messages::Inspect { now: "2026-11-21T09:00:00Z".parse().unwrap() });
    let mut asked = Box::pin(asked);
    assert!(asked.as_mut().now_or_never().is_none_or(|answer| answer.is_ok()));
    clock.advance(TimeDelta::days(1));
    directory.retire_idle();
}

#[actix_rt::test]
async fn a_lost_permit_comes_back() {
    let (directory, clock) = directory();
    assert_eq!(directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await.granted, 4);
    clock.advance(TimeDelta::seconds(59));
    assert_eq!(directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await.granted, 0);
    clock.advance(TimeDelta::seconds(60));
    assert_eq!(directory.admit(tenant(1), HOOK, (4, OwnLimits::default())).await.granted, 4);
}

#[actix_rt::test]
async fn retires_until_it_is_told_to_stop() {
    let (directory, _) = directory();
    directory.run(std::future::ready(())).await;
}

fn spending() -> Spending {
    Spending { holder: HOOK, class: stoa_core::tokens::RateClass::Read, of_holder: None, of_tenant: None }
}

#[test]
fn anybody_may_hold_it() {
    fn sendable<T: Send>(_: &T) {}
    fn hold(directory: &TenantDirectory, grant: Grant) {
        sendable(&directory.admit(tenant(1), HOOK, (1, OwnLimits::default())));
        sendable(&directory.report(tenant(1), grant, Tally::default()));
        sendable(&directory.spend(tenant(1), spending()));
        sendable(&directory.inspect(9));
        sendable(&directory.reread(tenant(1)));
        sendable(&directory.is_cancelled(tenant(1), stoa_core::Id::from_uuid(HOOK)));
        sendable(&directory.run(std::future::ready(())));
    }
    let _ = hold;
}
