//! The pictures of a letter: who was active over the period, and how active learners are.

use stoa_protocols::{
    chart::{self, Picture, Rgb},
    render::{Direction, mail::FigureName},
};
use stoa_record::analytics::{Analytics, EngagementTiers};

/// The house's blue, as the frame of letters has it.
const BLUE: Rgb = (0x1d, 0x5f, 0xd1);
/// Of the tiers, from those who do most to those who stopped.
const TIERS: [Rgb; 5] =
    [(0x15, 0x80, 0x3d), (0x1d, 0x5f, 0xd1), (0xa1, 0x62, 0x07), (0xc2, 0x41, 0x0c), (0x9f, 0x12, 0x39)];

/// A tier, as a word of the letter, with its colour and how many are in it.
pub(super) struct Tier {
    pub(super) name: &'static str,
    pub(super) colour: String,
    pub(super) learners: Option<i64>,
}

/// The tiers in their order.
pub(super) fn tiers(tiers: &EngagementTiers) -> Vec<Tier> {
    let of = [
        ("highly_active", tiers.highly_active),
        ("active", tiers.active),
        ("occasional", tiers.occasional),
        ("at_risk", tiers.at_risk),
        ("churned", tiers.churned),
    ];
    let hex = |(red, green, blue): Rgb| format!("#{red:02x}{green:02x}{blue:02x}");
    of.into_iter().zip(TIERS).map(|((name, learners), colour)| Tier { name, colour: hex(colour), learners }).collect()
}

/// Columns for the points of the series.
pub(super) fn points(analytics: &Analytics, direction: Direction) -> Option<Picture> {
    let values: Vec<i64> = analytics.series.iter().map(|point| point.active_learners).collect();
    chart::columns(&values, BLUE, direction)
}

/// The tiers side by side. Where some are hidden there is no picture: what is left of the whole would tell of them.
pub(super) fn shares(tiers: &EngagementTiers, direction: Direction) -> Option<Picture> {
    let learners = self::tiers(tiers).into_iter().map(|tier| tier.learners).collect::<Option<Vec<_>>>()?;
    let shares: Vec<_> = learners.into_iter().zip(TIERS).collect();
    chart::parts(&shares, direction)
}

/// What a picture's file is called.
pub(super) const fn file_name(of: FigureName) -> &'static str {
    match of {
        FigureName::ActiveLearners => "active-learners.png",
        _ => "engagement.png",
    }
}
