//! How evidence becomes the level of a skill, and the skills a profile. Pure, and the same for the same evidence.
//!
//! # Rule
//! Pieces are taken in the order in which they were shown. At each, the *estimate* is the weighted median of what counts
//! then: pieces of the last 18 months that have not expired, by [`EvidenceSource::weight`].
//! - The first level is named once what counts weighs as much as a teacher's judgement.
//! - A piece above the level raises it to the estimate, if that is higher.
//! - One below lowers it to the estimate only when pieces below the level, shown since it was reached, weigh as much as a
//!   certificate.
//! - Time takes no level away: when nothing counts any more, its status is `expired`.
//!
//! The profile is the highest level that at least three of the four skills have reached, none of the known ones being
//! more than one band lower.

mod profile;

use chrono::{DateTime, TimeDelta, Utc};
use stoa_core::{Id, content::Cefr, id};

pub use profile::{Overall, overall};

use super::{EvidenceSource, LevelStatus, Piece};

/// How long a piece counts.
const COUNTS_FOR: TimeDelta = TimeDelta::days(548);
/// Weight from which a level is named.
const ENOUGH_TO_NAME: i64 = EvidenceSource::Teacher.weight();
/// Weight from which it is sure, and from which contrary evidence lowers it.
const ENOUGH_TO_ASSESS: i64 = EvidenceSource::ExternalCertificate.weight();

/// Why a level changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The first evidence that was enough.
    First,
    /// Evidence above the level.
    Above,
    /// New evidence below the level.
    Contrary,
}

impl Reason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first_evidence",
            Self::Above => "evidence_above",
            Self::Contrary => "contrary_evidence",
        }
    }
}

/// A change of a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When what changed it was shown.
    pub at: DateTime<Utc>,
    /// The level before; none at first.
    pub from: Option<Cefr>,
    /// The level after.
    pub to: Cefr,
    /// Why.
    pub reason: Reason,
    /// The piece that did it, where it is a row.
    pub evidence: Option<Id<id::Evidence>>,
}

/// The level of a skill.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The level; none without enough evidence.
    pub level: Option<Cefr>,
    /// How sure it is.
    pub status: LevelStatus,
    /// The same as a number, 0 to 1, in hundredths.
    pub confidence: f64,
    /// How it came about, the oldest first.
    pub steps: Vec<Step>,
    /// How much of what the next level wants has been shown, 0 to 1; none without a level and at C2.
    pub towards_next: Option<f64>,
}

/// Assesses a skill at a time. Pieces shown later do not count.
pub fn assess(pieces: &[Piece], as_of: DateTime<Utc>) -> Assessment {
    let mut pieces: Vec<&Piece> = pieces.iter().filter(|piece| piece.at <= as_of).collect();
    pieces.sort_by_key(|piece| (piece.at, piece.evidence));
    let mut steps: Vec<Step> = Vec::new();
    for (nth, piece) in pieces.iter().enumerate() {
        let shown = pieces.get(..=nth).unwrap_or_default();
        let counting = counting(shown, piece.at);
        if let Some((to, reason)) = change(steps.last(), piece, &counting) {
            let from = steps.last().map(|step| step.to);
            steps.push(Step { at: piece.at, from, to, reason, evidence: piece.evidence });
        }
    }
    let level = steps.last().map(|step| step.to);
    let counting = counting(&pieces, as_of);
    let weight = weight(&counting);
    let status = match level {
        None => LevelStatus::InsufficientEvidence,
        Some(_) if counting.is_empty() => LevelStatus::Expired,
        Some(_) if weight >= ENOUGH_TO_ASSESS => LevelStatus::Assessed,
        Some(_) => LevelStatus::Provisional,
    };
    Assessment {
        level,
        status,
        confidence: level.map_or(0.0, |level| confidence(level, &counting)),
        steps,
        towards_next: level.and_then(|level| towards_next(level, &counting)),
    }
}

/// What counts at a time.
fn counting<'a>(pieces: &[&'a Piece], at: DateTime<Utc>) -> Vec<&'a Piece> {
    let counts = |piece: &&&Piece| piece.at > at - COUNTS_FOR && piece.expires_at.is_none_or(|end| end > at);
    pieces.iter().filter(counts).copied().collect()
}

fn weight(pieces: &[&Piece]) -> i64 {
    pieces.iter().map(|piece| piece.source.weight()).sum()
}

/// The level to which a new piece leads, with what counts beside it, if it is another one. What others no longer say
/// changes nothing by itself: a piece raises what it is above, and lowers what it is below.
fn change(last: Option<&Step>, piece: &Piece, counting: &[&Piece]) -> Option<(Cefr, Reason)> {
    let estimate = median(counting)?;
    let Some(last) = last else {
        return (weight(counting) >= ENOUGH_TO_NAME).then_some((estimate, Reason::First));
    };
    if estimate > last.to && piece.level > last.to {
        return Some((estimate, Reason::Above));
    }
    let contrary = counting.iter().filter(|piece| piece.at > last.at && piece.level < last.to);
    let contrary: i64 = contrary.map(|piece| piece.source.weight()).sum();
    (estimate < last.to && piece.level < last.to && contrary >= ENOUGH_TO_ASSESS)
        .then_some((estimate, Reason::Contrary))
}

/// The lowest level that half of the weight does not exceed.
fn median(pieces: &[&Piece]) -> Option<Cefr> {
    let mut pieces: Vec<_> = pieces.iter().map(|piece| (piece.level, piece.source.weight())).collect();
    pieces.sort_by_key(|(level, _)| *level);
    let all: i64 = pieces.iter().map(|(_, weight)| weight).sum();
    let mut sum = 0;
    pieces.into_iter().find_map(|(level, weight)| {
        sum += weight;
        (sum * 2 >= all).then_some(level)
    })
}

/// More evidence, and evidence that agrees within one step, is surer.
fn confidence(level: Cefr, counting: &[&Piece]) -> f64 {
    let all = weight(counting);
    let near = counting.iter().filter(|piece| (piece.level.ordinal() - level.ordinal()).abs() <= 1);
    let near: i64 = near.map(|piece| piece.source.weight()).sum();
    hundredths(near.saturating_mul(100), all.saturating_add(50))
}

/// The median moves up when half of the weight lies above.
fn towards_next(level: Cefr, counting: &[&Piece]) -> Option<f64> {
    level.next()?;
    let above = counting.iter().filter(|piece| piece.level > level).map(|piece| piece.source.weight()).sum::<i64>();
    Some(hundredths(above.saturating_mul(200), weight(counting).max(ENOUGH_TO_NAME)).min(0.99))
}

/// A share in whole hundredths, rounded down; `parts` are a hundred times what they are.
fn hundredths(parts: i64, of: i64) -> f64 {
    let whole = parts.checked_div(of).unwrap_or_default().clamp(0, 100);
    i32::try_from(whole).map_or(0.0, |whole| f64::from(whole) / 100.0)
}

#[cfg(test)]
mod tests;
