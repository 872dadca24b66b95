//! The streak by examples and by property: in zones with and without clock changes, through freezes and travels.

use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> Zone {
    Zone::of(Some(name), &[]).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The dates of instants in a zone.
fn days(name: &str, instants: &[&str]) -> Vec<ActiveDay> {
    let zone = zone(name);
    let mut days: Vec<ActiveDay> = Vec::new();
    for instant in instants.iter().map(|instant| at(instant)) {
        let date = zone.date(instant);
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.last_at = instant,
            None => days.push(ActiveDay { date, zone, first_at: instant, last_at: instant }),
        }
    }
    days
}

fn terms(freezes_max: i32) -> Terms {
    Terms { freezes_max, frozen: BTreeSet::new() }
}

fn present(name: &str, now: &str) -> Present {
    Present { now: at(now), zone: zone(name) }
}

fn in_row(name: &str, count: u64) -> Vec<ActiveDay> {
    let zone = zone(name);
    let first = date("2026-03-01");
    let row = (0..count).map(|nth| {
        let date = first + chrono::Days::new(nth);
        let instant = zone.starts(date) + TimeDelta::hours(12);
        ActiveDay { date, zone, first_at: instant, last_at: instant }
    });
    row.collect()
}

#[test]
fn two_minutes_around_midnight_are_two_dates_and_today_is_not_missed_yet() {
    let days = days("Europe/Berlin", &["2026-11-20T22:59:00Z", "2026-11-20T23:01:00Z"]);
    let folded = Streak::default().fold(&days, &terms(0), present("Europe/Berlin", "2026-11-22T22:59:59Z"));
    assert_eq!((folded.streak.current, folded.due_at), (2, Some(at("2026-11-22T23:00:00Z"))));
    let over = Streak::default().fold(&days, &terms(0), present("Europe/Berlin", "2026-11-22T23:00:00Z"));
    assert_eq!((over.streak.current, over.streak.longest, over.missed), (0, 2, Some(date("2026-11-22"))));
    assert_eq!(over.due_at, None);
}

#[test]
fn a_freeze_covers_a_date_and_adds_none() {
    let days = days("Asia/Seoul", &["2026-11-18T03:00:00Z", "2026-11-20T03:00:00Z"]);
    let folded = Streak::default().fold(&days, &terms(2), present("Asia/Seoul", "2026-11-20T04:00:00Z"));
    assert_eq!((folded.streak.current, folded.frozen, folded.streak.freezes), (2, vec![date("2026-11-19")], 0));
    let without = Streak::default().fold(&days, &terms(0), present("Asia/Seoul", "2026-11-20T04:00:00Z"));
    assert_eq!((without.streak.current, without.streak.started_on), (1, Some(date("2026-11-20"))));
}

#[test]
fn a_frozen_date_that_had_activity_after_all_gives_the_freeze_back() {
    let mut kept = days("UTC", &["2026-11-18T12:00:00Z", "2026-11-20T12:00:00Z"]);
    let mut terms = terms(2);
    terms.frozen.insert(date("2026-11-19"));
    let now = present("UTC", "2026-11-20T13:00:00Z");
    assert_eq!(Streak::default().fold(&kept, &terms, now).streak.freezes, 0);
    kept.insert(1, days("UTC", &["2026-11-19T12:00:00Z"]).remove(0));
    let folded = Streak::default().fold(&kept, &terms, now);
    assert_eq!((folded.streak.current, folded.streak.freezes, folded.frozen), (3, 1, vec![]));
}

#[test]
fn a_freeze_that_was_used_stays_used_when_the_institution_has_none_any_more() {
    let days = days("UTC", &["2026-11-18T12:00:00Z", "2026-11-20T12:00:00Z"]);
    let before = Streak { freezes: 1, ..Streak::default() };
    let terms = Terms { freezes_max: 0, frozen: [date("2026-11-19")].into() };
    let folded = before.fold(&days, &terms, present("UTC", "2026-11-20T13:00:00Z"));
    assert_eq!((folded.streak.current, folded.streak.freezes), (2, 0));
}

#[test]
fn every_seventh_date_of_a_run_grants_a_freeze_up_to_the_most() {
    let row = in_row("Europe/Oslo", 30);
    let end = Present { now: row.last().unwrap().last_at, zone: zone("Europe/Oslo") };
    let freezes =
        |count: usize| Streak::default().fold(&row[..count], &terms(2), end_of(&row[count - 1])).streak.freezes;
    assert_eq!([freezes(1), freezes(6), freezes(7), freezes(14)], [1, 1, 2, 2]);
    assert_eq!(Streak::default().fold(&row, &terms(5), end).streak.freezes, 5);
}

fn end_of(day: &ActiveDay) -> Present {
    Present { now: day.last_at, zone: day.zone }
}

#[test]
fn going_east_skips_a_date_which_is_bridged() {
    let mut days_there = days("America/Los_Angeles", &["2026-11-17T06:00:00Z"]);
    days_there.extend(days("Asia/Tokyo", &["2026-11-18T03:00:00Z"]));
    assert_eq!((days_there[0].date, days_there[1].date), (date("2026-11-16"), date("2026-11-18")));
    let folded = Streak::default().fold(&days_there, &terms(0), present("Asia/Tokyo", "2026-11-18T04:00:00Z"));
    assert_eq!((folded.streak.current, folded.travelled), (2, vec![date("2026-11-17")]));
    days_there[1].first_at = at("2026-11-18T18:00:00Z");
    days_there[1].last_at = days_there[1].first_at;
    let slow = Streak::default().fold(&days_there, &terms(0), present("Asia/Tokyo", "2026-11-18T19:00:00Z"));
    assert_eq!((slow.streak.current, slow.travelled), (1, vec![]), "36 hours have passed");
}

#[test]
fn whoever_may_be_travelling_is_not_judged_yet() {
    let day = days("America/Los_Angeles", &["2026-11-17T06:00:00Z"]);
    let early = Streak::default().fold(&day, &terms(1), present("Asia/Tokyo", "2026-11-17T16:00:00Z"));
    assert_eq!((early.streak.current, early.frozen, early.due_at), (1, vec![], Some(at("2026-11-18T18:00:00Z"))));
    let late = Streak::default().fold(&day, &terms(0), present("Asia/Tokyo", "2026-11-18T18:00:00Z"));
    assert_eq!(late.streak.current, 0);
}

#[test]
fn the_same_zone_is_no_travel_however_short_the_gap() {
    let days = days("UTC", &["2026-11-17T23:50:00Z", "2026-11-19T00:10:00Z"]);
    let folded = Streak::default().fold(&days, &terms(0), present("UTC", "2026-11-19T01:00:00Z"));
    assert_eq!((folded.streak.current, folded.travelled), (1, vec![]));
}

#[test]
fn another_zone_gives_no_second_date_within_twenty_hours() {
    let mut both = days("Europe/Berlin", &["2026-11-16T22:30:00Z"]);
    both.extend(days("Asia/Tokyo", &["2026-11-17T11:00:00Z"]));
    assert_eq!((both[0].date, both[1].date), (date("2026-11-16"), date("2026-11-17")));
    let now = present("Asia/Tokyo", "2026-11-17T12:00:00Z");
    assert_eq!(Streak::default().fold(&both, &terms(0), now).streak.current, 1);
    both[1].last_at = at("2026-11-17T18:30:00Z");
    assert_eq!(Streak::default().fold(&both, &terms(0), now).streak.current, 2, "20 hours have passed");
    both[1].last_at = both[1].first_at;
    both.extend(days("Asia/Tokyo", &["2026-11-18T10:00:00Z"]));
    let next = Streak::default().fold(&both, &terms(0), present("Asia/Tokyo", "2026-11-18T12:00:00Z"));
    assert_eq!((next.streak.current, next.travelled), (2, vec![date("2026-11-17")]), "and nothing is lost by it");
}

#[test]
fn a_date_that_a_zone_skipped_is_not_missed() {
    let days = days("Pacific/Apia", &["2011-12-30T08:00:00Z", "2011-12-30T11:00:00Z"]);
    assert_eq!((days[0].date, days[1].date), (date("2011-12-29"), date("2011-12-31")));
    let folded = Streak::default().fold(&days, &terms(0), present("Pacific/Apia", "2011-12-30T12:00:00Z"));
    assert_eq!((folded.streak.current, folded.travelled), (2, vec![]));
}

#[test]
fn clock_changes_and_leap_day_are_dates_like_any_other() {
    let spring = days("Europe/Berlin", &["2026-03-28T22:30:00Z", "2026-03-29T21:30:00Z", "2026-03-29T22:30:00Z"]);
    assert_eq!(
        spring.iter().map(|day| day.date.to_string()).collect::<Vec<_>>(),
        ["2026-03-28", "2026-03-29", "2026-03-30"]
    );
    let folded = Streak::default().fold(&spring, &terms(0), present("Europe/Berlin", "2026-03-30T09:00:00Z"));
    assert_eq!((folded.streak.current, folded.due_at), (3, Some(at("2026-03-31T22:00:00Z"))));
    let leap = days("UTC", &["2028-02-28T12:00:00Z", "2028-02-29T12:00:00Z", "2028-03-01T12:00:00Z"]);
    assert_eq!(Streak::default().fold(&leap, &terms(0), present("UTC", "2028-03-01T13:00:00Z")).streak.current, 3);
}

/// Dates of a learner: how many dates after the one before, and at which hour.
fn history() -> impl Strategy<Value = Vec<(u64, i64)>> {
    proptest::collection::vec((1_u64..5, 0_i64..23), 1..60)
}

fn lived(name: &str, steps: &[(u64, i64)]) -> Vec<ActiveDay> {
    let zone = zone(name);
    let mut date = date("2026-02-20");
    let mut days = Vec::new();
    for (after, hour) in steps {
        date = date + chrono::Days::new(*after);
        let instant = zone.starts(date) + TimeDelta::hours(*hour);
        days.push(ActiveDay { date: zone.date(instant), zone, first_at: instant, last_at: instant });
    }
    days.dedup_by_key(|day| day.date);
    days
}

proptest! {
    /// What is settled may be forgotten: folding the rest onto it gives what folding everything does.
    #[test]
    fn what_is_settled_needs_no_second_look(steps in history(), max in 0_i32..4) {
        let days = lived("America/New_York", &steps);
        let end = Present { now: days.last().unwrap().last_at + TimeDelta::hours(1), zone: zone("America/New_York") };
        let whole = Streak::default().fold(&days, &terms(max), end);
        if let Some(settled) = whole.settled.clone() {
            let from = settled.newest.as_ref().unwrap().date;
            let rest: Vec<_> = days.iter().filter(|day| day.date > from).cloned().collect();
            let again = settled.fold(&rest, &terms(max), end);
            prop_assert_eq!(again.streak, whole.streak);
            prop_assert_eq!(again.due_at, whole.due_at);
        }
    }

    /// Whether the job looks at every midnight or nobody looks until the end, the streak is the same.
    #[test]
    fn looking_changes_nothing(steps in history(), max in 0_i32..4) {
        let days = lived("Europe/Oslo", &steps);
        let mut terms = terms(max);
        let mut streak = Folded::default();
        for count in 1..=days.len() {
            streak = Streak::default().fold(&days[..count], &terms, end_of(&days[count - 1]));
            terms.frozen.extend(streak.frozen.iter().copied());
        }
        let end = end_of(days.last().unwrap());
        let once = Streak::default().fold(&days, &Terms { freezes_max: max, ..Terms::default() }, end);
        prop_assert_eq!(once.streak, streak.streak);
    }

    /// A date more never makes a streak shorter, nor the longest run.
    #[test]
    fn a_date_more_takes_nothing_away(steps in history(), at in any::<prop::sample::Index>()) {
        let days = lived("Asia/Seoul", &steps);
        let mut fewer = days.clone();
        fewer.remove(at.index(days.len()));
        let end = end_of(days.last().unwrap());
        let (more, less) = (Streak::default().fold(&days, &terms(0), end), Streak::default().fold(&fewer, &terms(0), end));
        prop_assert!(more.streak.current >= less.streak.current && more.streak.longest >= less.streak.longest);
    }

    /// Freezes are never below none, nor above the most; a run is as long as its dates with activity.
    #[test]
    fn freezes_stay_within_bounds(steps in history(), max in 0_i32..4) {
        let days = lived("Asia/Kathmandu", &steps);
        let folded = Streak::default().fold(&days, &terms(max), end_of(days.last().unwrap()));
        prop_assert!((0..=max).contains(&folded.streak.freezes));
        let since = folded.streak.started_on.map_or(0, |from| days.iter().filter(|day| day.date >= from).count());
        prop_assert_eq!(usize::try_from(folded.streak.current).unwrap(), since);
    }
}
