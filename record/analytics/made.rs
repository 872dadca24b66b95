//! How the parts of an answer are made of what was read.

use std::array;

use stoa_core::{institutions::Institution, members};

use super::{
    Figures,
    answer::{ActiveLearners, Colors, Enrollments, Look, Previous, Rate, Seats},
    enrolments::Start,
    query::Window,
};

impl From<members::Seats> for Seats {
    fn from(seats: members::Seats) -> Self {
        Self {
            total: seats.total,
            in_use: seats.in_use,
            pending_invite: seats.pending_invite,
            reserved: seats.reserved,
            available: seats.available(),
        }
    }
}

impl ActiveLearners {
    /// What was counted of the last day of some dates, of the last week, the last month and all of them.
    pub(super) fn of(counts: &[i64]) -> Self {
        let [daily, weekly, monthly, period] = array::from_fn(|nth| counts.get(nth).copied().unwrap_or_default());
        Self { daily, weekly, monthly, period }
    }
}

impl Enrollments {
    /// What was counted course by course, and so many that are overdue.
    pub(super) fn of(starts: &[Start], overdue: i64) -> Self {
        starts.iter().fold(Self { overdue, ..Self::default() }, |sum, start| Self {
            enrolled: sum.enrolled + start.enrolled,
            started: sum.started + start.started,
            completed: sum.completed + start.completed,
            overdue,
        })
    }

    /// Of those enrolled, how many have completed.
    pub(super) fn completion_rate(&self) -> Rate {
        Rate::of(self.completed, self.enrolled)
    }

    /// Of those who have begun, how many have completed. A completion that was told without a beginning is one too.
    pub(super) fn completion_rate_of_started(&self) -> Rate {
        Rate::of(self.completed, self.started.max(self.completed))
    }
}

impl Previous {
    pub(super) fn of(window: Window, figures: &Figures) -> Self {
        Self {
            from: window.from,
            to: window.to,
            active_learners: figures.active,
            enrollments: figures.enrollments,
            completion_rate: figures.enrollments.completion_rate(),
            completion_rate_of_started: figures.enrollments.completion_rate_of_started(),
            time: figures.time,
        }
    }
}

impl Look {
    pub(super) fn of(institution: &Institution) -> Self {
        let branding = institution.branding.clone();
        Self {
            product_name: institution.name.clone(),
            logo_url: branding.logo_url,
            colors: Colors { primary: branding.primary_color },
            support_email: branding.support_email,
            locale: institution.locale.clone(),
        }
    }
}

impl Rate {
    /// So many of so many.
    pub fn of(numerator: i64, denominator: i64) -> Self {
        let ten_thousandths = numerator.saturating_mul(10_000).checked_div(denominator);
        let value =
            ten_thousandths.and_then(|share| i32::try_from(share).ok()).map(|share| f64::from(share) / 10_000.0);
        Self { value, numerator, denominator }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_none_is_none_and_is_whole_only_where_all_did() {
        assert_eq!(Rate::of(0, 0).value, None);
        assert_eq!(Rate::of(2, 3).value, Some(0.6666));
        assert_eq!((Rate::of(99_999, 100_000).value, Rate::of(5, 5).value), (Some(0.9999), Some(1.0)));
    }
}
