//! Standings under any activity, in any order.

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_764_000_000 + second, 0).unwrap()
}

fn fresh() -> Standing {
    let key = Key { tenant: Id::from_uuid(Uuid::nil()), user: Uuid::nil(), object: Uuid::nil() };
    Standing::fresh(key, ObjectKind::Item, Uuid::nil(), Id::from_uuid(Uuid::nil()), (at(0), at(0)))
}

fn activity(verb: Verb, second: i64) -> Activity {
    Activity { verb, occurred_at: at(second), ..Activity::default() }
}

#[test]
fn what_was_done_before_the_enrolment_and_told_after_it_counts_in_its_own_order() {
    let mut standing = fresh();
    for (second, raw) in [(-200, 3.0), (-100, 7.0), (-300, 1.0)] {
        let score = Some(Score { raw, min: 0.0, max: 10.0 });
        standing.apply(&Activity { score, ..activity(Verb::Submitted, second) });
    }
    assert_eq!((standing.score.map(|score| score.raw), standing.last_occurred_at), (Some(7.0), at(-100)));
}

#[test]
fn completion_success_and_score_are_three_facts() {
    let mut standing = fresh();
    standing.apply(&Activity { success: Some(false), ..activity(Verb::Completed, 1) });
    assert_eq!(
        (standing.status(), standing.is_complete(), standing.success),
        (StandingStatus::Failed, true, Some(false))
    );
    standing.apply(&activity(Verb::Passed, 2));
    assert_eq!((standing.status(), standing.completed_at), (StandingStatus::Passed, Some(at(1))));
    standing.apply(&activity(Verb::Failed, 3));
    assert_eq!(standing.status(), StandingStatus::Passed);
}

#[test]
fn failing_does_not_complete() {
    let mut standing = fresh();
    let change = standing.apply(&activity(Verb::Failed, 1));
    assert_eq!((standing.status(), change.completed), (StandingStatus::Failed, false));
}

#[test]
fn a_late_event_adds_what_it_proves_and_downgrades_nothing() {
    let mut standing = fresh();
    standing.apply(&Activity { progress: Some(8_000), ..activity(Verb::Progressed, 100) });
    let late = Activity { progress: Some(2_000), duration_seconds: 30, ..activity(Verb::Progressed, 50) };
    let change = standing.apply(&late);
    // The earlier start is seen, nothing else.
    assert_eq!((standing.progress, standing.time_spent_seconds, change.visible), (8_000, 30, true));
    assert_eq!((standing.started_at, standing.last_occurred_at), (Some(at(50)), at(100)));
    standing.apply(&activity(Verb::Completed, 60));
    assert_eq!((standing.progress, standing.completed_at), (COMPLETE, Some(at(60))));
    standing.apply(&Activity { progress: Some(9_000), ..activity(Verb::Progressed, 200) });
    assert_eq!(standing.progress, COMPLETE);
}

#[test]
fn progress_one_completes_and_less_never_reaches_it() {
    let mut standing = fresh();
    standing.apply(&Activity { progress: Some(COMPLETE), ..activity(Verb::Progressed, 1) });
    assert!(standing.is_complete());
}

#[test]
fn the_newest_score_is_shown_and_the_best_kept() {
    let mut standing = fresh();
    let score = |raw| Some(Score { raw, min: 0.0, max: 10.0 });
    standing.apply(&Activity { score: score(9.0), ..activity(Verb::Answered, 2) });
    standing.apply(&Activity { score: score(4.0), ..activity(Verb::Answered, 3) });
    standing.apply(&Activity { score: score(10.0), ..activity(Verb::Answered, 1) });
    assert_eq!((standing.score.map(|s| s.raw), standing.best_score), (Some(4.0), Some(10_000)));
}

#[test]
fn what_was_told_stays_as_it_was_until_it_is_told_anew() {
    let mut standing = fresh();
    standing.apply(&Activity { duration_seconds: 60, ..activity(Verb::Started, 1) });
    standing.tell(at(1));
    let told = standing.facts();
    standing.apply_inside(at(2), 30);
    assert_eq!((standing.told(), standing.facts().time_spent_seconds), (told, 90));
    standing.tell(at(2));
    assert_eq!(standing.told(), standing.facts());
}

fn any_activity() -> impl Strategy<Value = Activity> {
    let verb = prop::sample::select(Verb::ALL.to_vec());
    (verb, 0_i64..50, prop::option::of(0..=COMPLETE), prop::option::of(any::<bool>())).prop_map(
        |(verb, second, progress, success)| Activity {
            verb,
            occurred_at: at(second),
            progress,
            success,
            ..Activity::default()
        },
    )
}

proptest! {
    #[test]
    fn completion_and_pass_do_not_depend_on_the_order(mut events in prop::collection::vec(any_activity(), 1..8)) {
        let fold = |events: &[Activity]| {
            let mut standing = fresh();
            for event in events { standing.apply(event); }
            (standing.is_complete(), standing.success == Some(true), standing.started_at, standing.last_occurred_at)
        };
        let forward = fold(&events);
        events.reverse();
        prop_assert_eq!(forward, fold(&events));
    }

    #[test]
    fn nothing_is_ever_taken_back(events in prop::collection::vec(any_activity(), 1..12)) {
        let mut standing = fresh();
        for event in &events {
            let before = standing.clone();
            standing.apply(event);
            prop_assert!(!before.is_complete() || standing.completed_at == before.completed_at);
            prop_assert!(before.success != Some(true) || standing.success == Some(true));
            prop_assert!(standing.progress < COMPLETE || standing.is_complete());
            prop_assert!(standing.best_score >= before.best_score);
        }
    }
}
