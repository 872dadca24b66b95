//! Numbers: medians, percentiles, slopes, and the one place where an integer becomes a float.

use std::time::Duration;

/// Turns a count into a number to calculate with; exact below 2^53.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "no count here comes near 2^53")]
pub const fn number(count: u64) -> f64 {
    count as f64
}

/// How many there are, as a number to calculate with.
pub fn many<T>(things: &[T]) -> f64 {
    number(u64::try_from(things.len()).unwrap_or(u64::MAX))
}

/// Whole microseconds of a span.
pub fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

/// A rate per second; 0 where no time passed.
pub fn per_second(count: u64, span: Duration) -> f64 {
    share(number(count), span.as_secs_f64())
}

/// One number in another; 0 where that is 0.
pub fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// Puts runs in order of a figure and takes the middle one.
pub fn median_by<T>(mut runs: Vec<T>, figure: impl Fn(&T) -> f64) -> Option<T> {
    runs.sort_by(|one, other| figure(one).total_cmp(&figure(other)));
    let middle = runs.len().checked_sub(1)? / 2;
    runs.into_iter().nth(middle)
}

/// Spans in microseconds, put in order once.
#[derive(Debug, Clone, Default)]
pub struct Spans(Vec<u64>);

impl Spans {
    /// Takes microseconds in any order.
    pub fn of(mut micros: Vec<u64>) -> Self {
        micros.sort_unstable();
        Self(micros)
    }

    /// The span that a share of all is not longer than, in milliseconds; 0 of none.
    pub fn percentile_ms(&self, percent: u32) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let place = last.saturating_mul(usize::try_from(percent).unwrap_or(100)).div_ceil(100);
        number(self.0.get(place).copied().unwrap_or_default()) / 1_000.0
    }
}

/// Slope of the straight line that lies nearest to the points, by least squares; 0 where there is none.
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let count = many(points);
    let (x_mean, y_mean) =
        (share(points.iter().map(|p| p.0).sum(), count), share(points.iter().map(|p| p.1).sum(), count));
    let along: f64 = points.iter().map(|p| (p.0 - x_mean) * (p.1 - y_mean)).sum();
    let across: f64 = points.iter().map(|p| (p.0 - x_mean).powi(2)).sum();
    share(along, across)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() < 1e-9
    }

    #[test]
    fn the_middle_run_counts() {
        assert_eq!(median_by(vec![3, 1, 2], |run| f64::from(*run)), Some(2));
        assert_eq!(median_by(vec![4, 1], |run| f64::from(*run)), Some(1));
        assert_eq!(median_by(Vec::<i32>::new(), |run| f64::from(*run)), None);
    }

    #[test]
    fn percentiles_are_in_milliseconds() {
        let spans = Spans::of((0..=1_000).rev().collect());
        assert!(near(spans.percentile_ms(50), 0.5) && near(spans.percentile_ms(99), 0.99));
        assert!(near(Spans::default().percentile_ms(99), 0.0));
    }

    #[test]
    fn a_slope_is_that_of_the_line() {
        assert!(near(slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), 2.0));
        assert!(near(slope(&[(1.0, 7.0)]), 0.0));
    }
}
