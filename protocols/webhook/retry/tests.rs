//! Deliveries played to receivers that always fail: how often, when, and never later than promised.
//!
//! # Source
//! The schedules' own, in the module above.

use proptest::prelude::*;

use super::*;

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_251_600, 0).unwrap()
}

/// Plays a delivery to a receiver that always fails, each attempt taking `seconds`; gives the starts of the attempts,
/// in milliseconds after the first.
fn play(policy: RetryPolicy, mut answers: impl FnMut(u32) -> (TimeDelta, Option<TimeDelta>, f64)) -> Vec<i64> {
    let mut starts = vec![start()];
    for attempts_made in 1.. {
        let (taken, retry_after, jitter) = answers(attempts_made);
        let now = *starts.last().unwrap() + taken;
        let tries = Tries { attempts_made, first_attempt_at: start(), now, retry_after, jitter };
        match policy.next_attempt(&tries) {
            Some(next) => starts.push(next),
            None => break,
        }
    }
    starts.iter().map(|at| (*at - start()).num_milliseconds()).collect()
}

fn steady(seconds: i64, retry_after: Option<i64>) -> impl FnMut(u32) -> (TimeDelta, Option<TimeDelta>, f64) {
    move |_| (TimeDelta::seconds(seconds), retry_after.map(TimeDelta::seconds), 0.5)
}

#[test]
fn two_minutes_tries_six_times_when_the_receiver_refuses_at_once() {
    assert_eq!(play(RetryPolicy::TwoMinutes, steady(0, None)), [0, 5_000, 15_000, 35_000, 65_000, 105_000]);
}

#[test]
fn two_minutes_tries_six_times_also_when_each_hangs_for_fifteen_seconds() {
    assert_eq!(play(RetryPolicy::TwoMinutes, steady(15, None)), [0, 16_000, 32_000, 48_000, 65_000, 105_000]);
}

#[test]
fn backoff3_waits_powers_of_ten() {
    assert_eq!(play(RetryPolicy::Backoff3, steady(0, None)), [0, 10_000, 110_000, 1_110_000]);
}

#[test]
fn extended_tries_ten_times_over_three_days() {
    let hours: Vec<_> =
        play(RetryPolicy::Extended, steady(0, None)).iter().map(|milliseconds| milliseconds / 3_600_000).collect();
    assert_eq!(hours, [0, 0, 0, 0, 2, 7, 17, 31, 51, 75]);
}

#[test]
fn a_wish_inside_the_window_is_respected() {
    assert_eq!(play(RetryPolicy::TwoMinutes, steady(0, Some(40))), [0, 42_000, 84_000, 118_000]);
    assert_eq!(play(RetryPolicy::Backoff3, steady(0, Some(200))), [0, 210_000, 420_000, 1_420_000]);
}

#[test]
fn a_wish_past_the_window_gives_one_last_try_at_its_end() {
    assert_eq!(play(RetryPolicy::TwoMinutes, steady(0, Some(3_600))), [0, 118_000]);
    assert_eq!(play(RetryPolicy::Backoff3, steady(0, Some(86_400))), [0, 3_600_000]);
}

#[test]
fn nothing_is_tried_after_the_window() {
    let late = start() + TimeDelta::minutes(10);
    let tries = Tries { attempts_made: 1, first_attempt_at: start(), now: late, retry_after: None, jitter: 0.0 };
    assert_eq!(RetryPolicy::TwoMinutes.next_attempt(&tries), None);
    assert!(RetryPolicy::Extended.next_attempt(&tries).is_some());
}

#[test]
fn a_delivery_never_tried_is_due_now() {
    let tries = Tries { attempts_made: 0, first_attempt_at: start(), now: start(), retry_after: None, jitter: 0.9 };
    assert_eq!(RetryPolicy::TwoMinutes.next_attempt(&tries), Some(start()));
}

#[test]
fn names_read_back() {
    for policy in RetryPolicy::ALL {
        assert_eq!(policy.as_str().parse(), Ok(policy));
        assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
    }
    assert_eq!("backoff_3".parse::<RetryPolicy>(), Err(UnknownRetryPolicy));
}

/// RFC 9110 section 10.2.3 has both forms; its example is 120.
#[test]
fn a_header_is_seconds_or_a_date() {
    let now = DateTime::parse_from_rfc3339("1999-12-31T23:59:29Z").unwrap().to_utc();
    assert_eq!(retry_after(" 120 ", now), Some(TimeDelta::seconds(120)));
    assert_eq!(retry_after("Fri, 31 Dec 1999 23:59:59 GMT", now), Some(TimeDelta::seconds(30)));
    assert_eq!(retry_after("Fri, 31 Dec 1999 23:00:00 GMT", now), Some(TimeDelta::zero()));
    assert_eq!(retry_after("99999999999999999999", now), Some(TimeDelta::seconds(i64::from(u32::MAX))));
    for nonsense in ["", "soon", "-5", "1.5", "+3"] {
        assert_eq!(retry_after(nonsense, now), None, "{nonsense}");
    }
}

/// What a receiver did: milliseconds until it failed, seconds it asked for, the random number drawn.
type Answer = (i64, Option<i64>, f64);

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let wish =
        prop_oneof![Just(None), (0..200_i64).prop_map(Some), any::<u32>().prop_map(|long| Some(i64::from(long)))];
    prop::collection::vec((0..15_000_i64, wish, 0.0..1.0), 12)
}

proptest! {
    #[test]
    fn keeps_count_window_and_order(policy in prop::sample::select(&RetryPolicy::ALL[..]), answers in answers()) {
        let starts = play(policy, |attempt| {
            let (taken, wish, jitter) = answers[usize::try_from(attempt).unwrap() % answers.len()];
            (TimeDelta::milliseconds(taken), wish.map(TimeDelta::seconds), jitter)
        });
        prop_assert!(u32::try_from(starts.len()).unwrap() <= policy.attempts());
        prop_assert!(starts.len() >= 2, "one failure is never the end");
        prop_assert!(starts.is_sorted_by(|earlier, later| earlier < later), "{starts:?}");
        prop_assert!(starts.iter().all(|at| *at <= policy.window().num_milliseconds()), "{starts:?}");
    }

    #[test]
    fn without_a_wish_every_attempt_is_used(
        policy in prop::sample::select(&RetryPolicy::ALL[..]),
        taken in 0..15_000_i64,
        jitter in 0.0..1.0,
    ) {
        let starts = play(policy, |_| (TimeDelta::milliseconds(taken), None, jitter));
        prop_assert_eq!(u32::try_from(starts.len()).unwrap(), policy.attempts());
    }

    #[test]
    fn never_panics(
        attempts_made: u32,
        first in any::<i32>(),
        now in any::<i32>(),
        wish in any::<Option<i32>>(),
        jitter in any::<f64>(),
    ) {
        let at = |seconds: i32| start() + TimeDelta::seconds(i64::from(seconds));
        for policy in RetryPolicy::ALL {
            let retry_after = wish.map(|seconds| TimeDelta::seconds(i64::from(seconds)));
            let next = policy.next_attempt(&Tries {
                attempts_made,
                first_attempt_at: at(first),
                now: at(now),
                retry_after,
                jitter,
            });
            prop_assert!(next.is_none_or(|next| attempts_made == 0 || next > at(now)));
        }
    }
}
