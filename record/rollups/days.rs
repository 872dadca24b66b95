//! What new days of a learner change in the sums. Pure: from the days around them to differences.

use std::collections::BTreeSet;

use chrono::{Datelike, Days, NaiveDate};

use super::sums::Sums;

/// Days of a level: a learner's active days within so many.
const LEVEL_DAYS: u64 = 28;
/// The largest gap that is told apart; longer ones are as long.
const GAP_MAX: i64 = 400;

/// New days of a learner, and what must be known of those before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NewDays {
    /// Days that are active now and were not before.
    pub(super) new: BTreeSet<NaiveDate>,
    /// Of the days before: for each new one the last before it, the first after it, and all within 27 days of it.
    pub(super) known: BTreeSet<NaiveDate>,
    /// The first of the days before.
    pub(super) first: Option<NaiveDate>,
    /// Months of days before, at least those of the new days.
    pub(super) known_months: BTreeSet<NaiveDate>,
}

/// The first of a date's month.
pub(super) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

impl NewDays {
    /// A new day lies in a month before all others, so that every month of the learner moves.
    pub(super) fn begins_earlier(&self) -> bool {
        let (first, new) = (self.first.map(month_of), self.new.first().copied().map(month_of));
        first.zip(new).is_some_and(|(first, new)| new < first)
    }

    /// Adds what the new days change.
    pub(super) fn add_to(&self, sums: &mut Sums) {
        self.gaps(sums);
        self.levels(sums);
        self.months(sums);
    }

    fn gaps(&self, sums: &mut Sums) {
        let all: BTreeSet<NaiveDate> = self.known.union(&self.new).copied().collect();
        let followers = self.new.iter().filter_map(|day| self.known.range(*day..).next().copied());
        for day in self.new.iter().copied().chain(followers.collect::<BTreeSet<_>>()) {
            *sums.gaps.entry((day, gap(&all, day))).or_default() += 1;
            if self.known.contains(&day) {
                *sums.gaps.entry((day, gap(&self.known, day))).or_default() -= 1;
            }
        }
    }

    fn levels(&self, sums: &mut Sums) {
        let reach = |day: &NaiveDate| {
            (0..LEVEL_DAYS).filter_map({
                let day = *day;
                move |days| day.checked_add_days(Days::new(days))
            })
        };
        let touched: BTreeSet<NaiveDate> = self.new.iter().flat_map(reach).collect();
        for last in touched {
            let (before, more) = (within(&self.known, last), within(&self.new, last));
            if before > 0 {
                *sums.levels.entry((last, before)).or_default() -= 1;
            }
            *sums.levels.entry((last, before + more)).or_default() += 1;
        }
    }

    fn months(&self, sums: &mut Sums) {
        let Some(began) = self.new.first().copied().into_iter().chain(self.first).min().map(month_of) else { return };
        let new: BTreeSet<NaiveDate> = self.new.iter().copied().map(month_of).collect();
        let moved_from = self.first.map(month_of).filter(|before| *before != began);
        if let Some(before) = moved_from {
            for month in &self.known_months {
                *sums.retention.entry((before, *month)).or_default() -= 1;
                *sums.retention.entry((began, *month)).or_default() += 1;
            }
        }
        for month in new.difference(&self.known_months) {
            *sums.retention.entry((began, *month)).or_default() += 1;
        }
    }
}

/// Days since the last active one before it; 0 where there is none.
fn gap(days: &BTreeSet<NaiveDate>, day: NaiveDate) -> i32 {
    let before = days.range(..day).next_back();
    let days = before.map_or(0, |before| (day - *before).num_days().min(GAP_MAX));
    i32::try_from(days).unwrap_or_default()
}

/// How many of the days are within the span that ends on a date.
fn within(days: &BTreeSet<NaiveDate>, last: NaiveDate) -> i32 {
    let first = last.checked_sub_days(Days::new(LEVEL_DAYS - 1)).unwrap_or(NaiveDate::MIN);
    i32::try_from(days.range(first..=last).count()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn day(number: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(number)
    }

    /// What a learner's days come to, worked out from all of them at once.
    fn whole(days: &BTreeSet<NaiveDate>) -> Sums {
        let mut sums = Sums::default();
        let all = NewDays { new: days.clone(), ..NewDays::default() };
        for one in days {
            *sums.gaps.entry((*one, gap(days, *one))).or_default() += 1;
            *sums.retention.entry((month_of(*days.first().unwrap()), month_of(*one))).or_default() |= 1;
        }
        let last = *days.last().unwrap() + Days::new(LEVEL_DAYS);
        let mut on = *days.first().unwrap();
        while on <= last {
            if within(days, on) > 0 {
                *sums.levels.entry((on, within(days, on))).or_default() += 1;
            }
            on = on + Days::new(1);
        }
        assert!(all.known.is_empty());
        sums
    }

    /// What a statement tells of the days before.
    fn around(before: &BTreeSet<NaiveDate>, new: &BTreeSet<NaiveDate>) -> NewDays {
        let mut days = NewDays { new: new.clone(), first: before.first().copied(), ..NewDays::default() };
        for one in new {
            days.known.extend(before.range(..*one).next_back());
            days.known.extend(before.range(*one..).next());
            days.known.extend(before.range(*one - Days::new(27)..=*one + Days::new(27)));
        }
        let months: BTreeSet<NaiveDate> = before.iter().copied().map(month_of).collect();
        let of_new: BTreeSet<NaiveDate> = new.iter().copied().map(month_of).collect();
        days.known_months =
            if days.begins_earlier() { months } else { months.intersection(&of_new).copied().collect() };
        days
    }

    fn told<K: Ord + Copy>(map: &BTreeMap<K, i64>) -> BTreeMap<K, i64> {
        map.iter().filter(|(_, learners)| **learners != 0).map(|(key, learners)| (*key, *learners)).collect()
    }

    proptest! {
        #[test]
        fn days_in_any_order_come_to_the_same(batches in prop::collection::vec(prop::collection::btree_set(0_u64..1_200, 1..6), 1..12)) {
            let (mut before, mut sums) = (BTreeSet::new(), Sums::default());
            for batch in batches {
                let new: BTreeSet<NaiveDate> = batch.into_iter().map(day).filter(|one| !before.contains(one)).collect();
                around(&before, &new).add_to(&mut sums);
                before.extend(new);
            }
            let wanted = whole(&before);
            prop_assert_eq!(told(&sums.gaps), told(&wanted.gaps));
            prop_assert_eq!(told(&sums.levels), told(&wanted.levels));
            prop_assert_eq!(told(&sums.retention), told(&wanted.retention));
        }

        #[test]
        fn different_learners_of_any_days_are_a_sum_of_gaps(
            learners in prop::collection::vec(prop::collection::btree_set(0_u64..500, 0..20), 1..20), from in 0_u64..450, long in 0_u64..399,
        ) {
            let mut sums = Sums::default();
            for days in &learners {
                let new = days.iter().copied().map(day).collect();
                around(&BTreeSet::new(), &new).add_to(&mut sums);
            }
            let (first, last) = (day(from), day(from + long));
            let counted: i64 = sums.gaps.iter()
                .filter(|((on, gap), _)| (first..=last).contains(on) && (*gap == 0 || i64::from(*gap) > (*on - first).num_days()))
                .map(|(_, learners)| learners).sum();
            let wanted = learners.iter().filter(|days| days.range(from..=from + long).next().is_some()).count();
            prop_assert_eq!(counted, i64::try_from(wanted).unwrap());
        }
    }

    #[test]
    fn a_late_day_moves_the_learner_to_an_earlier_month() {
        let before = BTreeSet::from([day(366), day(400)]);
        let mut sums = Sums::default();
        around(&BTreeSet::new(), &before).add_to(&mut sums);
        around(&before, &BTreeSet::from([day(0)])).add_to(&mut sums);
        let months: Vec<_> =
            told(&sums.retention).into_keys().map(|(began, month)| format!("{began} {month}")).collect();
        assert_eq!(months, ["2024-01-01 2024-01-01", "2024-01-01 2025-01-01", "2024-01-01 2025-02-01"]);
    }
}
