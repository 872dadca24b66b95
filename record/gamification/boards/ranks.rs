//! Ranks of rows that stand next to each other on a board.

/// A rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    /// From 1; how many have more, and one.
    pub(super) rank: i64,
    /// Somebody else has the same.
    pub(super) tied: bool,
}

/// Ranks of scores that stand next to each other, of which the first has so many rows before it, and so many with more
/// than it. A score behind them, not to be ranked itself, tells whether the last is tied.
pub(super) fn ranks(values: &[i64], (before, above): (i64, i64), behind: Option<i64>) -> Vec<Rank> {
    let mut ranks: Vec<Rank> = Vec::with_capacity(values.len());
    for ((place, value), at) in (before..).zip(values).zip(0_usize..) {
        let previous = at.checked_sub(1).and_then(|at| values.get(at));
        let next = values.get(at + 1).copied().or(behind.filter(|_| at + 1 == values.len()));
        let rank = match (previous, ranks.last()) {
            (Some(previous), Some(last)) if previous == value => last.rank,
            (Some(_), _) => place + 1,
            (None, _) => above + 1,
        };
        ranks.push(Rank { rank, tied: rank <= place || next == Some(*value) });
    }
    ranks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn equal_scores_have_equal_ranks_and_the_next_counts_all_before_it() {
        let of = |values: &[i64]| -> Vec<(i64, bool)> {
            ranks(values, (0, 0), None).iter().map(|rank| (rank.rank, rank.tied)).collect()
        };
        assert_eq!(of(&[9, 7, 7, 3]), [(1, false), (2, true), (2, true), (4, false)]);
        assert_eq!(of(&[7, 7]), [(1, true), (1, true)]);
    }

    proptest! {
        /// Whatever page is looked at, ranks are those of the whole.
        #[test]
        fn a_page_has_the_ranks_of_the_whole(mut values in proptest::collection::vec(1_i64..6, 1..40), from in 0_usize..40, len in 1_usize..10) {
            values.sort_unstable_by(|a, b| b.cmp(a));
            let from = from.min(values.len() - 1);
            let to = (from + len).min(values.len());
            let above = values.iter().filter(|value| **value > values[from]).count();
            let (before, above) = (i64::try_from(from).unwrap(), i64::try_from(above).unwrap());
            let page = ranks(&values[from..to], (before, above), values.get(to).copied());
            for (rank, value) in page.iter().zip(&values[from..to]) {
                let more = values.iter().filter(|other| *other > value).count();
                let same = values.iter().filter(|other| *other == value).count();
                prop_assert_eq!((rank.rank, rank.tied), (i64::try_from(more).unwrap() + 1, same > 1));
            }
        }
    }
}
