//! Figures as a letter tells them. Nothing is worked out here that the API does not answer: what is hidden there is hidden
//! here.

use stoa_protocols::render::mail::{FigureName, FigureValue, ReportCourse, ReportFigure, ReportPoint, ReportTier};
use stoa_record::analytics::{Analytics, Enrollments, Rate, Time};

use super::charts;

/// The figures of a period, each with that of the period before.
pub(super) fn figures(told: &Analytics) -> Vec<ReportFigure> {
    let before = told.previous.as_ref();
    let active = |active: Option<stoa_record::analytics::ActiveLearners>| count(active.map(|active| active.period));
    let enrolled = |of: fn(&Enrollments) -> i64| {
        let values = [told.enrollments.as_ref(), before.map(|before| &before.enrollments)];
        values.map(|enrollments| count(enrollments.map(of)))
    };
    let times = |of: fn(&Time) -> Option<i64>| {
        let values = [told.time.as_ref(), before.map(|before| &before.time)];
        values.map(|time| time.map_or(FigureValue::Hidden, |time| duration(of(time))))
    };
    let rates = [told.completion_rate, before.map(|before| before.completion_rate)];
    let all = [
        (
            FigureName::ActiveLearners,
            [active(told.active_learners), active(before.map(|before| before.active_learners))],
        ),
        (FigureName::Time, times(|time| Some(time.total_seconds))),
        (FigureName::MedianTime, times(|time| time.median_per_active)),
        (FigureName::Enrolled, enrolled(|enrollments| enrollments.enrolled)),
        (FigureName::Started, enrolled(|enrollments| enrollments.started)),
        (FigureName::Completed, enrolled(|enrollments| enrollments.completed)),
        (FigureName::CompletionRate, rates.map(|rate| rate.map_or(FigureValue::Hidden, share))),
        (FigureName::Overdue, enrolled(|enrollments| enrollments.overdue)),
    ];
    all.into_iter()
        .map(|(name, values)| ReportFigure {
            name,
            values: values.into_iter().take(1 + usize::from(before.is_some())).collect(),
        })
        .collect()
}

/// The parts of the period.
pub(super) fn points(told: &Analytics) -> Vec<ReportPoint> {
    let point = |point: &stoa_record::analytics::SeriesPoint| ReportPoint {
        from: point.from,
        to: point.to,
        count: point.active_learners,
    };
    told.series.iter().map(point).collect()
}

/// How active learners are.
pub(super) fn tiers(told: &Analytics) -> Vec<ReportTier> {
    let tiers = told.engagement_tiers.as_ref().map(charts::tiers).unwrap_or_default();
    tiers
        .into_iter()
        .map(|tier| ReportTier { name: tier.name, colour: tier.colour, value: count(tier.learners) })
        .collect()
}

/// The courses that most were enrolled on.
pub(super) fn courses(told: &Analytics) -> Vec<ReportCourse> {
    let course = |course: &stoa_record::analytics::CourseFigures| ReportCourse {
        title: course.title.clone(),
        enrolled: course.enrolled,
        completed: share(course.completion_rate),
    };
    told.top_courses.iter().map(course).collect()
}

/// Nothing happened, or nothing of it may be told.
pub(super) fn is_empty(told: &Analytics) -> bool {
    let active = told.active_learners.map_or(0, |active| active.period);
    let enrolled = told.enrollments.map_or(0, |enrollments| enrollments.enrolled);
    let seconds = told.time.map_or(0, |time| time.total_seconds);
    active == 0 && enrolled == 0 && seconds == 0
}

fn count(count: Option<i64>) -> FigureValue {
    count.map_or(FigureValue::Hidden, |count| FigureValue::Count { count })
}

/// In whole percents, rounded down: 100 only where all did.
fn share(rate: Rate) -> FigureValue {
    match rate.numerator.saturating_mul(100).checked_div(rate.denominator) {
        Some(percent) => FigureValue::Share { percent, done: rate.numerator, all: rate.denominator },
        None => FigureValue::Missing,
    }
}

fn duration(seconds: Option<i64>) -> FigureValue {
    seconds.map_or(FigureValue::Missing, |seconds| FigureValue::Time {
        hours: seconds / 3_600,
        minutes: seconds % 3_600 / 60,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_whole_only_where_all_did() {
        assert_eq!(share(Rate::of(999, 1_000)), FigureValue::Share { percent: 99, done: 999, all: 1_000 });
        assert_eq!(share(Rate::of(0, 0)), FigureValue::Missing);
    }

    #[test]
    fn a_time_is_told_to_the_minute_before() {
        assert_eq!(duration(Some(3_719)), FigureValue::Time { hours: 1, minutes: 1 });
        assert_eq!(duration(None), FigureValue::Missing);
    }
}
