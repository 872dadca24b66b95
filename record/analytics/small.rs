//! Groups of which one could tell who is in them.
//!
//! # Rule
//! A group of one to four people is not told of, and none is told of by what is left: where the parts of something are
//! counted and some of them are hidden, at least two are, and together they hold at least five people. So nobody who
//! knows the sum finds a part by taking away the others. That nobody is in a part is told. For the same reason a group is
//! not told of where one to four people are outside it.

/// Fewest people of whom anything is told.
pub(super) const PEOPLE_MIN: i64 = 5;

/// Are there some, and too few to tell of.
pub(super) const fn is_small(people: i64) -> bool {
    0 < people && people < PEOPLE_MIN
}

/// Says which parts of a whole are hidden, of which it is known how many people are in each and how many in none of them.
pub(super) fn hidden(parts: &[i64], in_none: i64) -> Vec<bool> {
    let mut hides: Vec<bool> = parts.iter().map(|people| is_small(*people)).collect();
    if !hides.contains(&true) {
        return hides;
    }
    loop {
        let (count, people) = parts
            .iter()
            .zip(&hides)
            .filter(|(_, hides)| **hides)
            .fold((i64::from(in_none > 0), in_none), |(count, sum), (people, _)| (count + 1, sum + people));
        if count >= 2 && people >= PEOPLE_MIN {
            return hides;
        }
        // The next smallest goes with them.
        let shown = parts.iter().zip(&mut hides).filter(|(people, hides)| **people > 0 && !**hides);
        match shown.min_by_key(|(people, _)| **people) {
            Some((_, hides)) => *hides = true,
            None => return hides,
        }
    }
}

/// The parts of a whole with nothing in those that are hidden; and whether any is.
pub(super) fn told(parts: &[i64], in_none: i64) -> (Vec<Option<i64>>, bool) {
    let hides = hidden(parts, in_none);
    let some = hides.contains(&true);
    (parts.iter().zip(hides).map(|(people, hides)| (!hides).then_some(*people)).collect(), some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_part_takes_the_next_smallest_with_it() {
        assert_eq!(told(&[7, 0, 12], 0), (vec![Some(7), Some(0), Some(12)], false));
        assert_eq!(told(&[7, 1, 12], 0), (vec![None, None, Some(12)], true));
        assert_eq!(
            told(&[1, 1, 12, 9], 0),
            (vec![None, None, Some(12), None], true),
            "two of one are found by their sum"
        );
        assert_eq!(told(&[3, 4, 12], 0), (vec![None, None, Some(12)], true));
        assert_eq!(told(&[3, 12], 20), (vec![None, Some(12)], true), "nobody knows who of the others it was");
        assert_eq!(told(&[3], 0), (vec![None], true));
        assert_eq!(told(&[0, 0], 0), (vec![Some(0), Some(0)], false));
    }

    proptest! {
        #[test]
        fn nobody_finds_a_small_part_by_taking_away_the_others(parts in prop::collection::vec(0_i64..12, 0..8), in_none in 0_i64..8) {
            let (shown, _) = told(&parts, in_none);
            let left: i64 = parts.iter().zip(&shown).filter(|(_, shown)| shown.is_none()).map(|(people, _)| people).sum();
            let hides = shown.iter().filter(|shown| shown.is_none()).count();
            for (people, shown) in parts.iter().zip(&shown) {
                prop_assert!(!is_small(*people) || shown.is_none());
                prop_assert!(shown.is_none_or(|shown| shown == *people));
            }
            let all_hidden = parts.iter().zip(&shown).all(|(people, shown)| *people == 0 || shown.is_none());
            let enough = left + in_none >= PEOPLE_MIN && hides + usize::from(in_none > 0) >= 2;
            prop_assert!(hides == 0 || all_hidden || enough);
        }
    }
}
