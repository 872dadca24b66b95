//! The concerns together.

use super::*;

const LIMITS: Limits = Limits {
    webhook_permits: 4,
    tenant_permits: 6,
    breaker: BreakerLimits {
        failures: 5,
        timeouts: 3,
        shortest: TimeDelta::seconds(5),
        longest: TimeDelta::seconds(60),
        probe_within: TimeDelta::seconds(20),
    },
};
const OWN: OwnLimits = OwnLimits { in_flight: None, per_second: None };
const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);

fn at(secs: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + secs, 0).unwrap()
}

fn failed(count: u32) -> Tally {
    Tally { failed: count, ..Tally::default() }
}

#[test]
fn a_receiver_has_its_share_and_the_institution_its_own() {
    let mut concerns = Concerns::default();
    let first = concerns.admit(at(0), A, (10, OWN), &LIMITS);
    assert_eq!(first, Share { granted: 4, retry_at: Some(at(0) + SOON), why: Some(Refusal::WebhookBusy) });
    let second = concerns.admit(at(0), B, (10, OWN), &LIMITS);
    assert_eq!((second.granted, second.why), (2, Some(Refusal::TenantBusy)));
    concerns.give_back(Period::of(at(0)), A, 4);
    assert_eq!(concerns.admit(at(0), B, (2, OWN), &LIMITS), Share { granted: 2, retry_at: None, why: None });
}

#[test]
fn an_open_breaker_says_until_when_and_takes_no_permit() {
    let mut concerns = Concerns::default();
    concerns.report(at(0), A, failed(5), &LIMITS);
    assert_eq!(
        concerns.admit(at(1), A, (3, OWN), &LIMITS),
        Share { granted: 0, retry_at: Some(at(5)), why: Some(Refusal::BreakerOpen) }
    );
    assert_eq!(concerns.observe(at(1)).in_flight, 0);
    let probe = concerns.admit(at(5), A, (3, OWN), &LIMITS);
    assert_eq!((probe.granted, probe.why), (1, Some(Refusal::BreakerOpen)));
    assert_eq!(concerns.admit(at(6), A, (3, OWN), &LIMITS).retry_at, Some(at(25)));
}

#[test]
fn a_busy_institution_does_not_use_up_the_probe() {
    let mut concerns = Concerns::default();
    concerns.report(at(0), A, failed(5), &LIMITS);
    concerns.permits.grant(at(5), 6);
    assert_eq!(concerns.admit(at(5), A, (1, OWN), &LIMITS).why, Some(Refusal::TenantBusy));
    concerns.permits.give_back(Period::of(at(5)), 6);
    assert_eq!(concerns.admit(at(5), A, (1, OWN), &LIMITS).granted, 1);
}

#[test]
fn remembers_nothing_of_who_is_well() {
    let mut concerns = Concerns::default();
    for _ in 0..1000 {
        let share = concerns.admit(at(0), A, (2, OWN), &LIMITS);
        concerns.give_back(Period::of(at(0)), A, share.granted);
        concerns.report(at(0), A, Tally { received: share.granted, ..Tally::default() }, &LIMITS);
    }
    assert!(concerns.receivers.is_empty() && concerns.permits.is_idle());
    concerns.admit(at(0), B, (0, OWN), &LIMITS);
    assert!(concerns.receivers.is_empty());
}

#[test]
fn a_receiver_may_be_given_less_than_its_share_and_never_more() {
    let mut concerns = Concerns::default();
    let less = OwnLimits { in_flight: Some(2), per_second: None };
    let share = concerns.admit(at(0), A, (10, less), &LIMITS);
    assert_eq!((share.granted, share.why), (2, Some(Refusal::WebhookBusy)));
    let more = OwnLimits { in_flight: Some(1_000), per_second: None };
    assert_eq!(concerns.admit(at(0), B, (10, more), &LIMITS).granted, 4);
}

#[test]
fn a_rate_says_when_to_come_again_and_holds_up_nobody_else() {
    let mut concerns = Concerns::default();
    let slow = OwnLimits { in_flight: None, per_second: Some(1) };
    assert_eq!(concerns.admit(at(0), A, (1, slow), &LIMITS), Share { granted: 1, retry_at: None, why: None });
    let refused = concerns.admit(at(0), A, (3, slow), &LIMITS);
    assert_eq!(refused, Share { granted: 0, retry_at: Some(at(1)), why: Some(Refusal::RateReached) });
    assert_eq!(concerns.admit(at(0), B, (2, OWN), &LIMITS).granted, 2);
    assert_eq!(concerns.admit(at(1), A, (3, slow), &LIMITS).granted, 1);
    // What was granted and not sent is not lost to it.
    concerns.give_back(Period::of(at(1)), A, 1);
    concerns.report(at(1), A, Tally { unused: 1, ..Tally::default() }, &LIMITS);
    assert_eq!(concerns.admit(at(1), A, (3, slow), &LIMITS).granted, 1);
}

#[test]
fn a_rate_is_forgotten_when_it_does_not_matter_any_more() {
    let mut concerns = Concerns::default();
    let slow = OwnLimits { in_flight: None, per_second: Some(1) };
    let share = concerns.admit(at(0), A, (1, slow), &LIMITS);
    concerns.give_back(Period::of(at(0)), A, share.granted);
    concerns.report(at(0), A, Tally { received: 1, ..Tally::default() }, &LIMITS);
    assert_eq!(concerns.admit(at(0), A, (1, slow), &LIMITS).granted, 0, "it is remembered though nothing is under way");
    concerns.admit(at(1), A, (0, slow), &LIMITS);
    assert!(concerns.receivers.is_empty());
}

#[test]
fn a_rate_does_not_use_up_a_probe_nor_a_probe_the_rate() {
    let mut concerns = Concerns::default();
    let slow = OwnLimits { in_flight: None, per_second: Some(1) };
    concerns.admit(at(4), A, (1, slow), &LIMITS);
    concerns.report(at(0), A, failed(5), &LIMITS);
    let probe = concerns.admit(at(5), A, (3, slow), &LIMITS);
    assert_eq!((probe.granted, probe.why), (1, Some(Refusal::BreakerOpen)));
    assert_eq!(concerns.admit(at(6), A, (3, slow), &LIMITS).retry_at, Some(at(25)));
}
