//! How active learners were in the 28 days that end with a period: by the rule that tells it of one learner.

use stoa_core::{Result, db::TenantTx};

use super::{
    activity::{self, Spread},
    answer::EngagementTiers,
    people::People,
    query::Window,
    small::told,
};
use crate::insights::EngagementTier;

/// Days that make a tier, and as many before.
const DAYS: u64 = 28;

/// Counts learners by tier.
pub(super) async fn tiers(tx: &mut TenantTx, people: People, window: Window) -> Result<EngagementTiers> {
    let spread = activity::spread(tx, people, window.to).await?;
    let active = activity::active(tx, people, &[window.last(DAYS), window.last(2 * DAYS)]).await?;
    let [lately, with_before] = std::array::from_fn(|nth| active.get(nth).copied().unwrap_or_default());
    Ok(of(&spread, (lately, with_before)))
}

/// Of so many who were active in the 28 days, and so many with the 28 before.
fn of(spread: &Spread, (lately, with_before): (i64, i64)) -> EngagementTiers {
    let mut counts = [0; EngagementTier::ALL.len()];
    let active = spread.by_days.iter().map(|(days, learners)| (EngagementTier::of(i64::from(*days), 0), *learners));
    let resting =
        [(EngagementTier::of(0, 1), with_before - lately), (EngagementTier::of(0, 0), spread.ever - with_before)];
    for (tier, learners) in active.chain(resting) {
        let counted = EngagementTier::ALL.iter().zip(&mut counts).find(|(one, _)| **one == tier);
        if let Some((_, count)) = counted {
            *count += learners.max(0);
        }
    }
    let (shown, suppressed) = told(&counts, 0);
    let shown = |tier| {
        let place = EngagementTier::ALL.iter().position(|one| *one == tier);
        place.and_then(|place| shown.get(place).copied().flatten())
    };
    EngagementTiers {
        highly_active: shown(EngagementTier::HighlyActive),
        active: shown(EngagementTier::Active),
        occasional: shown(EngagementTier::Occasional),
        at_risk: shown(EngagementTier::AtRisk),
        churned: shown(EngagementTier::Churned),
        suppressed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn learners_stand_in_the_tier_that_each_of_them_is_told() {
        let spread = Spread { by_days: [(28, 5), (16, 5), (15, 10), (2, 20), (1, 5)].into(), ever: 100 };
        let told = of(&spread, (45, 60));
        assert_eq!(
            (told.highly_active, told.active, told.occasional, told.at_risk, told.churned, told.suppressed),
            (Some(10), Some(10), Some(20), Some(20), Some(40), false)
        );
    }

    #[test]
    fn few_learners_are_hidden_with_the_next_few() {
        let spread = Spread { by_days: [(20, 2), (10, 30), (3, 9)].into(), ever: 41 };
        let told = of(&spread, (41, 41));
        assert_eq!((told.highly_active, told.active, told.occasional), (None, Some(30), None));
        assert_eq!((told.at_risk, told.churned, told.suppressed), (Some(0), Some(0), true));
    }
}
